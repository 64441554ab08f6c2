package source_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"wassist-sync/internal/remote"
	"wassist-sync/internal/source"
	"wassist-sync/spec"
	"wassist-sync/sync"
	"wassist-sync/wassist"
)

// population is a folder of definitions and the pages of the agents that they
// lead to, just as they are defined. Both lie in files, so that what is measured
// in use is the plan's and not the server's.
type population struct {
	folder, pages string
	agents        int
	yaml, json    int64 // bytes
	requests      []string
}

// size says how large the definitions are.
type size struct {
	prompt int // bytes
	tools  int
	deploy bool // to no number, which is to be asked for all the same
}

const pageSize = 100

// newPopulation makes definitions of which each stands in a file of its own.
func newPopulation(t testing.TB, agents int, s size) *population {
	t.Helper()
	o := &population{folder: filepath.Join(t.TempDir(), "agents"), pages: t.TempDir(), agents: agents}
	if err := os.Mkdir(o.folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for from := 0; from < agents; from += pageSize {
		page := map[string]any{"count": agents, "previous": nil, "next": nil}
		if from+pageSize < agents {
			page["next"] = "https://wassist.example/api/v1/agents/?next"
		}
		var results []any
		for n := from; n < min(from+pageSize, agents); n++ {
			results = append(results, s.agent(n))
			o.yaml += write(t, filepath.Join(o.folder, fmt.Sprintf("agent-%05d.yaml", n)), s.definition(n))
		}
		page["results"] = results
		var body bytes.Buffer
		encoder := json.NewEncoder(&body) // as a server writes it, compact
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(page); err != nil {
			t.Fatal(err)
		}
		o.json += write(t, o.page(from), body.String())
	}
	return o
}

func write(t testing.TB, file, text string) int64 {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return int64(len(text))
}

func (o *population) page(offset int) string {
	return filepath.Join(o.pages, strconv.Itoa(offset)+".json")
}

// RoundTrip answers with the page at an offset, and with no phone numbers.
func (o *population) RoundTrip(r *http.Request) (*http.Response, error) {
	o.requests = append(o.requests, r.Method+" "+r.URL.RequestURI())
	resp := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}}
	if r.URL.Path != "/api/v1/agents/" {
		resp.Body = io.NopCloser(strings.NewReader("[]"))
		return resp, nil
	}
	offset, _ := strconv.Atoi(r.URL.Query().Get("offset")) // none is the first page's
	file, err := os.Open(o.page(offset))
	resp.Body = file
	return resp, err
}

// plan makes a whole plan, which must find nothing to do, of the set that it gives too.
func (o *population) plan(t testing.TB) (*sync.Plan, *spec.Set) {
	t.Helper()
	o.requests = nil
	opened, err := source.Open(t.Context(), source.Request{Path: o.folder}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	client, err := wassist.New("key", wassist.WithHTTPClient(&http.Client{Transport: o}), wassist.WithRate(1_000_000, time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	options := sync.Options{Source: opened.Source, History: opened.History, Notes: opened.Notes, Host: "wassist.example"}
	plan, err := (&sync.Planner{Reader: remote.New(client), Options: options}).Plan(t.Context(), opened.Set)
	if err != nil {
		t.Fatal(err)
	}
	if !plan.Empty() || plan.Unchanged != o.agents {
		t.Fatalf("the plan is not empty: %+v", plan.Summary())
	}
	return plan, opened.Set
}

// systemPrompt is as many bytes, in lines; no two agents have the same.
func (s size) systemPrompt(n int) string {
	line := fmt.Sprintf("You answer the customers of region %05d kindly, in short sentences, and pass on what you cannot do.\n", n)
	return strings.TrimSpace(strings.Repeat(line, s.prompt/len(line)+1)[:s.prompt])
}

// definition is written as people write it.
func (s size) definition(n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "name: Agent %05d\ndescription: Answers questions about the orders of region %05d\nsystemPrompt: |-\n  %s\n", n, n,
		strings.ReplaceAll(s.systemPrompt(n), "\n", "\n  "))
	b.WriteString("firstMessage: Hello! What can I do for you?\nicebreakers:\n  - Where is my order\n  - Talk to a person\nllmModel: openai/gpt-5.4-mini\n")
	if s.deploy {
		b.WriteString("deploy: []\n")
	}
	if s.tools > 0 {
		b.WriteString("tools:\n")
	}
	for i := range s.tools {
		fmt.Fprintf(&b, `  - name: find_order_%d
    description: Use when the customer asks about an order of region %05d and gives its number.
    apiSchema:
      method: GET
      url: https://orders.example.com/v%d/orders/{order_id}
      path_params:
        order_id: {type: string, input: {type: description, description: The order number}}
      request_headers:
        X-Customer: {input: {type: value, value: "%%PHONE_NUMBER%%"}}
`, i, n, i)
	}
	return b.String()
}

// agent is what the API stores of a definition.
func (s size) agent(n int) map[string]any {
	tools := make([]any, s.tools)
	for i := range tools {
		tools[i] = map[string]any{
			"id": fmt.Sprintf("00000000-0000-4000-9%03d-%012d", i, n), "name": fmt.Sprintf("find_order_%d", i), "active": true, "creditCost": 0,
			"description": fmt.Sprintf("Use when the customer asks about an order of region %05d and gives its number.", n),
			"apiSchema": map[string]any{
				"method": "GET", "url": fmt.Sprintf("https://orders.example.com/v%d/orders/{order_id}", i),
				"path_params": map[string]any{
					"order_id": map[string]any{"type": "string", "input": map[string]any{"type": "description", "description": "The order number"}},
				},
				"request_headers": map[string]any{
					"X-Customer": map[string]any{"input": map[string]any{"type": "value", "value": "%PHONE_NUMBER%"}},
				},
			},
		}
	}
	empty := []any{}
	return map[string]any{
		"id": fmt.Sprintf("00000000-0000-4000-8000-%012d", n), "createdAt": "2026-01-02T03:04:05.678901Z",
		"name": fmt.Sprintf("Agent %05d", n), "description": fmt.Sprintf("Answers questions about the orders of region %05d", n),
		"systemPrompt": s.systemPrompt(n), "firstMessage": "Hello! What can I do for you?",
		"icebreakers": []string{"Where is my order", "Talk to a person"}, "llmModel": "openai/gpt-5.4-mini", "reasoningEffort": nil,
		"tools": tools, "websiteTools": empty, "handoffTools": empty, "mcpConfigs": empty, "imageGenerateTools": empty, "wakeUpConfigs": empty,
		"memoryKeys": empty, "outboundTriggers": empty, "paywallConfig": nil, "creditSettings": nil, "phoneNumbers": empty,
		"organization": map[string]any{"id": "00000000-0000-4000-7000-000000000000", "name": "Orders Ltd"},
		"connectUrl":   fmt.Sprintf("https://wa.me/15550000000?text=/connect:%d", n), "totalMessages": 12, "totalSessions": 3,
	}
}
