package sync

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"wassist-sync/spec"
)

// Base is what the definitions of another commit say, for an offline plan.
type Base struct {
	// Agents are its definitions, !env unresolved.
	Agents []*spec.Agent
	Commit string // 40 hex digits
	// Of gives the definition of the base that a planned one is; it lacks those
	// that are new.
	Of    map[*spec.Agent]*spec.Agent
	Notes []string
}

// Offline plans as if Wassist held what the base says, and nothing else were
// known: what merging the set would change if nobody had changed anything there.
// It is the same planning, over agents that are made up of the base's
// definitions, and a history of two commits.
//
// Such a plan has no digests, and no id that no definition pins. The !env values
// of both sides are compared by their tags, and must not be resolved.
func Offline(ctx context.Context, set *spec.Set, base Base, o Options) (*Plan, error) {
	for _, def := range slices.Concat(set.Agents, base.Agents) {
		def.TakeTags()
	}
	r := &offlineReader{base: base, ids: map[string]string{}, idOf: map[*spec.Agent]string{}}
	r.identify(set)
	r.hire(set, o.Organization)
	r.collect(set)

	source, unmanaged, elsewhere := o.Source, o.Unmanaged, o.History
	o.offline, o.Host, o.Accept, o.Expect, o.ConfirmOrganization = true, "", "", nil, ""
	o.Source.History = HistoryFull // of the two commits that count
	if o.Prune == PruneAll {
		o.Prune = PruneManaged // nothing is known that no definition named
	}
	if unmanaged != nil {
		o.Unmanaged = func(name, id string) bool { return unmanaged(name, r.known(id)) }
	}
	o.History = newTwoCommits(set, base, elsewhere)
	o.Notes = append([]string{fmt.Sprintf("offline: compared with %s; what people changed on Wassist since is not seen", shortHash(base.Commit))}, base.Notes...)
	planner := Planner{Reader: r, Options: o}
	p, err := planner.Plan(ctx, set)
	if err != nil {
		return nil, err
	}
	p.Source = source
	r.clean(p)
	return p, nil
}

// offlineReader is the remote side as the base says it.
type offlineReader struct {
	base       Base
	ids        map[string]string // what stands for the id of an agent or a connector, in lower case → its name
	idOf       map[*spec.Agent]string
	agents     []Agent
	numbers    []PhoneNumber
	unrouted   map[string]bool // numbers of which nothing is known
	connectors []Connector
}

// identify gives each definition of the base an id: the one that it pins, or
// that the set pins it to, and else the place where it stands, which says
// something to people should a reason name it.
func (r *offlineReader) identify(set *spec.Set) {
	taken := map[string]bool{}
	for _, def := range r.base.Agents {
		r.idOf[def] = def.ID
		taken[strings.ToLower(def.ID)] = true
	}
	for _, def := range set.Agents {
		if old := r.base.Of[def]; old != nil && r.idOf[old] == "" && !taken[strings.ToLower(def.ID)] {
			r.idOf[old] = def.ID
			taken[strings.ToLower(def.ID)] = true
		}
	}
	for _, def := range r.base.Agents {
		if r.idOf[def] == "" {
			r.idOf[def] = r.invent(fmt.Sprintf("%s:%d", def.Pos.File, def.Pos.Line), def.Name)
		}
	}
}

// invent makes something that stands for an id. It is no UUID, so that nothing
// that a definition names is the same.
func (r *offlineReader) invent(text, name string) string {
	for unique, n := text, 2; ; n++ {
		if _, taken := r.ids[strings.ToLower(unique)]; !taken {
			r.ids[strings.ToLower(unique)] = name
			return unique
		}
		unique = fmt.Sprintf("%s (%d)", text, n)
	}
}

// known is an id that a definition pins; empty for one that stands for it.
func (r *offlineReader) known(id string) string {
	if _, invented := r.ids[strings.ToLower(id)]; invented {
		return ""
	}
	return id
}

// whileItStood is when all agents were made: after the base, and before what is
// planned.
var whileItStood = time.Unix(0, 0).UTC()

