package remote

import (
	"context"
	"io"
	"net/http"
	"time"
)

// idleTimeout closes kept connections before the server is likely to: the
// request limit makes long pauses, and a write on a connection that is just
// being closed has an unknown outcome.
const idleTimeout = 20 * time.Second

// Finishing makes a transport that finishes a write once it was sent, although
// its context has been cancelled meanwhile: breaking it off would leave its
// outcome unknown. The context's deadline still bounds it, and reads end at
// once. A nil base stands for net/http's transport.
func Finishing(base http.RoundTripper) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
		if t, ok := base.(*http.Transport); ok {
			t = t.Clone()
			t.IdleConnTimeout = idleTimeout
			base = t
		}
	}
	return finishing{base}
}

type finishing struct{ base http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (f finishing) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodGet {
		return f.base.RoundTrip(r)
	}
	outer := r.Context()
	if err := outer.Err(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithoutCancel(outer), context.CancelFunc(func() {})
	if deadline, ok := outer.Deadline(); ok {
		ctx, cancel = context.WithDeadline(ctx, deadline)
	}
	resp, err := f.base.RoundTrip(r.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	resp.Body = body{resp.Body, cancel}
	return resp, nil
}

// body ends its request's context when it is closed, and no sooner.
type body struct {
	io.ReadCloser
	end context.CancelFunc
}

func (b body) Close() error {
	defer b.end()
	return b.ReadCloser.Close()
}
