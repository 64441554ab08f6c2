package sync_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/sync"
	"wassist-sync/wassist/simulator"
)

// errLost stands for an answer that never came.
var errLost = fmt.Errorf("connection reset: %w", sync.ErrOutcomeUnknown)

func (f *fake) apply(t tester, p *sync.Plan) *sync.Report {
	t.Helper()
	return applyWith(t, &sync.Applier{Reader: f, Writer: f}, p)
}

func (f *fake) add(a sync.Agent) { f.agents = append(f.agents, a) }

// callsNamed lists the calls that begin so.
func (f *fake) callsNamed(prefix string) (out []string) {
	for _, c := range f.calls {
		if strings.HasPrefix(c, prefix) {
			out = append(out, c)
		}
	}
	return out
}

func TestAmbiguousCreate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		errors  map[string][]error
		twins   int  // agents of that name that others make meanwhile
		renames bool // somebody gives the name to an agent that was there meanwhile
		renamed string
		outcome sync.Outcome
		says    []string
		calls   []string
	}{
		{name: "created, and found", errors: map[string][]error{"create Desk": {after{errLost}}}, outcome: sync.Applied,
			calls: []string{"create Desk", "list", "patch Desk"}},
		{name: "not created", errors: map[string][]error{"create Desk": {errLost}}, outcome: sync.Failed,
			says: []string{"not created, as listing again shows", "connection reset"}, calls: []string{"create Desk", "list"}},
		{name: "two of that name", errors: map[string][]error{"create Desk": {after{errLost}}}, twins: 1, outcome: sync.Failed,
			says: []string{"2 new agents of that name", fakeID(50), "pin one with id:"}, calls: []string{"create Desk", "list"}},
		{name: "created, and another renamed", errors: map[string][]error{"create Desk": {after{errLost}}}, renames: true, outcome: sync.Applied,
			calls: []string{"create Desk", "list", "patch Desk"}},
		{name: "not created, and another renamed", errors: map[string][]error{"create Desk": {errLost}}, renames: true, outcome: sync.Failed,
			says: []string{"not created, as listing again shows"}, calls: []string{"create Desk", "list"}},
		{name: "listing fails", errors: map[string][]error{"create Desk": {after{errLost}}, "list": {nil, errors.New("gateway down")}}, outcome: sync.Failed,
			says: []string{"not known whether the agent was created", "connection reset", "gateway down", "run again"}, calls: []string{"create Desk", "list"}},
		{name: "refused", errors: map[string][]error{"create Desk": {errors.New("name taken")}}, outcome: sync.Failed,
			says: []string{"name taken"}, calls: []string{"create Desk"}},
		{name: "another name", renamed: "Desk (2)", outcome: sync.Failed,
			says: []string{`asked for "Desk"`, `called "Desk (2)"`, fakeID(902)}, calls: []string{"create Desk"}},
		{name: "white space in the answer", renamed: " Desk ", outcome: sync.Applied, calls: []string{"create Desk", "patch  Desk "}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &fake{agents: named("Other", "Orders")(t), errors: tt.errors, rename: tt.renamed}
			p := f.plan(t, load(t, nil, "name: Desk\ndescription: d", "name: Orders\ndescription: new"), sync.Options{})
			f.calls = nil
			f.hook = func(call string) {
				if call == "create Desk" {
					if tt.renames {
						f.agents[0].Name = "Desk"
					}
					for range tt.twins {
						f.add(storedAgent(t, 50, "Desk", `{}`))
					}
				}
			}
			r := f.apply(t, p)
			if d := cmp.Diff(append(tt.calls, "patch Orders"), f.calls); d != "" {
				t.Errorf("calls (-want +got):\n%s", d)
			}
			res := result(t, r, sync.Create, "Desk")
			if res.Outcome != tt.outcome {
				t.Errorf("%s: %v, want %s", res.Outcome, res.Err, tt.outcome)
			}
			for _, text := range tt.says {
				if res.Err == nil || !strings.Contains(res.Err.Error(), text) {
					t.Errorf("the error does not say %q: %v", text, res.Err)
				}
			}
			if got := result(t, r, sync.Update, "Orders").Outcome; got != sync.Applied {
				t.Errorf("the other change is %s", got)
			}
			if tt.outcome == sync.Applied && res.ID != fakeID(902) {
				t.Errorf("id %q, want that of the new agent", res.ID)
			}
		})
	}
}

