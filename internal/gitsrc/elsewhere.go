package gitsrc

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"
	"unicode"

	"github.com/go-git/go-git/v5/plumbing"
)

// Wanted is a name or a pinned id (in lower case) that is looked for; an empty
// one is not.
type Wanted struct{ Name, ID string }

// Standing is a definition that stands outside the folder.
type Standing struct {
	File string // inside the repository
	Line int
	Name string
	ID   string
	// Settings is the path of the wassist-sync.yaml nearest above the file, which
	// tells its organization; empty when there is none. SettingsText is what it says.
	Settings     string
	SettingsText []byte
	// Environments are the environment files nearest above the file: their
	// settings go before those of Settings.
	Environments []EnvironmentText
}

// EnvironmentText is what an environment file says; Text is empty when it cannot
// be read.
type EnvironmentText struct {
	Name, File string
	Text       []byte
}

// maxElsewhere bounds the YAML files that Elsewhere reads, in bytes: spec reads
// none that are larger.
const maxElsewhere = 4 << 20

// Elsewhere looks through the YAML files of a commit outside dir for
// definitions that bear one of the names or ids. Files are parsed only if they
// hold what is looked for. The definitions come in the order of their files.
func (r *Repository) Elsewhere(ctx context.Context, commit Hash, dir string, wanted []Wanted) ([]Standing, error) {
	c, err := r.header(commit)
	if err != nil || len(wanted) == 0 {
		return nil, err
	}
	e := &elsewhere{r: r, ctx: ctx, root: c.tree, dir: (&treeFS{trees: r.trees, root: c.tree}).place(dir)}
	for _, w := range wanted {
		e.filters = append(e.filters, newFilter(w))
	}
	if e.dir == "." {
		return nil, nil
	}
	err = e.search(c.tree, "")
	return e.found, err
}

type elsewhere struct {
	r       *Repository
	ctx     context.Context
	root    Hash
	dir     string
	filters []filter
	found   []Standing
}

