package sync_test

import (
	"testing"

	"pgregory.net/rapid"

	"wassist-sync/sync"
	"wassist-sync/wassist/simulator"
)

// One apply does all of its plan, leaves nothing to do, loses nothing that is
// not declared, keeps the ids of entries, and makes no agent twice: whatever
// the definitions, the stored agents, and the API's habits.
func TestApplySettles(t *testing.T) {
	t.Parallel()
	for name, o := range conditions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				s := drawScenario(t, o)
				p := s.acceptAll(t)
				r := s.apply(t, p)
				if err := r.Err(); err != nil {
					t.Fatalf("applying: %v", err)
				}
				if len(r.Notes) > 0 {
					t.Errorf("notes: %v", r.Notes)
				}
				if got, want := len(s.server.Agents()), len(s.before)+p.Summary().Create-p.Summary().Delete; got != want {
					t.Errorf("%d agents, want %d", got, want)
				}
				s.checkNothingLost(t, p)
				left := s.plan(t, s.set, s.options)
				if !left.Empty() {
					t.Fatalf("left after applying: %v", describe(left))
				}
				s.server.ResetLog()
				if again := s.apply(t, left); len(again.Results) > 0 || len(s.server.Requests()) > 0 {
					t.Errorf("an empty plan made %v", s.log())
				}
			})
		})
	}
}

// A plan tells exactly how many requests it and its apply make.
func TestPlannedRequests(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawScenario(t, simulator.Options{PageMax: rapid.IntRange(1, 7).Draw(t, "page")})
		p := s.acceptAll(t)
		s.server.ResetLog()
		p = s.plan(t, s.set, withAccept(s.options, p.Digest))
		if reads := s.log(); len(writes(reads)) > 0 {
			t.Fatalf("planning wrote: %v", writes(reads))
		}
		if err := s.apply(t, p).Err(); err != nil {
			t.Fatalf("applying: %v", err)
		}
		if got := len(s.log()); got != p.Requests.Planned {
			t.Errorf("%d requests, planned were %d, for %v:\n%v", got, p.Requests.Planned, describe(p), s.log())
		}
	})
}

func withAccept(o sync.Options, digest string) sync.Options {
	o.Accept = digest
	return o
}
