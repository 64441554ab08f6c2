package gitsrc

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // a fingerprint of what Git itself names by sha1; nothing secret rests on it
	"io/fs"
	"path"
	"slices"
	"strings"

	"wassist-sync/spec"
)

// docFacts is what a walk keeps of one document of one version of a file.
type docFacts struct {
	of             *fileFacts
	file           string
	blob           Hash // the content of the file
	index          int  // among the documents of the file
	chunk          span // with directives, markers and comments around it
	line           int  // where it starts, from 1
	end            int  // the line after its last
	name, id       string
	numbers        []string
	preventDestroy bool
	plain          bool // nothing of it comes from the environment
	// print is equal for documents that say the same, texts that !file names and
	// values that !var takes included.
	print [sha1.Size]byte
}

// fileFacts is what one definition file says at a commit.
type fileFacts struct {
	root Hash // a tree in which the file says this
	docs []*docFacts
	// err says why the file does not parse; then docs is empty.
	err error
	// consulted is every path that reading the file looked at, the file itself
	// included, with what was found there. The facts hold at each commit where
	// the same is found.
	consulted []consulted
}

type consulted struct {
	path  string
	entry entry
}

// isDefinition tells whether spec reads a file below dir as definitions.
func isDefinition(dir, file string) bool {
	inside := file
	if dir != "." {
		var ok bool
		if inside, ok = strings.CutPrefix(file, dir+"/"); !ok {
			return false
		}
	}
	if inside == "wassist-sync.yaml" || strings.HasPrefix(inside, "environments/") {
		return false
	}
	return namedLikeDefinition(inside)
}

func namedLikeDefinition(inside string) bool {
	if !strings.HasSuffix(inside, ".yaml") && !strings.HasSuffix(inside, ".yml") {
		return false
	}
	for part := range strings.SplitSeq(inside, "/") {
		if strings.HasPrefix(part, ".") || strings.HasPrefix(part, "_") {
			return false
		}
	}
	return true
}

// evaluate reads one definition file of a tree, in an environment of the folder
// dir; nil when it is not there. Only a repository that cannot be read is an error.
func (r *Repository) evaluate(root Hash, dir, env, file string) (*fileFacts, error) {
	e, err := r.trees.at(root, file)
	if err != nil {
		return nil, err
	}
	if !e.file() && e.kind != link {
		return nil, nil
	}
	key := factsKey{env, file, e.hash}
	for _, f := range r.memory.factsOf(key) {
		if same, err := r.holds(f, root); err != nil {
			return nil, err
		} else if same {
			return f, nil
		}
	}
	view := &fileView{tree: treeFS{trees: r.trees, root: root}, dir: dir, env: env, file: file}
	agents, parseErr := parseFile(view)
	if view.broken != nil {
		return nil, view.broken
	}
	f := &fileFacts{root: root, err: parseErr, consulted: view.consulted}
	if parseErr == nil && len(agents) > 0 {
		content, err := view.tree.find(file, true)
		if err != nil {
			return nil, err
		}
		text, err := r.lines(content.hash)
		if err != nil {
			return nil, err
		}
		f.docs = documents(file, agents, text)
		for _, d := range f.docs {
			d.of, d.blob = f, content.hash
		}
	}
	r.memory.keepFacts(key, f)
	return f, nil
}

// holds tells whether facts learnt at another commit hold in this tree.
func (r *Repository) holds(f *fileFacts, root Hash) (bool, error) {
	for _, c := range f.consulted {
		e, err := r.trees.at(root, c.path)
		if err != nil {
			return false, err
		}
		if e != c.entry {
			return false, nil
		}
	}
	return true, nil
}

// lines splits a text as spec does: CRLF and CR are line breaks, and a byte
// order mark is none of it.
func lines(text []byte) []string {
	s := strings.ReplaceAll(strings.TrimPrefix(string(text), "\ufeff"), "\r\n", "\n")
	return strings.Split(strings.ReplaceAll(s, "\r", "\n"), "\n")
}

