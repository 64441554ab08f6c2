package gitsrc

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// step says what one commit did to the documents of a folder. Documents of
// files that it did not touch are not named. Nil is a commit that did nothing.
type step struct {
	pairing
	// unparsable are the files whose version before this commit does not parse.
	unparsable []unparsable
}

type unparsable struct {
	file   string
	commit Hash // the parent
}

func (s *step) size() int {
	if s == nil {
		return 0
	}
	return len(s.pairs) + len(s.left) + len(s.entered)
}

// fileState is a definition file at the walker's commit: what it says there,
// and what counts. The two differ for a file that does not parse: what it said
// last counts, so that its documents neither leave nor enter.
type fileState struct{ raw, counts *fileFacts }

// walker makes steps. It goes back along first parents and holds the state of
// all definition files at the commit where it stands.
type walker struct {
	r     *Repository
	dir   string
	env   string
	cut   map[Hash]bool
	at    header
	files map[string]fileState
	// users are the files that look at a path besides their own.
	users map[string]map[string]bool
	want  *interest
	// looked is what a file that does not parse said last, as found by looking
	// back; it stays true until the walk comes to where it was found.
	looked map[string]*fileFacts
}

// errBoundary says that the history goes no further in this clone.
var errBoundary = errors.New("the history is cut off here")

// newWalker reads the state at a commit.
func newWalker(r *Repository, dir, env string, cut map[Hash]bool, at header) (*walker, error) {
	w := &walker{r: r, dir: dir, env: env, cut: cut, at: at, files: map[string]fileState{}, users: map[string]map[string]bool{}, want: &interest{}, looked: map[string]*fileFacts{}}
	w.want.at(dir).all = true
	names, err := r.definitionFiles(at.tree, dir)
	if err != nil {
		return nil, err
	}
	raw := map[string]*fileFacts{}
	for _, file := range names {
		if raw[file], err = r.evaluate(at.tree, dir, env, file); err != nil {
			return nil, err
		}
	}
	return w, w.settle(at, raw)
}

// definitionFiles lists the definition files below a folder of a tree.
func (r *Repository) definitionFiles(root Hash, dir string) ([]string, error) {
	e, err := r.trees.at(root, dir)
	if err != nil || e.kind != folder {
		return nil, err
	}
	var files []string
	var list func(h Hash, prefix string) error
	list = func(h Hash, prefix string) error {
		content, err := r.trees.read(h)
		if err != nil {
			return err
		}
		for t := (treeReader{rest: content}); t.next(); {
			name := path.Join(prefix, string(t.name))
			switch e := t.entry(); {
			case e.kind == folder:
				if err := list(e.hash, name); err != nil {
					return err
				}
			case e.kind != submodule && isDefinition(dir, name):
				files = append(files, name)
			}
		}
		return nil
	}
	prefix := dir
	if dir == "." {
		prefix = ""
	}
	err = list(e.hash, prefix)
	return files, err
}

// settle takes over what files say at a commit; nil facts are files that are
// not there. For those that do not parse it looks back.
func (w *walker) settle(at header, raw map[string]*fileFacts) error {
	broken := map[string]*fileFacts{}
	for file, facts := range raw {
		switch {
		case facts == nil || facts.err == nil:
			delete(w.looked, file)
		default:
			if _, known := w.looked[file]; !known {
				broken[file] = facts
			}
		}
	}
	if err := w.lookBack(at, broken); err != nil {
		return err
	}
	for file, facts := range raw {
		for _, c := range w.consultedBy(file) {
			delete(w.users[c.path], file)
		}
		if facts == nil {
			delete(w.files, file)
			continue
		}
		state := fileState{facts, facts}
		if facts.err != nil {
			state.counts = w.looked[file]
		}
		w.files[file] = state
		for _, c := range facts.consulted {
			if c.path == file {
				continue
			}
			if w.users[c.path] == nil {
				w.users[c.path] = map[string]bool{}
				w.want.at(c.path).self = true
			}
			w.users[c.path][file] = true
		}
	}
	return nil
}

func (w *walker) consultedBy(file string) []consulted {
	if state, ok := w.files[file]; ok {
		return state.raw.consulted
	}
	return nil
}

