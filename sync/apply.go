package sync

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Applier executes plans.
type Applier struct {
	Reader Reader
	Writer Writer
	// Attempts is how often a write whose outcome is unknown is tried when
	// reading again shows that it did not take effect; 0 means 3. Creates are
	// never repeated.
	Attempts int
	// Observe is called at the start and the end of each change; may be nil.
	Observe func(Event)
}

// Errors of changes that were not applied.
var (
	// ErrChanged means that somebody changed the thing after the plan was made.
	ErrChanged = errors.New("changed on Wassist after the plan was made")
	// ErrNotStored means that the API took a write and did not store it.
	ErrNotStored = errors.New("accepted but not stored")
	// ErrRefused means that guards refuse the plan.
	ErrRefused = errors.New("the plan is refused")
)

// Apply executes the plan value, in its order, and decides nothing anew: where
// the remote side has moved away from what the plan shows, the change fails.
// A failed change skips what depends on it and nothing else. When ctx ends,
// the request in flight is finished, nothing more is written, and the rest is
// reported as not attempted. The error is ErrRefused, before any write; what
// became of the changes is in the Report.
func (a *Applier) Apply(ctx context.Context, plan *Plan) (*Report, error) {
	if len(plan.Refused) > 0 {
		return nil, fmt.Errorf("%w: %s", ErrRefused, plan.Refused[0].Reason)
	}
	r := &run{
		Applier: a, plan: plan, refs: plan.references.clone(), directory: plan.directory,
		readings: map[string]Agent{}, known: map[string]bool{}, deleted: map[string]bool{}, results: make([]*Result, len(plan.Changes)),
	}
	for _, agent := range plan.listing.Agents {
		r.remember(agent)
	}
	r.listedAt, r.listRequests = plan.listing.ReadAt, plan.listing.Requests
	start := time.Now()
	r.creates(ctx)
	for i := range plan.Changes {
		if r.results[i] == nil {
			r.step(ctx, i)
		}
	}
	report := &Report{Plan: plan, Notes: r.notes, Refused: r.refused, Elapsed: time.Since(start)}
	for _, res := range r.results {
		report.Results = append(report.Results, *res)
	}
	return report, nil
}

// run is one apply under way.
type run struct {
	*Applier
	plan      *Plan
	refs      *references
	directory Directory
	// readings holds the freshest reading of each agent, by id in lower case.
	readings map[string]Agent
	// known are the ids of every agent that was ever listed or created here.
	known map[string]bool
	// deleted are the ids, in lower case, of the agents that this run has deleted.
	deleted      map[string]bool
	listedAt     time.Time
	listRequests int
	created      map[int]Agent // the bare agents of this run, by index of their change
	whole        bool          // partial updates do not work on this API
	wrote        bool          // a part of the change under way was written
	fatal        error         // no further request can succeed, or may be made
	checked      bool          // whose key this is
	refused      *Refusal      // by what the first create showed
	results      []*Result
	notes        []string
}

func (r *run) remember(a Agent) {
	key := strings.ToLower(a.ID)
	r.known[key] = true
	if old, ok := r.readings[key]; ok && a.Offset < 0 {
		a.Offset = old.Offset // read alone, it stands where it stood
	}
	r.readings[key] = a
}

func (r *run) reading(id string) Agent { return r.readings[strings.ToLower(id)] }

// step does one change that is not done yet.
func (r *run) step(ctx context.Context, i int) {
	c := &r.plan.Changes[i]
	if r.stopped(ctx, i) {
		return
	}
	if err := r.blocked(i); err != nil {
		if a, ok := r.created[i]; ok {
			r.finish(i, Failed, a.ID, bare(a, err))
		} else {
			r.finish(i, Skipped, r.idOf(i), err)
		}
		return
	}
	r.observe(i, nil)
	r.wrote = false
	var err error
	switch c.Action {
	case Create:
		err = r.update(ctx, c, r.reading(r.created[i].ID))
	case Update:
		err = r.update(ctx, c, r.reading(c.ID))
	case Deploy:
		err = r.deploy(ctx, i)
	case Undeploy:
		err = r.undeploy(ctx, c)
	case Delete:
		err = r.delete(ctx, c)
	}
	r.conclude(ctx, i, err)
}

