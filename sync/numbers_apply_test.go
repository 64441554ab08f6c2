package sync_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/sync"
)

// What becomes of a number that somebody else routes after the plan was made:
// an old reading is renewed, once for all numbers.
func TestNumbersChangedMeanwhile(t *testing.T) {
	t.Parallel()
	const other = "+447700900112"
	for _, tt := range []struct {
		name    string
		age     time.Duration
		between func(f *fake)
		calls   []string
		failed  string
	}{
		{"young", 60 * time.Second, nil, []string{"connect " + number1 + " " + fakeID(1) + " false", "connect " + other + " " + fakeID(2) + " true"}, ""},
		{"old", old, nil, []string{"numbers", "connect " + number1 + " " + fakeID(1) + " false", "connect " + other + " " + fakeID(2) + " true"}, ""},
		{"moved to a third agent", old, func(f *fake) { f.numbers[0].AgentID, f.numbers[0].AgentName = fakeID(3), "Old" }, []string{"numbers", "connect " + other + " " + fakeID(2) + " true"}, number1 + " is answered by Old now: changed on Wassist"},
		{"moved to an agent without a name", old, func(f *fake) { f.numbers[0].AgentID = fakeID(3) }, []string{"numbers", "connect " + other + " " + fakeID(2) + " true"}, number1 + " is answered by " + fakeID(3) + " now"},
		{"moved to the same agent", old, func(f *fake) { f.numbers[0].AgentID = strings.ToUpper(fakeID(1)) }, []string{"numbers", "connect " + other + " " + fakeID(2) + " true"}, ""},
		{"gone", old, func(f *fake) { f.numbers = f.numbers[1:] }, []string{"numbers", "connect " + other + " " + fakeID(2) + " true"}, "the organization has no number " + number1 + " any more"},
		{"unreadable once", old, func(f *fake) { f.errors = map[string][]error{"numbers": {errors.New("gateway down")}} },
			[]string{"numbers", "numbers", "connect " + other + " " + fakeID(2) + " true"}, "reading the numbers again: gateway down"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := &fake{agents: named("Desk", "Till", "Old")(t), numbers: []sync.PhoneNumber{{Number: number1}, {Number: other, AgentID: fakeID(3), AgentName: "Old"}}}
				p := f.plan(t, load(t, nil, "name: Desk\ndeploy: [{number: \""+number1+"\"}]", "name: Till\ndeploy: [{number: \""+other+"\", applyToExisting: true}]"), sync.Options{})
				f.calls = nil
				time.Sleep(tt.age)
				if tt.between != nil {
					tt.between(f)
				}
				r := f.apply(t, p)
				if d := cmp.Diff(tt.calls, f.calls); d != "" {
					t.Errorf("calls (-want +got):\n%s", d)
				}
				res := r.Results[0]
				if (res.Err != nil) != (tt.failed != "") || tt.failed != "" && !strings.Contains(res.Err.Error(), tt.failed) {
					t.Errorf("%s: %v, want %q", res.Outcome, res.Err, tt.failed)
				}
				if r.Results[1].Outcome != sync.Applied {
					t.Errorf("the other deploy: %v", r.Results[1].Err)
				}
			})
		})
	}
}

// A number from which somebody took the agent, and gave it to a webhook or nobody.
func TestNumberTakenAway(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		webhook, says string
	}{{"crm", "is answered by webhook crm now"}, {"", "is answered by nobody now"}} {
		synctest.Test(t, func(t *testing.T) {
			f := &fake{agents: named("Desk", "Old")(t), numbers: []sync.PhoneNumber{{Number: number1, AgentID: fakeID(2)}}}
			p := f.plan(t, load(t, nil, "name: Desk\ndeploy: [{number: \""+number1+"\"}]"), sync.Options{})
			time.Sleep(old)
			f.numbers[0] = sync.PhoneNumber{Number: number1, Webhook: tt.webhook}
			if err := f.apply(t, p).Err(); !errors.Is(err, sync.ErrChanged) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %v, want %q", err, tt.says)
			}
		})
	}
}

