package reliability

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/wassist/simulator"
)

// state is what an organization holds, deleted agents included, in a form in which two runs compare: what was there
// before the first run keeps its ids, and what came into being bears its name in place of them.
type state struct {
	agents   map[string]agent // by key; see snapshot
	numbers  map[string]any   // by digits
	routings []string         // every change of who answers a number, so far
	rest     any
}

type agent struct {
	name    string
	deleted bool
	fields  map[string]any
}

// snapshot takes the state. known are the ids that were there before; nil takes all as known.
func snapshot(t testing.TB, s *simulator.Server, known *state) *state {
	t.Helper()
	var raw map[string]any
	if err := json.Unmarshal(s.State(), &raw); err != nil {
		t.Fatal(err)
	}
	if known != nil {
		var pairs []string
		for _, a := range entries(raw["agents"]) {
			if id := a["id"].(string); known.agents[id].fields == nil {
				pairs = append(pairs, id, newKey(a, pairs))
			}
		}
		replaceTexts(raw, strings.NewReplacer(pairs...))
	}
	out := &state{agents: map[string]agent{}, numbers: map[string]any{}}
	for _, a := range entries(raw["agents"]) {
		key, fields := a["id"].(string), a["fields"].(map[string]any)
		fields["createdAt"] = a["createdAt"]
		if strings.HasPrefix(key, "new ") {
			fields["createdAt"] = "in a run"
		}
		deleted, _ := a["deleted"].(bool)
		out.agents[key] = agent{fields["name"].(string), deleted, fields}
	}
	for _, n := range entries(raw["numbers"]) {
		out.numbers[n["number"].(string)] = n
	}
	for _, r := range s.Routings() {
		key := r.AgentID
		if known != nil && key != "" && known.agents[key].fields == nil {
			key = "new " + s.Agent(key)["name"].(string)
		}
		out.routings = append(out.routings, fmt.Sprintf("%s %s to %q, %d sessions cleared", r.Number, r.Call, key, r.SessionsCleared))
	}
	slices.Sort(out.routings)
	if known != nil {
		for key, a := range out.agents {
			anonymous(a.fields, known.agents[key].fields)
		}
	}
	for _, key := range []string{"agents", "numbers", "issued"} {
		delete(raw, key)
	}
	out.rest = raw
	return out
}

// newKey names an agent that was not there before: by its name, and by how many of it there are.
func newKey(a map[string]any, others []string) string {
	key := "new " + a["fields"].(map[string]any)["name"].(string)
	for slices.Contains(others, key) {
		key += " again"
	}
	return key
}

// replaceTexts replaces inside all texts of a JSON value.
func replaceTexts(v any, r *strings.Replacer) {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if text, ok := e.(string); ok {
				v[k] = r.Replace(text)
			} else {
				replaceTexts(e, r)
			}
		}
	case []any:
		for i, e := range v {
			if text, ok := e.(string); ok {
				v[i] = r.Replace(text)
			} else {
				replaceTexts(e, r)
			}
		}
	}
}

// anonymous takes away what the server invents for new entries of nested lists: an id that was not there before, and
// a new trigger's address and secret.
func anonymous(now, before map[string]any) {
	for _, l := range nested {
		old := map[any]bool{}
		for _, e := range entries(before[l.field]) {
			old[e["id"]] = true
		}
		for _, e := range entries(now[l.field]) {
			if old[e["id"]] {
				continue
			}
			for _, made := range []string{"id", "url", "secret"} {
				if text, ok := e[made].(string); ok && (made != "url" || l.field == "outboundTriggers") && text != "" {
					e[made] = "new"
				}
			}
		}
	}
	for _, record := range []string{"paywallConfig", "creditSettings"} {
		if m, ok := now[record].(map[string]any); ok && m["id"] != nil {
			if b, _ := before[record].(map[string]any); b["id"] != m["id"] {
				m["id"] = "new"
			}
		}
	}
}

func entries(v any) []map[string]any {
	list, _ := v.([]any)
	var out []map[string]any
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// difference tells where two states differ; empty when they are the same.
func difference(want, got *state) string {
	if reflect.DeepEqual(want, got) {
		return ""
	}
	return cmp.Diff(want, got, cmp.AllowUnexported(state{}, agent{}))
}

// foreignTouched names the agents that are none of ours and not as they were.
func foreignTouched(before, now *state) []string {
	var out []string
	for key, b := range before.agents {
		if isForeign(b.name) && !reflect.DeepEqual(b, now.agents[key]) {
			out = append(out, b.name)
		}
	}
	if d := numberOfForeign[1:]; !reflect.DeepEqual(before.numbers[d], now.numbers[d]) {
		out = append(out, "number "+d)
	}
	return out
}

func isForeign(name string) bool {
	return slices.ContainsFunc(foreign, func(f map[string]any) bool { return f["name"] == name })
}
