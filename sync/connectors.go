package sync

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"wassist-sync/spec"
)

// namesConnector tells whether a definition names a connector by its name.
func namesConnector(def *spec.Agent) bool {
	list := def.Fields.Get("mcpConfigs")
	return list != nil && slices.ContainsFunc(list.Items, func(entry *spec.Value) bool { return entry.Get("connector") != nil })
}

// connectors resolves the names that definitions use for connectors.
func (b *builder) connectors(list []Connector) {
	count := map[string]int{}
	for _, c := range list {
		count[c.Name]++
		b.refs.connectors[c.Name] = c.ID
		b.refs.connectorNames[strings.ToLower(c.ID)] = c.Name
	}
	for _, x := range b.matching.matches {
		configs := x.def.Fields.Get("mcpConfigs")
		if configs == nil {
			continue
		}
		for _, entry := range configs.Items {
			v := entry.Get("connector")
			if v == nil || count[v.Text] == 1 {
				continue
			}
			if count[v.Text] == 0 {
				known := make([]string, 0, len(count))
				for name := range count {
					known = append(known, fmt.Sprintf("%q", maskName(name)))
				}
				slices.Sort(known)
				b.matching.refuse(x, "unknown-connector", fmt.Sprintf("%s: the organization has no connector %q; it has %s. Connect it on Wassist first, or correct the name.", v.Pos, v.Text, cmp.Or(strings.Join(known, ", "), "none")))
			} else {
				b.matching.refuse(x, "ambiguous-connector", fmt.Sprintf("%s: %d connectors are called %q. Write connectorId: with the right one's id.", v.Pos, count[v.Text], v.Text))
			}
		}
	}
}

// holdConnectors leaves mcpConfigs out of every definition that names a
// connector: an API without a list of connectors cannot say which one is meant.
// Everything else of the definition goes on.
func (b *builder) holdConnectors() {
	for _, x := range b.matching.matches {
		if !namesConnector(x.def) {
			continue
		}
		b.hold(x, "mcpConfigs is left out: this API does not list connectors, so that their names mean nothing to it; write connectorId")
		x.def = withoutField(x.def, "mcpConfigs")
	}
}

// withoutField copies a definition without one of its fields.
func withoutField(def *spec.Agent, name string) *spec.Agent {
	out, fields := *def, *def.Fields
	fields.Members = slices.DeleteFunc(slices.Clone(fields.Members), func(m spec.Member) bool { return m.Key == name })
	out.Fields = &fields
	return &out
}
