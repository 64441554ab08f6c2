package main

import (
	"context"

	"wassist-sync/internal/github"
	"wassist-sync/sync"
)

// planOffline is for a run without a key: a pull request from a fork, or from a
// bot, gets no secrets. It shows what merging would change if nobody had changed
// anything on Wassist.
func (j *job) planOffline(ctx context.Context) error {
	bases := j.bases()
	if len(bases) == 0 {
		_, err := j.flags.target.key(j.console)
		return j.failed(ctx, "plan", err)
	}
	out := &result{flags: &j.flags.output, c: j.console}
	var plan *sync.Plan
	var s *session
	var err error
	for _, base := range bases {
		plan, s, err = j.flags.offlinePlan(ctx, j.console, j.args, base)
		if codeOf(err) != exitUsage {
			break // a commit that is not in the clone is an error of usage
		}
	}
	if err == nil {
		j.problems(github.LevelWarning, s.opened.Set.Warnings)
		err = j.savePlan(plan)
	}
	if err != nil {
		if s != nil {
			err = s.failed(out, err)
		}
		return j.failed(ctx, "plan", err)
	}
	j.noKey()
	return j.showPlan(ctx, out, plan)
}

// noKey says what a plan without a key is worth, and whether that is a mistake.
func (j *job) noKey() {
	if j.run.Pull != nil && j.run.Pull.Fork {
		j.annotate.Add(github.Annotation{Level: github.LevelNotice, Title: "wassist-sync", Message: "There is no API key, as in every pull request from a fork: this plan compares two commits, and does not know what people changed on Wassist."})
		return
	}
	j.warning("There is no API key: this plan compares two commits, does not know what people changed on Wassist, and does not count as reviewed. Dependabot gets no secrets; in any other run, %s.", whereKey)
}

// whereKey is what to look at when a workflow has no key.
const whereKey = "look whether the secret exists in this repository and is handed on as api-key"

// bases are the commits to compare with, the best one first: it may not be in
// the clone.
func (j *job) bases() []string {
	var out []string
	if p := j.run.Pull; p != nil {
		if p.Merge && j.run.SHA != "" {
			// What a workflow checks out of a pull request is the merge, made with
			// the base as it is now.
			out = append(out, j.run.SHA+"^1")
		}
		if p.Base != "" {
			out = append(out, p.Base)
		}
		return out
	}
	if j.run.Before != "" {
		out = append(out, j.run.Before)
	}
	return out
}
