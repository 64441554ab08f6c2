package serve

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"wassist-sync/sync"
)

// series are the lines of /metrics.
func (s *served) series() map[string]float64 {
	s.t.Helper()
	all := map[string]float64{}
	w := s.ask("GET", "/metrics", "")
	if w.Code != 200 {
		s.t.Fatalf("/metrics: %d %s", w.Code, w.Body)
	}
	for line := range strings.Lines(w.Body.String()) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		i := strings.LastIndex(line, " ")
		n, err := strconv.ParseFloat(strings.TrimSpace(line[i+1:]), 64)
		if err != nil {
			s.t.Fatalf("%q: %v", line, err)
		}
		all[line[:i]] = n
	}
	return all
}

// value is that of one series; -1 when there is none.
func (s *served) value(name string) float64 {
	s.t.Helper()
	if n, ok := s.series()[name]; ok {
		return n
	}
	return -1
}

// sum adds all series of a metric.
func (s *served) sum(name string) (n float64) {
	s.t.Helper()
	for series, value := range s.series() {
		if strings.HasPrefix(series, name+"{") {
			n += value
		}
	}
	return n
}

// tried is a report of changes that came to different ends.
func tried() *sync.Report {
	return &sync.Report{Plan: &sync.Plan{}, Results: []sync.Result{
		{Action: sync.Update, Agent: "a", Outcome: sync.Applied},
		{Action: sync.Update, Agent: "b", Outcome: sync.Applied},
		{Action: sync.Delete, Agent: "c", Outcome: sync.Failed, Err: errors.New("400")},
		{Action: sync.Deploy, Agent: "d", Outcome: sync.NotAttempted},
	}}
}

func TestMetrics(t *testing.T) {
	s := serving(t, []TargetState{shop(), failing()}, nil)
	ran := shop().Runs[0]
	s.metrics.RunEnded("shop", &ran, tried())
	s.metrics.RunEnded("shop", &ran, nil)
	s.metrics.NoticeEnded("shop", nil)
	s.metrics.NoticeEnded("shop", errors.New("no answer"))
	s.series() // the first look gives a target its series
	got := s.series()
	at := func(d time.Duration) float64 { return float64(noon.Add(d).Unix()) }
	for name, want := range map[string]float64{
		`runs_total{outcome="applied",target="shop",trigger="schedule"}`:       2,
		`run_duration_seconds_count{target="shop"}`:                            2,
		`run_duration_seconds_sum{target="shop"}`:                              120,
		`run_duration_seconds_bucket{target="shop",le="30"}`:                   0,
		`run_duration_seconds_bucket{target="shop",le="60"}`:                   2,
		`api_requests_total{target="shop"}`:                                    24,
		`api_too_many_requests_total{target="shop"}`:                           2,
		`api_limit_wait_seconds_total{target="shop"}`:                          3,
		`api_requests_total{target="desk"}`:                                    0,
		`changes_total{action="update",outcome="applied",target="shop"}`:       2,
		`changes_total{action="delete",outcome="failed",target="shop"}`:        1,
		`changes_total{action="deploy",outcome="not attempted",target="shop"}`: 1,
		`changes_total{action="create",outcome="failed",target="shop"}`:        0,
		`notices_total{outcome="sent",target="shop"}`:                          1,
		`notices_total{outcome="failed",target="shop"}`:                        1,
		`notices_total{outcome="failed",target="desk"}`:                        0,
		`target_info{mode="apply",path="agents",ref="main",repository="https://github.com/harbour/agents.git",schedule="*/15 * * * *",target="shop"}`: 1,
		`target_ready{target="shop"}`:                                                       1,
		`target_ready{target="desk"}`:                                                       0,
		`run_in_progress{target="shop"}`:                                                    0,
		`schedule_period_seconds{target="shop"}`:                                            900,
		`next_run_timestamp_seconds{target="shop"}`:                                         at(12 * time.Minute),
		`last_run_timestamp_seconds{target="shop"}`:                                         at(-2 * time.Minute),
		`last_run_timestamp_seconds{target="desk"}`:                                         at(-30 * time.Second),
		`last_good_run_timestamp_seconds{target="desk"}`:                                    at(-5 * time.Hour),
		`last_run_outcome{outcome="failed",target="desk"}`:                                  1,
		`last_run_outcome{outcome="refused",target="desk"}`:                                 0,
		`last_run_outcome{outcome="applied",target="shop"}`:                                 1,
		`last_good_commit_info{commit="1a2b3c4d5e6f",target="shop"}`:                        1,
		`drifted_fields{target="shop"}`:                                                     4,
		`changes_planned{action="update",target="shop"}`:                                    2,
		`changes_planned{action="delete",target="shop"}`:                                    0,
		`agents{state="unchanged",target="shop"}`:                                           7,
		`agents{state="unmanaged",target="shop"}`:                                           1,
		`agents{state="held",target="shop"}`:                                                3,
		`agents{state="held",target="desk"}`:                                                3, // of the last plan: the failed run has none
		`refused_total{at="hook",reason="signature"}`:                                       0,
		`refused_total{at="run",reason="token"}`:                                            0,
		`hooks_total{result="ping"}`:                                                        0,
		`build_info{goversion="` + strings.TrimSpace(goVersion(got)) + `",version="1.2.3"}`: 1,
	} {
		if n, ok := got["wassist_sync_"+name]; !ok || n != want {
			t.Errorf("%s is %v (there: %v), want %v", name, n, ok, want)
		}
	}
	if got["go_goroutines"] == 0 || got["process_resident_memory_bytes"] == 0 {
		t.Error("nothing is told of the process")
	}
	problems, err := testutil.GatherAndLint(s.metrics.registry)
	if err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
}

