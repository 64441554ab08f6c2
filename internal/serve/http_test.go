package serve

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	gosync "sync"
	"testing"
	"time"

	"wassist-sync/sync"
)

// The secrets of the tests. Nothing that is served or logged may hold them.
const (
	hookSecret = "canary-hook-secret-5e1f"
	runToken   = "canary-run-token-77ab"
)

// noon is when the tests take place.
var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

const commit = "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d"

// watched is a core that stands still.
type watched struct {
	lock   gosync.Mutex
	list   []TargetState
	asked  []string
	refuse bool
	block  chan struct{} // the states are told when it is closed
}

func (w *watched) States() []TargetState {
	if w.block != nil {
		<-w.block
	}
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.list
}

func (w *watched) Ask(target string, why Trigger) bool {
	w.lock.Lock()
	defer w.lock.Unlock()
	for i := range w.list {
		if w.list[i].Name == target && !w.refuse {
			w.asked = append(w.asked, string(why)+" "+target)
			return true
		}
	}
	return false
}

func (w *watched) wasAsked() string {
	w.lock.Lock()
	defer w.lock.Unlock()
	return strings.Join(w.asked, ", ")
}

// shop is a target that is well.
func shop() TargetState {
	good := Run{
		Trigger: TriggerSchedule, Started: noon.Add(-3 * time.Minute), Ended: noon.Add(-2 * time.Minute),
		Commit: commit, Outcome: OutcomeApplied, Summary: sync.Summary{Update: 2, Unchanged: 7, Unmanaged: 1, Held: 3},
		Drifted: 4, Requests: 12, TooMany: 1, Waited: 1500 * time.Millisecond,
	}
	return TargetState{
		Name: "shop", Repository: "https://github.com/harbour/agents.git", Ref: "main", Path: "agents", Mode: "apply",
		Schedule: "*/15 * * * *", Next: noon.Add(12 * time.Minute), Period: 15 * time.Minute, Runs: []Run{good}, LastGood: &good,
	}
}

// failing is a target whose last good run is long ago.
func failing() TargetState {
	s := shop()
	s.Name, s.Ref = "desk", "release"
	good := s.Runs[0]
	good.Started, good.Ended = noon.Add(-5*time.Hour), noon.Add(-5*time.Hour)
	bad := Run{
		Trigger: TriggerRetry, Started: noon.Add(-time.Minute), Ended: noon.Add(-30 * time.Second), Outcome: OutcomeFailed,
		Problem: "the remote does not answer\nit did until 07:00", Requests: 3,
	}
	s.Runs, s.LastGood = []Run{bad, good}, &good
	return s
}

// served is a server under test.
type served struct {
	*watched
	t       testing.TB
	handler http.Handler
	metrics *Metrics
	log     *strings.Builder
	now     time.Time
}

// serving makes a server with both secrets, unless change takes them away.
func serving(t testing.TB, states []TargetState, change func(*HTTPOptions)) *served {
	t.Helper()
	s := &served{watched: &watched{list: states}, t: t, log: &strings.Builder{}, now: noon}
	o := HTTPOptions{
		Version: "1.2.3", HookSecret: hookSecret, RunToken: runToken, Metrics: NewMetrics("1.2.3"),
		Log: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Now: func() time.Time { return s.now },
	}
	if change != nil {
		change(&o)
	}
	server, err := NewServer(s.watched, o)
	if err != nil {
		t.Fatal(err)
	}
	s.handler, s.metrics = server.Handler, o.Metrics
	return s
}

// ask sends a request and gives the answer.
func (s *served) ask(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), method, path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

func TestRoutes(t *testing.T) {
	both := func(*HTTPOptions) {}
	neither := func(o *HTTPOptions) { o.HookSecret, o.RunToken = "", "" }
	for _, tt := range []struct {
		method, path string
		change       func(*HTTPOptions)
		code         int
	}{
		{"GET", "/", both, 200},
		{"HEAD", "/", both, 200},
		{"GET", "/metrics", both, 200},
		{"GET", "/healthz", both, 200},
		{"GET", "/readyz", both, 200},
		{"POST", "/", both, 405},
		{"POST", "/metrics", both, 405},
		{"GET", "/elsewhere", both, 404},
		{"GET", "/run", both, 405},
		{"GET", "/hooks/github", both, 405},
		// Without its secret, a route does not exist.
		{"POST", "/run", neither, 404},
		{"GET", "/run", neither, 404},
		{"POST", "/hooks/github", neither, 404},
		{"GET", "/debug/pprof/", both, 404},
	} {
		w := serving(t, []TargetState{shop()}, tt.change).ask(tt.method, tt.path, "")
		if w.Code != tt.code {
			t.Errorf("%s %s: %d, want %d", tt.method, tt.path, w.Code, tt.code)
		}
		for _, h := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Cache-Control", "Referrer-Policy"} {
			if w.Header().Get(h) == "" {
				t.Errorf("%s %s: no %s", tt.method, tt.path, h)
			}
		}
	}
}

