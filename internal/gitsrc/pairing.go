package gitsrc

import (
	"cmp"
	"slices"
)

// pairing says what one commit did to the documents of the files it changed.
type pairing struct {
	pairs   [][2]*docFacts // before, after
	left    []*docFacts
	entered []*docFacts
}

// pair finds out which documents of two consecutive commits are the same one:
// by id, then by name, then by place (one left over on each side of the same
// file), then by likeness. text gives the lines of a document.
// Both sides are in the order of their files.
func pair(old, now []*docFacts, text func(*docFacts) ([]string, error)) (pairing, error) {
	p := &pairer{old: old, now: now, partner: map[*docFacts]*docFacts{}, taken: map[*docFacts]bool{}}
	for _, key := range identities {
		p.byKey(key)
	}
	p.byPlace()
	if err := p.byLikeness(text); err != nil {
		return pairing{}, err
	}
	var result pairing
	for _, d := range old {
		if n := p.partner[d]; n != nil {
			result.pairs = append(result.pairs, [2]*docFacts{d, n})
		} else {
			result.left = append(result.left, d)
		}
	}
	for _, d := range now {
		if !p.taken[d] {
			result.entered = append(result.entered, d)
		}
	}
	return result, nil
}

type pairer struct {
	old, now []*docFacts
	partner  map[*docFacts]*docFacts // of documents before the commit
	taken    map[*docFacts]bool      // documents after it that have one
}

func (p *pairer) join(old, now *docFacts) { p.partner[old], p.taken[now] = now, true }

// byKey pairs documents of equal key; "" is none. Where several bear one key,
// those of the same file are paired first, then by order.
func (p *pairer) byKey(key func(*docFacts) string) {
	for _, sameFile := range []bool{true, false} {
		waiting := map[string][]*docFacts{}
		for _, d := range p.now {
			if key(d) != "" && !p.taken[d] {
				waiting[key(d)] = append(waiting[key(d)], d)
			}
		}
		for _, d := range p.old {
			if p.partner[d] != nil {
				continue
			}
			group := waiting[key(d)]
			at := slices.IndexFunc(group, func(n *docFacts) bool { return !sameFile || n.file == d.file })
			if at >= 0 {
				p.join(d, group[at])
				waiting[key(d)] = slices.Delete(group, at, at+1)
			}
		}
	}
}

// byPlace pairs what is left over in a file, if it is one on each side.
func (p *pairer) byPlace() {
	before, after := map[string][]*docFacts{}, map[string][]*docFacts{}
	for _, d := range p.leftOver() {
		before[d.file] = append(before[d.file], d)
	}
	for _, d := range p.newcomers() {
		after[d.file] = append(after[d.file], d)
	}
	for file, old := range before {
		if now := after[file]; len(old) == 1 && len(now) == 1 {
			p.join(old[0], now[0])
		}
	}
}

func (p *pairer) leftOver() []*docFacts {
	return slices.DeleteFunc(slices.Clone(p.old), func(d *docFacts) bool { return p.partner[d] != nil })
}

func (p *pairer) newcomers() []*docFacts {
	return slices.DeleteFunc(slices.Clone(p.now), func(d *docFacts) bool { return p.taken[d] })
}

// maxComparisons bounds how many pairs of documents of one commit are compared
// by their text: a commit that replaces thousands is no rename.
const maxComparisons = 250_000

// byLikeness pairs what is left over across files, the most alike first.
func (p *pairer) byLikeness(text func(*docFacts) ([]string, error)) error {
	old, now := p.leftOver(), p.newcomers()
	if len(old) == 0 || len(now) == 0 || len(old)*len(now) > maxComparisons {
		return nil
	}
	before, err := bags(old, text)
	if err != nil {
		return err
	}
	after, err := bags(now, text)
	if err != nil {
		return err
	}
	type candidate struct {
		likeness float64
		old, now int
	}
	var candidates []candidate
	for i := range old {
		for j := range now {
			if l := likeness(before[i], after[j]); l >= alike {
				candidates = append(candidates, candidate{l, i, j})
			}
		}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int { return cmp.Compare(b.likeness, a.likeness) })
	for _, c := range candidates {
		if p.partner[old[c.old]] == nil && !p.taken[now[c.now]] {
			p.join(old[c.old], now[c.now])
		}
	}
	return nil
}

func bags(docs []*docFacts, text func(*docFacts) ([]string, error)) ([]bag, error) {
	made := make([]bag, len(docs))
	for i, d := range docs {
		lines, err := text(d)
		if err != nil {
			return nil, err
		}
		made[i] = newBag(lines)
	}
	return made, nil
}