// hire makes an agent of each definition of the base, and of each id that the
// set pins and the base does not know: of such an agent nothing is known.
func (r *offlineReader) hire(set *spec.Set, organization string) {
	owner := Organization{ID: organization, Name: organization}
	byName := map[string]string{}
	pinned := map[string]bool{}
	for _, def := range r.base.Agents {
		id := r.idOf[def]
		pinned[strings.ToLower(id)] = true
		if _, taken := byName[def.Name]; !taken {
			byName[def.Name] = id
		}
	}
	connectors := map[string]string{}
	for _, def := range slices.Concat(r.base.Agents, set.Agents) {
		for _, entry := range entriesOf(def, "mcpConfigs") {
			if v := entry.Get("connector"); v != nil && connectors[v.Text] == "" {
				id := r.invent("connector "+v.Text, v.Text)
				connectors[v.Text] = id
				r.connectors = append(r.connectors, Connector{ID: id, Name: v.Text})
			}
		}
	}
	idOf := func(alias, name string) string {
		known := map[string]map[string]string{"agent": byName, "connector": connectors}[alias]
		if known[name] == "" {
			known[name] = r.invent(alias+" "+name, name)
		}
		return known[name]
	}
	for _, def := range r.base.Agents {
		a := Agent{ID: r.idOf[def], Name: def.Name, CreatedAt: whileItStood.Format(time.RFC3339Nano), Organization: owner, Offset: -1}
		for _, d := range def.Deploy {
			a.Numbers = append(a.Numbers, d.Number)
			r.numbers = append(r.numbers, PhoneNumber{Number: d.Number, AgentID: a.ID, AgentName: a.Name})
		}
		a.Stored = NewDocument(assume(spec.AgentFields, def.Fields, idOf))
		r.agents = append(r.agents, a)
	}
	for _, def := range set.Agents {
		if def.ID == "" || pinned[strings.ToLower(def.ID)] {
			continue
		}
		pinned[strings.ToLower(def.ID)] = true
		nothing := assume(spec.AgentFields, nil, idOf)
		r.agents = append(r.agents, Agent{ID: def.ID, Name: def.Name, Organization: owner, Offset: -1, Stored: NewDocument(nothing)})
	}
}

func entriesOf(def *spec.Agent, field string) []*spec.Value {
	if list := def.Fields.Get(field); list != nil {
		return list.Items
	}
	return nil
}

// collect adds the numbers that the set alone deploys.
func (r *offlineReader) collect(set *spec.Set) {
	r.unrouted = map[string]bool{}
	directory := Directory{Numbers: r.numbers}
	for _, def := range set.Agents {
		for _, d := range def.Deploy {
			if _, there := directory.find(d.Number); !there && !r.unrouted[d.Number] {
				r.unrouted[d.Number] = true
				r.numbers = append(r.numbers, PhoneNumber{Number: d.Number})
			}
		}
	}
}

// clean takes out of a finished plan what only stood for something.
func (r *offlineReader) clean(p *Plan) {
	for i := range p.Changes {
		c := &p.Changes[i]
		c.ID = r.known(c.ID)
		if c.Action == Create {
			c.Reason = "not defined at " + shortHash(r.base.Commit)
		}
		if c.Action == Deploy && r.unrouted[c.Number] {
			c.Fields[0].Unread = true
			c.Reason = "no definition deployed the number, and who answers it now is not known"
		}
		for j := range c.Fields {
			c.Fields[j].Before = r.named(c.Fields[j].Before)
		}
	}
	for i := range p.Held {
		p.Held[i].ID = r.known(p.Held[i].ID)
	}
	for i := range p.Unmanaged {
		p.Unmanaged[i].ID = r.known(p.Unmanaged[i].ID)
	}
}

// named puts names for what stands for ids in a printed value, as definitions
// would name them.
func (r *offlineReader) named(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = r.named(v[i])
		}
	case map[string]any:
		for _, f := range []*spec.Field{schemaField("handoffTools").KeyField(), schemaField("mcpConfigs").KeyField()} {
			id, _ := v[f.Name].(string)
			if name, invented := r.ids[strings.ToLower(id)]; invented {
				delete(v, f.Name)
				v[f.Alias] = name
			}
		}
		for key := range v {
			v[key] = r.named(v[key])
		}
	}
	return v
}

// perPage is how many agents Wassist lists in one answer.
const perPage = 100

func (r *offlineReader) Ready(ctx context.Context, _ int) error { return ctx.Err() }

// Agents counts the requests that a listing of these agents would take.
func (r *offlineReader) Agents(ctx context.Context) (Listing, error) {
	return Listing{Agents: r.agents, Requests: max(1, (len(r.agents)+perPage-1)/perPage), ReadAt: time.Now()}, ctx.Err()
}

func (r *offlineReader) Page(context.Context, int) ([]Agent, error) { return nil, ErrNotFound }

func (r *offlineReader) Agent(context.Context, string) (Agent, error) { return Agent{}, ErrNotFound }

func (r *offlineReader) Numbers(ctx context.Context) (Directory, error) {
	return Directory{Numbers: r.numbers, CanDisconnect: true, CanMoveConversations: true, Requests: 1, ReadAt: time.Now()}, ctx.Err()
}

func (r *offlineReader) Connectors(ctx context.Context) ([]Connector, error) {
	return r.connectors, ctx.Err()
}