func (e *elsewhere) search(h Hash, prefix string) error {
	if err := e.ctx.Err(); err != nil {
		return err
	}
	content, err := e.r.trees.read(h)
	if err != nil {
		return err
	}
	for t := (treeReader{rest: content}); t.next(); {
		name := path.Join(prefix, string(t.name))
		// A folder called .wassist may be somebody's PATH: what is skipped below
		// one's own is not skipped here. GitHub's own files are no definitions.
		if name == e.dir || name == ".github" {
			continue
		}
		switch entry := t.entry(); {
		case entry.kind == folder:
			err = e.search(entry.hash, name)
		case (entry.file() || entry.kind == link) && namedLikeDefinition(string(t.name)):
			err = e.file(name, entry)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// file looks through one file. One that does not parse is taken at its word: a
// line at its margin that gives a name or an id.
func (e *elsewhere) file(name string, found entry) error {
	var possible []filter
	var text []byte
	if found.kind == link {
		possible = e.filters // it is read where it leads
	} else {
		size, err := e.r.objects.size(found.hash)
		if err != nil || size > maxElsewhere {
			return err
		}
		if text, err = e.r.objects.typed(found.hash, plumbing.BlobObject); err != nil {
			return err
		}
		for _, f := range e.filters {
			if f.possible(text) {
				possible = append(possible, f)
			}
		}
	}
	if len(possible) == 0 {
		return nil
	}
	docs, parsed, err := e.read(name)
	if err != nil {
		return err
	}
	if !parsed && found.kind != link {
		for _, f := range possible {
			if f.heads(text) {
				if err := e.stands(Standing{File: name, Line: 1, Name: f.wanted.Name, ID: f.wanted.ID}); err != nil {
					return err
				}
			}
		}
	}
	seen := map[Wanted]bool{}
	for _, d := range docs {
		for _, f := range e.filters {
			if f.wanted.Name != "" && f.wanted.Name == d.name || f.wanted.ID != "" && f.wanted.ID == d.id {
				if is := (Wanted{d.name, d.id}); !seen[is] {
					seen[is] = true
					if err := e.stands(Standing{File: name, Line: d.line, Name: d.name, ID: d.id}); err != nil {
						return err
					}
				}
				break
			}
		}
	}
	return nil
}

// read gives the documents of a file: where it takes variables, in each of the
// environments that it may be meant for. parsed is false when that fails in one.
func (e *elsewhere) read(name string) (docs []*docFacts, parsed bool, err error) {
	facts, err := e.r.evaluate(e.root, path.Dir(name), "", name)
	if err != nil || facts == nil || facts.err == nil {
		return facts.documents(), true, err
	}
	folder, environments, err := e.environments(path.Dir(name))
	if err != nil || len(environments) == 0 {
		return nil, false, err
	}
	parsed = true
	for _, env := range environments {
		facts, err := e.r.evaluate(e.root, folder, env, name)
		if err != nil {
			return nil, false, err
		}
		parsed = parsed && facts != nil && facts.err == nil
		docs = append(docs, facts.documents()...)
	}
	return docs, parsed, nil
}

// stands takes down a definition, and what tells its organization.
func (e *elsewhere) stands(s Standing) error {
	var err error
	if s.Settings, s.SettingsText, err = e.settings(path.Dir(s.File)); err != nil {
		return err
	}
	folder, environments, err := e.environments(path.Dir(s.File))
	if err != nil {
		return err
	}
	files := &treeFS{trees: e.r.trees, root: e.root}
	for _, env := range environments {
		file := path.Join(folder, "environments", env+".yaml")
		text, err := files.ReadFile(file)
		if err != nil && !isAnswer(err) {
			return err
		}
		s.Environments = append(s.Environments, EnvironmentText{env, file, text})
	}
	e.found = append(e.found, s)
	return nil
}

// environments lists those of the folder nearest above a definition that has
// any, and that folder.
func (e *elsewhere) environments(dir string) (folder string, names []string, err error) {
	files := &treeFS{trees: e.r.trees, root: e.root}
	for {
		entries, err := fs.ReadDir(files, path.Join(dir, "environments"))
		if err != nil && !isAnswer(err) {
			return "", nil, err
		}
		for _, entry := range entries {
			if name, ok := strings.CutSuffix(entry.Name(), ".yaml"); ok && !entry.IsDir() && !strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "_") {
				names = append(names, name)
			}
		}
		if len(names) > 0 || dir == "." {
			return dir, names, nil
		}
		dir = path.Dir(dir)
	}
}

// settings finds the settings file nearest above a folder.
func (e *elsewhere) settings(dir string) (string, []byte, error) {
	files := &treeFS{trees: e.r.trees, root: e.root}
	for {
		name := path.Join(dir, "wassist-sync.yaml")
		text, err := files.ReadFile(name)
		if err == nil {
			return name, text, nil
		}
		var lost *MissingError
		if errors.As(err, &lost) {
			return "", nil, err
		}
		if dir == "." {
			return "", nil, nil
		}
		dir = path.Dir(dir)
	}
}

// filter tells cheaply which files cannot hold what is wanted.
type filter struct {
	wanted Wanted
	words  [][]byte
	id     []byte
}

// newFilter takes the words of a name, since YAML may break a text between
// words and double its quotes.
func newFilter(w Wanted) filter {
	f := filter{wanted: w, id: []byte(strings.ToLower(w.ID))}
	for _, word := range strings.FieldsFunc(w.Name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		f.words = append(f.words, []byte(word))
	}
	return f
}

// heads tells whether a file has a line at its margin that gives the name or the id.
func (f filter) heads(text []byte) bool {
	for line := range bytes.Lines(text) {
		key, value, _ := bytes.Cut(line, []byte(":"))
		switch string(bytes.Trim(key, `"'`)) {
		case "name":
			if f.wanted.Name != "" && (filter{wanted: Wanted{Name: f.wanted.Name}, words: f.words}).possible(value) {
				return true
			}
		case "id":
			if len(f.id) > 0 && (bytes.Contains(bytes.ToLower(value), f.id) || bytes.Contains(value, []byte("!var"))) {
				return true
			}
		}
	}
	return false
}

func (f filter) possible(text []byte) bool {
	if len(f.id) > 0 && (bytes.Contains(bytes.ToLower(text), f.id) || bytes.Contains(text, []byte("!var"))) {
		return true
	}
	if f.wanted.Name == "" {
		return false
	}
	if bytes.IndexByte(text, '\\') >= 0 || bytes.Contains(text, []byte("!var")) { // either may hide any letter
		return true
	}
	for _, word := range f.words {
		if !bytes.Contains(text, word) {
			return false
		}
	}
	return true
}
