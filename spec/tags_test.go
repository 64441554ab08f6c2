package spec

import (
	"testing"
)

// TestTags covers where tags may stand.
func TestTags(t *testing.T) {
	runProblems(t, []problemCase{
		{"int", `name: A
description: !!int 5
`, []string{
			"agents/a.yaml:2:14: description: has the tag !!int; leave the tag out: the field decides how its value is read",
		}},
		{"str", `name: A
description: !!str 5
`, nil},
		{"var", `name: A
description: !var X
`, []string{
			"agents/a.yaml:2:14: description: takes a value from an environment, and none is named; add one as agents/environments/NAME.yaml with the value below vars:, and name it with --env",
		}},
		{"tag on a list", `name: A
icebreakers: !!seq [a]
`, []string{
			"agents/a.yaml:2:14: icebreakers: has the tag !!seq; leave the tag out: the field decides how its value is read",
		}},
		{"tag on a bool", `name: A
lifecycle: {preventDestroy: !!bool true}
`, []string{
			"agents/a.yaml:2:29: lifecycle.preventDestroy: has the tag !!bool; leave the tag out: the field decides how its value is read",
		}},
		{"tag on the definition", `!agent
name: A
`, []string{
			"agents/a.yaml:1:1: the definition has the tag !agent; write the keys of one agent, name: first",
		}},
		{"env on a list", `name: A
icebreakers: !env [A]
`, []string{
			"agents/a.yaml:2:14: icebreakers: has the tag !env, which stands before texts only; write the value itself",
		}},
		{"env on a bool", `name: A
wakeUpConfigs: [{description: d, enabled: !env A}]
`, []string{
			"agents/a.yaml:2:43: wakeUpConfigs[d].enabled: has the tag !env, which stands before texts only; write the value itself",
		}},
		{"env on a number", `name: A
creditSettings: {initialCredits: !env A}
`, []string{
			"agents/a.yaml:2:34: creditSettings.initialCredits: has the tag !env, which stands before texts only; write the value itself",
		}},
		{"env before a mapping", `name: A
description: !env {A: b}
`, []string{
			"agents/a.yaml:2:14: description: has a mapping after !env, must be text; write !env NAME",
		}},
		{"file before a list", `name: A
description: !file [a]
`, []string{
			"agents/a.yaml:2:14: description: has a list after !file, must be text; write !file PATH",
		}},
		{"env in names, ids and numbers", `name: !env A
id: !env B
previousNames: [!env C]
deploy: [{number: !env D}]
`, []string{
			"agents/a.yaml:1:7: name: has the tag !env, which is not allowed in names, ids, numbers and natural keys; write the text itself",
			"agents/a.yaml:2:5: id: has the tag !env, which is not allowed in names, ids, numbers and natural keys; write the text itself",
			"agents/a.yaml:3:17: previousNames[0]: has the tag !env, which is not allowed in names, ids, numbers and natural keys; write the text itself",
			"agents/a.yaml:4:19: deploy[0].number: has the tag !env, which is not allowed in names, ids, numbers and natural keys; write the text itself",
		}},
		{"file in natural keys", `name: A
tools: [{name: !file a, description: d, apiSchema: {method: GET, url: https://x.example/}}]
handoffTools: [{agent: !env B, description: d}]
`, []string{
			"agents/a.yaml:2:16: tools[0].name: has the tag !file, which is not allowed in names, ids, numbers and natural keys; write the text itself",
			"agents/a.yaml:3:24: handoffTools[0].agent: has the tag !env, which is not allowed in names, ids, numbers and natural keys; write the text itself",
		}},
		{"env in sets of names", `name: A
mcpConfigs: [{connector: S, toolWhitelist: [!env A]}]
`, []string{
			"agents/a.yaml:2:45: mcpConfigs[S].toolWhitelist[0]: has the tag !env, which is not allowed in names, ids, numbers and natural keys; write the text itself",
		}},
		{"env in icebreakers", `name: A
icebreakers: [!env A]
`, nil},
		{"env without a name", `name: A
description: !env
`, []string{
			"agents/a.yaml:2:14: description: names no variable; write !env NAME, or !env \"text ${NAME}\" or ${NAME:-default} inside it",
		}},
		{"env without a variable", `name: A
description: !env "a b"
`, []string{
			"agents/a.yaml:2:14: description: names no variable; write !env NAME, or !env \"text ${NAME}\" or ${NAME:-default} inside it",
		}},
		{"env not closed", `name: A
description: !env "${A"
`, []string{
			"agents/a.yaml:2:14: description: holds ${ without }; write !env NAME, or !env \"text ${NAME}\" or ${NAME:-default} inside it",
		}},
		{"env with a bad name", `name: A
description: !env "${1A}"
`, []string{
			"agents/a.yaml:2:14: description: has a ${…} without the name of a variable (letters, digits and _); write !env NAME, or !env \"text ${NAME}\" or ${NAME:-default} inside it",
		}},
		{"env with an empty name", `name: A
description: !env "${}"
`, []string{
			"agents/a.yaml:2:14: description: has a ${…} without the name of a variable (letters, digits and _); write !env NAME, or !env \"text ${NAME}\" or ${NAME:-default} inside it",
		}},
		{"env with a nested default", `name: A
description: !env "${A:-${B}}"
`, []string{
			"agents/a.yaml:2:14: description: holds ${ inside a default; write !env NAME, or !env \"text ${NAME}\" or ${NAME:-default} inside it",
		}},
		{"env with shell operators", `name: A
description: !env "${A:?}"
`, []string{
			"agents/a.yaml:2:14: description: has a ${…} without the name of a variable (letters, digits and _); write !env NAME, or !env \"text ${NAME}\" or ${NAME:-default} inside it",
		}},
	})
}