// stopped marks a change that comes after the end of the run.
func (r *run) stopped(ctx context.Context, i int) bool {
	err := r.fatal
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		return false
	}
	if a, ok := r.created[i]; ok {
		r.finish(i, Failed, a.ID, bare(a, fmt.Errorf("stopped: %w", err)))
		return true
	}
	r.finish(i, NotAttempted, r.plan.Changes[i].ID, &stoppedError{err})
	return true
}

// conclude turns a change's error into its result.
func (r *run) conclude(ctx context.Context, i int, err error) {
	a, created := r.created[i]
	switch {
	case err == nil:
		r.finish(i, Applied, r.idOf(i), nil)
	case created && interrupted(ctx, err) && !r.wrote:
		r.finish(i, Failed, a.ID, bare(a, &stoppedError{err}))
	case created:
		r.finish(i, Failed, a.ID, bare(a, err))
	case interrupted(ctx, err) && !r.wrote:
		r.finish(i, NotAttempted, r.idOf(i), &stoppedError{err})
	default:
		r.finish(i, Failed, r.idOf(i), err)
	}
	if errors.Is(err, ErrUnauthorized) {
		r.fatal = err
	}
}

// interrupted tells whether a change ended because the run was stopped, with
// nothing sent whose outcome would be unknown.
func interrupted(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, ctx.Err()) && !errors.Is(err, ErrOutcomeUnknown)
}

// stoppedError says why a change was not attempted.
type stoppedError struct{ err error }

// Error is plain where a person stopped the run, who knows why.
func (e *stoppedError) Error() string {
	if errors.Is(e.err, context.Canceled) {
		return "the run was stopped before"
	}
	return "the run was stopped before: " + e.err.Error()
}

// Unwrap gives the cause.
func (e *stoppedError) Unwrap() error { return e.err }

// bare explains the failure of a create that got half-way.
func bare(a Agent, err error) error {
	if errors.Is(err, ErrNotStored) {
		return fmt.Errorf("created (id %s), but not as it is defined: %w", a.ID, err)
	}
	return fmt.Errorf("created with its name only (id %s); run again to complete it: %w", a.ID, err)
}

func (r *run) attempts() int {
	if r.Attempts < 1 {
		return 3
	}
	return r.Attempts
}

func (r *run) finish(i int, outcome Outcome, id string, err error) {
	c := &r.plan.Changes[i]
	r.results[i] = &Result{Action: c.Action, Agent: c.Agent, ID: id, Number: c.Number, Outcome: outcome, Err: err}
	r.observe(i, r.results[i])
}

func (r *run) observe(i int, result *Result) {
	if r.Observe != nil {
		r.Observe(Event{Index: i, Total: len(r.plan.Changes), Change: &r.plan.Changes[i], Result: result})
	}
}

// idOf is the remote id of a change's agent, created agents included.
func (r *run) idOf(i int) string {
	c := &r.plan.Changes[i]
	if a, ok := r.created[i]; ok {
		return a.ID
	}
	if c.ID == "" && c.definition != nil {
		return r.refs.agents[c.Agent]
	}
	return c.ID
}

func (r *run) note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

func (r *references) clone() *references {
	out := newReferences()
	out.secrets, out.hidden = r.secrets, r.hidden
	for k, v := range r.agents {
		out.agents[k] = v
	}
	for k, v := range r.names {
		out.names[k] = v
	}
	for k, v := range r.renamed {
		out.renamed[k] = v
	}
	for k, v := range r.connectors {
		out.connectors[k] = v
	}
	for k, v := range r.connectorNames {
		out.connectorNames[k] = v
	}
	return out
}
