package sync

import (
	"slices"
	"strings"
	"time"

	"wassist-sync/spec"
)

// past is what a read History says, arranged for the questions of a plan.
type past struct {
	history History
	byName  map[string][]*Lineage // every name of every version
	byID    map[string][]*Lineage
	defOf   map[*Lineage]*spec.Agent // the definition of the planned set
	cut     bool                     // it does not reach back to its beginning, or the clone is shallow
}

func newPast(h History, set *spec.Set) *past {
	p := &past{history: h, byName: map[string][]*Lineage{}, byID: map[string][]*Lineage{}, defOf: map[*Lineage]*spec.Agent{}}
	for _, l := range h.Lineages() {
		for _, v := range l.Versions {
			p.byName[normalize(v.Name)] = appendNew(p.byName[normalize(v.Name)], l)
			if v.ID != "" {
				p.byID[v.ID] = appendNew(p.byID[v.ID], l)
			}
		}
	}
	for _, def := range set.Agents {
		if l := h.Of(def); l != nil {
			p.defOf[l] = def
		}
	}
	return p
}

func appendNew(list []*Lineage, l *Lineage) []*Lineage {
	if slices.Contains(list, l) {
		return list
	}
	return append(list, l)
}

// of gives the lineage of a definition; nil without one, and without history.
func (p *past) of(def *spec.Agent) *Lineage {
	if p == nil {
		return nil
	}
	return p.history.Of(def)
}

// whole tells that the history reaches back to its beginning.
func (p *past) whole() bool { return p != nil && !p.cut }

// related lists the definitions that led to an agent at some time: they pinned
// its id, or bore its name and were given another one, or left, only after the
// agent was there.
func (p *past) related(a *Agent) []*Lineage {
	var out []*Lineage
	for _, l := range p.byID[strings.ToLower(a.ID)] {
		out = appendNew(out, l)
	}
	for _, l := range p.byName[normalize(a.Name)] {
		if l.borne(a) != nil {
			out = appendNew(out, l)
		}
	}
	return out
}

// pinned tells whether a version of the definition pinned the agent's id.
func (l *Lineage) pinned(a *Agent) bool {
	return slices.ContainsFunc(l.Versions, func(v *Version) bool { return v.ID != "" && strings.EqualFold(v.ID, a.ID) })
}

// named tells whether a version that pinned the agent's id also bore its name.
func (l *Lineage) named(a *Agent) bool {
	return slices.ContainsFunc(l.Versions, func(v *Version) bool {
		return v.ID != "" && strings.EqualFold(v.ID, a.ID) && normalize(v.Name) == normalize(a.Name)
	})
}

// borne is the newest version that bore the agent's name, if the name was given
// up only after the agent was created; nil when there is none. A version that
// pins an id leads to that agent and to no other of its name.
func (l *Lineage) borne(a *Agent) *Version {
	for _, v := range l.Versions {
		if normalize(v.Name) != normalize(a.Name) || (v.ID != "" && !strings.EqualFold(v.ID, a.ID)) {
			continue
		}
		if v.Until == nil {
			return v
		}
		if created, ok := created(a); ok && created.Before(v.Until.Earliest) {
			return v
		}
	}
	return nil
}

// stood tells whether the definition surely stood on the line when the agent
// was created.
func (l *Lineage) stood(a *Agent) bool {
	at, ok := created(a)
	return ok && slices.ContainsFunc(l.Stays, func(s Stay) bool {
		return s.Since != nil && !s.Since.Latest.IsZero() && !at.Before(s.Since.Latest) && (s.Left == nil || at.Before(s.Left.Earliest))
	})
}

// last is the newest version.
func (l *Lineage) last() *Version { return l.Versions[0] }

// created reads when an agent was created. A time without a zone says too
// little, and is as good as none.
func created(a *Agent) (time.Time, bool) {
	at, err := time.Parse(time.RFC3339Nano, a.CreatedAt)
	return at, err == nil
}

// short is a commit's hash as reasons show it.
func (c *Commit) short() string {
	switch {
	case c == nil:
		return ""
	case c.called != "":
		return c.called
	}
	return shortHash(c.Hash)
}

func shortHash(hash string) string { return hash[:min(len(hash), 7)] }
