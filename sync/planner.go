package sync

import (
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
	b.plan = &Plan{
		Source:     p.Options.Source,
		Target:     Target{Host: p.Options.Host, Environment: p.Options.Environment, Organization: organization(listing).Name},
		ReadAt:     listing.ReadAt,
		listing:    listing,
		references: b.refs,
	}
	b.matching = matchAgents(set, listing.Agents)
	p.Options.Written.forget(b.matching.matches, set)
	if len(b.unclaimed()) > 0 {
		if err := b.readHistory(ctx); err != nil {
			return nil, err
		}
		b.matching.renames(b.past, listing.Agents, b.untouchable)
	}
	b.strays = b.unclaimed()
	if len(listing.Agents) == 0 {
		b.plan.organization = p.Options.Organization
	}
	b.reads = listing.Requests
	if usesConnectors(set) || p.Options.offline {
		connectors, err := p.Reader.Connectors(ctx)
		if usesConnectors(set) {
			b.reads++
		}
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
	if err := b.judge(ctx); err != nil {
		return nil, err
	}
	if b.needsNumbers() {
		directory, err := p.Reader.Numbers(ctx)
		if err != nil {
			return nil, fmt.Errorf("reading the phone numbers: %w", err)
		}
		b.reads += directory.Requests
		b.plan.directory = directory
	}
	if err := b.build(ctx); err != nil {
		return nil, err
	}
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

// builder makes one plan out of what was read; it reads nothing itself.
type builder struct {
	options  Options
	set      *spec.Set
	listing  Listing
	matching *matching
	refs     *references
	plan     *Plan
	reads    int

	past     *past       // nil until it was read, and without history
	pastRefs *references // see pastReferences
	// strays are the agents that no definition leads to, those aside that are
	// listed as unmanaged or stand in a refusal.
	strays   []*Agent
	verdicts map[*Agent]verdict // of strays; none is an agent that is not ours
}

// readHistory reads the history, if there is one and it is not read yet.
func (b *builder) readHistory(ctx context.Context) error {
	if b.past != nil || b.options.History == nil {
		return nil
	}
	if err := b.options.History.Read(ctx); err != nil {
		return fmt.Errorf("reading the history: %w", err)
	}
	b.past = newPast(b.options.History, b.set)
	b.past.cut = b.options.Source.History == HistoryShallow || !b.options.History.Whole()
	if b.past.cut {
		// A clone without some of its objects is cut off as a shallow one is.
		b.plan.Source.History = HistoryShallow
	}
	return nil
}

// untouchable tells whether an agent is listed as unmanaged.
func (b *builder) untouchable(a *Agent) bool {
	return b.options.Unmanaged != nil && (b.options.Unmanaged(a.Name, a.ID) || b.options.Unmanaged(normalize(a.Name), a.ID))
}

// unclaimed lists the agents that no definition leads to and that may be touched.
func (b *builder) unclaimed() []*Agent {
	return slices.DeleteFunc(b.matching.unclaimed(b.listing.Agents), b.untouchable)
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
		if def.Deploy != nil {
			return true
		}
	}
	return slices.ContainsFunc(b.strays, b.deletable)
}

// build computes every change, then what guards say of them.
func (b *builder) build(ctx context.Context) error {
	changed := map[*match]bool{}
	var changes []Change
	withheld := b.withheld()
	for _, x := range b.matching.matches {
		if x.refused || x.def.Excluded || b.duplicateEntries(x) || b.unknownChild(x) {
			continue
		}
		c, differs := b.definitionChange(x)
		routes, err := b.routes(ctx, x)
		if err != nil {
			return err
		}
		if x.remote != nil {
			b.options.Written.saw(x.remote.ID, c.Fields, routes)
		}
		if differs || len(routes) > 0 {
			changed[x] = true
			if reason := withheld[x]; reason != "" {
				b.hold(x, reason)
				continue
			}
			if err := b.readHistory(ctx); err != nil {
				return err
			}
		}
		if differs {
			if c, differs = b.weigh(x, c); differs {
				changes = append(changes, c)
			}
		}
		changes = append(changes, b.weighRoutes(x, routes)...)
	}
	b.plan.Changes = changes
	b.deletions()
	for _, x := range b.matching.matches {
		if !x.refused && !changed[x] && !x.def.Excluded {
			b.plan.Unchanged++
		}
	}
	return b.finish()
}

// definitionChange is the create or update that a definition needs, if any.
func (b *builder) definitionChange(x *match) (Change, bool) {
	c := Change{Action: Create, Agent: x.def.Name, Pos: x.def.Pos, definition: x.def, declared: x.def, pinned: x.def.ID != ""}
	if x.remote == nil {
		c.Reason = "no agent of this name exists"
		c.Fields = diffAgent(x.def, "", nil, b.refs)
		return c, true
	}
	c.Action, c.ID, c.remote = Update, x.remote.ID, *x.remote
	c.Fields = diffAgent(x.def, x.remote.Name, x.remote.Stored, b.refs)
	return c, len(c.Fields) > 0
}

// stale tells whether a reading is too old to compute a list from.
func stale(readAt time.Time) bool { return time.Since(readAt) > staleAfter }

// staleAfter is how old a reading may be when a list is computed from it, and
// when an agent is created because it was not in it (design: staleness).
const staleAfter = 60 * time.Second
