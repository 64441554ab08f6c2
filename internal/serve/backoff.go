package serve

import "time"

// firstPause is how long after a failed run the first retry comes. Each further
// one waits twice as long, until the schedule is sooner.
const firstPause = 30 * time.Second

// backoff counts the failures in a row.
type backoff struct{ failures int }

// after notes how a run ended: retried is whether its failure may pass by itself.
func (b *backoff) after(retried bool) {
	if !retried {
		b.failures = 0
		return
	}
	b.failures++
}

// pause is how long to wait for a retry; false when there is nothing to retry,
// or the schedule comes no later.
func (b *backoff) pause(scheduled time.Duration) (time.Duration, bool) {
	if b.failures == 0 || b.failures > 20 {
		return 0, false
	}
	pause := firstPause << (b.failures - 1)
	if pause >= scheduled {
		return 0, false
	}
	return pause, true
}
