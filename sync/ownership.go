package sync

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"wassist-sync/spec"
)

// verdict is what history says of an agent that no definition leads to.
type verdict struct {
	// left are the definitions that left and whose agent it is; none for an agent
	// that is not ours, or whose deletion is held.
	left []*Lineage
	// held says why it is ours, or may be, and must not be deleted.
	held string
	// defined: a definition of it stands somewhere. Not even --prune all deletes it.
	defined bool
}

// managed tells that Git defined the agent and has removed it.
func (v verdict) managed() bool { return len(v.left) > 0 }

// judge says whose the agents are that no definition leads to.
func (b *builder) judge(ctx context.Context) error {
	b.verdicts = map[*Agent]verdict{}
	if b.past == nil {
		return nil
	}
	candidates := map[*Lineage][]*Agent{} // agents by the definition that left
	for _, a := range b.strays {
		var left []*Lineage
		for _, l := range b.past.related(a) {
			v := b.standing(a, l)
			if v.held == "" {
				switch {
				case !b.past.whole() || l.stood(a) || l.named(a) || b.equalsVersion(a, l):
					left = append(left, l)
					var err error
					if v, err = l.leftOut(); err != nil {
						return err
					}
					if v.held == "" {
						continue
					}
				case !l.pinned(a):
					continue
				default:
					// A pin that was wrong, and was never applied, makes nothing ours.
					left = append(left, l)
					v = verdict{held: fmt.Sprintf("its definition %s, which left with %s, pinned its id, and nothing in the agent is as any version of it says. Delete the agent on Wassist, or list it under unmanaged:", place(l.last()), l.Left().short())}
				}
			}
			if b.verdicts[a].held == "" || v.defined {
				b.verdicts[a] = v
			}
		}
		for _, l := range left {
			candidates[l] = append(candidates[l], a)
		}
		if b.verdicts[a].held == "" {
			b.verdicts[a] = verdict{left: left}
		}
	}
	for _, l := range b.past.history.Lineages() {
		agents := candidates[l]
		for _, a := range agents {
			switch {
			case b.verdicts[a].held != "":
			case !b.past.whole():
				b.verdicts[a] = verdict{held: fmt.Sprintf("its definition %s left with %s, and the history of this clone is cut off: nothing is deleted on the strength of a part of it", place(l.last()), l.Left().short())}
			case len(agents) > 1:
				b.verdicts[a] = verdict{held: fmt.Sprintf("its definition %s left with %s, and %d agents bear a name or id that it had: %s. List under unmanaged: every one that shall stay; once only one is left, it is deleted", place(l.last()), l.Left().short(), len(agents), ids(agents))}
			}
		}
	}
	b.heldByName()
	return b.heldElsewhere(ctx)
}

// standing says why an agent is held for the sake of a definition that has not
// left; the zero verdict when it has.
func (b *builder) standing(a *Agent, l *Lineage) verdict {
	switch def := b.past.defOf[l]; {
	case def != nil:
		return verdict{held: fmt.Sprintf("the definition that led to it stands (%s, %q) and leads elsewhere now. Only the leaving of a definition deletes: delete the agent on Wassist, or list it under unmanaged:", def.Pos, def.Name)}
	case l.Standing:
		return verdict{defined: true, held: fmt.Sprintf("its definition %s is missing from the work tree only. Commit the deletion first", place(cmp.Or(l.Current, l.last())))}
	case l.Left() == nil:
		return verdict{defined: true, held: fmt.Sprintf("its definition %s comes in later on this branch than the commit that is applied", place(l.last()))}
	}
	return verdict{}
}

// place says where a version of a definition stood.
func place(v *Version) string { return fmt.Sprintf("%s:%d (%q)", v.File, v.Line, v.Name) }

// heldByName holds managed agents whose name a definition bears: a name that
// stands has not left.
func (b *builder) heldByName() {
	bearers := map[string]*spec.Agent{}
	for _, def := range b.set.Agents {
		bearers[normalize(def.Name)] = def
	}
	for a, v := range b.verdicts {
		if def := bearers[normalize(a.Name)]; v.managed() && def != nil {
			b.verdicts[a] = verdict{held: fmt.Sprintf("%s bears its name", def.Pos)}
		}
	}
}

