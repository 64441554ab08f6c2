package simulator_test

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/wassist/simulator"
)

const noSuch = "00000000-0000-4000-8000-000000000000"

// TestProtocol is the core table: what every request meets before and around
// the API's own answers, over both transports.
func TestProtocol(t *testing.T) {
	t.Parallel()
	const notFoundAgent = `{"error":"Agent not found","code":"not_found"}`
	tests := []struct {
		name         string
		method, path string
		body         string
		change       func(*http.Request)
		status       int
		want         string // JSON; "" leaves the body unchecked
		html         bool
		header       map[string]string
	}{
		{name: "no key", method: "GET", path: "agents/", change: func(r *http.Request) { r.Header.Del("X-API-Key") },
			status: 401, want: `{"detail":"Authentication credentials were not provided."}`},
		{name: "wrong key", method: "POST", path: "agents/", body: `{"name":"x"}`,
			change: func(r *http.Request) { r.Header.Set("X-API-Key", "other") },
			status: 401, want: `{"detail":"Authentication credentials were not provided."}`},
		{name: "no slash", method: "GET", path: "agents", status: 404, html: true},
		{name: "no slash on an agent", method: "PATCH", path: "agents/" + noSuch, body: `{}`, status: 404, html: true},
		{name: "doubled slash", method: "GET", path: "agents//", status: 404, html: true},
		{name: "the prefix twice, as the vendor's SDK sends it", method: "GET", path: "api/v1/agents/", status: 200},
		{name: "unknown path", method: "GET", path: "robots/", status: 404, html: true},
		{name: "unknown path needs no key", method: "GET", path: "robots/", status: 404, html: true,
			change: func(r *http.Request) { r.Header.Del("X-API-Key") }},
		{name: "outside the API", method: "GET", path: "/", status: 404, html: true},
		{name: "unknown method", method: "DELETE", path: "agents/", status: 405,
			want: `{"detail":"Method \"DELETE\" not allowed."}`, header: map[string]string{"Allow": "GET, POST, HEAD, OPTIONS"}},
		{name: "method before body", method: "PUT", path: "agents/", body: `{`, status: 405},
		{name: "options", method: "OPTIONS", path: "agents/byoa/", status: 200, header: map[string]string{"Allow": "POST, OPTIONS"}},
		{name: "head", method: "HEAD", path: "agents/", status: 200},
		{name: "object before body", method: "PATCH", path: "agents/" + noSuch + "/", body: `{`, status: 404, want: notFoundAgent},
		{name: "agent unknown", method: "GET", path: "agents/" + noSuch + "/", status: 404, want: notFoundAgent},
		{name: "agent id is no UUID", method: "GET", path: "agents/x/", status: 404, want: notFoundAgent},
		{name: "other type", method: "POST", path: "agents/", body: `name=x`,
			change: func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") },
			status: 415, want: `{"detail":"Unsupported media type \"application/x-www-form-urlencoded\" in request."}`},
		{name: "no type", method: "POST", path: "agents/", body: `{"name":"x"}`,
			change: func(r *http.Request) { r.Header.Del("Content-Type") },
			status: 415, want: `{"detail":"Unsupported media type \"\" in request."}`},
		{name: "type with charset", method: "POST", path: "agents/", body: `{"name":"x"}`,
			change: func(r *http.Request) { r.Header.Set("Content-Type", "application/json; charset=utf-8") }, status: 201},
		{name: "broken JSON", method: "POST", path: "agents/", body: "{\"name\":\n x}",
			status: 400, want: `{"detail":"JSON parse error - Expecting value: line 2 column 2 (char 10)"}`},
		{name: "unfinished JSON", method: "POST", path: "agents/", body: `{"name":`,
			status: 400, want: `{"detail":"JSON parse error - Expecting value: line 1 column 9 (char 8)"}`},
		{name: "two values", method: "POST", path: "agents/", body: `{} {}`,
			status: 400, want: `{"detail":"JSON parse error - Extra data: line 1 column 3 (char 2)"}`},
		{name: "invalid UTF-8", method: "POST", path: "agents/", body: "{\"name\":\"\xff\"}",
			status: 400, want: `{"detail":"JSON parse error - 'utf-8' codec can't decode byte 0xff in position 9: invalid start byte"}`},
		{name: "no object", method: "POST", path: "agents/", body: `["x"]`,
			status: 400, want: `{"non_field_errors":["Invalid data. Expected a dictionary, but got list."]}`},
		{name: "no body", method: "POST", path: "agents/", status: 400, want: `{"name":["This field is required."]}`},
	}
	requestID := regexp.MustCompile(`^[0-9a-f-]{36}$`)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bothWays(t, simulator.Options{}, func(t *testing.T, a *api) {
				req := a.request(tt.method, tt.path, tt.body)
				if tt.change != nil {
					tt.change(req)
				}
				res, err := a.send(req)
				if err != nil {
					t.Fatal(err)
				}
				if res.status != tt.status {
					t.Fatalf("status %d, want %d: %s", res.status, tt.status, res.body)
				}
				if tt.want != "" {
					same(t, "body", res.body, tt.want)
				}
				wantType := "application/json"
				if tt.html {
					wantType = "text/html; charset=utf-8"
				}
				if got := res.header.Get("Content-Type"); got != wantType {
					t.Errorf("Content-Type %q, want %q", got, wantType)
				}
				if got := res.header.Get("X-Request-Id"); !requestID.MatchString(got) {
					t.Errorf("X-Request-Id %q is no UUID", got)
				}
				for k, v := range tt.header {
					if got := res.header.Get(k); got != v {
						t.Errorf("%s: %q, want %q", k, got, v)
					}
				}
			})
		})
	}
}

