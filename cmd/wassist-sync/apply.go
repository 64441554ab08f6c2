package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wassist-sync/internal/report"
	"wassist-sync/sync"
)

// planAge is how old a reading may be when the question is answered; an older
// one is planned again (design: staleness).
const planAge = 60 * time.Second

func newApply(c console) *cobra.Command {
	var flags planFlags
	var yes bool
	cmd := &cobra.Command{
		Use:   "apply [PATH]",
		Short: "Show the plan, do it, and report",
		Long: `Shows what is to be done so that the agents on Wassist are as the definitions
below PATH (default: agents) say, asks on a terminal, does it within the
request limit, and reports what became of each change.

Without a terminal it needs --yes. The exit code is 0 when everything is as
defined, 1 when something failed, 3 when a guard refused and nothing was written.`,
		Example: `  wassist-sync apply --yes --simulate=/tmp/simulator.json agents.example
  WASSIST_API_KEY=… wassist-sync apply`,
		Args: onePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runApply(cmd.Context(), c, &flags, yes, args)
		},
	}
	flags.add(cmd.Flags())
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask: for machines")
	return cmd
}

func runApply(ctx context.Context, c console, flags *planFlags, yes bool, args []string) error {
	if !yes && !isTerminal(c.in) {
		return usage("there is no terminal to ask on: add --yes")
	}
	start := time.Now()
	out := &result{flags: &flags.output, c: c}
	progress := newProgress(c, &flags.output)
	s, err := flags.prepare(ctx, c, args, progress.request)
	if err != nil {
		if s == nil {
			return err
		}
		return s.failed(out, err)
	}
	defer s.close()
	plan, err := s.plan(ctx)
	if err != nil {
		return s.failed(out, err)
	}
	s.asks = !yes
	if err := s.show(out, plan); err != nil {
		return fmt.Errorf("the plan cannot be shown, and nothing was written: %s", err) //nolint:errorlint // a reader that is gone must be told of here
	}
	if !yes && len(plan.Refused) == 0 && !plan.Empty() {
		confirmed, err := s.ask(ctx, out, plan)
		if err != nil {
			return s.unconfirmed(out, plan, start, err)
		}
		plan = confirmed
	}
	done, err := s.carryOut(ctx, plan, progress, start)
	if err != nil {
		return err
	}
	if err := s.report(out, done); err != nil {
		return err
	}
	return out.ended(outcome(done))
}

// carryOut does what the plan says, unless it is refused.
func (s *session) carryOut(ctx context.Context, plan *sync.Plan, progress *progress, start time.Time) (*sync.Report, error) {
	done := &sync.Report{Plan: plan}
	if len(plan.Refused) == 0 {
		applier := sync.Applier{Reader: s.target.api, Writer: s.target.api, Observe: progress.change}
		var err error
		if done, err = applier.Apply(ctx, plan); err != nil {
			return nil, err
		}
		progress.end()
	}
	done.RequestsMade = s.target.client.Requests()
	done.Elapsed = time.Since(start)
	return done, nil
}

// outcome is how a command ends that has told what became of a plan.
func outcome(done *sync.Report) error {
	switch {
	case len(done.Plan.Refused) > 0, done.Refused != nil:
		return silent(exitRefused)
	case done.Err() != nil:
		return silent(exitFailed)
	}
	return nil
}

// show prints the plan before anything is asked or done. In every form but text
// the result is one document at the end, so that a terminal gets the text on
// stderr.
func (s *session) show(out *result, plan *sync.Plan) error {
	switch {
	case s.flags.output.format == formText && out.stdout():
		return report.PlanText(out, plan, out.textOptions())
	case isTerminal(s.err) && (s.asks || !s.isQuiet()):
		return report.PlanText(s.err, plan, s.flags.output.text(s.console, s.err))
	}
	return nil
}

// ask asks on the terminal. When the plan's reading has become old meanwhile,
// it is planned again, and a different plan is shown and asked again.
func (s *session) ask(ctx context.Context, out *result, plan *sync.Plan) (*sync.Plan, error) {
	for {
		fmt.Fprint(s.err, question(plan))
		answer, err := s.readLine(ctx)
		if err != nil {
			return nil, err
		}
		if answer != "yes" {
			fmt.Fprintln(s.err, `Nothing was written: only "yes" goes on.`)
			return nil, silent(exitFailed)
		}
		if time.Since(plan.ReadAt) <= planAge {
			return plan, nil
		}
		fresh, err := s.plan(ctx)
		if err != nil {
			return nil, err
		}
		if fresh.Digest == plan.Digest && len(fresh.Refused) == 0 {
			return fresh, nil
		}
		fmt.Fprintln(s.err, "Wassist has changed since the plan was made. This is the new plan:")
		if err := s.show(out, fresh); err != nil {
			return nil, err
		}
		if len(fresh.Refused) > 0 || fresh.Empty() {
			return fresh, nil
		}
		plan = fresh
	}
}

// unconfirmed writes the report of a plan that nobody said yes to, for whoever
// reads the result; on the terminal all was said. It returns err.
func (s *session) unconfirmed(out *result, plan *sync.Plan, start time.Time, err error) error {
	if s.flags.output.format == formText && out.stdout() {
		return err
	}
	r := &sync.Report{Plan: plan, RequestsMade: s.target.client.Requests(), Elapsed: time.Since(start)}
	for i := range plan.Changes {
		c := &plan.Changes[i]
		r.Results = append(r.Results, sync.Result{
			Action: c.Action, Agent: c.Agent, ID: c.ID, Number: c.Number, Outcome: sync.NotAttempted, Err: errNotConfirmed,
		})
	}
	if writeErr := s.report(out, r); writeErr != nil {
		return fmt.Errorf("%w (and writing the result failed: %w)", err, writeErr)
	}
	return err
}

var errNotConfirmed = errors.New("the plan was not confirmed")

// question says once more what is at stake: how much, and for whom.
func question(plan *sync.Plan) string {
	what := count(len(plan.Changes), "change")
	if n := plan.Summary().Delete; n > 0 {
		what += ", " + count(n, "agent") + " deleted"
	}
	where := plan.Target.Host
	if plan.Target.Organization != "" {
		where = plan.Target.Organization + " at " + where
	}
	if plan.Target.Environment != "" {
		where += ", environment " + plan.Target.Environment
	}
	return report.Visible(fmt.Sprintf("Apply this (%s) to %s? Only yes goes on: ", what, where))
}

// readLine reads the answer, and gives up when the context ends.
func (s *session) readLine(ctx context.Context) (string, error) {
	type line struct {
		text string
		err  error
	}
	read := make(chan line, 1)
	go func() {
		text, err := bufio.NewReader(s.in).ReadString('\n')
		read <- line{text, err}
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(s.err)
		return "", ctx.Err()
	case l := <-read:
		if l.err != nil && !errors.Is(l.err, io.EOF) {
			return "", l.err
		}
		return strings.TrimSpace(l.text), nil
	}
}

// report writes what became of the plan.
func (s *session) report(out *result, r *sync.Report) error {
	if err := writeReport(out, r); err != nil {
		return err
	}
	if s.flags.target.simulate == inMemory {
		fmt.Fprintln(s.notes(), "The simulator's state is gone now; --simulate=FILE keeps it.")
	}
	return out.deliver()
}
