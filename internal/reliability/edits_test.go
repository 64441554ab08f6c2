package reliability

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"wassist-sync/wassist/simulator"
)

// byHand marks what somebody else wrote.
const byHand = "by hand"

// edit is what somebody else does on Wassist while a run is under way.
type edit struct {
	name string
	// at is the agent (by its name before the run) or the number whose writes may undo the edit. shownBy are those
	// whose readings show it; nil is at itself.
	at      string
	shownBy []string
	do      func(o *others)
	// stands tells whether what was done is still there. nil: nothing of ours can undo it.
	stands func(o *others) bool
	// adopted: an agent that was made by hand, and may be taken for one of ours.
	adopted bool
	// whole: a whole document is needed to undo it, so that where PATCH works it always stands.
	whole bool
	// unbounded: no write waits for a younger reading because of it.
	unbounded bool
}

// others is somebody else at work.
type others struct {
	*testing.T
	server *simulator.Server
	ids    map[string]string // of agents, by their names before the run
}

func newOthers(t *testing.T, s *simulator.Server) *others {
	o := &others{t, s, map[string]string{}}
	for _, a := range s.Agents() {
		o.ids[a["name"].(string)] = a["id"].(string)
	}
	return o
}

func (o *others) agent(name string) map[string]any { return o.server.Agent(o.ids[name]) }

// change changes fields of an agent. One that is not there (any more) cannot be changed.
func (o *others) change(name string, fields map[string]any) {
	if o.agent(name) == nil {
		return
	}
	if err := o.server.EditAgent(o.ids[name], fields); err != nil {
		o.Errorf("editing %s: %v", name, err)
	}
}

// entry changes the entry of a list that has this value of its natural key.
func (o *others) entry(name, list, key, value string, changes map[string]any) {
	all := entries(o.agent(name)[list])
	for _, e := range all {
		if e[key] == value {
			maps.Copy(e, changes)
		}
	}
	o.change(name, map[string]any{list: all})
}

func (o *others) hasEntry(name, list, key string, value any) bool {
	return slices.ContainsFunc(entries(o.agent(name)[list]), func(e map[string]any) bool { return e[key] == value })
}

// answers sets who answers a number.
func (o *others) answers(number, name string) {
	if err := o.server.SetNumber(number[1:], map[string]any{"activeAgent": map[string]any{"id": o.ids[name]}}); err != nil {
		o.Error(err)
	}
}

func (o *others) answeredBy(number, name string) bool {
	ref, _ := o.server.Number(number[1:])["activeAgent"].(map[string]any)
	return ref["id"] == o.ids[name]
}

var aTool = map[string]any{"name": byHand, "description": byHand, "apiSchema": map[string]any{"method": "GET", "url": "https://other.example/"}}

