package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/sync"
)

// The keys of version 1, in the order in which they are documented.
var (
	planKeys    = []string{"formatVersion", "source", "target", "summary", "changes", "held", "refused", "notes", "unmanaged", "requests", "digest"}
	reportKeys  = append(slices.Clone(planKeys), "results", "requestsMade", "seconds")
	sourceKeys  = []string{"path", "commit", "dirty", "history"}
	targetKeys  = []string{"host", "organization", "env"}
	summaryKeys = []string{"create", "update", "deploy", "undeploy", "delete", "unchanged", "unmanaged", "held"}
	changeKeys  = []string{"action", "agent", "id", "file", "line", "reason", "digest", "fields"}
	fieldKeys   = []string{"path", "before", "after", "sensitive", "cause", "commit"}
	heldKeys    = []string{"action", "agent", "id", "reason"}
	refusedKeys = []string{"rule", "agent", "reason", "liftable"}
	resultKeys  = []string{"action", "agent", "id", "outcome", "error"}
)

func decode(t *testing.T, b []byte) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(b))
	decoder.UseNumber()
	var v map[string]any
	if err := decoder.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	if decoder.More() {
		t.Fatalf("more than one value: %s", b)
	}
	return v
}

func keys(t *testing.T, where string, v any, want []string) map[string]any {
	t.Helper()
	object, ok := v.(map[string]any)
	if !ok {
		t.Fatalf("%s: %T is no object", where, v)
	}
	got := slices.Sorted(maps.Keys(object))
	if diff := cmp.Diff(slices.Sorted(slices.Values(want)), got); diff != "" {
		t.Errorf("%s: keys (-want +got):\n%s", where, diff)
	}
	return object
}

// keysInOrder tells whether the keys of the outermost object come in order.
func keysInOrder(b []byte, want []string) bool {
	last := -1
	for _, key := range want {
		i := bytes.Index(b, []byte("\n  \""+key+"\":"))
		if i < last {
			return false
		}
		last = i
	}
	return true
}

func TestPlanJSON(t *testing.T) {
	p := everything()
	p.Refused = []sync.Refusal{{Rule: "max-deletes", Reason: "four <agents> & more", Liftable: true}, {Rule: "expect", Agent: "Billing", Reason: "x"}}
	var b bytes.Buffer
	if err := PlanJSON(&b, p); err != nil {
		t.Fatal(err)
	}
	golden(t, "everything.json", b.String())
	v := keys(t, "plan", decode(t, b.Bytes()), planKeys)
	if !keysInOrder(b.Bytes(), planKeys) {
		t.Error("the keys are not in the documented order")
	}
	keys(t, "source", v["source"], sourceKeys)
	keys(t, "target", v["target"], targetKeys)
	keys(t, "summary", v["summary"], summaryKeys)
	keys(t, "requests", v["requests"], []string{"planned", "seconds"})
	for _, c := range v["changes"].([]any) {
		change := keys(t, "change", c, changeKeys)
		for _, f := range change["fields"].([]any) {
			field := keys(t, "field", f, fieldKeys)
			if field["sensitive"] == true && (field["before"] != nil || field["after"] != nil) {
				t.Errorf("a sensitive field shows %v → %v", field["before"], field["after"])
			}
		}
	}
	for _, h := range v["held"].([]any) {
		keys(t, "held", h, heldKeys)
	}
	for _, r := range v["refused"].([]any) {
		keys(t, "refused", r, refusedKeys)
	}
	for _, u := range v["unmanaged"].([]any) {
		keys(t, "unmanaged", u, []string{"agent", "id"})
	}
	if !strings.Contains(b.String(), "four <agents> & more") {
		t.Error("HTML escapes in JSON that people read")
	}
	if !strings.Contains(b.String(), `"after": 2.50`) {
		t.Error("a number lost its form")
	}
}

// Nothing may be left out when there is nothing to say: absent, null and empty
// are three things to a program.
func TestPlanJSONEmpty(t *testing.T) {
	var b bytes.Buffer
	if err := PlanJSON(&b, &sync.Plan{Source: source, Target: sync.Target{Host: "h"}}); err != nil {
		t.Fatal(err)
	}
	want := `{
  "formatVersion": 1,
  "source": {"path": "agents", "commit": null, "dirty": false, "history": "none"},
  "target": {"host": "h", "organization": null, "env": null},
  "summary": {"create": 0, "update": 0, "deploy": 0, "undeploy": 0, "delete": 0, "unchanged": 0, "unmanaged": 0, "held": 0},
  "changes": [], "held": [], "refused": [], "notes": [], "unmanaged": [],
  "requests": {"planned": 0, "seconds": 0},
  "digest": null
}`
	if diff := cmp.Diff(decode(t, []byte(want)), decode(t, b.Bytes())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	b.Reset()
	if err := ReportJSON(&b, &sync.Report{Plan: &sync.Plan{}}); err != nil {
		t.Fatal(err)
	}
	v := keys(t, "report", decode(t, b.Bytes()), reportKeys)
	if diff := cmp.Diff([]any{}, v["results"]); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
}

func TestReportJSON(t *testing.T) {
	var b bytes.Buffer
	r := results()
	before := len(r.Plan.Notes)
	if err := ReportJSON(&b, r); err != nil {
		t.Fatal(err)
	}
	golden(t, "results.json", b.String())
	v := keys(t, "report", decode(t, b.Bytes()), reportKeys)
	if !keysInOrder(b.Bytes(), reportKeys) {
		t.Error("the keys are not in the documented order")
	}
	for i, item := range v["results"].([]any) {
		result := keys(t, "result", item, resultKeys)
		if failed := r.Results[i].Err != nil; failed != (result["error"] != nil) {
			t.Errorf("result %d: error is %v", i, result["error"])
		}
	}
	if got := len(v["notes"].([]any)); got != before+1 || len(r.Plan.Notes) != before {
		t.Errorf("%d notes in JSON, %d in the plan; want both kinds, and the plan as it was", got, len(r.Plan.Notes))
	}
	if v["seconds"] != json.Number("1.235") || v["requestsMade"] != json.Number("9") {
		t.Errorf("seconds %v, requestsMade %v", v["seconds"], v["requestsMade"])
	}
}

func TestFailureJSON(t *testing.T) {
	var b bytes.Buffer
	if err := FailureJSON(&b, source, sync.Target{Host: "h"}, errors.New("no\nway"), 3); err != nil {
		t.Fatal(err)
	}
	v := keys(t, "failure", decode(t, b.Bytes()), []string{"formatVersion", "source", "target", "error", "requestsMade"})
	if v["error"] != "no\nway" || v["requestsMade"] != json.Number("3") {
		t.Errorf("error %q, requestsMade %v", v["error"], v["requestsMade"])
	}
}
