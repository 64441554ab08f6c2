package sync

import "fmt"

// guardProtected refuses to delete what its definition protected to the last.
func (b *builder) guardProtected() []Refusal {
	if b.past == nil {
		return nil
	}
	var out []Refusal
	for i := range b.plan.Changes {
		c := &b.plan.Changes[i]
		if c.Action != Delete {
			continue
		}
		for _, l := range b.past.related(&c.remote) {
			if v := l.last(); v.PreventDestroy {
				out = append(out, Refusal{Rule: "prevent-destroy", Agent: c.Agent,
					Reason: fmt.Sprintf("%s (%s) would be deleted, and its definition %s said lifecycle.preventDestroy to the last%s. Restore the definition with preventDestroy: false and remove it again, or list the agent under unmanaged: to leave it alone", c.Agent, c.ID, place(v), since(l.Left()))})
				break
			}
		}
	}
	return out
}

func since(left *Commit) string {
	if left == nil {
		return ""
	}
	return ", until " + left.short() + " removed it"
}

// guardShallow refuses a create that may be a rename which the clone's history
// does not show any more.
func (b *builder) guardShallow() []Refusal {
	if b.plan.Source.History != HistoryShallow || len(b.strays) == 0 {
		return nil
	}
	for i := range b.plan.Changes {
		c := &b.plan.Changes[i]
		// previousNames: [] says that it is no rename.
		if c.Action == Create && (c.definition.PreviousNames == nil || len(c.definition.PreviousNames) > 0) {
			return []Refusal{{Rule: "shallow-create", Agent: c.Agent, Liftable: true,
				Reason: fmt.Sprintf("%s would be created, while no definition leads to %s on Wassist, and this clone's history is cut off: it may be a rename. Fetch all history (fetch-depth: 0, or git fetch --unshallow), write previousNames: [] in %s, or %s", c.Agent, agents(len(b.strays)), c.Pos, b.acceptHint())}}
		}
	}
	return nil
}
