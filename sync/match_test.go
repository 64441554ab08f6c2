package sync_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/sync"
)

// outline writes a plan's changes in one line each.
func outline(p *sync.Plan) []string {
	out := []string{}
	for _, c := range p.Changes {
		what := c.Agent
		if c.Number != "" {
			what = c.Number + " " + c.Agent
		}
		out = append(out, fmt.Sprintf("%s %s %s: %s", c.Action, what, c.ID, c.Reason))
	}
	return out
}

func refusals(p *sync.Plan) []string {
	out := []string{}
	for _, r := range p.Refused {
		liftable := ""
		if r.Liftable {
			liftable = " (liftable)"
		}
		out = append(out, fmt.Sprintf("%s [%s]%s: %s", r.Rule, r.Agent, liftable, r.Reason))
	}
	return out
}

type agentsOf func(t tester) []sync.Agent

// named makes remote agents of these names, with ids in this order.
func named(names ...string) agentsOf {
	return func(t tester) []sync.Agent {
		var out []sync.Agent
		for i, name := range names {
			out = append(out, storedAgent(t, i+1, name, `{"description":"old"}`))
		}
		return out
	}
}

func TestMatching(t *testing.T) {
	t.Parallel()
	const id1, id2, id3 = "a0000000-0000-4000-8000-000000000001", "a0000000-0000-4000-8000-000000000002", "a0000000-0000-4000-8000-000000000003"
	for _, tt := range []struct {
		name      string
		documents []string
		agents    agentsOf
		changes   []string
		refused   []string
		unmanaged []string
	}{
		{"nothing of that name", []string{"name: Desk\ndescription: new"}, named("Other"), []string{"create Desk : no agent of this name exists"}, nil, []string{"Other"}},
		{"by name", []string{"name: Desk\ndescription: new"}, named("Other", "Desk"), []string{"update Desk " + id2 + ": matched by name"}, nil, []string{"Other"}},
		{"by name, white space aside", []string{"name: Desk\ndescription: new"}, named(" Desk\n"), []string{"update Desk " + id1 + ": matched by name"}, nil, nil},
		{"names differ in case", []string{"name: Desk"}, named("desk"), []string{"create Desk : no agent of this name exists"}, nil, []string{"desk"}},
		{"nothing to do", []string{"name: Desk\ndescription: old"}, named("Desk"), nil, nil, nil},
		{"by id, which renames", []string{"name: Desk\nid: " + id2}, named("Desk 1", "Orders"), []string{"update Desk " + id2 + ": pinned by id"}, nil, []string{"Desk 1"}},
		{"by id, in upper case", []string{"name: Desk\nid: A0000000-0000-4000-8000-000000000002\ndescription: new"}, named("Desk", "Desk"), []string{"update Desk " + id2 + ": pinned by id"}, nil, []string{"Desk"}},
		{"id before name", []string{"name: Desk\nid: " + id2 + "\ndescription: new"}, named("Desk", "Desk"), []string{"update Desk " + id2 + ": pinned by id"}, nil, []string{"Desk"}},
		{"a twin pinned too", []string{"name: Desk\nid: " + id2 + "\ndescription: b", "name: Desk\nid: " + id1 + "\ndescription: a"}, named("Desk", "Desk"),
			[]string{"update Desk " + id1 + ": pinned by id", "update Desk " + id2 + ": pinned by id"}, nil, nil},
		{"by previous name", []string{"name: Desk\npreviousNames: [Counter, Orders]"}, named("Orders"), []string{"update Desk " + id1 + ": taken for a rename of Orders (previousNames)"}, nil, nil},
		{"name before previous name", []string{"name: Desk\npreviousNames: [Orders]\ndescription: new"}, named("Orders", "Desk"), []string{"update Desk " + id2 + ": matched by name"}, nil, []string{"Orders"}},
		{"a previous name that another definition bears", []string{"name: Desk\npreviousNames: [Orders]", "name: Orders"}, named("Orders"), []string{"create Desk : no agent of this name exists"}, nil, nil},
		{"a previous name whose agent another definition pins", []string{"name: Desk\npreviousNames: [Orders]", "name: Billing\nid: " + id1}, named("Orders"),
			[]string{"create Desk : no agent of this name exists", "update Billing " + id1 + ": pinned by id"}, nil, nil},
		{"no previous name", []string{"name: Desk\npreviousNames: []"}, named("Orders"), []string{"create Desk : no agent of this name exists"}, nil, []string{"Orders"}},

		{"unknown id", []string{"name: Desk\nid: " + id3}, named("Desk"), nil,
			[]string{"unknown-id [Desk]: agents/a.yaml:1:1 pins id " + id3 + ", and Wassist has no such agent. Correct the id, or take it out to match by name."}, []string{"Desk"}},
		{"ambiguous name", []string{"name: Desk"}, named("Desk", "Desk "), nil,
			[]string{`ambiguous-name [Desk]: 2 agents on Wassist are called "Desk": ` + id1 + `, ` + id2 + `. Pin one in agents/a.yaml:1:1 with id: and its id.`}, nil},
		{"ambiguous previous names", []string{"name: Desk\npreviousNames: [Orders, Counter]"}, named("Orders", "Counter"), nil,
			[]string{`ambiguous-name [Desk]: 2 agents on Wassist bear a previous name of "Desk": ` + id1 + `, ` + id2 + `. Pin the right one in agents/a.yaml:1:1 with id: and its id.`}, nil},
		{"an ambiguous previous name, one of them claimed", []string{"name: Desk\npreviousNames: [Orders]", "name: Billing\nid: " + id2}, named("Orders", "Orders"),
			[]string{"update Billing " + id2 + ": pinned by id", "update Desk " + id1 + ": taken for a rename of Orders (previousNames)"}, nil, nil},
		{"an id and a name lead to one agent", []string{"name: Desk\nid: " + id1, "name: Orders"}, named("Orders"), nil,
			[]string{`same-agent [Orders]: agents/a.yaml:4:1 and agents/a.yaml:1:1 ("Desk") both lead to agent ` + id1 + ` ("Orders" on Wassist). Pin each definition with id:, or take one of them out.`}, nil},
		{"two previous names lead to one agent", []string{"name: Counter\npreviousNames: [Orders]", "name: Desk\npreviousNames: [Orders]"}, named("Orders"), nil,
			[]string{`same-agent [Desk]: agents/a.yaml:4:1 and agents/a.yaml:1:1 ("Counter") both lead to agent ` + id1 + ` ("Orders" on Wassist). Pin each definition with id:, or take one of them out.`}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &fake{agents: tt.agents(t)}
			p := f.plan(t, load(t, nil, tt.documents...), sync.Options{})
			unmanaged := []string{}
			for _, u := range p.Unmanaged {
				unmanaged = append(unmanaged, u.Agent)
			}
			for what, pair := range map[string][2][]string{"changes": {tt.changes, outline(p)}, "refusals": {tt.refused, refusals(p)}, "unmanaged": {tt.unmanaged, unmanaged}} {
				if d := cmp.Diff(append([]string{}, pair[0]...), pair[1]); d != "" {
					t.Errorf("%s (-want +got):\n%s", what, d)
				}
			}
			if want := len(tt.documents) - len(p.Changes) - len(tt.refused); p.Unchanged != max(want, 0) && len(tt.refused) == 0 {
				t.Errorf("%d unchanged, want %d", p.Unchanged, want)
			}
		})
	}
}

