package simulator_test

import (
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"wassist-sync/wassist/simulator"
)

// TestThrottleIsASlidingLog: exact at both edges of the window, and requests
// that are refused do not count.
func TestThrottleIsASlidingLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := inProcess(t, simulator.Options{})
		status := func() int { return a.do("GET", "agents/", "").status }
		for i := range 100 {
			if i == 50 {
				time.Sleep(10 * time.Second)
			}
			if got := status(); got != 200 {
				t.Fatalf("request %d: %d", i+1, got)
			}
		}
		for range 500 { // refused, and not logged
			if got := status(); got != 429 {
				t.Fatalf("request 101: %d, want 429", got)
			}
		}
		time.Sleep(50*time.Second - time.Nanosecond)
		if got := status(); got != 429 {
			t.Errorf("a nanosecond before the window is over: %d, want 429", got)
		}
		time.Sleep(time.Nanosecond)
		for i := range 50 { // the first fifty have left the window, exactly now
			if got := status(); got != 200 {
				t.Fatalf("request %d of the next window: %d, want 200", i+1, got)
			}
		}
		if got := status(); got != 429 {
			t.Errorf("the other fifty still count: %d, want 429", got)
		}
		time.Sleep(10 * time.Second)
		if got := status(); got != 200 {
			t.Errorf("after they left: %d, want 200", got)
		}
	})
}

// TestWhatTheThrottleCounts: it stands behind authentication and before
// everything else.
func TestWhatTheThrottleCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := simulator.New(simulator.Options{RateLimit: 3, RateWindow: 2 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		a := &api{t: t, s: s, client: &http.Client{Transport: s.RoundTripper()}, base: "http://sim.test", key: "one"}
		for range 5 { // none of these counts
			a.do("GET", "nothing/", "")
			a.key = ""
			a.want(401, "GET", "agents/", "")
			a.key = "one"
		}
		a.want(405, "DELETE", "agents/", "") // these do
		a.want(404, "GET", "agents/x/", "")
		a.want(400, "POST", "agents/", `{`)
		a.want(429, "GET", "agents/", "")
		a.key = "two" // each key has its own log
		a.want(200, "GET", "agents/", "")
		a.key = "one"
		time.Sleep(2 * time.Second)
		a.want(200, "GET", "agents/", "")
	})
}

func TestNoThrottle(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{RateLimit: -1})
	for i := range 150 {
		if got := a.do("GET", "agents/", "").status; got != 200 {
			t.Fatalf("request %d: %d", i+1, got)
		}
	}
}

// TestForms429: what the client is told, and that it is enough.
func TestForms429(t *testing.T) {
	tests := []struct {
		form          string
		seconds, date bool
		body          string
	}{
		{form: simulator.RetryAfterHeader, seconds: true, body: `{"error":"Rate limit exceeded"}`},
		{form: "", seconds: true, body: `{"error":"Rate limit exceeded"}`},
		{form: simulator.RetryAfterBody, body: `{"error":"Rate limit exceeded","retry_after":59}`},
		{form: simulator.RetryAfterBoth, seconds: true, body: `{"error":"Rate limit exceeded","retry_after":59}`},
		{form: simulator.RetryAfterDate, date: true, body: `{"error":"Rate limit exceeded"}`},
		{form: simulator.RetryAfterNone, body: `{"error":"Rate limit exceeded"}`},
	}
	for _, tt := range tests {
		t.Run(tt.form, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := inProcess(t, simulator.Options{RateLimit: 1, RetryAfter: tt.form})
				time.Sleep(300 * time.Millisecond) // not on a whole second
				a.want(200, "GET", "agents/", "")
				time.Sleep(1100 * time.Millisecond)
				res := a.do("GET", "agents/", "")
				if res.status != 429 {
					t.Fatalf("status %d", res.status)
				}
				same(t, "body", res.body, tt.body)
				header := res.header.Get("Retry-After")
				var wait time.Duration
				switch {
				case tt.seconds:
					if header != "59" { // 58.9 s, rounded up
						t.Fatalf("Retry-After %q, want 59", header)
					}
					n, _ := strconv.Atoi(header)
					wait = time.Duration(n) * time.Second
				case tt.date:
					at, err := http.ParseTime(header)
					if err != nil {
						t.Fatalf("Retry-After %q: %v", header, err)
					}
					wait = time.Until(at)
					if wait < 58900*time.Millisecond || wait >= 60*time.Second {
						t.Errorf("the date is %v away, want 58.9 s and less than a second more", wait)
					}
				default:
					if header != "" {
						t.Errorf("Retry-After %q, want none", header)
					}
					wait = 59 * time.Second
				}
				time.Sleep(wait)
				a.want(200, "GET", "agents/", "")
			})
		})
	}
}
