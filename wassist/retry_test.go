package wassist

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// calls are one of each method and kind.
var calls = []struct {
	name string
	call func(ctx context.Context, c *Client) error
}{
	{"GET", func(ctx context.Context, c *Client) error { return second(c.Agents.Get(ctx, "a1")) }},
	{"DELETE", func(ctx context.Context, c *Client) error { return c.Agents.Delete(ctx, "a1") }},
	{"PATCH", func(ctx context.Context, c *Client) error { return second(c.Agents.Update(ctx, "a1", AgentUpdate{})) }},
	{"PATCH repeatable", func(ctx context.Context, c *Client) error {
		return second(c.Agents.Update(ctx, "a1", AgentUpdate{}, Repeatable()))
	}},
	{"PUT", func(ctx context.Context, c *Client) error { return second(c.Agents.Replace(ctx, "a1", Agent{})) }},
	{"PUT repeatable", func(ctx context.Context, c *Client) error {
		return second(c.Agents.Replace(ctx, "a1", Agent{}, Repeatable()))
	}},
	{"POST", func(ctx context.Context, c *Client) error { return second(c.Agents.Create(ctx, "n")) }},
	{"POST repeatable", func(ctx context.Context, c *Client) error {
		return second(c.Do(ctx, "POST", "agents/", []byte("{}"), Repeatable()))
	}},
}

type answer = func(n int, r *http.Request) (*canned, error)

func brokenBody(n int, _ *http.Request) (*canned, error) {
	resp, _ := reply(200, "")
	resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(oneAgent[:9]), failing{}))
	return resp, nil
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func hang(_ int, r *http.Request) (*canned, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func fails(err error) answer {
	return func(int, *http.Request) (*canned, error) { return nil, err }
}

var dialFault = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}

// What is repeated, what is not, and what is known of the outcome afterwards.
func TestRepetition(t *testing.T) {
	const (
		never      = 1
		again      = DefaultMaxAttempts
		againOn429 = DefaultMaxRateLimited
	)
	type want struct {
		requests int
		unknown  bool
	}
	// Columns: GET, DELETE, PATCH, PATCH repeatable, PUT, PUT repeatable, POST, POST repeatable.
	all := func(n int, unknown bool) (w [8]want) {
		for i := range w {
			w[i] = want{n, unknown && i > 0} // a read has no effect
		}
		return w
	}
	safe := [8]want{{again, false}, {again, true}, {never, true}, {again, true}, {never, true}, {again, true}, {never, true}, {never, true}}
	faults := []struct {
		name   string
		answer answer
		want   [8]want
	}{
		{"400", always(400, `{"name":["bad"]}`), all(never, false)},
		{"401", always(401, `{"detail":"no"}`), all(never, false)},
		{"403", always(403, `{"detail":"no"}`), all(never, false)},
		{"404", always(404, `{"detail":"no"}`), all(never, false)},
		{"405", always(405, `{"detail":"no"}`), all(never, false)},
		{"408", always(408, ``), all(never, false)},
		{"409", always(409, `{"error":"no"}`), all(never, false)},
		{"422", always(422, `{"error":"no"}`), all(never, false)},
		{"423", always(423, ``), all(never, false)},
		{"429 with seconds", always(429, `{}`, "Retry-After", "7"), all(againOn429, false)},
		{"429 with a body", always(429, `{"error":"slow","retry_after":7}`), all(againOn429, false)},
		{"429 that says nothing", always(429, ``), all(againOn429, false)},
		{"429 that asks too much", always(429, ``, "Retry-After", "3600"), all(never, false)},
		{"500", always(500, `<h1>Server Error</h1>`), safe},
		{"501", always(501, ``), all(never, true)},
		{"502", always(502, `<html>`), safe},
		{"503", always(503, ``), safe},
		{"503 with seconds", always(503, ``, "Retry-After", "7"), safe},
		{"503 that asks too much", always(503, ``, "Retry-After", "3600"), all(never, true)},
		{"504", always(504, ``), safe},
		{"301", always(301, ``, "Location", "https://evil.example/x"), all(never, false)},
		{"302 without location", always(302, ``), all(never, false)},
		{"304", always(304, ``), all(never, false)},
		{"reset", fails(&net.OpError{Op: "read", Err: syscall.ECONNRESET}), safe},
		{"end of file", fails(io.EOF), safe},
		{"no connection", fails(fmt.Errorf("wrapped: %w", dialFault)), all(again, false)},
		{"no answer in time", hang, safe},
		{"body that breaks off", brokenBody, safe},
	}
	for _, fault := range faults {
		for i, call := range calls {
			t.Run(fault.name+" on "+call.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					server := &fake{answer: fault.answer}
					c := newClient(t, server)
					err := call.call(t.Context(), c)
					var e *Error
					if !errors.As(err, &e) {
						t.Fatalf("err = %v", err)
					}
					want := fault.want[i]
					if server.count() != want.requests || e.Attempts != want.requests || c.Requests() != int64(want.requests) {
						t.Errorf("%d requests (%d attempts, %d counted), want %d", server.count(), e.Attempts, c.Requests(), want.requests)
					}
					if OutcomeUnknown(err) != want.unknown {
						t.Errorf("OutcomeUnknown = %v, want %v: %v", OutcomeUnknown(err), want.unknown, err)
					}
				})
			})
		}
	}
}

