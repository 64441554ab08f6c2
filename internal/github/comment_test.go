package github_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"wassist-sync/internal/github"
	"wassist-sync/internal/github/githubtest"
	"wassist-sync/sync"
)

func TestCommentIsUpdatedAndNotRepeated(t *testing.T) {
	w := newWorld(t)
	w.Edit(func(s *githubtest.State) { s.OpenPull(7, "main", sha("a")) })
	for _, text := range []string{planComment(t, "Orders"), planComment(t, "Orders", "Billing"), planComment(t, "Orders", "Billing")} {
		if err := w.client.Comment(t.Context(), 7, target, text); err != nil {
			t.Fatal(err)
		}
		all := w.comments(7)
		if len(all) != 1 || all[0].Body != text || all[0].User != githubtest.Workflow {
			t.Fatalf("comments: %+v", all)
		}
	}
	if edits := w.comments(7)[0].Edits; edits != 1 {
		t.Errorf("%d edits, want 1: the last text was the same", edits)
	}
	// Another target has a comment of its own.
	other := github.Target{Host: target.Host, Path: "agents", Environment: "staging"}
	text, err := github.PlanComment(other, plan("Orders"), w.run)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.client.Comment(t.Context(), 7, other, text); err != nil {
		t.Fatal(err)
	}
	if n := len(w.comments(7)); n != 2 {
		t.Errorf("%d comments, want 2", n)
	}
}

func TestPlantedMarkersAreNotFollowed(t *testing.T) {
	text := planComment(t, "Orders")
	for name, planted := range map[string]struct {
		by   githubtest.Account
		body string
	}{
		"by somebody":                 {githubtest.Account{Login: "mallory", Type: "User"}, text},
		"by a user of the bot's name": {githubtest.Account{Login: "github-actions[bot]", Type: "User"}, text},
		"by another bot":              {githubtest.Account{Login: "other[bot]", Type: "Bot"}, text},
		"ours, in the second line":    {githubtest.Workflow, "Hello\n" + text},
		"ours, after a blank":         {githubtest.Workflow, " " + text},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Edit(func(s *githubtest.State) {
				s.OpenPull(7, "main", sha("a"))
				s.AddComment(7, planted.by, planted.body)
			})
			if err := w.client.Comment(t.Context(), 7, target, planComment(t, "Billing")); err != nil {
				t.Fatal(err)
			}
			all := w.comments(7)
			if len(all) != 2 || all[0].Body != planted.body || all[0].Edits != 0 {
				t.Errorf("comments: %+v", all)
			}
		})
	}
}

func TestTheOldestOwnCommentIsTaken(t *testing.T) {
	w := newWorld(t)
	w.Edit(func(s *githubtest.State) {
		s.OpenPull(7, "main", sha("a"))
		for range 120 { // more than a page
			s.AddComment(7, githubtest.Account{Login: "ann", Type: "User"}, "text")
		}
		s.AddComment(7, githubtest.Workflow, planComment(t, "Orders"))
		s.AddComment(7, githubtest.Workflow, planComment(t, "Orders"))
	})
	if err := w.client.Comment(t.Context(), 7, target, planComment(t, "Billing")); err != nil {
		t.Fatal(err)
	}
	all := w.comments(7)
	if len(all) != 122 || all[120].Edits != 1 || all[121].Edits != 0 {
		t.Errorf("%d comments, edits %d and %d", len(all), all[120].Edits, all[121].Edits)
	}
}

func TestATokenOfAUserFindsItsOwnComments(t *testing.T) {
	w := newWorld(t)
	w.Edit(func(s *githubtest.State) {
		s.Tokens["of ann"] = githubtest.Account{Login: "ann", Type: "User"}
		s.OpenPull(7, "main", sha("a"))
		s.AddComment(7, githubtest.Workflow, planComment(t, "Orders"))
	})
	ann := w.as(t, "of ann")
	for _, text := range []string{planComment(t, "Billing"), planComment(t, "Desk")} {
		if err := ann.Comment(t.Context(), 7, target, text); err != nil {
			t.Fatal(err)
		}
	}
	all := w.comments(7)
	if len(all) != 2 || all[0].Edits != 0 || all[1].User.Login != "ann" || all[1].Edits != 1 {
		t.Errorf("comments: %+v", all)
	}
}

func TestACommentThatWasMadeUnseenIsNotMadeTwice(t *testing.T) {
	for _, kind := range []githubtest.Kind{githubtest.Lost, githubtest.Failing, githubtest.Dropped} {
		t.Run(string(kind), func(t *testing.T) {
			w := newWorld(t)
			w.Edit(func(s *githubtest.State) { s.OpenPull(7, "main", sha("a")) })
			w.Fault(githubtest.Fault{Kind: kind, Method: "POST"})
			if err := w.client.Comment(t.Context(), 7, target, planComment(t, "Orders")); err != nil {
				t.Fatal(err)
			}
			if n := len(w.comments(7)); n != 1 {
				t.Errorf("%d comments", n)
			}
		})
	}
}

