package source_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"wassist-sync/internal/gitsrc"
	"wassist-sync/internal/remote"
	"wassist-sync/internal/source"
	"wassist-sync/spec"
	"wassist-sync/sync"
)

// tally counts what histories came to, to tell that they come to everything.
type tally map[string]int

// organization is one history's side of Wassist, as a new process sees it.
type organization struct {
	w   *walk
	api *remote.API
}

func (o organization) plan(ctx context.Context, opened *source.Opened, accept string) (*sync.Plan, error) {
	options := sync.Options{
		Source: opened.Source, History: opened.History, Notes: opened.Notes,
		Host: "wassist.example", Accept: accept, Unmanaged: opened.Settings.IsUnmanaged,
	}
	if n := o.w.pending.deletes; n >= 0 {
		var err error
		if options.MaxDeletes, err = sync.ParseMaxDeletes(fmt.Sprint(n)); err != nil {
			return nil, err
		}
	}
	return (&sync.Planner{Reader: o.api, Options: options}).Plan(ctx, opened.Set)
}

// apply makes the pending apply, and checks all that must hold of it.
func (w *walk) apply(ctx context.Context, a *archive, api *remote.API) error {
	commits := w.main.line()
	l := newLine(commits)
	k := max(len(commits)-1-w.pending.back, 0)
	ref := "main"
	if w.pending.back > 0 {
		ref = commits[k].hash
	}
	var cut *commit
	if from := len(commits) - w.pending.depth; w.pending.depth > 0 && from > 0 {
		cut = commits[from]
	}
	r, err := a.show(w.main, cut)
	if err != nil {
		return err
	}
	w.say("apply main~%d%s", len(commits)-1-k, map[bool]string{true: fmt.Sprintf(", of a clone of %d commits", w.pending.depth)}[cut != nil])
	run := &run{organization: organization{w, api}, l: l, k: k, repository: r, ref: ref, shallow: cut != nil, before: w.agents()}
	return run.check(ctx)
}

// run is one apply.
type run struct {
	organization
	l          *line
	k          int // the commit that is applied
	repository *gitsrc.Repository
	ref        string
	shallow    bool
	before     []agent
	refused    []string // the rules that the plan broke
	accepted   bool     // they were lifted
}

func (r *run) check(ctx context.Context) error {
	r.w.tally["applies"]++
	if r.k < len(r.l.commits)-1 {
		r.w.tally["applies of an older commit"]++
	}
	opened, err := source.At(ctx, r.repository, r.ref, "agents", "", nil)
	if err != nil {
		return r.unreadable(err)
	}
	defer opened.Close()
	plan, err := r.plan(ctx, opened, "")
	if err != nil {
		return err
	}
	r.tell(plan)
	switch {
	case r.shallow:
		r.w.tally["applies of a clone that is cut off"]++
	case r.l.murky:
		r.w.tally["applies where the design leaves open who is who"]++
	default:
		if err := r.expected(plan); err != nil {
			return err
		}
	}
	if len(plan.Refused) > 0 {
		if err := r.writesNothing(ctx, plan); err != nil || !r.w.pending.accept || !liftable(plan) {
			return err
		}
		r.w.tally["accepted"]++
		r.accepted = true
		if plan, err = r.plan(ctx, opened, plan.Digest); err != nil {
			return err
		}
		if len(plan.Refused) > 0 {
			return fmt.Errorf("an accepted plan is refused: %v", plan.Refused)
		}
	}
	report, err := (&sync.Applier{Reader: r.api, Writer: r.api}).Apply(ctx, plan)
	if err == nil {
		err = report.Err()
	}
	if err != nil {
		return err
	}
	if err := r.wrote(); err != nil {
		return err
	}
	return r.converged(ctx, opened)
}

func (r *run) tell(plan *sync.Plan) {
	var all []string
	for _, c := range plan.Changes {
		all = append(all, fmt.Sprintf("%s %s %.8s (%s)", c.Action, c.Agent, c.ID, c.Reason))
		what := string(c.Action)
		if strings.HasPrefix(c.Reason, "taken for a rename") {
			what += ": a rename"
		}
		r.w.tally[what]++
	}
	for _, h := range plan.Held {
		all = append(all, fmt.Sprintf("held %s %.8s (%s)", h.Agent, h.ID, h.Reason))
		r.w.tally["held"]++
	}
	for _, f := range plan.Refused {
		r.refused = append(r.refused, f.Rule)
		all = append(all, fmt.Sprintf("refused: %s (%s)", f.Rule, f.Reason))
		r.w.tally["refused: "+f.Rule]++
	}
	for _, a := range r.before {
		r.w.story = append(r.w.story, fmt.Sprintf("      there is %s %.8s, created +%ds", a.name, a.id, a.created.Unix()-start))
	}
	for _, text := range all {
		r.w.story = append(r.w.story, "      "+text)
	}
}