// edits are what the second writer does, each once before each request.
var edits = []edit{
	{
		name: "adds an entry to a list that is to change", at: "With tools",
		do: func(o *others) {
			o.change("With tools", map[string]any{"tools": append(slices.Clone(o.agent("With tools")["tools"].([]any)), aTool)})
		},
		stands: func(o *others) bool { return o.hasEntry("With tools", "tools", "name", byHand) },
	},
	{
		name: "changes a key that Git does not declare, in an entry that stays", at: "With tools",
		do: func(o *others) {
			o.entry("With tools", "tools", "name", "find_order", map[string]any{"creditCost": 99})
		},
		stands: func(o *others) bool {
			return slices.ContainsFunc(entries(o.agent("With tools")["tools"]), func(e map[string]any) bool { return cost(e) == "99" })
		},
	},
	{
		name: "takes an entry out of a list that is to change", at: "With websiteTools",
		do: func(o *others) {
			list := o.agent("With websiteTools")["websiteTools"].([]any)
			kept := slices.DeleteFunc(slices.Clone(list), func(e any) bool { return e.(map[string]any)["url"] == "https://shop.example/hours" })
			o.change("With websiteTools", map[string]any{"websiteTools": kept})
		},
		stands: func(o *others) bool {
			return !o.hasEntry("With websiteTools", "websiteTools", "url", "https://shop.example/hours")
		},
	},
	{
		name: "changes a key that Git does not declare, in an object that is to change", at: "Everything",
		do: func(o *others) {
			o.change("Everything", map[string]any{"paywallConfig": map[string]any{"messageLimit": 4, "ctaButtonText": byHand}})
		},
		stands: func(o *others) bool {
			m, _ := o.agent("Everything")["paywallConfig"].(map[string]any)
			return m["ctaButtonText"] == byHand
		},
	},
	{
		name: "changes a text that Git declares", at: "Everything", unbounded: true,
		do:     func(o *others) { o.change("Everything", map[string]any{"systemPrompt": byHand}) },
		stands: func(o *others) bool { return o.agent("Everything")["systemPrompt"] == byHand },
	},
	{
		name: "changes a text that Git does not declare", at: "With tools", whole: true,
		do:     func(o *others) { o.change("With tools", map[string]any{"systemPrompt": byHand}) },
		stands: func(o *others) bool { return o.agent("With tools")["systemPrompt"] == byHand },
	},
	{
		name: "renames an agent", at: "With memoryKeys", unbounded: true,
		do:     func(o *others) { o.change("With memoryKeys", map[string]any{"name": byHand}) },
		stands: func(o *others) bool { return o.agent("With memoryKeys")["name"] == byHand },
	},
	{
		name: "deletes an agent that is to change", at: "With tools",
		do:     func(o *others) { o.server.RemoveAgent(o.ids["With tools"]) },
		stands: func(o *others) bool { return o.agent("With tools") == nil },
	},
	{
		name: "creates an agent", do: func(o *others) { o.server.AddAgent(map[string]any{"name": byHand, "tools": []any{aTool}}) },
	},
	{
		name: "deletes an agent that is none of ours", do: func(o *others) { o.server.RemoveAgent(o.ids["Campaign"]) },
	},
	{
		name: "deletes one agent and creates another",
		do: func(o *others) {
			o.server.RemoveAgent(o.ids["Campaign"])
			o.server.AddAgent(map[string]any{"name": byHand})
		},
	},
	{
		name: "creates an agent of a name that is to be created", adopted: true, do: func(o *others) { o.server.AddAgent(map[string]any{"name": "Cakes", "description": byHand}) },
	},
	{
		name: "puts another agent on a number that is to be deployed", at: numberFree,
		do:     func(o *others) { o.answers(numberFree, "Campaign") },
		stands: func(o *others) bool { return o.answeredBy(numberFree, "Campaign") },
	},
	{
		name: "puts an agent that is to be deleted on a number", at: "Left", shownBy: []string{"Left", numberSpare},
		do:     func(o *others) { o.answers(numberSpare, "Left") },
		stands: func(o *others) bool { return o.agent("Left") != nil },
	},
	{
		name: "lets an agent hand over to one that is to be deleted", at: "Left", unbounded: true, shownBy: []string{"Campaign"},
		do: func(o *others) {
			if o.agent("Left") != nil {
				o.change("Campaign", map[string]any{"handoffTools": []any{map[string]any{"childAgentId": o.ids["Left"], "description": byHand}}})
			}
		},
		stands: func(o *others) bool { return o.agent("Left") != nil },
	},
	{
		name: "edits an agent that is to be deleted", at: "Left",
		do:     func(o *others) { o.change("Left", map[string]any{"description": byHand}) },
		stands: func(o *others) bool { return o.agent("Left") != nil },
	},
}

func cost(e map[string]any) string { return fmt.Sprint(e["creditCost"]) }

// isNumber tells a number from an agent's name.
func isNumber(s string) bool { return strings.HasPrefix(s, "+") }
