package github

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	gh "github.com/google/go-github/v87/github"

	"wassist-sync/sync"
)

// Review is what people saw of a run's changes before they were merged.
type Review struct {
	// Digests are those of changes, and of whole plans.
	Digests []string
	// With and Without are the pull requests that have a comment about the
	// target, and those that have none: a fork's token could not write one.
	With, Without []int
	// Notes say how far it was looked.
	Notes []string
	// Failed says what could not be looked at.
	Failed []error
}

const (
	// maxCommits bounds how far a review is looked for; each commit costs a request.
	maxCommits = 250
	// maxCompared bounds the commits that a comparison may have, of all parents.
	maxCompared = 1000
)

// Reviewed collects the digests of all pull requests that came to the branch
// since the last run that applied it: concurrency may have dropped runs between,
// and a run that failed has left changes to do. A pull request's comment counts
// where this account wrote it, as it was when the pull request was merged.
func (c *Client) Reviewed(ctx context.Context, run *Run, t Target) (*Review, error) {
	r := &Review{}
	commits, err := c.since(ctx, run, r)
	if err != nil {
		return nil, err
	}
	pulls, err := c.merged(ctx, commits, run.Branch)
	if err != nil {
		return nil, err
	}
	for _, pull := range pulls {
		number := pull.GetNumber()
		comment, err := c.ownComment(ctx, number, planKind, t)
		if err != nil {
			return nil, err
		}
		if comment != nil && comment.GetUpdatedAt().After(pull.GetMergedAt().Time) {
			r.Notes = append(r.Notes, fmt.Sprintf("the comment on pull request %d was written or edited after the merge, and does not count", number))
			comment = nil
		}
		if comment == nil {
			r.Without = append(r.Without, number)
			continue
		}
		r.With = append(r.With, number)
		m, _ := readMarker(comment.GetBody())
		r.Digests = append(r.Digests, m.digests...)
	}
	slices.Sort(r.Digests)
	r.Digests = slices.Compact(r.Digests)
	return r, nil
}

// since lists the commits that came to the branch after the last run that
// applied it, along first parents, the newest first.
func (c *Client) since(ctx context.Context, run *Run, r *Review) ([]string, error) {
	base, err := c.lastApplied(ctx, run)
	if err != nil {
		r.Failed = append(r.Failed, fmt.Errorf("which run was the last to succeed is not known, so only what this push brought is looked at: %w", err))
	}
	for _, from := range []string{base, run.Before} {
		if from == "" {
			continue
		}
		if from == run.SHA {
			return nil, nil
		}
		commits, err := c.between(ctx, from, run.SHA)
		if err == nil {
			if len(commits) > maxCommits {
				r.Notes = append(r.Notes, fmt.Sprintf("%d commits came since the last run that succeeded; only the last %d are looked at", len(commits), maxCommits))
				commits = commits[:maxCommits]
			}
			return commits, nil
		}
		if ctx.Err() != nil {
			return nil, err
		}
		r.Failed = append(r.Failed, fmt.Errorf("what came since %s cannot be read: %w", from[:7], err))
	}
	r.Notes = append(r.Notes, "there is no earlier run to go by; only the commit itself is looked at")
	return []string{run.SHA}, nil
}

// maxRunPages bounds how many runs are looked through for one that succeeded.
const maxRunPages = 3

// lastApplied is the commit of the last run of this workflow that surely applied
// the branch; empty when there is none. Runs that other events began may do other
// things, but a run by hand does what pushes do.
func (c *Client) lastApplied(ctx context.Context, run *Run) (string, error) {
	this, _, err := c.api.Actions.GetWorkflowRunByID(ctx, c.owner, c.repo, run.ID)
	if err != nil {
		return "", c.fail(err, runsPermission, readingRuns)
	}
	if run.Event == "workflow_dispatch" {
		if base, err := c.lastOf(ctx, this, "push", run); base != "" || err != nil {
			return base, err
		}
	}
	return c.lastOf(ctx, this, run.Event, run)
}

const (
	runsPermission = "actions: read"
	readingRuns    = "reading the runs of this workflow"
)

