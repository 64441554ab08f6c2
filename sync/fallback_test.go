package sync_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/sync"
	"wassist-sync/wassist/simulator"
)

const toolOf = `tools: [{name: find, description: %s, apiSchema: {method: GET, url: https://api.example/v1}}]`

func storedTool(description string) []any {
	return []any{map[string]any{"name": "find", "description": description, "apiSchema": map[string]any{"method": "GET", "url": "https://api.example/v1"}, "active": false}}
}

// threeDesks are agents of which two change a list and one a text.
func threeDesks(t tester, w *world) *sync.Plan {
	for _, name := range []string{"A", "B", "C"} {
		w.server.AddAgent(map[string]any{"name": name, "description": "old", "systemPrompt": "by hand", "tools": storedTool("old"), "documents": []any{"kept"}})
	}
	p := w.plan(t, load(t, nil, "name: A\ndescription: new\n"+fmt.Sprintf(toolOf, "new"), "name: B\ndescription: new", "name: C\n"+fmt.Sprintf(toolOf, "new")), sync.Options{})
	w.server.ResetLog()
	return p
}

// Which writes are sent when the API does not know PATCH, or drops lists from
// it: what is learnt on the first agent holds for all later ones.
func TestFallbackToPut(t *testing.T) {
	t.Parallel()
	putFrom := []string{"PATCH agents/A/", "PUT agents/A/", "PUT agents/B/", "PUT agents/C/"}
	// the answer to the PATCH may be partial: the PUT stands on a reading
	readFirst := []string{"PATCH agents/A/", "GET agents/A/", "PUT agents/A/", "PUT agents/B/", "PUT agents/C/"}
	for _, tt := range []struct {
		name     string
		options  simulator.Options
		fault    *simulator.Fault
		log      []string
		outcomes []string
	}{
		{"PATCH works", simulator.Options{}, nil, []string{"PATCH agents/A/", "PATCH agents/B/", "PATCH agents/C/"}, nil},
		{"405", simulator.Options{Profile: simulator.ProfileDocumented, PutResets: true}, nil, putFrom, nil},
		{"lists dropped", simulator.Options{DropListsOnPatch: true, PutResets: true}, nil, readFirst, nil},
		{"404 without a PATCH method", simulator.Options{PutResets: true}, &simulator.Fault{Method: "PATCH", Kind: simulator.Status, Code: 404},
			readFirst, nil},
		{"lists dropped by both", simulator.Options{DropListsOnPatch: true, DropListsOnPut: true}, nil,
			[]string{"PATCH agents/A/", "GET agents/A/", "PUT agents/A/", "GET agents/A/", "PUT agents/B/", "PUT agents/C/", "GET agents/C/"},
			[]string{"update A: failed", "update B: applied", "update C: failed"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tt.options)
			p := threeDesks(t, w)
			if tt.fault != nil {
				w.server.Fault(*tt.fault)
			}
			before := w.called(t, "A")
			r := w.apply(t, p)
			if d := cmp.Diff(tt.log, w.log()); d != "" {
				t.Errorf("requests (-want +got):\n%s", d)
			}
			if tt.outcomes != nil {
				if d := cmp.Diff(tt.outcomes, outcomes(r)); d != "" {
					t.Errorf("outcomes (-want +got):\n%s", d)
				}
				if err := r.Results[0].Err; !errors.Is(err, sync.ErrNotStored) || !strings.HasPrefix(err.Error(), "tools: accepted but not stored") {
					t.Errorf("error %v", err)
				}
				return
			}
			if err := r.Err(); err != nil {
				t.Fatal(err)
			}
			for name, text := range map[string]string{"A": "new", "B": "new", "C": "old"} {
				if a := w.called(t, name); a["description"] != text || a["systemPrompt"] != "by hand" || fmt.Sprint(a["documents"]) != "[kept]" {
					t.Errorf("%s: %v %v %v", name, a["description"], a["systemPrompt"], a["documents"])
				}
			}
			tool := func(a map[string]any) map[string]any { return a["tools"].([]any)[0].(map[string]any) }
			if is, was := tool(w.called(t, "A")), tool(before); is["id"] != was["id"] || is["active"] != false || is["description"] != "new" {
				t.Errorf("the tool is %v now, was %v", is, was)
			}
		})
	}
}