// TestTransportsAlike makes the same requests both ways and compares all that
// a client sees.
func TestTransportsAlike(t *testing.T) {
	t.Parallel()
	requests := [][3]string{
		{"POST", "agents/", `{"name":"a"}`},
		{"POST", "agents/", `{"name":""}`},
		{"GET", "agents/?limit=1", ""},
		{"HEAD", "agents/", ""},
		{"GET", "phone-numbers/", ""},
		{"POST", "phone-numbers/447700900999/unsubscribe/", `{}`},
		{"GET", "whatsapp-accounts/", ""},
		{"GET", "nothing/", ""},
		{"PATCH", "agents/", `{}`},
		{"DELETE", "agents/" + noSuch + "/", ""},
	}
	run := func(a *api) []result {
		var out []result
		for _, r := range requests {
			out = append(out, a.do(r[0], r[1], r[2]))
		}
		id := a.s.Agents()[0]["id"].(string)
		return append(out, a.do("DELETE", "agents/"+id+"/", ""))
	}
	o := simulator.Options{Seed: 7, Now: fixedClock()}
	one, two := run(inProcess(t, o)), run(overSocket(t, o))
	for i := range one {
		for _, h := range []string{"X-Request-Id", "Connection"} { // random; the socket's own
			one[i].header.Del(h)
			two[i].header.Del(h)
		}
		if diff := cmp.Diff(two[i], one[i], cmp.AllowUnexported(result{})); diff != "" {
			t.Errorf("request %d (-socket +round tripper):\n%s", i, diff)
		}
	}
	if one[0].status != 201 || one[len(one)-1].status != 204 {
		t.Errorf("statuses %d and %d, want 201 and 204", one[0].status, one[len(one)-1].status)
	}
}

func TestBodyTooLarge(t *testing.T) {
	t.Parallel()
	bothWays(t, simulator.Options{}, func(t *testing.T, a *api) {
		fits := strings.Repeat("x", simulator.MaxBody)
		a.want(404, "PATCH", "agents/"+noSuch+"/", fits) // what was too large would not come so far
		res := a.do("PATCH", "agents/"+noSuch+"/", fits+"x")
		if res.status != 413 || !strings.Contains(res.body, "413 Request Entity Too Large") {
			t.Errorf("status %d, body %.80q; want 413 and the gateway's page", res.status, res.body)
		}
	})
}

func TestAnyKey(t *testing.T) {
	t.Parallel()
	s, err := simulator.New(simulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a := &api{t: t, s: s, client: &http.Client{Transport: s.RoundTripper()}, base: "http://sim.test", key: "whatever"}
	a.want(200, "GET", "agents/", "")
	a.key = ""
	a.want(401, "GET", "agents/", "")
}

// TestRequestBodyFails: a request whose body cannot be read is no request.
func TestRequestBodyFails(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{})
	req := a.request("POST", "agents/", `{}`)
	body := &brokenBody{}
	req.Body, req.ContentLength = body, -1
	if _, err := a.send(req); err == nil || !strings.Contains(err.Error(), "unexpected EOF") {
		t.Errorf("error %v, want the body's", err)
	}
	if !body.closed {
		t.Error("the transport left the request's body open")
	}
	if n := len(a.s.Requests()); n != 0 {
		t.Errorf("%d requests logged, want 0", n)
	}
}

type brokenBody struct{ closed bool }

func (*brokenBody) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
func (b *brokenBody) Close() error           { b.closed = true; return nil }

// TestOptions: what is unknown is refused at once, with what is known.
func TestOptions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		o    simulator.Options
		want string
	}{
		{simulator.Options{Profile: "newest"}, `unknown profile "newest"; known: ["current" "documented"]`},
		{simulator.Options{RetryAfter: "soon"}, `unknown form of a 429 "soon"`},
		{simulator.Options{Shapes: "tree"}, `unknown list shape "tree"`},
		{simulator.Options{PageMax: -1}, "cannot be negative"},
	}
	for _, tt := range tests {
		if _, err := simulator.New(tt.o); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: error %v, want %q", tt.o, err, tt.want)
		}
	}
}

func TestRequestLog(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{Now: fixedClock()})
	a.do("GET", "agents/?limit=5", "")
	res := a.do("POST", "agents/", `{"name":""}`)
	got := a.s.Requests()
	want := []simulator.Request{
		{Time: fixedClock()(), Method: "GET", Path: "/api/v1/agents/", Query: "limit=5", Reached: 200, Status: 200},
		{Time: fixedClock()(), Method: "POST", Path: "/api/v1/agents/", Body: []byte(`{"name":""}`), Reached: 400, Status: 400,
			ID: res.header.Get("X-Request-Id")},
	}
	got[0].ID = "" // not compared
	if diff := cmp.Diff(want, got, cmp.Transformer("text", func(b []byte) string { return string(b) })); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	a.s.ResetLog()
	if n := len(a.s.Requests()); n != 0 {
		t.Errorf("%d requests after ResetLog, want 0", n)
	}
}

// TestKeyIsNotKept: neither the state nor the log holds the client's key.
func TestKeyIsNotKept(t *testing.T) {
	t.Parallel()
	const canary = "CANARY-KEY-5150"
	a := inProcess(t, simulator.Options{Key: canary})
	a.key = canary
	a.create("x")
	if strings.Contains(string(a.s.State()), canary) {
		t.Error("the state holds the key")
	}
	if strings.Contains(encode(t, a.s.Requests()), canary) {
		t.Error("the log holds the key")
	}
}
