package sync_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/sync"
	"wassist-sync/wassist/simulator"
)

// Cancelling between two changes: what was done is reported so, nothing more
// is written, a bare agent is named, and the next run completes the work.
func TestCancelBetweenChanges(t *testing.T) {
	t.Parallel()
	clean := cleanSummary(t)
	for k := range len(bakeryOutcomes) + 2 {
		t.Run(fmt.Sprintf("before step %d", k+1), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBakery(t, simulator.Options{})
				p := b.accepted(t)
				b.server.ResetLog()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				// The start of the k-th step: two creates, then all changes.
				started := 0
				r, err := (&sync.Applier{Reader: b.api, Writer: b.api, Observe: func(e sync.Event) {
					if e.Result == nil {
						if started == k {
							cancel()
						}
						started++
					}
				}}).Apply(ctx, p)
				if err != nil {
					t.Fatal(err)
				}
				if got := len(writes(b.log())); got != k || len(b.log()) != k {
					t.Errorf("%d writes of %d requests were made, want %d", got, len(b.log()), k)
				}
				want := slices.Clone(bakeryOutcomes)
				for i := range want {
					what := strings.TrimSuffix(want[i], ": applied")
					switch {
					case i < 2 && i < k && i+2 >= k: // created, and not completed
						want[i] = what + ": failed"
					case i+2 >= k:
						want[i] = what + ": not attempted"
					}
				}
				if d := cmp.Diff(want, outcomes(r)); d != "" {
					t.Errorf("outcomes (-want +got):\n%s", d)
				}
				for _, res := range r.Results {
					if res.Outcome != sync.Applied && !errors.Is(res.Err, context.Canceled) {
						t.Errorf("%s %s: %v does not say that the run was cancelled", res.Action, res.Agent, res.Err)
					}
					if res.Outcome == sync.Failed && res.ID != b.called(t, res.Agent)["id"] {
						t.Errorf("the bare agent %s is not named: %+v", res.Agent, res)
					}
				}
				b.checkAppliedIsTrue(t, r)
				b.checkRecovers(t, clean)
			})
		})
	}
}

// Cancelling while a write is under way: that one is finished and reported as
// what it became, nothing more is written, and nothing is said that is not so.
func TestCancelDuringWrites(t *testing.T) {
	t.Parallel()
	clean := cleanSummary(t)
	for k := range steps {
		t.Run(fmt.Sprintf("write %d", k+1), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBakery(t, simulator.Options{})
				p := b.accepted(t)
				b.server.ResetLog()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				b.server.Fault(simulator.Fault{Match: isWrite, Nth: k + 1, Before: func(*http.Request) { cancel() }})
				r, err := (&sync.Applier{Reader: b.api, Writer: b.api}).Apply(ctx, p)
				if err != nil {
					t.Fatal(err)
				}
				if got := len(writes(b.log())); got != k+1 {
					t.Errorf("%d writes were made, want %d", got, k+1)
				}
				want := slices.Clone(bakeryOutcomes)
				for i := range want {
					what := strings.TrimSuffix(want[i], ": applied")
					switch {
					case i < 2 && i <= k && i+2 > k: // created, and not completed
						want[i] = what + ": failed"
					case i+2 > k:
						want[i] = what + ": not attempted"
					}
				}
				if d := cmp.Diff(want, outcomes(r)); d != "" {
					t.Errorf("outcomes (-want +got):\n%s", d)
				}
				b.server.ClearFaults()
				b.checkAppliedIsTrue(t, r)
				still := map[string]bool{}
				for _, c := range b.plan(t, b.set, pruning).Changes {
					still[c.Digest] = true
				}
				for i, res := range r.Results {
					if c := p.Changes[i]; res.Outcome == sync.NotAttempted && !still[c.Digest] {
						t.Errorf("%s %s%s is reported as not attempted, and it is not to be done any more", c.Action, c.Agent, c.Number)
					}
				}
				b.checkRecovers(t, clean)
			})
		})
	}
}

// A change of which a part was written is never "not attempted".
func TestCancelBetweenPatchAndPut(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f := &fake{agents: named("Desk")(t), errors: map[string][]error{"put Desk": {context.Canceled}}}
	f.answer = func(_ string, m map[string]any) { delete(m, "icebreakers") }
	p := f.plan(t, load(t, nil, "name: Desk\ndescription: new\nicebreakers: [a]"), sync.Options{})
	f.hook = func(call string) {
		if call == "put Desk" {
			cancel()
		}
	}
	r, err := (&sync.Applier{Reader: f, Writer: f}).Apply(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	if res := r.Results[0]; res.Outcome != sync.Failed || f.agents[0].Stored.Field("description") != "new" {
		t.Errorf("%s (%v), though the description was written", res.Outcome, res.Err)
	}
}

// A run that was cancelled before it began does nothing at all.
func TestCancelledFromTheStart(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b := newBakery(t, simulator.Options{})
	p := b.accepted(t)
	b.server.ResetLog()
	r, err := (&sync.Applier{Reader: b.api, Writer: b.api}).Apply(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Count(sync.NotAttempted); got != len(p.Changes) || len(b.log()) > 0 {
		t.Errorf("%v after %v", outcomes(r), b.log())
	}
}