// A bare 404 of an agent that reading does not find either is no missing
// method: somebody deleted it.
func TestAgentGone(t *testing.T) {
	t.Parallel()
	for _, options := range []simulator.Options{{}, {Profile: simulator.ProfileDocumented}} {
		w := newWorld(t, options)
		p := threeDesks(t, w)
		w.server.RemoveAgent(p.Changes[1].ID)
		r := w.apply(t, p)
		if d := cmp.Diff([]string{"update A: applied", "update B: failed", "update C: applied"}, outcomes(r)); d != "" {
			t.Errorf("outcomes (-want +got):\n%s", d)
		}
		err := r.Results[1].Err
		if !errors.Is(err, sync.ErrChanged) || !errors.Is(err, sync.ErrNotFound) || !strings.Contains(err.Error(), "the agent is gone from Wassist") {
			t.Errorf("error %v", err)
		}
		last := w.log()[len(w.log())-1]
		if want := map[string]string{"": "PATCH", simulator.ProfileDocumented: "PUT"}[options.Profile] + " agents/C/"; last != want {
			t.Errorf("the last request is %s, want %s: a deleted agent teaches nothing about PATCH", last, want)
		}
	}
}

// An agent that cannot be read after a 404 fails, and nothing is written.
func TestNotFoundAndUnreadable(t *testing.T) {
	t.Parallel()
	f := &fake{agents: named("Desk")(t), errors: map[string][]error{"patch Desk": {sync.ErrNotFound}, "get " + fakeID(1): {errors.New("gateway down")}}}
	p := f.plan(t, load(t, nil, "name: Desk\ndescription: new"), sync.Options{})
	f.calls = nil
	r := f.apply(t, p)
	if err := r.Err(); err == nil || !strings.Contains(err.Error(), "gateway down") {
		t.Errorf("error %v", err)
	}
	if d := cmp.Diff([]string{"patch Desk", "get " + fakeID(1)}, f.calls); d != "" {
		t.Errorf("calls (-want +got):\n%s", d)
	}
}

// What the answer holds decides whether a write counts.
func TestAnswersAreCompared(t *testing.T) {
	t.Parallel()
	document := "name: Desk\ndescription: New\nicebreakers: [a, b]\npaywallConfig: {messageLimit: 5}"
	for _, tt := range []struct {
		name   string
		answer func(id string, fields map[string]any)
		failed string
		note   string
	}{
		{"stored", nil, "", ""},
		{"noise", func(_ string, m map[string]any) { m["description"] = " New\r\n" }, "", ""},
		{"another form", func(_ string, m map[string]any) { m["description"] = "new" }, "", "Desk: Wassist stored description in another form than it was sent; the next plan may show it again"},
		{"a text not stored", func(_ string, m map[string]any) { delete(m, "description") }, "description: accepted but not stored: Wassist holds what was there before", ""},
		{"a part of an object not stored", func(_ string, m map[string]any) { delete(m, "paywallConfig") }, "paywallConfig: accepted but not stored: Wassist holds what was there before", ""},
		{"two not stored", func(_ string, m map[string]any) { delete(m, "paywallConfig"); delete(m, "description") }, "description, paywallConfig: accepted but not stored: Wassist holds what was there before", ""},
		{"an object in another form", func(_ string, m map[string]any) { m["paywallConfig"] = map[string]any{"messageLimit": "6"} }, "", "Desk: Wassist stored paywallConfig.messageLimit in another form than it was sent; the next plan may show it again"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &fake{agents: []sync.Agent{storedAgent(t, 1, "Desk", `{"description":"old","icebreakers":["x"],"paywallConfig":{"messageLimit":1}}`)}, answer: tt.answer}
			p := f.plan(t, load(t, nil, document), sync.Options{})
			f.calls = nil
			r := f.apply(t, p)
			calls := []string{"patch Desk"}
			if tt.failed != "" {
				calls = append(calls, "get "+fakeID(1)) // an answer may be partial: a reading condemns
			}
			if d := cmp.Diff(calls, f.calls); d != "" {
				t.Errorf("calls (-want +got):\n%s", d)
			}
			res := r.Results[0]
			if tt.failed == "" && res.Err != nil || tt.failed != "" && (res.Err == nil || res.Err.Error() != tt.failed || !errors.Is(res.Err, sync.ErrNotStored)) {
				t.Errorf("%s: %v, want %q", res.Outcome, res.Err, tt.failed)
			}
			want := []string{tt.note}
			if tt.note == "" {
				want = nil
			}
			if d := cmp.Diff(want, r.Notes); d != "" {
				t.Errorf("notes (-want +got):\n%s", d)
			}
		})
	}
}

