package gitsrc

import (
	"strings"
	"sync"

	"github.com/go-git/go-git/v5/plumbing"
)

// maxTrees bounds the trees that are kept as they were read last. A walk needs
// each twice: as a commit's and as its parent's.
const maxTrees = 64

// trees reads trees and paths in them.
type trees struct {
	objects *objects

	mu     sync.Mutex
	recent map[Hash][]byte
	order  []Hash
	// found remembers single entries: evaluating a file asks for the same again
	// and again, and a folder of a thousand files takes long to search.
	found map[lookup]entry
	// searched is how often a tree was, and index what is in those where it was often:
	// a whole folder is read entry by entry.
	searched map[Hash]int
	index    map[Hash]map[string]entry
	indexed  int // entries of all indexes
}

type lookup struct {
	tree Hash
	name string
}

const (
	maxFound    = 4096
	maxSearches = 16 // before a tree gets an index
	maxIndexes  = 8
	maxIndexed  = 100_000 // entries, but for a tree that has more
)

func newTrees(o *objects) *trees {
	return &trees{
		objects: o, recent: map[Hash][]byte{}, found: map[lookup]entry{},
		searched: map[Hash]int{}, index: map[Hash]map[string]entry{},
	}
}

func (t *trees) read(h Hash) ([]byte, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.content(h)
}

// content is read for callers that hold the lock.
func (t *trees) content(h Hash) ([]byte, error) {
	if content, ok := t.recent[h]; ok {
		return content, nil
	}
	content, err := t.objects.typed(h, plumbing.TreeObject)
	if err != nil {
		return nil, err
	}
	if len(t.order) >= maxTrees {
		delete(t.recent, t.order[0])
		t.order = t.order[1:]
	}
	t.recent[h] = content
	t.order = append(t.order, h)
	return content, nil
}

// child finds an entry of a tree by its name.
func (t *trees) child(tree Hash, name string) (entry, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if names, ok := t.index[tree]; ok {
		return names[name], nil
	}
	if e, ok := t.found[lookup{tree, name}]; ok {
		return e, nil
	}
	content, err := t.content(tree)
	if err != nil {
		return entry{}, err
	}
	if t.searched[tree]++; t.searched[tree] > maxSearches {
		names := children(content)
		t.keep(tree, names)
		return names[name], nil
	}
	if len(t.found) >= maxFound {
		clear(t.found)
		clear(t.searched)
	}
	e := child(content, name)
	t.found[lookup{tree, name}] = e
	return e, nil
}

// keep keeps an index, and before it takes up too much forgets all others: they are
// made anew only for trees that are searched as often again.
func (t *trees) keep(tree Hash, names map[string]entry) {
	if len(t.index) >= maxIndexes || t.indexed+len(names) > maxIndexed {
		for h := range t.index {
			delete(t.searched, h)
		}
		clear(t.index)
		t.indexed = 0
	}
	t.index[tree] = names
	t.indexed += len(names)
}

// at finds the entry of a path literally: no symlink is followed. "." is the root.
func (t *trees) at(root Hash, path string) (entry, error) {
	e := entry{folder, root}
	if path == "." {
		return e, nil
	}
	for rest := path; rest != ""; {
		if e.kind != folder {
			return entry{}, nil
		}
		var part string
		var err error
		part, rest, _ = strings.Cut(rest, "/")
		if e, err = t.child(e.hash, part); err != nil {
			return entry{}, err
		}
	}
	return e, nil
}
