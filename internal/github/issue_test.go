package github_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/internal/github"
	"wassist-sync/internal/github/githubtest"
	"wassist-sync/sync"
)

func driftBody(t *testing.T, p *sync.Plan) string {
	t.Helper()
	text, err := github.DriftBody(target, p, &github.Run{})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (w *world) issues() []githubtest.Issue {
	var out []githubtest.Issue
	w.Edit(func(s *githubtest.State) {
		for _, i := range s.Issues {
			out = append(out, *i)
		}
	})
	return out
}

func TestDriftIssueIsOpenedUpdatedAndClosed(t *testing.T) {
	w := newWorld(t)
	p := plan("Orders", "Billing")
	p.Changes[0].Fields[0].Cause = sync.CauseWassist
	write := func(p *sync.Plan) int {
		t.Helper()
		n, err := w.client.DriftIssue(t.Context(), target, github.DriftTitle(target), driftBody(t, p))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	first := write(p)
	issues := w.issues()
	if len(issues) != 1 || issues[0].State != "open" || issues[0].Title != "Wassist is not as Git says: agents" || !cmp.Equal(issues[0].Labels, []string{github.DriftLabel}) {
		t.Fatalf("issues: %+v", issues)
	}
	for _, part := range []string{"**Edited on Wassist**", "- `Orders`: `systemPrompt`\n", "Whatever else is below waits", "closes the issue when nothing is left"} {
		if !strings.Contains(issues[0].Body, part) {
			t.Errorf("no %q in:\n%s", part, issues[0].Body)
		}
	}
	if strings.Contains(issues[0].Body, "- `Billing`") {
		t.Errorf("what merely waits is called an edit:\n%s", issues[0].Body)
	}
	// The same again is no edit; another plan is one.
	if write(p) != first || w.issues()[0].Edits != 0 {
		t.Errorf("issues: %+v", w.issues())
	}
	if write(plan("Billing")) != first || w.issues()[0].Edits != 1 || len(w.comments(first)) != 0 {
		t.Errorf("issues: %+v", w.issues())
	}
	closed, err := w.client.CloseDrift(t.Context(), target, github.DriftClosed(plan()))
	if err != nil || !cmp.Equal(closed, []int{first}) {
		t.Fatalf("closed %v, %v", closed, err)
	}
	if i := w.issues()[0]; i.State != "closed" || len(w.comments(first)) != 1 {
		t.Errorf("issue %+v, comments %+v", i, w.comments(first))
	}
	// Nothing is open: nothing is closed, and nothing is said again.
	if closed, err := w.client.CloseDrift(t.Context(), target, "x"); err != nil || closed != nil {
		t.Errorf("closed %v, %v", closed, err)
	}
	// Drift comes back: a new issue.
	if second := write(p); second == first || len(w.issues()) != 2 {
		t.Errorf("issues: %+v", w.issues())
	}
}

func TestDriftIssueIsOwn(t *testing.T) {
	w := newWorld(t)
	body := driftBody(t, plan("Orders"))
	w.Edit(func(s *githubtest.State) {
		s.Issues = append(s.Issues,
			&githubtest.Issue{Number: 1, State: "open", Body: body, User: githubtest.Account{Login: "mallory", Type: "User"}},
			&githubtest.Issue{Number: 2, State: "open", Body: strings.Replace(body, "drift", "plan", 1), User: githubtest.Workflow})
		s.Denied = []string{"labels"}
	})
	if _, err := w.client.DriftIssue(t.Context(), target, "title", body); err != nil {
		t.Fatal(err)
	}
	issues := w.issues()
	if len(issues) != 3 || issues[0].Edits+issues[1].Edits != 0 || issues[2].Labels != nil {
		t.Errorf("issues: %+v", issues)
	}
	w.Edit(func(s *githubtest.State) { s.Denied = []string{"issues: write"} })
	_, err := w.client.DriftIssue(t.Context(), target, "title", driftBody(t, plan("Billing")))
	wantError(t, err, "403", "add `permissions: issues: write`")
	_, err = w.client.CloseDrift(t.Context(), target, "x")
	wantError(t, err, "403", "add `permissions: issues: write`")
}

func TestTip(t *testing.T) {
	w := newWorld(t)
	w.Edit(func(s *githubtest.State) { s.Branches["release/1 #x"] = sha("a") })
	for branch, want := range map[string]string{"release/1 #x": sha("a"), "gone": ""} {
		if got, err := w.client.Tip(t.Context(), branch); err != nil || got != want {
			t.Errorf("%s: %q, %v", branch, got, err)
		}
	}
	w.Edit(func(s *githubtest.State) { s.Denied = []string{"contents: read"} })
	_, err := w.client.Tip(t.Context(), "gone")
	wantError(t, err, "asking for the tip of gone: 403", "add `permissions: contents: read`")
	// A repository that the token may not see is not a branch that is gone.
	w.Fault(githubtest.Fault{Kind: githubtest.Missing, Times: -1})
	_, err = w.client.Tip(t.Context(), "main")
	wantError(t, err, "404", "contents: read")
}

func TestPullHead(t *testing.T) {
	w := newWorld(t)
	w.Edit(func(s *githubtest.State) { s.OpenPull(7, "main", sha("a")) })
	if head, merged, err := w.client.PullHead(t.Context(), 7); err != nil || head != sha("a") || merged {
		t.Errorf("%q, merged %v, %v", head, merged, err)
	}
	_, _, err := w.client.PullHead(t.Context(), 8)
	wantError(t, err, "asking for the last commit of pull request 8: 404")
}

// What is held differs still: with --on-drift keep, the very edit that the issue
// was about.
func TestDriftClosedDoesNotDenyWhatIsHeld(t *testing.T) {
	p := plan()
	p.Source.Commit = sha("a")
	if text := github.DriftClosed(p); text != "Nothing is left to do: Wassist is as Git says at "+sha("a")+"." {
		t.Error(text)
	}
	p.Held = []sync.Held{{Action: sync.Update, Agent: "Orders", Reason: "edited on Wassist, and kept"}}
	if text := github.DriftClosed(p); strings.Contains(text, "as Git says") || !strings.Contains(text, "held") || !strings.Contains(text, sha("a")) {
		t.Error(text)
	}
}

// GitHub refuses a title of more than 256 characters, and with it the issue.
func TestDriftTitleIsNotTooLong(t *testing.T) {
	long := github.DriftTitle(github.Target{Host: target.Host, Path: strings.Repeat("ä/", 200)})
	if n := len([]rune(long)); n != 256 || !strings.HasSuffix(long, "…") {
		t.Errorf("%d characters: %s", n, long)
	}
}
