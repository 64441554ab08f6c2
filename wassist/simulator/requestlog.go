package simulator

import (
	"slices"
	"time"
)

// The request log forgets its oldest entries beyond these.
const (
	logEntries = 10_000
	logBytes   = 64 << 20
)

// Request is one entry of the request log.
type Request struct {
	// Time is when the request was handled: after the delay of a fault, and at
	// the moment that the throttle saw it.
	Time   time.Time
	Method string
	Path   string
	Query  string // without "?"
	// Body is what was sent. It is dropped from old entries when all bodies
	// together exceed 64 MiB. It may hold secrets.
	Body []byte
	// ID is the X-Request-Id that the answer bore.
	ID string
	// Reached is the status that the API itself answered, 0 when a fault kept
	// the request from it.
	Reached int
	// Status is the status that was sent, 0 when the connection was dropped
	// before one was.
	Status int
	// Fault is the kind of fault that was applied, "" for none.
	Fault Kind
}

type requestLog struct {
	entries []*Request
	bytes   int
}

func (l *requestLog) add(r *Request) {
	l.entries = append(l.entries, r)
	l.bytes += len(r.Body)
	for len(l.entries) > logEntries {
		l.bytes -= len(l.entries[0].Body)
		l.entries = l.entries[1:]
	}
	for i := 0; l.bytes > logBytes && i < len(l.entries)-1; i++ {
		l.bytes -= len(l.entries[i].Body)
		l.entries[i].Body = nil
	}
}

// Requests returns the log, oldest first: every request that arrived, in the
// order in which they were handled, at most the last 10,000.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Request, 0, len(s.log.entries))
	for _, r := range s.log.entries {
		c := *r
		c.Body = slices.Clone(r.Body)
		out = append(out, c)
	}
	return out
}

// ResetLog empties the request log. The throttle remembers.
func (s *Server) ResetLog() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = requestLog{}
}
