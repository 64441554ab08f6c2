package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/spec"
	"wassist-sync/sync"
)

var update = flag.Bool("update", false, "write what is rendered now into testdata")

const id = "3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b61"

// golden compares a text with testdata/NAME.txt, in which ␛ stands for ESC.
func golden(t *testing.T, name, got string) {
	t.Helper()
	got = strings.ReplaceAll(got, "\x1b", "␛")
	file := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func planText(t *testing.T, p *sync.Plan, o TextOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := PlanText(&b, p, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func at(file string, line int) spec.Position { return spec.Position{File: file, Line: line, Column: 1} }

var (
	source = sync.Source{Path: "agents", History: "none"}
	target = sync.Target{Host: "backend.wassist.app", Organization: "Harbour Bakery"}
)

// prompt is a text of n numbered lines, with some replaced.
func prompt(n int, replace map[int]string) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		if text, ok := replace[i]; ok {
			fmt.Fprintln(&b, text)
		} else {
			fmt.Fprintf(&b, "Line %d.\n", i)
		}
	}
	return b.String()
}

var find = map[string]any{
	"name": "find_order", "description": "Finds an order", "active": true, "creditCost": json.Number("1"),
	"apiSchema": map[string]any{
		"method": "GET", "url": "https://orders.example/{id}",
		"path_params": map[string]any{
			"id":   map[string]any{"type": "string", "input": map[string]any{"type": "description", "description": "The number"}},
			"kind": map[string]any{"type": "string", "format": "x", "input": map[string]any{"type": "description"}},
		},
		"request_headers": map[string]any{
			"Authorization": map[string]any{"input": map[string]any{"type": "value", "value": sync.Redacted{}}},
		},
		"query_params": map[string]any{},
	},
	"toolWhitelist": []any{"a", "b"},
	"retries":       nil,
}

// everything is a plan with each kind of change, and what stands beside them.
func everything() *sync.Plan {
	p := &sync.Plan{
		Source: sync.Source{Path: "agents", Commit: "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d", Dirty: true, History: "full"},
		Target: sync.Target{Host: "backend.wassist.app", Organization: "Harbour Bakery", Environment: "staging"},
		Changes: []sync.Change{
			{Action: sync.Create, Agent: "Billing", Pos: at("agents/billing.yaml", 4), Reason: "no agent of this name exists", Fields: []sync.Field{
				{Path: "name", After: "Billing"},
				{Path: "systemPrompt", After: prompt(5, nil)},
				{Path: "icebreakers", After: []any{"Where is my order?", "Talk to a person"}},
				{Path: "llmModel", After: nil},
				{Path: "tools[find_order]", After: find},
				{Path: "creditSettings.creditGrantPassword", Sensitive: true},
			}},
			{Action: sync.Update, Agent: "Front desk", ID: id, Pos: at("agents/front.yaml", 1), Reason: "matched by name", Fields: []sync.Field{
				{Path: "name", Before: "Desk", After: "Front desk", Cause: sync.CauseGit, Commit: "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d"},
				{Path: "description", Before: nil, After: "Greets everybody"},
				{Path: "systemPrompt", Before: prompt(12, nil), After: prompt(12, map[int]string{6: "Line six."}), Cause: sync.CauseWassist},
				{Path: "firstMessage", Before: "Hello!", After: nil},
				{Path: "icebreakers", Before: []any{"a"}, After: []any{"a", "b"}},
				{Path: "tools[find_order].creditCost", Before: json.Number("1"), After: json.Number("2.50")},
				{Path: "tools[find_order].active", Before: true, After: false},
				{Path: "tools[find_order].apiSchema.request_headers.X.input.value", Sensitive: true, Cause: sync.CauseGit, Commit: "1a2b3c4d5e6f"},
				{Path: "tools[old]", Before: map[string]any{"name": "old", "description": "Goes"}},
				{Path: "handoffTools[Billing]", After: map[string]any{"agent": "Billing", "description": "money"}, Cause: sync.CauseWassist},
				{Path: "tools[find_order].apiSchema.query_params", Before: map[string]any{"a": "b"}, After: map[string]any{}},
				{Path: "paywallConfig", Before: map[string]any{"messageLimit": json.Number("3")}, After: nil},
			}},
			{Action: sync.Deploy, Agent: "Front desk", Number: "+447700900111", Pos: at("agents/front.yaml", 9), Reason: "nobody answers the number", Fields: []sync.Field{
				{Path: "number:+447700900111", After: "Front desk"},
			}},
			{Action: sync.Deploy, Agent: "Front desk", Number: "+447700900112", Pos: at("agents/front.yaml", 10), Reason: "a webhook gets the number's messages, and is dropped", Fields: []sync.Field{
				{Path: "number:+447700900112", Before: "webhook crm", After: "Front desk"},
			}},
			{Action: sync.Undeploy, Agent: "Old desk", ID: id, Number: "+447700900113", Reason: "its agent is deleted", Fields: []sync.Field{
				{Path: "number:+447700900113", Before: "Old desk"},
			}},
			{Action: sync.Delete, Agent: "Old desk", ID: id, Reason: "no definition names it (--prune all)"},
		},
		Held:      []sync.Held{{Action: sync.Delete, Agent: "Trade", ID: id, Reason: "it answers +447700900114"}},
		Notes:     []string{"accepted: max-deletes: 4 agents would be deleted"},
		Unmanaged: []sync.Unmanaged{{Agent: "Somebody else", ID: id}},
		Unchanged: 3,
		Requests:  sync.Requests{Planned: 230, Seconds: 120},
		Digest:    "sha256:" + strings.Repeat("ab", 32),
	}
	for i := range p.Changes {
		p.Changes[i].Digest = fmt.Sprintf("sha256:%064d", i)
		for j := range p.Changes[i].Fields {
			if f := &p.Changes[i].Fields[j]; f.Cause == "" {
				f.Cause = sync.CauseUnknown
			}
		}
	}
	return p
}

func TestPlanText(t *testing.T) {
	refused := everything()
	refused.Refused = []sync.Refusal{
		{Rule: "max-deletes", Reason: "4 agents would be deleted, and at most 3 may be (the default). Raise --max-deletes", Liftable: true},
		{Rule: "ambiguous-name", Agent: "Billing", Reason: "2 agents on Wassist are called \"Billing\""},
	}
	oneLine := strings.Repeat("All work and no play. ", 60)
	var many []sync.Unmanaged
	for i := range 12 {
		many = append(many, sync.Unmanaged{Agent: fmt.Sprintf("Agent %d", i+1), ID: id})
	}
	one := func(f ...sync.Field) *sync.Plan {
		return &sync.Plan{Source: source, Target: target, Requests: sync.Requests{Planned: 2}, Changes: []sync.Change{
			{Action: sync.Update, Agent: "Desk", ID: id, Pos: at("a.yaml", 1), Reason: "matched by name", Fields: f},
		}}
	}
	for name, p := range map[string]*sync.Plan{
		"everything": everything(),
		"refused":    refused,
		"empty":      {Source: source, Target: target, Unchanged: 5, Requests: sync.Requests{Planned: 1}},
		"one-agent":  {Source: source, Target: target, Unchanged: 1, Requests: sync.Requests{Planned: 1, Seconds: 0.4}},
		"nobody":     {Source: source, Target: sync.Target{Host: "simulator"}, Unmanaged: many, Requests: sync.Requests{Planned: 101, Seconds: 60}},
		"offline":    {Source: sync.Source{Path: "agents", Commit: "1a2b3c4"}, Requests: sync.Requests{Planned: 1000, Seconds: 540}},
		"only-refused": {
			Source: source, Target: target, Unchanged: 2, Requests: sync.Requests{Planned: 3},
			Refused: []sync.Refusal{{Rule: "unknown-id", Agent: "Desk", Reason: "a.yaml:1:1 pins an id that Wassist does not have"}},
		},
		"long-texts": one(
			sync.Field{Path: "systemPrompt", Before: prompt(40, nil), After: prompt(40, map[int]string{3: "three", 5: "five", 30: "thirty"})},
			sync.Field{Path: "firstMessage", Before: oneLine, After: strings.Replace(oneLine, "play", "sleep", 31)[:len(oneLine)]},
			sync.Field{Path: "description", Before: nil, After: oneLine},
			sync.Field{Path: "paywallConfig.terminalStateMessage", Before: prompt(9, nil), After: ""},
			sync.Field{Path: "paywallConfig.ctaButtonText", Before: "short", After: "two\nlines"},
			sync.Field{Path: "tools[a].description", Before: prompt(3, nil) + oneLine, After: oneLine + "\n" + prompt(3, nil)},
			sync.Field{Path: "tools[b].description", Before: nil, After: "one\ntwo"},
			sync.Field{Path: "tools[c].description", Before: nil, After: prompt(4, nil)},
		),
		"hostile": {
			Source:    sync.Source{Path: "a\x1b[31m", Commit: "1a2b3c4"},
			Target:    sync.Target{Host: "h\x07", Organization: "o\u202e", Environment: "e\u2066"},
			Notes:     []string{"note\x1b[2J"},
			Held:      []sync.Held{{Action: sync.Update, Agent: "h\u061c", Reason: "r\x9b"}},
			Refused:   []sync.Refusal{{Rule: "expect", Agent: "r\u200f", Reason: "line\nbreak\r"}},
			Unmanaged: []sync.Unmanaged{{Agent: "u\u2028", ID: id}},
			Changes: []sync.Change{
				{Action: sync.Update, Agent: "a\u202eb\x00", ID: "i\x1b", Pos: at("f\u202e.yaml", 1), Reason: "r\x1b", Fields: []sync.Field{
					{Path: "p\x1b[0m", Before: "b\x1b", After: "a\u2067\xff"},
					{Path: "systemPrompt", Before: "one\ntwo\x1b[31m\tx\r\nthree", After: "one\ntwo\u202e\tx\nthree"},
					{Path: "tools[t\u202e]", After: map[string]any{"k\x1b": "v\u202e", "list": []any{"i\x1b"}, "m": map[string]any{"input": map[string]any{"type": "description", "description": "d\x1b"}, "type": "t\x1b"}}},
				}},
				{Action: sync.Deploy, Agent: "d\x1b", Number: "+447700900111", Fields: []sync.Field{{Before: "w\u202e", After: "d\x1b"}}},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			text := planText(t, p, TextOptions{})
			golden(t, name, text)
			if i := strings.IndexFunc(text, steers); i >= 0 {
				t.Errorf("a character that steers: %q", text[i:min(len(text), i+20)])
			}
			for l := range strings.SplitSeq(text, "\n") {
				if len(l) > 600 {
					t.Errorf("a line of %d bytes: %s…", len(l), l[:100])
				}
			}
		})
	}
}

func TestPlanTextColours(t *testing.T) {
	golden(t, "everything-colour", planText(t, everything(), TextOptions{Color: true}))
	if strings.Contains(planText(t, everything(), TextOptions{}), "\x1b") {
		t.Error("colours although they are off")
	}
}

func results() *sync.Report {
	return &sync.Report{
		Plan: everything(), Notes: []string{"Billing: Wassist stored description in another form than it was sent"},
		RequestsMade: 9, Elapsed: 1234567 * time.Microsecond,
		Results: []sync.Result{
			{Action: sync.Create, Agent: "Billing", ID: id, Outcome: sync.Applied},
			{Action: sync.Update, Agent: "Front desk", ID: id, Outcome: sync.Failed, Err: errors.New("PATCH /agents/: 400 Bad Request: no\nway \x1b[31m")},
			{Action: sync.Deploy, Agent: "Front desk", Number: "+447700900111", Outcome: sync.Skipped, Err: errors.New("update Front desk failed")},
			{Action: sync.Undeploy, Agent: "Old desk", Number: "+447700900113", Outcome: sync.Applied},
			{Action: sync.Undeploy, Agent: "Old desk", Number: "+447700900114", Outcome: sync.Failed, Err: nil},
			{Action: sync.Delete, Agent: "Old desk\u202e", ID: id, Outcome: sync.NotAttempted, Err: errors.New("stopped before: context canceled")},
		},
	}
}

func TestReportText(t *testing.T) {
	applied := results()
	applied.Results, applied.Notes, applied.RequestsMade = applied.Results[:1], nil, 1
	none := results()
	none.Results = none.Results[1:2]
	for name, r := range map[string]*sync.Report{"results": results(), "results-applied": applied, "results-none": none} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := ReportText(&b, r, TextOptions{}); err != nil {
				t.Fatal(err)
			}
			golden(t, name, b.String())
			if i := strings.IndexFunc(b.String(), steers); i >= 0 {
				t.Errorf("a character that steers: %q", b.String()[i:])
			}
		})
	}
	var b bytes.Buffer
	if err := ReportText(&b, results(), TextOptions{Color: true}); err != nil {
		t.Fatal(err)
	}
	golden(t, "results-colour", b.String())
}

func TestLines(t *testing.T) {
	var got []string
	for _, res := range results().Results {
		got = append(got, ResultLine(&res, TextOptions{}))
	}
	for _, c := range everything().Changes {
		got = append(got, ChangeTitle(&c))
	}
	golden(t, "lines", strings.Join(got, "\n")+"\n")
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestWriteErrors(t *testing.T) {
	for name, err := range map[string]error{
		"PlanText":    PlanText(brokenWriter{}, everything(), TextOptions{}),
		"ReportText":  ReportText(brokenWriter{}, results(), TextOptions{}),
		"PlanJSON":    PlanJSON(brokenWriter{}, everything()),
		"ReportJSON":  ReportJSON(brokenWriter{}, results()),
		"FailureJSON": FailureJSON(brokenWriter{}, source, target, errors.New("x"), 1),
	} {
		if !errors.Is(err, os.ErrClosed) {
			t.Errorf("%s: %v, want the writer's error", name, err)
		}
	}
}
