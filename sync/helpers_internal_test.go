package sync

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"wassist-sync/spec"
)

// canary is a secret that may be printed nowhere.
const canary = "cAnArY-7f3e"

// Ids of agents and connectors in tests.
const (
	billingID = "b1000000-0000-4000-8000-000000000001"
	salesID   = "b2000000-0000-4000-8000-000000000002"
	orphanID  = "b3000000-0000-4000-8000-000000000003"
	stripeID  = "c1000000-0000-4000-8000-000000000001"
)

// define reads one definition, called Desk; every !env variable is the canary.
func define(t testing.TB, fields string) *spec.Agent {
	t.Helper()
	text := "name: Desk\n" + fields + "\n---\nname: Billing\n---\nname: Sales\n"
	set, err := spec.Load(fstest.MapFS{"agents/a.yaml": {Data: []byte(text)}}, "agents")
	if err != nil {
		t.Fatalf("the test's definition is wrong: %v\n%s", err, text)
	}
	if err := set.ResolveEnv(func(string) (string, bool) { return canary, true }); err != nil {
		t.Fatalf("the test's definition is wrong: %v", err)
	}
	for _, a := range set.Agents {
		if a.Name == "Desk" {
			return a
		}
	}
	t.Fatal("no definition called Desk")
	return nil
}

// decodeJSON reads JSON as the adapters hand it over: numbers as json.Number.
func decodeJSON(t testing.TB, text string) map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var out map[string]any
	if err := d.Decode(&out); err != nil {
		t.Fatalf("the test's JSON is wrong: %v\n%s", err, text)
	}
	return out
}

// testReferences knows Billing (stored), Sales (not created yet) and Stripe.
func testReferences() *references {
	r := newReferences()
	r.agents["Billing"], r.names[billingID] = billingID, "Billing"
	r.agents["Sales"] = ""
	r.names[orphanID] = "Orphan"
	r.connectors["Stripe"], r.connectorNames[stripeID] = stripeID, "Stripe"
	return r
}

// render writes differences as people would: path: before -> after.
func render(t testing.TB, fields []Field) []string {
	t.Helper()
	out := make([]string, 0, len(fields))
	for _, f := range fields {
		if f.Cause != CauseUnknown || f.Commit != "" {
			t.Errorf("%s: cause %q, commit %q: without history it is unknown", f.Path, f.Cause, f.Commit)
		}
		if f.Sensitive {
			if f.Before != nil || f.After != nil {
				t.Errorf("%s is sensitive and shows values", f.Path)
			}
			out = append(out, f.Path+": sensitive")
			continue
		}
		out = append(out, f.Path+": "+compact(t, f.Before)+" -> "+compact(t, f.After))
	}
	return out
}

func compact(t testing.TB, v any) string {
	t.Helper()
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatalf("a plan's value is no JSON: %v", err)
	}
	return strings.TrimSpace(b.String())
}
