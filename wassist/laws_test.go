package wassist

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// law is how a server counts the requests of a key: 100 in 60 s, by one reading of these words. A request that is
// refused counts for nothing; wait is when the next one would pass.
type law interface {
	allow(now time.Time) (wait time.Duration, ok bool)
}

// slidingLog lets a request in while fewer than 100 came in the last 60 s. A request counts until its 60 s are over,
// their last moment included: as strict as the words allow, and by that moment stricter than DRF's.
type slidingLog struct{ log []time.Time }

func (l *slidingLog) allow(now time.Time) (time.Duration, bool) {
	for len(l.log) > 0 && now.Sub(l.log[0]) > DefaultWindow {
		l.log = l.log[1:]
	}
	if len(l.log) >= DefaultLimit {
		return DefaultWindow - now.Sub(l.log[0]) + time.Nanosecond, false
	}
	l.log = append(l.log, now)
	return 0, true
}

// fixedWindow counts from zero at each full minute, which comes phase after that of the clock.
type fixedWindow struct {
	phase  time.Duration
	opened time.Time
	count  int
}

func (w *fixedWindow) allow(now time.Time) (time.Duration, bool) {
	opened := now.Add(-w.phase).Truncate(DefaultWindow).Add(w.phase)
	if !opened.Equal(w.opened) {
		w.opened, w.count = opened, 0
	}
	if w.count >= DefaultLimit {
		return opened.Add(DefaultWindow).Sub(now), false
	}
	w.count++
	return 0, true
}

// fullBucket holds at most 100 tokens, is full at first, and gets 100 a minute.
type fullBucket struct {
	spent float64 // tokens that are missing
	at    time.Time
}

func (b *fullBucket) allow(now time.Time) (time.Duration, bool) {
	each := DefaultWindow / DefaultLimit
	b.spent = max(0, b.spent-float64(now.Sub(b.at))/float64(each))
	b.at = now
	// A bucket of whole numbers could not tell a token that lacks a billionth.
	if lacks := b.spent + 1 - DefaultLimit; lacks > 1e-9 {
		return time.Duration(lacks*float64(each)) + time.Nanosecond, false
	}
	b.spent++
	return 0, true
}

// laws are the servers to satisfy. That no window holds more than 100 (crowded) speaks for the fixed windows of any other
// phase.
func laws() map[string]law {
	all := map[string]law{"sliding log": &slidingLog{}, "full bucket": &fullBucket{}}
	for _, phase := range []time.Duration{0, 30 * time.Second} {
		all[fmt.Sprintf("fixed window from %v", phase)] = &fixedWindow{phase: phase}
	}
	return all
}

// Forms of a 429, by where it says how long to wait.
const (
	toldByHeader = "in the header"
	toldByBody   = "in the body"
	toldNothing  = "nowhere"
)

// refusal429 is a 429 in one of its forms.
func refusal429(form string, wait time.Duration) (*canned, error) {
	seconds := strconv.Itoa(int((wait + time.Second - 1) / time.Second))
	switch form {
	case toldByHeader:
		return reply(http.StatusTooManyRequests, `{"error":"Rate limit exceeded"}`, "Retry-After", seconds)
	case toldByBody:
		return reply(http.StatusTooManyRequests, `{"error":"Rate limit exceeded","retry_after":`+seconds+`}`)
	}
	return reply(http.StatusTooManyRequests, `{"detail":"Request was throttled."}`)
}

// door is a law that several users of a key come to.
type door struct {
	mu  sync.Mutex
	law law
}

func (d *door) allow() (wait time.Duration, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.law.allow(time.Now())
}
