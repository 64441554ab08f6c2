package source_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// A plan that finds nothing to do asks for each page of agents once, and for the
// numbers where a definition names some: ceil(N/100)+1 requests.
func TestPlanOfTenThousandTakesAHundredAndOneRequests(t *testing.T) {
	agents := 10_000
	if raceEnabled {
		agents = 1_000
	}
	o := newPopulation(t, agents, size{prompt: 50, deploy: true})
	plan, _ := o.plan(t)
	others := slices.DeleteFunc(slices.Clone(o.requests), func(r string) bool { return strings.HasPrefix(r, "GET /api/v1/agents/?") })
	if most := agents/pageSize + 1; len(o.requests) > most || !slices.Equal(others, []string{"GET /api/v1/phone-numbers/?limit=100"}) {
		t.Errorf("%d requests, at most %d wanted; besides pages: %q", len(o.requests), most, others)
	}
	if plan.Requests.Planned != len(o.requests) {
		t.Errorf("%d requests planned, %d made", plan.Requests.Planned, len(o.requests))
	}
}

// What a plan costs, counted instead of timed: it grows as the number of agents
// does, and stays near what reading the same bytes costs. docs/performance.md has the
// figures for 10,000 agents; these bounds leave them some room.
func TestPlanCostsGrowAsAgentsDo(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates, too")
	}
	warm := newPopulation(t, 1, size{}) // what is made once
	warm.read(t)
	warm.plan(t)
	costs := map[int]cost{}
	for _, agents := range []int{50, 400} {
		o := newPopulation(t, agents, size{prompt: 5_000, tools: 10})
		reading := costOf(agents, func() any { return o.read(t) })
		plan := costOf(agents, func() any {
			plan, set := o.plan(t)
			return []any{plan, set}
		})
		if plan.allocations > 2*reading.allocations || plan.bytes > 2*reading.bytes {
			t.Errorf("%d agents: a plan allocates %+v an agent, which is over twice the %+v of reading", agents, plan, reading)
		}
		if input := float64(o.yaml+o.json) / float64(agents); plan.kept > 3*input {
			t.Errorf("%d agents: a plan keeps %.0f bytes an agent, of %.0f that it read", agents, plan.kept, input)
		}
		costs[agents] = plan
	}
	few, many := costs[50], costs[400]
	if many.allocations > 1.1*few.allocations || many.bytes > 1.1*few.bytes || many.kept > 1.1*few.kept {
		t.Errorf("an agent among 50 costs %+v, among 400 %+v", few, many)
	}
}

// cost is what an agent costs.
type cost struct{ allocations, bytes, kept float64 }

// costOf measures a function by agent; kept is what is in use while the garbage
// is collected and the result is not.
func costOf(agents int, run func() any) cost {
	var before, after, kept runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	result := run()
	runtime.ReadMemStats(&after)
	runtime.GC()
	runtime.ReadMemStats(&kept)
	runtime.KeepAlive(result)
	return cost{
		allocations: float64(after.Mallocs-before.Mallocs) / float64(agents),
		bytes:       float64(after.TotalAlloc-before.TotalAlloc) / float64(agents),
		kept:        max(0, float64(kept.HeapAlloc)-float64(before.HeapAlloc)) / float64(agents),
	}
}

// plainAgent is an agent without anything that a plan needs besides its
// content: what the two decoders make of the same bytes at the least cost.
type plainAgent struct {
	ID           string      `json:"id" yaml:"id"`
	CreatedAt    string      `json:"createdAt" yaml:"createdAt"`
	Name         string      `json:"name" yaml:"name"`
	Description  string      `json:"description" yaml:"description"`
	SystemPrompt string      `json:"systemPrompt" yaml:"systemPrompt"`
	FirstMessage string      `json:"firstMessage" yaml:"firstMessage"`
	Icebreakers  []string    `json:"icebreakers" yaml:"icebreakers"`
	LLMModel     string      `json:"llmModel" yaml:"llmModel"`
	Tools        []plainTool `json:"tools" yaml:"tools"`
}

type plainTool struct {
	ID          string `json:"id" yaml:"id"`
	Name        string `json:"name" yaml:"name"`
	Description string `json:"description" yaml:"description"`
	Active      bool   `json:"active" yaml:"active"`
	APISchema   struct {
		Method         string                    `json:"method" yaml:"method"`
		URL            string                    `json:"url" yaml:"url"`
		PathParams     map[string]plainParameter `json:"path_params" yaml:"path_params"`
		RequestHeaders map[string]plainParameter `json:"request_headers" yaml:"request_headers"`
	} `json:"apiSchema" yaml:"apiSchema"`
}

type plainParameter struct {
	Type  string `json:"type" yaml:"type"`
	Input struct {
		Type        string `json:"type" yaml:"type"`
		Description string `json:"description" yaml:"description"`
		Value       any    `json:"value" yaml:"value"`
	} `json:"input" yaml:"input"`
}

// read decodes the definitions by yaml.v3 and the pages by encoding/json, and
// keeps what it decoded.
func (o *population) read(t testing.TB) any {
	t.Helper()
	var defined, stored []plainAgent
	each(t, filepath.Join(o.folder, "*.yaml"), func(raw []byte) error {
		var a plainAgent
		err := yaml.Unmarshal(raw, &a)
		defined = append(defined, a)
		return err
	})
	each(t, filepath.Join(o.pages, "*.json"), func(raw []byte) error {
		var page struct {
			Results []plainAgent `json:"results"`
		}
		err := json.Unmarshal(raw, &page)
		stored = append(stored, page.Results...)
		return err
	})
	if len(defined) != o.agents || len(stored) != o.agents || defined[0].SystemPrompt != stored[0].SystemPrompt {
		t.Fatalf("%d definitions and %d agents were read", len(defined), len(stored))
	}
	return [][]plainAgent{defined, stored}
}

func each(t testing.TB, pattern string, decode func(raw []byte) error) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err == nil {
			err = decode(raw)
		}
		if err != nil {
			t.Fatal(file, err)
		}
	}
}
