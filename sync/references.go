package sync

import (
	"cmp"
	"strings"

	"wassist-sync/spec"
)

// references resolves the names that definitions use for other agents and
// connectors, and names remote ids for people.
type references struct {
	agents         map[string]string // definition's name → remote id; empty until created
	names          map[string]string // remote id → name
	connectors     map[string]string // connector's name → id
	connectorNames map[string]string // connector's id → name
	renamed        map[string]string // a definition's earlier name → its name
	secrets        []string          // what came from the environment; see conceal.go
	// hidden are the places that were secret in an earlier version, by where the
	// definition starts; see hidden.go.
	hidden map[spec.Position][]hiddenPlace
}

func newReferences() *references {
	return &references{
		agents: map[string]string{}, names: map[string]string{},
		connectors: map[string]string{}, connectorNames: map[string]string{}, renamed: map[string]string{},
		hidden: map[spec.Position][]hiddenPlace{},
	}
}

// entryKey gives the natural key of a declared entry as the API stores it
// (empty when it names an agent that does not exist yet), and its label in paths.
func (r *references) entryKey(f *spec.Field, entry *spec.Value) (key, label string) {
	k := f.KeyField()
	if k.Alias != "" {
		if alias := entry.Get(k.Alias); alias != nil {
			if k.Alias == "agent" {
				return strings.ToLower(r.agents[alias.Text]), cmp.Or(r.renamed[alias.Text], alias.Text)
			}
			return strings.ToLower(r.connectors[alias.Text]), alias.Text
		}
	}
	v := entry.Get(k.Name)
	if v == nil {
		return "", ""
	}
	return r.storedKey(f, v.Text)
}

// storedKey normalizes a stored natural key, and labels it.
func (r *references) storedKey(f *spec.Field, text string) (key, label string) {
	k := f.KeyField()
	key = normalize(text)
	label = key
	switch {
	case k.Alias == "agent":
		key = strings.ToLower(key)
		if name, ok := r.names[key]; ok {
			label = name
		}
	case k.Alias == "connector":
		key = strings.ToLower(key)
		if name, ok := r.connectorNames[key]; ok {
			label = name
		}
	case k.URL:
		label = maskURL(key)
	}
	return key, label
}

// targetID is the remote id of what a definition names by name: the agent of a
// handoff, or a connector. It is empty for everything else.
func (r *references) targetID(key, name string) string {
	switch key {
	case "agent":
		return strings.ToLower(r.agents[name])
	case "connector":
		return strings.ToLower(r.connectors[name])
	}
	return ""
}
