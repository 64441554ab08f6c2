package wassist

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

// call is one request on its way through its attempts.
type call struct {
	*request
	url       *url.URL
	header    http.Header
	payload   []byte
	secrets   []string // in the payload; the server may repeat them in an error
	sent      int      // attempts made
	failures  int      // of these, 5xx and faults of the network
	throttled int      // of these, 429
	unknown   bool     // one of these may have taken effect
}

// do is the whole way of a call:
//
//	encode → [each attempt: token, with the caller's context → send, under the attempt's own timeout →
//	read, bounded → classify] → retry or not → (decode, in the typed methods)
//
// The token comes first and the timeout second: a limiter that waits 60 s under a timeout of 30 s would fail
// every time. Retries start from the token again, so that the limit holds for them, too.
//
// The response is set whenever a whole answer came, also beside an error.
func (c *Client) do(ctx context.Context, r request) (*Response, error) {
	k, err := c.prepare(&r)
	if err != nil {
		return nil, c.fail(&r, err.Error(), nil)
	}
	for {
		p, waited, err := c.token(ctx, k)
		if err != nil {
			return nil, k.ended(c, err, "while it waited for the limit of requests")
		}
		o := c.attempt(ctx, k, p)
		c.record(ctx, k, &o, waited)
		if o.err == nil {
			return o.response, nil
		}
		wait, reason, again := c.retry(k, p, &o)
		if !again {
			return o.response, o.err
		}
		until := time.Now().Add(wait)
		c.observe(Event{
			Kind: EventWait, Method: r.method, Path: o.err.Path, Attempt: k.sent + 1, Reason: reason, Until: until,
		})
		if err := sleepUntil(ctx, until, nil); err != nil {
			return nil, k.ended(c, err, "while it waited to try again after: "+o.err.Message)
		}
	}
}

// prepare checks and encodes everything that the attempts share.
func (c *Client) prepare(r *request) (*call, error) {
	path, err := r.path()
	if err != nil {
		return nil, err
	}
	body, mediaType, secrets, err := r.encode()
	if err != nil {
		return nil, err
	}
	header := make(http.Header)
	header.Set("Accept", "application/json")
	header.Set("User-Agent", c.userAgent)
	if mediaType != "" {
		header.Set("Content-Type", mediaType)
	}
	c.authorize(header)
	below, err := url.Parse("/" + path)
	if err != nil || below.Host != "" {
		return nil, errors.New("the path cannot be part of a URL")
	}
	// The parts are put together by hand: resolving a reference would take a
	// path that starts with two slashes for another host.
	target := *c.base
	target.Path += below.Path[1:]
	target.RawPath = c.base.EscapedPath() + below.EscapedPath()[1:]
	target.RawQuery = r.query.Encode()
	return &call{request: r, url: &target, header: header, payload: body, secrets: secrets}, nil
}

// token waits for the limiter under the caller's context.
func (c *Client) token(ctx context.Context, k *call) (p *permit, waited time.Duration, err error) {
	start := time.Now()
	p, err = c.limiter.acquire(ctx, func(until time.Time) {
		c.observe(Event{
			Kind: EventWait, Method: k.method, Path: c.path(k.request), Attempt: k.sent + 1,
			Reason: WaitForLimiter, Until: until,
		})
	})
	return p, time.Since(start), err
}

// record tells the log and the observer about an attempt.
func (c *Client) record(ctx context.Context, k *call, o *outcome, waited time.Duration) {
	e := Event{
		Kind: EventAttempt, Method: k.method, Path: c.path(k.request), Attempt: k.sent,
		Status: o.status, Duration: o.duration, Waited: waited,
	}
	attrs := []slog.Attr{
		slog.String("method", e.Method),
		slog.String("path", e.Path),
		slog.Int("status", e.Status),
		slog.Duration("duration", e.Duration),
		slog.Duration("waited", e.Waited),
		slog.Int("attempt", e.Attempt),
	}
	if o.err != nil {
		e.Err = o.err
		attrs = append(attrs, slog.String("error", o.err.Message))
	}
	c.logger.LogAttrs(ctx, slog.LevelDebug, "request", attrs...)
	c.observe(e)
}

// path is a request's path as people may see it.
func (c *Client) path(r *request) string { return c.scrub.text(r.shown()) }

// fail returns an error of a call that no answer speaks for.
func (c *Client) fail(r *request, message string, cause error) *Error {
	return &Error{Method: r.method, Path: c.path(r), Message: c.scrub.text(message), Err: cause}
}

// ended returns the error of a call whose context ended between two attempts.
func (k *call) ended(c *Client, cause error, when string) *Error {
	e := c.fail(k.request, "stopped "+when+": "+endText(cause), cause)
	e.Attempts, e.unknown = k.sent, k.unknown
	return e
}

// endOf returns why a context ended, such that both its kind and its cause can be asked for by errors.Is.
func endOf(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if err == nil || cause == err { //nolint:errorlint // the very same value is meant
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}

func endText(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "its deadline has passed"
	}
	return "it was cancelled"
}
