package wassist

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// run makes k calls, at most width at a time, and returns how long they took.
func run(t *testing.T, c *Client, k, width int) time.Duration {
	t.Helper()
	start := time.Now()
	work := make(chan int)
	var wg sync.WaitGroup
	for range width {
		wg.Go(func() {
			for range work {
				if _, err := c.Agents.Get(t.Context(), "a1"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range k {
		work <- i
	}
	close(work)
	wg.Wait()
	return time.Since(start)
}

// The promise of design.md, section 4: no window of 60 s with more than 100 requests as the server sees them, and
// no more time than 1.05 × 60·⌊(K−1)/100⌋ s + (⌊(K−1)/100⌋ + 1) × the slowest request (or K × the mean when
// they are serial).
func TestNoWindowHoldsMoreThanTheLimit(t *testing.T) {
	latencies := map[string]func(r *rand.Rand) (there, back time.Duration){
		"none":   func(*rand.Rand) (time.Duration, time.Duration) { return 0, 0 },
		"varied": func(r *rand.Rand) (time.Duration, time.Duration) { return part(r), part(r) },
		// The worst case for a client that counts from its own clock: slow ways there, then fast ones.
		"slow then fast": func(r *rand.Rand) (time.Duration, time.Duration) {
			if r.IntN(3) == 0 {
				return 2 * time.Second, 0
			}
			return 0, 0
		},
	}
	for _, k := range []int{1, 100, 101, 201, 230, 1000} {
		for _, width := range []int{1, 7, 100, 1000} {
			for name, latency := range latencies {
				t.Run(fmt.Sprintf("%d requests, %d at a time, latency %s", k, width, name), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						random := rand.New(rand.NewPCG(uint64(k), uint64(width)))
						ways := make([][2]time.Duration, k)
						var slowest, sum time.Duration
						for i := range ways {
							ways[i][0], ways[i][1] = latency(random)
							slowest = max(slowest, ways[i][0]+ways[i][1])
							sum += ways[i][0] + ways[i][1]
						}
						server := &fake{
							way:    func(n int) (time.Duration, time.Duration) { return ways[n][0], ways[n][1] },
							answer: always(200, oneAgent),
						}
						c := newClient(t, server)
						took := run(t, c, k, width)
						if got := crowded(server.arrivals, DefaultWindow); got > DefaultLimit {
							t.Errorf("%d requests in one window", got)
						}
						if server.count() != k || c.Requests() != int64(k) {
							t.Errorf("%d requests arrived, %d counted, want %d", server.count(), c.Requests(), k)
						}
						batches := time.Duration((k - 1) / DefaultLimit)
						limit := batches * DefaultWindow * 105 / 100
						switch {
						case width == 1:
							limit += sum
						case width >= DefaultLimit:
							limit += (batches + 1) * slowest
						default: // the workers are the bottleneck within a batch
							limit += (batches+1)*slowest + sum/time.Duration(width)
						}
						if took > limit {
							t.Errorf("took %v, promised %v", took, limit)
						}
						if least := batches * DefaultWindow; took < least {
							t.Errorf("took %v, which is less than the %v that the limit allows", took, least)
						}
						if estimate := c.Limiter().Estimate(k); name == "none" && took != estimate {
							t.Errorf("took %v, estimated %v", took, estimate)
						}
					})
				})
			}
		}
	}
}

func part(r *rand.Rand) time.Duration { return time.Duration(r.Int64N(int64(time.Second))) }

func TestASmallRunNeverWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		waits := 0
		server := &fake{answer: always(200, oneAgent)}
		c := newClient(t, server, WithObserver(func(e Event) {
			if e.Kind == EventWait {
				waits++
			}
		}))
		if took := run(t, c, DefaultLimit, 1); took != 0 || waits != 0 {
			t.Errorf("100 requests took %v and waited %d times", took, waits)
		}
		if took := run(t, c, 1, 1); took != 60300*time.Millisecond || waits != 1 {
			t.Errorf("the 101st request took %v and waited %d times", took, waits)
		}
	})
}

// A token rests from its answer on, not from when it was taken: else a slow request followed by fast ones would be two
// in one place at the server.
func TestATokenRestsFromItsAnswerOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, err := NewLimiter(1, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		done, err := l.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		time.AfterFunc(50*time.Second, func() { done(time.Time{}); done(start) }) // the second call changes nothing
		if _, err := l.Acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(start); waited != 50*time.Second+60300*time.Millisecond {
			t.Errorf("waited %v", waited)
		}
	})
}

func TestAnswerTimesAreBounded(t *testing.T) {
	for name, claim := range map[string]func(taken time.Time) time.Time{
		"in the future":    func(taken time.Time) time.Time { return taken.Add(time.Hour) },
		"before the token": func(taken time.Time) time.Time { return taken.Add(-time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, _ := NewLimiter(1, time.Minute)
				start := time.Now()
				done, _ := l.Acquire(t.Context())
				done(claim(start))
				if _, err := l.Acquire(t.Context()); err != nil {
					t.Fatal(err)
				}
				if waited := time.Since(start); waited != 60300*time.Millisecond {
					t.Errorf("waited %v", waited)
				}
			})
		})
	}
}

func TestTokensComeBackInTheOrderOfAnswers(t *testing.T) {
	l := ledger{limit: 3, hold: time.Minute}
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	for range 3 {
		if ok, _ := l.take(at(0)); !ok {
			t.Fatal("no token")
		}
	}
	if ok, next := l.take(at(0)); ok || !next.IsZero() {
		t.Errorf("with all in flight: %v, %v", ok, next)
	}
	l.answered(at(9))
	l.answered(at(3)) // reported late
	l.answered(at(5))
	for _, want := range []int{63, 65, 69} {
		if ok, next := l.take(at(want - 1)); ok || !next.Equal(at(want)) {
			t.Errorf("next = %v, want %d", next.Unix(), want)
		}
		if ok, _ := l.take(at(want)); !ok {
			t.Errorf("no token at %d", want)
		}
	}
	l.unspent()
	if ok, _ := l.take(at(70)); !ok {
		t.Error("an unspent token is lost")
	}
}

func TestCallersAreServedInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := NewLimiter(2, time.Minute)
		var mu sync.Mutex
		var order []int
		var wg sync.WaitGroup
		for i := range 9 {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				done, err := l.Acquire(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
				done(time.Now())
			})
		}
		wg.Wait()
		for i, got := range order {
			if i != got {
				t.Fatalf("order %v", order)
			}
		}
	})
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := NewLimiter(1, time.Minute)
		done, _ := l.Acquire(t.Context())
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		var wg sync.WaitGroup
		start := time.Now()
		for range 3 { // the first in line, and those behind it
			wg.Go(func() {
				if _, err := l.Acquire(ctx); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("err = %v", err)
				}
			})
		}
		wg.Wait()
		if waited := time.Since(start); waited != 10*time.Second {
			t.Errorf("waited %v", waited)
		}
		if _, err := l.Acquire(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("with an ended context: %v", err)
		}
		// Those who gave up took nothing: the token comes back when it should.
		done(time.Now())
		if _, err := l.Acquire(t.Context()); err != nil || time.Since(start) != 10*time.Second+60300*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestAcquireTellsTheCauseOfTheEnd(t *testing.T) {
	l, _ := NewLimiter(1, time.Minute)
	cause := errors.New("the lights went out")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	_, err := l.Acquire(ctx)
	if !errors.Is(err, context.Canceled) || !errors.Is(err, cause) {
		t.Errorf("err = %v", err)
	}
}

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
		server := &fake{answer: func(int, *http.Request) (*http.Response, error) {
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
