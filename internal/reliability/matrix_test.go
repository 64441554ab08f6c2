package reliability

import (
	"fmt"
	"reflect"
	"slices"
	gosync "sync"
	"testing"
	"testing/synctest"

	"wassist-sync/wassist/simulator"
)

// undisturbed is one run in a generation that nothing disturbs.
type undisturbed struct {
	before, clean *state
	requests      []string // kinds, in their order
}

func undisturbedRun(t *testing.T, g *generation, defs *definitions) *undisturbed {
	t.Helper()
	u := &undisturbed{}
	synctest.Test(t, func(t *testing.T) {
		s := newOrganization(t, g)
		u.before = snapshot(t, s, nil)
		l := &line{server: s.RoundTripper()}
		v := run(t, defs, l)
		if v.code() != 0 {
			t.Fatalf("a run that nothing disturbs ends with %d: %v", v.code(), v.reason())
		}
		u.clean, u.requests = snapshot(t, s, u.before), l.seen
		if again := run(t, defs, &line{server: s.RoundTripper()}); again.code() != 0 || !again.plan.Empty() {
			t.Fatalf("a second run still has %d changes (%v)", len(again.plan.Changes), again.reason())
		}
	})
	checkIDs(t, u)
	for _, kind := range []string{"GET /agents/", "GET /agents/, applying", "POST /agents/", "PUT /agents/{id}/", "PATCH /agents/{id}/", "GET /agents/{id}/, applying", "DELETE /agents/{id}/"} {
		if kind == "PUT /agents/{id}/" && g.name == "PATCH" {
			continue
		}
		if !slices.Contains(u.requests, kind) {
			t.Errorf("the scenario needs no %s: it does not prove anything of it", kind)
		}
	}
	if first := slices.Index(u.requests, "POST /agents/"); first < 1 || u.requests[first-1] != "GET /agents/"+applying {
		t.Error("the list of several pages is not read again right before the first create: an agent can hide between two pages")
	}
	return u
}

// checkIDs wants the entries that stay, and those that change, to keep their ids and what the server made for them: of
// three entries of a list, one is new. All other runs are compared with this one.
func checkIDs(t *testing.T, u *undisturbed) {
	t.Helper()
	checked := 0
	for key, a := range u.clean.agents {
		for _, l := range nested {
			now := entries(a.fields[l.field])
			stored := entries(u.before.agents[key].fields[l.field])
			if len(now) != 3 || len(stored) != 3 || reflect.DeepEqual(stored, now) { // held, where connectors have no names
				continue
			}
			checked++
			kept := 0
			for _, was := range stored {
				for _, e := range now {
					if was["id"] == e["id"] && was["secret"] == e["secret"] && (l.field != "outboundTriggers" || was["url"] == e["url"]) && was[l.keep] == e[l.keep] {
						kept++
					}
				}
			}
			if kept != 2 {
				t.Errorf("%s of %s: %d entries were kept as they should be, want 2", l.field, a.name, kept)
			}
		}
	}
	if checked < len(nested) {
		t.Errorf("%d lists were looked at, want at least %d", checked, len(nested))
	}
}

// Every fault at every request: what the run reports is true, and the next one ends as if nothing had been.
func TestFaults(t *testing.T) {
	defs := newDefinitions(t)
	var mu gosync.Mutex
	var all []outcome
	want := 0
	t.Run("cases", func(t *testing.T) {
		for _, g := range generations {
			u := undisturbedRun(t, &g, defs)
			for i, f := range faults {
				for k := range u.requests {
					want++
					if thinned(i + k) {
						continue
					}
					t.Run(fmt.Sprintf("%s/%s/%d %s", g.name, f.name, k+1, u.requests[k]), func(t *testing.T) {
						t.Parallel()
						synctest.Test(t, func(t *testing.T) {
							o := disturb(t, &g, u, defs, f, k+1)
							mu.Lock()
							defer mu.Unlock()
							all = append(all, o)
						})
					})
				}
			}
		}
	})
	if len(all) == want && !t.Failed() {
		checkTable(t, "faults", faultTable(all, faults))
	}
}

// disturb is one case.
func disturb(t *testing.T, g *generation, u *undisturbed, defs *definitions, f fault, k int) outcome {
	t.Helper()
	s := newOrganization(t, g)
	l := &line{server: s.RoundTripper(), at: k, fault: f}
	first := run(t, defs, l)
	now := snapshot(t, s, u.before)
	for _, what := range untrue(first, u.before, now, u.clean) {
		t.Errorf("after the first run: %s", what)
	}
	if touched := foreignTouched(u.before, now); len(touched) > 0 {
		t.Errorf("after the first run, foreign agents are not as they were: %q", touched)
	}
	if len(l.strangers) > 0 {
		t.Errorf("the key went to %q", l.strangers)
	}
	if len(l.seen) < k {
		t.Errorf("the fault did not happen: %d requests", len(l.seen))
	}
	next := run(t, defs, &line{server: s.RoundTripper()})
	if next.code() != 0 {
		t.Errorf("the next run ends with %d: %v", next.code(), next.reason())
	}
	if d := difference(u.clean, snapshot(t, s, u.before)); d != "" {
		t.Errorf("after the next run (-clean +got):\n%s", d)
	}
	checkLimit(t, s)
	return outcome{u.requests[k-1], f.name, first.said(), next.did()}
}

// checkLimit finds requests that the server turned away for being too many.
func checkLimit(t *testing.T, s *simulator.Server) {
	t.Helper()
	for _, r := range s.Requests() {
		if r.Status == 429 {
			t.Errorf("%s %s was answered 429", r.Method, r.Path)
		}
	}
}

// reason is what a run said of its failure.
func (v *verdict) reason() string {
	switch {
	case v.err != nil:
		return v.err.Error()
	case v.plan != nil && len(v.plan.Refused) > 0:
		return v.plan.Refused[0].Reason
	case v.report != nil && v.report.Err() != nil:
		return v.report.Err().Error()
	}
	return ""
}

// said is how a run ended, in a few words.
func (v *verdict) said() string {
	switch {
	case v.killed:
		return "killed"
	case v.code() == 0:
		return "exit 0, all applied"
	case v.report == nil:
		return fmt.Sprintf("exit %d, no plan, nothing written", v.code())
	}
	return fmt.Sprintf("exit %d, tells which change failed", v.code())
}

// did is what a run found to do.
func (v *verdict) did() string {
	if v.plan == nil || v.plan.Empty() {
		return "nothing to do"
	}
	return "does the rest"
}
