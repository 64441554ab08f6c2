package wassist

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// These tests use a real network, where net/http itself may decide something.

// local starts a server and returns a client of it and the count of requests that it saw.
func local(t *testing.T, h http.HandlerFunc, opts ...Option) (*Client, *atomic.Int64) {
	t.Helper()
	var seen atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen.Add(1)
		w.Header().Set("Content-Type", "application/json")
		h(w, r)
	}))
	t.Cleanup(server.Close)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	opts = append([]Option{WithBaseURL(server.URL + "/api/v1/"), WithJitter(func() float64 { return 0 })}, opts...)
	return newClient(t, transport, opts...), &seen
}

func drop(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	_ = conn.(*net.TCPConn).SetLinger(0) // a reset, not an end
	_ = conn.Close()
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	var elsewhere atomic.Int64
	evil := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer evil.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		c, seen := local(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, evil.URL+"/?k="+r.Header.Get("X-API-Key"), status)
		})
		for _, call := range calls {
			seen.Store(0)
			err := call.call(t.Context(), c)
			if !errors.Is(err, ErrRedirect) || strings.Contains(err.Error(), testKey) || !strings.Contains(err.Error(), "127.0.0.1") {
				t.Errorf("%s: %v", call.name, err)
			}
			if seen.Load() != 1 {
				t.Errorf("%s: %d requests", call.name, seen.Load())
			}
		}
	}
	if elsewhere.Load() > 0 {
		t.Errorf("%d requests went elsewhere", elsewhere.Load())
	}
}

// A kept connection that breaks after the request: net/http repeats a GET by itself, and would repeat a POST
// that says it is idempotent. Every request at the server must be one that the client counted.
func TestBrokenConnections(t *testing.T) {
	want := map[string]int64{"GET": 5, "DELETE": 5, "PATCH": 1, "PATCH repeatable": 5, "PUT": 1, "PUT repeatable": 5, "POST": 1, "POST repeatable": 1}
	for _, call := range calls {
		t.Run(call.name, func(t *testing.T) {
			warm := true
			c, seen := local(t, func(w http.ResponseWriter, r *http.Request) {
				if warm {
					_, _ = io.WriteString(w, oneAgent)
					return
				}
				_, _ = io.Copy(io.Discard, r.Body)
				drop(w)
			})
			if _, err := c.Agents.Get(t.Context(), "a1"); err != nil {
				t.Fatal(err)
			}
			warm = false
			err := call.call(t.Context(), c)
			if err == nil || OutcomeUnknown(err) != (call.name != "GET") {
				t.Errorf("%v, unknown %v", err, OutcomeUnknown(err))
			}
			if got := seen.Load(); got != c.Requests() || int64(len(c.limiter.ledger.resting)) != got {
				t.Errorf("the server saw %d requests, the client counted %d, %d tokens were spent", got, c.Requests(), len(c.limiter.ledger.resting))
			}
			// net/http's own repetition of the first GET is one more.
			got := seen.Load() - 1
			if got != want[call.name] && (call.name != "GET" || got != want[call.name]+1) {
				t.Errorf("%d requests, want %d", got, want[call.name])
			}
		})
	}
}

func TestNoHeaderMakesAPostRepeatable(t *testing.T) {
	var header http.Header
	var length int64
	c, _ := local(t, func(w http.ResponseWriter, r *http.Request) {
		header, length = r.Header.Clone(), r.ContentLength
		_, _ = io.WriteString(w, oneAgent)
	})
	if _, err := c.Agents.Create(t.Context(), "n"); err != nil {
		t.Fatal(err)
	}
	for name := range header {
		if strings.Contains(strings.ToLower(name), "idempotency") {
			t.Errorf("the header %s was sent", name)
		}
	}
	if length != int64(len(`{"name":"n"}`)) {
		t.Errorf("the length %d was announced", length)
	}
}

