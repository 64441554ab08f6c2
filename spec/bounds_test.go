package spec

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// hostileSize is large enough to show what does not grow in line with a file: with
// the square of it, each would take minutes.
const hostileSize = 256 << 10

// fill repeats a part up to that size.
func fill(part string) string { return strings.Repeat(part, hostileSize/len(part)) }

// numbered is fill with a number in each part.
func numbered(format string) string {
	var b strings.Builder
	for i := 0; b.Len() < hostileSize; i++ {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// stairs are lines of which each is indented by one space more.
func stairs(line string, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + line + "\n")
	}
	return b.String()
}

// TestHostileFilesAreBounded: no file takes the loader long, or much memory: not one
// that is deep, nor one that its aliases would blow up. Most of these take some
// milliseconds and 10 MiB.
func TestHostileFilesAreBounded(t *testing.T) {
	bomb := "name: A\na0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
	for i := range 60 {
		bomb += fmt.Sprintf("a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i+1, i+1, i, i, i, i, i, i, i, i, i)
	}
	for name, src := range map[string]string{
		"brackets":                       "name: A\nx: " + fill("["),
		"braces":                         "name: A\nx: " + fill("{a: "),
		"dashes":                         fill("- "),
		"question marks":                 fill("? "),
		"colons":                         fill(": "),
		"colons in a list":               "[" + fill(":,"),
		"keys":                           "name: A\n" + numbered("k%d: v\n"),
		"one key":                        "name: A\n" + fill("k: v\n"),
		"headers":                        "name: A\ntools:\n- name: t\n  description: d\n  apiSchema:\n    method: GET\n    url: https://x.example/\n    request_headers:\n" + numbered("      h%d: {}\n"),
		"entries":                        "name: A\ntools:\n" + fill("- {name: t}\n"),
		"icebreakers":                    "name: A\nicebreakers:\n" + fill("- a\n"),
		"anchors":                        "name: A\nx:\n" + numbered("- &a%d x\n"),
		"aliases":                        "name: A\ny: &a x\nx:\n" + fill("- *a\n"),
		"a bomb":                         bomb,
		"a bomb in tools":                "name: A\ntools: &t [*t,*t]\n",
		"documents":                      fill("---\na\n"),
		"markers":                        fill("---\n"),
		"ends":                           fill("...\n"),
		"definitions":                    numbered("---\nname: A%d\n"),
		"comments":                       "name: A\n" + fill("#\n"),
		"spaces":                         "name: A\n" + fill(" "),
		"breaks":                         "name: A\n" + fill("\n"),
		"tabs":                           "name: A\n" + fill("\t"),
		"a long text":                    "name: A\ndescription: " + fill("x"),
		"a long name":                    "name: " + fill("x"),
		"a long key":                     fill("x") + ": y\nname: A\n",
		"a long tag":                     "name: A\ndescription: !" + fill("x") + " y\n",
		"a long anchor":                  "name: A\ndescription: &" + fill("x") + " y\n",
		"a quote":                        "name: \"" + fill("x\n"),
		"escapes":                        "name: A\ndescription: \"" + fill("\\x41") + "\"\n",
		"a folded text":                  "name: A\ndescription: >\n" + fill("  x\n"),
		"a block of breaks":              "name: A\ndescription: |+\n" + fill("\n"),
		"directives":                     fill("%YAML 1.1\n") + "---\nname: A\n",
		"tag handles":                    numbered("%%TAG !a%d! !f\n") + "---\nname: A\n",
		"variables":                      "name: A\ndescription: !env \"" + fill("${A}") + "\"\n",
		"stairs":                         "name: A\nx:\n" + stairs("a:", 700),
		"stairs of dashes":               stairs("- - a", 700),
		"question marks, then a mistake": "name: A\nicebreakers: [" + fill("a?,") + "\nx: y: z\n",
		"a mistake at the end":           "name: A\n" + fill("# c\n") + "x: y: z\n",
		"a mistake after many keys":      "name: A\n" + numbered("k%d: v\n") + "x: y: z\n",
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := time.Now()
			set, err := Load(files("agents/a.yaml", src), "agents")
			took := time.Since(began)
			runtime.ReadMemStats(&after)
			checkLoad(t, set, err)
			if allocated := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 30*time.Second || allocated > 400 {
				t.Errorf("%d bytes took %v and %d MiB: %.200v", len(src), took, allocated, err)
			}
		})
	}
}
