package sync

import (
	"cmp"
	"slices"
)

// finish puts the plan in order and weighs it. The guards see all of it; what is
// expected, and what the digest is of, are the changes that will be made.
func (b *builder) finish() error {
	p := b.plan
	p.Refused = append(b.matching.refused, p.Refused...)
	rank := map[Action]int{}
	for i, a := range Actions {
		rank[a] = i
	}
	slices.SortStableFunc(p.Changes, func(x, y Change) int {
		return cmp.Or(cmp.Compare(rank[x.Action], rank[y.Action]), cmp.Compare(x.Agent, y.Agent),
			cmp.Compare(x.Number, y.Number), cmp.Compare(x.ID, y.ID), cmp.Compare(x.Pos.File, y.Pos.File), cmp.Compare(x.Pos.Line, y.Pos.Line))
	})
	if !b.options.offline {
		for i := range p.Changes {
			p.Changes[i].Digest = digestOf(p.Target, &p.Changes[i])
		}
		p.Digest = planDigest(b.chosen(p.Changes))
	}
	if err := b.checkOnly(); err != nil {
		return err
	}
	b.notes()
	b.guards()
	p.Refused = append(p.Refused, b.leaveRest()...)
	p.Refused = append(p.Refused, b.guardExpected()...)
	b.accept()
	slices.SortStableFunc(p.Held, func(x, y Held) int {
		return cmp.Or(cmp.Compare(rank[x.Action], rank[y.Action]), cmp.Compare(x.Agent, y.Agent), cmp.Compare(x.ID, y.ID), cmp.Compare(x.Reason, y.Reason))
	})
	slices.SortFunc(p.Unmanaged, func(x, y Unmanaged) int {
		return cmp.Or(cmp.Compare(x.Agent, y.Agent), cmp.Compare(x.ID, y.ID))
	})
	p.Requests.Planned = b.reads + writes(p, b.listing)
	p.Requests.Seconds = b.options.Rate.Seconds(p.Requests.Planned)
	return nil
}

// writes counts the requests of an apply beyond the plan's own reads.
func writes(p *Plan, l Listing) int {
	n, creates := 0, false
	for i := range p.Changes {
		n++
		if c := &p.Changes[i]; c.Action == Create {
			creates = true
			for _, f := range c.Fields {
				if f.top != "name" {
					n++ // the second request of a create, for all else
					break
				}
			}
		}
	}
	if creates && l.Requests > 1 {
		n += l.Requests
	}
	return n
}
