package simulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/wassist/simulator"
)

const testKey = "test-key"

// api is a plain HTTP client of one simulator, over a socket or without one.
type api struct {
	t      *testing.T
	s      *simulator.Server
	client *http.Client
	base   string
	key    string
}

// result is an answer with its body read.
type result struct {
	status int
	header http.Header
	body   string
}

func newServer(t *testing.T, o simulator.Options) *simulator.Server {
	t.Helper()
	if o.Key == "" {
		o.Key = testKey
	}
	s, err := simulator.New(o)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return s
}

// inProcess reaches the simulator through its RoundTripper.
func inProcess(t *testing.T, o simulator.Options) *api {
	s := newServer(t, o)
	return &api{t: t, s: s, client: &http.Client{Transport: s.RoundTripper(), CheckRedirect: noRedirects}, base: "http://sim.test", key: testKey}
}

// overSocket reaches it through a real HTTP server.
func overSocket(t *testing.T, o simulator.Options) *api {
	s := newServer(t, o)
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	client := srv.Client()
	// Without kept connections net/http never repeats a GET by itself.
	client.Transport.(*http.Transport).DisableKeepAlives = true
	client.CheckRedirect = noRedirects
	return &api{t: t, s: s, client: client, base: srv.URL, key: testKey}
}

func noRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// bothWays runs a test over both transports.
func bothWays(t *testing.T, o simulator.Options, f func(*testing.T, *api)) {
	t.Run("round tripper", func(t *testing.T) { f(t, inProcess(t, o)) })
	t.Run("socket", func(t *testing.T) { f(t, overSocket(t, o)) })
}

func (a *api) request(method, path, body string) *http.Request {
	a.t.Helper()
	if !strings.HasPrefix(path, "/") {
		path = "/api/v1/" + path
	}
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(a.t.Context(), method, a.base+path, r)
	if err != nil {
		a.t.Fatal(err)
	}
	if a.key != "" {
		req.Header.Set("X-API-Key", a.key)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return req
}

func (a *api) send(req *http.Request) (result, error) {
	resp, err := a.client.Do(req)
	if err != nil {
		return result{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return result{resp.StatusCode, resp.Header, string(b)}, err
}

func (a *api) do(method, path, body string) result {
	a.t.Helper()
	res, err := a.send(a.request(method, path, body))
	if err != nil {
		a.t.Fatalf("%s %s: %v", method, path, err)
	}
	return res
}

// want makes a request that must be answered with a status, and returns the
// answer's object.
func (a *api) want(status int, method, path, body string) map[string]any {
	a.t.Helper()
	res := a.do(method, path, body)
	if res.status != status {
		a.t.Fatalf("%s %s: status %d, want %d: %s", method, path, res.status, status, res.body)
	}
	if res.body == "" {
		return nil
	}
	m, _ := parse(a.t, res.body).(map[string]any)
	return m
}

// create makes an agent and returns its id.
func (a *api) create(name string) string {
	a.t.Helper()
	return a.want(201, "POST", "agents/", `{"name":`+quote(name)+`}`)["id"].(string)
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

func encode(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func parse(t *testing.T, s string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatalf("not JSON: %v: %s", err, s)
	}
	return v
}

// same compares JSON values, whatever the order of keys.
func same(t *testing.T, what string, got any, want string) {
	t.Helper()
	if s, ok := got.(string); ok {
		got = parse(t, s)
	}
	if diff := cmp.Diff(parse(t, want), parse(t, encode(t, got))); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// list returns the objects of a list.
func list(v any) []map[string]any {
	items, _ := v.([]any)
	out := []map[string]any{}
	for _, e := range items {
		out = append(out, e.(map[string]any))
	}
	return out
}

// column returns one value of each entry.
func column(v any, key string) []any {
	out := []any{}
	for _, e := range list(v) {
		out = append(out, e[key])
	}
	return out
}
