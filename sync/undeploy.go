package sync

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// routes are the deploys and undeploys of a definition.
func (b *builder) routes(ctx context.Context, x *match) ([]Change, error) {
	undeploys, err := b.undeployChanges(ctx, x)
	if err != nil {
		return nil, err
	}
	return append(b.deployChanges(x), undeploys...), nil
}

// undeployChanges are the numbers that deploy does not list any more. A number
// that no definition ever deployed there is somebody else's doing, and stays.
func (b *builder) undeployChanges(ctx context.Context, x *match) ([]Change, error) {
	if x.remote == nil {
		return nil, nil
	}
	var dropped []string
	if x.def.Deploy == nil {
		dropped = b.elsewhereUndeclared(x.remote.Numbers)
	} else {
		for _, n := range b.plan.directory.of(x.remote.ID) {
			if !n.Sandbox {
				dropped = append(dropped, n.Number)
			}
		}
		dropped = b.elsewhereUndeclared(dropped)
	}
	if len(dropped) == 0 {
		return nil, nil
	}
	if err := b.readHistory(ctx); err != nil || b.past == nil {
		return nil, err
	}
	var out []Change
	for _, number := range dropped {
		v := b.deployer(x, number)
		switch {
		case v == nil:
		case x.def.Deploy == nil:
			b.plan.Notes = append(b.plan.Notes, fmt.Sprintf("%s (%s) has no deploy: any more, so that %s stays with it; write deploy: [] to take it off", x.def.Name, x.def.Pos, number))
		case !b.plan.directory.CanDisconnect:
			b.plan.Held = append(b.plan.Held, Held{Action: Undeploy, Agent: x.def.Name, ID: x.remote.ID,
				Reason: fmt.Sprintf("deploy does not list %s any more, and this API has no way to take an agent off a number: deploy another agent there", number)})
		default:
			c := undeployment(x.remote, x.def.Name, number, "deploy does not list it any more")
			c.Pos, c.Fields[0].Cause = x.def.Pos, CauseGit
			if v.Until != nil {
				c.Reason = fmt.Sprintf("deploy does not list it any more, since %s", v.Until.short())
			}
			if v.Since != nil {
				c.Fields[0].Commit = v.Since.Hash
			}
			out = append(out, c)
		}
	}
	return out, nil
}

// elsewhereUndeclared leaves out the numbers that a definition deploys.
func (b *builder) elsewhereUndeclared(numbers []string) []string {
	return slices.DeleteFunc(slices.Clone(numbers), func(number string) bool {
		for _, def := range b.set.Agents {
			for _, d := range def.Deploy {
				if d.Number == number {
					return true
				}
			}
		}
		return false
	})
}

// deployer is the newest version of a definition that led to the agent and
// deployed a number there.
func (b *builder) deployer(x *match, number string) *Version {
	lineages := b.past.related(x.remote)
	var own *Lineage
	if x.written != nil && x.by != matchedByID {
		// All of its versions led to the agent, under whatever name.
		if own = b.past.of(x.written); own != nil {
			lineages = append([]*Lineage{own}, lineages...)
		}
	}
	for _, l := range lineages {
		for _, v := range l.Versions {
			led := strings.EqualFold(v.ID, x.remote.ID) || (v.ID == "" && (l == own || normalize(v.Name) == normalize(x.remote.Name)))
			if led && slices.Contains(v.Numbers, number) {
				return v
			}
		}
	}
	return nil
}

// weighRoutes gives deploys their causes, and does what --on-drift says of
// numbers that somebody moved on Wassist.
func (b *builder) weighRoutes(x *match, routes []Change) []Change {
	var out []Change
	for _, c := range routes {
		contested := b.options.Written.routed(&c)
		if c.Action == Deploy {
			f := &c.Fields[0]
			f.Cause, f.Commit = b.deployCause(x, &c)
			if drifted(*f) {
				if !contested {
					b.plan.Drifted++
				}
				c.Reason = "somebody moved the number on Wassist: " + c.Reason
			}
			if drifted(*f) && b.options.OnDrift == DriftKeep && !contested {
				b.plan.Held = append(b.plan.Held, Held{Action: Deploy, Agent: c.Agent, ID: c.ID, Reason: fmt.Sprintf("%s was moved on Wassist, and is kept (--on-drift keep)", c.Number)})
				continue
			}
			if b.options.OnDrift == DriftFail && !contested {
				b.refuseDrift(x, c.Fields)
			}
		}
		if contested {
			b.plan.Held = append(b.plan.Held, Held{Action: c.Action, Agent: c.Agent, ID: c.ID, Contested: true, Reason: fmt.Sprintf(contestedReason, c.Number)})
			continue
		}
		out = append(out, c)
	}
	return out
}

// deployCause tells a pending move of a number from one that somebody made.
func (b *builder) deployCause(x *match, c *Change) (Cause, string) {
	n, _ := b.plan.directory.find(c.Number)
	if b.past == nil || c.Fields[0].Before == nil {
		return CauseUnknown, ""
	}
	// Whoever answers the number now: did Git say so earlier?
	for i := range b.listing.Agents {
		a := &b.listing.Agents[i]
		if n.AgentID == "" || !strings.EqualFold(a.ID, n.AgentID) {
			continue
		}
		from := &match{remote: a}
		if other := b.matching.claimed[strings.ToLower(a.ID)]; other != nil {
			from = other
		}
		if v := b.deployer(from, c.Number); v != nil {
			if v.Since == nil {
				return CauseGit, ""
			}
			return CauseGit, v.Since.Hash
		}
	}
	l := b.past.of(x.written)
	if l == nil || x.remote == nil || !b.past.whole() {
		return CauseUnknown, ""
	}
	at, ok := created(x.remote)
	for _, v := range l.Versions {
		if slices.Contains(v.Numbers, c.Number) && (v.Until != nil || (ok && v.Since != nil && !at.Before(v.Since.Latest))) {
			return CauseWassist, ""
		}
	}
	return CauseUnknown, ""
}