func TestReferenceRefusals(t *testing.T) {
	t.Parallel()
	const id1 = "a0000000-0000-4000-8000-000000000001"
	const connector = "mcpConfigs: [{connector: Stripe, toolWhitelist: [a]}]"
	for _, tt := range []struct {
		name       string
		documents  []string
		connectors []sync.Connector
		refused    []string
	}{
		{"unknown connector", []string{"name: Desk\n" + connector}, []sync.Connector{{ID: "c2", Name: "Zendesk"}, {ID: "c1", Name: "Airtable"}},
			[]string{`unknown-connector [Desk]: agents/a.yaml:2:26: the organization has no connector "Stripe"; it has "Airtable", "Zendesk". Connect it on Wassist first, or correct the name.`}},
		{"no connector at all", []string{"name: Desk\n" + connector}, nil,
			[]string{`unknown-connector [Desk]: agents/a.yaml:2:26: the organization has no connector "Stripe"; it has none. Connect it on Wassist first, or correct the name.`}},
		{"ambiguous connector", []string{"name: Desk\n" + connector}, []sync.Connector{{ID: "c1", Name: "Stripe"}, {ID: "c2", Name: "Stripe"}},
			[]string{`ambiguous-connector [Desk]: agents/a.yaml:2:26: 2 connectors are called "Stripe". Write connectorId: with the right one's id.`}},
		{"one connector by name and by id", []string{"name: Desk\nmcpConfigs:\n- {connector: Stripe, toolWhitelist: [a]}\n- {connectorId: c1, toolWhitelist: [b]}"}, []sync.Connector{{ID: "C1", Name: "Stripe"}},
			[]string{`duplicate-entry [Desk]: agents/a.yaml:4:3: mcpConfigs names c1 twice, as "Stripe" and as "Stripe". Keep one of them.`}},
		{"one child by name and by id", []string{"name: Desk\nhandoffTools:\n- {agent: Orders, description: a}\n- {childAgentId: " + id1 + ", description: b}", "name: Orders"}, nil,
			[]string{`duplicate-entry [Desk]: agents/a.yaml:4:3: handoffTools names ` + id1 + ` twice, as "Orders" and as "Orders". Keep one of them.`}},
		{"two new children are two", []string{"name: Desk\nhandoffTools:\n- {agent: A, description: a}\n- {agent: B, description: b}", "name: A", "name: B"}, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &fake{agents: named("Orders", "Desk")(t), connectors: tt.connectors}
			p := f.plan(t, load(t, nil, tt.documents...), sync.Options{})
			if d := cmp.Diff(append([]string{}, tt.refused...), refusals(p)); d != "" {
				t.Errorf("refusals (-want +got):\n%s", d)
			}
			for _, c := range p.Changes {
				if c.Agent == "Desk" && tt.refused != nil {
					t.Errorf("a refused definition has a change: %s %s", c.Action, c.Agent)
				}
			}
		})
	}
}

