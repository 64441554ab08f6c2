package simulator

import (
	"net/http"
	"strings"
	"time"
)

// Kind is what a fault does to a request.
type Kind string

// Kinds of faults. "Before" means that the API never sees the request, "after"
// that it took effect and only its answer is lost or wrong.
const (
	// None leaves the request alone: for faults that only delay or hook.
	None Kind = ""
	// DropBefore closes the connection before the request took effect.
	DropBefore Kind = "drop before"
	// DropAfter closes the connection after the request took effect.
	DropAfter Kind = "drop after"
	// Status answers Fault.Code before the request took effect.
	Status Kind = "status"
	// StatusAfter answers Fault.Code after the request took effect.
	StatusAfter Kind = "status after"
	// TruncateBody sends half of the answer's body, then closes the connection.
	TruncateBody Kind = "truncated body"
	// EmptyBody sends the answer's status with no body.
	EmptyBody Kind = "empty body"
	// HTML answers Fault.Code (default 502) with an HTML page, before.
	HTML Kind = "html"
	// Hang never answers: it ends when the client gives up. Before.
	Hang Kind = "hang"
	// HangAfter lets the request take effect and then hangs.
	HangAfter Kind = "hang after"
	// WrongContentType sends the right answer as text/plain.
	WrongContentType Kind = "wrong content type"
	// WrongShape wraps the answer's JSON: an object in an array, an array in an
	// object.
	WrongShape Kind = "wrong shape"
	// Redirect answers Fault.Code (default 302) with a Location on another host,
	// before.
	Redirect Kind = "redirect"
	// RateLimit answers 429 in the form of Fault.RetryAfter, before.
	RateLimit Kind = "rate limit"
)

// Fault is something that happens to requests on their way.
type Fault struct {
	// Match chooses the requests. When it is nil, Method and PathPrefix do; ""
	// matches all. Match may read the request's body.
	Match      func(*http.Request) bool
	Method     string
	PathPrefix string // of the whole path: /api/v1/agents/

	// Nth is the first matching request that is affected, counted from 1 and from
	// the call of Server.Fault; 0 means the next one and, unless Times says
	// otherwise, all that follow.
	Nth int
	// Times is how many are affected from there on; 0 means one if Nth is set and
	// all if it is not. A negative number means all.
	Times int

	Kind Kind
	// Code is the status of Status and StatusAfter (default 500), HTML and
	// Redirect.
	Code int
	// Body replaces the body of Status and StatusAfter; JSON if it looks like it.
	Body string
	// Location is the target of Redirect; "" means a host that does not exist.
	Location string
	// RetryAfter is the form of RateLimit; "" means that of the Options.
	RetryAfter string
	// Wait is how long RateLimit tells the client to wait; 0 means the window.
	Wait time.Duration

	// Delay is waited before the request is handled, DelayAnswer before its
	// answer is sent.
	Delay, DelayAnswer time.Duration
	// Before runs before the request is handled, without any lock: it may use
	// every method of the Server. It stands for a second writer.
	Before func(*http.Request)
}

// armed is a fault with its count of matching requests.
type armed struct {
	fault Fault
	seen  int // guarded by Server.mu
}

// Fault adds a fault. When several affect one request, the delays add up, all
// hooks run, and the first with a Kind decides what happens.
func (s *Server) Fault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &armed{fault: f})
}

// ClearFaults removes all faults, and the hook of Before.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults, s.before = nil, nil
}

// Before sets a function that runs before each request is handled, without
// any lock; nil removes it. It runs for requests that it makes itself, too: for
// the n-th request only, see Fault.Before.
func (s *Server) Before(f func(*http.Request)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = f
}

// due counts a matching request and tells whether it is affected.
func (a *armed) due() bool {
	a.seen++
	first, times := a.fault.Nth, a.fault.Times
	if first == 0 {
		first = 1
		if times == 0 {
			times = -1
		}
	}
	if times == 0 {
		times = 1
	}
	return a.seen >= first && (times < 0 || a.seen < first+times)
}

func (f *Fault) matches(r *http.Request) bool {
	if f.Match != nil {
		return f.Match(r)
	}
	return (f.Method == "" || f.Method == r.Method) && strings.HasPrefix(r.URL.Path, f.PathPrefix)
}

// faultsFor collects what happens to a request: the fault that decides, and
// all that delay and hook.
func (s *Server) faultsFor(in *inbound) (decides Fault, all []*Fault) {
	s.mu.Lock()
	faults, before := s.faults, s.before
	s.mu.Unlock()
	if before != nil {
		all = append(all, &Fault{Before: before})
	}
	for _, a := range faults {
		if !a.fault.matches(in.request()) { // a test's function: without the lock
			continue
		}
		s.mu.Lock()
		due := a.due()
		s.mu.Unlock()
		if !due {
			continue
		}
		all = append(all, &a.fault)
		if decides.Kind == None {
			decides = a.fault
		}
	}
	return decides, all
}
