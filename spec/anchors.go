package spec

import "gopkg.in/yaml.v3"

// Bounds of a document's shape. The format itself needs eight levels; aliases
// may repeat a good part of a file, but not blow it up.
const (
	maxDepth     = 100
	maxExpansion = 100_000 // nodes that aliases add
)

// shape measures a document with its aliases written out, without writing them
// out: each node is measured once. Only one with an anchor can be met again.
type shape struct {
	done map[*yaml.Node]measure
	open map[*yaml.Node]bool // of these, the ones that are being measured, to find a loop
	bad  *yaml.Node
	what string
}

type measure struct{ added, size, depth int }

// checkShape returns the node at which a document is too deep, too large once
// its aliases are written out, or contains itself, and what is wrong there; nil
// when it is sound. Only a sound document may be walked.
func checkShape(root *yaml.Node) (*yaml.Node, string) {
	s := &shape{done: map[*yaml.Node]measure{}, open: map[*yaml.Node]bool{}}
	s.measure(root)
	return s.bad, s.what
}

func (s *shape) fail(n *yaml.Node, what string) measure {
	if s.bad == nil {
		s.bad, s.what = n, what
	}
	return measure{}
}

func (s *shape) measure(n *yaml.Node) measure {
	if s.bad != nil {
		return measure{}
	}
	if n.Kind == yaml.AliasNode {
		if s.open[n.Alias] {
			return s.fail(n, "is an alias of a value that contains it")
		}
		m := s.measure(n.Alias)
		m.added = m.size // all of it is there once more
		return m
	}
	if n.Anchor != "" {
		if m, ok := s.done[n]; ok {
			return m
		}
		s.open[n] = true
	}
	m := measure{size: 1}
	for _, child := range n.Content {
		c := s.measure(child)
		m.added += c.added
		m.size += c.size
		m.depth = max(m.depth, c.depth)
		if m.added > maxExpansion {
			return s.fail(child, "grows too large when its aliases are written out")
		}
	}
	m.depth++
	if m.depth > maxDepth {
		return s.fail(n, "is nested too deeply")
	}
	if n.Anchor != "" {
		delete(s.open, n)
		s.done[n] = m
	}
	return m
}