func liftable(p *sync.Plan) bool {
	return !slices.ContainsFunc(p.Refused, func(f sync.Refusal) bool { return !f.Liftable })
}

// unreadable checks that definitions could not be read for a reason.
func (r *run) unreadable(err error) error {
	broken := false
	for name, f := range r.l.commits[r.k].files {
		broken = broken || f.broken && strings.HasPrefix(name, "agents/")
	}
	var problems spec.Problems
	if errors.As(err, &problems) && broken {
		r.w.tally["definitions that do not parse"]++
		return nil
	}
	ever := slices.ContainsFunc(r.l.stands, func(all []placed) bool { return len(all) > 0 })
	if errors.Is(err, source.ErrNoFolder) && (!ever || r.shallow) {
		return nil
	}
	return err
}

// expected compares a plan with what the design says of it.
func (r *run) expected(plan *sync.Plan) error {
	want := r.l.expect(r.k, r.before)
	refused := slices.ContainsFunc(plan.Refused, func(f sync.Refusal) bool {
		return slices.Contains([]string{"unknown-id", "ambiguous-name", "same-agent"}, f.Rule)
	})
	if refused != want.refused {
		return fmt.Errorf("definitions cannot be led to agents: %t, the design says %t", refused, want.refused)
	}
	if refused {
		return nil
	}
	leads, goes := map[placed]string{}, map[string]bool{}
	defs := map[string]placed{}
	for i, d := range r.l.stands[r.k] {
		defs[d.name+d.id] = d
		leads[d] = want.leads[i]
	}
	created := map[placed]bool{}
	for _, c := range plan.Changes {
		switch c.Action {
		case sync.Delete:
			goes[c.ID] = true
		case sync.Create:
			created[defs[c.Agent]] = true
		case sync.Update:
			d, ok := defs[c.Agent]
			if !ok {
				d = defs[c.Agent+c.ID]
			}
			if leads[d] != c.ID {
				return fmt.Errorf("%s leads to %s, the design says %q", c.Agent, c.ID, leads[d])
			}
		}
	}
	for d, id := range leads {
		if created[d] != (id == "") {
			return fmt.Errorf("%s is created: %t, the design says that it leads to %q", d.name, created[d], id)
		}
	}
	if !maps.Equal(goes, want.goes) {
		return fmt.Errorf("deleted are %v, the design says %v", goes, want.goes)
	}
	return nil
}

// writesNothing hands a refused plan to apply.
func (r *run) writesNothing(ctx context.Context, plan *sync.Plan) error {
	before := r.w.server.State()
	if report, err := (&sync.Applier{Reader: r.api, Writer: r.api}).Apply(ctx, plan); !errors.Is(err, sync.ErrRefused) {
		return fmt.Errorf("a refused plan was applied: %+v", report)
	}
	if !bytes.Equal(before, r.w.server.State()) {
		return errors.New("a refused plan wrote something")
	}
	return nil
}

// converged checks that what was applied is done: every definition has its
// agent, and the next plan finds nothing to do.
func (r *run) converged(ctx context.Context, opened *source.Opened) error {
	after := r.w.agents()
	for _, d := range r.l.stands[r.k] {
		found := slices.DeleteFunc(slices.Clone(after), func(a agent) bool { return d.id != "" && a.id != d.id || d.id == "" && a.name != d.name })
		if len(found) != 1 || found[0].name != d.name || !d.bare && !said([]*placed{&d}, found[0]) {
			return fmt.Errorf("after the apply %s leads to %v", d.name, found)
		}
		r.w.home[d.who] = found[0].id
	}
	again, err := r.plan(ctx, opened, "")
	if err != nil {
		return err
	}
	more := slices.DeleteFunc(again.Refused, func(f sync.Refusal) bool { return slices.Contains(r.refused, f.Rule) })
	if !again.Empty() || len(more) > 0 {
		return fmt.Errorf("left after the apply: %+v, refused %+v", again.Changes, more)
	}
	return nil
}
