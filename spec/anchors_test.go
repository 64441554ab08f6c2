package spec

import (
	"strings"
	"testing"
)

// TestAnchors covers anchors and aliases.
func TestAnchors(t *testing.T) {
	runProblems(t, []problemCase{
		{"shared value", `name: A
description: &d hello
firstMessage: *d
`, nil},
		{"shared entry", `name: A
tools:
  - name: a
    description: d
    apiSchema: &s {method: GET, url: https://x.example/}
  - {name: b, description: d, apiSchema: *s}
`, nil},
		{"problem in a shared value", `name: A
description: &d [a]
firstMessage: *d
`, []string{
			"agents/a.yaml:2:14: description: is a list, must be text; write one text, in quotes if it starts with [ or { or holds \": \"",
			"agents/a.yaml:3:15: firstMessage: is a list, must be text; write one text, in quotes if it starts with [ or { or holds \": \"",
		}},
		{"contains itself", `name: A
tools: &t [*t]
`, []string{
			"agents/a.yaml:2:12: is an alias of a value that contains it; write the values out with fewer aliases and levels",
		}},
		{"contains itself in an unknown key", `name: A
x: &t {a: {b: *t}}
`, []string{
			"agents/a.yaml:2:15: is an alias of a value that contains it; write the values out with fewer aliases and levels",
		}},
		{"explodes", `name: A
a: &a [x,x,x,x,x,x,x,x,x,x]
b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]
c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]
d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]
e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]
`, []string{
			"agents/a.yaml:6:35: grows too large when its aliases are written out; write the values out with fewer aliases and levels",
		}},
		{"too deep", `name: A
x: ` + strings.Repeat("[", 150) + `` + strings.Repeat("]", 150) + `
`, []string{
			"agents/a.yaml:2:53: is nested too deeply; write the values out with fewer aliases and levels",
		}},
		{"unknown", `name: A
description: *d
`, []string{
			"agents/a.yaml:2:1: is not valid YAML: unknown anchor 'd' referenced; set the anchor with & earlier in the same document, or put a text that starts with * in quotes",
		}},
		{"of another document", `name: A
description: &d x
---
name: B
description: *d
`, []string{
			"agents/a.yaml:5:1: is not valid YAML: unknown anchor 'd' referenced; set the anchor with & earlier in the same document, or put a text that starts with * in quotes",
		}},
	})
}
