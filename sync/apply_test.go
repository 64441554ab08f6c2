package sync_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/spec"
	"wassist-sync/sync"
	"wassist-sync/wassist/simulator"
)

// bakery is an organization and definitions that need every kind of change:
// two creates that hand over to each other, an update, a rename, two deploys
// (one takes a number from an agent that goes), an undeploy and two deletes.
type bakery struct {
	*world
	set *spec.Set
}

var bakeryDocuments = []string{
	"name: Cakes\nsystemPrompt: You sell cakes.\nhandoffTools: [{agent: Orders, description: Questions about orders}]\ndeploy: [{number: \"+44 7700 900111\"}]",
	"name: Orders\nhandoffTools: [{agent: Cakes, description: Cakes}, {agent: Billing, description: Invoices}]\nicebreakers: [Where is my order?]",
	"name: Billing\ndescription: Invoices\ntools: [{name: find, description: new, apiSchema: {method: GET, url: https://api.example/v1}}, {name: pay, description: pay, apiSchema: {method: POST, url: https://api.example/pay}}]",
	"name: Wholesale\npreviousNames: [Trade]\nfirstMessage: Hello\ndeploy: [{number: \"+44 7700 900113\", applyToExisting: true}]",
	"name: Steady\ndescription: stays",
}

func newBakery(t tester, o simulator.Options) *bakery {
	w := newWorld(t, o)
	s := w.server
	s.AddAgent(map[string]any{"name": "Billing", "systemPrompt": "by hand", "tools": []any{
		map[string]any{"name": "find", "description": "old", "apiSchema": map[string]any{"method": "GET", "url": "https://api.example/v1"}},
		map[string]any{"name": "gone", "description": "old", "apiSchema": map[string]any{"method": "GET", "url": "https://api.example/v1"}},
	}})
	s.AddAgent(map[string]any{"name": "Trade", "firstMessage": "old", "handoffTools": []any{}})
	s.AddAgent(map[string]any{"name": "Steady", "description": "stays"})
	s.AddAgent(map[string]any{"name": "Left 1"})
	left2 := s.AddAgent(map[string]any{"name": "Left 2"})
	if err := s.SetNumber("447700900112", map[string]any{"activeAgent": map[string]any{"id": left2}}); err != nil {
		t.Fatalf("%v", err)
	}
	s.AddNumber(map[string]any{"number": "447700900113", "activeAgent": map[string]any{"id": left2}, "conversations": 2})
	return &bakery{world: w, set: load(t, nil, bakeryDocuments...)}
}

func (b *bakery) accepted(t tester) *sync.Plan {
	t.Helper()
	p := b.world.accepted(t, b.set, pruning)
	if len(p.Refused) > 0 {
		t.Fatalf("refused: %v", refusals(p))
	}
	return p
}

var bakeryOutcomes = []string{
	"create Cakes: applied", "create Orders: applied", "update Billing: applied", "update Wholesale: applied",
	"deploy +447700900111: applied", "deploy +447700900113: applied", "undeploy +447700900112: applied",
	"delete Left 1: applied", "delete Left 2: applied",
}

// summary is the organization's state in words that do not depend on ids.
func (w *world) summary() []string {
	names := map[any]any{}
	for _, a := range w.server.Agents() {
		names[a["id"]] = a["name"]
	}
	var out []string
	for _, a := range w.server.Agents() {
		line := fmt.Sprint(a["name"], " ", a["description"], " ", a["systemPrompt"], " ", a["firstMessage"], " ", a["icebreakers"])
		for _, e := range a["tools"].([]any) {
			tool := e.(map[string]any)
			line += fmt.Sprint(" tool ", tool["name"], tool["description"], tool["apiSchema"])
		}
		for _, e := range a["handoffTools"].([]any) {
			handoff := e.(map[string]any)
			line += fmt.Sprint(" to ", names[handoff["childAgentId"]], handoff["description"])
		}
		out = append(out, line)
	}
	for _, n := range w.server.Numbers() {
		line := fmt.Sprint(n["number"], " ", n["defaultRouting"])
		if a, ok := n["activeAgent"].(map[string]any); ok {
			line += fmt.Sprint(" ", a["name"])
		}
		out = append(out, line)
	}
	return sortedStrings(out)
}

