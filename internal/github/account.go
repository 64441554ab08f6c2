package github

import (
	"context"
	"strings"

	gh "github.com/google/go-github/v87/github"
)

// account is who a token is.
type account struct {
	login string
	bot   bool // a user must not pass for a bot of the same name
}

// workflowAccount is who writes with the token of a workflow, which may not ask.
var workflowAccount = account{login: "github-actions[bot]", bot: true}

// is tells whether a user of GitHub is this account.
func (a *account) is(u *gh.User) bool {
	return u != nil && strings.EqualFold(u.GetLogin(), a.login) && (!a.bot || u.GetType() == "Bot")
}

// whoami asks once who the token is.
func (c *Client) whoami(ctx context.Context) (*account, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.self != nil {
		return c.self, nil
	}
	user, _, err := c.api.Users.Get(ctx, "")
	if err != nil {
		err = c.fail(err, "", "asking whose token this is")
		if !refused(err) {
			return nil, err
		}
		c.self = &workflowAccount
		return c.self, nil
	}
	c.self = &account{login: user.GetLogin()}
	return c.self, nil
}
