package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"wassist-sync/internal/gitsrc"
	"wassist-sync/internal/source"
)

// clone is a target's repository, kept open so that each commit is read once.
type clone struct {
	log        *slog.Logger
	repository *gitsrc.Repository
	head       string      // the remote's default branch, as it was seen last
	last       gitsrc.Hash // the commit that was read last; zero before the first
	kept       gitsrc.Hash // the commit that was kept last
	renewed    bool        // the clone was made anew, when last was renewedFor
	renewedFor gitsrc.Hash
}

// fetch brings the clone up to date.
func (c *clone) fetch(ctx context.Context, config *Config) *failure {
	remote, err := config.Remote()
	if err != nil {
		return failed(classRefused, err, "%v", err)
	}
	bounded, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	if c.repository == nil {
		c.repository, err = gitsrc.Fetch(bounded, remote, config.CacheDir)
	} else {
		c.repository.Use(remote)
		err = c.repository.Refresh(bounded)
	}
	if err != nil {
		return gitFailure(ctx, config, err)
	}
	c.tellRenewed()
	return nil
}

func (c *clone) tellRenewed() {
	if c.repository.Renewed() {
		c.kept = gitsrc.Hash{}
		c.log.Warn("the clone was damaged and has been made anew")
	}
}

// renew makes the clone anew when reading it has found damage: once a commit,
// since damage that stays is the remote's.
func (c *clone) renew(ctx context.Context) bool {
	if !c.repository.Harmed() || c.renewed && c.renewedFor == c.last {
		return false
	}
	c.renewed, c.renewedFor = true, c.last
	bounded, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	if err := c.repository.Renew(bounded); err != nil {
		return false
	}
	c.tellRenewed()
	return true
}

// resolve finds the commit of the ref, and says how the branch has moved.
func (c *clone) resolve(ctx context.Context, config *Config) (gitsrc.Commit, string, *failure) {
	commit, err := c.repository.Resolve(config.Ref)
	switch {
	case errors.Is(err, gitsrc.ErrUnknownRef):
		text := fmt.Sprintf("%s is not there: %v", config.branch(), err)
		if config.Ref != "" {
			text = fmt.Sprintf("%s has no branch, tag or commit %q; check its spelling, or push it", config.shown(), config.Ref)
		}
		if !c.last.IsZero() {
			text = fmt.Sprintf("%s is gone from %s; it was at %s last. Push it again, or name another ref", config.branch(), config.shown(), abbreviated(c.last))
		}
		return commit, "", failed(classGone, errors.Join(source.ErrUsage, err), "%s. Nothing was changed", text)
	case err != nil:
		return commit, "", readFailure(ctx, err)
	}
	note, err := c.moved(ctx, config, commit.Hash)
	if err != nil {
		return commit, "", readFailure(ctx, err)
	}
	return commit, note, nil
}

// moved says what an operator should know of how the ref came to its commit.
func (c *clone) moved(ctx context.Context, config *Config, to gitsrc.Hash) (string, error) {
	var notes []string
	if config.Ref == "" {
		head, err := c.repository.Head()
		if err != nil {
			return "", err
		}
		if c.head != "" && head != c.head {
			notes = append(notes, fmt.Sprintf("the remote's default branch is %s now, and was %s", short(head), short(c.head)))
		}
		c.head = head
	}
	last := c.last
	c.last = to
	if !last.IsZero() && last != to && len(notes) == 0 {
		ahead, err := c.repository.OnLine(ctx, to, last)
		if err != nil {
			return "", err
		}
		back, err := c.repository.OnLine(ctx, last, to)
		switch {
		case err != nil:
			return "", err
		case ahead:
		case back:
			notes = append(notes, fmt.Sprintf("%s was put back from %s to %s", config.branch(), abbreviated(last), abbreviated(to)))
		default:
			notes = append(notes, fmt.Sprintf("%s was pushed by force: %s is not on the line of %s", config.branch(), abbreviated(last), abbreviated(to)))
		}
	}
	return strings.Join(notes, "; "), nil
}

// keep keeps a commit that was applied, so that a push back keeps renames.
func (c *clone) keep(ctx context.Context, commit gitsrc.Hash) {
	if c.kept == commit {
		return
	}
	if err := c.repository.Keep(ctx, commit); err != nil {
		c.log.Warn("the commit that was applied cannot be kept in the clone; a branch that is pushed back may not keep its renames", "error", err.Error())
		return
	}
	c.kept = commit
}

// rest gives open files back.
func (c *clone) rest() {
	if c.repository != nil {
		c.repository.Rest()
	}
}

func (c *clone) close() {
	if c.repository != nil {
		_ = c.repository.Close() // it was only read
	}
	*c = clone{log: c.log}
}

// forget forgets where the ref was: another one is looked at from now on.
func (c *clone) forget() { c.head, c.last = "", gitsrc.Hash{} }

func abbreviated(h gitsrc.Hash) string { return h.String()[:7] }

// short is a branch's name for people.
func short(ref string) string { return strings.TrimPrefix(ref, "refs/heads/") }
