package wassist

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const testKey = "wk_live_CANARY-KEY-51c2"

// fake is a server without a network. Each request takes a way there and a way back, and is answered in between.
type fake struct {
	way    func(n int) (there, back time.Duration) // nil: no time passes
	answer func(n int, r *http.Request) (*canned, error)

	mu       sync.Mutex
	arrivals []time.Time
	requests []string // method, path and query, body
	headers  []http.Header
}

// canned is what an http.Response is made of; as a type of its own it needs no closing.
type canned struct {
	StatusCode int
	Header     http.Header
	Body       io.ReadCloser
}

func (f *fake) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	n := len(f.requests)
	line := r.Method + " " + r.URL.RequestURI()
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			f.mu.Unlock()
			return nil, err
		}
		line += " " + string(body)
	}
	f.requests = append(f.requests, line)
	f.headers = append(f.headers, r.Header.Clone())
	f.mu.Unlock()
	var there, back time.Duration
	if f.way != nil {
		there, back = f.way(n)
	}
	if err := pause(r.Context(), there); err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.arrivals = append(f.arrivals, time.Now())
	f.mu.Unlock()
	resp, err := f.answer(n, r)
	if waitErr := pause(r.Context(), back); waitErr != nil {
		return nil, waitErr
	}
	if resp == nil {
		return nil, err
	}
	return &http.Response{StatusCode: resp.StatusCode, Header: resp.Header, Body: resp.Body}, err
}

func pause(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return ctx.Err()
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *fake) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.requests)
}

// reply is an answer with a JSON body; further arguments are header names and values.
func reply(status int, body string, header ...string) (*canned, error) {
	h := http.Header{"Content-Type": {"application/json"}}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &canned{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}, nil
}

// always answers every request in the same way.
func always(status int, body string, header ...string) func(int, *http.Request) (*canned, error) {
	return func(int, *http.Request) (*canned, error) { return reply(status, body, header...) }
}

// script answers the n-th request with the n-th entry, and all later ones with the last.
func script(steps ...func(int, *http.Request) (*canned, error)) func(int, *http.Request) (*canned, error) {
	return func(n int, r *http.Request) (*canned, error) { return steps[min(n, len(steps)-1)](n, r) }
}

func newClient(t testing.TB, rt http.RoundTripper, opts ...Option) *Client {
	t.Helper()
	opts = append([]Option{
		WithHTTPClient(&http.Client{Transport: rt}), WithJitter(func() float64 { return 0.5 }),
	}, opts...)
	c, err := New(testKey, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const oneAgent = `{"id":"a1","name":"Order desk"}`

// crowded returns the largest number of instants within any window: [t, t+window], both ends included.
func crowded(instants []time.Time, window time.Duration) int {
	sorted := slices.SortedFunc(slices.Values(instants), time.Time.Compare)
	most, from := 0, 0
	for to := range sorted {
		for sorted[to].Sub(sorted[from]) > window {
			from++
		}
		most = max(most, to-from+1)
	}
	return most
}

func agentsPage(count, from, to int, next string) string {
	var b strings.Builder
	b.WriteString(`{"count":` + strconv.Itoa(count) + `,"next":` + next + `,"previous":null,"results":[`)
	for i := from; i < to; i++ {
		if i > from {
			b.WriteByte(',')
		}
		b.WriteString(`{"id":"a` + strconv.Itoa(i) + `","name":"n"}`)
	}
	b.WriteString(`]}`)
	return b.String()
}