// heldElsewhere holds agents whose definition stands outside the folder, unless
// it stands there for another organization.
func (b *builder) heldElsewhere(ctx context.Context) error {
	all := b.options.Prune == PruneAll
	wanted := map[*Agent][]Wanted{}
	var every []Wanted
	for _, a := range b.strays {
		v := b.verdicts[a]
		if (!v.managed() && !all) || v.defined {
			continue
		}
		list := []Wanted{{Name: normalize(a.Name)}, {ID: strings.ToLower(a.ID)}}
		for _, l := range v.left {
			for _, old := range l.Versions {
				list = append(list, Wanted{Name: old.Name}, Wanted{ID: old.ID})
			}
		}
		list = slices.DeleteFunc(list, func(w Wanted) bool { return w == (Wanted{}) })
		wanted[a] = list
		for _, w := range list {
			if !slices.Contains(every, w) {
				every = append(every, w)
			}
		}
	}
	if len(every) == 0 {
		return nil
	}
	found, err := b.past.history.Elsewhere(ctx, every)
	if err != nil {
		return fmt.Errorf("looking for definitions elsewhere in the repository: %w", err)
	}
	org := organization(b.listing)
	for a, list := range wanted {
		for _, s := range found {
			if !s.foreign(org) && slices.ContainsFunc(list, func(w Wanted) bool { return (w.Name != "" && w.Name == s.Name) || (w.ID != "" && w.ID == s.ID) }) {
				b.verdicts[a] = verdict{defined: true, held: fmt.Sprintf("a definition elsewhere in the repository has its name or id (%s:%d, %q). If that one is for another organization, say so with organization: in a wassist-sync.yaml beside it", s.File, s.Line, s.Name)}
				break
			}
		}
	}
	return nil
}

// is tells whether a name or an id means this organization.
func (o Organization) is(want string) bool {
	return o != (Organization{}) && (strings.EqualFold(want, o.ID) || want == o.Name)
}

// equalsVersion tells whether a version of the definition declares something,
// and all that it declares is what is stored.
func (b *builder) equalsVersion(a *Agent, l *Lineage) bool {
	for _, v := range l.Versions {
		def, err := v.Definition()
		if err != nil || !declaresSomething(def) || hasUnresolved(def.Fields) {
			continue
		}
		// The name may be that of another version.
		if len(diffAgent(def, def.Name, a.Stored, b.pastReferences())) == 0 {
			return true
		}
	}
	return false
}

// showsIt tells whether something that a version of the definition says stands
// in the agent.
func (b *builder) showsIt(a *Agent, l *Lineage) bool {
	for _, v := range l.Versions {
		def, err := v.Definition()
		if err != nil {
			continue
		}
		c := comparison{version: v, seen: map[string]seen{}}
		(&differ{refs: b.pastReferences(), seen: c.seen}).agent(def, a.Name, a.Stored)
		if appliedOnce([]comparison{c}) {
			return true
		}
	}
	return false
}

// declaresSomething tells whether a definition has a text or a list in it,
// besides its name and what is one of a few choices: less could be equal by chance.
func declaresSomething(def *spec.Agent) bool {
	return slices.ContainsFunc(def.Fields.Members, func(m spec.Member) bool {
		return m.Key != "llmModel" && m.Key != "reasoningEffort" && saysSomething(m.Value)
	})
}

func saysSomething(v *spec.Value) bool {
	return (v.Kind == spec.Text && normalize(v.Text) != "") || (v.Kind == spec.List && len(v.Items) > 0)
}

func hasUnresolved(v *spec.Value) bool {
	return v.Unresolved() || slices.ContainsFunc(v.Items, hasUnresolved) ||
		slices.ContainsFunc(v.Members, func(m spec.Member) bool { return hasUnresolved(m.Value) })
}

// pastReferences resolves names as definitions wrote them at any time: a name
// that a definition bore earlier means the agent that it leads to now, and that
// of a definition which is gone the one agent that is left of it.
func (b *builder) pastReferences() *references {
	if b.pastRefs != nil {
		return b.pastRefs
	}
	r := b.refs.clone()
	for _, x := range b.matching.matches {
		names := x.def.PreviousNames
		if l := b.past.of(x.written); l != nil {
			for _, v := range l.Versions {
				names = append(names[:len(names):len(names)], v.Name)
			}
		}
		for _, name := range names {
			if _, taken := r.agents[name]; !taken && x.remote != nil {
				r.agents[name] = x.remote.ID
				r.renamed[name] = x.def.Name
			}
		}
	}
	left := map[string][]*Agent{}
	for _, a := range b.matching.unclaimed(b.listing.Agents) {
		names := []string{normalize(a.Name)}
		for _, l := range b.past.related(a) {
			for _, v := range l.Versions {
				names = append(names, v.Name)
			}
		}
		slices.Sort(names)
		for _, name := range slices.Compact(names) {
			left[name] = append(left[name], a)
		}
	}
	for name, agents := range left {
		if _, taken := r.agents[name]; !taken && len(agents) == 1 {
			r.agents[name] = agents[0].ID
			r.renamed[name] = agents[0].Name
		}
	}
	b.pastRefs = r
	return r
}
