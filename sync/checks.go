package sync

import (
	"fmt"
	"strings"

	"wassist-sync/spec"
)

// duplicateEntries refuses a list in which two references turn out to be one
// thing, once names are resolved: agent: Billing beside Billing's childAgentId.
func (b *builder) duplicateEntries(x *match) bool {
	for i := range spec.AgentFields {
		f := &spec.AgentFields[i]
		list := x.def.Fields.Get(f.Name)
		if f.Type != spec.TypeEntries || f.KeyField().Alias == "" || list == nil {
			continue
		}
		seen := map[string]string{}
		for _, entry := range list.Items {
			key, label := b.refs.entryKey(f, entry)
			if key == "" {
				continue
			}
			if first, ok := seen[key]; ok {
				b.matching.refuse(x, "duplicate-entry", fmt.Sprintf("%s: %s names %s twice, as %q and as %q. Keep one of them.", entry.Pos, f.Name, key, first, label))
				return true
			}
			seen[key] = label
		}
	}
	return false
}

// unknownChild refuses a new handoff to an id that no agent has: the API would
// refuse it too, but only after the agent was made.
func (b *builder) unknownChild(x *match) bool {
	f := schemaField("handoffTools")
	list := x.def.Fields.Get(f.Name)
	if list == nil || b.options.offline { // which other agents there are is not known
		return false
	}
	for _, entry := range list.Items {
		child := entry.Get("childAgentId")
		if child == nil {
			continue
		}
		_, exists := b.refs.names[strings.ToLower(child.Text)]
		if exists || (x.remote != nil && handsOffTo(x.remote, child.Text)) {
			continue
		}
		b.matching.refuse(x, "unknown-child", fmt.Sprintf("%s: the organization has no agent %s. Correct the id, or hand over by name with agent:.", child.Pos, child.Text))
		return true
	}
	return false
}