// What a 2xx with an unusable body is: an error, not repeated, and a write has happened.
func TestUnusableAnswers(t *testing.T) {
	for name, a := range map[string]struct {
		answer  answer
		message string
	}{
		"HTML":             {always(200, "<!doctype html><title>Sign in</title>", "Content-Type", "text/html; charset=utf-8"), "HTML"},
		"HTML as JSON":     {always(200, " <html>"), "HTML"},
		"text":             {always(200, "signed out", "Content-Type", "text/plain"), `"text/plain"`},
		"a malformed type": {always(200, "signed out", "Content-Type", "a b c"), `"a b c"`},
		"nothing":          {always(204, ""), "empty"},
		"half a text":      {always(200, oneAgent[:9]), "broken or incomplete at byte 9"},
		"two texts":        {always(200, oneAgent+oneAgent), "broken"},
		"an array":         {always(200, "[]"), "the whole is of the kind ["},
		"a wrong member":   {always(200, `{"id":"a1","tools":[{"name":5}]}`), "/tools/0/name is of the kind"},
		"a member twice":   {always(200, `{"id":"a1","id":"a2"}`), "twice"},
		"no id":            {always(200, `{"detail":"ok"}`), "no id"},
		"null":             {always(200, `null`), "no id"},
	} {
		for _, call := range calls[:7] {
			message := a.message
			if call.name == "DELETE" {
				switch message {
				case "empty": // as it should be
					continue
				case "no id":
					message = "neither empty nor the agent"
				}
			}
			t.Run(name+" on "+call.name, func(t *testing.T) {
				server := &fake{answer: a.answer}
				c := newClient(t, server)
				err := call.call(t.Context(), c)
				var e *Error
				if !errors.As(err, &e) || !errors.Is(err, ErrBadAnswer) || !strings.Contains(e.Message, message) || e.Status/100 != 2 {
					t.Fatalf("err = %v", err)
				}
				if server.count() != 1 || e.Attempts != 1 {
					t.Errorf("%d requests", server.count())
				}
				if OutcomeUnknown(err) != (call.name != "GET") {
					t.Errorf("OutcomeUnknown = %v", OutcomeUnknown(err))
				}
			})
		}
	}
	// The body decides, not its label.
	for _, label := range []string{"", "text/plain; charset=utf-8", "text/html", "a b c"} {
		if _, err := newClient(t, &fake{answer: func(int, *http.Request) (*canned, error) {
			resp, _ := reply(200, oneAgent)
			resp.Header.Set("Content-Type", label)
			return resp, nil
		}}).Agents.Get(t.Context(), "a1"); err != nil {
			t.Errorf("JSON labelled %q: %v", label, err)
		}
	}
}