// A deploy whose answer is lost is never repeated for a number that has the
// agent by then: it would clear running sessions once more.
func TestUncertainDeploy(t *testing.T) {
	t.Parallel()
	call := "connect " + number1 + " " + fakeID(1) + " true"
	for _, tt := range []struct {
		name   string
		errors map[string][]error
		calls  []string
		failed []string
	}{
		{"took effect", map[string][]error{call: {after{errLost}}}, []string{call, "numbers"}, nil},
		{"did not", map[string][]error{call: {errLost}}, []string{call, "numbers", call}, nil},
		{"nobody can tell", map[string][]error{call: {after{errLost}}, "numbers": {nil, errors.New("gateway down")}}, []string{call, "numbers"},
			[]string{"not known whether the write took effect", "connection reset", "gateway down", "run again"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &fake{agents: named("Desk")(t), numbers: []sync.PhoneNumber{{Number: number1}}, errors: tt.errors}
			p := f.plan(t, load(t, nil, "name: Desk\ndeploy: [{number: \""+number1+"\", applyToExisting: true}]"), sync.Options{})
			f.calls = nil
			err := f.apply(t, p).Err()
			if d := cmp.Diff(tt.calls, f.calls); d != "" {
				t.Errorf("calls (-want +got):\n%s", d)
			}
			if (err != nil) != (tt.failed != nil) {
				t.Errorf("error %v", err)
			}
			for _, text := range tt.failed {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("the error does not say %q: %v", text, err)
				}
			}
		})
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	gone := "delete " + fakeID(2)
	for _, tt := range []struct {
		name    string
		age     time.Duration
		errors  map[string][]error
		between func(f *fake)
		calls   []string
		failed  string
	}{
		{"there", 0, nil, nil, []string{gone}, ""},
		{"gone already", 0, nil, func(f *fake) { f.agents = f.agents[:1] }, []string{gone}, ""},
		{"answer lost, took effect", 0, map[string][]error{gone: {after{errLost}}}, nil, []string{gone, "get " + fakeID(2)}, ""},
		{"answer lost, still there", 0, map[string][]error{gone: {errLost}}, nil, []string{gone, "get " + fakeID(2)}, "connection reset"},
		{"answer lost, unreadable", 0, map[string][]error{gone: {errLost}, "get " + fakeID(2): {errors.New("gateway down")}}, nil, []string{gone, "get " + fakeID(2)}, "connection reset"},
		{"refused", 0, map[string][]error{gone: {errors.New("in use")}}, nil, []string{gone}, "in use"},
		{"old reading", old, nil, nil, []string{"numbers", "get " + fakeID(2), gone}, ""},
		{"edited by now", old, nil, func(f *fake) { f.agents[1].Stored = document{"description": "mine"} }, []string{"numbers", "get " + fakeID(2)}, "description: changed on Wassist"},
		{"renamed by now", old, nil, func(f *fake) { f.agents[1].Name = "Mine" }, []string{"numbers", "get " + fakeID(2)}, "name: changed on Wassist"},
		{"answers a number by now, as its own reading says", old, nil, func(f *fake) { f.agents[1].Numbers = []string{number1} }, []string{"numbers", "get " + fakeID(2)}, "it answers " + number1 + " now: changed on Wassist"},
		{"gone by now", old, nil, func(f *fake) { f.agents = f.agents[:1] }, []string{"numbers", "get " + fakeID(2)}, ""},
		{"unreadable by now", old, nil, func(f *fake) { f.errors = map[string][]error{"get " + fakeID(2): {errors.New("gateway down")}} }, []string{"numbers", "get " + fakeID(2)}, "reading again before writing: gateway down"},
		{"answers a number by now", old, nil, func(f *fake) { f.numbers[0].AgentID = fakeID(2) }, []string{"numbers"}, "it answers " + number1 + " now: changed on Wassist"},
		{"answers a sandbox number", old, nil, func(f *fake) { f.numbers[0].AgentID, f.numbers[0].Sandbox = fakeID(2), true }, []string{"numbers", "get " + fakeID(2), gone}, ""},
		{"numbers unreadable", old, nil, func(f *fake) { f.errors = map[string][]error{"numbers": {errors.New("gateway down")}} }, []string{"numbers"}, "reading the numbers again: gateway down"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := &fake{agents: named("Desk", "Old")(t), numbers: []sync.PhoneNumber{{Number: number1}}, errors: tt.errors}
				p := f.plan(t, load(t, nil, "name: Desk"), pruning)
				f.calls = nil
				time.Sleep(tt.age)
				if tt.between != nil {
					tt.between(f)
				}
				err := f.apply(t, p).Err()
				if d := cmp.Diff(tt.calls, f.calls); d != "" {
					t.Errorf("calls (-want +got):\n%s", d)
				}
				if (err != nil) != (tt.failed != "") || tt.failed != "" && !strings.Contains(err.Error(), tt.failed) {
					t.Errorf("error %v, want %q", err, tt.failed)
				}
			})
		})
	}
}

