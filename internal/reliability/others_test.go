package reliability

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	gosync "sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/sync"
)

// youngEnough is how old a reading may be when a list is written that was computed from it, as design has it; the
// request that writes is on its way for a while.
const youngEnough = 60*time.Second + latency

// What becomes of an edit.
const (
	fateStands = "stands"
	fateTold   = "stands, and the run tells of it"
	fateShown  = "undone, and the plan shows it"
	fateUnseen = "undone unseen"
	// fateRefused comes beside one of the others.
	fateRefused = "the next run refuses"
)

// What somebody else does while a run is under way: nothing of it that the run could have seen is undone without
// being shown, no list is written from an old reading, nothing foreign is touched, nobody is there twice.
func TestSecondWriter(t *testing.T) {
	definitions := newDefinitions(t)
	var mu gosync.Mutex
	fates := map[string]map[string]int{}
	want, done := 0, 0
	t.Run("cases", func(t *testing.T) {
		for _, g := range generations {
			u := undisturbedRun(t, &g, definitions)
			for i, e := range edits {
				for k := range u.requests {
					want++
					if thinned(i + k) {
						continue
					}
					t.Run(fmt.Sprintf("%s/%s/%d %s", g.name, e.name, k+1, u.requests[k]), func(t *testing.T) {
						t.Parallel()
						synctest.Test(t, func(t *testing.T) {
							became := interfere(t, &g, definitions, &e, k+1)
							mu.Lock()
							defer mu.Unlock()
							if fates[e.name] == nil {
								fates[e.name] = map[string]int{}
							}
							for _, fate := range became {
								fates[e.name][fate]++
							}
							done++
						})
					})
				}
			}
		}
	})
	if done == want && !t.Failed() {
		checkTable(t, "edits", fateTable(fates))
	}
}

// interfere is one case: the edit comes before request k.
func interfere(t *testing.T, g *generation, definitions *definitions, e *edit, k int) (became []string) {
	t.Helper()
	s := newOrganization(t, g)
	o := newOthers(t, s)
	var edited time.Time
	var theirs map[string]map[string]any
	l := &line{server: s.RoundTripper(), at: k, keep: true, meanwhile: func() {
		there := o.all()
		e.do(o)
		edited, theirs = time.Now(), o.theirs(there)
	}}
	v := run(t, definitions, l)
	if edited.IsZero() {
		t.Fatal("the edit did not happen")
	}
	if len(l.strangers) > 0 {
		t.Errorf("the key went to %q", l.strangers)
	}
	became = []string{judge(t, g, e, o, v, l, edited)}
	for id, was := range theirs {
		adopted := e.adopted && v.plan != nil && slices.ContainsFunc(v.plan.Changes, func(c sync.Change) bool { return c.ID == id })
		if now := o.all()[id]; !adopted && !reflect.DeepEqual(was, now) {
			t.Errorf("%s is not ours, and has changed: %s", was["name"], cmp.Diff(was, now))
		}
	}
	checkPlan(t, o, e, v)
	second := &line{server: s.RoundTripper(), keep: true}
	next := run(t, definitions, second)
	twice := o.twice()
	switch {
	case next.code() == 3 && len(twice) == 0 && !strings.Contains(e.name, "to be deleted"):
		t.Errorf("the next run is refused: %s", next.reason())
	case next.code() != 0 && next.code() != 3:
		t.Errorf("the next run ends with %d: %s", next.code(), next.reason())
	case len(twice) > 0 && next.code() != 3:
		t.Errorf("%q are there twice, and the next run does not tell", twice)
	case len(twice) > 0 && (!e.adopted || l.listedBetween(edited, "Cakes")):
		t.Errorf("%q are there twice", twice)
	}
	switch next.code() {
	case 3: // until somebody has decided
		became = append(became, fateRefused)
		if i := slices.IndexFunc(second.calls, func(c call) bool { return c.method != "GET" }); i >= 0 {
			t.Errorf("a run that is refused writes: %s %s", second.calls[i].method, second.calls[i].path)
		}
	case 0:
		if third := run(t, definitions, &line{server: s.RoundTripper()}); third.code() != 0 || !third.plan.Empty() {
			t.Errorf("a third run still finds something to do (%s)", third.reason())
		}
	}
	return became
}

