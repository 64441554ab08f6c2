package sync_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/sync"
	"wassist-sync/wassist/simulator"
)

// A key of another organization than the definitions are for changes nothing.
func TestOrganization(t *testing.T) {
	t.Parallel()
	const harbour = `"Harbour Bakery" (0f000000-0000-4000-8000-000000000001)`
	wrong := func(want, has string) []string {
		return []string{`organization []: the definitions are for "` + want + `", and the key belongs to ` + has + `. Use the key of the right organization, or correct organization: in the settings`}
	}
	for _, tt := range []struct {
		name, want string
		agents     func([]sync.Agent)
		refused    []string
	}{
		{"none expected", "", nil, nil},
		{"by name", "Harbour Bakery", nil, nil},
		{"by id", "0f000000-0000-4000-8000-000000000001", nil, nil},
		{"by id, in upper case", "0F000000-0000-4000-8000-000000000001", nil, nil},
		{"another name", "Harbour Bakery (staging)", nil, wrong("Harbour Bakery (staging)", harbour)},
		{"the name in other letters", "harbour bakery", nil, wrong("harbour bakery", harbour)},
		{"another id", "0f000000-0000-4000-8000-000000000002", nil, wrong("0f000000-0000-4000-8000-000000000002", harbour)},
		{"one agent of another", "Harbour Bakery", func(a []sync.Agent) { a[1].Organization = sync.Organization{ID: "o2", Name: "Other"} }, wrong("Harbour Bakery", `"Other" (o2)`)},
		{"the API does not tell", "Harbour Bakery", func(a []sync.Agent) { a[0].Organization = sync.Organization{} },
			[]string{`organization []: the definitions are for "Harbour Bakery", and this API does not tell whose agents it lists. Take organization: out of the settings if the key is surely the right one`}},
		{"the API does not tell, and nobody asks", "", func(a []sync.Agent) { a[0].Organization = sync.Organization{} }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, document := range []string{"name: Desk\ndescription: new", "name: Desk"} { // whether anything changes or not
				f := &fake{agents: named("Desk", "Till")(t)}
				if tt.agents != nil {
					tt.agents(f.agents)
				}
				o := sync.Options{Organization: tt.want}
				p := f.plan(t, load(t, nil, document), o)
				o.Accept = p.Digest // never liftable
				for _, p := range []*sync.Plan{p, f.plan(t, load(t, nil, document), o)} {
					if d := cmp.Diff(append([]string{}, tt.refused...), refusals(p)); d != "" {
						t.Errorf("refusals (-want +got):\n%s", d)
					}
				}
			}
		})
	}
}

// newcomers are two agents with everything that an apply could write.
var newcomers = []string{"name: Desk\ndescription: d\ndeploy: [{number: \"" + number1 + "\"}]", "name: Till\nhandoffTools: [{agent: Desk, description: d}]"}

// Only the first create tells whose an empty organization is. If it is the
// wrong one, that agent is deleted again and nothing else is written.
func TestFirstCreate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, want string
		right      bool
	}{
		{"right by name", "Marina Deli", true},
		{"none expected", "", true},
		{"wrong", "Harbour Bakery", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, simulator.Options{Organization: "Marina Deli"})
			p := w.plan(t, load(t, nil, newcomers...), sync.Options{Organization: tt.want})
			if len(p.Refused) > 0 {
				t.Fatalf("an empty organization is anybody's: %v", refusals(p))
			}
			w.server.ResetLog()
			r := w.apply(t, p)
			if tt.right {
				if r.Refused != nil || r.Err() != nil || len(w.server.Agents()) != 2 {
					t.Errorf("refused %v, %v", r.Refused, r.Err())
				}
				return
			}
			if n := len(w.server.Agents()); n > 0 {
				t.Errorf("%d agents are left", n)
			}
			id := r.Results[0].ID
			if d := cmp.Diff([]string{"POST agents/", "DELETE agents/" + id + "/"}, writes(w.log())); d != "" || id == "" {
				t.Errorf("writes (-want +got):\n%s", d)
			}
			checkWrongOrganization(t, r, id)
		})
	}
}

// checkWrongOrganization compares the report of an apply that ended with the
// first create.
func checkWrongOrganization(t tester, r *sync.Report, id string) {
	t.Helper()
	if r.Refused == nil || r.Refused.Rule != "organization" || r.Refused.Agent != "Desk" || r.Refused.Liftable {
		t.Fatalf("refused: %+v", r.Refused)
	}
	for _, text := range []string{`the definitions are for "Harbour Bakery"`, `the key belongs to "Marina Deli"`, "Agent " + id + " was created there and deleted again", "Use the key of the right organization, or correct organization: in the settings"} {
		if !strings.Contains(r.Refused.Reason, text) {
			t.Errorf("%q is not said: %s", text, r.Refused.Reason)
		}
	}
	want := []string{"create Desk: failed", "create Till: not attempted", "deploy " + number1 + ": not attempted"}
	if d := cmp.Diff(want, outcomes(r)); d != "" {
		t.Errorf("outcomes (-want +got):\n%s", d)
	}
	for _, res := range r.Results {
		if !errors.Is(res.Err, sync.ErrRefused) {
			t.Errorf("%s %s: %v is not ErrRefused", res.Action, res.Agent, res.Err)
		}
	}
}