// lastOf looks among the runs that one kind of event began.
//
// A run whose commit was no longer the tip has succeeded as well, and applied
// nothing. So a run counts only if it had ended before the next push began one;
// where none had, the oldest that succeeded is far enough back. A push may have
// begun no run: of the one before this run it is known whether that was so.
func (c *Client) lastOf(ctx context.Context, this *gh.WorkflowRun, event string, run *Run) (string, error) {
	branch, before := run.Branch, run.Before
	o := &gh.ListWorkflowRunsOptions{Branch: branch, Event: event, ListOptions: gh.ListOptions{PerPage: pageSize}}
	next, oldest := this.GetCreatedAt().Time, ""
	for range maxRunPages {
		runs, resp, err := c.api.Actions.ListWorkflowRunsByID(ctx, c.owner, c.repo, this.GetWorkflowID(), o)
		if err != nil {
			return "", c.fail(err, runsPermission, readingRuns)
		}
		for _, earlier := range runs.WorkflowRuns { // the newest first
			if earlier.GetID() == this.GetID() || earlier.GetCreatedAt().After(this.GetCreatedAt().Time) || earlier.GetHeadBranch() != branch {
				continue
			}
			if earlier.GetConclusion() == "success" && commitForm.MatchString(earlier.GetHeadSHA()) {
				oldest = earlier.GetHeadSHA()
				if !earlier.GetUpdatedAt().After(next) && (before == "" || before == oldest) {
					return oldest, nil
				}
			}
			next, before = earlier.GetCreatedAt().Time, ""
		}
		if resp.NextPage == 0 {
			break
		}
		o.Page = resp.NextPage
	}
	return oldest, nil
}

// between lists the commits after base up to head along first parents, the
// newest first.
func (c *Client) between(ctx context.Context, base, head string) ([]string, error) {
	const permission = "contents: read"
	doing := fmt.Sprintf("comparing %s with %s", base[:7], head[:7])
	parents := map[string]string{}
	o := &gh.ListOptions{PerPage: pageSize}
	for {
		comparison, resp, err := c.api.Repositories.CompareCommits(ctx, c.owner, c.repo, base, head, o)
		if err != nil {
			return nil, c.fail(err, permission, doing)
		}
		if n := comparison.GetTotalCommits(); n > maxCompared {
			return nil, &Error{Doing: doing, Message: fmt.Sprintf("%d commits are more than the %d that are looked through", n, maxCompared)}
		}
		for _, commit := range comparison.Commits {
			parent := ""
			if len(commit.Parents) > 0 {
				parent = commit.Parents[0].GetSHA()
			}
			parents[commit.GetSHA()] = parent
		}
		if resp.NextPage == 0 || len(parents) > maxCompared {
			break
		}
		o.Page = resp.NextPage
	}
	var line []string
	for at := head; ; {
		parent, ok := parents[at]
		if !ok {
			return line, nil
		}
		line = append(line, at)
		delete(parents, at)
		at = parent
	}
}

// merged lists the pull requests that were merged into a branch by these
// commits, the lowest number first.
func (c *Client) merged(ctx context.Context, commits []string, branch string) ([]*gh.PullRequest, error) {
	found := map[int]*gh.PullRequest{}
	for _, commit := range commits {
		pulls, _, err := c.api.PullRequests.ListPullRequestsWithCommit(ctx, c.owner, c.repo, commit, &gh.ListOptions{PerPage: pageSize})
		if err != nil {
			return nil, c.fail(err, "pull-requests: read", fmt.Sprintf("asking for the pull requests of %s", commit[:7]))
		}
		for _, p := range pulls {
			if p.MergedAt != nil && p.GetBase().GetRef() == branch {
				found[p.GetNumber()] = p
			}
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b *gh.PullRequest) int { return cmp.Compare(a.GetNumber(), b.GetNumber()) }), nil
}

// Unseen names the changes of a plan that no pull request showed.
func (r *Review) Unseen(plan *sync.Plan) []string {
	if slices.Contains(r.Digests, plan.Digest) {
		return nil
	}
	var out []string
	for i := range plan.Changes {
		if c := &plan.Changes[i]; !slices.Contains(r.Digests, c.Digest) {
			out = append(out, string(c.Action)+" "+c.Agent)
		}
	}
	return out
}