func TestApplyOrder(t *testing.T) {
	t.Parallel()
	b := newBakery(t, simulator.Options{})
	p := b.accepted(t)
	b.server.ResetLog()
	var events []string
	a := &sync.Applier{Reader: b.api, Writer: b.api, Observe: func(e sync.Event) {
		if e.Result != nil {
			events = append(events, fmt.Sprintf("%d/%d %s %s %s", e.Index+1, e.Total, e.Change.Action, e.Change.Agent, e.Result.Outcome))
		}
	}}
	r := applyWith(t, a, p)
	if d := cmp.Diff(bakeryOutcomes, outcomes(r)); d != "" {
		t.Errorf("outcomes (-want +got):\n%s", d)
	}
	var left1, left2 string
	for _, c := range p.Changes {
		switch c.Agent {
		case "Left 1":
			left1 = c.ID
		case "Left 2":
			left2 = c.ID
		}
	}
	want := []string{
		"POST agents/", "POST agents/", // Cakes, Orders, by name only
		"PATCH agents/Cakes/", "PATCH agents/Orders/", "PATCH agents/Billing/", "PATCH agents/Wholesale/",
		"POST phone-numbers/447700900111/connect-agent/", "POST phone-numbers/447700900113/connect-agent/", "POST phone-numbers/447700900112/unsubscribe/",
		"DELETE agents/" + left1 + "/", "DELETE agents/" + left2 + "/",
	}
	if d := cmp.Diff(want, b.log()); d != "" {
		t.Errorf("requests (-want +got):\n%s", d)
	}
	// A child's id was there although each of the two hands over to the other.
	cakes, orders := b.called(t, "Cakes"), b.called(t, "Orders")
	if got := cakes["handoffTools"].([]any)[0].(map[string]any)["childAgentId"]; got != orders["id"] {
		t.Errorf("Cakes hands over to %v, want Orders", got)
	}
	if got := orders["handoffTools"].([]any)[0].(map[string]any)["childAgentId"]; got != cakes["id"] {
		t.Errorf("Orders hands over to %v, want Cakes", got)
	}
	if got := result(t, r, sync.Create, "Cakes").ID; got != cakes["id"] {
		t.Errorf("the result's id is %s, want that of the new agent", got)
	}
	if got := b.called(t, "Billing")["systemPrompt"]; got != "by hand" {
		t.Errorf("an undeclared field is %v now", got)
	}
	for _, routing := range b.server.Routings() {
		if want := routing.Number == "447700900113"; routing.ApplyToExisting == nil || *routing.ApplyToExisting != want {
			t.Errorf("%s %s: applyToExisting was not sent as %t", routing.Call, routing.Number, want)
		}
	}
	wantEvents := []string{
		"1/9 create Cakes applied", "2/9 create Orders applied", "3/9 update Billing applied", "4/9 update Wholesale applied", "5/9 deploy Cakes applied",
		"6/9 deploy Wholesale applied", "7/9 undeploy Left 2 applied", "8/9 delete Left 1 applied", "9/9 delete Left 2 applied",
	}
	if d := cmp.Diff(wantEvents, events); d != "" {
		t.Errorf("events (-want +got):\n%s", d)
	}
	if r.Count(sync.Applied) != 9 || r.Count(sync.Failed) != 0 || r.Err() != nil {
		t.Errorf("report %v, %v", outcomes(r), r.Err())
	}
	if again := b.plan(t, b.set, pruning); !again.Empty() || again.Unchanged != 5 {
		t.Errorf("left: %v, unchanged %d", describe(again), again.Unchanged)
	}
}

// A refused plan is not applied, whoever asks.
func TestApplyRefused(t *testing.T) {
	t.Parallel()
	b := newBakery(t, simulator.Options{})
	p := b.plan(t, b.set, pruning)
	before := b.summary()
	b.server.ResetLog()
	r, err := (&sync.Applier{Reader: b.api, Writer: b.api}).Apply(t.Context(), p)
	if r != nil || !errors.Is(err, sync.ErrRefused) {
		t.Errorf("report %v, error %v, want ErrRefused", r, err)
	}
	if len(b.log()) > 0 || cmp.Diff(before, b.summary()) != "" {
		t.Errorf("requests were made: %v", b.log())
	}
}