// A scalar that PATCH drops is no reason to write the whole agent; a list of
// texts is.
func TestDroppedTexts(t *testing.T) {
	t.Parallel()
	f := &fake{agents: named("Desk")(t)}
	f.answer = func(_ string, m map[string]any) {
		if len(f.callsNamed("put")) == 0 {
			delete(m, "icebreakers")
		}
	}
	p := f.plan(t, load(t, nil, "name: Desk\ndescription: new\nicebreakers: [a]"), sync.Options{})
	f.calls = nil
	if err := f.apply(t, p).Err(); err != nil {
		t.Error(err)
	}
	if d := cmp.Diff([]string{"patch Desk", "get " + fakeID(1), "put Desk"}, f.calls); d != "" {
		t.Errorf("calls (-want +got):\n%s", d)
	}
}

// A write that may have taken effect in part is not repeated as it was: the
// agent is read first, and only what is left is written.
func TestPartlyTakenUpdate(t *testing.T) {
	t.Parallel()
	t.Run("all of it took effect", func(t *testing.T) {
		f := &fake{agents: named("Desk")(t), errors: map[string][]error{"patch Desk": {after{errLost}}}}
		p := f.plan(t, load(t, nil, "name: Desk\n"+fmt.Sprintf(toolOf, "new")), sync.Options{})
		f.calls = nil
		if err := f.apply(t, p).Err(); err != nil {
			t.Error(err)
		}
		if d := cmp.Diff([]string{"patch Desk", "get " + fakeID(1)}, f.calls); d != "" {
			t.Errorf("calls (-want +got):\n%s", d)
		}
	})
	t.Run("half of it did", func(t *testing.T) {
		var sent []string
		f := &fake{agents: named("Desk")(t), errors: map[string][]error{"patch Desk": {after{errLost}}}}
		f.answer = func(_ string, m map[string]any) {
			sent = append(sent, fmt.Sprint(len(m)))
			if len(sent) == 1 {
				delete(m, "firstMessage")
			}
		}
		p := f.plan(t, load(t, nil, "name: Desk\ndescription: new\nfirstMessage: new"), sync.Options{})
		f.calls = nil
		if err := f.apply(t, p).Err(); err != nil {
			t.Error(err)
		}
		if d := cmp.Diff([]string{"patch Desk", "get " + fakeID(1), "patch Desk"}, f.calls); d != "" {
			t.Errorf("calls (-want +got):\n%s", d)
		}
		if d := cmp.Diff([]string{"2", "1"}, sent); d != "" {
			t.Errorf("fields sent (-want +got):\n%s", d)
		}
	})
	t.Run("nobody can tell", func(t *testing.T) {
		f := &fake{agents: named("Desk")(t), errors: map[string][]error{"patch Desk": {errLost}, "get " + fakeID(1): {errors.New("gateway down")}}}
		p := f.plan(t, load(t, nil, "name: Desk\ndescription: new"), sync.Options{})
		err := f.apply(t, p).Err()
		for _, text := range []string{"not known whether the write took effect", "connection reset", "gateway down", "run again"} {
			if err == nil || !strings.Contains(err.Error(), text) {
				t.Errorf("the error does not say %q: %v", text, err)
			}
		}
	})
}