// An agent goes only after those that hand over to it have let go of it.
func TestDeleteWaitsForHandoffs(t *testing.T) {
	t.Parallel()
	f := &fake{
		agents: []sync.Agent{storedAgent(t, 1, "Desk", `{"handoffTools":[{"id":"h","childAgentId":"`+fakeID(2)+`","description":"d"}]}`), storedAgent(t, 2, "Old", `{}`), storedAgent(t, 3, "Older", `{}`)},
		errors: map[string][]error{"patch Desk": {errors.New("no luck")}},
	}
	p := f.plan(t, load(t, nil, "name: Desk\nhandoffTools: []"), pruning)
	want := []string{"update Desk: failed", "delete Old: skipped", "delete Older: applied"}
	r := f.apply(t, p)
	if d := cmp.Diff(want, outcomes(r)); d != "" {
		t.Errorf("outcomes (-want +got):\n%s", d)
	}
	if err := r.Results[1].Err; err == nil || err.Error() != "update Desk failed" {
		t.Errorf("reason %v", err)
	}
}

// Reads that fail leave no plan.
func TestPlanningFails(t *testing.T) {
	t.Parallel()
	document := "name: Desk\nmcpConfigs: [{connector: Stripe, toolWhitelist: [a]}]\ndeploy: [{number: \"" + number1 + "\"}]"
	for call, want := range map[string]string{"list": "reading the agents: ", "connectors": "reading the connectors: ", "numbers": "reading the phone numbers: "} {
		f := &fake{connectors: []sync.Connector{{ID: "c1", Name: "Stripe"}}, errors: map[string][]error{call: {sync.ErrUnauthorized}}}
		p, err := (&sync.Planner{Reader: f}).Plan(t.Context(), load(t, nil, document))
		if p != nil || !errors.Is(err, sync.ErrUnauthorized) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s fails: plan %v, error %v", call, p, err)
		}
	}
}

// An agent that another one hands over to since the plan was made stays, where a later reading shows it.
func TestDeleteHandedOverTo(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, child string
		planned     bool
		failed      bool
	}{
		{"since", fakeID(2), false, true},
		{"when it was planned already", fakeID(2), true, false},
		{"to another one", fakeID(1), false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := &fake{agents: named("Desk", "Old", "Foreign")(t)}
				handoff := document{"handoffTools": []any{map[string]any{"id": "h", "childAgentId": tt.child, "description": "d"}}}
				if tt.planned {
					f.agents[2].Stored = handoff
				}
				o := pruning
				o.Unmanaged = func(name, _ string) bool { return name == "Foreign" }
				o.Accept = f.plan(t, load(t, nil, "name: Desk", "name: New"), o).Digest
				p := f.plan(t, load(t, nil, "name: Desk", "name: New"), o)
				time.Sleep(old) // so that the list is read again before the create
				f.agents[2].Stored = handoff
				err := f.apply(t, p).Err()
				if want := "Foreign (" + fakeID(3) + ") hands over to it now: changed on Wassist"; (err != nil) != tt.failed || tt.failed && !strings.Contains(err.Error(), want) {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}
