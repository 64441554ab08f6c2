package spec

import (
	"testing"
)

// TestKinds covers values of a kind that the field does not take.
func TestKinds(t *testing.T) {
	runProblems(t, []problemCase{
		{"list for text", `name: A
systemPrompt: [a]
`, []string{
			"agents/a.yaml:2:15: systemPrompt: is a list, must be text; write one text, in quotes if it starts with [ or { or holds \": \"",
		}},
		{"mapping for text", `name: A
firstMessage: {order}
`, []string{
			"agents/a.yaml:2:15: firstMessage: is a mapping, must be text; write one text, in quotes if it starts with [ or { or holds \": \"",
		}},
		{"text for list", `name: A
icebreakers: Hello
`, []string{
			"agents/a.yaml:2:14: icebreakers: is text, must be a list; write a list, with - before each entry",
		}},
		{"number for list", `name: A
icebreakers: 5
`, []string{
			"agents/a.yaml:2:14: icebreakers: is a number, must be a list; write a list, with - before each entry",
		}},
		{"mapping for list", `name: A
tools: {name: x}
`, []string{
			"agents/a.yaml:2:8: tools: is a mapping, must be a list; write a list, with - before each entry",
		}},
		{"list in list of texts", `name: A
icebreakers: [[a]]
`, []string{
			"agents/a.yaml:2:15: icebreakers[0]: is a list, must be text; write one text, in quotes if it starts with [ or { or holds \": \"",
		}},
		{"list for entry", `name: A
tools: [[name, x]]
`, []string{
			"agents/a.yaml:2:9: tools[0]: is a list, must be a mapping; write its keys below it: name, description, apiSchema, active, creditCost",
		}},
		{"text for entry", `name: A
websiteTools: [https://x.example]
`, []string{
			"agents/a.yaml:2:16: websiteTools[0]: is text, must be a mapping; write its keys below it: url, prompt, active",
		}},
		{"list for object", `name: A
paywallConfig: []
`, []string{
			"agents/a.yaml:2:16: paywallConfig: is a list, must be a mapping; write its keys below it: messageLimit, paywallAction, paywallUrl, ctaButtonText, terminalStateMessage",
		}},
		{"text for map", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      request_headers: none
`, []string{
			"agents/a.yaml:8:24: tools[t].apiSchema.request_headers: is text, must be a mapping; write one key: value a line below it",
		}},
		{"text for parameter", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      request_headers:
        X: none
`, []string{
			"agents/a.yaml:9:12: tools[t].apiSchema.request_headers.X: is text, must be a mapping; write its keys below it: type, input",
		}},
		{"yes for bool", `name: A
wakeUpConfigs: [{description: d, enabled: yes}]
`, []string{
			"agents/a.yaml:2:43: wakeUpConfigs[d].enabled: is yes, must be true or false; write true",
		}},
		{"off for bool", `name: A
wakeUpConfigs: [{description: d, enabled: OFF}]
`, []string{
			"agents/a.yaml:2:43: wakeUpConfigs[d].enabled: is OFF, must be true or false; write false",
		}},
		{"True for bool", `name: A
wakeUpConfigs: [{description: d, enabled: True}]
`, []string{
			"agents/a.yaml:2:43: wakeUpConfigs[d].enabled: is True, must be true or false; write true",
		}},
		{"quoted bool", `name: A
wakeUpConfigs: [{description: d, enabled: "true"}]
`, []string{
			"agents/a.yaml:2:43: wakeUpConfigs[d].enabled: is the text \"true\", must be true or false; write true",
		}},
		{"word for bool", `name: A
wakeUpConfigs: [{description: d, enabled: sometimes}]
`, []string{
			"agents/a.yaml:2:43: wakeUpConfigs[d].enabled: is sometimes, must be true or false; write true or false",
		}},
		{"list for bool", `name: A
lifecycle: {preventDestroy: [true]}
`, []string{
			"agents/a.yaml:2:29: lifecycle.preventDestroy: is a list, must be true or false; write true or false",
		}},
		{"numbers", `name: A
creditSettings: {initialCredits: 0, creditGrantAmount: 1.5e1}
paywallConfig: {messageLimit: 1.0}
`, nil},
		{"underscored number", `name: A
creditSettings: {initialCredits: 1_000}
`, []string{
			"agents/a.yaml:2:34: creditSettings.initialCredits: is 1_000, must be a number of 0 or more; write digits only, such as 10",
		}},
		{"octal number", `name: A
creditSettings: {initialCredits: 012}
`, []string{
			"agents/a.yaml:2:34: creditSettings.initialCredits: is 012, must be a number of 0 or more; write digits only, such as 10",
		}},
		{"hex number", `name: A
creditSettings: {initialCredits: 0x10}
`, []string{
			"agents/a.yaml:2:34: creditSettings.initialCredits: is 0x10, must be a number of 0 or more; write digits only, such as 10",
		}},
		{"negative number", `name: A
creditSettings: {initialCredits: -1}
`, []string{
			"agents/a.yaml:2:34: creditSettings.initialCredits: is -1, must be a number of 0 or more; write 0 or more",
		}},
		{"quoted number", `name: A
creditSettings: {initialCredits: "10"}
`, []string{
			"agents/a.yaml:2:34: creditSettings.initialCredits: is the text \"10\", must be a number of 0 or more; write 10 without quotes",
		}},
		{"huge number", `name: A
creditSettings: {initialCredits: 1e999}
`, []string{
			"agents/a.yaml:2:34: creditSettings.initialCredits: is 1e999, must be a number of 0 or more; write a smaller number",
		}},
		{"word for number", `name: A
creditSettings: {initialCredits: .inf}
`, []string{
			"agents/a.yaml:2:34: creditSettings.initialCredits: is .inf, must be a number of 0 or more; write digits only, such as 10",
		}},
		{"mapping for number", `name: A
creditSettings: {initialCredits: {}}
`, []string{
			"agents/a.yaml:2:34: creditSettings.initialCredits: is a mapping, must be a number; write a number",
		}},
		{"NUL", `name: A
description: "a\0b"
`, []string{
			"agents/a.yaml:2:14: description: holds the character NUL; remove it",
		}},
		{"definition is a list", "- name: A\n", []string{
			"agents/a.yaml:1:1: the definition is a list, must be a mapping; write the keys of one agent, name: first",
		}},
		{"definition is text", "hello\n", []string{
			"agents/a.yaml:1:1: the definition is text, must be a mapping; write the keys of one agent, name: first",
		}},
		{"definition is null", `---
null
`, []string{
			"agents/a.yaml:2:1: the definition is null, must be a mapping; write the keys of one agent, name: first",
		}},
		{"definition is quoted and empty", "\"\"\n", []string{
			"agents/a.yaml:1:1: the definition is text, must be a mapping; write the keys of one agent, name: first",
		}},
		{"list where the definition wants keys", `name: A
lifecycle: true
`, []string{
			"agents/a.yaml:2:12: lifecycle: is a boolean, must be a mapping; write its keys below it: preventDestroy",
		}},
	})
}
