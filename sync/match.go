package sync

import (
	"fmt"
	"slices"
	"strings"

	"wassist-sync/spec"
)

// How a definition found its agent.
type matchedBy int

const (
	matchedByNothing matchedBy = iota
	matchedByID
	matchedByName
	matchedByPreviousName
	matchedByHistory
)

// match is a definition with the remote agent it leads to, if any.
type match struct {
	def     *spec.Agent
	written *spec.Agent // def as it stands in its file; def may lack what is held
	remote  *Agent      // nil: create
	by      matchedBy
	oldName string // the earlier name that led to the agent
	// version is the one that bore oldName, where history knows it.
	version *Version
	refused bool
}

// matching pairs definitions with remote agents, in three steps: id, name,
// earlier name. What one step decides no later one changes.
type matching struct {
	matches []*match
	refused []Refusal
	claimed map[string]*match // remote id → definition
	// disputed agents stand in a refusal: nothing else may be decided about them.
	disputed map[string]bool
}

func matchAgents(set *spec.Set, agents []Agent) *matching {
	m := &matching{claimed: map[string]*match{}, disputed: map[string]bool{}}
	byID := map[string]*Agent{}
	byName := map[string][]*Agent{}
	for i := range agents {
		a := &agents[i]
		byID[strings.ToLower(a.ID)] = a
		byName[normalize(a.Name)] = append(byName[normalize(a.Name)], a)
	}
	for _, def := range set.Agents {
		m.matches = append(m.matches, &match{def: def, written: def})
	}
	for _, x := range m.matches {
		if x.def.ID == "" {
			continue
		}
		if a := byID[strings.ToLower(x.def.ID)]; a != nil {
			m.claim(x, a, matchedByID, "")
		} else if x.def.Excluded {
			m.standsAside(byName[x.def.Name])
		} else {
			m.refuse(x, "unknown-id", fmt.Sprintf("%s pins id %s, and Wassist has no such agent. Correct the id, or take it out to match by name.", x.def.Pos, x.def.ID))
		}
	}
	for _, x := range m.matches {
		if x.def.ID != "" {
			continue
		}
		switch found := byName[x.def.Name]; len(found) {
		case 0:
		case 1:
			m.claim(x, found[0], matchedByName, "")
		default:
			m.dispute(found)
			m.refuse(x, "ambiguous-name", fmt.Sprintf("%d agents on Wassist are called %q: %s. Pin one in %s with id: and its id.", len(found), x.def.Name, ids(found), x.def.Pos))
		}
	}
	m.previousNames(byName)
	return m
}

// previousNames is the third step, for definitions that nothing matched yet.
func (m *matching) previousNames(byName map[string][]*Agent) {
	taken := map[string]bool{}
	for id := range m.claimed {
		taken[id] = true
	}
	for _, x := range m.matches {
		if x.remote != nil || x.refused || x.def.ID != "" {
			continue
		}
		var found []*Agent
		old := ""
		for _, name := range x.def.PreviousNames {
			for _, a := range byName[normalize(name)] {
				if !taken[strings.ToLower(a.ID)] && !m.disputed[strings.ToLower(a.ID)] {
					found, old = append(found, a), name
				}
			}
		}
		switch len(found) {
		case 0:
		case 1:
			m.claim(x, found[0], matchedByPreviousName, old)
		default:
			m.dispute(found)
			m.refuse(x, "ambiguous-name", fmt.Sprintf("%d agents on Wassist bear a previous name of %q: %s. Pin the right one in %s with id: and its id.", len(found), x.def.Name, ids(found), x.def.Pos))
		}
	}
}

func (m *matching) claim(x *match, a *Agent, by matchedBy, old string) {
	key := strings.ToLower(a.ID)
	if other := m.claimed[key]; other != nil {
		if x.def.Excluded && other.def.Excluded {
			return
		}
		m.refuse(x, "same-agent", fmt.Sprintf("%s and %s (%q) both lead to agent %s (%q on Wassist). Pin each definition with id:, or take one of them out.", x.def.Pos, other.def.Pos, other.def.Name, a.ID, a.Name))
		other.refused = true
		return
	}
	m.claimed[key] = x
	x.remote, x.by, x.oldName = a, by, old
}

// refuse refuses the plan for a definition's sake, but not for one that is left
// out: nothing is decided about its agents then, and nothing needs to be.
func (m *matching) refuse(x *match, rule, reason string) {
	x.refused = true
	if x.def.Excluded && rule != "same-agent" {
		return
	}
	m.refused = append(m.refused, Refusal{Rule: rule, Agent: x.def.Name, Reason: reason})
}

func (m *matching) dispute(agents []*Agent) {
	for _, a := range agents {
		m.disputed[strings.ToLower(a.ID)] = true
	}
}

// unclaimed lists the agents that no definition leads to.
func (m *matching) unclaimed(agents []Agent) []*Agent {
	var out []*Agent
	for i := range agents {
		key := strings.ToLower(agents[i].ID)
		if m.claimed[key] == nil && !m.disputed[key] {
			out = append(out, &agents[i])
		}
	}
	return out
}

func ids(agents []*Agent) string {
	list := make([]string, len(agents))
	for i, a := range agents {
		list[i] = a.ID
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}
