package main

import (
	"context"
	"errors"

	"wassist-sync/internal/github"
	"wassist-sync/sync"
	"wassist-sync/wassist"
)

// planned is a session with its plan.
type planned struct {
	*session
	out  *result
	plan *sync.Plan
}

// make prepares and plans. before is called when everything is checked that
// needs no request to Wassist; it may be nil.
func (j *job) make(ctx context.Context, observe func(wassist.Event), before func(*session)) (*planned, error) {
	out := &result{flags: &j.flags.output, c: j.console}
	s, err := j.flags.prepare(ctx, j.console, j.args, observe)
	if err != nil {
		if s != nil {
			defer s.close()
			err = s.failed(out, err)
		}
		return nil, err
	}
	j.problems(github.LevelWarning, s.opened.Set.Warnings)
	if before != nil {
		before(s)
	}
	plan, err := s.plan(ctx)
	if err == nil {
		err = j.savePlan(plan)
	}
	if err != nil {
		defer s.close()
		return nil, s.failed(out, err)
	}
	return &planned{s, out, plan}, nil
}

// plan shows a plan in the log, in the job's summary, and on the pull request.
func (j *job) plan(ctx context.Context) error {
	j.failOnDrift()
	p, err := j.make(ctx, func(wassist.Event) {}, nil)
	if errors.Is(err, errNoKey) {
		return j.planOffline(ctx)
	}
	if err != nil {
		return j.failed(ctx, "plan", err)
	}
	defer p.close()
	return j.showPlan(ctx, p.out, p.plan)
}

// showPlan shows a plan wherever it belongs.
func (j *job) showPlan(ctx context.Context, out *result, plan *sync.Plan) error {
	err := writePlan(out, plan)
	if err == nil {
		err = out.deliver()
	}
	j.tell(plan)
	j.output("superseded", "false")
	j.refusals(plan)
	j.summarizePlan(plan, "plan", "")
	j.comment(ctx, func() (string, error) { return github.PlanComment(j.target, plan, j.run) })
	if err == nil && len(plan.Refused) > 0 {
		err = silent(exitRefused)
	}
	return j.finish(err)
}

// comment writes on the pull request, if the run is about one.
func (j *job) comment(ctx context.Context, text func() (string, error)) {
	p := j.run.Pull
	if p == nil || p.Number == 0 || !j.flags.comment {
		return
	}
	if p.Fork && j.run.Event == "pull_request" {
		j.annotate.Add(github.Annotation{Level: github.LevelNotice, Title: "wassist-sync", Message: "A pull request from a fork gets no comment, because its token may not write one. The job's summary has the plan."})
		return
	}
	j.ask("there is no comment on the pull request", func(hub *github.Client) error {
		head, merged, err := hub.PullHead(ctx, p.Number)
		if err != nil {
			return err
		}
		if merged {
			j.annotate.Add(github.Annotation{Level: github.LevelNotice, Title: "wassist-sync", Message: "The pull request is merged: its comment stays what was reviewed."})
			return nil
		}
		if p.Head != "" && head != p.Head {
			j.annotate.Add(github.Annotation{Level: github.LevelNotice, Title: "wassist-sync", Message: "The pull request has a later commit, whose run comments: this one does not."})
			return nil
		}
		body, err := text()
		if err != nil {
			return err
		}
		return hub.Comment(ctx, p.Number, j.target, body)
	})
}

// failOnDrift makes --fail-on-drift what --on-drift fail is.
func (j *job) failOnDrift() {
	if j.flags.failOnDrift {
		_ = j.flags.flags.Set("on-drift", string(sync.DriftFail)) // a value that the flag takes
	}
}

// refusals puts on the run's page why a plan is refused. What was not reviewed
// is told with the way out: see letThrough.
func (j *job) refusals(plan *sync.Plan) {
	var all []github.Annotation
	for _, r := range plan.Refused {
		if !isUnseen(r) {
			all = append(all, github.Annotation{Level: github.LevelError, Title: "refused: " + r.Rule, Message: r.Reason})
		}
	}
	j.annotate.Add(all...)
}
