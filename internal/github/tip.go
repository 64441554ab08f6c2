package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	gh "github.com/google/go-github/v87/github"
)

// Tip is the commit that a branch has now; empty when there is no such branch.
// The clone cannot tell: the checkout of a re-run rewrites what it knows of it.
func (c *Client) Tip(ctx context.Context, branch string) (string, error) {
	const permission = "contents: read"
	doing := fmt.Sprintf("asking for the tip of %s", branch)
	repository := fmt.Sprintf("repos/%s/%s", c.owner, c.repo)
	var found gh.Branch
	err := c.get(ctx, repository+"/branches/"+url.PathEscape(branch), &found)
	if err == nil {
		if tip := found.GetCommit().GetSHA(); commitForm.MatchString(tip) {
			return tip, nil
		}
		return "", &Error{Doing: doing, Message: "the answer names no commit"}
	}
	err = c.fail(err, permission, doing)
	if statusOf(err) != http.StatusNotFound {
		return "", err
	}
	// What a token may not see is not found either. It may see its repository.
	var found2 gh.Repository
	if repoErr := c.get(ctx, repository, &found2); repoErr != nil {
		return "", c.fail(repoErr, permission, doing)
	}
	return "", nil
}

// PullHead is the last commit of a pull request, and tells whether it is merged. A
// run of an earlier commit, which was slow or is run again, has nothing to say any
// more, and neither has one after the merge.
func (c *Client) PullHead(ctx context.Context, number int) (head string, merged bool, err error) {
	pull, _, err := c.api.PullRequests.Get(ctx, c.owner, c.repo, number)
	if err != nil {
		return "", false, c.fail(err, "pull-requests: read", fmt.Sprintf("asking for the last commit of pull request %d", number))
	}
	return pull.GetHead().GetSHA(), pull.MergedAt != nil, nil
}

// get reads what go-github reads too, but follows no redirect by itself, nor
// goes around the repetitions.
func (c *Client) get(ctx context.Context, path string, into any) error {
	req, err := c.api.NewRequest(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	_, err = c.api.Do(req, into)
	return err
}
