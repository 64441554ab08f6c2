package source_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wassist-sync/internal/remote"
	"wassist-sync/wassist"
)

var (
	histories = flag.Int("histories", 0, "how many random histories are applied; 0 for 10,000, fewer with -short and -race")
	seed      = flag.Uint64("seed", 1, "the seed of the first history, the others count on; 0 for the time")
)

// together is how many histories share a repository, and so a git process.
const together = 100

// TestHistories applies random histories, in which people rename, move, delete
// and bring back definitions, merge and revert, and work by hand on Wassist, and
// compares each apply with what the design says of it. They are the same ones each
// time, so that a change is what makes them fail; -seed 0 takes others. A failure
// names the seed:
//
//	go test ./internal/source -run TestHistories -histories 1 -seed N
func TestHistories(t *testing.T) {
	t.Parallel()
	first, n := *seed, *histories
	if first == 0 {
		first = uint64(time.Now().UnixNano())
	}
	if n == 0 {
		n = 10_000
		if testing.Short() || raceEnabled {
			n = 500
		}
	}
	t.Logf("%d histories from -seed %d on", n, first)
	// Histories are many and small: most of the time would go into collecting them.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	var next atomic.Int64
	workers := runtime.GOMAXPROCS(0)
	tallies := make([]tally, workers)
	t.Run("all", func(t *testing.T) {
		for i := range workers {
			tallies[i] = tally{}
			t.Run(fmt.Sprint("worker ", i), func(t *testing.T) {
				t.Parallel()
				for {
					from := int(next.Add(together)) - together
					if from >= n {
						return
					}
					if !batch(t, first+uint64(from), min(together, n-from), tallies[i]) {
						next.Store(int64(n)) // one failure is enough
					}
				}
			})
		}
	})
	total := tally{}
	for _, some := range tallies {
		for what, count := range some {
			total[what] += count
		}
	}
	for _, what := range slices.Sorted(maps.Keys(total)) {
		t.Logf("%7d %s", total[what], what)
	}
	for _, what := range everything {
		if n >= 10_000 && !t.Failed() && total[what] == 0 {
			t.Errorf("%d histories came to no %q: they prove nothing about it", n, what)
		}
	}
}

// everything is what many histories must have come to.
var everything = []string{
	"create", "delete", "held", "update", "update: a rename", "accepted", "definitions that do not parse",
	"applies of a clone that is cut off", "applies of an older commit",
	"agents that nothing ever named", "agents made after their name had left", "creates beside the document's earlier agent",
	"refused: ambiguous-name", "refused: empty-definitions", "refused: max-deletes", "refused: prevent-destroy",
	"refused: same-agent", "refused: shallow-create", "refused: unknown-id",
}

// batch walks some histories side by side, so that their commits come to be
// readable together: git makes one pack of what stands before the next apply of
// each. It tells whether all is well.
func batch(t *testing.T, first uint64, n int, total tally) bool {
	walks := make([]*walk, n)
	for i := range walks {
		w, err := newWalk(first+uint64(i), nil)
		if err != nil {
			t.Fatal(err)
		}
		walks[i] = w
	}
	failed, err := walkAll(t.Context(), t.TempDir(), walks)
	if failed != nil {
		t.Errorf("-seed %d: %v\n%s", failed.seed, err, shrink(t, failed))
	} else if err != nil {
		t.Fatal(err)
	}
	for _, w := range walks {
		for what, count := range w.tally {
			total[what] += count
		}
	}
	return failed == nil
}

// walkAll walks histories to their ends, or to the first that fails.
func walkAll(ctx context.Context, folder string, walks []*walk) (failed *walk, err error) {
	a, err := newArchive(ctx, folder)
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := a.close(); err == nil {
			err = e
		}
	}()
	walks = slices.Clone(walks)
	for len(walks) > 0 {
		var fresh []*commit
		walks = slices.DeleteFunc(walks, func(w *walk) bool { return !w.advance() })
		for _, w := range walks {
			fresh = append(fresh, w.fresh...)
			a.write(w.fresh)
			w.fresh = nil
		}
		if err := a.sync(fresh); err != nil {
			return nil, err
		}
		for _, w := range walks {
			if err := w.applyAsANewProcess(ctx, a); err != nil {
				return w, err
			}
		}
	}
	return nil, nil
}

// applyAsANewProcess makes the pending apply with a client of its own. A panic
// fails the history, so that its seed is told.
func (w *walk) applyAsANewProcess(ctx context.Context, a *archive) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	client, err := wassist.New("key", wassist.WithHTTPClient(&http.Client{Transport: w.server.RoundTripper()}), wassist.WithRate(1_000_000, time.Minute))
	if err != nil {
		return err
	}
	return w.apply(ctx, a, remote.New(client))
}

// shrink leaves out steps of a history as long as it fails, and tells it.
func shrink(t *testing.T, w *walk) string {
	skip := map[int]bool{}
	try := func(skip map[int]bool) (*walk, error) {
		again, err := newWalk(w.seed, skip)
		if err != nil {
			return nil, err
		}
		return walkAll(t.Context(), t.TempDir(), []*walk{again})
	}
	smallest, why := try(skip)
	if smallest == nil {
		return "it does not fail again alone: " + strings.Join(w.story, "\n")
	}
	for again := true; again; {
		again = false
		for step := smallest.next - 1; step >= 0; step-- {
			if skip[step] {
				continue
			}
			fewer := maps.Clone(skip)
			fewer[step] = true
			if failed, err := try(fewer); failed != nil {
				smallest, why, skip, again = failed, err, fewer, true
			}
		}
	}
	return fmt.Sprintf("made small: %v\n%s", why, strings.Join(smallest.story, "\n"))
}
