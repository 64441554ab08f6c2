package wassist

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// refused turns an answer that is not 2xx into an error.
func (c *Client) refused(k *call, r *Response) outcome {
	e := c.fail(k.request, "", nil)
	e.Status, e.RequestID = r.Status, r.requestID
	o := outcome{response: r, err: e, fault: faultFinal}
	if r.Status < 400 {
		e.Err = ErrRedirect
		e.Message = "a redirect" + c.locationHost(r.Header) +
			" is not followed, because the key would go with it: check the base URL"
		return o
	}
	body := readErrorBody(r.Header.Get("Content-Type"), r.Body)
	text := func(s string) string { return c.scrub.text(s, k.secrets...) }
	e.Code = bounded(text(body.code), 100)
	for _, d := range body.details {
		e.Details = append(e.Details, Detail{Field: text(d.Field), Message: text(d.Message)})
	}
	if len(e.Details) > 0 {
		e.Field = e.Details[0].Field
	}
	e.Message = text(body.text())
	if r.Status == http.StatusUnauthorized {
		e.Message = text("the API key was refused, check WASSIST_API_KEY: " + body.text())
	}
	o.told, o.hasTold = retryAfter(r.Header, time.Now())
	if !o.hasTold && body.hasRetry {
		o.told, o.hasTold = body.retryAfter, true
	}
	e.RetryAfter = o.told
	switch r.Status {
	case http.StatusTooManyRequests:
		o.fault = faultThrottled
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		o.fault = faultTransient
	}
	return o
}

// locationHost tells where a redirect leads: the host only, as the rest may hold a secret.
func (c *Client) locationHost(h http.Header) string {
	u, err := url.Parse(h.Get("Location"))
	if err != nil || u.Host == "" {
		return ""
	}
	return " to " + c.scrub.text(u.Host)
}

// retryAfter reads the Retry-After header (RFC 9110, section 10.2.3): seconds, or a date. A date is compared with the
// answer's own Date, if it has one, since the two clocks may differ.
func retryAfter(h http.Header, now time.Time) (wait time.Duration, told bool) {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if value == "" {
		return 0, false
	}
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && !math.IsNaN(seconds) {
		return secondsOf(seconds), true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return max(0, at.Sub(now)), true
}

// secondsOf returns a duration between 0 and some years, whatever the number.
func secondsOf(seconds float64) time.Duration {
	const most = 1e8
	return time.Duration(min(max(seconds, 0), most) * float64(time.Second))
}

// maxTold is the longest wait that a server can ask for before the call gives up: a job that hangs for longer looks dead.
const maxTold = 15 * time.Minute

// tooLong explains why the server's wish is not followed.
func tooLong(told time.Duration) string {
	return fmt.Sprintf("; the server asks to wait %v, which is more than %v: try again later", told.Round(time.Second), maxTold)
}
