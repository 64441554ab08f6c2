package wassist

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// Kinds of failure, for errors.Is. The first six stand for HTTP status codes.
var (
	ErrUnauthorized     = errors.New("the API key is missing or was refused")    // 401
	ErrForbidden        = errors.New("the API key may not do this")              // 403
	ErrNotFound         = errors.New("no such object")                           // 404
	ErrMethodNotAllowed = errors.New("the API does not know this method here")   // 405
	ErrConflict         = errors.New("the object is in conflict with another")   // 409
	ErrRateLimited      = errors.New("too many requests")                        // 429
	ErrTimeout          = errors.New("no answer in time")                        // one attempt took too long
	ErrRedirect         = errors.New("the API answered with a redirect")         // any 3xx
	ErrBadAnswer        = errors.New("the answer is not what the API documents") // a 2xx that cannot be used
	ErrListChanged      = errors.New("the list changed while it was read")
)

var sentinels = map[int]error{
	http.StatusUnauthorized:     ErrUnauthorized,
	http.StatusForbidden:        ErrForbidden,
	http.StatusNotFound:         ErrNotFound,
	http.StatusMethodNotAllowed: ErrMethodNotAllowed,
	http.StatusConflict:         ErrConflict,
	http.StatusTooManyRequests:  ErrRateLimited,
}

// Error is any failure of a call: an answer that is not 2xx, an answer that cannot be used, or no answer.
// Its texts are readable, bounded, and free of the API key and of the secrets that the client was told.
type Error struct {
	Method     string
	Path       string        // below the base URL, without the values of a query
	Status     int           // 0 when no answer came
	Code       string        // the API's own code, such as not_found; often empty
	Message    string        // what the server said, or what went wrong here
	Field      string        // the member that was refused, such as tools[1].apiSchema; of several the first
	Details    []Detail      // every refused member, in the order of Message
	RequestID  string        // the X-Request-Id of the answer, if any
	RetryAfter time.Duration // how long the server asked to wait, if it did
	Attempts   int           // requests sent for this call
	Err        error         // the cause: one of the kinds above, a context's end, or a fault of the network

	unknown bool // an attempt may have taken effect
}

// Detail is one refused member of a request.
type Detail struct {
	Field   string // such as tools[1].apiSchema; empty when the whole body is meant
	Message string
}

// Error tells the request, the status and the message on one line.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: ", e.Method, e.Path)
	if e.Status != 0 {
		b.WriteString(statusLine(e.Status))
		b.WriteString(": ")
	}
	b.WriteString(e.Message)
	var notes []string
	if e.Attempts > 1 {
		notes = append(notes, fmt.Sprintf("%d attempts", e.Attempts))
	}
	if e.RequestID != "" {
		notes = append(notes, "request id "+e.RequestID)
	}
	if len(notes) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(notes, ", "))
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is the kind that the status stands for.
func (e *Error) Is(target error) bool {
	kind, ok := sentinels[e.Status]
	return ok && target == kind
}

// LogValue shows the same as Error, in parts.
func (e *Error) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("method", e.Method),
		slog.String("path", e.Path),
		slog.Int("status", e.Status),
		slog.String("message", e.Message),
		slog.Int("attempts", e.Attempts),
	}
	for _, a := range []slog.Attr{
		slog.String("code", e.Code), slog.String("field", e.Field), slog.String("requestId", e.RequestID),
	} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	return slog.GroupValue(attrs...)
}

// OutcomeUnknown reports whether the call that failed with err may have taken effect all the same: no answer
// in time, a connection that broke after the request was sent, a 5xx, a 2xx whose body is unusable, each in any
// of its attempts. It is false for reads, for 4xx and redirects, and for what failed before anything was sent.
func OutcomeUnknown(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.unknown
}

func statusLine(status int) string {
	if text := http.StatusText(status); text != "" {
		return fmt.Sprintf("%d %s", status, text)
	}
	return fmt.Sprintf("%d", status)
}
