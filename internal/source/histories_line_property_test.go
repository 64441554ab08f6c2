package source_test

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
)

// placed is a definition where it stands.
type placed struct {
	definition
	path string
}

// line is what the design says of the definitions below agents/ on a line of
// commits, found out forward and with everything at hand.
type line struct {
	commits []*commit
	stands  [][]placed // what counts at each commit
	of      [][]int    // the lineage of each, an index of lineages
	// lineages say where each stands at each commit; nil where it does not.
	lineages [][]*placed
	// followed tells of each step to a commit which documents, as the operations
	// know them, the design's pairing follows through it.
	followed []map[int]bool
	// earliest is, for each commit, the earliest clock of it and all after it;
	// latest the latest of it and all before it.
	earliest, latest []int64
	// murky: the design leaves it open which documents are the same somewhere.
	murky bool
}

func newLine(commits []*commit) *line {
	l := &line{commits: commits, earliest: make([]int64, len(commits)), latest: make([]int64, len(commits))}
	least, most := int64(math.MaxInt64), int64(math.MinInt64)
	for i, c := range commits {
		most = max(most, c.clock)
		l.latest[i] = most
	}
	for i, c := range slices.Backward(commits) {
		least = min(least, c.clock)
		l.earliest[i] = least
	}
	var before map[string]file
	for i, c := range commits {
		counts := counting(c, before)
		l.step(i, counts, before)
		before = counts
	}
	l.comebacks()
	return l
}

// counting gives the files below agents/ as they count: one that does not
// parse says what it said before.
func counting(c *commit, before map[string]file) map[string]file {
	counts := map[string]file{}
	for name, f := range c.files {
		if !strings.HasPrefix(name, "agents/") {
			continue
		}
		if f.broken {
			f = before[name]
		}
		counts[name] = f
	}
	return counts
}

func places(files map[string]file) []placed {
	var all []placed
	for _, name := range slices.Sorted(maps.Keys(files)) {
		for _, d := range files[name].docs {
			all = append(all, placed{d, name})
		}
	}
	return all
}

// step takes in one commit.
func (l *line) step(i int, counts, before map[string]file) {
	now := places(counts)
	of := make([]int, len(now))
	followed := map[int]bool{}
	partner := map[int]int{} // of now, in what stood before
	if i > 0 {
		var murky bool
		partner, murky = pairs(l.stands[i-1], now, counts, before)
		l.murky = l.murky || murky
	}
	for j, d := range now {
		if k, ok := partner[j]; ok {
			of[j] = l.of[i-1][k]
			followed[d.who] = l.stands[i-1][k].who == d.who
		} else {
			of[j] = len(l.lineages)
			l.lineages = append(l.lineages, make([]*placed, len(l.commits)))
		}
		l.lineages[of[j]][i] = &now[j]
	}
	l.stands, l.of, l.followed = append(l.stands, now), append(l.of, of), append(l.followed, followed)
}

// pairs finds out which documents of two commits are the same, by the rules of
// the design: id, name, place, likeness. It gives the partners of now, and
// whether the rules leave something open.
func pairs(old, now []placed, counts, before map[string]file) (map[int]int, bool) {
	partner, taken, murky := map[int]int{}, map[int]bool{}, false
	join := func(o, n int) { partner[n], taken[o] = o, true }
	touched := func(name string) bool { return !counts[name].says(before[name]) }
	var o, n []int // those of files that the commit changed
	for i, d := range old {
		if touched(d.path) {
			o = append(o, i)
		}
	}
	first := map[string]int{} // index in old of each file's first
	for i, d := range slices.Backward(old) {
		first[d.path] = i
	}
	for i, d := range now {
		switch {
		case touched(d.path):
			n = append(n, i)
		default:
			join(first[d.path], i)
			first[d.path]++
		}
	}
	free := func() (left, came []int) {
		left = slices.DeleteFunc(slices.Clone(o), func(i int) bool { return taken[i] })
		came = slices.DeleteFunc(slices.Clone(n), func(i int) bool { _, ok := partner[i]; return ok })
		return left, came
	}
	for _, key := range []func(definition) string{func(d definition) string { return d.id }, func(d definition) string { return d.name }} {
		left, came := free()
		was, is := byKey(old, left, key), byKey(now, came, key)
		for k, some := range was {
			if len(some) > 1 && len(is[k]) > 0 || len(is[k]) > 1 {
				murky = true
			}
			if len(is[k]) > 0 {
				join(some[0], is[k][0])
			}
		}
	}
	left, came := free()
	path := func(i int, all []placed) string { return all[i].path }
	for _, i := range left {
		alone := func(list []int, all []placed) []int {
			return slices.DeleteFunc(slices.Clone(list), func(j int) bool { return path(j, all) != path(i, old) })
		}
		if was, is := alone(left, old), alone(came, now); len(was) == 1 && len(is) == 1 {
			join(i, is[0])
		}
	}
	left, came = free()
	return partner, alikePairs(old, now, left, came, join) || murky
}

