package reliability

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// fault is something that happens to one request on its way to the server or back. "Before" means that the server
// never saw the request, "after" that it took effect and only the answer is lost or wrong.
type fault struct {
	name string
	do   func(server http.RoundTripper, r *http.Request) (*http.Response, error)
}

// faults are all of them, in the order of the table.
var faults = []fault{
	{"connection refused", unseen(func(*http.Request) (*http.Response, error) { return nil, network("dial", syscall.ECONNREFUSED) })},
	{"reset before", unseen(func(*http.Request) (*http.Response, error) { return nil, network("read", syscall.ECONNRESET) })},
	{"reset after", seen(func(*http.Request, *http.Response) (*http.Response, error) {
		return nil, network("read", syscall.ECONNRESET)
	})},
	{"500 before", unseen(answered(500, "application/json", `{"error":"Internal Server Error"}`))},
	{"500 after", seen(instead(500, "application/json", `{"error":"Internal Server Error"}`))},
	{"502 with HTML, before", unseen(answered(502, "text/html", gatewayPage))},
	{"502 with HTML, after", seen(instead(502, "text/html", gatewayPage))},
	{"503 with Retry-After, before", unseen(answered(503, "text/plain", "busy", "Retry-After: 20"))},
	{"503 with Retry-After, after", seen(instead(503, "text/plain", "busy", "Retry-After: 20"))},
	{"429, Retry-After in seconds", unseen(answered(429, "application/json", `{"error":"Rate limit exceeded"}`, "Retry-After: 20"))},
	{"429, Retry-After as a date", unseen(func(r *http.Request) (*http.Response, error) {
		at := time.Now().Add(20 * time.Second).UTC().Format(http.TimeFormat)
		return answered(429, "application/json", `{"error":"Rate limit exceeded"}`, "Retry-After: "+at)(r)
	})},
	{"429, retry_after in the body", unseen(answered(429, "application/json", `{"error":"Rate limit exceeded","retry_after":20}`))},
	{"429, both", unseen(answered(429, "application/json", `{"error":"Rate limit exceeded","retry_after":20}`, "Retry-After: 20"))},
	{"429, neither", unseen(answered(429, "application/json", `{"error":"Rate limit exceeded"}`))},
	{"429, an HTML page", unseen(answered(429, "text/html", gatewayPage))},
	{"truncated body", seen(func(_ *http.Request, a *http.Response) (*http.Response, error) {
		all, err := io.ReadAll(a.Body)
		a.Body = io.NopCloser(io.MultiReader(bytes.NewReader(all[:len(all)/2]), broken{}))
		return a, err
	})},
	{"empty body", seen(func(_ *http.Request, a *http.Response) (*http.Response, error) { return rewritten(a, "") })},
	{"wrong content type", seen(func(_ *http.Request, a *http.Response) (*http.Response, error) {
		a.Header.Set("Content-Type", "text/plain")
		return a, nil
	})},
	{"200 with HTML, before", unseen(answered(200, "text/html", "<html><title>Please log in</title></html>"))},
	{"200 with HTML, after", seen(instead(200, "text/html", "<html><title>Please log in</title></html>"))},
	{"JSON in an array or an object too many", seen(func(_ *http.Request, a *http.Response) (*http.Response, error) {
		all, err := io.ReadAll(a.Body)
		if err != nil || len(all) == 0 {
			return rewritten(a, "")
		}
		if all[0] == '[' {
			return rewritten(a, `{"items":`+string(all)+`}`)
		}
		return rewritten(a, `[`+string(all)+`]`)
	})},
	{"JSON, an empty object", seen(func(_ *http.Request, a *http.Response) (*http.Response, error) { return rewritten(a, `{}`) })},
	{"JSON, null", seen(func(_ *http.Request, a *http.Response) (*http.Response, error) { return rewritten(a, `null`) })},
	{"JSON of an error with 200, before", unseen(answered(200, "application/json", `{"detail":"Not found."}`))},
	{"hang until the timeout, before", unseen(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})},
	{"hang until the timeout, after", seen(func(r *http.Request, _ *http.Response) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})},
	{"redirect 302", unseen(answered(302, "text/html", "", "Location: https://elsewhere.example/api/v1/"))},
	{"redirect 307", unseen(answered(307, "text/html", "", "Location: https://elsewhere.example/api/v1/"))},
	{"killed before", unseen(func(*http.Request) (*http.Response, error) {
		runtime.Goexit()
		return nil, nil
	})},
	{"killed after", seen(func(*http.Request, *http.Response) (*http.Response, error) {
		runtime.Goexit()
		return nil, nil
	})},
}

const gatewayPage = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body></html>"

type exchange = func(server http.RoundTripper, r *http.Request) (*http.Response, error)

// unseen answers in the server's place.
func unseen(f func(*http.Request) (*http.Response, error)) exchange {
	return func(_ http.RoundTripper, r *http.Request) (*http.Response, error) { return f(r) }
}

// seen lets the server do what it was asked, and changes the answer.
func seen(f func(*http.Request, *http.Response) (*http.Response, error)) exchange {
	return func(server http.RoundTripper, r *http.Request) (*http.Response, error) {
		a, err := server.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		return f(r, a)
	}
}

func answered(status int, contentType, body string, headers ...string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		h := http.Header{"Content-Type": {contentType}, "Date": {time.Now().UTC().Format(http.TimeFormat)}}
		for _, line := range headers {
			name, value, _ := strings.Cut(line, ": ")
			h.Set(name, value)
		}
		return &http.Response{
			Status: fmt.Sprintf("%d", status), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: r,
		}, nil
	}
}

func instead(status int, contentType, body string, headers ...string) func(*http.Request, *http.Response) (*http.Response, error) {
	answer := answered(status, contentType, body, headers...) //nolint:bodyclose // no answer yet: the client closes the one that this makes
	return func(r *http.Request, _ *http.Response) (*http.Response, error) { return answer(r) }
}

func rewritten(a *http.Response, body string) (*http.Response, error) {
	a.Body, a.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	return a, nil
}

// network is an error as net/http's transport gives it.
func network(op string, err error) error {
	return &net.OpError{Op: op, Net: "tcp", Err: os.NewSyscallError(op, err)}
}

// broken is the rest of a body that never comes.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