func TestCommentErrorsSayWhatToAdd(t *testing.T) {
	w := newWorld(t)
	w.Edit(func(s *githubtest.State) {
		s.OpenPull(7, "main", sha("a"))
		s.Denied = []string{"pull-requests: write"}
	})
	err := w.client.Comment(t.Context(), 7, target, planComment(t, "Orders"))
	wantError(t, err, "commenting on pull request 7: 403", "add `permissions: pull-requests: write`")
	if n := len(w.waits); n != 0 {
		t.Errorf("waited %d times for a permission", n)
	}
	err = w.as(t, "ghs_canary-other").Comment(t.Context(), 7, target, "x")
	wantError(t, err, "401 Bad credentials", "github.token")

	// A server that repeats the token, and words that a runner obeys.
	w.Fault(githubtest.Fault{Kind: githubtest.Echo, Times: -1})
	err = w.client.Comment(t.Context(), 7, target, "x")
	wantError(t, err, "400", "(sensitive)")
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("the error has several lines: %q", err)
	}
}

func TestCommentsAreBounded(t *testing.T) {
	huge := &sync.Plan{Digest: digest("huge"), Target: sync.Target{Host: target.Host}}
	for i := range 3000 {
		huge.Changes = append(huge.Changes, sync.Change{Action: sync.Update, Agent: strings.Repeat("ü", 200), Digest: digest(string(rune(i))),
			Fields: []sync.Field{{Path: "systemPrompt", Before: strings.Repeat("old ", 1000), After: strings.Repeat("new\n", 1000)}}})
	}
	for _, n := range []int{1, 100, 570, 571, 1000, 3000} {
		p := *huge
		p.Changes = huge.Changes[:n]
		text, err := github.PlanComment(target, &p, &github.Run{Owner: "o", Repo: "r", ID: 1, ServerURL: "https://github.com"})
		if err != nil {
			t.Fatal(err)
		}
		if len(text) > 65536 || utf8.RuneCountInString(text) > 65536 {
			t.Errorf("%d changes: %d bytes", n, len(text))
		}
		first, visible, _ := strings.Cut(text, "\n")
		if len(first) > 25<<10 || n >= 100 && len(visible) < 30<<10 {
			t.Errorf("%d changes: %d bytes of marker, %d to read", n, len(first), len(visible))
		}
	}
}

// Nobody knows the commit that merging would make, of which a plan speaks.
func TestTheFootSaysWhichCommitIsMeant(t *testing.T) {
	for want, run := range map[string]*github.Run{
		"<sub>Of " + sha("a") + ", merged with its base as bbbbbbb.</sub>": {SHA: sha("b"), Pull: &github.Pull{Head: sha("a"), Merge: true}},
		"<sub>Of " + sha("a") + ".</sub>":                                  {SHA: sha("a"), Pull: &github.Pull{Head: sha("a")}},
	} {
		text, err := github.PlanComment(target, plan("Orders"), run)
		if err != nil || !strings.Contains(text, want) {
			t.Errorf("no %q (%v) in:\n%s", want, err, text)
		}
	}
}

func TestFailureTakesThePlaceOfThePlan(t *testing.T) {
	w := newWorld(t)
	w.Edit(func(s *githubtest.State) { s.OpenPull(7, "main", sha("a")) })
	for _, text := range []string{planComment(t, "Orders"), failure(t, "agents/a.yaml:1:1: nam: unknown field; did you mean name?", "@everyone </details>\n<!-- wassist-sync:1 plan")} {
		if err := w.client.Comment(t.Context(), 7, target, text); err != nil {
			t.Fatal(err)
		}
	}
	all := w.comments(7)
	if len(all) != 1 {
		t.Fatalf("%d comments", len(all))
	}
	for _, part := range []string{"There is no plan", "did you mean name?", "`@everyone </details>\\n<!--"} {
		if !strings.Contains(all[0].Body, part) {
			t.Errorf("no %q in %s", part, all[0].Body)
		}
	}
	w.merge(7)
	if r := w.reviewed(t); len(r.Digests) != 0 {
		t.Errorf("a failed plan reviews %q", r.Digests)
	}
	long := make([]string, 5000)
	for i := range long {
		long[i] = strings.Repeat("word ", 100)
	}
	if text := failure(t, long...); len(text) > 65536 || !strings.Contains(text, "more; the log has all") {
		t.Errorf("%d bytes", len(text))
	}
}

func failure(t *testing.T, lines ...string) string {
	t.Helper()
	text, err := github.FailureComment(target, lines, &github.Run{})
	if err != nil {
		t.Fatal(err)
	}
	return text
}
