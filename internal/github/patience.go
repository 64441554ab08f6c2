package github

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	maxAttempts = 4
	// maxWait is the longest pause that is waited for: a run that waits costs
	// money, and the plan stands in its log in any case.
	maxWait = time.Minute
	// maxErrorBody bounds what is read of an answer that is an error.
	maxErrorBody = 1 << 20
)

// patience repeats requests as far as that is safe: what GitHub has not done,
// because it limits how often it is asked, and what may be done twice. What makes
// something new is not repeated after a fault: whoever made it has to look first.
type patience struct {
	next  http.RoundTripper
	sleep func(context.Context, time.Duration) error
	now   func() time.Time
}

// RoundTrip sends a request, several times if need be. It keeps to the contract
// of http.RoundTripper: the request itself stays as it is.
func (p *patience) RoundTrip(req *http.Request) (*http.Response, error) {
	for attempt := 1; ; attempt++ {
		resp, err := p.once(req)
		wait, again := p.again(req, resp, err, attempt)
		if !again {
			return resp, err
		}
		if resp != nil {
			_ = resp.Body.Close()
		}
		if err := p.sleep(req.Context(), wait); err != nil {
			return nil, err
		}
	}
}

func (p *patience) once(req *http.Request) (*http.Response, error) {
	clone := req.Clone(req.Context())
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		clone.Body = body
	}
	return p.next.RoundTrip(clone)
}

// again decides whether a request is sent once more, and when.
func (p *patience) again(req *http.Request, resp *http.Response, err error, attempt int) (time.Duration, bool) {
	if attempt >= maxAttempts || req.Context().Err() != nil || (req.Body != nil && req.GetBody == nil) {
		return 0, false
	}
	backoff := time.Second << (attempt - 1)
	repeatable := req.Method != http.MethodPost
	if err != nil {
		return backoff, repeatable
	}
	told, isTold := p.told(resp)
	switch {
	case resp.StatusCode >= 500:
		if isTold {
			return told, repeatable && told <= maxWait
		}
		return backoff, repeatable
	case limited(resp):
		if !isTold {
			told = maxWait // GitHub asks for a minute where it names no time
		}
		return told, told <= maxWait
	}
	return 0, false
}

// told is how long GitHub asks to wait.
func (p *patience) told(resp *http.Response) (time.Duration, bool) {
	if after := resp.Header.Get("Retry-After"); after != "" {
		if seconds, err := strconv.Atoi(after); err == nil && seconds >= 0 {
			return time.Duration(seconds) * time.Second, true
		}
		if at, err := http.ParseTime(after); err == nil {
			return max(0, at.Sub(p.now())), true
		}
	}
	if resp.Header.Get("X-RateLimit-Remaining") == "0" {
		if at, err := strconv.ParseInt(resp.Header.Get("X-RateLimit-Reset"), 10, 64); err == nil {
			return max(0, time.Unix(at, 0).Sub(p.now())), true
		}
	}
	return 0, false
}

// limited tells an answer that means "later" from one that means "no". GitHub
// says both with 403.
func limited(resp *http.Response) bool {
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		return true
	case http.StatusForbidden:
	default:
		return false
	}
	if resp.Header.Get("Retry-After") != "" || resp.Header.Get("X-RateLimit-Remaining") == "0" {
		return true
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return err == nil && strings.Contains(strings.ToLower(string(body)), "secondary rate limit")
}

// howLong says until when GitHub wants to be left alone, for an error.
func howLong(header http.Header) string {
	if after := header.Get("Retry-After"); after != "" {
		return fmt.Sprintf("it asks for a pause of %s seconds", after)
	}
	if at, err := strconv.ParseInt(header.Get("X-RateLimit-Reset"), 10, 64); err == nil {
		return "its limit ends at " + time.Unix(at, 0).UTC().Format("15:04:05 MST")
	}
	return "it asks for a pause"
}
