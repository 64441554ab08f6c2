package github

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	gh "github.com/google/go-github/v87/github"

	"wassist-sync/internal/report"
)

// Error is a thing that GitHub did not do.
type Error struct {
	Doing   string // what was tried, such as "commenting on pull request 7"
	Status  int    // of the answer; 0 when there was none
	Message string // never holds the token
	Remedy  string // may be empty

	later bool  // GitHub limits how often it is asked
	cause error // set for the end of a context alone
}

// Error says what was tried, what came of it, and what to do.
func (e *Error) Error() string {
	text := "GitHub: " + e.Doing + ": "
	if e.Status != 0 {
		text += strconv.Itoa(e.Status) + " "
	}
	text += e.Message
	if e.Remedy != "" {
		text += "; " + e.Remedy
	}
	return text
}

// Unwrap gives the error of a context that ended.
func (e *Error) Unwrap() error { return e.cause }

// unknown tells that the request may have been done or not.
func (e *Error) unknown() bool { return e.Status == 0 && e.cause == nil || e.Status >= 500 }

// statusOf is the status of an Error; 0 without one.
func statusOf(err error) int {
	var e *Error
	if errors.As(err, &e) {
		return e.Status
	}
	return 0
}

// refused tells a no from a not now.
func refused(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == http.StatusForbidden && !e.later
}

// maxMessage bounds a message of the server, in bytes.
const maxMessage = 300

// fail makes an Error of what go-github says. permission is what the workflow's
// token needs for the call.
func (c *Client) fail(err error, permission, doing string) error {
	e := &Error{Doing: doing}
	var answer *gh.ErrorResponse
	var primary *gh.RateLimitError
	var secondary *gh.AbuseRateLimitError
	var resp *http.Response
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		e.cause, e.Message = err, "stopped"
		if errors.Is(err, context.DeadlineExceeded) {
			e.cause, e.Message = nil, "it does not answer"
		}
	case errors.As(err, &answer):
		resp, e.Message = answer.Response, answer.Message
		for _, detail := range answer.Errors {
			e.Message += " " + detail.Message
		}
	case errors.As(err, &primary):
		resp, e.Message = primary.Response, primary.Message
	case errors.As(err, &secondary):
		resp, e.Message = secondary.Response, secondary.Message
	default:
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // without the address
		}
		e.Message = err.Error()
	}
	if resp != nil {
		e.Status, e.later = resp.StatusCode, limited(resp)
		e.Remedy = remedy(resp, permission)
	}
	e.Message = c.scrub(e.Message)
	return e
}

// remedy says what to do about an answer.
func remedy(resp *http.Response, permission string) string {
	switch status := resp.StatusCode; {
	case status == http.StatusUnauthorized:
		return "the token is wrong or has expired: give the action the workflow's own, ${{ github.token }}"
	case limited(resp):
		return howLong(resp.Header) + ": run again later"
	case status == http.StatusForbidden && permission != "":
		return "add `permissions: " + permission + "` to the workflow"
	case status == http.StatusNotFound && permission != "":
		return "if it is there, the token may not see it: add `permissions: " + permission + "` to the workflow"
	case status >= 500:
		return "run again later"
	}
	return ""
}

// scrub makes a text of the server fit for an error.
func (c *Client) scrub(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), c.token, "(sensitive)")
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > maxMessage {
		text = strings.ToValidUTF8(text[:maxMessage], "") + "…"
	}
	if text == "" {
		text = "no reason was given"
	}
	return report.Visible(text)
}
