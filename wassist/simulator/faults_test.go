package simulator_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/wassist/simulator"
)

// TestFaults shows each kind on a create, over both transports: what the client
// sees, and whether the request took effect.
func TestFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		fault  simulator.Fault
		status int // 0: no answer
		broken bool
		want   string
		effect bool
		check  func(*testing.T, result)
	}{
		{name: "nothing", fault: simulator.Fault{}, status: 201, effect: true},
		{name: "drop before", fault: simulator.Fault{Kind: simulator.DropBefore}, broken: true},
		{name: "drop after", fault: simulator.Fault{Kind: simulator.DropAfter}, broken: true, effect: true},
		{name: "truncated", fault: simulator.Fault{Kind: simulator.TruncateBody}, status: 201, broken: true, effect: true},
		{name: "status", fault: simulator.Fault{Kind: simulator.Status, Code: 503}, status: 503, want: `{"error":"Service Unavailable"}`},
		{name: "status by default", fault: simulator.Fault{Kind: simulator.Status}, status: 500, want: `{"error":"Internal Server Error"}`},
		{name: "status with a body", fault: simulator.Fault{Kind: simulator.Status, Code: 403, Body: `{"message":"no"}`}, status: 403, want: `{"message":"no"}`},
		{name: "status with a text", fault: simulator.Fault{Kind: simulator.Status, Code: 502, Body: `oops`}, status: 502,
			check: func(t *testing.T, r result) {
				if r.body != "oops" || strings.Contains(r.header.Get("Content-Type"), "json") {
					t.Errorf("body %q as %s", r.body, r.header.Get("Content-Type"))
				}
			}},
		{name: "status after", fault: simulator.Fault{Kind: simulator.StatusAfter, Code: 504}, status: 504, want: `{"error":"Gateway Timeout"}`, effect: true},
		{name: "empty body", fault: simulator.Fault{Kind: simulator.EmptyBody}, status: 201, effect: true,
			check: func(t *testing.T, r result) {
				if r.body != "" {
					t.Errorf("body %q", r.body)
				}
			}},
		{name: "html", fault: simulator.Fault{Kind: simulator.HTML}, status: 502,
			check: func(t *testing.T, r result) {
				if !strings.HasPrefix(r.body, "<!doctype html>") || r.header.Get("Content-Type") != "text/html; charset=utf-8" {
					t.Errorf("body %.40q as %s", r.body, r.header.Get("Content-Type"))
				}
			}},
		{name: "wrong content type", fault: simulator.Fault{Kind: simulator.WrongContentType}, status: 201, effect: true,
			check: func(t *testing.T, r result) {
				if _, ok := parse(t, r.body).(map[string]any); !ok || r.header.Get("Content-Type") != "text/plain; charset=utf-8" {
					t.Errorf("body %.40q as %s", r.body, r.header.Get("Content-Type"))
				}
			}},
		{name: "wrong shape", fault: simulator.Fault{Kind: simulator.WrongShape}, status: 201, effect: true,
			check: func(t *testing.T, r result) {
				if n := len(list(parse(t, r.body))); n != 1 {
					t.Errorf("body %.40q, want the agent in an array", r.body)
				}
			}},
		{name: "redirect", fault: simulator.Fault{Kind: simulator.Redirect}, status: 302,
			check: func(t *testing.T, r result) {
				if got := r.header.Get("Location"); got != "https://elsewhere.example/api/v1/" {
					t.Errorf("Location %q", got)
				}
			}},
		{name: "redirect of one's own", fault: simulator.Fault{Kind: simulator.Redirect, Code: 307, Location: "/x"}, status: 307,
			check: func(t *testing.T, r result) {
				if got := r.header.Get("Location"); got != "/x" {
					t.Errorf("Location %q", got)
				}
			}},
		{name: "rate limit", fault: simulator.Fault{Kind: simulator.RateLimit}, status: 429, want: `{"error":"Rate limit exceeded"}`,
			check: func(t *testing.T, r result) {
				if got := r.header.Get("Retry-After"); got != "60" {
					t.Errorf("Retry-After %q", got)
				}
			}},
		{name: "rate limit in the body", fault: simulator.Fault{Kind: simulator.RateLimit, RetryAfter: simulator.RetryAfterBody, Wait: 5 * time.Second},
			status: 429, want: `{"error":"Rate limit exceeded","retry_after":5}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bothWays(t, simulator.Options{}, func(t *testing.T, a *api) {
				a.s.Fault(tt.fault)
				res, err := a.send(a.request("POST", "agents/", `{"name":"x"}`))
				if (err != nil) != tt.broken {
					t.Fatalf("error %v, want one: %v", err, tt.broken)
				}
				if tt.broken && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Errorf("error %v, want an end of file", err)
				}
				if res.status != tt.status {
					t.Errorf("status %d, want %d", res.status, tt.status)
				}
				if tt.want != "" {
					same(t, "body", res.body, tt.want)
				}
				if tt.check != nil {
					tt.check(t, res)
				}
				if got := len(a.s.Agents()) == 1; got != tt.effect {
					t.Errorf("took effect: %v, want %v", got, tt.effect)
				}
				log := a.s.Requests()
				if len(log) != 1 || log[0].Fault != tt.fault.Kind || (log[0].Reached == 201) != tt.effect || log[0].Status != tt.status {
					t.Errorf("log %+v", log)
				}
			})
		})
	}
}

// TestTruncatedAndWrapped: half of a body arrives, and a body that is empty cannot
// be cut.
func TestTruncatedAndWrapped(t *testing.T) {
	t.Parallel()
	bothWays(t, simulator.Options{}, func(t *testing.T, a *api) {
		whole := a.do("GET", "phone-numbers/", "").body
		a.s.Fault(simulator.Fault{Nth: 1, Kind: simulator.TruncateBody})
		res, err := a.send(a.request("GET", "phone-numbers/", ""))
		if !errors.Is(err, io.ErrUnexpectedEOF) || res.body != whole[:len(whole)/2] {
			t.Errorf("error %v after %d of %d bytes", err, len(res.body), len(whole))
		}
		a.s.Fault(simulator.Fault{Nth: 1, Kind: simulator.WrongShape})
		if n := len(list(a.want(200, "GET", "phone-numbers/", "")["items"])); n != 3 {
			t.Errorf("%d items, want 3", n)
		}
		id := a.create("x")
		a.s.Fault(simulator.Fault{Nth: 1, Kind: simulator.TruncateBody})
		if _, err := a.send(a.request("DELETE", "agents/"+id+"/", "")); err == nil {
			t.Error("a cut answer without a body arrived")
		}
		if a.s.Agent(id) != nil {
			t.Error("the delete took no effect")
		}
	})
}

// TestHang: nothing comes until the client gives up.
func TestHang(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		fault := simulator.Fault{Kind: simulator.Hang}
		if after {
			fault.Kind = simulator.HangAfter
		}
		t.Run(string(fault.Kind), func(t *testing.T) {
			t.Parallel()
			t.Run("round tripper", func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					a := inProcess(t, simulator.Options{})
					a.s.Fault(fault)
					ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
					defer cancel()
					start := time.Now()
					_, err := a.send(a.request("POST", "agents/", `{"name":"x"}`).WithContext(ctx))
					if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Hour {
						t.Errorf("error %v after %v", err, time.Since(start))
					}
					if got := len(a.s.Agents()) == 1; got != after {
						t.Errorf("took effect: %v, want %v", got, after)
					}
				})
			})
			t.Run("socket", func(t *testing.T) {
				a := overSocket(t, simulator.Options{})
				a.s.Fault(fault)
				ctx, cancel := context.WithCancel(t.Context())
				a.s.Before(func(*http.Request) { cancel() })
				if _, err := a.send(a.request("POST", "agents/", `{"name":"x"}`).WithContext(ctx)); !errors.Is(err, context.Canceled) {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}

// TestWhichRequests: matching, counting, and how several faults go together.
func TestWhichRequests(t *testing.T) {
	t.Parallel()
	const (
		get   = "GET agents/"
		post  = "POST agents/"
		phone = "GET phone-numbers/"
	)
	tests := []struct {
		name   string
		faults []simulator.Fault
		calls  []string
		want   []int
	}{
		{"all", []simulator.Fault{{Code: 500}}, []string{get, post, phone}, []int{500, 500, 500}},
		{"the second only", []simulator.Fault{{Nth: 2, Code: 500}}, []string{get, get, get}, []int{200, 500, 200}},
		{"the first two", []simulator.Fault{{Times: 2, Code: 500}}, []string{get, get, get}, []int{500, 500, 200}},
		{"the second and third", []simulator.Fault{{Nth: 2, Times: 2, Code: 500}}, []string{get, get, get, get}, []int{200, 500, 500, 200}},
		{"from the second on", []simulator.Fault{{Nth: 2, Times: -1, Code: 500}}, []string{get, get, get, get}, []int{200, 500, 500, 500}},
		{"a method", []simulator.Fault{{Method: "GET", Nth: 2, Code: 500}}, []string{get, post, phone}, []int{200, 400, 500}},
		{"a path", []simulator.Fault{{PathPrefix: "/api/v1/phone", Code: 500}}, []string{get, phone}, []int{200, 500}},
		{"a function", []simulator.Fault{{Code: 500, Match: func(r *http.Request) bool {
			b, _ := io.ReadAll(r.Body)
			return string(b) == "{}"
		}}}, []string{get, post}, []int{200, 500}},
		{"the first decides, all count", []simulator.Fault{{Nth: 1, Code: 500}, {Nth: 2, Code: 502}, {Code: 503}},
			[]string{get, get, get}, []int{500, 502, 503}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := inProcess(t, simulator.Options{})
			for _, f := range tt.faults {
				f.Kind = simulator.Status
				a.s.Fault(f)
			}
			var got []int
			for _, c := range tt.calls {
				method, path, _ := strings.Cut(c, " ")
				body := ""
				if method == "POST" {
					body = "{}"
				}
				got = append(got, a.do(method, path, body).status)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("statuses (-want +got):\n%s", diff)
			}
			a.s.ClearFaults()
			a.want(200, "GET", "agents/", "")
		})
	}
}

// TestDelays: delays add up around the moment at which the API sees the
// request, and a request that is given up meanwhile takes no effect.
func TestDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := inProcess(t, simulator.Options{})
		a.s.Fault(simulator.Fault{Delay: time.Second, DelayAnswer: 10 * time.Second})
		a.s.Fault(simulator.Fault{Delay: 2 * time.Second, DelayAnswer: 20 * time.Second})
		start := time.Now()
		a.create("x")
		if took := time.Since(start); took != 33*time.Second {
			t.Errorf("took %v, want 33 s", took)
		}
		if seen := a.s.Requests()[0].Time.Sub(start); seen != 3*time.Second {
			t.Errorf("seen after %v, want 3 s", seen)
		}
		for _, tt := range []struct {
			timeout time.Duration
			agents  int
		}{{2 * time.Second, 1}, {5 * time.Second, 2}} {
			client := &http.Client{Transport: a.client.Transport, Timeout: tt.timeout}
			hasty := *a
			hasty.client = client
			if _, err := hasty.send(a.request("POST", "agents/", `{"name":"x"}`)); err == nil {
				t.Error("a request outlived its timeout")
			}
			if n := len(a.s.Agents()); n != tt.agents {
				t.Errorf("given up after %v: %d agents, want %d", tt.timeout, n, tt.agents)
			}
		}
	})
}

// TestSecondWriter: a hook may use the server, between one request and the
// next.
func TestSecondWriter(t *testing.T) {
	t.Parallel()
	bothWays(t, simulator.Options{}, func(t *testing.T, a *api) {
		id := a.create("x")
		a.s.Fault(simulator.Fault{Method: "PATCH", Nth: 2, Before: func(r *http.Request) {
			if b, _ := io.ReadAll(r.Body); string(b) != `{"firstMessage":"2"}` {
				t.Errorf("the hook saw the body %q", b)
			}
			if err := a.s.EditAgent(id, map[string]any{"description": "edited"}); err != nil {
				t.Error(err)
			}
		}})
		for i, want := range []string{"", "edited", "edited"} {
			got := a.want(200, "PATCH", "agents/"+id+"/", fmt.Sprintf(`{"firstMessage":"%d"}`, i+1))
			if got["description"] != want {
				t.Errorf("write %d: description %q, want %q", i+1, got["description"], want)
			}
		}
		n := 0
		a.s.Before(func(*http.Request) { n++ })
		a.do("GET", "agents/", "")
		a.do("GET", "agents/", "")
		a.s.Before(nil)
		a.do("GET", "agents/", "")
		if n != 2 {
			t.Errorf("the hook ran %d times, want 2", n)
		}
	})
}

// TestContextOfTheTransport: a context that has ended ends the request, and
// the reading of its answer.
func TestContextOfTheTransport(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	resp, err := a.client.Do(a.request("GET", "agents/", "").WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	cancel()
	if _, err := io.ReadAll(resp.Body); !errors.Is(err, context.Canceled) {
		t.Errorf("reading: %v, want the context's error", err)
	}
	if _, err := a.send(a.request("POST", "agents/", `{"name":"x"}`).WithContext(ctx)); !errors.Is(err, context.Canceled) {
		t.Errorf("sending: %v, want the context's error", err)
	}
	if n := len(a.s.Requests()); n != 1 {
		t.Errorf("%d requests arrived, want 1", n)
	}
	other, err := a.client.Do(a.request("GET", "agents/", ""))
	if err != nil {
		t.Fatal(err)
	}
	other.Body.Close()
	if _, err := other.Body.Read(make([]byte, 1)); !errors.Is(err, http.ErrBodyReadAfterClose) {
		t.Errorf("reading a closed body: %v", err)
	}
}
