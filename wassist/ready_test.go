package wassist

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// Ready waits for as many tokens as are asked for, and spends none of them.
func TestReady(t *testing.T) {
	for _, tc := range []struct {
		name string
		n    int
		want time.Duration // from the start; the holds end 60.3 s after the answers at 1, 2 and 3 s
	}{
		{"one", 1, 61300 * time.Millisecond},
		{"two", 2, 62300 * time.Millisecond},
		{"all", 3, 63300 * time.Millisecond},
		{"more than there are", 9, 63300 * time.Millisecond},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, err := NewLimiter(3, time.Minute)
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				if err := l.Ready(t.Context(), tc.n); err != nil || time.Since(start) != 0 {
					t.Fatalf("a fresh limiter: %v after %v", err, time.Since(start))
				}
				for range 3 {
					done, err := l.Acquire(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					time.Sleep(time.Second)
					done(time.Now())
				}
				if err := l.Ready(t.Context(), tc.n); err != nil || time.Since(start) != tc.want {
					t.Errorf("%v after %v, want %v", err, time.Since(start), tc.want)
				}
				for i := range min(tc.n, 3) {
					if _, err := l.Acquire(t.Context()); err != nil || time.Since(start) != tc.want {
						t.Errorf("token %d came %v after the start: %v", i+1, time.Since(start), err)
					}
				}
			})
		})
	}
}

// A token in flight frees itself at a time that nobody knows yet.
func TestReadyWhileRequestsAreUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := NewLimiter(1, time.Minute)
		done, err := l.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		time.AfterFunc(5*time.Second, func() { done(time.Now()) })
		if err := l.Ready(t.Context(), 1); err != nil || time.Since(start) != 65300*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

// After a 429 the pace counts, and a time that the server named.
func TestReadyAfter429(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := NewLimiter(60, time.Minute)
		p, err := l.acquire(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		p.done(time.Now())
		start := time.Now()
		l.throttled(p, start.Add(10*time.Second))
		if err := l.Ready(t.Context(), 2); err != nil || time.Since(start) < 10*time.Second || time.Since(start) > 13*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestReadyIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := NewLimiter(1, time.Minute)
		if _, err := l.Acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := l.Ready(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
}