// documents takes down the facts of a file's documents.
func documents(file string, agents []*spec.Agent, text []string) []*docFacts {
	agents = inOrder(agents)
	docs := make([]*docFacts, len(agents))
	rest := chunks(text)
	for i, a := range agents {
		start := a.Pos.Line - 1
		for len(rest) > 0 && rest[0].till <= start {
			rest = rest[1:]
		}
		var chunk span // empty if a file of the work tree has become shorter
		if len(rest) > 0 {
			chunk = rest[0]
		}
		start = min(max(start, chunk.from), chunk.till)
		end := chunk.till
		for end > start && mayFollow(text[end-1]) {
			end--
		}
		d := &docFacts{file: file, index: i, chunk: chunk, line: a.Pos.Line, end: end + 1, name: a.Name, id: a.ID, preventDestroy: a.PreventDestroy, plain: !takesEnv(a.Fields)}
		for _, n := range a.Deploy {
			d.numbers = append(d.numbers, n.Number)
		}
		sum := sha1.New() //nolint:gosec // a fingerprint, see the import
		for _, line := range text[start:end] {
			sum.Write([]byte(line + "\n"))
		}
		eachText(a.Fields, func(v *spec.Value) {
			sum.Write([]byte("\x00" + v.File() + "\x00" + v.Text))
		})
		for _, taken := range a.Vars {
			sum.Write([]byte("\x00" + taken.Name + "\x00" + taken.Value))
		}
		sum.Sum(d.print[:0])
		docs[i] = d
	}
	return docs
}

// takesEnv tells whether a value, or one inside it, is an !env one.
func takesEnv(v *spec.Value) bool {
	return v != nil && (v.Unresolved() || slices.ContainsFunc(v.Items, takesEnv) ||
		slices.ContainsFunc(v.Members, func(m spec.Member) bool { return takesEnv(m.Value) }))
}

// inOrder sorts the agents of one file as they stand there.
func inOrder(agents []*spec.Agent) []*spec.Agent {
	agents = slices.Clone(agents)
	slices.SortFunc(agents, func(a, b *spec.Agent) int { return a.Pos.Line - b.Pos.Line })
	return agents
}

// mayFollow tells lines that may follow a document in its chunk without being
// part of it.
func mayFollow(line string) bool {
	return strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") || isMarker(line, "...")
}

// eachText visits the texts that !file named.
func eachText(v *spec.Value, visit func(*spec.Value)) {
	if v == nil {
		return
	}
	if v.File() != "" {
		visit(v)
	}
	for _, item := range v.Items {
		eachText(item, visit)
	}
	for _, m := range v.Members {
		eachText(m.Value, visit)
	}
}

// fileView shows spec the files of a commit for the sake of one definition file,
// and takes down which paths it looked at.
type fileView struct {
	tree      treeFS
	dir, file string
	env       string
	consulted []consulted
	// excerpt is what the first Open shows in place of the definition file's
	// content; nil shows all of it. spec opens that file before any other, behind
	// a link too.
	excerpt []byte
	// broken is why the repository itself could not be read.
	broken error
}

var (
	_ fs.StatFS     = (*fileView)(nil)
	_ fs.ReadLinkFS = (*fileView)(nil)
)

// note takes down what stands at a path. spec follows links part by part
// itself, so paths are literal here. Folders say nothing by themselves.
func (v *fileView) note(name string) {
	if !fs.ValidPath(name) {
		return
	}
	e, err := v.tree.trees.at(v.tree.root, name)
	if err != nil {
		v.fail(err)
		return
	}
	c := consulted{name, e}
	if e.kind != folder && !slices.Contains(v.consulted, c) {
		v.consulted = append(v.consulted, c)
	}
}

// fail keeps an error that is the repository's and not the definition's.
func (v *fileView) fail(err error) {
	if err != nil && v.broken == nil && !isAnswer(err) {
		v.broken = err
	}
}

func (v *fileView) Open(name string) (fs.File, error) {
	v.note(name)
	if v.excerpt != nil {
		f := &openFile{info: fileInfo{name: path.Base(name), size: int64(len(v.excerpt)), mode: 0o644}, Reader: bytes.NewReader(v.excerpt)}
		v.excerpt = nil
		return f, nil
	}
	f, err := v.tree.Open(name)
	v.fail(err)
	return f, err
}

func (v *fileView) Stat(name string) (fs.FileInfo, error) {
	v.note(name)
	info, err := v.tree.Stat(name)
	v.fail(err)
	return info, err
}

func (v *fileView) Lstat(name string) (fs.FileInfo, error) {
	v.note(name)
	info, err := v.tree.Lstat(name)
	v.fail(err)
	return info, err
}

func (v *fileView) ReadLink(name string) (string, error) {
	v.note(name)
	target, err := v.tree.ReadLink(name)
	v.fail(err)
	return target, err
}
