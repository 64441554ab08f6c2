//go:build unix

package source_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"testing"

	"gopkg.in/yaml.v3"
)

// BenchmarkScale makes plans that find nothing to do for 100 to 50,000
// definitions with prompts of 5 kB and 10 tools each, and reads the same bytes
// for comparison.
//
// input-MiB is their size. cpu-s/op is what the process spent in user and system
// time, garbage collection included; of=plan less of=reading is what the plan
// adds. MiB is the most memory in use. ms/agent is cpu-s/op by agent.
func BenchmarkScale(b *testing.B) {
	for _, agents := range []int{100, 1_000, 10_000, 50_000} {
		var o *population
		world := func(b *testing.B) {
			if o == nil {
				o = newPopulation(b, agents, size{prompt: 5_000, tools: 10})
			}
		}
		b.Run(fmt.Sprintf("agents=%d", agents), func(b *testing.B) {
			world(b)
			b.Run("of=reading", func(b *testing.B) { o.measure(b, o.read) })
			b.Run("of=plan", func(b *testing.B) {
				o.measure(b, func(b *testing.B) any { return o.plan(b) })
				b.ReportMetric(float64(len(o.requests)), "requests/op")
			})
		})
	}
}

// measure runs what keeps what it returns.
func (o *population) measure(b *testing.B, run func(*testing.B) any) {
	b.ReportAllocs()
	var spent float64
	var most uint64
	for b.Loop() {
		b.StopTimer()
		debug.FreeOSMemory() // of the run before
		stop, before := watch(), cpu()
		b.StartTimer()
		kept := run(b)
		b.StopTimer()
		spent += (cpu() - before).Seconds()
		most = max(most, stop())
		runtime.KeepAlive(kept)
		b.StartTimer()
	}
	spent /= float64(b.N)
	b.ReportMetric(spent, "cpu-s/op")
	b.ReportMetric(1000*spent/float64(o.agents), "ms/agent")
	b.ReportMetric(float64(most)/(1<<20), "MiB")
	b.ReportMetric(float64(o.yaml+o.json)/(1<<20), "input-MiB")
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
func (o *population) read(b *testing.B) any {
	b.Helper()
	var defined, stored []plainAgent
	each(b, filepath.Join(o.folder, "*.yaml"), func(raw []byte) error {
		var a plainAgent
		err := yaml.Unmarshal(raw, &a)
		defined = append(defined, a)
		return err
	})
	each(b, filepath.Join(o.pages, "*.json"), func(raw []byte) error {
		var page struct {
			Results []plainAgent `json:"results"`
		}
		err := json.Unmarshal(raw, &page)
		stored = append(stored, page.Results...)
		return err
	})
	if len(defined) != o.agents || len(stored) != o.agents || defined[0].Tools[1].APISchema.URL != stored[0].Tools[1].APISchema.URL {
		b.Fatalf("%d definitions and %d agents were read", len(defined), len(stored))
	}
	return [][]plainAgent{defined, stored}
}

func each(b *testing.B, pattern string, decode func(raw []byte) error) {
	b.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		b.Fatal(err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err == nil {
			err = decode(raw)
		}
		if err != nil {
			b.Fatal(file, err)
		}
	}
}
