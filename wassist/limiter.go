package wassist

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// DefaultLimit and DefaultWindow are the documented limit of the API: 100 requests a minute per key.
const (
	DefaultLimit  = 100
	DefaultWindow = time.Minute
)

// Limiter lets at most limit requests of a key reach the server in any window. Share one limiter among all
// clients of one key. It is safe for concurrent use and serves callers in the order in which they came.
//
// # Why a token bucket is not enough
//
// A bucket of b tokens that refills at r tokens a minute lets b + 60r/60 requests through in its first minute:
// with b = 100 and r = 100 a minute, 200. The API's throttle (Django REST Framework's, by every sign) keeps a
// sliding log: a request passes while fewer than 100 passed in the last 60 s. So two parts do one job each.
//
// The ledger bounds. A token that a request spent counts as back one hold after the answer to that request, or
// after the end of the attempt when no answer came; hold = window + 0.5 % for clocks that do not run alike. The
// proof that no window at the server holds more than limit requests: take any limit+1 requests, and of these
// the one whose token was taken last, at t. At that moment fewer than limit tokens were in flight or resting, so
// at least one of the other requests had been answered by t − hold. It reached the server before its answer,
// hence by t − hold; the last one reached the server after its token, hence not before t. They lie one
// hold > window apart, so these limit+1 requests do not fit into one window. Latency does not enter. What
// the proof cannot cover is a request that is given up and reaches the server later than that.
//
// The bucket (limit tokens, refilled at limit a window) paces. While the ledger holds, the bucket never binds:
// in any time T the ledger lets through at most limit·(1 + T/hold), the bucket limit·(1 + T/window), which is
// more. It matters when somebody else uses the same key, as a 429 shows: that halves the rate (to a tenth of
// the full rate at least) and sets the burst to 1, so that requests come evenly spaced; each window without a
// 429 adds a tenth of the full rate; the burst returns with the full rate.
//
// # What it costs
//
// K requests take at most 1.05 × window·⌊(K−1)/limit⌋ + (⌊(K−1)/limit⌋ + 1) × the slowest request, as long as
// nobody else uses the key (K × the mean instead of the last term when they are made one after another): each
// further batch of limit starts one hold after the answers to the batch before it. Up to limit requests never wait.
type Limiter struct {
	limit  int
	window time.Duration
	turn   chan struct{} // held by the caller that is first in line; channels queue their senders in order

	mu        sync.Mutex
	ledger    ledger
	bucket    *rate.Limiter
	notBefore time.Time     // no token before this time: the server said when to come back
	slowed    time.Time     // when the last 429 slowed the bucket
	clean     time.Time     // start of the current window without a 429; zero at full rate
	changed   chan struct{} // closed and replaced when a wait may have become shorter or longer
}

// NewLimiter returns a limiter for limit requests per window, both positive.
func NewLimiter(limit int, window time.Duration) (*Limiter, error) {
	if limit < 1 || window <= 0 {
		return nil, fmt.Errorf("a rate of %d requests in %v is not possible: both must be positive", limit, window)
	}
	l := &Limiter{limit: limit, window: window, turn: make(chan struct{}, 1), changed: make(chan struct{})}
	l.ledger = ledger{limit: limit, hold: window + window/200}
	l.bucket = rate.NewLimiter(l.full(), limit)
	return l, nil
}

// Acquire waits until a request may be made, or until ctx ends; then its error is the cause of that. The
// request must start after Acquire returned, and done must be called once: with the time at which the answer came,
// or with the zero time (meaning now) when the attempt ended without one. Further calls of done do nothing.
func (l *Limiter) Acquire(ctx context.Context) (done func(answered time.Time), err error) {
	p, err := l.acquire(ctx, nil)
	if err != nil {
		return nil, err
	}
	return p.done, nil
}

// Estimate returns how long k requests are kept waiting from a fresh start, as if the requests themselves took
// no time.
func (l *Limiter) Estimate(k int) time.Duration {
	if k < 1 {
		return 0
	}
	return time.Duration((k-1)/l.limit) * l.ledger.hold
}