// judge tells what became of the edit, and whether that may be.
func judge(t *testing.T, g *generation, e *edit, o *others, v *verdict, l *line, edited time.Time) string {
	t.Helper()
	told := v.err != nil || v.plan != nil && len(v.plan.Refused) > 0
	if v.report != nil {
		told = told || slices.ContainsFunc(v.report.Results, func(r sync.Result) bool { return errors.Is(r.Err, sync.ErrChanged) })
	}
	switch {
	case e.stands == nil || e.stands(o):
		if told {
			return fateTold
		}
		return fateStands
	case e.whole && g.name == "PATCH":
		t.Error("undone by a write that did not concern it")
	}
	var last, wrote time.Time
	seen, planned := false, false
	for _, c := range l.calls {
		switch {
		case c.method == "GET" && o.shows(e, c):
			last = c.sent
			if c.handled.Before(edited) {
				continue
			}
			seen, planned = true, planned || c.planning
		case c.method != "GET" && o.concerns(e.at, c) && !c.handled.Before(edited):
			wrote = c.handled
		}
		if !wrote.IsZero() {
			break
		}
	}
	switch {
	case wrote.IsZero():
		t.Errorf("undone, and no write is to blame: %d calls", len(l.calls))
	case planned:
		return fateShown
	case seen:
		t.Error("read before the write, undone by it, and not told")
	case !e.unbounded && wrote.Sub(last) > youngEnough:
		t.Errorf("undone by a write that stood on a reading %v old", wrote.Sub(last))
	}
	return fateUnseen
}

// listedBetween tells whether a list was read after a time and before an agent of this name was created.
func (l *line) listedBetween(from time.Time, name string) bool {
	listed := false
	for _, c := range l.calls {
		switch {
		case c.handled.Before(from) || !strings.HasSuffix(c.path, "/agents/"):
		case c.method == "GET":
			listed = true
		case strings.Contains(c.answer, `"name":"`+name+`"`):
			return listed
		}
	}
	return false
}

// shows tells whether the answer to a reading holds what the edit changed.
func (o *others) shows(e *edit, c call) bool {
	by := e.shownBy
	if by == nil {
		by = []string{e.at}
	}
	return slices.ContainsFunc(by, func(what string) bool {
		if isNumber(what) {
			return !strings.Contains(c.path, "/agents/") && strings.Contains(c.answer, what[1:])
		}
		return strings.Contains(c.path, "/agents/") && strings.Contains(c.answer, `"id":"`+o.ids[what]+`"`)
	})
}

// concerns tells whether a write is one of this agent or number.
func (o *others) concerns(at string, c call) bool {
	if !isNumber(at) {
		return strings.Contains(c.path, o.ids[at])
	}
	return strings.Contains(c.path, at[1:]) || strings.Contains(c.path, "/deploy-agent/")
}

// all are the agents that are there, by id.
func (o *others) all() map[string]map[string]any {
	out := map[string]map[string]any{}
	for _, a := range o.server.Agents() {
		delete(a, "phoneNumbers") // no part of the agent: who answers a number is the number's
		out[a["id"].(string)] = a
	}
	return out
}

// theirs are the agents that are none of ours: the foreign ones, and what came into being just now.
func (o *others) theirs(before map[string]map[string]any) map[string]map[string]any {
	out := map[string]map[string]any{}
	for id, a := range o.all() {
		if before[id] == nil || isForeign(a["name"].(string)) {
			out[id] = a
		}
	}
	return out
}

// twice are the names that several agents bear, and only one should.
func (o *others) twice() []string {
	count := map[string]int{}
	for _, a := range o.server.Agents() {
		count[a["name"].(string)]++
	}
	var out []string
	for name, n := range count {
		if n > 1 && name != "Twin" {
			out = append(out, name)
		}
	}
	return out
}

// checkPlan wants every agent that was there all the time to be in the plan: one that slipped through a gap between
// two pages would be created again, or be missing among those that are none of ours.
func checkPlan(t *testing.T, o *others, e *edit, v *verdict) {
	t.Helper()
	if v.plan == nil {
		return
	}
	for _, c := range v.plan.Changes {
		if c.Action == sync.Create && o.ids[c.Agent] != "" && c.Agent != e.at {
			t.Errorf("%s was there, and the plan creates it", c.Agent)
		}
	}
	for _, f := range foreign {
		name := f["name"].(string)
		if o.agent(name) != nil && !slices.ContainsFunc(v.plan.Unmanaged, func(u sync.Unmanaged) bool { return u.Agent == name }) {
			t.Errorf("%s was there, and the plan does not count it", name)
		}
	}
}