// New entries are not doubled when the answer to the write that made them is lost.
func TestNewEntriesAreNotDoubled(t *testing.T) {
	t.Parallel()
	for _, kind := range []simulator.Kind{simulator.DropAfter, simulator.StatusAfter, simulator.HangAfter} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, simulator.Options{})
			w.server.AddAgent(map[string]any{"name": "Desk"})
			set := load(t, nil, "name: Desk\n"+fmt.Sprintf(toolOf, "new"))
			p := w.plan(t, set, sync.Options{})
			w.server.Fault(simulator.Fault{Method: "PATCH", Nth: 1, Kind: kind})
			if err := w.apply(t, p).Err(); err != nil {
				t.Error(err)
			}
			if got := len(w.called(t, "Desk")["tools"].([]any)); got != 1 {
				t.Errorf("%s: %d tools, want 1", kind, got)
			}
		})
	}
}

// An entry that was to go and is still there was not stored, even if Wassist
// changed something of its own in it meanwhile.
func TestRemovalNotStored(t *testing.T) {
	t.Parallel()
	entry := func(name string) []any {
		return []any{map[string]any{"id": "h", "childAgentId": fakeID(2), "description": "d", "childAgentName": name}}
	}
	f := &fake{agents: []sync.Agent{storedAgent(t, 1, "Desk", `{}`), storedAgent(t, 2, "Child", `{}`)}}
	f.agents[0].Stored = document{"handoffTools": entry("Trade")}
	f.answer = func(_ string, m map[string]any) {
		delete(m, "handoffTools")
		f.agents[0].Stored.(document)["handoffTools"] = entry(fmt.Sprint("Renamed ", len(f.calls)))
	}
	p := f.plan(t, load(t, nil, "name: Desk\nhandoffTools: []"), sync.Options{})
	f.calls = nil
	r := f.apply(t, p)
	if d := cmp.Diff([]string{"patch Desk", "get " + fakeID(1), "put Desk", "get " + fakeID(1)}, f.calls); d != "" {
		t.Errorf("calls (-want +got):\n%s", d)
	}
	if err := r.Err(); !errors.Is(err, sync.ErrNotStored) {
		t.Errorf("error %v, notes %v; the entry is still there", err, r.Notes)
	}
}

// Writing the whole agent must not take away what is declared and was right.
func TestPutTakesAway(t *testing.T) {
	t.Parallel()
	f := &fake{agents: []sync.Agent{storedAgent(t, 1, "Desk", `{"description":"old","reasoningEffort":"low"}`)}, errors: map[string][]error{"patch Desk": {sync.ErrPartialUnsupported}}}
	f.answer = func(_ string, m map[string]any) { m["reasoningEffort"] = nil }
	p := f.plan(t, load(t, nil, "name: Desk\ndescription: new\nreasoningEffort: low"), sync.Options{})
	r := f.apply(t, p)
	if err := r.Err(); !errors.Is(err, sync.ErrNotStored) || !strings.Contains(err.Error(), "reasoningEffort") {
		t.Errorf("error %v, want one that names the field that was lost", err)
	}
}

// A partial write is not to blame for what else is different in its answer:
// somebody edited that meanwhile, and the next plan shows it.
func TestPatchIsNotBlamed(t *testing.T) {
	t.Parallel()
	f := &fake{agents: []sync.Agent{storedAgent(t, 1, "Desk", `{"description":"old","reasoningEffort":"low"}`)}}
	f.answer = func(_ string, m map[string]any) { m["reasoningEffort"] = "high" }
	p := f.plan(t, load(t, nil, "name: Desk\ndescription: new\nreasoningEffort: low"), sync.Options{})
	if r := f.apply(t, p); r.Err() != nil || len(r.Notes) > 0 {
		t.Errorf("error %v, notes %v", r.Err(), r.Notes)
	}
}

// A reading that is renewed on the way from PATCH to PUT may show that nothing
// is left to do.
func TestNothingLeftForPut(t *testing.T) {
	t.Parallel()
	f := &fake{agents: named("Desk")(t), errors: map[string][]error{"patch Desk": {after{sync.ErrNotFound}}}}
	p := f.plan(t, load(t, nil, "name: Desk\ndescription: new"), sync.Options{})
	f.calls = nil
	if err := f.apply(t, p).Err(); err != nil {
		t.Error(err)
	}
	if d := cmp.Diff([]string{"patch Desk", "get " + fakeID(1)}, f.calls); d != "" {
		t.Errorf("calls (-want +got):\n%s", d)
	}
}

