package wassist

import (
	"slices"
	"time"
)

// ledger counts the tokens of the last requests: each is in flight, resting for one hold after its answer, or
// free. It has no lock and no clock; the [Limiter] brings both.
type ledger struct {
	limit    int
	hold     time.Duration
	inFlight int
	resting  []time.Time // when each resting token becomes free, earliest first
}

// take spends a token if one is free. If none is, it returns when the first one will be; the zero time when
// all are in flight, so that nobody can know.
func (l *ledger) take(now time.Time) (taken bool, next time.Time) {
	l.rested(now)
	if l.inFlight+len(l.resting) < l.limit {
		l.inFlight++
		return true, time.Time{}
	}
	if len(l.resting) > 0 {
		next = l.resting[0]
	}
	return false, next
}

// rested lets go of the tokens whose hold is over.
func (l *ledger) rested(now time.Time) {
	n := 0
	for n < len(l.resting) && !l.resting[n].After(now) {
		n++
	}
	l.resting = slices.Delete(l.resting, 0, n)
}

// free tells whether n tokens are free, or when they will be; the zero time when some of them are in flight.
func (l *ledger) free(now time.Time, n int) (ok bool, next time.Time) {
	l.rested(now)
	missing := n - (l.limit - l.inFlight - len(l.resting))
	switch {
	case missing <= 0:
		return true, time.Time{}
	case missing <= len(l.resting):
		return false, l.resting[missing-1]
	}
	return false, time.Time{}
}

// answered puts a token in flight to rest until one hold after the answer.
func (l *ledger) answered(at time.Time) {
	l.inFlight--
	free := at.Add(l.hold)
	i := len(l.resting)
	for i > 0 && l.resting[i-1].After(free) {
		i--
	}
	l.resting = slices.Insert(l.resting, i, free)
}

// unspent gives back a token with which no request was made.
func (l *ledger) unspent() { l.inFlight-- }
