package simulator

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
)

// RoundTripper returns a transport that calls the server directly. It makes no
// connection and no goroutine, so it works under testing/synctest, and it honours
// the request's context. What a socket would do, it does: a dropped connection
// is io.EOF, a truncated body io.ErrUnexpectedEOF, a hang lasts until the
// context ends. Unlike net/http's own transport it never repeats a request by
// itself, which that one does with a GET whose connection was closed.
func (s *Server) RoundTripper() http.RoundTripper { return direct{s} }

type direct struct{ s *Server }

// RoundTrip implements [http.RoundTripper].
func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }()
	}
	ctx := r.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	in, err := receive(r.WithContext(ctx)) // a copy: a RoundTripper may not change the request
	if err != nil {
		return nil, fmt.Errorf("sending the request's body: %w", err)
	}
	a, how := d.s.serve(in)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if how == dropped || how == hanging {
		return nil, io.EOF
	}
	body := &answerBody{ctx: ctx, rest: bytes.NewReader(a.body)}
	if how == cutShort {
		body.rest = bytes.NewReader(a.body[:len(a.body)/2])
		body.cut = true
	}
	length := int64(len(a.body))
	if r.Method == http.MethodHead {
		body.rest = bytes.NewReader(nil)
		body.cut = false
	}
	return &http.Response{
		Status:     fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)),
		StatusCode: a.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header, Body: body, ContentLength: length, Request: r,
	}, nil
}

// answerBody is a body that ends with its request's context.
type answerBody struct {
	ctx    context.Context // the request's: a body lives no longer
	rest   *bytes.Reader
	cut    bool
	closed bool
}

func (b *answerBody) Read(p []byte) (int, error) {
	if b.closed {
		return 0, http.ErrBodyReadAfterClose
	}
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := b.rest.Read(p)
	if err == io.EOF && b.cut {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (b *answerBody) Close() error {
	b.closed = true
	return nil
}