func TestTheServerSaysNothingAtAll(t *testing.T) {
	for name, a := range map[string]answer{
		"no answer and no error": func(int, *http.Request) (*canned, error) { return nil, nil },
		"an answer without a body": func(int, *http.Request) (*canned, error) {
			return &canned{StatusCode: 200, Header: http.Header{}}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := second(newClient(t, &fake{answer: a}, WithMaxAttempts(1)).Agents.Get(t.Context(), "a1"))
			var e *Error
			if !errors.As(err, &e) {
				t.Errorf("err = %v", err)
			}
		})
	}
}

// pauses makes calls until one ends, and returns the time between requests as the server saw them.
func pauses(t *testing.T, a answer, call func(ctx context.Context, c *Client) error, opts ...Option) (gaps []time.Duration, err error) {
	t.Helper()
	server := &fake{answer: a}
	err = call(t.Context(), newClient(t, server, opts...))
	for i := 1; i < len(server.arrivals); i++ {
		gaps = append(gaps, server.arrivals[i].Sub(server.arrivals[i-1]))
	}
	return gaps, err
}

func TestPausesBetweenAttempts(t *testing.T) {
	const ms = time.Millisecond
	get := calls[0].call
	fullRate := WithRate(1_000_000, time.Minute) // so that the bucket does not stretch what the retry policy decides
	full := WithJitter(func() float64 { return 0.999999999999 })
	none := WithJitter(func() float64 { return 0 })
	date := func(seconds int) string {
		return time.Now().Add(time.Duration(seconds) * time.Second).UTC().Format(http.TimeFormat)
	}
	ok := always(200, oneAgent)
	cases := map[string]struct {
		answer func() answer
		opts   []Option
		want   []time.Duration
	}{
		"5xx, no jitter":   {func() answer { return always(500, "") }, []Option{none}, []time.Duration{0, 0, 0, 0}},
		"5xx, full jitter": {func() answer { return always(500, "") }, []Option{full}, []time.Duration{500 * ms, 1000 * ms, 2000 * ms, 4000 * ms}},
		"a reset, half jitter": {func() answer { return fails(io.EOF) }, nil,
			[]time.Duration{250 * ms, 500 * ms, 1000 * ms, 2000 * ms}},
		"503 that says when in its body": {func() answer { return script(always(503, `{"retry_after":20}`), ok) }, []Option{none},
			[]time.Duration{20 * time.Second}},
		"503 that says when": {func() answer { return script(always(503, "", "Retry-After", "20"), ok) }, []Option{none},
			[]time.Duration{20 * time.Second}},
		"429 with seconds": {func() answer { return script(always(429, "", "Retry-After", "20"), ok) }, nil,
			[]time.Duration{20500 * ms}},
		"429 with a fraction": {func() answer { return script(always(429, "", "Retry-After", " 0.5 "), ok) }, []Option{none},
			[]time.Duration{500 * ms}},
		"429 with zero": {func() answer { return script(always(429, "", "Retry-After", "0"), ok) }, []Option{none},
			[]time.Duration{0}},
		"429 with a negative number": {func() answer { return script(always(429, "", "Retry-After", "-5"), ok) }, []Option{none},
			[]time.Duration{0}},
		"429 with a date": {func() answer { return script(always(429, "", "Retry-After", date(20)), ok) }, []Option{none},
			[]time.Duration{20 * time.Second}},
		"429 with a date of another clock": {func() answer {
			return script(always(429, "", "Retry-After", date(3620), "Date", date(3600)), ok)
		}, []Option{none}, []time.Duration{20 * time.Second}},
		"429 with a date in the past": {func() answer { return script(always(429, "", "Retry-After", date(-20)), ok) }, []Option{none},
			[]time.Duration{0}},
		"429 with a body": {func() answer { return script(always(429, `{"error":"slow","retry_after":20}`), ok) }, []Option{none},
			[]time.Duration{20 * time.Second}},
		"429 with a number as text": {func() answer { return script(always(429, `{"retry_after":"20"}`), ok) }, []Option{none},
			[]time.Duration{20 * time.Second}},
		"429 with both: the header": {func() answer {
			return script(always(429, `{"error":"slow","retry_after":50}`, "Retry-After", "20"), ok)
		}, []Option{none}, []time.Duration{20 * time.Second}},
		"429 that says nothing": {func() answer { return always(429, `{"error":"slow","retry_after":{}}`) }, []Option{none},
			[]time.Duration{
				time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second,
				time.Minute, time.Minute, time.Minute,
			}},
		"429 with nonsense": {func() answer { return script(always(429, `[7]`, "Retry-After", "soon"), ok) }, []Option{none},
			[]time.Duration{time.Second}},
		"429s do not use up the attempts for faults": {func() answer {
			return script(always(429, ""), always(500, ""), always(500, ""), always(500, ""), always(500, ""), ok)
		}, []Option{none}, []time.Duration{time.Second, 0, 0, 0, 0}},
		"one attempt":     {func() answer { return always(500, "") }, []Option{WithMaxAttempts(1)}, nil},
		"two 429s":        {func() answer { return always(429, "") }, []Option{none, WithMaxRateLimited(2)}, []time.Duration{time.Second}},
		"a 429 is enough": {func() answer { return always(429, "") }, []Option{WithMaxRateLimited(1)}, nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got, _ := pauses(t, tc.answer(), get, append([]Option{fullRate}, tc.opts...)...)
				if len(got) != len(tc.want) {
					t.Fatalf("pauses %v, want %v", got, tc.want)
				}
				for i := range got {
					if d := got[i] - tc.want[i]; d < -ms || d > ms { // the slowed bucket of a million a minute adds microseconds
						t.Errorf("pauses %v, want %v", got, tc.want)
						break
					}
				}
			})
		})
	}
}

