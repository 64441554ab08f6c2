package main

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// One key has one limiter at a time: another rate begins when the old limiter is
// idle, and holds nobody up until then.
func TestKeptLimiters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var kept keptLimiters
		a, err := kept.limiter("key", "100/1m")
		if err != nil {
			t.Fatal(err)
		}
		if again, err := kept.limiter("key", "100/1m"); err != nil || again != a {
			t.Errorf("the same key and rate: %p, want %p; %v", again, a, err)
		}
		if other, err := kept.limiter("other", "100/1m"); err != nil || other == a {
			t.Errorf("another key: %p, %v", other, err)
		}
		done, err := a.Acquire(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		for range 2 { // under way, then answered just now
			if other, err := kept.limiter("key", "50/1m"); err != nil || other != a || time.Since(start) > 0 {
				t.Errorf("while the old one is used: %p, want %p, after %v; %v", other, a, time.Since(start), err)
			}
			done(time.Time{})
		}
		time.Sleep(61 * time.Second)
		b, err := kept.limiter("key", "50/1m")
		if err != nil || b == a {
			t.Fatalf("a window later: %p, %v", b, err)
		}
		if limit, window := b.Rate(); limit != 50 || window != time.Minute {
			t.Errorf("the new one lets %d in %v through", limit, window)
		}
	})
}
