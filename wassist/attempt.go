package wassist

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"
)

// Bounds of what is read of an answer, after it was unpacked.
const (
	maxAnswer    = 64 << 20
	maxErrorBody = 1 << 20
)

// fault sorts what went wrong by what can be done about it.
type fault int

const (
	faultNone      fault = iota
	faultFinal           // trying again would give the same
	faultThrottled       // 429: later
	faultTransient       // 5xx or the network: may pass, but the request may have taken effect
)

// outcome is what became of one attempt.
type outcome struct {
	response *Response // a whole answer, whatever its status
	err      *Error    // nil when the answer is 2xx
	fault    fault
	unsent   bool // no connection was made, so the server cannot have seen the request
	told     time.Duration
	hasTold  bool // the server said how long to wait
	status   int
	duration time.Duration
}

// attempt sends the request once, reads the answer, and classifies what happened.
func (c *Client) attempt(ctx context.Context, k *call, p *permit) outcome {
	k.sent++
	c.requests.Add(1)
	start := time.Now()
	attemptCtx, cancel := c.underWay(ctx, k)
	defer cancel()
	w := &wire{client: c}
	resp, err := c.send(w.watch(attemptCtx), k)
	now := time.Now()
	p.done(now)
	w.done(now)
	var o outcome
	if err != nil {
		o = c.noAnswer(ctx, attemptCtx, k, err)
		o.unsent = w.unsent(err)
	} else {
		o = c.read(ctx, attemptCtx, k, resp)
		o.status = resp.StatusCode
	}
	o.duration = time.Since(start)
	if o.err != nil {
		mayHaveHappened := o.status < 300 || o.status >= 500
		k.unknown = k.unknown || mayHaveHappened && !o.unsent && !k.reads()
		o.err.unknown, o.err.Attempts = k.unknown, k.sent
	} else {
		o.response.attempts = k.sent
	}
	return o
}

// grace is how long a write under way may still take after the caller has cancelled.
const grace = 10 * time.Second

// underWay returns the context of one attempt. A read ends with the caller's context. A write is let finish,
// within grace: given up half-way, nobody could tell whether it took effect.
func (c *Client) underWay(ctx context.Context, k *call) (context.Context, context.CancelFunc) {
	if k.reads() {
		return context.WithTimeout(ctx, c.timeout)
	}
	attempt, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.timeout)
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-attempt.Done():
		case <-time.After(grace):
			cancel()
		}
	})
	return attempt, func() { stop(); cancel() }
}

// send makes the request and returns when the head of the answer is there. It calls the transport and not
// http.Client, which would follow redirects with the key. The body has no GetBody, and no header says that the
// request is idempotent: net/http must not repeat a write by itself.
func (c *Client) send(ctx context.Context, k *call) (*http.Response, error) {
	req := &http.Request{Method: k.method, URL: k.url, Host: k.url.Host, Header: k.header.Clone()}
	if k.payload != nil {
		req.Body = io.NopCloser(bytes.NewReader(k.payload))
		req.ContentLength = int64(len(k.payload))
	}
	resp, err := c.transport.RoundTrip(req.WithContext(ctx))
	if err == nil && resp == nil {
		err = errors.New("the transport returned neither an answer nor an error")
	}
	return resp, err
}

// wire watches how far a request came on the network.
type wire struct {
	client    *Client
	asked     atomic.Int32 // times that the transport wanted a connection
	connected atomic.Bool
	replays   []*permit // only touched by the goroutine that runs the transport
}

// watch returns a context under which the transport reports to w.
//
// net/http silently repeats a GET when a kept connection breaks before the first byte of the answer. The server
// may have counted the first one, so each repetition takes a token of its own, here, before it is sent.
func (w *wire) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) {
			if w.asked.Add(1) == 1 {
				return
			}
			if p, err := w.client.limiter.acquire(ctx, nil); err == nil {
				w.replays = append(w.replays, p)
				w.client.requests.Add(1)
			}
		},
		GotConn: func(httptrace.GotConnInfo) { w.connected.Store(true) },
	})
}

func (w *wire) done(answered time.Time) {
	for _, p := range w.replays {
		p.done(answered)
	}
}

// unsent reports whether err is known to have come before a connection was there. net/http's transport reports
// how far it came; another one is believed when it reports, too, or when its error is that of a dial.
func (w *wire) unsent(err error) bool {
	if w.connected.Load() {
		return false
	}
	if _, reports := w.client.transport.(*http.Transport); reports || w.asked.Load() > 0 {
		return true
	}
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// noAnswer classifies an attempt that ended before the head of an answer.
func (c *Client) noAnswer(ctx, attemptCtx context.Context, k *call, err error) outcome {
	return c.broken(ctx, attemptCtx, k, err, "no answer")
}

// broken classifies a fault of the network: the caller's end, the attempt's timeout, or anything else.
func (c *Client) broken(ctx, attemptCtx context.Context, k *call, err error, what string) outcome {
	switch {
	case ctx.Err() != nil:
		end := endOf(ctx)
		return outcome{fault: faultFinal, err: c.fail(k.request, what+": "+endText(end), end)}
	case attemptCtx.Err() != nil:
		message := fmt.Sprintf("%s within %v", what, c.timeout)
		return outcome{fault: faultTransient, err: c.fail(k.request, message, ErrTimeout)}
	}
	var inURL *url.Error
	if errors.As(err, &inURL) { // its text holds the whole URL
		err = inURL.Err
	}
	o := outcome{fault: faultTransient, err: c.fail(k.request, what+": "+err.Error(), err)}
	var certificate *tls.CertificateVerificationError
	var notTLS tls.RecordHeaderError
	if errors.As(err, &certificate) || errors.As(err, &notTLS) {
		o.fault = faultFinal
	}
	return o
}

// read reads an answer to its end, within bounds, and classifies it.
func (c *Client) read(ctx, attemptCtx context.Context, k *call, resp *http.Response) outcome {
	body := resp.Body
	if body == nil {
		body = http.NoBody
	}
	defer body.Close() // what is needed was read by then
	good := resp.StatusCode >= 200 && resp.StatusCode < 300
	limit := maxErrorBody
	if good {
		limit = c.maxAnswer
	}
	data, err := io.ReadAll(io.LimitReader(body, int64(limit)+1))
	tooLong := len(data) > limit
	r := &Response{
		Status: resp.StatusCode, Header: resp.Header, Body: data[:min(len(data), limit)],
		requestID: c.scrub.text(resp.Header.Get("X-Request-Id")),
	}
	if !good { // what arrived of the body is enough for a message
		return c.refused(k, r)
	}
	var o outcome
	switch {
	case err != nil:
		o = c.broken(ctx, attemptCtx, k, err, "the answer broke off")
	case tooLong:
		o = outcome{fault: faultFinal, err: c.fail(k.request,
			fmt.Sprintf("the answer is larger than %d MiB", c.maxAnswer>>20), errTooLarge)}
	default:
		return outcome{response: r}
	}
	o.err.Status, o.err.RequestID = r.Status, r.requestID
	return o
}
