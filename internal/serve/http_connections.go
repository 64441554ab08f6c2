package serve

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
)

// A caller who opens a connection and never gets to the end of a request is seen
// by no handler. Such connections are counted when they close.

// requestCount is the context's key for the connection of a request.
type requestCount struct{}

// connection tells whether a connection brought a whole request.
type connection struct {
	net.Conn
	asked atomic.Bool
}

// countRequests gives each request the connection that it came on.
func countRequests(ctx context.Context, c net.Conn) context.Context {
	if c, ok := c.(*connection); ok {
		return context.WithValue(ctx, requestCount{}, c)
	}
	return ctx
}

// connection is called when the state of a connection changes.
func (s *site) connection(c net.Conn, state http.ConnState) {
	if c, ok := c.(*connection); ok && state == http.StateClosed && !c.asked.Load() {
		s.Metrics.refused("connection", reasonNoRequest)
	}
}

// watchedListener makes each connection tell whether it was asked anything.
type watchedListener struct{ net.Listener }

// Accept waits for the next connection.
func (l watchedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &connection{Conn: c}, nil
}
