package sync

import (
	"fmt"
	"strings"
)

// A definition that is left out (exclude: in the settings) stands, and leads to
// its agent as any other does, so that nothing else takes the agent, and no rule
// deletes it. But it says nothing, and changes nothing.

// standsAside keeps every plan off agents that a definition may mean which is
// left out: the id that it pins is not to be had here.
func (m *matching) standsAside(agents []*Agent) {
	var free []*Agent
	for _, a := range agents {
		if m.claimed[strings.ToLower(a.ID)] == nil {
			free = append(free, a)
		}
	}
	m.dispute(free)
}

// known counts the agents that definitions lead to, those that are left out aside.
func (m *matching) known() int {
	n := 0
	for _, x := range m.claimed {
		if !x.def.Excluded {
			n++
		}
	}
	return n
}

// leftOut says why the agent of a definition is held that was left out to the
// last; the zero verdict when it was not.
func (l *Lineage) leftOut() (verdict, error) {
	if l.Excluded == nil {
		return verdict{}, nil
	}
	excluded, err := l.Excluded()
	if err != nil || !excluded {
		return verdict{}, err
	}
	return verdict{held: fmt.Sprintf("its definition %s was left out (exclude:) until it left with %s, so that its agent was not touched. Delete the agent on Wassist, or list it under unmanaged:", place(l.last()), l.Left().short())}, nil
}

// notesOfExcluded names the definitions that are left out.
func (b *builder) notesOfExcluded() []string {
	var names []string
	for _, def := range b.set.Agents {
		if def.Excluded {
			names = append(names, def.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	what := "left out (exclude:), and not touched: "
	if n := len(names); n > shownExcluded {
		names = append(names[:shownExcluded:shownExcluded], fmt.Sprintf("and %d more", n-shownExcluded))
	}
	return []string{what + strings.Join(names, ", ")}
}

// shownExcluded is how many definitions a note names.
const shownExcluded = 20
