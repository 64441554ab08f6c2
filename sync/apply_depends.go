package sync

import (
	"fmt"
	"strings"
)

// blocked says why a change may not go ahead: something that it stands on did
// not work out. Changes come in the plan's order, so that what a change
// depends on has its result already.
func (r *run) blocked(i int) error {
	c := &r.plan.Changes[i]
	switch c.Action {
	case Create, Update:
		return r.blockedByHandoff(c)
	case Deploy:
		return r.blockedBy(i, func(o *Change) bool {
			return (o.Action == Create || o.Action == Update) && o.definition.Pos == c.definition.Pos
		})
	case Delete:
		// A number must have moved away, and handoffs must be cleared, before
		// the agent goes.
		numbers := map[string]bool{}
		for _, n := range r.plan.directory.of(c.ID) {
			numbers[n.Number] = true
		}
		return r.blockedBy(i, func(o *Change) bool {
			switch o.Action {
			case Undeploy, Deploy:
				return numbers[o.Number]
			case Update:
				return handsOffTo(&o.remote, c.ID)
			}
			return false
		})
	}
	return nil
}

func (r *run) blockedBy(i int, depends func(*Change) bool) error {
	for j := range i {
		o := &r.plan.Changes[j]
		if res := r.results[j]; res != nil && res.Outcome != Applied && depends(o) {
			return fmt.Errorf("%s %s %s", o.Action, subject(o), res.Outcome)
		}
	}
	return nil
}

func subject(c *Change) string {
	if c.Number != "" {
		return c.Number
	}
	return c.Agent
}

// blockedByHandoff finds a child that has no id because its create failed.
func (r *run) blockedByHandoff(c *Change) error {
	list := c.definition.Fields.Get("handoffTools")
	if list == nil {
		return nil
	}
	for _, entry := range list.Items {
		if child := entry.Get("agent"); child != nil && r.refs.agents[child.Text] == "" {
			return fmt.Errorf("it hands over to %s, which was not created", child.Text)
		}
	}
	return nil
}

// blockedByFailedChild keeps an agent from being created at all when a child
// that it hands over to could not be created just before.
func (r *run) blockedByFailedChild(i int) error {
	list := r.plan.Changes[i].definition.Fields.Get("handoffTools")
	if list == nil {
		return nil
	}
	failed := map[string]bool{}
	for j := range i {
		if c := &r.plan.Changes[j]; c.Action == Create && r.results[j] != nil {
			failed[c.Agent] = true
		}
	}
	for _, entry := range list.Items {
		if child := entry.Get("agent"); child != nil && failed[child.Text] {
			return fmt.Errorf("it hands over to %s, which was not created", child.Text)
		}
	}
	return nil
}

func handsOffTo(a *Agent, id string) bool {
	if a.Stored == nil {
		return false
	}
	list, _ := a.Stored.Field("handoffTools").([]any)
	for _, item := range list {
		if entry, ok := item.(map[string]any); ok {
			if text, _ := scalarText(entry["childAgentId"]); strings.EqualFold(text, id) {
				return true
			}
		}
	}
	return false
}