// Under the real rate, the attempts after a 429 take tokens like all others.
func TestRetriesPassTheLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &fake{answer: always(500, "")}
		c := newClient(t, server, WithRate(2, time.Minute), WithJitter(func() float64 { return 0 }))
		_ = calls[0].call(t.Context(), c)
		if got := crowded(server.arrivals, time.Minute); got != 2 || len(server.arrivals) != 5 {
			t.Errorf("%d of %d requests in one window", got, len(server.arrivals))
		}
	})
}

// A wait that is too long for one call must not hold up the calls after it.
func TestAfterGivingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, &fake{answer: script(always(429, "", "Retry-After", "3600"), always(200, oneAgent))})
		if err := calls[0].call(t.Context(), c); !errors.Is(err, ErrRateLimited) {
			t.Errorf("err = %v", err)
		}
		start := time.Now()
		if err := calls[0].call(t.Context(), c); err != nil || time.Since(start) > 2*time.Minute {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestARetryThatSucceeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &fake{answer: script(always(502, "<html>"), hang, fails(io.EOF), always(429, ""), always(200, oneAgent))}
		var events []Event
		c := newClient(t, server, WithObserver(func(e Event) { events = append(events, e) }))
		a, err := c.Agents.Get(t.Context(), "a1")
		if err != nil || a.ID != "a1" || server.count() != 5 {
			t.Fatalf("%v, %v after %d requests", a.ID, err, server.count())
		}
		var got []string
		for _, e := range events {
			got = append(got, fmt.Sprintf("%s %d %s%d", e.Kind, e.Attempt, e.Reason, e.Status))
			if e.Kind == EventAttempt && (e.Err == nil) != (e.Status == 200) {
				t.Errorf("event %v has the error %v", e, e.Err)
			}
			if e.Method != "GET" || e.Path != "/agents/a1/" {
				t.Errorf("event of %s %s", e.Method, e.Path)
			}
		}
		want := "attempt 1 502;wait 2 retry0;attempt 2 0;wait 3 retry0;attempt 3 0;wait 4 retry0;attempt 4 429;wait 5 4290;attempt 5 200"
		if strings.Join(got, ";") != want {
			t.Errorf("events\n%s\nwant\n%s", strings.Join(got, ";"), want)
		}
		if events[2].Duration != DefaultTimeout {
			t.Errorf("the attempt that hung took %v", events[2].Duration)
		}
	})
}
