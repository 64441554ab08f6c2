package gitsrc

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
)

// header is what a walk needs of a commit.
type header struct {
	hash    Hash
	tree    Hash
	parents []Hash
	seconds int64 // the committer's time, seconds since 1970
}

func (h header) time() time.Time { return time.Unix(h.seconds, 0).UTC() }

// parseCommit reads a commit object. A time that cannot be read counts as 1970,
// as in Git.
func parseCommit(hash Hash, content []byte) (header, error) {
	h := header{hash: hash}
	for len(content) > 0 {
		line, rest, _ := bytes.Cut(content, []byte("\n"))
		content = rest
		if len(line) == 0 {
			break
		}
		key, value, _ := strings.Cut(string(line), " ")
		switch key {
		case "tree", "parent":
			if !plumbing.IsHash(value) {
				return h, fmt.Errorf("commit %s: its %s is not a SHA-1", hash, key)
			}
			if key == "tree" {
				h.tree = plumbing.NewHash(value)
			} else {
				h.parents = append(h.parents, plumbing.NewHash(value))
			}
		case "committer":
			if at := strings.LastIndexByte(value, '>'); at >= 0 {
				if fields := strings.Fields(value[at+1:]); len(fields) > 0 {
					h.seconds, _ = strconv.ParseInt(fields[0], 10, 64)
				}
			}
			return h, nil
		}
	}
	return h, nil
}

// Kinds of tree entries, by Git's file modes (git-fast-import, "filemodify").
type entryKind uint8

const (
	missing entryKind = iota
	regular
	executable
	link
	folder
	submodule
)

// entry is one entry of a tree.
type entry struct {
	kind entryKind
	hash Hash
}

// file tells whether the entry holds a regular file's content.
func (e entry) file() bool { return e.kind == regular || e.kind == executable }

// treeReader reads the entries of a tree one by one, in Git's order.
type treeReader struct {
	rest []byte
	name []byte // of the entry that next read
	raw  []byte // the whole entry
}

// next reads one entry; false at the end.
func (t *treeReader) next() bool {
	if len(t.rest) == 0 {
		t.name, t.raw = nil, nil
		return false
	}
	space := 6 // modes have five digits (folders) or six
	if len(t.rest) > 5 && t.rest[5] == ' ' {
		space = 5
	}
	zero := -1
	if len(t.rest) > space && t.rest[space] == ' ' {
		zero = bytes.IndexByte(t.rest[space:], 0) + space
	}
	if zero < space || len(t.rest) < zero+1+20 {
		t.rest, t.name, t.raw = nil, nil, nil // damaged: nothing more can be told
		return false
	}
	t.raw = t.rest[:zero+21]
	t.name = t.rest[space+1 : zero]
	t.rest = t.rest[zero+21:]
	return true
}

// entry decodes the entry that next read.
func (t *treeReader) entry() entry {
	var e entry
	copy(e.hash[:], t.raw[len(t.raw)-20:])
	switch mode := t.raw[:bytes.IndexByte(t.raw, ' ')]; {
	case string(mode) == "40000", string(mode) == "040000":
		e.kind = folder
	case string(mode) == "120000":
		e.kind = link
	case string(mode) == "160000":
		e.kind = submodule
	case string(mode) == "100755":
		e.kind = executable
	default:
		e.kind = regular
	}
	return e
}

// child finds one entry of a tree.
func child(tree []byte, name string) entry {
	for t := (treeReader{rest: tree}); t.next(); {
		if string(t.name) == name {
			return t.entry()
		}
	}
	return entry{}
}

// children are all entries of a tree; of two of one name, as in a damaged tree, the first.
func children(tree []byte) map[string]entry {
	names := make(map[string]entry, len(tree)/40) // about what an entry takes
	for t := (treeReader{rest: tree}); t.next(); {
		if _, ok := names[string(t.name)]; !ok {
			names[string(t.name)] = t.entry()
		}
	}
	return names
}

// short is the form in which messages name a commit.
func short(h Hash) string { return hex.EncodeToString(h[:4])[:7] }
