package wassist

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Faults of a server that answers every sixth request in another way than with an agent. Each of these requests
// reached it and counted there.
var aloneFaults = []struct {
	name string
	back time.Duration // after this, or never within a client's patience
	make func() (*canned, error)
}{
	{"no fault", 0, nil},
	{"503", 0, func() (*canned, error) { return reply(http.StatusServiceUnavailable, `{"error":"try again"}`) }},
	{"resets", 0, func() (*canned, error) { return nil, errors.New("connection reset by peer") }},
	{"lost answers", time.Hour, func() (*canned, error) { return reply(http.StatusOK, oneAgent) }},
}

// latencies give the two ways of a request, together 0 to 2 s.
var latencies = map[string]func(r *rand.Rand) (there, back time.Duration){
	"0":            func(*rand.Rand) (time.Duration, time.Duration) { return 0, 0 },
	"0 to 2 s":     func(r *rand.Rand) (time.Duration, time.Duration) { return part(r), part(r) },
	"2 s there":    func(*rand.Rand) (time.Duration, time.Duration) { return 2 * time.Second, 0 },
	"2 s or 0":     twoSecondsOrNone,
	"2 s all back": func(*rand.Rand) (time.Duration, time.Duration) { return 0, 2 * time.Second },
}

func twoSecondsOrNone(r *rand.Rand) (there, back time.Duration) {
	if r.IntN(3) == 0 {
		return 2 * time.Second, 0
	}
	return 0, 0
}

// A client that has the key for itself never sees a 429, whatever law the server counts by, and is as quick as
// Limiter promises. Every server judges each request at once, since none of them refuses one.
func TestAloneNoServerRefuses(t *testing.T) {
	requests := []int{1, 100, 101, 200, 201, 500, 2000}
	if raceEnabled { // slow; everything is there without the detector, too
		requests = []int{1, 101}
	}
	for _, k := range requests {
		for _, width := range []int{1, 10, 2000} {
			for latency, way := range latencies {
				for _, fault := range aloneFaults {
					if k > 1000 && fault.make != nil && latency != "0 to 2 s" {
						continue // the longest runs meet each fault at one latency
					}
					t.Run(fmt.Sprintf("%d requests, %d at a time, latency %s, %s", k, width, latency, fault.name), func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) {
							a := &alone{random: rand.New(rand.NewPCG(uint64(k), uint64(width))), way: way, laws: laws(), fault: fault.make, lost: fault.back, refused: map[string]int{}}
							a.run(t, k, width)
						})
					})
				}
			}
		}
	}
}

// alone is one case: a server that knows all laws, and what its requests cost.
type alone struct {
	way   func(*rand.Rand) (there, back time.Duration)
	laws  map[string]law
	fault func() (*canned, error)
	lost  time.Duration

	mu       sync.Mutex
	random   *rand.Rand
	refused  map[string]int
	slowest  time.Duration // request
	pause    time.Duration // the longest before a repetition
	sum      time.Duration // of all requests and pauses
	attempts int           // the most that one call took
}

func (a *alone) faulty(n int) bool { return a.fault != nil && n%6 == 5 }

func (a *alone) ways(n int) (there, back time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	there, back = a.way(a.random)
	if a.faulty(n) {
		back += a.lost
	}
	return there, back
}

func (a *alone) answer(n int, _ *http.Request) (*canned, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for name, l := range a.laws {
		if _, ok := l.allow(time.Now()); !ok {
			a.refused[name]++
		}
	}
	if a.faulty(n) {
		return a.fault()
	}
	return reply(http.StatusOK, oneAgent)
}

// observe adds up what requests cost besides waiting for the limiter.
func (a *alone) observe(e Event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case e.Kind == EventAttempt:
		a.sum += e.Duration
		a.slowest = max(a.slowest, e.Duration)
		a.attempts = max(a.attempts, e.Attempt)
	case e.Reason == WaitForRetry:
		a.sum += time.Until(e.Until)
		a.pause = max(a.pause, time.Until(e.Until))
	}
}

func (a *alone) run(t *testing.T, k, width int) {
	t.Helper()
	server := &fake{way: a.ways, answer: a.answer}
	c := newClient(t, server, WithObserver(a.observe), WithMaxAttempts(30))
	took := run(t, c, k, width) // which reports each call that fails
	t.Logf("%d calls in %v", k, took)
	made := server.count()
	if int64(made) != c.Requests() || made < k || a.fault == nil && made != k {
		t.Errorf("%d requests arrived, %d were counted, %d were wanted", made, c.Requests(), k)
	}
	for name, n := range a.refused {
		t.Errorf("a %s refused %d of %d requests", name, n, made)
	}
	if got := crowded(server.arrivals, DefaultWindow); got > DefaultLimit {
		t.Errorf("%d requests in one window", got) // some fixed window's too
	}
	if promised := a.promised(made, width); took > promised {
		t.Errorf("%d requests took %v, promised %v", made, took, promised)
	}
}

// promised is the promise on time for so many requests, those that were repetitions included. A call that is
// attempted again makes its requests one after the other, however many calls there are at a time.
func (a *alone) promised(requests, width int) time.Duration {
	batches := time.Duration((requests - 1) / DefaultLimit)
	waits := batches * DefaultWindow * 105 / 100
	batch := a.slowest
	if a.attempts > 1 {
		batch = time.Duration(a.attempts)*a.slowest + time.Duration(a.attempts-1)*a.pause
	}
	switch {
	case width == 1:
		return waits + a.sum
	case width >= DefaultLimit:
		return waits + (batches+1)*batch
	default: // the workers are the bottleneck within a batch
		return waits + (batches+1)*batch + a.sum/time.Duration(width)
	}
}