// Nor may it take away what nobody declared, unseen; a child that was renamed
// meanwhile is no loss.
func TestPutTakesAwayWhatIsNotDeclared(t *testing.T) {
	t.Parallel()
	const stored = `{"description":"old","icebreakers":["a"],"handoffTools":[{"id":"h","childAgentId":"c","childAgentName":"Child","description":"d"}]}`
	for _, tt := range []struct {
		name   string
		answer func(m map[string]any)
		want   string
	}{
		{"nothing", func(map[string]any) {}, ""},
		{"a list", func(m map[string]any) { m["icebreakers"] = []any{} }, "icebreakers"},
		{"a computed name", func(m map[string]any) {
			m["handoffTools"] = []any{map[string]any{"id": "h", "childAgentId": "c", "childAgentName": "Renamed", "description": "d"}}
		}, ""},
		{"a default that was left out", func(m map[string]any) {
			m["handoffTools"] = []any{map[string]any{"id": "h", "childAgentId": "c", "childAgentName": "Child", "description": "d", "active": true, "updatedAt": "now"}}
		}, ""},
		{"a default that was changed", func(m map[string]any) {
			m["handoffTools"] = []any{map[string]any{"id": "h", "childAgentId": "c", "childAgentName": "Child", "description": "d", "active": false}}
		}, "handoffTools"},
		{"an entry's id", func(m map[string]any) {
			m["handoffTools"] = []any{map[string]any{"id": "new", "childAgentId": "c", "childAgentName": "Child", "description": "d"}}
		}, "handoffTools"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &fake{agents: []sync.Agent{storedAgent(t, 1, "Desk", stored)}, errors: map[string][]error{"patch Desk": {sync.ErrPartialUnsupported}}}
			f.answer = func(_ string, m map[string]any) { tt.answer(m) }
			r := f.apply(t, f.plan(t, load(t, nil, "name: Desk\ndescription: new"), sync.Options{}))
			err := r.Err()
			if tt.want == "" && err != nil || tt.want != "" && (!errors.Is(err, sync.ErrNotStored) || !strings.Contains(err.Error(), tt.want+":")) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// A part of a new entry that the server drops, or resets to its default, was
// not stored: the tool would be live without its header.
func TestPartOfANewEntryNotStored(t *testing.T) {
	t.Parallel()
	f := &fake{agents: []sync.Agent{storedAgent(t, 1, "Desk", `{"tools":[]}`)}}
	f.answer = func(_ string, m map[string]any) {
		tool := m["tools"].([]any)[0].(map[string]any)
		tool["active"] = true
		delete(tool["apiSchema"].(map[string]any), "request_headers")
	}
	r := f.apply(t, f.plan(t, load(t, nil, `name: Desk
tools:
  - name: b
    description: d
    active: false
    apiSchema: {method: GET, url: https://x.example/p, request_headers: {Authorization: {input: {type: value, value: token}}}}`), sync.Options{}))
	if err := r.Err(); !errors.Is(err, sync.ErrNotStored) || !strings.Contains(err.Error(), "tools:") {
		t.Errorf("error %v, notes %v", err, r.Notes)
	}
}

// What the server made of our own write is nobody else's edit: one PATCH that
// drops a list and rewrites a text goes on with PUT.
func TestOwnEchoIsNoEdit(t *testing.T) {
	t.Parallel()
	f := &fake{agents: []sync.Agent{storedAgent(t, 1, "Desk", `{"firstMessage":"old","tools":[]}`)}}
	partial := true
	f.answer = func(_ string, m map[string]any) {
		m["firstMessage"] = "NEW"
		if partial {
			m["tools"] = []any{}
		}
		partial = false
	}
	p := f.plan(t, load(t, nil, "name: Desk\nfirstMessage: new\n"+fmt.Sprintf(toolOf, "new")), sync.Options{})
	r := f.apply(t, p)
	if err := r.Err(); err == nil || errors.Is(err, sync.ErrChanged) || f.calls[len(f.calls)-1] == "patch Desk" {
		t.Errorf("error %v after %v; want one about what was stored, after a PUT", err, f.calls)
	}
}
