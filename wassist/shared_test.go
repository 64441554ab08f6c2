package wassist

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A third of what the key may do, and what is left of it.
const (
	theirShare = DefaultLimit / 3
	ourShare   = DefaultLimit - theirShare
)

// others are users of the same key who know nothing of this one. They return when ctx ends.
var others = map[string]func(ctx context.Context, use func()){
	"evenly":          func(ctx context.Context, use func()) { every(ctx, DefaultWindow/theirShare, 1, use) },
	"all in a moment": func(ctx context.Context, use func()) { every(ctx, DefaultWindow, theirShare, use) },
	"in elevens":      func(ctx context.Context, use func()) { every(ctx, DefaultWindow/3, theirShare/3, use) },
}

func every(ctx context.Context, pause time.Duration, times int, use func()) {
	for ctx.Err() == nil {
		for range times {
			use()
		}
		_ = sleepUntil(ctx, time.Now().Add(pause), nil) // the loop asks ctx itself
	}
}

// shared is one case: what our client does, and what came of its requests.
type shared struct {
	k, width int // calls, and how many at a time
	way      func(*rand.Rand) (there, back time.Duration)
	door     *door
	form     string // of a 429

	mu      sync.Mutex
	random  *rand.Rand
	started time.Time
	refused []time.Duration // when, since the start
	arrived int
	sum     time.Duration // of all requests
	took    time.Duration

	theirs, turned int // requests of somebody else, and those of them that were refused
}

// use is a request of somebody else.
func (s *shared) use() {
	s.theirs++
	if _, ok := s.door.allow(); !ok {
		s.turned++
	}
}

func (s *shared) answer(int, *http.Request) (*canned, error) {
	wait, ok := s.door.allow()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrived++
	if !ok {
		s.refused = append(s.refused, time.Since(s.started))
		return refusal429(s.form, wait)
	}
	return reply(http.StatusOK, oneAgent)
}

// run makes the calls, none of which may fail.
func (s *shared) run(t *testing.T) {
	t.Helper()
	s.started = time.Now()
	server := &fake{answer: s.answer, way: func(int) (there, back time.Duration) {
		s.mu.Lock()
		defer s.mu.Unlock()
		there, back = s.way(s.random)
		s.sum += there + back
		return there, back
	}}
	c := newClient(t, server, WithJitter(func() float64 {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.random.Float64()
	}))
	s.took = run(t, c, s.k, s.width) // which reports each call that fails
	t.Logf("%d refusals, %d of them later than %v, in %v", len(s.refused), s.since(settled), settled, s.took.Round(time.Second))
	if s.arrived != s.k+len(s.refused) || c.Requests() != int64(s.arrived) {
		t.Errorf("%d requests arrived and %d were counted, for %d calls and %d refusals", s.arrived, c.Requests(), s.k, len(s.refused))
	}
}

// since counts the refusals from a time on.
func (s *shared) since(from time.Duration) int {
	i, _ := slices.BinarySearch(s.refused, from)
	return len(s.refused) - i
}

// eachShared runs a test for each server, each form of a 429, and clients of every width.
func eachShared(t *testing.T, test func(t *testing.T, s *shared)) {
	requests, widths := []int{100, 600}, []int{1, 10, 200}
	if raceEnabled { // slow; everything is there without the detector, too
		requests, widths = []int{150}, []int{10}
	}
	for _, k := range requests {
		for _, width := range widths {
			for _, latency := range []string{"0", "0 to 2 s"} {
				for name := range laws() {
					for _, form := range []string{toldByHeader, toldByBody, toldNothing} {
						if form == toldByBody && k > 100 {
							continue // once it is read, it is as the header
						}
						t.Run(fmt.Sprintf("%d requests, %d at a time, latency %s, %s, told %s", k, width, latency, name, form), func(t *testing.T) {
							synctest.Test(t, func(t *testing.T) {
								test(t, &shared{
									k: k, width: width, way: latencies[latency], form: form,
									door: &door{law: laws()[name]}, random: rand.New(rand.NewPCG(uint64(k), uint64(width))),
								})
							})
						})
					}
				}
			}
		}
	}
}

// settled is when a client has learnt that it is not alone: it has met each law's limit, been slowed, and waited.
const settled = 2 * DefaultWindow

// atOnce is how many refusals finding out may cost: one for each request that is under way by then, a few for what is sent
// before they are back, and as many again where the server does not say when to come back, so that it is tried too early.
func (s *shared) atOnce() int {
	underWay := min(s.k, s.width, DefaultLimit)
	if s.form == toldNothing {
		underWay *= 2
	}
	return underWay + 10
}

// An earlier run has used the whole key ten seconds ago, of which this one knows nothing. It finds out once, waits,
// and comes back to the full rate: no refusal after two windows, and seven windows lost at most, one of them to wait and
// the others to climb from a tenth of the rate.
func TestAnEarlierRun(t *testing.T) {
	eachShared(t, func(t *testing.T, s *shared) {
		for range DefaultLimit {
			s.use()
		}
		time.Sleep(10 * time.Second)
		s.run(t)
		if len(s.refused) > s.atOnce() || s.since(settled) > 0 {
			t.Errorf("%d refusals, at most %d promised; %d of them later than %v", len(s.refused), s.atOnce(), s.since(settled), settled)
		}
		batches := time.Duration((s.k - 1) / DefaultLimit)
		alone := batches*DefaultWindow*105/100 + (batches+1)*2*time.Second + s.sum/time.Duration(s.width)
		if lost := s.took - alone; lost > 7*DefaultWindow {
			t.Errorf("took %v, which is %v longer than alone", s.took, lost)
		}
	})
}

// Another client uses a third of the key's budget all the time. Both go on; of the requests after the first two windows
// at most two in a hundred are refused, and all take no more than twice as long as two thirds of the budget would.
func TestAnotherClientWithAThirdOfTheBudget(t *testing.T) {
	for name, other := range others {
		t.Run(name, func(t *testing.T) {
			eachShared(t, func(t *testing.T, s *shared) {
				ctx, cancel := context.WithCancel(t.Context())
				var wg sync.WaitGroup
				wg.Go(func() { other(ctx, s.use) })
				s.run(t)
				cancel()
				wg.Wait()
				t.Logf("of %d requests of theirs %d were refused", s.theirs, s.turned)
				late := s.since(settled)
				if early := len(s.refused) - late; early > s.atOnce() {
					t.Errorf("%d refusals within %v, at most %d promised", early, settled, s.atOnce())
				}
				if late > s.k/50 {
					t.Errorf("%d refusals later than %v, of %d requests", late, settled, s.k)
				}
				share := DefaultWindow * time.Duration(s.k) / ourShare
				if most := 2*(share+DefaultWindow) + s.sum/time.Duration(s.width); s.took > most {
					t.Errorf("took %v, at most %v promised", s.took, most)
				}
			})
		})
	}
}
