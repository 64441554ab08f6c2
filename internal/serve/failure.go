package serve

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	"wassist-sync/internal/gitsrc"
	"wassist-sync/internal/source"
	"wassist-sync/spec"
	"wassist-sync/sync"
)

// failure is why a run is not good.
type failure struct {
	outcome Outcome
	// class is equal for failures that are one and the same to whoever is told:
	// Wassist that is down answers now this way and now that way.
	class string
	// kind is shorter: failures of one kind may differ a little from run to run, and
	// that is not told each time. Empty is the class.
	kind string
	text string
	err  error // for exit codes; its text is not shown
	// passes: the same run may succeed a little later.
	passes bool
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.err }

// Classes of failures.
const (
	classGit     = "git"     // the remote
	classRefused = "login"   // the remote does not let us in
	classGone    = "ref"     // the ref is not there
	classCache   = "cache"   // the folder of the clone
	classWassist = "wassist" // reading the remote side
	classKey     = "key"     // the API key
	classDefect  = "defect"
)

// failed is a failure that may pass.
func failed(class string, err error, format string, args ...any) *failure {
	return &failure{outcome: OutcomeFailed, class: class, text: fmt.Sprintf(format, args...), err: err, passes: true}
}

func stopped(err error) *failure {
	return &failure{outcome: OutcomeStopped, class: "stopped", text: "the process was told to stop", err: err}
}

// fetchTime bounds one fetch: a remote may accept a connection and say nothing.
const fetchTime = 5 * time.Minute

// gitFailure puts what went wrong with the remote into words. The end of ctx is
// not its failure; that of the fetch is.
func gitFailure(ctx context.Context, c *Config, err error) *failure {
	switch {
	case ctx.Err() != nil:
		return stopped(err)
	case errors.Is(err, context.DeadlineExceeded):
		return failed(classGit, err, "fetch %s: the remote does not answer (given up after %v); it is tried again", c.shown(), fetchTime)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return failed(classCache, err, "fetch %s: there is no room left in the cache folder %s; free some, or name another folder with --git-cache", c.shown(), c.CacheDir)
	case errors.Is(err, gitsrc.ErrRefused):
		if strings.HasPrefix(c.shown(), "http") {
			return failed(classRefused, err, "%v. Put one that may into the file of --git-token-file, which is read again for each run, or start anew with WASSIST_SYNC_GIT_TOKEN", err)
		}
		return failed(classRefused, err, "%v", err)
	case errors.Is(err, gitsrc.ErrNoRemote):
		return failed(classGit, err, "%v", err)
	}
	return failed(classGit, err, "%v", err)
}

// readFailure puts into words why definitions could not be read.
func readFailure(ctx context.Context, err error) *failure {
	var problems spec.Problems
	switch {
	case ctx.Err() != nil:
		return stopped(err)
	case errors.As(err, &problems):
		return &failure{outcome: OutcomeInvalid, class: problems.Error(), text: firstLines(problems.Error()) + "\nThe agents stay as they are", err: err}
	case errors.Is(err, source.ErrNoFolder):
		return failed(classGone, err, "%v", err)
	}
	return failed(classGit, err, "%v", err)
}

// planFailure puts into words why there is no plan.
func planFailure(ctx context.Context, c *Config, host string, err error) *failure {
	switch {
	case ctx.Err() != nil:
		return stopped(err)
	case errors.Is(err, sync.ErrUnauthorized) && c.KeyOrigin != "":
		return failed(classKey, err, "%s: %v\nThe key of this target comes from %s", host, err, c.KeyOrigin)
	case errors.Is(err, sync.ErrUnauthorized):
		return failed(classKey, err, "%s: %v", host, err)
	}
	return failed(classWassist, err, "%s: %v", host, err)
}

// guardFailure is a plan that guards refuse.
func guardFailure(plan *sync.Plan) *failure {
	var lines, rules []string
	for _, r := range plan.Refused {
		line := r.Rule + ": " + r.Reason
		if r.Agent != "" {
			line = r.Rule + ": " + r.Agent + ": " + r.Reason
		}
		lines, rules = append(lines, line), append(rules, r.Rule+" "+r.Agent)
	}
	return &failure{outcome: OutcomeRefused, class: plan.Digest + strings.Join(rules, ","), kind: strings.Join(rules, ","), text: firstLines(strings.Join(lines, "\n")), err: sync.ErrRefused}
}

// applyFailure says which changes were not made.
func applyFailure(ctx context.Context, r *sync.Report) *failure {
	var changes []string
	for i := range r.Results {
		res := &r.Results[i]
		if res.Outcome != sync.Failed || ctx.Err() != nil && errors.Is(res.Err, ctx.Err()) {
			continue // a create that was to be completed when the process was told to stop
		}
		changes = append(changes, string(res.Action)+" "+res.Agent+" "+res.Number)
	}
	if ctx.Err() != nil && len(changes) == 0 {
		f := stopped(ctx.Err())
		f.text += fmt.Sprintf("; %d of %d changes were made, the next run makes the others", r.Count(sync.Applied), len(r.Results))
		return f
	}
	err := r.Err()
	f := failed("apply: "+strings.Join(changes, ", "), err, "%s", firstLines(err.Error()))
	f.kind = "apply" // where each third request fails, each run leaves others undone
	return f
}

// mostLines bounds how much of a long list of problems is told.
const mostLines = 20

func firstLines(text string) string {
	lines := strings.Split(text, "\n")
	if len(lines) <= mostLines {
		return text
	}
	return strings.Join(lines[:mostLines], "\n") + fmt.Sprintf("\nand %d more", len(lines)-mostLines)
}
