package github_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/internal/github"
	"wassist-sync/internal/github/githubtest"
)

// merge merges pull request N as the commit that its letter in the alphabet
// names, and pushes it.
func (w *world) merge(numbers ...int) {
	w.Edit(func(s *githubtest.State) {
		s.Commits[sha("0")] = nil
		parent := sha("0")
		if tip := s.Branches["main"]; tip != "" {
			parent = tip
		}
		for _, n := range numbers {
			commit := fmt.Sprintf("%040x", n)
			s.OpenPull(n, "main", commit)
			s.Commits[commit] = []string{parent}
			_ = s.MergePull(n, commit)
			parent = commit
		}
		s.Branches["main"] = parent
		w.run.SHA, w.run.Before = parent, sha("0")
	})
}

// ran adds a run of the workflow on what the branch is now: it begins and ends
// so many minutes after nine.
func (w *world) ran(id int64, n int, conclusion string, from, to int) {
	at := func(minute int) time.Time { return time.Date(2026, 1, 5, 9, minute, 0, 0, time.UTC) }
	w.Edit(func(s *githubtest.State) {
		s.SetRun(githubtest.Run{ID: id, Workflow: 5, Branch: "main", Event: "push", SHA: fmt.Sprintf("%040x", n), Status: "completed", Conclusion: conclusion, Created: at(from), Updated: at(to)})
	})
}

