package reliability

import (
	"maps"
	gosync "sync"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"wassist-sync/wassist/simulator"
)

// generation is one form that the API may have, with the scenario that needs every request of it.
type generation struct {
	name    string
	options simulator.Options
}

var generations = []generation{
	{name: "PATCH", options: simulator.Options{}},
	{name: "PUT for lists", options: simulator.Options{DropListsOnPatch: true, PutResets: true}},
	{name: "PUT for all", options: simulator.Options{Profile: simulator.ProfileDocumented, PutResets: true}},
}

// foreign are the agents that no definition ever named. Their fields are what the tool reads and must not touch.
var foreign = []map[string]any{
	{"name": "Twin", "description": "one"},
	{"name": "Twin", "description": "two"},
	{"name": "Front desk of another team", "systemPrompt": "Answer.", "documents": []any{map[string]any{"id": "d1", "title": "Menu"}}, "supportTools": []any{"x"}},
	{"name": "Campaign", "icebreakers": []any{"Hi"}, "paywallConfig": map[string]any{"messageLimit": 3}, "unheardOf": map[string]any{"a": 1}},
}

// newOrganization is the organization as it is before the first run.
func newOrganization(t testing.TB, g *generation) *simulator.Server {
	t.Helper()
	o := g.options
	o.Seed, o.PageMax = 1, 5
	s, err := simulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	for _, name := range []string{"Ledger", "Calendar", "Old"} {
		ids[name] = s.AddConnector(map[string]any{"name": name})
	}
	ids["Stripe"] = "9a000000-0000-4000-8000-000000000001" // the simulator's own
	made := 0
	add := func(fields map[string]any) string {
		made++
		fields = maps.Clone(fields)
		fields["createdAt"] = agentsMade.Add(time.Duration(made) * time.Minute).Format("2006-01-02T15:04:05.000000Z")
		name := fields["name"].(string)
		ids[name] = s.AddAgent(fields)
		return ids[name]
	}
	for _, f := range foreign[:2] {
		add(f)
	}
	add(map[string]any{"name": "Left", "description": "Not needed any more"})
	add(map[string]any{"name": "Opening hours", "description": "Tells when the bakery is open", "systemPrompt": "Of no concern to Git"})
	everything := map[string]any{
		"name": "Everything", "description": "old", "systemPrompt": "old", "documents": []any{map[string]any{"id": "d2"}},
		"paywallConfig":  map[string]any{"messageLimit": 4, "ctaButtonText": "Pay"},
		"creditSettings": map[string]any{"initialCredits": 1, "creditGrantPassword": "open sesame"},
	}
	add(everything)
	add(map[string]any{"name": "Wholesale", "description": "Sells to shops"})
	add(map[string]any{"name": "Orders", "description": "Takes orders", "firstMessage": "What can I get you?"})
	add(foreign[2])
	for _, l := range nested {
		add(map[string]any{"name": "With " + l.field, "reasoningEffort": "low", l.field: storedEntries(t, l.field, ids)})
		if l.field != "handoffTools" {
			if err := s.EditAgent(ids["Everything"], map[string]any{l.field: storedEntries(t, l.field, ids)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	add(foreign[3])
	add(map[string]any{"name": "Former", "description": "Not needed any more either"})
	number := func(number, agent string) {
		s.AddNumber(map[string]any{"number": number[1:], "activeAgent": ids[agent], "conversations": 2})
	}
	number(numberDropped, "Wholesale")
	number(numberOfForeign, "Campaign")
	number(numberOfFormer, "Former")
	number(numberSpare, "")
	return s
}

// storedEntries is a nested list before the first run: an entry that is to go, one that changes, one that stays.
func storedEntries(t testing.TB, field string, ids map[string]string) []any {
	t.Helper()
	for _, l := range nested {
		if l.field != field {
			continue
		}
		changes, stays := fromYAML(t, l.changes, ids), fromYAML(t, l.stays, ids)
		gone := fromYAML(t, l.stays, ids)
		gone[l.key] = "https://gone.example"
		switch field {
		case "handoffTools":
			gone[l.key] = ids["Left"]
		case "mcpConfigs":
			gone[l.key] = ids["Old"]
		}
		switch l.keep {
		case "creditCost":
			stays[l.keep], changes[l.keep] = 7, 8
		case "active", "enabled":
			stays[l.keep], changes[l.keep] = false, false
		}
		return []any{gone, changes, stays}
	}
	t.Fatalf("%s is no nested list", field)
	return nil
}

// parsed are the entries of nested, read once.
var parsed = gosync.OnceValue(func() map[string]map[string]any {
	out := map[string]map[string]any{}
	for _, l := range nested {
		for _, text := range []string{l.stays, l.changes} {
			var entry map[string]any
			if err := yaml.Unmarshal([]byte(text), &entry); err != nil {
				panic(err)
			}
			out[text] = entry
		}
	}
	return out
})

// fromYAML turns an entry of a definition into what the API stores.
func fromYAML(t testing.TB, text string, ids map[string]string) map[string]any {
	t.Helper()
	entry := maps.Clone(parsed()[text])
	for alias, key := range map[string]string{"agent": "childAgentId", "connector": "connectorId"} {
		if name, ok := entry[alias].(string); ok {
			if ids[name] == "" {
				t.Fatalf("%s: nothing is called %s yet", text, name)
			}
			delete(entry, alias)
			entry[key] = ids[name]
		}
	}
	return entry
}
