package serve

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// The documentation names all metrics, and no alert waits for one that is not there.
func TestMetricsAreDocumented(t *testing.T) {
	b, err := os.ReadFile("../../docs/serve.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(string(b), "\n## Metrics\n")
	table, alerts, found := strings.Cut(text, "\n### Alerts\n")
	if !ok || !found {
		t.Fatal("the part on metrics is missing")
	}
	var documented []string
	for line := range strings.Lines(table) {
		if cell, _, isRow := strings.Cut(strings.TrimPrefix(line, "| `"), "` |"); isRow && strings.HasPrefix(line, "| `") {
			documented = append(documented, strings.Split(cell, "`, `")...)
		}
	}
	state := shop()
	state.Running = noon.Add(-time.Minute)
	s := serving(t, []TargetState{state}, nil)
	run := state.Runs[0]
	s.metrics.RunEnded("shop", &run, tried())
	s.metrics.NoticeEnded("shop", nil)
	families, err := s.metrics.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var there []string
	for _, f := range families {
		if name, ours := strings.CutPrefix(f.GetName(), namespace+"_"); ours {
			there = append(there, name)
		}
	}
	slices.Sort(documented)
	if !slices.Equal(documented, there) {
		t.Errorf("documented: %v\nthere:      %v", documented, there)
	}
	names := regexp.MustCompile(`wassist_sync_(\w+)`).FindAllStringSubmatch(alerts, -1)
	for _, name := range names {
		if !slices.Contains(there, name[1]) {
			t.Errorf("an alert waits for %s", name[0])
		}
	}
	if len(names) < 10 {
		t.Errorf("only %d metrics stand in alerts", len(names))
	}
	for _, word := range regexp.MustCompile(`(?:outcome|at|reason)=~?"([^"]+)"`).FindAllStringSubmatch(alerts, -1) {
		for value := range strings.SplitSeq(word[1], "|") {
			known := slices.Contains(outcomes, Outcome(value)) || value == "failed" || value == "hook" || slices.Contains(refusals["hook"], value)
			if !known {
				t.Errorf("an alert waits for the label %q", value)
			}
		}
	}
}