// An agent that cannot be taken away again is named: the run failed, and was
// not refused with everything undone.
func TestFirstCreateCannotBeUndone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{Organization: "Marina Deli"})
	p := w.plan(t, load(t, nil, newcomers...), sync.Options{Organization: "Harbour Bakery"})
	w.server.Fault(simulator.Fault{Method: "DELETE", Kind: simulator.Status, Code: 403})
	w.server.ResetLog()
	r := w.apply(t, p)
	id := w.called(t, "Desk")["id"].(string)
	if r.Refused != nil {
		t.Errorf("refused: %+v", r.Refused)
	}
	res := r.Results[0]
	for _, text := range []string{`the definitions are for "Harbour Bakery"`, "Agent " + id + " was created there, and deleting it again failed", "delete it on Wassist"} {
		if res.Err == nil || !strings.Contains(res.Err.Error(), text) {
			t.Errorf("the error does not say %q: %v", text, res.Err)
		}
	}
	if errors.Is(res.Err, sync.ErrRefused) || res.ID != id {
		t.Errorf("%+v", res)
	}
	want := []string{"create Desk: failed", "create Till: not attempted", "deploy " + number1 + ": not attempted"}
	if d := cmp.Diff(want, outcomes(r)); d != "" {
		t.Errorf("outcomes (-want +got):\n%s", d)
	}
	if got := writes(w.log()); len(got) != 2 {
		t.Errorf("writes %q, want the create and one delete", got)
	}
}

// Stopping the run between the create and its undoing leaves nothing behind.
func TestFirstCreateIsUndoneWhenStopped(t *testing.T) {
	t.Parallel()
	f := &fake{}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f.hook = func(call string) {
		if call == "create Desk" {
			cancel()
		}
	}
	p := f.plan(t, load(t, nil, newcomers[1][:len("name: Till")], "name: Desk"), sync.Options{Organization: "Harbour Bakery"})
	f.calls = nil
	strict := &strictWriter{fake: f}
	r, err := (&sync.Applier{Reader: strict, Writer: strict}).Apply(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"create Desk", "get " + fakeID(900), "delete " + fakeID(900)}, f.calls); d != "" {
		t.Errorf("calls (-want +got):\n%s", d)
	}
	if len(f.agents) > 0 || r.Refused == nil || !strings.Contains(r.Refused.Reason, "this API does not tell whose agents it makes") {
		t.Errorf("%d agents are left; refused %+v", len(f.agents), r.Refused)
	}
}

// An answer to a create that does not tell whose the agent is sends for a reading.
func TestFirstCreateIsReadAgain(t *testing.T) {
	t.Parallel()
	f := &fake{}
	p := f.plan(t, load(t, nil, "name: Desk", "name: Till"), sync.Options{Organization: "Harbour Bakery"})
	f.calls = nil
	f.hook = func(call string) {
		if strings.HasPrefix(call, "get ") {
			f.agents[0].Organization.Name = "Harbour Bakery"
		}
	}
	if r := f.apply(t, p); r.Err() != nil || r.Refused != nil {
		t.Errorf("refused %v, %v", r.Refused, r.Err())
	}
	if d := cmp.Diff([]string{"create Desk", "get " + fakeID(900), "create Till"}, f.calls); d != "" {
		t.Errorf("calls (-want +got):\n%s", d)
	}
}

// Whatever else is wrong with the first create, whose organization it is is
// found out; where that cannot be read, nothing more is written.
func TestFirstCreateGoesWrong(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		rename  string
		errors  map[string][]error
		calls   []string
		left    int
		refused bool
		says    string
	}{
		{"another name came back", "Desk (2)", nil, []string{"create Desk", "get " + fakeID(900), "delete " + fakeID(900)}, 0, true, "deleted again"},
		{"the answer was lost", "", map[string][]error{"create Desk": {after{errLost}}}, []string{"create Desk", "list", "get " + fakeID(900), "delete " + fakeID(900)}, 0, true, "deleted again"},
		{"it cannot be read", "", map[string][]error{"get " + fakeID(900): {errors.New("gateway down")}}, []string{"create Desk", "get " + fakeID(900)}, 1, false,
			"agent " + fakeID(900) + ` was created, and whose it is could not be read: gateway down; the definitions are for "Harbour Bakery": look at it on Wassist`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &fake{rename: tt.rename}
			p := f.plan(t, load(t, nil, "name: Desk", "name: Till"), sync.Options{Organization: "Harbour Bakery"})
			f.calls, f.errors = nil, tt.errors
			r := f.apply(t, p)
			if d := cmp.Diff(tt.calls, f.calls); d != "" {
				t.Errorf("calls (-want +got):\n%s", d)
			}
			if len(f.agents) != tt.left || (r.Refused != nil) != tt.refused || !strings.Contains(r.Results[0].Err.Error(), tt.says) {
				t.Errorf("%d agents are left; refused %+v; %v", len(f.agents), r.Refused, r.Results[0].Err)
			}
			if d := cmp.Diff([]string{"create Desk: failed", "create Till: not attempted"}, outcomes(r)); d != "" {
				t.Errorf("outcomes (-want +got):\n%s", d)
			}
		})
	}
}

// strictWriter does nothing for a run that was stopped, as a client does.
type strictWriter struct{ *fake }

func (s *strictWriter) Agent(ctx context.Context, id string) (sync.Agent, error) {
	if ctx.Err() != nil {
		return sync.Agent{}, ctx.Err()
	}
	return s.fake.Agent(ctx, id)
}

func (s *strictWriter) DeleteAgent(ctx context.Context, id string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.fake.DeleteAgent(ctx, id)
}
