package github

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	gh "github.com/google/go-github/v87/github"
)

const (
	pageSize = 100
	// maxPages bounds every list that is walked: GitHub's own limit on comments
	// is about as high.
	maxPages = 50
	// maxCreates is how often something new is tried when it is unknown whether
	// it was made: before each try we look.
	maxCreates = 3
)

// Comment writes a text on a pull request: over the one that this account wrote
// there about the same target, or as a new one. The text comes of PlanComment or
// FailureComment.
func (c *Client) Comment(ctx context.Context, number int, t Target, text string) error {
	doing := fmt.Sprintf("commenting on pull request %d", number)
	const permission = "pull-requests: write"
	return c.create(ctx, func() (bool, error) {
		old, err := c.ownComment(ctx, number, planKind, t)
		if err != nil {
			return true, err
		}
		if old == nil {
			_, _, err := c.api.Issues.CreateComment(ctx, c.owner, c.repo, number, &gh.IssueComment{Body: &text})
			return false, c.failed(err, permission, doing)
		}
		if sameText(old.GetBody(), text) {
			return true, nil
		}
		_, _, err = c.api.Issues.EditComment(ctx, c.owner, c.repo, old.GetID(), &gh.IssueComment{Body: &text})
		return true, c.failed(err, permission, doing)
	})
}

// failed is fail for a call that may have succeeded.
func (c *Client) failed(err error, permission, doing string) error {
	if err == nil {
		return nil
	}
	return c.fail(err, permission, doing)
}

// sameText compares as GitHub may store it.
func sameText(a, b string) bool {
	clean := func(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }
	return clean(a) == clean(b)
}

// create tries to make something new. Where it is unknown whether it was made,
// the try is repeated, and that looks first. final tells that the outcome of a
// try is known whatever the error.
func (c *Client) create(ctx context.Context, try func() (final bool, err error)) error {
	for n := 1; ; n++ {
		final, err := try()
		var e *Error
		if err == nil || final || n == maxCreates || !errors.As(err, &e) || !e.unknown() {
			return err
		}
		if err := c.pause(ctx, time.Second<<(n-1)); err != nil {
			return err
		}
	}
}

// ownComment finds the first comment about a target that this account wrote;
// nil when there is none.
func (c *Client) ownComment(ctx context.Context, number int, k kind, t Target) (*gh.IssueComment, error) {
	self, err := c.whoami(ctx)
	if err != nil {
		return nil, err
	}
	o := &gh.IssueListCommentsOptions{ListOptions: gh.ListOptions{PerPage: pageSize}}
	for range maxPages {
		comments, resp, err := c.api.Issues.ListComments(ctx, c.owner, c.repo, number, o)
		if err != nil {
			return nil, c.fail(err, "pull-requests: read", fmt.Sprintf("reading the comments of %d", number))
		}
		for _, comment := range comments { // the oldest first
			if _, ok := about(comment.GetBody(), k, t); ok && self.is(comment.User) {
				return comment, nil
			}
		}
		if resp.NextPage == 0 {
			return nil, nil
		}
		o.Page = resp.NextPage
	}
	return nil, &Error{Doing: fmt.Sprintf("reading the comments of %d", number), Message: fmt.Sprintf("there are more than %d", maxPages*pageSize)}
}
