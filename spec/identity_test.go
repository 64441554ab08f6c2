package spec

import (
	"strings"
	"testing"
)

// TestIdentity covers name, id, previousNames, deploy.
func TestIdentity(t *testing.T) {
	runProblems(t, []problemCase{
		{"missing name", "description: d\n", []string{
			"agents/a.yaml:1:1: name: is missing; add name",
		}},
		{"empty name", "name: \"\"\n", []string{
			"agents/a.yaml:1:7: name: is empty; write the agent's name",
		}},
		{"surrounding space", "name: \" A\"\n", []string{
			"agents/a.yaml:1:7: name: has white space around it: \" A\"; remove it",
		}},
		{"surrounding no-break space", "name: \"A\\u00a0\"\n", []string{
			"agents/a.yaml:1:7: name: has white space around it: \"A\\u00a0\"; remove it",
		}},
		{"line break", "name: \"A\\nB\"\n", []string{
			"agents/a.yaml:1:7: name: holds a line break or control character: \"A\\nB\"; write it in one line",
		}},
		{"line separator", "name: \"A\\u2028B\"\n", []string{
			"agents/a.yaml:1:7: name: holds a line break or control character: \"A\\u2028B\"; write it in one line",
		}},
		{"control character", "name: \"A\\u0007B\"\n", []string{
			"agents/a.yaml:1:7: name: holds a line break or control character: \"A\\aB\"; write it in one line",
		}},
		{"255 characters", "name: " + strings.Repeat("é", 255) + "\n", nil},
		{"256 characters", "name: " + strings.Repeat("é", 256) + "\n", []string{
			"agents/a.yaml:1:7: name: is 256 characters long, at most 255 are allowed; shorten it",
		}},
		{"number as name", "name: 12345\n", nil},
		{"previous names", `name: A
previousNames: [B, " C", B, A]
`, []string{
			"agents/a.yaml:2:20: previousNames[1]: has white space around it: \" C\"; remove it",
			"agents/a.yaml:2:26: previousNames[2]: \"B\" is listed twice; remove one of them",
			"agents/a.yaml:2:29: previousNames[3]: is the name that the agent bears now; remove it",
		}},
		{"id is no UUID", `name: A
id: 42
`, []string{
			"agents/a.yaml:2:5: id: is \"42\", must be a UUID such as 3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b61; write the agent's id as Wassist shows it",
		}},
		{"id in braces", `name: A
id: "{3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b61}"
`, []string{
			"agents/a.yaml:2:5: id: is \"{3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b61}\", must be a UUID such as 3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b61; write the agent's id as Wassist shows it",
		}},
		{"number twice in one definition", `name: A
deploy: [{number: "+44 7700 900111"}, {number: 447700900111}]
`, []string{
			"agents/a.yaml:2:48: deploy[+447700900111].number: is deployed twice, first at agents/a.yaml:2:19; keep it in one of them: a number has one agent",
		}},
		{"bad number", `name: A
deploy: [{number: 0044 7700 900111}]
`, []string{
			"agents/a.yaml:2:19: deploy[0044 7700 900111].number: is \"0044 7700 900111\", which starts with 00; write it with + in place of 00",
		}},
	})
}
