package gitsrc

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
)

// FS shows the files of a commit. It implements fs.ReadDirFS, fs.ReadFileFS,
// fs.StatFS and fs.ReadLinkFS. Symlinks are links: Open, Stat and ReadFile
// follow them inside the tree, Lstat and ReadLink do not. A submodule is an
// empty folder, since its files are another repository's. All files bear the
// commit's time. It may be used by several goroutines, for as long as the
// Repository is open.
func (r *Repository) FS(commit Hash) (fs.FS, error) {
	c, err := r.header(commit)
	if err != nil {
		return nil, err
	}
	return &treeFS{trees: r.trees, root: c.tree, time: c.time()}, nil
}

type treeFS struct {
	trees *trees
	root  Hash
	time  time.Time
}

var (
	_ fs.ReadDirFS  = (*treeFS)(nil)
	_ fs.ReadFileFS = (*treeFS)(nil)
	_ fs.StatFS     = (*treeFS)(nil)
	_ fs.ReadLinkFS = (*treeFS)(nil)
)

// maxLinks is how many symlinks one path may lead through, as on Linux.
const maxLinks = 40

var (
	errLinks  = errors.New("too many levels of symbolic links")
	errFolder = errors.New("is a directory")
	errFile   = errors.New("not a directory")
)

// find looks a path up. The last part is followed when it is a link, if asked
// to; links before it always are.
func (f *treeFS) find(name string, follow bool) (entry, error) {
	if !fs.ValidPath(name) {
		return entry{}, fs.ErrInvalid
	}
	// The way down, so that ".." in a link's target can go back up.
	way := []entry{{folder, f.root}}
	rest := []string{}
	if name != "." {
		rest = strings.Split(name, "/")
	}
	for hops := 0; len(rest) > 0; {
		part := rest[0]
		rest = rest[1:]
		switch part {
		case "", ".":
			continue
		case "..":
			if len(way) == 1 {
				return entry{}, fs.ErrNotExist // outside the tree
			}
			way = way[:len(way)-1]
			continue
		}
		here := way[len(way)-1]
		if here.kind != folder { // a file, or a submodule, which is empty
			return entry{}, fs.ErrNotExist
		}
		e, err := f.trees.child(here.hash, part)
		if err != nil {
			return entry{}, err
		}
		switch {
		case e.kind == missing:
			return entry{}, fs.ErrNotExist
		case e.kind == link && (follow || len(rest) > 0):
			if hops++; hops > maxLinks {
				return entry{}, errLinks
			}
			target, err := f.target(e)
			if err != nil {
				return entry{}, err
			}
			if path.IsAbs(target) {
				return entry{}, fs.ErrNotExist // outside the tree
			}
			rest = append(strings.Split(target, "/"), rest...)
		default:
			way = append(way, e)
		}
	}
	return way[len(way)-1], nil
}

func (f *treeFS) target(e entry) (string, error) {
	text, err := f.trees.objects.typed(e.hash, plumbing.BlobObject)
	return string(text), err
}

func (f *treeFS) Open(name string) (fs.File, error) {
	e, err := f.find(name, true)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	info, err := f.info(path.Base(name), e)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	if info.IsDir() {
		entries, err := f.list(e)
		if err != nil {
			return nil, &fs.PathError{Op: "open", Path: name, Err: err}
		}
		return &openFolder{info: info, path: name, entries: entries}, nil
	}
	content, err := f.trees.objects.typed(e.hash, plumbing.BlobObject)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return &openFile{info: info, Reader: bytes.NewReader(content)}, nil
}

func (f *treeFS) ReadFile(name string) ([]byte, error) {
	e, err := f.find(name, true)
	if err == nil && !e.file() {
		err = errFolder
	}
	var content []byte
	if err == nil {
		content, err = f.trees.objects.typed(e.hash, plumbing.BlobObject)
	}
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return content, nil
}

func (f *treeFS) Stat(name string) (fs.FileInfo, error)  { return f.stat("stat", name, true) }
func (f *treeFS) Lstat(name string) (fs.FileInfo, error) { return f.stat("lstat", name, false) }

func (f *treeFS) stat(op, name string, follow bool) (fs.FileInfo, error) {
	e, err := f.find(name, follow)
	var info fs.FileInfo
	if err == nil {
		info, err = f.info(path.Base(name), e)
	}
	if err != nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: err}
	}
	return info, nil
}

func (f *treeFS) ReadLink(name string) (string, error) {
	e, err := f.find(name, false)
	if err == nil && e.kind != link {
		err = fs.ErrInvalid
	}
	var target string
	if err == nil {
		target, err = f.target(e)
	}
	if err != nil {
		return "", &fs.PathError{Op: "readlink", Path: name, Err: err}
	}
	return target, nil
}