// Before the first create the listing is read again when it is old, or was
// read over several pages: an agent of that name may be there by now.
func TestListedBeforeCreating(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		pages   int
		wait    time.Duration
		between func(t tester, f *fake)
		calls   []string
		failed  string
	}{
		{"young and of one page", 1, 60 * time.Second, nil, []string{"create Desk", "create Till", "patch Desk"}, ""},
		{"old", 1, 60*time.Second + 1, nil, []string{"list", "create Desk", "create Till", "patch Desk"}, ""},
		{"of two pages", 2, 0, nil, []string{"list", "create Desk", "create Till", "patch Desk"}, ""},
		{"somebody made one", 2, 0, func(t tester, f *fake) { f.add(storedAgent(t, 50, "Desk", `{}`)) }, []string{"list", "create Till"}, "an agent of that name (id " + fakeID(50) + ") is on Wassist now"},
		{"somebody renamed one", 2, 0, func(_ tester, f *fake) { f.agents[0].Name = "Desk" }, []string{"list", "create Till"}, "an agent of that name (id " + fakeID(1) + ") is on Wassist now"},
		{"somebody made another", 2, 0, func(t tester, f *fake) { f.add(storedAgent(t, 50, "Other", `{}`)) }, []string{"list", "create Desk", "create Till", "patch Desk"}, ""},
		{"the listing fails once", 2, 0, func(_ tester, f *fake) {
			f.errors = map[string][]error{"list": {errors.New("gateway down")}}
		}, []string{"list", "list", "create Till"}, "listing again before creating: gateway down"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := &fake{agents: named("Orders")(t), pages: tt.pages}
				p := f.plan(t, load(t, nil, "name: Desk\ndescription: d", "name: Till"), sync.Options{})
				time.Sleep(tt.wait)
				if tt.between != nil {
					tt.between(t, f)
				}
				f.calls = nil
				r := f.apply(t, p)
				if d := cmp.Diff(tt.calls, f.calls); d != "" {
					t.Errorf("calls (-want +got):\n%s", d)
				}
				res := result(t, r, sync.Create, "Desk")
				if (res.Err != nil) != (tt.failed != "") || tt.failed != "" && !strings.Contains(res.Err.Error(), tt.failed) {
					t.Errorf("%s: %v, want %q", res.Outcome, res.Err, tt.failed)
				}
				if strings.Contains(tt.failed, "is on Wassist now") && !errors.Is(res.Err, sync.ErrChanged) {
					t.Errorf("%v is not ErrChanged", res.Err)
				}
			})
		})
	}
}

// A create that fails half-way says which agent is there, and the next run
// completes that one.
func TestHalfMadeAgent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{})
	set := load(t, nil, "name: Desk\ndescription: d")
	p := w.plan(t, set, sync.Options{})
	w.server.Fault(simulator.Fault{Method: "PATCH", Nth: 1, Kind: simulator.Status, Code: 400})
	r := w.apply(t, p)
	res, id := result(t, r, sync.Create, "Desk"), w.called(t, "Desk")["id"].(string)
	if res.Outcome != sync.Failed || res.ID != id || !strings.Contains(res.Err.Error(), "created with its name only (id "+id+"); run again to complete it") {
		t.Errorf("%+v", res)
	}
	w.server.ResetLog()
	w.settle(t, set, sync.Options{})
	if d := cmp.Diff([]string{"PATCH agents/Desk/"}, writes(w.log())); d != "" {
		t.Errorf("writes of the second run (-want +got):\n%s", d)
	}
}

// A new agent whose create failed keeps its parents from being created, those
// that come after it; what does not hand over to it goes on.
func TestFailedChild(t *testing.T) {
	t.Parallel()
	f := &fake{
		agents: named("Parent 0", "Other")(t),
		errors: map[string][]error{"create Child": {errors.New("no luck")}},
	}
	handoff := "\nhandoffTools: [{agent: Child, description: d}]"
	p := f.plan(t, load(t, nil, "name: Child", "name: A parent"+handoff, "name: Parent 0"+handoff, "name: Parent 1"+handoff, "name: Other\ndescription: new"), sync.Options{})
	f.calls = nil
	r := f.apply(t, p)
	want := []string{"create A parent: failed", "create Child: failed", "create Parent 1: skipped", "update Other: applied", "update Parent 0: skipped"}
	if d := cmp.Diff(want, outcomes(r)); d != "" {
		t.Errorf("outcomes (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"create A parent", "create Child", "patch Other"}, f.calls); d != "" {
		t.Errorf("calls (-want +got):\n%s", d)
	}
	for _, agent := range []string{"A parent", "Parent 1", "Parent 0"} {
		action := sync.Create
		if agent == "Parent 0" {
			action = sync.Update
		}
		if err := result(t, r, action, agent).Err; !strings.Contains(err.Error(), "it hands over to Child, which was not created") {
			t.Errorf("%s: %v", agent, err)
		}
	}
}
