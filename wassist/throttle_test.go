package wassist

import (
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// gap measures the time between two tokens taken as fast as the limiter gives them.
func gap(t *testing.T, l *Limiter) time.Duration {
	t.Helper()
	take := func() time.Time {
		p, err := l.acquire(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		p.done(time.Time{})
		return time.Now()
	}
	first := take()
	return take().Sub(first).Round(time.Millisecond)
}

func TestA429SlowsAndCleanWindowsRecover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := NewLimiter(60, time.Minute)
		hit := func() {
			p, err := l.acquire(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			p.done(time.Time{})
			time.Sleep(time.Millisecond)
			l.throttled(p, time.Time{})
		}
		if got := gap(t, l); got != 0 {
			t.Errorf("at full rate the gap is %v", got)
		}
		hit()
		time.Sleep(10 * time.Second) // one token gathers, and not ten: the burst is 1
		if got := gap(t, l); got != 2*time.Second {
			t.Errorf("after a 429 the gap is %v, want 2 s: half of one a second", got)
		}
		time.Sleep(time.Minute) // one clean window: 6 tenths
		if got := gap(t, l); got != 1667*time.Millisecond {
			t.Errorf("after a clean window the gap is %v", got)
		}
		time.Sleep(3 * time.Minute) // 9 tenths
		if got := gap(t, l); got != 1111*time.Millisecond {
			t.Errorf("after four clean windows the gap is %v", got)
		}
		time.Sleep(time.Minute)
		gap(t, l) // the burst is 60 again, and the tokens gather from here on
		time.Sleep(2 * time.Minute)
		start := time.Now()
		for range 30 {
			gap(t, l)
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("after five clean windows a burst of 60 takes %v", took)
		}
		time.Sleep(time.Hour)
		for range 9 {
			hit()
		}
		time.Sleep(30 * time.Second)
		if got := gap(t, l); got != 10*time.Second {
			t.Errorf("after many 429s the gap is %v, want 10 s: a tenth of one a second", got)
		}
	})
}

func TestA429OfRequestsUnderWayCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := NewLimiter(60, time.Minute)
		var permits []*permit
		for range 8 {
			p, err := l.acquire(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			permits = append(permits, p)
		}
		time.Sleep(time.Second)
		for _, p := range permits {
			p.done(time.Time{})
			l.throttled(p, time.Time{})
		}
		time.Sleep(5 * time.Second)
		if got := gap(t, l); got != 2*time.Second {
			t.Errorf("the gap is %v, want 2 s", got)
		}
	})
}

func TestAToldWaitHoldsForEveryCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := NewLimiter(10, time.Minute)
		p, _ := l.acquire(t.Context(), nil)
		start := time.Now()
		var waits []time.Time
		time.AfterFunc(time.Second, func() {
			p.done(time.Time{})
			l.throttled(p, start.Add(30*time.Second))
		})
		time.Sleep(2 * time.Second)
		if _, err := l.acquire(t.Context(), func(until time.Time) { waits = append(waits, until) }); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(start); waited != 30*time.Second {
			t.Errorf("waited %v", waited)
		}
		if len(waits) != 1 || !waits[0].Equal(start.Add(30*time.Second)) {
			t.Errorf("told to wait until %v", waits)
		}
	})
}

// Somebody else uses the key: 429s come, are waited out, and the run still ends, more slowly.
func TestAnotherUserOfTheKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var log []time.Time // of requests that the throttle allowed, ours and theirs
		allow := func() bool {
			mu.Lock()
			defer mu.Unlock()
			recent := log[:0:0]
			for _, at := range log {
				if time.Since(at) < time.Minute {
					recent = append(recent, at)
				}
			}
			log = recent
			if len(log) >= 100 {
				return false
			}
			log = append(log, time.Now())
			return true
		}
		for range 60 {
			allow()
		}
		throttled := 0
		server := &fake{answer: func(int, *http.Request) (*canned, error) {
			if !allow() {
				throttled++
				return reply(429, `{"error":"Rate limit exceeded","retry_after":20}`)
			}
			return reply(200, oneAgent)
		}}
		c := newClient(t, server)
		took := run(t, c, 150, 1)
		if throttled == 0 || throttled > 5 {
			t.Errorf("%d answers of 429", throttled)
		}
		if took > 5*time.Minute {
			t.Errorf("took %v", took)
		}
	})
}

func TestEstimate(t *testing.T) {
	l, _ := NewLimiter(100, time.Minute)
	for k, want := range map[int]time.Duration{
		-1: 0, 0: 0, 1: 0, 100: 0, 101: 60300 * time.Millisecond, 200: 60300 * time.Millisecond, 201: 120600 * time.Millisecond,
	} {
		if got := l.Estimate(k); got != want {
			t.Errorf("Estimate(%d) = %v, want %v", k, got, want)
		}
	}
	if limit, window := l.Rate(); limit != 100 || window != time.Minute {
		t.Errorf("Rate() = %d, %v", limit, window)
	}
}

func TestImpossibleRates(t *testing.T) {
	for _, bad := range []struct {
		limit  int
		window time.Duration
	}{{0, time.Minute}, {-1, time.Minute}, {1, 0}, {1, -time.Second}} {
		if l, err := NewLimiter(bad.limit, bad.window); err == nil || l != nil {
			t.Errorf("%v was accepted", bad)
		}
	}
}

// A server that allows 100 in 2 s sees no window over 100, as with the full rate.
func TestAShortWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &fake{
			way:    func(int) (time.Duration, time.Duration) { return 5 * time.Millisecond, 5 * time.Millisecond },
			answer: always(200, oneAgent),
		}
		c := newClient(t, server, WithRate(100, 2*time.Second))
		took := run(t, c, 230, 4)
		if got := crowded(server.arrivals, 2*time.Second); got > 100 {
			t.Errorf("%d requests in one window", got)
		}
		if took > 2*2100*time.Millisecond+600*time.Millisecond {
			t.Errorf("took %v", took)
		}
	})
}
