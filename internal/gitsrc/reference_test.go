package gitsrc

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing/fstest"

	"wassist-sync/spec"
)

// This file reads a history the plain way, forward and with everything loaded
// at each commit, to say what the lazy walk must find.

type plainDoc struct {
	file, name, id, text string
	order                int
}

// plainState loads the folder of one commit. Files that do not parse say what
// they said at the commit before.
func plainState(files map[string]string, before map[string][]plainDoc) map[string][]plainDoc {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	state := map[string][]plainDoc{}
	for name, text := range files {
		if !strings.HasPrefix(name, "agents/") || !strings.HasSuffix(name, ".yaml") {
			continue
		}
		agents, err := spec.LoadFile(fsys, name)
		if err != nil {
			if before[name] != nil {
				state[name] = before[name]
			}
			continue
		}
		docs := []plainDoc{}
		for i, chunk := range strings.Split(text, "---\n") {
			a := agents[i]
			full := strings.TrimRight(chunk, "\n")
			if p := a.Fields.Get("systemPrompt"); p != nil && p.File() != "" {
				prompt, _ := fs.ReadFile(fsys, p.File())
				full += "\x00" + string(prompt)
			}
			docs = append(docs, plainDoc{name, a.Name, a.ID, full, i})
		}
		state[name] = docs
	}
	return state
}

func flat(state map[string][]plainDoc) []plainDoc {
	var docs []plainDoc
	for _, name := range sortedKeys(state) {
		docs = append(docs, state[name]...)
	}
	return docs
}

func plainLikeness(a, b plainDoc) float64 {
	count := func(d plainDoc) (map[string]int, int) {
		m, n := map[string]int{}, 0
		text, _, _ := strings.Cut(d.text, "\x00")
		for line := range strings.SplitSeq(text, "\n") {
			if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
				m[line] += len(line)
				n += len(line)
			}
		}
		return m, n
	}
	x, n := count(a)
	y, m := count(b)
	common := 0
	for line, size := range x {
		common += min(size, y[line])
	}
	return float64(common) / float64(max(n, m, 1))
}

// plainPair gives for each document after its partner before, or -1.
func plainPair(old, now []plainDoc, same map[string]bool) []int {
	partner := make([]int, len(now))
	used := make([]bool, len(old))
	for j := range partner {
		partner[j] = -1
	}
	join := func(fits func(o, n plainDoc) bool) {
		for i, o := range old {
			for j, n := range now {
				if !used[i] && partner[j] < 0 && fits(o, n) {
					used[i], partner[j] = true, i
				}
			}
		}
	}
	join(func(o, n plainDoc) bool { return same[o.file] && o.file == n.file && o.order == n.order })
	join(func(o, n plainDoc) bool { return o.id != "" && o.id == n.id && o.file == n.file })
	join(func(o, n plainDoc) bool { return o.id != "" && o.id == n.id })
	join(func(o, n plainDoc) bool { return o.name == n.name && o.file == n.file })
	join(func(o, n plainDoc) bool { return o.name == n.name })
	left := func(file string) (i, j int, one bool) {
		oldLeft, newLeft := []int{}, []int{}
		for i, o := range old {
			if !used[i] && o.file == file {
				oldLeft = append(oldLeft, i)
			}
		}
		for j, n := range now {
			if partner[j] < 0 && n.file == file {
				newLeft = append(newLeft, j)
			}
		}
		if len(oldLeft) == 1 && len(newLeft) == 1 {
			return oldLeft[0], newLeft[0], true
		}
		return 0, 0, false
	}
	for _, o := range old {
		if i, j, one := left(o.file); one {
			used[i], partner[j] = true, i
		}
	}
	for {
		best, bi, bj := 0.0, -1, -1
		for i, o := range old {
			for j, n := range now {
				if l := plainLikeness(o, n); !used[i] && partner[j] < 0 && l >= 0.6 && l > best {
					best, bi, bj = l, i, j
				}
			}
		}
		if bi < 0 {
			return partner
		}
		used[bi], partner[bj] = true, bi
	}
}