// lookBack finds what files that do not parse at a commit said last before it.
// All are looked for in one pass. A file that was not there before, or never
// parsed as far as the clone reaches, said nothing.
func (w *walker) lookBack(at header, broken map[string]*fileFacts) error {
	for len(broken) > 0 {
		before, err := w.parent(at)
		if errors.Is(err, errBoundary) || err == nil && before == nil {
			for file := range broken {
				w.looked[file] = nil
			}
			return nil
		}
		if err != nil {
			return err
		}
		if before.tree != at.tree {
			for file, facts := range broken {
				if same, err := w.r.holds(facts, before.tree); err != nil {
					return err
				} else if same {
					continue
				}
				earlier, err := w.r.evaluate(before.tree, w.dir, w.env, file)
				if err != nil {
					return err
				}
				if earlier != nil && earlier.err != nil {
					broken[file] = earlier
					continue
				}
				w.looked[file] = earlier
				delete(broken, file)
			}
		}
		at = *before
	}
	return nil
}

// parent reads a commit's first parent; nil for a first commit, errBoundary
// where the clone ends.
func (w *walker) parent(c header) (*header, error) {
	if w.cut[c.hash] {
		return nil, errBoundary
	}
	if len(c.parents) == 0 {
		return nil, nil
	}
	before, err := w.r.header(c.parents[0])
	var lost *MissingError
	if errors.As(err, &lost) {
		return nil, errBoundary
	}
	return &before, err
}

// back makes the step of the commit where the walker stands, and goes to its
// parent before (nil: there is none, all documents came in).
func (w *walker) back(before *header) (*step, error) {
	if before == nil {
		before = &header{}
	}
	touched := map[string]bool{}
	err := w.r.trees.changed(before.tree, w.at.tree, w.want, "", func(name string) {
		if isDefinition(w.dir, name) {
			touched[name] = true
		}
		for file := range w.users[name] {
			touched[file] = true
		}
	})
	if err != nil {
		return nil, err
	}
	w.at = *before
	if len(touched) == 0 {
		return nil, nil
	}
	raw := map[string]*fileFacts{}
	now := map[string]*fileFacts{}
	for file := range touched {
		now[file] = w.files[file].counts
		raw[file] = nil
		if !before.tree.IsZero() {
			if raw[file], err = w.r.evaluate(before.tree, w.dir, w.env, file); err != nil {
				return nil, err
			}
		}
	}
	if err := w.settle(*before, raw); err != nil {
		return nil, err
	}
	s := &step{}
	var o, n []*docFacts
	for _, file := range sorted(touched) {
		state := w.files[file]
		if state.raw != nil && state.raw.err != nil {
			s.unparsable = append(s.unparsable, unparsable{file, before.hash})
		}
		if state.counts == now[file] {
			continue
		}
		o = append(o, state.counts.documents()...)
		n = append(n, now[file].documents()...)
	}
	if s.pairing, err = pair(o, n, w.r.text); err != nil {
		return nil, err
	}
	if s.size() == 0 && len(s.unparsable) == 0 {
		return nil, nil
	}
	return s, nil
}

func (f *fileFacts) documents() []*docFacts {
	if f == nil {
		return nil
	}
	return f.docs
}

func sorted(set map[string]bool) []string {
	names := make([]string, 0, len(set))
	for name := range set {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// text gives the lines of a document.
func (r *Repository) text(d *docFacts) ([]string, error) {
	text, err := r.lines(d.blob)
	if err != nil {
		return nil, err
	}
	return d.within(text), nil
}

// within cuts the document out of the lines of its file.
func (d *docFacts) within(text []string) []string {
	start := min(d.line-1, len(text))
	return text[start:max(start, min(d.end-1, len(text)))]
}

// lines gives the lines of a file's content. The caller does not change them.
func (r *Repository) lines(blob Hash) ([]string, error) {
	if text, ok := r.memory.linesOf(blob); ok {
		return text, nil
	}
	content, err := r.objects.typed(blob, plumbing.BlobObject)
	if err != nil {
		return nil, err
	}
	text := lines(content)
	r.memory.keepLines(blob, text, len(content))
	return text, nil
}

func (u unparsable) note() string {
	return fmt.Sprintf("%s does not parse at commit %s: its documents count as unchanged there", strings.ToValidUTF8(u.file, "?"), short(u.commit))
}
