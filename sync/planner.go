package sync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"wassist-sync/spec"
)

// Planner makes plans. It holds a Reader and nothing that could write.
type Planner struct {
	Reader  Reader
	Options Options
}

// Plan reads the remote side and decides. An error means that it could not be
// read; everything that a guard has against the plan stands in Plan.Refused.
func (p *Planner) Plan(ctx context.Context, set *spec.Set) (*Plan, error) {
	listing, err := p.Reader.Agents(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the agents: %w", err)
	}
	b := &builder{options: p.Options, set: set, listing: listing, refs: newReferences()}
	b.refs.secrets = concealable(set.Secrets)
	b.matching = matchAgents(set, listing.Agents)
	b.plan = &Plan{
		Source:     p.Options.Source,
		Target:     Target{Host: p.Options.Host, Environment: p.Options.Environment, Organization: organization(listing).Name},
		ReadAt:     listing.ReadAt,
		listing:    listing,
		references: b.refs,
	}
	b.reads = listing.Requests
	if usesConnectors(set) {
		connectors, err := p.Reader.Connectors(ctx)
		b.reads++
		switch {
		case errors.Is(err, ErrNotFound):
			b.holdConnectors()
		case err != nil:
			return nil, fmt.Errorf("reading the connectors: %w", err)
		default:
			b.connectors(connectors)
		}
	}
	b.resolve()
	if b.needsNumbers() {
		directory, err := p.Reader.Numbers(ctx)
		if err != nil {
			return nil, fmt.Errorf("reading the phone numbers: %w", err)
		}
		b.reads += directory.Requests
		b.plan.directory = directory
	}
	b.build()
	return b.plan, nil
}

func organization(l Listing) Organization {
	for _, a := range l.Agents {
		if a.Organization != (Organization{}) {
			return a.Organization
		}
	}
	return Organization{}
}

func usesConnectors(set *spec.Set) bool { return slices.ContainsFunc(set.Agents, namesConnector) }

// namesConnector tells whether a definition names a connector by its name.
func namesConnector(def *spec.Agent) bool {
	list := def.Fields.Get("mcpConfigs")
	return list != nil && slices.ContainsFunc(list.Items, func(entry *spec.Value) bool { return entry.Get("connector") != nil })
}

// builder makes one plan out of what was read; it reads nothing itself.
type builder struct {
	options  Options
	set      *spec.Set
	listing  Listing
	matching *matching
	refs     *references
	plan     *Plan
	reads    int
}

// connectors resolves the names that definitions use for connectors.
func (b *builder) connectors(list []Connector) {
	count := map[string]int{}
	for _, c := range list {
		count[c.Name]++
		b.refs.connectors[c.Name] = c.ID
		b.refs.connectorNames[strings.ToLower(c.ID)] = c.Name
	}
	for _, x := range b.matching.matches {
		configs := x.def.Fields.Get("mcpConfigs")
		if configs == nil {
			continue
		}
		for _, entry := range configs.Items {
			v := entry.Get("connector")
			if v == nil || count[v.Text] == 1 {
				continue
			}
			if count[v.Text] == 0 {
				known := make([]string, 0, len(count))
				for name := range count {
					known = append(known, fmt.Sprintf("%q", maskName(name)))
				}
				slices.Sort(known)
				b.matching.refuse(x, "unknown-connector", fmt.Sprintf("%s: the organization has no connector %q; it has %s. Connect it on Wassist first, or correct the name.", v.Pos, v.Text, cmp.Or(strings.Join(known, ", "), "none")))
			} else {
				b.matching.refuse(x, "ambiguous-connector", fmt.Sprintf("%s: %d connectors are called %q. Write connectorId: with the right one's id.", v.Pos, count[v.Text], v.Text))
			}
		}
	}
}

// holdConnectors leaves mcpConfigs out of every definition that names a
// connector: an API without a list of connectors cannot say which one is meant.
// Everything else of the definition goes on.
func (b *builder) holdConnectors() {
	for _, x := range b.matching.matches {
		if !namesConnector(x.def) {
			continue
		}
		h := Held{Action: Create, Agent: x.def.Name, Reason: "mcpConfigs is left out: this API does not list connectors, so that their names mean nothing to it; write connectorId"}
		if x.remote != nil {
			h.Action, h.ID = Update, x.remote.ID
		}
		b.plan.Held = append(b.plan.Held, h)
		x.def = withoutField(x.def, "mcpConfigs")
	}
}

// withoutField copies a definition without one of its fields.
func withoutField(def *spec.Agent, name string) *spec.Agent {
	out, fields := *def, *def.Fields
	fields.Members = slices.DeleteFunc(slices.Clone(fields.Members), func(m spec.Member) bool { return m.Key == name })
	out.Fields = &fields
	return &out
}

// resolve fills the table of agents' names.
func (b *builder) resolve() {
	for _, a := range b.listing.Agents {
		b.refs.names[strings.ToLower(a.ID)] = a.Name
	}
	for _, x := range b.matching.matches {
		id := ""
		if x.remote != nil {
			id = x.remote.ID
			b.refs.names[strings.ToLower(id)] = x.def.Name
		}
		b.refs.agents[x.def.Name] = id
	}
}

