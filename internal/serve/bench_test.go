package serve

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"wassist-sync/sync"
)

// thousand is a target with a thousand agents: all in sync, or all to be changed.
func thousand(changes int) TargetState {
	s := shop()
	run := s.Runs[0]
	run.Summary = sync.Summary{Update: changes, Unchanged: 1000 - changes}
	s.Runs = nil
	for range 20 {
		s.Runs = append(s.Runs, run)
	}
	s.LastGood = &run
	s.Plan = large(changes, 2000)
	s.Plan.Unchanged = 1000 - changes
	return s
}

// BenchmarkAnswers measures what a look costs while nothing else happens.
func BenchmarkAnswers(b *testing.B) {
	for _, changes := range []int{0, 1000} {
		s := serving(b, []TargetState{thousand(changes)}, nil)
		for _, path := range []string{"/healthz", "/readyz", "/metrics", "/"} {
			b.Run(fmt.Sprintf("%d changes%s", changes, path), func(b *testing.B) {
				b.ReportAllocs()
				size := 0
				for b.Loop() {
					w := s.ask("GET", path, "")
					if size = w.Body.Len(); w.Code != http.StatusOK {
						b.Fatal(w.Code)
					}
				}
				b.ReportMetric(float64(size), "bytes/answer")
			})
		}
	}
}

// BenchmarkRefusedHook measures what a stranger's delivery of the greatest size costs.
func BenchmarkRefusedHook(b *testing.B) {
	s := serving(b, []TargetState{shop()}, nil)
	body := strings.Repeat("x", int(usualLimits.hookBytes))
	b.SetBytes(usualLimits.hookBytes)
	b.ReportAllocs()
	for b.Loop() {
		if w := s.ask("POST", "/hooks/github", body, "X-Hub-Signature-256", "sha256=00"); w.Code != http.StatusUnauthorized {
			b.Fatal(w.Code)
		}
	}
}

// BenchmarkMemory measures what the metrics and the page of a thousand changes keep.
func BenchmarkMemory(b *testing.B) {
	state := thousand(1000)
	kept := func() float64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc) / 1024
	}
	for b.Loop() {
		before := kept()
		server, err := NewServer(&watched{list: []TargetState{state}}, HTTPOptions{Version: "1", RunToken: runToken, HookSecret: hookSecret})
		if err != nil {
			b.Fatal(err)
		}
		metrics := kept()
		for _, path := range []string{"/metrics", "/"} {
			server.Handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(b.Context(), "GET", path, nil))
		}
		b.ReportMetric(metrics-before, "KiB/metrics")
		b.ReportMetric(kept()-metrics, "KiB/page")
		runtime.KeepAlive(server)
	}
}
