package serve

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"wassist-sync/internal/gitsrc"
	"wassist-sync/internal/report"
	"wassist-sync/internal/source"
	"wassist-sync/spec"
	"wassist-sync/sync"
)

// round is one run under way.
type round struct {
	*target
	run     Run
	traffic func() Traffic
	plan    *sync.Plan
	report  *sync.Report
}

// execute does one run and takes down what came of it. The error is why the run
// is not good.
func (t *target) execute(ctx context.Context, why Trigger) (run *Run, err error) {
	r := &round{target: t, run: Run{Trigger: why, Started: t.daemon.options.Now().Round(0)}, traffic: func() Traffic { return Traffic{} }}
	began := time.Now()
	t.mu.Lock()
	t.known.Running, t.known.Next = r.run.Started, time.Time{}
	t.mu.Unlock()
	f := r.guarded(ctx)
	defer func() {
		// Telling may meet a defect, too: it is not to end the others.
		if recover() != nil {
			t.log.Error("telling of the run broke off", "stack", string(debug.Stack()))
		}
	}()
	run = &r.run
	if f != nil {
		r.run.Outcome, r.run.Problem, err = f.outcome, f.text, f
	}
	traffic := r.traffic()
	r.run.Requests, r.run.TooMany, r.run.Waited = traffic.Requests, traffic.TooMany, traffic.Waited
	// A clock that jumps does not make a run long, or of negative length.
	r.run.Ended = r.run.Started.Add(time.Since(began))
	t.backoff.after(f != nil && f.passes)
	r.conclude()
	r.tell(f)
	if t.daemon.options.Relax != nil {
		t.daemon.options.Relax()
	}
	return run, err
}

// conclude makes the run known.
func (r *round) conclude() {
	shown := r.report
	if r.plan != nil {
		r.run.Summary, r.run.Drifted = r.plan.Summary(), r.plan.Drifted
		r.plan = r.plan.Shown() // what applying needs is as large as the remote side
	}
	if r.report != nil {
		copied := *r.report
		copied.Plan = r.plan
		shown = &copied
	}
	r.mu.Lock()
	r.known.Running = time.Time{}
	r.known.Runs = append([]Run{r.run}, r.known.Runs[:min(len(r.known.Runs), keptRuns-1)]...)
	if r.run.Outcome.Good() {
		good := r.run
		r.known.LastGood = &good
	}
	if r.plan != nil {
		r.known.Plan, r.known.Report = r.plan, shown
	}
	r.mu.Unlock()
	r.report = shown
	if ended := r.daemon.options.RunEnded; ended != nil {
		ended(r.name, &r.run, shown)
	}
}

// guarded keeps a defect of this program to the run that meets it. What was
// thrown may hold anything: only the runtime's own texts are told.
func (r *round) guarded(ctx context.Context) (f *failure) {
	defer func() {
		thrown := recover()
		if thrown == nil {
			return
		}
		what := fmt.Sprintf("%T", thrown)
		var fault runtime.Error
		if err, ok := thrown.(error); ok && errors.As(err, &fault) {
			what = fault.Error()
		}
		r.log.Error("the run broke off", "defect", what, "stack", string(debug.Stack()))
		f = failed(classDefect, nil, "the run broke off by a defect of this program (%s); the log has more", what)
		f.err = errors.New(f.text)
	}()
	defer r.clone.rest()
	return r.attempt(ctx)
}

// attempt does one run.
func (r *round) attempt(ctx context.Context) *failure {
	if f := r.clone.fetch(ctx, &r.config); f != nil {
		return f
	}
	f := r.reconcile(ctx)
	if f != nil && r.report == nil && r.clone.renew(ctx) {
		f = r.reconcile(ctx)
	}
	return f
}

// reconcile reads, plans, and applies.
func (r *round) reconcile(ctx context.Context) *failure {
	opened, commit, f := r.read(ctx)
	if f != nil {
		return f
	}
	defer opened.Close()
	connection, f := r.connect(ctx, opened)
	if f != nil {
		return f
	}
	planner := sync.Planner{Reader: connection.API, Options: connection.Options}
	plan, err := planner.Plan(ctx, opened.Set)
	if err != nil {
		return planFailure(ctx, &r.config, connection.Options.Host, err)
	}
	r.plan = plan
	switch {
	case len(plan.Refused) > 0:
		return guardFailure(plan)
	case plan.Empty():
		r.run.Outcome = OutcomeInSync
	case r.config.Mode == ModePlan:
		r.run.Outcome = OutcomeDrift
	default:
		if f := r.apply(ctx, connection, plan); f != nil {
			return f
		}
		r.run.Outcome = OutcomeApplied
	}
	if r.config.Mode != ModePlan {
		r.clone.keep(context.WithoutCancel(ctx), commit)
	}
	return nil
}

// read finds the commit and reads its definitions.
func (r *round) read(ctx context.Context) (*source.Opened, gitsrc.Hash, *failure) {
	commit, note, f := r.clone.resolve(ctx, &r.config)
	if f != nil {
		return nil, commit.Hash, f
	}
	r.run.Commit = commit.Hash.String()
	if note != "" {
		r.log.Warn(note)
	}
	opened, err := source.At(ctx, r.clone.repository, r.config.Ref, r.config.Path, r.config.Env, r.config.LookupEnv)
	if err != nil {
		return nil, commit.Hash, readFailure(ctx, err)
	}
	if err := opened.Set.TakeEnv(r.config.Withheld, opened.LookupEnv); err != nil {
		opened.Close()
		return nil, commit.Hash, readFailure(ctx, err)
	}
	if note != "" {
		opened.Notes = append(opened.Notes, note)
	}
	return opened, commit.Hash, nil
}

// connect opens the way to Wassist, for a plan of these definitions.
func (r *round) connect(ctx context.Context, opened *source.Opened) (*Connection, *failure) {
	connection, err := r.config.Connect(ctx, opened.Settings)
	var problems spec.Problems
	var problem *spec.Problem
	switch {
	case errors.As(err, &problems), errors.As(err, &problem):
		return nil, readFailure(ctx, err)
	case ctx.Err() != nil:
		return nil, stopped(err)
	case err != nil:
		return nil, failed(classKey, err, "%v", err)
	}
	r.traffic = connection.Traffic
	connection.Conceal(opened.Set)
	o := &connection.Options
	o.Source, o.History, o.Notes = opened.Source, opened.History, opened.Notes
	if r.config.Mode != ModePlan {
		o.Written = r.written
	}
	return connection, nil
}

// apply executes the plan, and tells each change as it comes.
func (r *round) apply(ctx context.Context, connection *Connection, plan *sync.Plan) *failure {
	applier := sync.Applier{Reader: connection.API, Writer: connection.API, Observe: func(e sync.Event) {
		if e.Result != nil {
			r.log.Info(report.ProgressLine(e.Result, report.TextOptions{}))
		}
	}}
	done, err := applier.Apply(ctx, plan)
	if err != nil {
		return planFailure(ctx, &r.config, connection.Options.Host, err)
	}
	done.RequestsMade = connection.Traffic().Requests
	r.report = done
	r.written.Record(done)
	switch {
	case done.Refused != nil:
		refused := *plan
		refused.Refused = []sync.Refusal{*done.Refused}
		return guardFailure(&refused)
	case done.Err() != nil:
		return applyFailure(ctx, done)
	}
	return nil
}