// Connectors and numbers are asked for only when a plan needs them.
func TestOnlyNeededReads(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		document string
		options  sync.Options
		want     []string
	}{
		{"plain", "name: Desk", sync.Options{}, []string{"list"}},
		{"connector by id", "name: Desk\nmcpConfigs: [{connectorId: c1, toolWhitelist: [a]}]", sync.Options{}, []string{"list"}},
		{"connector by name", "name: Desk\nmcpConfigs: [{connector: Stripe, toolWhitelist: [a]}]", sync.Options{}, []string{"list", "connectors"}},
		{"deploy", "name: Desk\ndeploy: [{number: \"+447700900111\"}]", sync.Options{}, []string{"list", "numbers"}},
		{"empty deploy", "name: Desk\ndeploy: []", sync.Options{}, []string{"list", "numbers"}},
		{"prune with something to delete", "name: Desk", sync.Options{Prune: sync.PruneAll}, []string{"list", "numbers"}},
		{"prune with nothing to delete", "name: Orders", sync.Options{Prune: sync.PruneAll}, []string{"list"}},
	} {
		f := &fake{agents: named("Orders")(t), numbers: []sync.PhoneNumber{{Number: "+447700900111"}}, connectors: []sync.Connector{{ID: "c1", Name: "Stripe"}}}
		p := f.plan(t, load(t, nil, tt.document), tt.options)
		if d := cmp.Diff(tt.want, f.calls); d != "" {
			t.Errorf("%s: reads (-want +got):\n%s", tt.name, d)
		}
		writes := len(p.Changes)
		for _, c := range p.Changes {
			if c.Action == sync.Create && len(c.Fields) > 1 {
				writes++
			}
		}
		if want := len(tt.want) + writes; p.Requests.Planned != want {
			t.Errorf("%s: %d requests planned, want %d", tt.name, p.Requests.Planned, want)
		}
	}
}
