package spec

import (
	"bytes"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// LoadFiles is Load of files that are in memory: their contents by slash path.
// Positions name these paths.
func LoadFiles(files map[string][]byte) (*Set, error) { return Load(memory(files), ".") }

// memory is a file system of files in memory. Folders are there when a file is
// below them.
type memory map[string][]byte

// Open opens a file or a folder.
func (m memory) Open(name string) (fs.File, error) {
	if content, ok := m[name]; ok {
		return &memoryFile{Reader: bytes.NewReader(content), info: memoryInfo{name: path.Base(name), size: int64(len(content))}}, nil
	}
	if _, err := m.ReadDir(name); err != nil {
		return nil, err
	}
	return &memoryFolder{memoryInfo{name: path.Base(name), dir: true}}, nil
}

// ReadDir lists a folder, sorted by name.
func (m memory) ReadDir(name string) ([]fs.DirEntry, error) {
	seen := map[string]memoryInfo{}
	for file, content := range m {
		rest, below := strings.CutPrefix(file, name+"/")
		if name == "." {
			rest = file
		} else if !below {
			continue
		}
		first, _, deeper := strings.Cut(rest, "/")
		seen[first] = memoryInfo{name: first, size: int64(len(content)), dir: deeper}
	}
	if len(seen) == 0 && name != "." {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	var entries []fs.DirEntry
	for _, info := range seen {
		entries = append(entries, fs.FileInfoToDirEntry(info))
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

type memoryFile struct {
	io.Reader
	info memoryInfo
}

func (f *memoryFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *memoryFile) Close() error               { return nil }

type memoryFolder struct{ info memoryInfo }

func (f *memoryFolder) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *memoryFolder) Close() error               { return nil }

func (f *memoryFolder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: f.info.name, Err: fs.ErrInvalid}
}

type memoryInfo struct {
	name string
	size int64
	dir  bool
}

func (i memoryInfo) Name() string       { return i.name }
func (i memoryInfo) Size() int64        { return i.size }
func (i memoryInfo) IsDir() bool        { return i.dir }
func (i memoryInfo) ModTime() time.Time { return time.Time{} }
func (i memoryInfo) Sys() any           { return nil }

func (i memoryInfo) Mode() fs.FileMode {
	if i.dir {
		return fs.ModeDir | 0o755
	}
	return 0o644
}