// Rate returns the limit and the window that the limiter was made with.
func (l *Limiter) Rate() (limit int, window time.Duration) { return l.limit, l.window }

// full is the bucket's rate when nothing slows it, in tokens a second.
func (l *Limiter) full() rate.Limit { return rate.Limit(float64(l.limit) / l.window.Seconds()) }

// permit is a spent token.
type permit struct {
	limiter *Limiter
	taken   time.Time
	once    sync.Once
}

func (p *permit) done(answered time.Time) {
	p.once.Do(func() {
		l, now := p.limiter, time.Now()
		if answered.IsZero() || answered.After(now) {
			answered = now
		} else if answered.Before(p.taken) {
			answered = p.taken
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.ledger.answered(answered)
		l.wake()
	})
}

// acquire is Acquire; onWait, if not nil, is told before each wait when it is expected to end (zero: unknown).
func (l *Limiter) acquire(ctx context.Context, onWait func(until time.Time)) (*permit, error) {
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, endOf(ctx)
	}
	defer func() { <-l.turn }()
	var expected time.Time
	for told := false; ; {
		if ctx.Err() != nil {
			return nil, endOf(ctx)
		}
		p, until, changed := l.try(time.Now())
		if p != nil {
			return p, nil
		}
		if onWait != nil && (!told || !until.Equal(expected)) {
			onWait(until)
			told, expected = true, until
		}
		if err := sleepUntil(ctx, until, changed); err != nil {
			return nil, err
		}
	}
}

// try takes a token from both parts, or tells until when to wait (zero: until something changes).
func (l *Limiter) try(now time.Time) (p *permit, until time.Time, changed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Before(l.notBefore) {
		return nil, l.notBefore, l.changed
	}
	l.regain(now)
	taken, next := l.ledger.take(now)
	if !taken {
		return nil, next, l.changed
	}
	r := l.bucket.ReserveN(now, 1)
	if wait := r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
		l.ledger.unspent()
		return nil, now.Add(wait), l.changed
	}
	return &permit{limiter: l, taken: now}, time.Time{}, nil
}

// minRate is the least share of the full rate that 429s can slow the bucket to: the key must not be starved
// for many windows after a crowd of other users has gone.
const minRate = 10

// throttled notes that the request of p was answered 429, and that the server asks not to come back before
// until (zero: it did not say). Requests that were already under way when the bucket was slowed do not slow it again.
func (l *Limiter) throttled(p *permit, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.clean = now
	if until.After(l.notBefore) {
		l.notBefore = until
	}
	if l.slowed.IsZero() || p.taken.After(l.slowed) {
		l.slowed = now
		l.bucket.SetLimitAt(now, max(l.bucket.Limit()/2, l.full()/minRate))
		l.bucket.SetBurstAt(now, 1)
	}
	l.wake()
}

// regain gives the bucket a tenth of the full rate back for each window since the last 429.
func (l *Limiter) regain(now time.Time) {
	if l.clean.IsZero() {
		return
	}
	windows := now.Sub(l.clean) / l.window
	if windows < 1 {
		return
	}
	l.clean = l.clean.Add(windows * l.window)
	regained := l.bucket.Limit() + rate.Limit(windows)*l.full()/minRate
	// Ten tenths may sum up to a little less than one.
	if regained > l.full()*0.9999 {
		l.bucket.SetLimitAt(now, l.full())
		l.bucket.SetBurstAt(now, l.limit)
		l.clean = time.Time{}
		return
	}
	l.bucket.SetLimitAt(now, regained)
}

// wake makes whoever waits look again. The caller holds mu.
func (l *Limiter) wake() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// sleepUntil waits until a time (zero: no time), until changed is closed (nil: never), or until ctx ends, whose
// cause it then returns. The end of ctx wins over the others.
func sleepUntil(ctx context.Context, until time.Time, changed <-chan struct{}) error {
	var alarm <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		alarm = timer.C
	}
	select {
	case <-alarm:
	case <-changed:
	case <-ctx.Done():
	}
	if ctx.Err() != nil {
		return endOf(ctx)
	}
	return nil
}