// Deploying through the accounts, as the API introduction has it.
func TestApplyDocumented(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{Profile: simulator.ProfileDocumented, PutResets: true})
	old := w.server.AddAgent(map[string]any{"name": "Old"})
	if err := w.server.SetNumber("447700900112", map[string]any{"activeAgent": map[string]any{"id": old}}); err != nil {
		t.Fatal(err)
	}
	set := load(t, nil, "name: Desk\ndescription: d\ndeploy: [{number: \"+447700900111\"}]", "name: Till\ndescription: t")
	p := w.accepted(t, set, pruning)
	if len(p.Held) != 1 || p.Held[0].Agent != "Old" {
		t.Errorf("held %v, want the agent whose number cannot be freed", p.Held)
	}
	w.server.ResetLog()
	if err := w.apply(t, p).Err(); err != nil {
		t.Fatal(err)
	}
	want := []string{"POST agents/", "POST agents/", "PATCH agents/Desk/", "PUT agents/Desk/", "PUT agents/Till/", "POST whatsapp-accounts/7c2f5e18-3d90-4f0b-b6a4-0d1e2f3a4b55/deploy-agent/"}
	if d := cmp.Diff(want, w.log()); d != "" {
		t.Errorf("requests (-want +got):\n%s", d)
	}
	if left := w.plan(t, set, pruning); !left.Empty() {
		t.Errorf("left: %v", describe(left))
	}
}

// A key that is refused in the middle of a run ends it.
func TestApplyUnauthorized(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		nth  int
		want []string
	}{
		{1, []string{"create Cakes: failed", "create Orders: not attempted", "update Billing: not attempted", "update Wholesale: not attempted"}},
		{2, []string{"create Cakes: failed", "create Orders: failed", "update Billing: not attempted", "update Wholesale: not attempted"}},
		{5, []string{"create Cakes: applied", "create Orders: applied", "update Billing: failed", "update Wholesale: not attempted"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBakery(t, simulator.Options{})
			p := b.accepted(t)
			b.server.ResetLog()
			b.server.Fault(simulator.Fault{Nth: tt.nth, Times: -1, Kind: simulator.Status, Code: 401})
			r := b.apply(t, p)
			if d := cmp.Diff(tt.want, outcomes(r)[:4]); d != "" {
				t.Errorf("from request %d on (-want +got):\n%s", tt.nth, d)
			}
			if got := len(b.log()); got != tt.nth {
				t.Errorf("%d requests were made, want %d: none after the first 401", got, tt.nth)
			}
			if !errors.Is(r.Err(), sync.ErrUnauthorized) {
				t.Errorf("error %v, want ErrUnauthorized", r.Err())
			}
			if tt.nth == 2 { // Cakes was made: the report says which agent that is
				if res := result(t, r, sync.Create, "Cakes"); res.ID != b.called(t, "Cakes")["id"] {
					t.Errorf("the half-made agent's id is missing: %+v", res)
				}
			}
		})
	}
}

func TestReportErr(t *testing.T) {
	t.Parallel()
	r := &sync.Report{Results: []sync.Result{
		{Action: sync.Update, Agent: "Desk", Outcome: sync.Applied},
		{Action: sync.Create, Agent: "Till", Outcome: sync.Failed, Err: fmt.Errorf("no: %w", sync.ErrNotStored)},
		{Action: sync.Deploy, Agent: "Till", Outcome: sync.Skipped, Err: errors.New("create Till failed")},
	}}
	if got, want := r.Err().Error(), "create Till: failed: no: accepted but not stored\ndeploy Till: skipped: create Till failed"; got != want {
		t.Errorf("error %q, want %q", got, want)
	}
	var change *sync.ChangeError
	if !errors.Is(r.Err(), sync.ErrNotStored) || !errors.As(r.Err(), &change) || change.Agent != "Till" {
		t.Errorf("the error does not tell its cause and its change: %+v", change)
	}
}
