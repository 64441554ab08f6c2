package sync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"wassist-sync/spec"
)

// delete removes an agent. One that is gone already is done; one that is not any more what the plan shows stays:
// somebody has edited it since, has put it on a number, or lets another agent hand over to it.
func (r *run) delete(ctx context.Context, c *Change) error {
	if stale(r.directory.ReadAt) {
		directory, err := r.Reader.Numbers(ctx)
		if err != nil {
			return fmt.Errorf("reading the numbers again: %w", err)
		}
		r.directory = directory
	}
	for _, n := range r.directory.of(c.ID) {
		if !n.Sandbox {
			return fmt.Errorf("it answers %s now: %w; run again to see the new plan", n.Number, ErrChanged)
		}
	}
	agent := r.reading(c.ID)
	if stale(agent.ReadAt) {
		// The proof that it is ours was made of its fields as they were.
		if err := r.refresh(ctx, c, &agent); errors.Is(err, ErrNotFound) {
			return nil
		} else if err != nil {
			return err
		}
	}
	if what := edited(&c.remote, &agent); what != "" {
		return fmt.Errorf("%s: %w; run again to see the new plan", what, ErrChanged)
	}
	for _, number := range agent.Numbers {
		if n, _ := r.directory.find(number); !n.Sandbox && !slices.Contains(c.remote.Numbers, number) {
			return fmt.Errorf("it answers %s now: %w; run again to see the new plan", number, ErrChanged)
		}
	}
	if other := r.newParent(c.ID); other != nil {
		return fmt.Errorf("%s (%s) hands over to it now: %w; run again to see the new plan", other.Name, other.ID, ErrChanged)
	}
	return r.remove(ctx, c.ID)
}

// edited names what differs between two readings of an agent; empty when nothing does.
func edited(before, now *Agent) string {
	if before.Name != now.Name {
		return "name"
	}
	for i := range spec.AgentFields {
		if f := &spec.AgentFields[i]; !sameField(f, before.Stored.Field(f.Name), now.Stored.Field(f.Name)) {
			return f.Name
		}
	}
	return ""
}

// newParent finds an agent that hands over to another one by its latest reading, and did not when the plan was made.
// What this run itself wrote was in the plan.
func (r *run) newParent(id string) *Agent {
	planned := map[string]bool{}
	for i := range r.plan.Changes {
		if c := &r.plan.Changes[i]; c.Action == Create || c.Action == Update {
			planned[strings.ToLower(r.idOf(i))] = true
		}
	}
	for i := range r.plan.listing.Agents {
		if a := &r.plan.listing.Agents[i]; handsOffTo(a, id) {
			planned[strings.ToLower(a.ID)] = true
		}
	}
	for key, a := range r.readings {
		if !planned[key] && handsOffTo(&a, id) {
			return &a
		}
	}
	return nil
}

// remove deletes an agent, and takes one that is gone for done.
func (r *run) remove(ctx context.Context, id string) error {
	err := r.Writer.DeleteAgent(ctx, id)
	if errors.Is(err, ErrOutcomeUnknown) {
		// A delete that took effect unseen: only reading tells.
		if _, readErr := r.Reader.Agent(ctx, id); errors.Is(readErr, ErrNotFound) {
			return nil
		}
	}
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}
