package wassist

import "time"

// Pauses before the n-th repetition are base·2ⁿ⁻¹.
const (
	backoffBase   = 500 * time.Millisecond // after a 5xx or a fault of the network
	backoffMax    = 30 * time.Second
	throttledBase = time.Second // after a 429 that does not say how long to wait
)

// retry decides whether the call is attempted again, and after which pause.
//
//	429            any method, at most max429 answers of that kind; as long as the server says, else 1, 2, 4 … s
//	               up to one window
//	5xx, network   GET and DELETE; PUT and PATCH when the caller says Repeatable; POST never, because what it
//	               makes would exist twice; at most maxAttempts; 0.5, 1, 2, 4 s, each times a random part of one
//	no connection  any method: the server cannot have seen the request; else like the network
//	all else       never
func (c *Client) retry(k *call, p *permit, o *outcome) (wait time.Duration, reason WaitReason, again bool) {
	switch o.fault {
	case faultThrottled:
		k.throttled++
		c.slowDown(p, o)
		if k.throttled >= c.max429 {
			return 0, "", false
		}
		reason = WaitAfter429
		wait = doubled(throttledBase, k.throttled, c.limiter.window) + c.spread()
	case faultTransient:
		k.failures++
		if k.failures >= c.maxAttempts || !o.unsent && !k.mayRepeat() {
			return 0, "", false
		}
		reason = WaitForRetry
		wait = time.Duration(c.jitter() * float64(doubled(backoffBase, k.failures, backoffMax)))
	default:
		return 0, "", false
	}
	if o.hasTold {
		if o.told > maxTold {
			o.err.Message += tooLong(o.told)
			return 0, "", false
		}
		wait = o.told + c.spread()
	}
	return wait, reason, true
}

// slowDown tells the limiter of a 429, so that all calls of the key come back later and more slowly.
func (c *Client) slowDown(p *permit, o *outcome) {
	var until time.Time
	if o.hasTold && o.told <= maxTold {
		until = time.Now().Add(o.told)
	}
	c.limiter.throttled(p, until)
}

// spread is a random part of a second (of less, under a short window), so that several clients that were told
// the same do not come back at the same moment.
func (c *Client) spread() time.Duration {
	return time.Duration(c.jitter() * float64(min(time.Second, c.limiter.window/60)))
}

// doubled returns base·2ⁿ⁻¹, at most most.
func doubled(base time.Duration, n int, most time.Duration) time.Duration {
	for ; n > 1 && base < most; n-- {
		base *= 2
	}
	return min(base, most)
}
