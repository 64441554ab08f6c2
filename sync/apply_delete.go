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
	if err := r.readyToDelete(ctx, c); err != nil {
		return err
	}
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
			r.vanished(c.ID)
			return nil
		} else if err != nil {
			return err
		}
	}
	if what := r.edited(&c.remote, &agent); what != "" {
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
	if err := r.remove(ctx, c.ID); err != nil {
		return err
	}
	r.vanished(c.ID)
	return nil
}

// vanished notes that an agent is deleted: those on later pages move up by one.
func (r *run) vanished(id string) {
	r.deleted[strings.ToLower(id)] = true
	offset := r.reading(id).Offset
	if offset < 0 {
		return
	}
	for key, a := range r.readings {
		if a.Offset > offset {
			a.Offset--
			r.readings[key] = a
		}
	}
}

// misplaced notes that the page that begins at offset does not hold any more what it held: what is still to be read
// again is read alone.
func (r *run) misplaced(offset int) {
	for key, a := range r.readings {
		if a.Offset == offset && stale(a.ReadAt) {
			a.Offset = -1
			r.readings[key] = a
		}
	}
}

// readyToDelete waits until the limit lets the delete through, and what has to be read again before it: a reading
// that is young before the wait may be old after it.
func (r *run) readyToDelete(ctx context.Context, c *Change) error {
	if err := r.Reader.Ready(ctx, 1); err != nil {
		return err
	}
	if !stale(r.directory.ReadAt) && !stale(r.reading(c.ID).ReadAt) {
		return nil
	}
	// The numbers, the agent, and the delete.
	return r.Reader.Ready(ctx, 3)
}

// edited names what differs between two readings of an agent; empty when nothing does.
func (r *run) edited(before, now *Agent) string {
	if before.Name != now.Name {
		return "name"
	}
	for i := range spec.AgentFields {
		f := &spec.AgentFields[i]
		x, y := before.Stored.Field(f.Name), now.Stored.Field(f.Name)
		if f.Name == "handoffTools" {
			x, y = r.withoutDeleted(x), r.withoutDeleted(y)
		}
		if !sameField(f, x, y) {
			return f.Name
		}
	}
	return ""
}

// withoutDeleted leaves out the handoffs to agents that this run has deleted: whether Wassist takes them out of the
// agents that hand over is not known, and it would be no one's edit.
func (r *run) withoutDeleted(handoffs any) any {
	list, _ := handoffs.([]any)
	if len(r.deleted) == 0 || list == nil {
		return handoffs
	}
	return slices.DeleteFunc(slices.Clone(list), func(item any) bool {
		child, _ := scalarText(members(item)["childAgentId"])
		return r.deleted[strings.ToLower(child)]
	})
}

// newParent finds an agent that hands over to another one by its latest reading, did not when the plan was made, and
// is not told to by its definition. Who is deleted hands nothing over.
func (r *run) newParent(id string) *Agent {
	expected := map[string]bool{}
	for i := range r.plan.Changes {
		if c := &r.plan.Changes[i]; (c.Action == Create || c.Action == Update) && declaresHandoff(c.definition, id) {
			expected[strings.ToLower(r.idOf(i))] = true
		}
	}
	for i := range r.plan.listing.Agents {
		if a := &r.plan.listing.Agents[i]; handsOffTo(a, id) {
			expected[strings.ToLower(a.ID)] = true
		}
	}
	for key, a := range r.readings {
		if !expected[key] && !r.deleted[key] && handsOffTo(&a, id) {
			return &a
		}
	}
	return nil
}

// declaresHandoff tells whether a definition hands over to an agent that it names by id.
func declaresHandoff(def *spec.Agent, id string) bool {
	list := def.Fields.Get("handoffTools")
	return list != nil && slices.ContainsFunc(list.Items, func(entry *spec.Value) bool {
		child := entry.Get("childAgentId")
		return child != nil && strings.EqualFold(child.Text, id)
	})
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