func (b *builder) needsNumbers() bool {
	for _, def := range b.set.Agents {
		if len(def.Deploy) > 0 {
			return true
		}
	}
	return b.options.Prune == PruneAll && len(b.matching.unclaimed(b.listing.Agents)) > 0
}

// build computes every change, then what guards say of them.
func (b *builder) build() {
	changed := map[*match]bool{}
	for _, x := range b.matching.matches {
		if x.refused {
			continue
		}
		if b.duplicateEntries(x) || b.unknownChild(x) {
			continue
		}
		if c, ok := b.definitionChange(x); ok {
			changed[x] = true
			b.plan.Changes = append(b.plan.Changes, c)
		}
		for _, c := range b.deployChanges(x) {
			changed[x] = true
			b.plan.Changes = append(b.plan.Changes, c)
		}
	}
	b.deletions()
	for _, x := range b.matching.matches {
		if !x.refused && !changed[x] {
			b.plan.Unchanged++
		}
	}
	b.finish()
}

// definitionChange is the create or update that a definition needs, if any.
func (b *builder) definitionChange(x *match) (Change, bool) {
	c := Change{Action: Create, Agent: x.def.Name, Pos: x.def.Pos, definition: x.def, pinned: x.def.ID != ""}
	if x.remote == nil {
		c.Reason = "no agent of this name exists"
		c.Fields = diffAgent(x.def, "", nil, b.refs)
		return c, true
	}
	c.Action, c.ID, c.remote = Update, x.remote.ID, *x.remote
	switch x.by {
	case matchedByID:
		c.Reason = "pinned by id"
	case matchedByPreviousName:
		c.Reason = fmt.Sprintf("taken for a rename of %s (previousNames)", x.oldName)
	default:
		c.Reason = "matched by name"
	}
	c.Fields = diffAgent(x.def, x.remote.Name, x.remote.Stored, b.refs)
	return c, len(c.Fields) > 0
}

// duplicateEntries refuses a list in which two references turn out to be one
// thing, once names are resolved: agent: Billing beside Billing's childAgentId.
func (b *builder) duplicateEntries(x *match) bool {
	for i := range spec.AgentFields {
		f := &spec.AgentFields[i]
		list := x.def.Fields.Get(f.Name)
		if f.Type != spec.TypeEntries || f.KeyField().Alias == "" || list == nil {
			continue
		}
		seen := map[string]string{}
		for _, entry := range list.Items {
			key, label := b.refs.entryKey(f, entry)
			if key == "" {
				continue
			}
			if first, ok := seen[key]; ok {
				b.matching.refuse(x, "duplicate-entry", fmt.Sprintf("%s: %s names %s twice, as %q and as %q. Keep one of them.", entry.Pos, f.Name, key, first, label))
				return true
			}
			seen[key] = label
		}
	}
	return false
}

// unknownChild refuses a new handoff to an id that no agent has: the API would
// refuse it too, but only after the agent was made.
func (b *builder) unknownChild(x *match) bool {
	f := schemaField("handoffTools")
	list := x.def.Fields.Get(f.Name)
	if list == nil {
		return false
	}
	for _, entry := range list.Items {
		child := entry.Get("childAgentId")
		if child == nil {
			continue
		}
		_, exists := b.refs.names[strings.ToLower(child.Text)]
		if exists || (x.remote != nil && handsOffTo(x.remote, child.Text)) {
			continue
		}
		b.matching.refuse(x, "unknown-child", fmt.Sprintf("%s: the organization has no agent %s. Correct the id, or hand over by name with agent:.", child.Pos, child.Text))
		return true
	}
	return false
}

// finish puts the plan in order and weighs it.
func (b *builder) finish() {
	p := b.plan
	p.Refused = b.matching.refused
	rank := map[Action]int{}
	for i, a := range Actions {
		rank[a] = i
	}
	slices.SortStableFunc(p.Changes, func(x, y Change) int {
		return cmp.Or(cmp.Compare(rank[x.Action], rank[y.Action]), cmp.Compare(x.Agent, y.Agent),
			cmp.Compare(x.Number, y.Number), cmp.Compare(x.ID, y.ID), cmp.Compare(x.Pos.File, y.Pos.File), cmp.Compare(x.Pos.Line, y.Pos.Line))
	})
	for i := range p.Changes {
		p.Changes[i].Digest = digestOf(p.Target, &p.Changes[i])
	}
	p.Digest = planDigest(p.Changes)
	slices.SortFunc(p.Unmanaged, func(x, y Unmanaged) int {
		return cmp.Or(cmp.Compare(x.Agent, y.Agent), cmp.Compare(x.ID, y.ID))
	})
	b.guards()
	p.Requests.Planned = b.reads + writes(p, b.listing)
	p.Requests.Seconds = b.options.Rate.Seconds(p.Requests.Planned)
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

// stale tells whether a reading is too old to compute a list from.
func stale(readAt time.Time) bool { return time.Since(readAt) > staleAfter }

// staleAfter is how old a reading may be when a list is computed from it, and
// when an agent is created because it was not in it (design: staleness).
const staleAfter = 60 * time.Second
