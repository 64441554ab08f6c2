package github_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"wassist-sync/internal/github"
	"wassist-sync/internal/github/githubtest"
	"wassist-sync/sync"
)

// token is a canary: it may be in no error and no text.
const token = "ghs_canary-token"

var target = github.Target{Host: "backend.wassist.app", Path: "agents"}

// world is a client and the GitHub that it speaks to.
type world struct {
	*githubtest.Server
	client *github.Client
	run    *github.Run
	waits  []time.Duration
	now    time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		Server: githubtest.New(githubtest.State{Tokens: map[string]githubtest.Account{token: githubtest.Workflow}}),
		now:    time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC),
	}
	w.Now = func() time.Time { return w.now }
	web := w.Start()
	t.Cleanup(func() {
		web.Close()
		if lost := w.Unexpected(); len(lost) > 0 {
			t.Errorf("the fake does not know %q", lost)
		}
	})
	w.run = &github.Run{Owner: "bakery", Repo: "agents", Event: "push", Branch: "main", ID: 100, ServerURL: "https://github.com", APIURL: web.URL}
	w.client = w.as(t, token)
	return w
}

// as is a client with another token.
func (w *world) as(t *testing.T, token string) *github.Client {
	t.Helper()
	c, err := github.New(github.Options{
		Token: token, APIURL: w.run.APIURL, Owner: "bakery", Repo: "agents",
		Now: func() time.Time { return w.now },
		Sleep: func(_ context.Context, d time.Duration) error {
			w.waits = append(w.waits, d)
			w.now = w.now.Add(d)
			return nil
		},
		Timeout: 50 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// comments lists the comments on a pull request.
func (w *world) comments(number int) []githubtest.Comment {
	var out []githubtest.Comment
	w.Edit(func(s *githubtest.State) {
		for _, c := range s.Comments {
			if c.Number == number {
				out = append(out, *c)
			}
		}
	})
	return out
}

// digest is the digest of a change that a test calls by a name.
func digest(name string) string { return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(name))) }

// plan is a plan with one change for each name.
func plan(names ...string) *sync.Plan {
	p := &sync.Plan{Source: sync.Source{Path: "agents", History: sync.HistoryFull}, Target: sync.Target{Host: target.Host}, Digest: digest("plan " + strings.Join(names, " "))}
	for _, name := range names {
		p.Changes = append(p.Changes, sync.Change{Action: sync.Update, Agent: name, ID: "id of " + name, Digest: digest(name), Reason: "matched by name",
			Fields: []sync.Field{{Path: "systemPrompt", Before: "old", After: "new", Cause: sync.CauseGit}}})
	}
	return p
}

// planComment is the comment of such a plan.
func planComment(t *testing.T, names ...string) string {
	t.Helper()
	text, err := github.PlanComment(target, plan(names...), &github.Run{})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// wantError wants an error that holds all of these, and no secret.
func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error %q does not hold %q", err, part)
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%q"} {
		if text := fmt.Sprintf(verb, err); strings.Contains(text, "canary") {
			t.Errorf("%s shows the token: %s", verb, text)
		}
	}
}

// sha is a hash that a test calls by a letter.
func sha(letter string) string { return strings.Repeat(letter, 40) }
