package sync

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// creates makes every new agent, with its name only, before any field is
// written: handoffs need their children's ids, in cycles too.
func (r *run) creates(ctx context.Context) {
	r.created = map[int]Agent{}
	var there map[string][]Agent // by name, once it was listed again
	for i := range r.plan.Changes {
		c := &r.plan.Changes[i]
		if c.Action != Create {
			break
		}
		if r.stopped(ctx, i) {
			continue
		}
		if err := r.blockedByFailedChild(i); err != nil {
			r.finish(i, Skipped, "", err)
			continue
		}
		r.observe(i, nil)
		if there == nil {
			var err error
			if there, err = r.listBeforeCreating(ctx); err != nil {
				r.conclude(ctx, i, fmt.Errorf("listing again before creating: %w", err))
				there = nil
				continue
			}
		}
		if found := there[normalize(c.Agent)]; len(found) > 0 {
			r.conclude(ctx, i, fmt.Errorf("an agent of that name (id %s) is on Wassist now: %w; run again to see the new plan", found[0].ID, ErrChanged))
			continue
		}
		agent, err := r.create(ctx, c)
		if err == nil || agent.ID != "" {
			if owner := r.belongs(ctx, agent); owner != nil {
				r.fatal = owner
				r.finish(i, Failed, agent.ID, owner)
				continue
			}
		}
		if err != nil {
			r.conclude(ctx, i, err)
			continue
		}
		r.created[i] = agent
		r.remember(agent)
		r.refs.agents[c.Agent] = agent.ID
		r.refs.names[strings.ToLower(agent.ID)] = c.Agent
	}
}

// listBeforeCreating reads the listing again, once, when it is old or was read
// over several pages, in which an agent can hide from an offset walk. It
// returns all agents by name, never nil: the plan creates what bore no name of
// these, so that whatever bears one now was made or renamed since.
func (r *run) listBeforeCreating(ctx context.Context) (map[string][]Agent, error) {
	appeared := map[string][]Agent{}
	if r.listRequests <= 1 && !stale(r.listedAt) {
		return appeared, nil
	}
	list, _, err := r.relist(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		appeared[normalize(a.Name)] = append(appeared[normalize(a.Name)], a)
	}
	return appeared, nil
}

// relist reads the listing again and returns all agents, and those of them that
// were unknown.
func (r *run) relist(ctx context.Context) (all, unknown []Agent, err error) {
	listing, err := r.Reader.Agents(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, a := range listing.Agents {
		if !r.known[strings.ToLower(a.ID)] {
			unknown = append(unknown, a)
		}
		r.remember(a)
	}
	r.listedAt, r.listRequests = listing.ReadAt, listing.Requests
	return listing.Agents, unknown, nil
}

// create makes one bare agent. A create whose outcome is unknown is resolved
// by listing, never by repeating: names are not unique, so that repeating
// would make a second agent.
func (r *run) create(ctx context.Context, c *Change) (Agent, error) {
	agent, err := r.Writer.CreateAgent(ctx, c.Agent)
	if errors.Is(err, ErrOutcomeUnknown) {
		return r.findCreated(ctx, c, err)
	}
	if err != nil {
		return Agent{}, err
	}
	if normalize(agent.Name) != normalize(c.Agent) {
		r.remember(agent)
		return agent, fmt.Errorf("asked for %q and got agent %s, called %q: look at it on Wassist", c.Agent, agent.ID, agent.Name)
	}
	return agent, nil
}

func (r *run) findCreated(ctx context.Context, c *Change, cause error) (Agent, error) {
	_, unknown, err := r.relist(ctx)
	if err != nil {
		return Agent{}, fmt.Errorf("it is not known whether the agent was created (%w), and listing again failed: %w; run again, which adopts it if it exists", cause, err)
	}
	var found []*Agent
	for i := range unknown {
		if normalize(unknown[i].Name) == normalize(c.Agent) {
			found = append(found, &unknown[i])
		}
	}
	switch len(found) {
	case 0:
		return Agent{}, fmt.Errorf("not created, as listing again shows; run again: %w", cause)
	case 1:
		return *found[0], nil
	}
	return Agent{}, fmt.Errorf("%d new agents of that name are on Wassist now (%s), and it is not known which is ours; pin one with id: (%w)", len(found), ids(found), cause)
}

// belongs checks the first agent of an organization that had none: only its
// creation tells whose key this is. One that came into being in the wrong place
// is deleted again, whatever became of ctx meanwhile.
func (r *run) belongs(ctx context.Context, agent Agent) error {
	want := r.plan.organization
	if want == "" || r.checked {
		return nil
	}
	r.checked = true
	ctx = context.WithoutCancel(ctx)
	org := agent.Organization
	if org == (Organization{}) {
		again, err := r.Reader.Agent(ctx, agent.ID)
		if err != nil {
			return fmt.Errorf("agent %s was created, and whose it is could not be read: %w; the definitions are for %q: look at it on Wassist", agent.ID, err, want)
		}
		org = again.Organization
	}
	if org.is(want) {
		return nil
	}
	what := fmt.Sprintf("the definitions are for %q, and the key belongs to %q (%s)", want, org.Name, org.ID)
	if org == (Organization{}) {
		what = fmt.Sprintf("the definitions are for %q, and this API does not tell whose agents it makes", want)
	}
	if err := r.remove(ctx, agent.ID); err != nil {
		return fmt.Errorf("%s. Agent %s was created there, and deleting it again failed: %w; delete it on Wassist", what, agent.ID, err)
	}
	reason := what + ". Agent " + agent.ID + " was created there and deleted again. Use the key of the right organization, or correct organization: in the settings"
	r.refused = &Refusal{Rule: "organization", Agent: agent.Name, Reason: reason}
	return fmt.Errorf("%w: it came into being in another organization, and was deleted again", ErrRefused)
}
