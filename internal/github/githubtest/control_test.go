package githubtest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/internal/github/githubtest"
)

// TestOrders does by orders what a script in another process does, and looks at
// what the API says then.
func TestOrders(t *testing.T) {
	const a, b = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	server := githubtest.New(githubtest.State{})
	changes := 0
	server.Changed = func(*githubtest.State) { changes++ }
	web := server.Start()
	defer web.Close()
	send := func(method, path, body string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, web.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer secret")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, strings.TrimSpace(string(text))
	}
	for _, order := range []struct{ path, body string }{
		{"state", `{"repository": "o/r", "tokens": {"secret": {"login": "github-actions[bot]", "type": "Bot", "workflow": true}}}`},
		{"push?branch=main", b + " " + a + "\n" + a + "\n"},
		{"pull?number=7&base=main&head=" + b, ""},
		{"merge?number=7", b},
		{"comment?number=7&login=ann&type=User", "Hello"},
		{"run", `{"id": 5, "workflow": 1, "branch": "main", "event": "push", "sha": "` + a + `", "conclusion": "success"}`},
		{"deny", "contents: read\nlabels"},
		{"fault", `{"kind": "missing", "path": "/actions/"}`},
	} {
		if status, text := send("POST", "/_fake/"+order.path, order.body); status != http.StatusOK {
			t.Fatalf("%s: %d %s", order.path, status, text)
		}
	}
	for _, tt := range []struct {
		path   string
		status int
		want   string
	}{
		{"/user", 403, "Resource not accessible by integration"},
		{"/repos/o/r/commits/" + b + "/pulls", 200, `"number":7`},
		{"/repos/o/r/issues/7/comments", 200, `"body":"Hello"`},
		{"/repos/o/r/branches/main", 403, "Resource not accessible"},
		{"/repos/o/r/actions/runs/5", 404, "Not Found"}, // the fault, once
		{"/api/v3/repos/o/r/actions/runs/5", 200, `"head_sha":"` + a},
		{"/repos/o/other", 404, "Not Found"},
		{"/repos/o/r/labels", 501, "does not know GET /repos/o/r/labels"},
	} {
		if status, text := send("GET", tt.path, ""); status != tt.status || !strings.Contains(text, tt.want) {
			t.Errorf("%s: %d %s, want %d %s", tt.path, status, text, tt.status, tt.want)
		}
	}
	if status, _ := send("POST", "/_fake/nothing", ""); status != http.StatusBadRequest {
		t.Errorf("an order that there is not: %d", status)
	}
	var said struct{ Requests, Unexpected []string }
	if _, text := send("GET", "/_fake/requests", ""); json.Unmarshal([]byte(text), &said) != nil || len(said.Requests) != 8 {
		t.Errorf("requests: %s", text)
	}
	if d := cmp.Diff([]string{"GET /repos/o/r/labels"}, said.Unexpected); d != "" {
		t.Errorf("unexpected (-want +got):\n%s", d)
	}
	if changes < 15 {
		t.Errorf("%d changes were told", changes)
	}
}
