package wassist

import (
	"context"
	"time"
)

// Ready waits until n requests could be made at once, or until ctx ends; then its error is the cause of that.
// It spends no token. Who writes what it has just read asks for both, so that the limit does not come between them.
// n is at most the limit; while a 429 slows the limiter, its pace counts and not n.
func (l *Limiter) Ready(ctx context.Context, n int) error { return l.ready(ctx, n, nil) }

func (l *Limiter) ready(ctx context.Context, n int, onWait func(until time.Time)) error {
	var expected time.Time
	for told := false; ; {
		if ctx.Err() != nil {
			return endOf(ctx)
		}
		ok, until, changed := l.could(time.Now(), min(n, l.limit))
		if ok {
			return nil
		}
		if onWait != nil && (!told || !until.Equal(expected)) {
			onWait(until)
			told, expected = true, until
		}
		if err := sleepUntil(ctx, until, changed); err != nil {
			return err
		}
	}
}

// Idle tells whether no request is under way, and none was answered in the last window: a limiter that is idle
// can be replaced without both together letting more requests through than one of them may.
func (l *Limiter) Idle() bool {
	ok, _, _ := l.could(time.Now(), l.limit)
	return ok
}

// could tells whether n tokens are free in both parts, or until when to wait (zero: until something changes).
func (l *Limiter) could(now time.Time, n int) (ok bool, until time.Time, changed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Before(l.notBefore) {
		return false, l.notBefore, l.changed
	}
	l.regain(now)
	if ok, next := l.ledger.free(now, n); !ok {
		return false, next, l.changed
	}
	short := float64(min(n, l.bucket.Burst())) - l.bucket.TokensAt(now)
	if short <= 0 {
		return true, time.Time{}, nil
	}
	wait := time.Duration(short / float64(l.bucket.Limit()) * float64(time.Second))
	return false, now.Add(max(wait, time.Microsecond)), l.changed
}

// Ready waits until n requests could be sent without waiting; see [Limiter.Ready].
func (c *Client) Ready(ctx context.Context, n int) error {
	return c.limiter.ready(ctx, n, func(until time.Time) {
		c.observe(Event{Kind: EventWait, Reason: WaitForLimiter, Until: until})
	})
}