func byKey(all []placed, some []int, key func(definition) string) map[string][]int {
	found := map[string][]int{}
	for _, i := range some {
		if k := key(all[i].definition); k != "" {
			found[k] = append(found[k], i)
		}
	}
	return found
}

// alikePairs joins what is left over by likeness, the most alike first. It
// tells whether likeness decides anything by a narrow margin.
func alikePairs(old, now []placed, left, came []int, join func(o, n int)) (murky bool) {
	type pair struct {
		o, n     int
		likeness float64
	}
	var all []pair
	for _, o := range left {
		for _, n := range came {
			p := pair{o, n, likeness(old[o].text(), now[n].text())}
			murky = murky || p.likeness > 0.5 && p.likeness < 0.7
			if p.likeness >= 0.6 {
				all = append(all, p)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b pair) int { return cmp.Compare(b.likeness, a.likeness) })
	for len(all) > 0 {
		best := all[0]
		join(best.o, best.n)
		all = slices.DeleteFunc(all[1:], func(p pair) bool {
			rival := p.o == best.o || p.n == best.n
			murky = murky || rival && best.likeness-p.likeness < 0.05
			return rival
		})
	}
	return murky
}

// likeness is the share of equal lines in the larger of two texts, in bytes.
func likeness(a, b string) float64 {
	count, common, sizeA, sizeB := map[string]int{}, 0, 0, 0
	for text := range strings.Lines(a) {
		text = strings.TrimSpace(text)
		count[text]++
		sizeA += len(text)
	}
	for text := range strings.Lines(b) {
		text = strings.TrimSpace(text)
		sizeB += len(text)
		if count[text] > 0 {
			count[text]--
			common += len(text)
		}
	}
	return float64(common) / float64(max(sizeA, sizeB))
}

// comebacks makes one lineage of a document that left and the one that comes
// in next under its id or its name; of one commit, under its id rather.
func (l *line) comebacks() {
	type entry struct{ lineage, at int }
	var entered []entry
	into := map[int]int{} // lineages that are another one's past
	for i := len(l.commits) - 1; i > 0; i-- {
		var left []int
		for k, lineage := range l.lineages {
			if _, gone := into[k]; gone {
				continue
			}
			if lineage[i] != nil && lineage[i-1] == nil {
				entered = append(entered, entry{k, i})
			}
			if lineage[i] == nil && lineage[i-1] != nil {
				left = append(left, k)
			}
		}
		names := map[string]bool{}
		for _, k := range left {
			old := l.lineages[k][i-1]
			l.murky = l.murky || names[old.name]
			names[old.name] = true
			next, rank := -1, 0
			for e, x := range entered {
				d, fits := l.lineages[x.lineage][x.at], 0
				switch {
				case x.at == i:
				case old.id != "" && d.id == old.id:
					fits = 2
				case d.name == old.name:
					fits = 1
				}
				switch {
				case fits == 0:
				case next < 0 || x.at < entered[next].at || x.at == entered[next].at && fits > rank:
					next, rank = e, fits
				case x.at == entered[next].at && fits == rank:
					l.murky = true
				}
			}
			if next >= 0 {
				back := entered[next].lineage
				entered = slices.Delete(entered, next, next+1)
				for j := range i {
					if d := l.lineages[k][j]; d != nil {
						l.lineages[back][j] = d
					}
				}
				into[k] = back
			}
		}
	}
	for k := range into {
		l.lineages[k] = nil
	}
	for i, of := range l.of {
		for j, k := range of {
			for back, gone := into[k]; gone; back, gone = into[k] {
				k = back
			}
			l.of[i][j] = k
		}
	}
}

// last is the newest version of a lineage.
func last(lineage []*placed) *placed {
	for _, d := range slices.Backward(lineage) {
		if d != nil {
			return d
		}
	}
	return nil
}
