package gitsrc

import (
	"bytes"
	"path"
	"strings"
)

// interest is a set of paths whose changes matter: whole folders and single
// files, as a tree of names.
type interest struct {
	all      bool // everything below
	self     bool // the path itself
	children map[string]*interest
}

func (n *interest) child(name string) *interest {
	if n.children == nil {
		n.children = map[string]*interest{}
	}
	c := n.children[name]
	if c == nil {
		c = &interest{}
		n.children[name] = c
	}
	return c
}

func (n *interest) at(name string) *interest {
	if name == "." {
		return n
	}
	for part := range strings.SplitSeq(name, "/") {
		n = n.child(part)
	}
	return n
}

// everything names all paths below this one that matter by themselves.
func (n *interest) everything(prefix string, report func(string)) {
	if n.self {
		report(prefix)
	}
	for name, c := range n.children {
		c.everything(path.Join(prefix, name), report)
	}
}

// changed reports the files (links and submodules too) that differ between two
// trees and matter. Trees of equal hash are not opened. A path may be reported
// that did not change, never the other way round.
func (t *trees) changed(a, b Hash, want *interest, prefix string, report func(string)) error {
	if a == b {
		return nil
	}
	var old, now []byte
	var err error
	if !a.IsZero() {
		if old, err = t.read(a); err != nil {
			return err
		}
	}
	if !b.IsZero() {
		if now, err = t.read(b); err != nil {
			return err
		}
	}
	x, y := treeReader{rest: old}, treeReader{rest: now}
	moreX, moreY := x.next(), y.next()
	for moreX || moreY {
		if bytes.Equal(x.raw, y.raw) {
			moreX, moreY = x.next(), y.next()
			continue
		}
		// Git's order puts a folder behind files that sort before name + "/";
		// a name that is a file on one side and a folder on the other is seen
		// as two names then, which does no harm.
		var c int
		switch {
		case !moreX:
			c = 1
		case !moreY:
			c = -1
		default:
			c = compareEntries(&x, &y)
		}
		var name string
		var from, to entry
		if c <= 0 {
			name, from = string(x.name), x.entry()
			moreX = x.next()
		}
		if c >= 0 {
			name, to = string(y.name), y.entry()
			moreY = y.next()
		}
		below := want.children[name]
		if below == nil && !want.all {
			continue
		}
		if below == nil {
			below = &interest{}
		}
		if want.all && !below.all {
			below = &interest{all: true, self: below.self, children: below.children}
		}
		if err := t.entryChanged(from, to, below, path.Join(prefix, name), report); err != nil {
			return err
		}
	}
	return nil
}

func (t *trees) entryChanged(from, to entry, want *interest, name string, report func(string)) error {
	var a, b Hash
	leaf := false
	switch from.kind {
	case missing:
	case folder:
		a = from.hash
	default:
		leaf = true
	}
	switch to.kind {
	case missing:
	case folder:
		b = to.hash
	default:
		leaf = true
	}
	if leaf && (want.all || want.self) {
		report(name)
	}
	if leaf || a.IsZero() || b.IsZero() {
		// What was consulted below changes when a folder comes, goes or gives
		// way to a file or a link.
		want.everything(name, report)
	}
	if a.IsZero() && b.IsZero() {
		return nil
	}
	return t.changed(a, b, want, name, report)
}

// compareEntries follows Git's order of tree entries: by bytes, a folder's name
// as if it ended in "/".
func compareEntries(x, y *treeReader) int {
	if c := bytes.Compare(x.name, y.name); c == 0 {
		return 0
	}
	n := min(len(x.name), len(y.name))
	if c := bytes.Compare(x.name[:n], y.name[:n]); c != 0 {
		return c
	}
	return int(sortsAs(x, n)) - int(sortsAs(y, n))
}

func sortsAs(t *treeReader, at int) byte {
	if at < len(t.name) {
		return t.name[at]
	}
	if t.raw[0] == '4' || t.raw[1] == '4' && t.raw[0] == '0' {
		return '/'
	}
	return 0
}
