package wassist

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
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

// The promise of Limiter: no window of 60 s with more than 100 requests as the server sees them, and
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
