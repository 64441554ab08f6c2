package main

import (
	"context"
	"fmt"

	"wassist-sync/internal/github"
	"wassist-sync/sync"
	"wassist-sync/wassist"
)

// drift keeps the issue about what differs.
func (j *job) drift(ctx context.Context) error {
	if j.flags.only != nil {
		return j.failed(ctx, "drift check", usage("--only makes no sense with ci drift: the issue is about all of the plan"))
	}
	if over, err := j.superseded(ctx, "looked at"); over || err != nil {
		return err
	}
	p, err := j.make(ctx, func(wassist.Event) {}, func(s *session) {
		if s.options.OnDrift == sync.DriftKeep {
			// What an apply would keep differs all the same, and is to be told.
			s.options.OnDrift = sync.DriftOverwrite
		}
	})
	if err != nil {
		return j.failed(ctx, "drift check", err)
	}
	defer p.close()
	err = writePlan(p.out, p.plan)
	if err == nil {
		err = p.out.deliver()
	}
	j.tell(p.plan)
	j.output("superseded", "false")
	j.summarizePlan(p.plan, "drift check", "")
	differs, refused := !p.plan.Empty(), len(p.plan.Refused) > 0
	if differs || refused {
		j.ask("there is no issue about drift", func(hub *github.Client) error {
			body, err := github.DriftBody(j.target, p.plan, j.run)
			if err != nil {
				return err
			}
			number, err := hub.DriftIssue(ctx, j.target, github.DriftTitle(j.target), body)
			if err == nil {
				fmt.Fprintf(j.err, "drift: see issue %d\n", number)
			}
			return err
		})
	} else {
		j.ask("whether an issue about drift is open is not known", func(hub *github.Client) error {
			closed, err := hub.CloseDrift(ctx, j.target, github.DriftClosed(p.plan))
			for _, number := range closed {
				fmt.Fprintf(j.err, "drift: closed issue %d\n", number)
			}
			return err
		})
	}
	switch {
	case err != nil || !j.flags.failOnDrift:
	case refused:
		err = silent(exitRefused)
	case differs:
		err = silent(exitPending)
	}
	return j.finish(err)
}