func (f *treeFS) ReadDir(name string) ([]fs.DirEntry, error) {
	e, err := f.find(name, true)
	var entries []fs.DirEntry
	if err == nil {
		entries, err = f.list(e)
	}
	if err != nil {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: err}
	}
	return entries, nil
}

// list gives a folder's entries by name; Git sorts folders as if they ended in "/".
func (f *treeFS) list(e entry) ([]fs.DirEntry, error) {
	if e.kind == submodule {
		return []fs.DirEntry{}, nil
	}
	if e.kind != folder {
		return nil, errFile
	}
	content, err := f.trees.read(e.hash)
	if err != nil {
		return nil, err
	}
	entries := []fs.DirEntry{}
	for t := (treeReader{rest: content}); t.next(); {
		entries = append(entries, dirEntry{f, string(t.name), t.entry()})
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

// info tells about an entry. The length of a link is that of its target.
func (f *treeFS) info(name string, e entry) (fs.FileInfo, error) {
	i := fileInfo{name: name, mode: e.mode(), time: f.time}
	if !i.IsDir() {
		var err error
		if i.size, err = f.trees.objects.size(e.hash); err != nil {
			return nil, err
		}
	}
	return i, nil
}

func (e entry) mode() fs.FileMode {
	switch e.kind {
	case folder, submodule:
		return fs.ModeDir | 0o755
	case link:
		return fs.ModeSymlink | 0o777
	case executable:
		return 0o755
	}
	return 0o644
}

type fileInfo struct {
	name string
	size int64
	mode fs.FileMode
	time time.Time
}

func (i fileInfo) Name() string       { return i.name }
func (i fileInfo) Size() int64        { return i.size }
func (i fileInfo) Mode() fs.FileMode  { return i.mode }
func (i fileInfo) ModTime() time.Time { return i.time }
func (i fileInfo) IsDir() bool        { return i.mode.IsDir() }
func (i fileInfo) Sys() any           { return nil }

type dirEntry struct {
	fsys  *treeFS
	name  string
	entry entry
}

func (d dirEntry) Name() string               { return d.name }
func (d dirEntry) IsDir() bool                { return d.entry.mode().IsDir() }
func (d dirEntry) Type() fs.FileMode          { return d.entry.mode().Type() }
func (d dirEntry) Info() (fs.FileInfo, error) { return d.fsys.info(d.name, d.entry) }
func (d dirEntry) String() string             { return fs.FormatDirEntry(d) }

type openFile struct {
	*bytes.Reader
	info fs.FileInfo
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *openFile) Close() error               { return nil }

type openFolder struct {
	info    fs.FileInfo
	path    string
	entries []fs.DirEntry
}

func (f *openFolder) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *openFolder) Close() error               { return nil }
func (f *openFolder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: f.path, Err: errFolder}
}

// ReadDir follows the contract of fs.ReadDirFile.
func (f *openFolder) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 || n > len(f.entries) {
		if n > 0 && len(f.entries) == 0 {
			return nil, io.EOF
		}
		n = len(f.entries)
	}
	some := f.entries[:n:n]
	f.entries = f.entries[n:]
	return some, nil
}

// Place gives the path of a folder at a commit with the links in it followed,
// or the path itself when it leads to no folder there. Definitions of the folder
// are known by that path, to Line and others.
func (r *Repository) Place(commit Hash, dir string) (string, error) {
	c, err := r.header(commit)
	if err != nil {
		return "", err
	}
	return (&treeFS{trees: r.trees, root: c.tree}).place(dir), nil
}

// place gives the path of a folder with the links in it followed, or the path
// itself when it leads to no folder.
func (f *treeFS) place(dir string) string {
	at, rest := ".", strings.Split(path.Clean(dir), "/")
	for hops := 0; len(rest) > 0; {
		next := path.Join(at, rest[0])
		if !fs.ValidPath(next) {
			return dir
		}
		e, err := f.trees.at(f.root, next)
		if err != nil || e.kind != folder && e.kind != link {
			return dir
		}
		rest = rest[1:]
		if e.kind == folder {
			at = next
			continue
		}
		target, err := f.target(e)
		if hops++; err != nil || path.IsAbs(target) || hops > maxLinks {
			return dir
		}
		rest = append(strings.Split(target, "/"), rest...)
	}
	return at
}

// isAnswer tells errors by which a tree answers a question (there is no such
// file, it is a folder) from a repository that cannot be read.
func isAnswer(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) || errors.Is(err, errLinks) ||
		errors.Is(err, errFolder) || errors.Is(err, errFile)
}
