package sync

import (
	"fmt"
	"strings"
)

// deletions decides about the agents that no definition leads to.
func (b *builder) deletions() {
	deployed := map[string]bool{}
	for i := range b.plan.Changes {
		if c := &b.plan.Changes[i]; c.Action == Deploy {
			deployed[c.Number] = true
		}
	}
	for _, a := range b.matching.unclaimed(b.listing.Agents) {
		if b.options.Prune != PruneAll {
			b.plan.Unmanaged = append(b.plan.Unmanaged, Unmanaged{Agent: a.Name, ID: a.ID})
			continue
		}
		var undeploys []Change
		for _, n := range b.plan.directory.of(a.ID) {
			if n.Sandbox || deployed[n.Number] {
				continue
			}
			undeploys = append(undeploys, Change{
				Action: Undeploy, Agent: a.Name, ID: a.ID, Number: n.Number, remote: *a,
				Reason: "its agent is deleted",
				Fields: []Field{{Path: "number:" + n.Number, Before: a.Name, Cause: CauseUnknown}},
			})
		}
		if len(undeploys) > 0 && !b.plan.directory.CanDisconnect {
			b.plan.Held = append(b.plan.Held, Held{Action: Delete, Agent: a.Name, ID: a.ID,
				Reason: fmt.Sprintf("it answers %s, and this API has no way to take an agent off a number: deploy another agent there first", undeploys[0].Number)})
			continue
		}
		b.plan.Changes = append(b.plan.Changes, undeploys...)
		b.plan.Changes = append(b.plan.Changes, Change{Action: Delete, Agent: a.Name, ID: a.ID, remote: *a, Reason: "no definition names it (--prune all)"})
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
