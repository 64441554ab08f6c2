package reliability

import (
	"fmt"
	"strings"
)

// Numbers of the scenario. The first two are the simulator's own.
const (
	numberFree      = "+447700900111" // nobody answers it; Cakes is to
	numberHooked    = "+447700900112" // on a webhook; Opening hours is to
	numberDropped   = "+447700900113" // Wholesale answers it, and is not to any more
	numberOfFormer  = "+447700900115" // of an agent that is to be deleted; Order desk is to answer it
	numberSpare     = "+447700900117" // nobody answers it, and no definition names it
	numberOfForeign = "+447700900116" // of an agent that is none of ours
)

// nested are the nested lists of an agent, each with three entries as YAML: one that stays as it is, one that is
// stored and changes, one that is new; and one as JSON that is stored and to go.
var nested = []struct {
	field, stays, changes, changed, added string
	// key is the natural key, and keep a key of an entry that no definition declares here.
	key, keep string
}{
	{
		"tools", `{name: find_order, description: Finds it, apiSchema: {method: GET, url: "https://shop.example/o"}}`,
		`{name: list_orders, description: old, apiSchema: {method: GET, url: "https://shop.example/l"}}`,
		`{name: list_orders, description: new, apiSchema: {method: GET, url: "https://shop.example/l"}}`,
		`{name: cancel_order, description: Cancels it, apiSchema: {method: DELETE, url: "https://shop.example/o"}}`,
		"name", "creditCost",
	},
	{
		"websiteTools", `{url: "https://shop.example/hours", prompt: Hours}`, `{url: "https://shop.example/sale", prompt: old}`,
		`{url: "https://shop.example/sale", prompt: new}`, `{url: "https://shop.example/new", prompt: News}`, "url", "active",
	},
	{
		"handoffTools", `{agent: Opening hours, description: Hours}`, `{agent: Everything, description: old}`,
		`{agent: Everything, description: new}`, `{agent: Bread, description: Bread}`, "childAgentId", "active",
	},
	{
		"mcpConfigs", `{connector: Stripe, toolWhitelist: [list_invoices]}`, `{connector: Ledger, toolWhitelist: [old]}`,
		`{connector: Ledger, toolWhitelist: [new]}`, `{connector: Calendar, toolWhitelist: [book]}`, "connectorId", "",
	},
	{
		"imageGenerateTools", `{name: cake, description: A cake, prompt: a cake}`, `{name: loaf, description: A loaf, prompt: old}`,
		`{name: loaf, description: A loaf, prompt: new}`, `{name: tart, description: A tart, prompt: a tart}`, "name", "creditCost",
	},
	{
		"wakeUpConfigs", `{description: In the morning, forceMessage: true}`, `{description: At noon, forceMessage: false}`,
		`{description: At noon, forceMessage: true}`, `{description: At night, forceMessage: true}`, "description", "enabled",
	},
	{
		"memoryKeys", `{key: name, type: string, initialValue: nobody, whenToUpdate: always}`,
		`{key: visits, type: number, initialValue: "0", whenToUpdate: old}`,
		`{key: visits, type: number, initialValue: "0", whenToUpdate: new}`,
		`{key: vip, type: boolean, initialValue: "false", whenToUpdate: never}`, "key", "",
	},
	{
		"outboundTriggers", `{templateId: t1, templateName: ready}`, `{templateId: t2, templateName: late}`,
		`{templateId: t9, templateName: late}`, `{templateId: t3, templateName: thanks}`, "templateName", "enabled",
	},
}

// before and after are the two commits of the repository: what stood when the agents were made, and what is
// applied.
func before() map[string]string {
	var lists strings.Builder
	for _, l := range nested {
		fmt.Fprintf(&lists, "---\nname: With %s\n%s:\n  - %s\n  - %s\n", l.field, l.field, l.stays, l.changes)
	}
	return map[string]string{
		"agents/wassist-sync.yaml": "organization: Harbour Bakery\n",
		"agents/lists.yaml":        lists.String(),
		"agents/desks.yaml": `name: Everything
description: old
systemPrompt: old
---
name: Opening hours
description: Tells when the bakery is open
---
name: Wholesale
description: Sells to shops
deploy: [{number: "` + numberDropped + `"}]
`,
		"agents/orders.yaml": "name: Orders\ndescription: Takes orders\nfirstMessage: What can I get you?\n",
		"agents/left.yaml":   "name: Left\ndescription: Not needed any more\n",
		"agents/former.yaml": "name: Former\ndescription: Not needed any more either\ndeploy: [{number: \"" + numberOfFormer + "\"}]\n",
	}
}

func after() map[string]string {
	var lists, everything strings.Builder
	for _, l := range nested {
		entries := fmt.Sprintf("%s:\n  - %s\n  - %s\n  - %s\n", l.field, l.stays, l.changed, l.added)
		fmt.Fprintf(&lists, "---\nname: With %s\n%s", l.field, entries)
		if l.field != "handoffTools" {
			everything.WriteString(entries)
		}
	}
	return map[string]string{
		"agents/wassist-sync.yaml": "organization: Harbour Bakery\n",
		"agents/lists.yaml":        lists.String(),
		"agents/desks.yaml": `name: Everything
description: new
systemPrompt: new
icebreakers: [One, Two]
handoffTools: [{agent: Cakes, description: Cakes}]
paywallConfig: {messageLimit: 5}
creditSettings: {initialCredits: 3}
` + everything.String() + `---
name: Opening hours
description: Tells when the bakery is open
deploy: [{number: "` + numberHooked + `"}]
---
name: Wholesale
description: Sells to shops
deploy: []
`,
		"agents/orders.yaml": "name: Order desk\ndescription: Takes orders\nfirstMessage: What can I get you?\ndeploy: [{number: \"" + numberOfFormer + "\"}]\n",
		// Two new agents that hand over to each other, and one that is a name and nothing else.
		"agents/new.yaml": `name: Bread
description: Sells bread
handoffTools: [{agent: Cakes, description: Cakes}]
---
name: Cakes
description: Sells cakes
handoffTools: [{agent: Bread, description: Bread}]
tools:
  - {name: bake, description: Bakes, apiSchema: {method: POST, url: "https://shop.example/bake"}}
deploy: [{number: "` + numberFree + `", applyToExisting: true}]
---
name: Tarts
`,
	}
}
