package sync

import (
	"fmt"
	"strings"
)

// deletable tells whether the plan deletes an agent that no definition leads to.
func (b *builder) deletable(a *Agent) bool {
	v := b.verdicts[a]
	switch b.options.Prune {
	case PruneNone:
		return false
	case PruneAll:
		return !v.defined
	}
	return v.managed()
}

// deletions decides about the agents that no definition leads to.
func (b *builder) deletions() {
	deployed := map[string]bool{}
	for i := range b.plan.Changes {
		if c := &b.plan.Changes[i]; c.Action == Deploy {
			deployed[c.Number] = true
		}
	}
	for _, a := range b.matching.unclaimed(b.listing.Agents) {
		v := b.verdicts[a]
		switch {
		case b.untouchable(a):
			b.plan.Unmanaged = append(b.plan.Unmanaged, Unmanaged{Agent: a.Name, ID: a.ID})
		case b.deletable(a):
			b.delete(a, deployed)
		case v.held != "":
			b.holdDelete(a, v.held)
		case v.managed():
			b.holdDelete(a, v.departure()+", and --prune is none")
		default:
			b.plan.Unmanaged = append(b.plan.Unmanaged, Unmanaged{Agent: a.Name, ID: a.ID})
		}
	}
}

func (b *builder) holdDelete(a *Agent, reason string) {
	b.plan.Held = append(b.plan.Held, Held{Action: Delete, Agent: a.Name, ID: a.ID, Reason: reason})
}

// departure says how a managed agent lost its definition.
func (v verdict) departure() string {
	l := v.left[len(v.left)-1]
	return fmt.Sprintf("its definition %s left with %s", place(l.last()), l.Left().short())
}

// delete takes an agent off its numbers and deletes it.
func (b *builder) delete(a *Agent, deployed map[string]bool) {
	v := b.verdicts[a]
	reason := "no definition names it (--prune all)"
	if v.managed() {
		reason = v.departure()
	}
	var undeploys []Change
	for _, n := range b.plan.directory.of(a.ID) {
		if n.Sandbox || deployed[n.Number] {
			continue
		}
		undeploys = append(undeploys, undeployment(a, a.Name, n.Number, "its agent is deleted"))
	}
	if len(undeploys) > 0 && !b.plan.directory.CanDisconnect {
		b.holdDelete(a, fmt.Sprintf("%s. It answers %s, and this API has no way to take an agent off a number: deploy another agent there first", reason, undeploys[0].Number))
		return
	}
	b.plan.Changes = append(b.plan.Changes, undeploys...)
	b.plan.Changes = append(b.plan.Changes, Change{Action: Delete, Agent: a.Name, ID: a.ID, remote: *a, Reason: reason})
}

func undeployment(a *Agent, name, number, reason string) Change {
	return Change{
		Action: Undeploy, Agent: name, ID: a.ID, Number: number, remote: *a, Reason: reason,
		Fields: []Field{{Path: "number:" + number, Before: name, Cause: CauseUnknown}},
	}
}

// deleted is the set of ids that the plan deletes.
func (p *Plan) deleted() map[string]bool {
	out := map[string]bool{}
	for i := range p.Changes {
		if c := &p.Changes[i]; c.Action == Delete {
			out[strings.ToLower(c.ID)] = true
		}
	}
	return out
}