func (w *world) reviewed(t *testing.T) *github.Review {
	t.Helper()
	r, err := w.client.Reviewed(t.Context(), w.run, target)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// comment lets the workflow write the plan of a change of the pull request's name.
func (w *world) comment(t *testing.T, numbers ...int) {
	w.Edit(func(s *githubtest.State) {
		for _, n := range numbers {
			s.AddComment(n, githubtest.Workflow, planComment(t, fmt.Sprint(n)))
		}
	})
}

func digests(names ...string) []string {
	var out []string
	for _, name := range names {
		out = append(out, digest(name), digest("plan "+name))
	}
	slices.Sort(out)
	return out
}

func TestReviewedReadsAllPullRequestsSinceTheLastSuccess(t *testing.T) {
	w := newWorld(t)
	w.merge(1, 2, 3, 4)
	w.comment(t, 1, 2, 4)
	w.ran(10, 1, "success", 0, 1)
	w.ran(11, 2, "failure", 2, 3)
	w.ran(12, 3, "cancelled", 4, 4)
	w.ran(100, 4, "", 5, 5)
	r := w.reviewed(t)
	if d := cmp.Diff(digests("2", "4"), r.Digests); d != "" {
		t.Errorf("digests (-want +got):\n%s", d)
	}
	if d := cmp.Diff([][]int{{2, 4}, {3}}, [][]int{r.With, r.Without}); d != "" {
		t.Errorf("pull requests (-want +got):\n%s", d)
	}
	if len(r.Notes)+len(r.Failed) > 0 {
		t.Errorf("notes: %q, failed: %v", r.Notes, r.Failed)
	}
}

// A run that was superseded has succeeded too, and applied nothing: a base that
// the next push overtook is not one.
func TestReviewedDoesNotStopAtASupersededRun(t *testing.T) {
	w := newWorld(t)
	w.merge(1, 2, 3)
	w.comment(t, 1, 2, 3)
	w.ran(10, 1, "success", 0, 1)
	w.ran(11, 2, "success", 2, 6) // it waited for run 10, and ended after 3 was pushed
	w.ran(100, 3, "", 5, 5)
	if d := cmp.Diff(digests("2", "3"), w.reviewed(t).Digests); d != "" {
		t.Errorf("digests (-want +got):\n%s", d)
	}
}

func TestReviewedWhereEveryRunWasOvertaken(t *testing.T) {
	w := newWorld(t)
	w.merge(1, 2, 3)
	w.comment(t, 1, 2, 3)
	w.ran(10, 1, "success", 0, 3)
	w.ran(11, 2, "success", 2, 6)
	w.ran(100, 3, "", 5, 5)
	if d := cmp.Diff(digests("2", "3"), w.reviewed(t).Digests); d != "" {
		t.Errorf("digests (-want +got):\n%s", d)
	}
}

func TestReviewedCountsOnlyWhatCountsAsReviewed(t *testing.T) {
	w := newWorld(t)
	w.merge(1, 2, 3, 4)
	w.comment(t, 1, 2)
	w.Edit(func(s *githubtest.State) {
		s.Pulls[0].Base = "other"
		s.Pulls[1].Merged = false
		s.AddComment(3, githubtest.Account{Login: "mallory", Type: "User"}, planComment(t, "3"))
		// A text of an agent that pretends to be a marker stands below the first line.
		hostile := strings.SplitAfterN(planComment(t, "4"), "\n", 2)
		s.AddComment(4, githubtest.Workflow, hostile[0]+strings.Replace(planComment(t, "stolen"), "-->", "--> ", 1))
	})
	w.ran(100, 4, "", 5, 5)
	r := w.reviewed(t)
	if d := cmp.Diff(digests("4"), r.Digests); d != "" {
		t.Errorf("digests (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]int{3}, r.Without); d != "" {
		t.Errorf("without (-want +got):\n%s", d)
	}
}

func TestReviewedWithoutRunsGoesByThePush(t *testing.T) {
	w := newWorld(t)
	w.merge(1, 2)
	w.comment(t, 1, 2)
	w.run.Before = fmt.Sprintf("%040x", 1)
	w.Edit(func(s *githubtest.State) { s.Denied = []string{"actions: read"} })
	r := w.reviewed(t)
	if d := cmp.Diff(digests("2"), r.Digests); d != "" {
		t.Errorf("digests (-want +got):\n%s", d)
	}
	if len(r.Failed) != 1 {
		t.Fatalf("failed: %v", r.Failed)
	}
	wantError(t, r.Failed[0], "which run was the last to succeed is not known", "add `permissions: actions: read`")
	// Nothing to go by at all: the commit itself.
	w.run.Before = ""
	if d := cmp.Diff(digests("2"), w.reviewed(t).Digests); d != "" {
		t.Errorf("digests (-want +got):\n%s", d)
	}
	// A branch that was forced: the commit before is gone.
	w.run.Before = sha("f")
	if d := cmp.Diff(digests("2"), w.reviewed(t).Digests); d != "" {
		t.Errorf("digests (-want +got):\n%s", d)
	}
}

func TestReviewedWalksFirstParentsAndPages(t *testing.T) {
	w := newWorld(t)
	w.Edit(func(s *githubtest.State) {
		s.Commits[sha("0")] = nil
		// 120 commits of a pull request, and the merge.
		parent := sha("0")
		var side []string
		for i := range 120 {
			commit := fmt.Sprintf("%040x", 1000+i)
			s.Commits[commit] = []string{parent}
			side = append(side, commit)
			parent = commit
		}
		s.Commits[sha("d")] = []string{sha("0"), parent}
		s.OpenPull(9, "main", parent)
		_ = s.MergePull(9, sha("d"))
		// The side's commits came with a pull request into the same branch name elsewhere.
		s.OpenPull(8, "main", parent)
		_ = s.MergePull(8, side...)
		s.AddComment(9, githubtest.Workflow, planComment(t, "9"))
		s.AddComment(8, githubtest.Workflow, planComment(t, "8"))
	})
	w.run.SHA, w.run.Before = sha("d"), sha("0")
	w.ran(100, 4, "", 5, 5)
	if d := cmp.Diff(digests("9"), w.reviewed(t).Digests); d != "" {
		t.Errorf("digests (-want +got):\n%s", d)
	}
}

func TestReviewedFailsReadably(t *testing.T) {
	w := newWorld(t)
	w.merge(1)
	w.comment(t, 1)
	w.Edit(func(s *githubtest.State) { s.Denied = []string{"pull-requests: read"} })
	_, err := w.client.Reviewed(t.Context(), w.run, target)
	wantError(t, err, "asking for the pull requests of 0000000: 403", "add `permissions: pull-requests: read`")
}

// A comment of more changes than fit carries the plan's digest alone.
func TestReviewedOfAHugePlan(t *testing.T) {
	w := newWorld(t)
	w.merge(1)
	var names []string
	for i := range 600 {
		names = append(names, fmt.Sprint(i))
	}
	w.Edit(func(s *githubtest.State) { s.AddComment(1, githubtest.Workflow, planComment(t, names...)) })
	if d := cmp.Diff([]string{digest("plan " + strings.Join(names, " "))}, w.reviewed(t).Digests); d != "" {
		t.Errorf("digests (-want +got):\n%s", d)
	}
}

// A run by hand goes by what the pushes applied: it may be the first of its kind,
// or the first in a year.
func TestReviewedOfARunByHandGoesByThePushes(t *testing.T) {
	for _, earlier := range []bool{false, true} {
		w := newWorld(t)
		w.merge(1, 2, 3, 4)
		w.comment(t, 1, 2, 3, 4)
		w.ran(10, 2, "success", 10, 11)
		w.ran(11, 4, "failure", 20, 21)
		at := time.Date(2026, 1, 5, 9, 30, 0, 0, time.UTC)
		w.Edit(func(s *githubtest.State) {
			if earlier {
				s.SetRun(githubtest.Run{ID: 5, Workflow: 5, Branch: "main", Event: "workflow_dispatch", SHA: sha("0"), Conclusion: "success", Created: at.Add(-time.Hour), Updated: at.Add(-time.Hour)})
			}
			s.SetRun(githubtest.Run{ID: 100, Workflow: 5, Branch: "main", Event: "workflow_dispatch", SHA: w.run.SHA, Created: at, Updated: at})
		})
		w.run.Event, w.run.Before = "workflow_dispatch", ""
		if d := cmp.Diff(digests("3", "4"), w.reviewed(t).Digests); d != "" {
			t.Errorf("earlier %v: digests (-want +got):\n%s", earlier, d)
		}
	}
}

// A workflow that is only ever started by hand goes by its own runs.
func TestReviewedOfAWorkflowThatIsOnlyStartedByHand(t *testing.T) {
	w := newWorld(t)
	w.merge(1, 2, 3)
	w.comment(t, 1, 2, 3)
	at := time.Date(2026, 1, 5, 9, 30, 0, 0, time.UTC)
	w.Edit(func(s *githubtest.State) {
		s.SetRun(githubtest.Run{ID: 5, Workflow: 5, Branch: "main", Event: "workflow_dispatch", SHA: fmt.Sprintf("%040x", 1), Conclusion: "success", Created: at.Add(-time.Hour), Updated: at.Add(-time.Hour)})
		s.SetRun(githubtest.Run{ID: 100, Workflow: 5, Branch: "main", Event: "workflow_dispatch", SHA: w.run.SHA, Created: at, Updated: at})
	})
	w.run.Event, w.run.Before = "workflow_dispatch", ""
	if d := cmp.Diff(digests("2", "3"), w.reviewed(t).Digests); d != "" {
		t.Errorf("digests (-want +got):\n%s", d)
	}
}

// What is written after the merge was seen by nobody who let it through.
func TestReviewedCountsNoCommentThatIsYoungerThanTheMerge(t *testing.T) {
	w := newWorld(t)
	w.merge(1, 2, 3)
	w.comment(t, 1, 2, 3)
	w.ran(100, 3, "", 5, 5)
	at := func(second int) time.Time { return time.Date(2026, 1, 5, 9, 0, second, 0, time.UTC) }
	w.Edit(func(s *githubtest.State) {
		for i, updated := range []int{29, 30, 31} {
			s.Pulls[i].MergedAt, s.Comments[i].Updated = at(30), at(updated)
		}
	})
	r := w.reviewed(t)
	if d := cmp.Diff(digests("1", "2"), r.Digests); d != "" {
		t.Errorf("digests (-want +got):\n%s", d)
	}
	if d := cmp.Diff([][]int{{1, 2}, {3}}, [][]int{r.With, r.Without}); d != "" {
		t.Errorf("pull requests (-want +got):\n%s", d)
	}
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "the comment on pull request 3 was written or edited after the merge") {
		t.Errorf("notes: %q", r.Notes)
	}
}

// A push that began no run, such as one that said so or came of a workflow, may
// have overtaken the run before: it ended well and applied nothing.
func TestReviewedDoesNotStopWhereAPushBeganNoRun(t *testing.T) {
	w := newWorld(t)
	w.merge(1, 2, 3, 4)
	w.comment(t, 1, 2, 3, 4)
	w.ran(10, 1, "success", 0, 1)
	w.ran(11, 2, "success", 2, 4) // 3 was pushed meanwhile
	w.ran(100, 4, "", 5, 5)
	w.run.Before = fmt.Sprintf("%040x", 3)
	if d := cmp.Diff(digests("2", "3", "4"), w.reviewed(t).Digests); d != "" {
		t.Errorf("digests (-want +got):\n%s", d)
	}
	// Where nothing came between, the run before is far enough.
	w.run.Before = fmt.Sprintf("%040x", 2)
	if d := cmp.Diff(digests("3", "4"), w.reviewed(t).Digests); d != "" {
		t.Errorf("digests (-want +got):\n%s", d)
	}
}
