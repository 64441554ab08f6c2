package simulator

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Server is the simulated API. It is safe for concurrent use.
type Server struct {
	opt    Options
	routes []route

	mu       sync.Mutex // guards everything below
	st       *state
	throttle throttle
	log      requestLog
	routings []Routing
	faults   []*armed
	before   func(*http.Request)
}

// New makes a Server. It fails when an option is unknown, when the state file
// exists but cannot be read as one, and when it could not be written.
func New(o Options) (*Server, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	st, err := loadState(o.StateFile)
	if err != nil {
		return nil, err
	}
	if st == nil {
		st = newState(o)
	}
	if err := writable(o.StateFile); err != nil {
		return nil, err
	}
	s := &Server{opt: o, st: st}
	s.throttle = throttle{limit: o.RateLimit, window: o.RateWindow, log: make(map[string][]time.Time)}
	s.routes = routesOf(o.Profile)
	return s, nil
}

// ServeHTTP implements [http.Handler]. Faults that close the connection panic
// with [http.ErrAbortHandler], as net/http wants it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	in, err := receive(r)
	if err != nil { // the client went away, or broke off
		panic(http.ErrAbortHandler)
	}
	a, how := s.serve(in)
	if how == dropped || how == hanging {
		panic(http.ErrAbortHandler)
	}
	h := w.Header()
	for k, v := range a.header {
		h[k] = v
	}
	w.WriteHeader(a.status)
	if r.Method == http.MethodHead {
		return
	}
	if how == cutShort {
		_, _ = w.Write(a.body[:len(a.body)/2])
		_ = http.NewResponseController(w).Flush() // or the half would never leave
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(a.body)
}

// inbound is a request whose body has been read.
type inbound struct {
	r        *http.Request
	body     []byte
	oversize bool
}

func receive(r *http.Request) (*inbound, error) {
	in := &inbound{r: r}
	if r.Body == nil {
		return in, nil
	}
	b, err := io.ReadAll(io.LimitReader(r.Body, MaxBody+1))
	if err != nil {
		return nil, err
	}
	if len(b) > MaxBody {
		in.oversize = true
		b = nil
	}
	in.body = b
	return in, nil
}

// request is the request with its body unread, for a test's functions.
func (in *inbound) request() *http.Request {
	r := in.r.WithContext(in.r.Context())
	r.Body = io.NopCloser(bytes.NewReader(in.body))
	return r
}

// serve takes a request through faults and the API. A delivery of hanging
// means that the client has given up.
func (s *Server) serve(in *inbound) (answer, delivery) {
	ctx := in.r.Context()
	fault, all := s.faultsFor(in)
	for _, f := range all {
		if pause(ctx, f.Delay) != nil {
			return answer{}, hanging
		}
		if f.Before != nil {
			f.Before(in.request())
		}
	}
	entry, a, how := s.answerTo(in, fault)
	if how == hanging {
		<-ctx.Done()
		return answer{}, hanging
	}
	for _, f := range all {
		if pause(ctx, f.DelayAnswer) != nil {
			return answer{}, hanging
		}
	}
	if how != dropped {
		s.mu.Lock()
		entry.Status = a.status
		s.mu.Unlock()
		a.header.Set("Date", s.opt.Now().UTC().Format(http.TimeFormat))
		a.header.Set("X-Request-Id", entry.ID)
		if a.status != http.StatusNoContent {
			a.header.Set("Content-Length", strconv.Itoa(len(a.body)))
		}
	}
	return a, how
}

// answerTo handles one request under the lock, and logs it.
func (s *Server) answerTo(in *inbound, fault Fault) (*Request, answer, delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opt.Now()
	entry := &Request{
		Time: now, Method: in.r.Method, Path: in.r.URL.Path, Query: in.r.URL.RawQuery, Body: in.body,
		ID: formatUUID(randomUUID()), Fault: fault.Kind,
	}
	s.log.add(entry)
	if a, how, ok := s.instead(fault, now); ok {
		return entry, a, how
	}
	a := s.dispatch(in, now)
	entry.Reached = a.status
	a, how := fault.distort(a)
	return entry, a, how
}

// pause waits unless the client gives up first.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return errors.New("the client gave up")
	}
}
