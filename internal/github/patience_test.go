package github_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"wassist-sync/internal/github"
	"wassist-sync/internal/github/githubtest"
)

func TestPatience(t *testing.T) {
	second := time.Second
	for name, tt := range map[string]struct {
		fault githubtest.Fault
		waits []time.Duration
		fails string
	}{
		"a limit that says how long":     {githubtest.Fault{Kind: githubtest.Secondary, RetryAfter: "7"}, []time.Duration{7 * second}, ""},
		"one that says nothing":          {githubtest.Fault{Kind: githubtest.Secondary}, []time.Duration{time.Minute}, ""},
		"one that ends soon":             {githubtest.Fault{Kind: githubtest.Primary, RetryAfter: "30"}, []time.Duration{30 * second}, ""},
		"one that ends too late":         {githubtest.Fault{Kind: githubtest.Primary, RetryAfter: "1800"}, nil, "its limit ends at 09:30:00 UTC: run again later"},
		"one that never ends":            {githubtest.Fault{Kind: githubtest.Secondary, RetryAfter: "1", Times: -1}, []time.Duration{second, second, second}, "it asks for a pause of 1 seconds"},
		"a server that fails":            {githubtest.Fault{Kind: githubtest.Failing, Times: 2}, []time.Duration{second, 2 * second}, ""},
		"a server that fails for good":   {githubtest.Fault{Kind: githubtest.Failing, Times: -1}, []time.Duration{second, 2 * second, 4 * second}, "502 Server Error; run again later"},
		"one that wants to be left":      {githubtest.Fault{Kind: githubtest.Failing, RetryAfter: "3600"}, nil, "502"},
		"a connection that ends":         {githubtest.Fault{Kind: githubtest.Dropped}, []time.Duration{second}, ""},
		"a server that does not answer":  {githubtest.Fault{Kind: githubtest.Hanging}, []time.Duration{second}, ""},
		"a permission that is not there": {githubtest.Fault{Kind: githubtest.Refused}, nil, "403 Resource not accessible by integration; add `permissions: contents: read`"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Edit(func(s *githubtest.State) { s.Branches["main"] = sha("a") })
			w.Fault(tt.fault)
			tip, err := w.client.Tip(t.Context(), "main")
			if tt.fails != "" {
				wantError(t, err, tt.fails)
			} else if err != nil || tip != sha("a") {
				t.Errorf("%q, %v", tip, err)
			}
			if !slices.Equal(w.waits, tt.waits) {
				t.Errorf("waited %v, want %v", w.waits, tt.waits)
			}
		})
	}
}

// What makes something new waits for a limit, with which nothing was made.
func TestPatienceOfAPost(t *testing.T) {
	w := newWorld(t)
	w.Edit(func(s *githubtest.State) { s.OpenPull(7, "main", sha("a")) })
	w.Fault(githubtest.Fault{Kind: githubtest.Secondary, Method: "POST", RetryAfter: "3"})
	if err := w.client.Comment(t.Context(), 7, target, planComment(t, "Orders")); err != nil {
		t.Fatal(err)
	}
	if len(w.comments(7)) != 1 || !slices.Equal(w.waits, []time.Duration{3 * time.Second}) {
		t.Errorf("%d comments, waited %v", len(w.comments(7)), w.waits)
	}
}

// A redirect to another server, which would be sent the token.
func TestRedirectsElsewhereAreNotFollowed(t *testing.T) {
	asked := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer other.Close()
	first := httptest.NewServer(http.RedirectHandler(other.URL+"/x", http.StatusMovedPermanently))
	defer first.Close()
	w := newWorld(t)
	w.run = &github.Run{APIURL: first.URL}
	_, err := w.as(t, token).Tip(t.Context(), "main")
	wantError(t, err, "leads to another server")
	if asked {
		t.Error("the other server was asked")
	}
}
