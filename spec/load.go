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
// start with "." or "_", and wassist-sync.yaml and environments/ at dir's top.
// A symlink to a file inside fsys is read; symlinked folders are not entered.
//
// The error is Problems with everything that is wrong in all files, unreadable
// ones included, sorted by place and cut after 1,000; or, when dir is missing,
// one that satisfies errors.Is(err, fs.ErrNotExist). Either the Set or the
// error is nil.
func Load(fsys fs.FS, dir string) (*Set, error) {
	dir = path.Clean(dir)
	if !fs.ValidPath(dir) {
		return nil, Problems{problemf(Position{File: dir}, "", "name a folder inside the repository, relative to its root", "%s", errLeaves)}
	}
	target, err := resolve(fsys, dir)
	var info fs.FileInfo
	if err == nil {
		info, err = fs.Stat(fsys, target)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("folder of definitions %s: %w", quote(dir), fs.ErrNotExist)
	}
	if err != nil {
		what, remedy := why(err, "")
		return nil, Problems{problemf(Position{File: dir}, "", remedy, "%s", what)}
	}
	if !info.IsDir() {
		return nil, Problems{problemf(Position{File: dir}, "", "name the folder that holds the definitions", "is a file, must be a folder")}
	}

	l := &loader{fsys: fsys, dir: dir, texts: map[string]textFile{}}
	l.folder(dir)
	l.all.merge(crossCheck(l.documents, l.unreadable))
	if err := l.all.finish(dir); err != nil {
		return nil, err
	}
	set := &Set{Files: l.files, Warnings: l.all.warnings}
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

// loader is one call of Load.
type loader struct {
	fsys      fs.FS
	dir       string
	files     int
	texts     map[string]textFile // what !file named, read once
	documents []*document
	// unreadable: something could not be read at all. Names may be missing, so
	// nobody can tell which names are not defined.
	unreadable bool
	all        collector
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
	// named: its name could be read.
	named bool
	// pinned: an id is written, if perhaps a wrong one.
	pinned bool
	idPos  Position
}

// folder reads the definitions of one folder and of those below it.
func (l *loader) folder(dir string) {
	entries, err := fs.ReadDir(l.fsys, dir)
	if err != nil {
		what, remedy := why(err, "")
		l.all.addf(Position{File: dir}, "", remedy, "%s", what)
		l.unreadable = true
		return
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	for _, entry := range entries {
		name := entry.Name()
		file := path.Join(dir, name)
		definition := strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
		switch {
		case strings.HasPrefix(name, "."), strings.HasPrefix(name, "_"):
		case dir == l.dir && (name == "wassist-sync.yaml" || name == "environments"):
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
			l.all.addf(Position{File: file}, "", remedy, "is a symlink whose target %s", what)
			l.unreadable = true
		}
	case info.IsDir():
		l.all.warnf(Position{File: file}, "", "move the folder itself here if it holds definitions", "is a symlink to a folder, which is not entered")
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
		c.addf(Position{File: file}, "", remedy, "%s", what)
		l.unreadable = true
		return
	}
	text, problem := decodeYAML(file, raw)
	if problem != nil {
		c.problems = append(c.problems, problem)
		l.unreadable = true
		return
	}
	chunks, empty := splitDocuments(text), true
	if len(chunks) > maxDocuments {
		c.addf(Position{File: file}, "", "split it", "holds more than %d documents", maxDocuments)
		l.unreadable = true
		return
	}
	for _, chunk := range chunks {
		root, err := parseDocument(chunk.text)
		if err == nil && root == nil {
			continue
		}
		empty = false
		if err != nil {
			c.problems = append(c.problems, syntaxProblem(file, chunk))
			l.unreadable = true
			continue
		}
		d := &decoder{loader: l, file: file, line: chunk.line, collector: &c}
		if bad, what := checkShape(root); bad != nil {
			c.addf(d.pos(bad), "", "write the values out with fewer aliases and levels", "%s", what)
			l.unreadable = true
			continue
		}
		if doc := d.definition(root); doc != nil {
			l.documents = append(l.documents, doc)
		} else {
			l.unreadable = true
		}
	}
	if empty {
		c.addf(Position{File: file}, "", "add one with at least a name, delete the file, or let its name start with _", "holds no definition")
	}
}

// decoder turns the nodes of one document into Values.
type decoder struct {
	*loader
	*collector
	file string
	line int // lines of the file before the document
}

func (d *decoder) pos(n *yaml.Node) Position {
	return Position{File: d.file, Line: d.line + n.Line, Column: n.Column}
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