func TestWeakSecrets(t *testing.T) {
	for _, o := range []HTTPOptions{{HookSecret: "short"}, {RunToken: "fifteen letters"}} {
		_, err := NewServer(&watched{}, o)
		if err == nil || !strings.Contains(err.Error(), "needs 16 at least") {
			t.Errorf("%v", err)
			continue
		}
		if strings.Contains(err.Error(), "short") || strings.Contains(err.Error(), "letters") {
			t.Errorf("the error tells the secret: %v", err)
		}
	}
}

// started runs a real server with scaled limits and gives its address.
func started(t *testing.T, s *served, o HTTPOptions) (addr string, stop func()) {
	t.Helper()
	server, err := NewServer(s.watched, o)
	if err != nil {
		t.Fatal(err)
	}
	s.handler = server.Handler
	ctx, cancel := context.WithCancel(t.Context())
	l, err := Listen(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- ServeHTTP(ctx, l, server) }()
	var once gosync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("serving ended with %v", err)
			}
		})
	}
	t.Cleanup(stop)
	return l.Addr().String(), stop
}

func scaled() limits {
	l := usualLimits
	l.header, l.read = 50*time.Millisecond, 100*time.Millisecond
	return l
}

// slowly opens a connection, sends the beginning of a request, and gives all that
// comes back until the server hangs up.
func slowly(t *testing.T, addr, beginning string) string {
	t.Helper()
	var d net.Dialer
	c, err := d.DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, beginning); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(c)
	if err != nil && !strings.Contains(err.Error(), "reset") {
		t.Fatalf("the server did not hang up: %v", err)
	}
	return string(answer)
}

// Callers that send slowly are cut off, and counted.
func TestSlowCallers(t *testing.T) {
	s := serving(t, []TargetState{shop()}, nil)
	addr, stop := started(t, s, HTTPOptions{HookSecret: hookSecret, limits: scaled()})

	slowly(t, addr, "POST /hooks/github HTTP/1.1\r\nHost: x\r\nX-Slow: ")
	if got := slowly(t, addr, "POST /hooks/github HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: sha256=00\r\nContent-Length: 900\r\n\r\n{"); !strings.HasPrefix(got, "HTTP/1.1 408 ") {
		t.Errorf("a slow body: %.200q", got)
	}
	if got := slowly(t, addr, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Large: "+strings.Repeat("x", 64<<10)+"\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.1 431 ") && got != "" {
		t.Errorf("a large header: %.200q", got)
	}
	stop()
	if n := s.value(`wassist_sync_refused_total{at="hook",reason="too-slow"}`); n != 1 {
		t.Errorf("%v slow bodies are counted", n)
	}
	if n := s.value(`wassist_sync_refused_total{at="connection",reason="no-request"}`); n != 2 {
		t.Errorf("%v connections without a request are counted, want 2", n)
	}
	if s.wasAsked() != "" {
		t.Errorf("asked %s", s.wasAsked())
	}
}

// A server that is told to stop ends, and lets nobody in any more.
func TestGoodbye(t *testing.T) {
	s := serving(t, []TargetState{shop()}, nil)
	addr, stop := started(t, s, HTTPOptions{})
	if err := Check(t.Context(), addr); err != nil {
		t.Error(err)
	}
	stop()
	if err := Check(t.Context(), addr); err == nil || !strings.Contains(err.Error(), "cannot be reached") {
		t.Errorf("after the end: %v", err)
	}
}

func TestListenTwice(t *testing.T) {
	l, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	if _, err := Listen(t.Context(), l.Addr().String()); err == nil || !strings.Contains(err.Error(), "choose another port") {
		t.Errorf("%v", err)
	}
}

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		name  string
		state TargetState
		code  int
		want  string
	}{
		{"ready", shop(), 0, ""},
		{"not ready", failing(), 0, "not ready; desk: the last good run ended 5 h ago; the last one: failed: the remote does not answer"},
		{"another program", shop(), 404, "it is not a serve of wassist-sync"},
	} {
		s := serving(t, []TargetState{tt.state}, nil)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if tt.code != 0 {
				w.WriteHeader(tt.code)
				return
			}
			s.handler.ServeHTTP(w, r)
		}))
		err := Check(t.Context(), server.Listener.Addr().String())
		server.Close()
		if got := fmt.Sprint(err); err != nil != (tt.want != "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %s", tt.name, got)
		}
	}
	for addr, want := range map[string]string{"8788": "is not HOST:PORT", "127.0.0.1:1": "127.0.0.1:1 cannot be reached", "0.0.0.0:1": "127.0.0.1:1 cannot", ":1": "127.0.0.1:1 cannot"} {
		if err := Check(t.Context(), addr); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

// Nobody but this machine reaches serve unless told otherwise.
func TestListensOnLoopback(t *testing.T) {
	host, _, err := net.SplitHostPort(DefaultListen)
	if err != nil || !net.ParseIP(host).IsLoopback() {
		t.Errorf("%s is not a port of this machine alone: %v", DefaultListen, err)
	}
}
