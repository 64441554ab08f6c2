package source_test

import (
	"slices"
	"strings"
	"time"
)

// agent is what an organization stores of one agent.
type agent struct {
	id, name            string
	description, prompt string
	created             time.Time      // zero when the API's text is none that can be read
	all                 map[string]any // to tell whether it was written
}

// expectation is what the design says of a plan for one commit of a line.
type expectation struct {
	// refused: the definitions cannot be led to agents.
	refused bool
	// leads gives the agent of each definition, by its index among those that
	// stand at the commit; empty for one that is to be created.
	leads []string
	// goes are the agents that are deleted, by id.
	goes map[string]bool
}

// expect finds out who is who, and what goes, as section 3 of the design has it.
func (l *line) expect(k int, agents []agent) expectation {
	defs := l.stands[k]
	e := expectation{leads: make([]string, len(defs)), goes: map[string]bool{}}
	claimed := map[string]bool{}
	claim := func(i int, found []agent) {
		switch {
		case len(found) == 0:
		case len(found) > 1 || claimed[found[0].id]:
			e.refused = true
		default:
			e.leads[i] = found[0].id
			claimed[found[0].id] = true
		}
	}
	such := func(is func(a agent) bool) []agent {
		return slices.DeleteFunc(slices.Clone(agents), func(a agent) bool { return !is(a) })
	}
	for i, d := range defs {
		if d.id != "" {
			found := such(func(a agent) bool { return a.id == d.id })
			claim(i, found)
			e.refused = e.refused || len(found) == 0
		}
	}
	for i, d := range defs {
		if d.id == "" {
			claim(i, such(func(a agent) bool { return a.name == d.name }))
		}
	}
	open := func(i int) bool { return e.leads[i] == "" && defs[i].id == "" }
	free := such(func(a agent) bool { return !claimed[a.id] })
	for i, d := range defs {
		if open(i) {
			claim(i, slices.DeleteFunc(slices.Clone(free), func(a agent) bool { return !slices.Contains(d.previousNames(), a.name) }))
		}
	}
	free = such(func(a agent) bool { return !claimed[a.id] })
	for i, d := range defs {
		if open(i) && d.previous != "[]" {
			lineage := l.lineages[l.of[k][i]]
			claim(i, slices.DeleteFunc(slices.Clone(free), func(a agent) bool { return !l.bore(lineage, a) }))
		}
	}
	if !e.refused {
		l.leftovers(k, such(func(a agent) bool { return !claimed[a.id] }), e.goes)
	}
	return e
}

// bore tells whether a document bore the agent's name, and gave it up only
// after the agent was there. A version that pins another agent does not count.
func (l *line) bore(lineage []*placed, a agent) bool {
	leads := func(d *placed) bool { return d != nil && d.name == a.name && (d.id == "" || d.id == a.id) }
	for i, d := range lineage {
		if !leads(d) {
			continue
		}
		if i == len(lineage)-1 {
			return true
		}
		if !leads(lineage[i+1]) && !a.created.IsZero() && a.created.Before(time.Unix(l.earliest[i+1], 0)) {
			return true
		}
	}
	return false
}

func pinned(lineage []*placed, a agent) bool {
	return slices.ContainsFunc(lineage, func(d *placed) bool { return d != nil && d.id == a.id })
}

// called tells whether a version that pins the agent's id bears its name too.
func called(lineage []*placed, a agent) bool {
	return slices.ContainsFunc(lineage, func(d *placed) bool { return d != nil && d.id == a.id && d.name == a.name })
}

// stood tells whether the document surely stood when the agent was created.
func (l *line) stood(lineage []*placed, a agent) bool {
	if a.created.IsZero() {
		return false
	}
	since := -1
	for i, d := range lineage {
		if d != nil && since < 0 {
			since = i
		}
		if d == nil && since >= 0 || i == len(lineage)-1 && d != nil {
			began := !a.created.Before(time.Unix(l.latest[since], 0))
			if began && (d != nil || a.created.Before(time.Unix(l.earliest[i], 0))) {
				return true
			}
			since = -1
		}
	}
	return false
}

// said tells whether a version declares something, and just what is stored.
func said(lineage []*placed, a agent) bool {
	return slices.ContainsFunc(lineage, func(d *placed) bool {
		return d != nil && !d.bare && d.description() == a.description && d.prompt() == strings.TrimSpace(a.prompt)
	})
}

// related are the lineages that led to an agent at some time.
func (l *line) related(a agent) []int {
	var found []int
	for i, lineage := range l.lineages {
		if lineage != nil && (pinned(lineage, a) || l.bore(lineage, a)) {
			found = append(found, i)
		}
	}
	return found
}

// leftovers decides about the agents that no definition leads to.
func (l *line) leftovers(k int, strays []agent, goes map[string]bool) {
	var outside []definition // one that does not parse is taken at its word
	for name, f := range l.commits[k].files {
		if !strings.HasPrefix(name, "agents/") {
			outside = append(outside, f.docs...)
		}
	}
	qualify := map[int]int{} // agents of each lineage that left
	left, held := map[string][]int{}, map[string]bool{}
	for _, a := range strays {
		for _, i := range l.related(a) {
			lineage := l.lineages[i]
			switch pins := pinned(lineage, a); {
			case lineage[k] != nil || lineage[len(lineage)-1] != nil: // it stands, or comes in later
				held[a.id] = true
				continue
			case l.stood(lineage, a) || said(lineage, a) || pins && called(lineage, a):
				left[a.id] = append(left[a.id], i)
			case pins: // a pin alone may have been a mistake
				held[a.id] = true
			default:
				continue
			}
			qualify[i]++
		}
	}
	for _, a := range strays {
		if left[a.id] == nil || held[a.id] || slices.ContainsFunc(l.stands[k], func(d placed) bool { return d.name == a.name }) {
			continue
		}
		stays := slices.ContainsFunc(left[a.id], func(i int) bool { return qualify[i] > 1 })
		for _, d := range outside {
			stays = stays || d.name == a.name || d.id == a.id
			for _, i := range left[a.id] {
				stays = stays || slices.ContainsFunc(l.lineages[i], func(v *placed) bool { return v != nil && (v.name == d.name || v.id != "" && v.id == d.id) })
			}
		}
		if !stays {
			goes[a.id] = true
		}
	}
}
