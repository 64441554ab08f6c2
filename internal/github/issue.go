package github

import (
	"context"
	"fmt"
	"net/http"

	gh "github.com/google/go-github/v87/github"
)

// DriftLabel is on every issue about drift, where GitHub lets it be set.
const DriftLabel = "wassist-sync-drift"

const issuePermission = "issues: write"

// DriftIssue keeps one open issue about a target: it is opened, or its text is
// brought up to date. What was closed stays closed, so that each drift has its
// own story. It gives the issue's number.
func (c *Client) DriftIssue(ctx context.Context, t Target, title, text string) (number int, err error) {
	const doing = "writing the issue about drift"
	err = c.create(ctx, func() (bool, error) {
		open, err := c.ownIssues(ctx, t)
		if err != nil {
			return true, err
		}
		if len(open) == 0 {
			issue, err := c.openIssue(ctx, title, text)
			number = issue.GetNumber()
			return false, c.failed(err, issuePermission, doing)
		}
		number = open[0].GetNumber()
		if sameText(open[0].GetBody(), text) && open[0].GetTitle() == title {
			return true, nil
		}
		_, _, err = c.api.Issues.Edit(ctx, c.owner, c.repo, number, &gh.IssueRequest{Title: &title, Body: &text})
		return true, c.failed(err, issuePermission, doing)
	})
	return number, err
}

// openIssue opens an issue with the label, or without where that is refused.
func (c *Client) openIssue(ctx context.Context, title, text string) (*gh.Issue, error) {
	request := &gh.IssueRequest{Title: &title, Body: &text, Labels: &[]string{DriftLabel}}
	issue, resp, err := c.api.Issues.Create(ctx, c.owner, c.repo, request)
	if resp != nil && resp.StatusCode == http.StatusUnprocessableEntity {
		request.Labels = nil
		issue, _, err = c.api.Issues.Create(ctx, c.owner, c.repo, request)
	}
	return issue, err
}

// CloseDrift closes what is open about a target, with a comment, and gives the
// numbers of the issues.
func (c *Client) CloseDrift(ctx context.Context, t Target, comment string) ([]int, error) {
	open, err := c.ownIssues(ctx, t)
	if err != nil {
		return nil, err
	}
	var closed []int
	for _, issue := range open {
		number := issue.GetNumber()
		doing := fmt.Sprintf("closing issue %d", number)
		if _, _, err := c.api.Issues.CreateComment(ctx, c.owner, c.repo, number, &gh.IssueComment{Body: &comment}); err != nil {
			return closed, c.fail(err, issuePermission, doing)
		}
		state, reason := "closed", "completed"
		if _, _, err := c.api.Issues.Edit(ctx, c.owner, c.repo, number, &gh.IssueRequest{State: &state, StateReason: &reason}); err != nil {
			return closed, c.fail(err, issuePermission, doing)
		}
		closed = append(closed, number)
	}
	return closed, nil
}

// ownIssues lists the open issues about drift of a target that this account
// opened, the oldest first.
func (c *Client) ownIssues(ctx context.Context, t Target) ([]*gh.Issue, error) {
	self, err := c.whoami(ctx)
	if err != nil {
		return nil, err
	}
	o := &gh.IssueListByRepoOptions{State: "open", Creator: self.login, Sort: "created", Direction: "asc"}
	o.ListOptions.PerPage = pageSize
	var own []*gh.Issue
	for range maxPages {
		issues, resp, err := c.api.Issues.ListByRepo(ctx, c.owner, c.repo, o)
		if err != nil {
			return nil, c.fail(err, "issues: read", "looking for an issue about drift")
		}
		for _, issue := range issues {
			if _, ok := about(issue.GetBody(), driftKind, t); ok && !issue.IsPullRequest() && self.is(issue.User) {
				own = append(own, issue)
			}
		}
		if resp.NextPage == 0 {
			break
		}
		o.ListOptions.Page = resp.NextPage
	}
	return own, nil
}