// plainStories reads the first-parent line that ends at the last snapshot, and
// tells the same as stories does for the commit applied.
func plainStories(snaps []snap, applied int) []string {
	var line []int
	for i := len(snaps) - 1; ; i = snaps[i].parents[0] {
		line = append([]int{i}, line...)
		if len(snaps[i].parents) == 0 {
			break
		}
	}
	show := func(d plainDoc, since, until int) string {
		s := d.name
		if d.id != "" {
			s += "#" + d.id[:1]
		}
		end := "-"
		if until >= 0 {
			end = fmt.Sprint(until)
		}
		return fmt.Sprintf("%s@%s %d..%s", s, strings.TrimSuffix(strings.TrimPrefix(d.file, "agents/"), ".yaml"), since, end)
	}
	type life struct {
		doc      plainDoc
		since    int
		versions []string // newest last
		entered  int
		left     int
		standing bool
		first    plainDoc
	}
	var lives []*life
	var current []*life
	state := map[string][]plainDoc{}
	for _, c := range line {
		next := plainState(snaps[c].files, state)
		same := map[string]bool{}
		for name := range next {
			same[name] = slices.Equal(next[name], state[name])
		}
		old, now := flat(state), flat(next)
		partner := plainPair(old, now, same)
		after := make([]*life, len(now))
		gone := map[int]bool{}
		for i := range old {
			gone[i] = true
		}
		for j, n := range now {
			if partner[j] < 0 {
				after[j] = &life{doc: n, since: c, entered: c, left: -1, first: n}
				lives = append(lives, after[j])
				continue
			}
			delete(gone, partner[j])
			l := current[partner[j]]
			if l.doc.text != n.text || l.doc.file != n.file {
				l.versions = append(l.versions, show(l.doc, l.since, c))
				l.since = c
			}
			l.doc = n
			after[j] = l
		}
		for i := range gone {
			l := current[i]
			l.versions = append(l.versions, show(l.doc, l.since, c))
			l.left = c
		}
		state, current = next, after
		if c == applied {
			for _, l := range current {
				l.standing = true
			}
		}
	}
	for _, l := range current {
		l.versions = append(l.versions, show(l.doc, l.since, -1))
	}
	// A document that left is the next one that came in under its id or name;
	// the latest leaving is looked at first.
	position := func(c int) int { return slices.Index(line, c) }
	var order []*life
	for _, l := range lives {
		if l.left >= 0 {
			order = append(order, l)
		}
	}
	fileOrder := func(a, b plainDoc) int {
		if c := strings.Compare(a.file, b.file); c != 0 {
			return c
		}
		return a.order - b.order
	}
	slices.SortFunc(order, func(a, b *life) int {
		if a.left != b.left {
			return position(b.left) - position(a.left)
		}
		return fileOrder(a.doc, b.doc)
	})
	later := map[*life]*life{} // of a document that left: as what it came back
	taken := map[*life]bool{}
	for _, l := range order {
		var best *life
		byID := func(n *life) bool { return l.doc.id != "" && l.doc.id == n.first.id }
		for _, n := range lives {
			if taken[n] || position(n.entered) <= position(l.left) || !byID(n) && l.doc.name != n.first.name {
				continue
			}
			switch {
			case best == nil || position(n.entered) < position(best.entered):
				best = n
			case n.entered != best.entered:
			case byID(n) != byID(best):
				if byID(n) {
					best = n
				}
			case fileOrder(n.first, best.first) > 0:
				best = n
			}
		}
		if best != nil {
			later[l], taken[best] = best, true
		}
	}
	tell := func(l *life) (versions, stays []string, standing bool) {
		versions = slices.Clone(l.versions)
		slices.Reverse(versions)
		end := "-"
		if l.left >= 0 {
			end = fmt.Sprint(l.left)
		}
		return versions, []string{fmt.Sprintf(" [%d..%s]", l.entered, end)}, l.standing
	}
	earlier := map[*life]*life{}
	for l, n := range later {
		earlier[n] = l
	}
	var all []string
	for _, l := range lives {
		if later[l] != nil {
			continue // told as a part of what it came back as
		}
		var versions, stays []string
		standing := false
		for ; l != nil; l = earlier[l] {
			v, s, st := tell(l)
			versions, stays, standing = append(versions, v...), append(stays, s...), standing || st
		}
		text := strings.Join(versions, ", ") + strings.Join(stays, "")
		if standing {
			text += " standing"
		}
		all = append(all, text)
	}
	slices.Sort(all)
	return all
}
