package gitsrc

import (
	"bytes"
	"context"
	"errors"
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
	facts, err := e.r.evaluate(e.root, path.Dir(name), name)
	if err != nil {
		return err
	}
	if facts != nil && facts.err != nil && found.kind != link {
		for _, f := range possible {
			if !f.heads(text) {
				continue
			}
			s := Standing{File: name, Line: 1, Name: f.wanted.Name, ID: f.wanted.ID}
			if s.Settings, s.SettingsText, err = e.settings(path.Dir(name)); err != nil {
				return err
			}
			e.found = append(e.found, s)
		}
		return nil
	}
	for _, d := range facts.documents() {
		for _, f := range e.filters {
			if f.wanted.Name != "" && f.wanted.Name == d.name || f.wanted.ID != "" && f.wanted.ID == d.id {
				s := Standing{File: name, Line: d.line, Name: d.name, ID: d.id}
				if s.Settings, s.SettingsText, err = e.settings(path.Dir(name)); err != nil {
					return err
				}
				e.found = append(e.found, s)
				break
			}
		}
	}
	return nil
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
			if len(f.id) > 0 && bytes.Contains(bytes.ToLower(value), f.id) {
				return true
			}
		}
	}
	return false
}

func (f filter) possible(text []byte) bool {
	if len(f.id) > 0 && bytes.Contains(bytes.ToLower(text), f.id) {
		return true
	}
	if f.wanted.Name == "" {
		return false
	}
	if bytes.IndexByte(text, '\\') >= 0 { // an escape may hide any letter
		return true
	}
	for _, word := range f.words {
		if !bytes.Contains(text, word) {
			return false
		}
	}
	return true
}