func TestATruncatedBody(t *testing.T) {
	c, seen := local(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, oneAgent)
	})
	if _, err := c.Agents.Get(t.Context(), "a1"); err == nil || !strings.Contains(err.Error(), "200 OK: the answer broke off") || seen.Load() != 5 {
		t.Errorf("%v after %d requests", err, seen.Load())
	}
	seen.Store(0)
	if _, err := c.Agents.Create(t.Context(), "n"); !OutcomeUnknown(err) || seen.Load() != 1 {
		t.Errorf("%v after %d requests", err, seen.Load())
	}
}

func TestAServerThatHangs(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"before the head": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"in the body": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, `{"id":`)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, seen := local(t, h, WithTimeout(50*time.Millisecond), WithMaxAttempts(2))
			_, err := c.Agents.Get(t.Context(), "a1")
			if !errors.Is(err, ErrTimeout) || errors.Is(err, context.DeadlineExceeded) || seen.Load() != 2 {
				t.Errorf("%v after %d requests", err, seen.Load())
			}
		})
	}
}

func TestNobodyListens(t *testing.T) {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + l.Addr().String()
	_ = l.Close()
	c := newClient(t, http.DefaultTransport.(*http.Transport).Clone(), WithBaseURL(base), WithJitter(func() float64 { return 0 }))
	_, err = c.Agents.Create(t.Context(), "n")
	var e *Error
	if !errors.As(err, &e) || e.Attempts != 5 || OutcomeUnknown(err) {
		t.Errorf("%v, unknown %v", err, OutcomeUnknown(err))
	}
}

func TestACertificateThatNobodyTrusts(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains of handshakes
	server.StartTLS()
	defer server.Close()
	c := newClient(t, http.DefaultTransport.(*http.Transport).Clone(), WithBaseURL(server.URL))
	_, err := c.Agents.Create(t.Context(), "n")
	var e *Error
	if !errors.As(err, &e) || e.Attempts != 1 || OutcomeUnknown(err) || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("%v, unknown %v", err, OutcomeUnknown(err))
	}
	c = newClient(t, http.DefaultTransport.(*http.Transport).Clone(), WithBaseURL(strings.Replace(server.URL, "https", "http", 1)))
	if _, err := c.Agents.Get(t.Context(), "a1"); err == nil {
		t.Error("HTTP to an HTTPS server succeeded")
	}
}

func TestCookiesAreNotKept(t *testing.T) {
	c, _ := local(t, func(w http.ResponseWriter, r *http.Request) {
		if len(r.Cookies()) > 0 {
			t.Error("a cookie came back")
		}
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "x"})
		_, _ = io.WriteString(w, oneAgent)
	})
	for range 2 {
		if _, err := c.Agents.Get(t.Context(), "a1"); err != nil {
			t.Fatal(err)
		}
	}
}

// A small compressed answer that unpacks to more than is read.
func TestACompressedAnswerIsBoundedToo(t *testing.T) {
	c, _ := local(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		defer z.Close() //nolint:errcheck // the client hangs up
		blank := make([]byte, 1<<20)
		for range 4 {
			if _, err := z.Write(blank); err != nil {
				return
			}
		}
	})
	c.maxAnswer = 3 << 20
	if _, err := c.Agents.Get(t.Context(), "a1"); !errors.Is(err, ErrBadAnswer) || !strings.Contains(err.Error(), "3 MiB") {
		t.Errorf("err = %v", err)
	}
}

func TestACompressedAnswerIsRead(t *testing.T) {
	c, _ := local(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, oneAgent)
		_ = z.Close()
	})
	if a, err := c.Agents.Get(t.Context(), "a1"); err != nil || a.ID != "a1" {
		t.Errorf("%v, %v", a.ID, err)
	}
}

func TestManyCallsAtOnce(t *testing.T) {
	c, seen := local(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, oneAgent) })
	done := make(chan error)
	for i := range 50 {
		go func() {
			c.AddSecrets(fmt.Sprintf("secret-%d", i))
			done <- second(c.Agents.Get(t.Context(), "a1"))
		}()
	}
	for range 50 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if seen.Load() != 50 || c.Requests() != 50 {
		t.Errorf("%d requests, %d counted", seen.Load(), c.Requests())
	}
}
