package simulator

import (
	"net/http"
	"strconv"
	"time"
)

// throttle is DRF's SimpleRateThrottle: a log of allowed requests for each
// key. A request is allowed while fewer than the limit were allowed in the
// last window; one that is refused is not logged. An entry stops counting
// exactly one window after it was made.
type throttle struct {
	limit  int // negative: none
	window time.Duration
	log    map[string][]time.Time // oldest first
}

// allow decides about a request now, and says how long one that is refused
// should wait.
func (t *throttle) allow(key string, now time.Time) (wait time.Duration, ok bool) {
	if t.limit < 0 {
		return 0, true
	}
	log := t.log[key]
	for len(log) > 0 && !log[0].After(now.Add(-t.window)) {
		log = log[1:]
	}
	if len(log) >= t.limit {
		t.log[key] = log
		return t.window - now.Sub(log[0]), false
	}
	t.log[key] = append(log, now)
	return 0, true
}

// tooMany is a 429 in one of its forms.
func tooMany(form string, wait time.Duration, now time.Time) answer {
	seconds := ceilSeconds(wait)
	body := map[string]any{"error": "Rate limit exceeded"}
	if form == RetryAfterBody || form == RetryAfterBoth {
		body["retry_after"] = seconds
	}
	a := reply(http.StatusTooManyRequests, body)
	switch form {
	case RetryAfterHeader, RetryAfterBoth:
		a.header.Set("Retry-After", strconv.FormatInt(seconds, 10))
	case RetryAfterDate:
		// An HTTP date has whole seconds only: round up, or it names a moment
		// that is too early.
		at := now.Add(wait + time.Second - time.Nanosecond).Truncate(time.Second)
		a.header.Set("Retry-After", at.UTC().Format(http.TimeFormat))
	}
	return a
}
