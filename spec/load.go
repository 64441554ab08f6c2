package spec

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Load reads every definition below dir, a slash path inside fsys ("." for its
// root). fsys is rooted at the repository's root: the boundary that neither
// !file nor a symlink may leave. The File of each position is the path from
// there.
//
// Every **/*.yaml and **/*.yml is read but names, of files and folders, that
// start with "." or "_", and wassist-sync.yaml (see LoadSettings) and
// environments/ at dir's top. A wassist-sync.yml there is a problem: people
// would take it for settings in force. A symlink to a file inside fsys is read;
// symlinked folders are not entered.
//
// The error is Problems with everything that is wrong in all files, unreadable
// ones included, sorted by place and cut after 1,000; or, when dir is missing,
// one that satisfies errors.Is(err, fs.ErrNotExist). Either the Set or the
// error is nil.
func Load(fsys fs.FS, dir string) (*Set, error) { return LoadAs(fsys, dir, dir) }

// LoadAs is Load with another name for the folder in positions: display, a
// slash path, stands there in place of dir. It is for a folder that people know
// by a path outside fsys.
func LoadAs(fsys fs.FS, dir, display string) (*Set, error) { return LoadIn(fsys, dir, display, "") }

// LoadIn is LoadAs for one of the folder's environments, which !var values are
// taken from; empty for none. The error may be a *NoEnvironmentError, too.
func LoadIn(fsys fs.FS, dir, display, environment string) (*Set, error) {
	dir, display = path.Clean(dir), path.Clean(display)
	if err := checkFolder(fsys, dir, display); err != nil {
		return nil, err
	}
	l := &loader{fsys: fsys, dir: dir, display: display, texts: map[string]textFile{}, vars: variables{name: environment}}
	if _, err := l.environmentOf(); err != nil {
		var problems Problems
		if !errors.As(err, &problems) {
			return nil, err
		}
		l.all.problems = append(l.all.problems, problems...)
	}
	l.folder(dir)
	l.unused()
	l.all.merge(crossCheck(l.documents, l.unread))
	if err := l.all.finish(display); err != nil {
		return nil, err
	}
	set := &Set{Files: l.files, Environment: l.vars.env, Warnings: l.all.warnings}
	set.Warnings.sort()
	for _, d := range l.documents {
		set.Agents = append(set.Agents, d.agent)
	}
	slices.SortStableFunc(set.Agents, func(a, b *Agent) int {
		if c := strings.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		return comparePositions(a.Pos, b.Pos)
	})
	return set, nil
}

// checkFolder tells whether dir is a folder inside fsys. The error is one that
// LoadAs may return.
func checkFolder(fsys fs.FS, dir, display string) error {
	if !fs.ValidPath(dir) {
		return Problems{problemf(Position{File: display}, "", "name a folder inside the repository, relative to its root", "%s", errLeaves)}
	}
	target, err := resolve(fsys, dir)
	var info fs.FileInfo
	if err == nil {
		info, err = fs.Stat(fsys, target)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("folder of definitions %s: %w", quote(display), fs.ErrNotExist)
	}
	if err != nil {
		what, remedy := why(err, "")
		return Problems{problemf(Position{File: display}, "", remedy, "%s", what)}
	}
	if !info.IsDir() {
		return Problems{problemf(Position{File: display}, "", "name the folder that holds the definitions", "is a file, must be a folder")}
	}
	return nil
}

// loader is one call of Load.
type loader struct {
	fsys      fs.FS
	dir       string
	display   string // what positions call dir
	files     int
	texts     map[string]textFile // what !file named, read once
	vars      variables
	single    bool // one file alone is read, for a reader of history
	documents []*document
	// unread is what could not be read, where names may stand that definitions
	// hand over to.
	unread unread
	all    collector
}

// textFile is a file that !file named, or why it could not be read.
type textFile struct {
	raw []byte
	err error
}

// document is one definition on its way to an Agent, with what the checks of
// the whole set need to know besides.
type document struct {
	agent *Agent
	// named: its name could be read. nameless: what stands there is no text,
	// and may stand for any name.
	named, nameless bool
	// pinned: an id is written, if perhaps a wrong one.
	pinned bool
	idPos  Position
}

// show is what positions call a file.
func (l *loader) show(file string) string {
	if l.dir == l.display {
		return file
	}
	if l.dir != "." {
		file = strings.TrimPrefix(strings.TrimPrefix(file, l.dir), "/")
	}
	return path.Join(l.display, file)
}

// whole is the position of a file or folder as a whole.
func (l *loader) whole(file string) Position { return Position{File: l.show(file)} }

// folder reads the definitions of one folder and of those below it.
func (l *loader) folder(dir string) {
	entries, err := fs.ReadDir(l.fsys, dir)
	if err != nil {
		what, remedy := why(err, "")
		l.all.addf(l.whole(dir), "", remedy, "%s", what)
		l.unread.all = true
		return
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	for _, entry := range entries {
		name := entry.Name()
		file := path.Join(dir, name)
		definition := strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
		switch {
		case strings.HasPrefix(name, "."), strings.HasPrefix(name, "_"):
		case dir == l.dir && (name == SettingsFile || name == environmentsFolder):
		case dir == l.dir && name == misnamedSettings && !entry.IsDir():
			l.all.addf(l.whole(file), "", "rename it to "+SettingsFile+", or to something else if it holds definitions", "is not where settings are read from")
		case entry.Type()&fs.ModeSymlink != 0:
			l.link(file, definition)
		case entry.IsDir():
			l.folder(file)
		case definition:
			l.file(file)
		}
	}
}

// link reads a symlink to a definition file, and refuses every link that leaves.
func (l *loader) link(file string, definition bool) {
	target, err := resolve(l.fsys, file)
	var info fs.FileInfo
	if err == nil {
		info, err = fs.Stat(l.fsys, target)
	}
	switch {
	case err != nil:
		what, remedy := why(err, "")
		if definition || what == errLeaves.Error() {
			l.all.addf(l.whole(file), "", remedy, "is a symlink whose target %s", what)
			l.unread.all = true
		}
	case info.IsDir():
		l.all.warnf(l.whole(file), "", "move the folder itself here if it holds definitions", "is a symlink to a folder, which is not entered")
	case definition:
		l.file(file)
	}
}

// file reads one definition file.
func (l *loader) file(file string) {
	l.files++
	var c collector
	defer func() { l.all.merge(&c) }()
	raw, err := readFile(l.fsys, file, maxFileSize)
	if err != nil {
		what, remedy := why(err, "4 MiB")
		c.addf(l.whole(file), "", remedy, "%s", what)
		l.unread.all = true
		return
	}
	shown := l.show(file)
	text, problem := decodeYAML(shown, raw)
	if problem != nil {
		c.problems = append(c.problems, problem)
		l.unread.add(string(raw))
		return
	}
	chunks, empty := splitDocuments(text), true
	if len(chunks) > maxDocuments {
		c.addf(l.whole(file), "", "split it", "holds more than %d documents", maxDocuments)
		l.unread.add(text)
		return
	}
	for _, chunk := range chunks {
		root, err := parseDocument(chunk.text)
		if err == nil && root == nil {
			continue
		}
		empty = false
		if err != nil {
			c.problems = append(c.problems, syntaxProblem(shown, chunk))
			l.unread.add(chunk.text)
			continue
		}
		d := &decoder{loader: l, file: file, shown: shown, line: chunk.line, collector: &c}
		if bad, what := checkShape(root); bad != nil {
			c.addf(d.pos(bad), "", "write the values out with fewer aliases and levels", "%s", what)
			l.unread.add(chunk.text)
			continue
		}
		doc := d.definition(root)
		if doc == nil || !doc.named {
			l.unread.add(chunk.text)
		}
		if doc != nil {
			l.unread.all = l.unread.all || doc.nameless
			l.documents = append(l.documents, doc)
		}
	}
	if empty {
		c.addf(l.whole(file), "", "add one with at least a name, delete the file, or let its name start with _", "holds no definition")
	}
}

// decoder turns the nodes of one document into Values.
type decoder struct {
	*loader
	*collector
	file  string
	shown string // what positions call file
	line  int    // lines of the file before the document
	// settings tells that the document is no definition: it has neither tags
	// nor anchors and aliases.
	settings bool
	// taken is what !var gave so far, and undefined what it could not give.
	taken     []Used
	undefined Problems
}

func (d *decoder) pos(n *yaml.Node) Position {
	return Position{File: d.shown, Line: d.line + n.Line, Column: n.Column}
}

func comparePositions(a, b Position) int {
	if c := strings.Compare(a.File, b.File); c != 0 {
		return c
	}
	if a.Line != b.Line {
		return a.Line - b.Line
	}
	return a.Column - b.Column
}