// goVersion is what the build says of its Go.
func goVersion(all map[string]float64) string {
	for name := range all {
		if rest, ok := strings.CutPrefix(name, `wassist_sync_build_info{goversion="`); ok {
			version, _, _ := strings.Cut(rest, `"`)
			return version
		}
	}
	return ""
}

// Before the first run there is nothing to say, and an alert on age sees a run that
// never was.
func TestMetricsAtTheStart(t *testing.T) {
	state := shop()
	state.Runs, state.LastGood, state.Next, state.Running = nil, nil, time.Time{}, noon
	s := serving(t, []TargetState{state}, nil)
	got := s.series()
	for name, want := range map[string]float64{"last_run_timestamp_seconds": 0, "last_good_run_timestamp_seconds": 0, "target_ready": 0, "run_in_progress": 1} {
		if n, ok := got["wassist_sync_"+name+`{target="shop"}`]; !ok || n != want {
			t.Errorf("%s is %v, %v", name, n, ok)
		}
	}
	for name := range got {
		for _, absent := range []string{"next_run_", "last_run_outcome", "changes_planned", "agents", "drifted_fields", "last_good_commit"} {
			if strings.HasPrefix(name, "wassist_sync_"+absent) {
				t.Errorf("%s says something", name)
			}
		}
	}
}

// Series come and go with the targets of the settings, and do not grow otherwise.
func TestMetricsAreBounded(t *testing.T) {
	s := serving(t, []TargetState{shop()}, nil)
	ours := func() (n int) {
		for name := range s.series() {
			if strings.HasPrefix(name, "wassist_sync_") {
				n++
			}
		}
		return n
	}
	run := shop().Runs[0]
	s.metrics.RunEnded("shop", &run, tried())
	before := ours()
	for i := range 100 {
		name := fmt.Sprint("target ", i)
		state := shop()
		state.Name = name
		s.lock.Lock()
		s.list = []TargetState{shop(), state}
		s.lock.Unlock()
		run.Commit = fmt.Sprintf("%040x", i)
		s.metrics.RunEnded(name, &run, tried())
		s.metrics.RunEnded("shop", &run, tried())
		if n := s.value(`wassist_sync_runs_total{outcome="applied",target="` + name + `",trigger="schedule"}`); n != 1 {
			t.Fatalf("%s has %v runs", name, n)
		}
	}
	s.lock.Lock()
	s.list = []TargetState{shop()}
	s.lock.Unlock()
	s.series() // the scrape at which the last one is found gone
	if after := ours(); after != before {
		t.Errorf("%d series, after %d", after, before)
	}
	if len(s.metrics.known) != 1 {
		t.Errorf("%d targets are known", len(s.metrics.known))
	}
}

// No text can break the metrics, or hide one target behind another.
func TestHostileMetrics(t *testing.T) {
	for _, name := range []string{"", "\xff\xfe", "a\"} 1\nwassist_sync_fake 7", strings.Repeat("é", 5000), "\x00", "{}\\"} {
		bad := shop()
		bad.Name, bad.Ref, bad.Repository, bad.Path, bad.Schedule, bad.Mode = name, name, name, name, name, name
		last := bad.Runs[0]
		last.Outcome, last.Trigger, last.Commit, last.Requests, last.Waited = Outcome(name), Trigger(name), name, -5, -time.Hour
		last.Ended = last.Started.Add(-time.Hour)
		bad.Runs, bad.LastGood = []Run{last}, &last
		s := serving(t, []TargetState{bad, bad, shop()}, nil)
		s.metrics.RunEnded(name, &last, nil)
		s.metrics.NoticeEnded(name, nil)
		got := s.series()
		if got[`wassist_sync_target_ready{target="shop"}`] != 1 {
			t.Errorf("%.40q hides another target", name)
		}
		if _, ok := got["wassist_sync_fake"]; ok {
			t.Errorf("%.40q makes a metric", name)
		}
		for series := range got {
			if len(series) > 2000 {
				t.Errorf("%.40q: a series of %d bytes", name, len(series))
			}
		}
	}
}
