package gitsrc

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestVariablesAreTheirValues: the history of an environment is that of the same
// definitions with the values written out, where one that has no value does not
// parse, and what it says of other environments changes nothing.
func TestVariablesAreTheirValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var with, written []map[string]string
		for range rapid.IntRange(2, 6).Draw(t, "commits") {
			tagged, plain := map[string]string{}, map[string]string{}
			vars := "vars:\n  UNUSED: " + rapid.SampledFrom([]string{"a", "b"}).Draw(t, "unused") + "\n"
			there := rapid.IntRange(0, 5).Draw(t, "the environment is there") > 0
			for i := range 3 {
				file := fmt.Sprintf("agents/%d.yaml", i)
				value := rapid.SampledFrom([]string{"", "A", "B", "C"}).Draw(t, "value")
				if value != "" {
					vars += fmt.Sprintf("  N%d: %s\n", i, value)
				}
				if !rapid.Bool().Draw(t, "stands") {
					continue
				}
				body := fmt.Sprintf("description: what the definition of file %d says at great length, so that no two are alike\n", i)
				tagged[file], plain[file] = fmt.Sprintf("name: !var N%d\n", i)+body, "name: "+value+"\n"+body
				if value == "" || !there {
					plain[file] = "name: [\n"
				}
			}
			if there {
				tagged["agents/environments/live.yaml"] = vars
			}
			tagged["agents/environments/other.yaml"] = "vars: {N0: " + rapid.SampledFrom([]string{"X", "Y"}).Draw(t, "other") + "}\n"
			with, written = append(with, tagged), append(written, plain)
		}
		tell := func(all []map[string]string, env string) []string {
			dir, err := os.MkdirTemp("", "variables")
			if err != nil {
				t.Fatalf("%v", err)
			}
			defer remove(t, dir)
			hashes := build(t, dir, linear(all...))
			r, err := open("", dir)
			if err != nil {
				t.Fatalf("%v", err)
			}
			defer shut(t, r)
			l, err := r.LineIn(hashes[len(hashes)-1], nil, "agents", env)
			if err != nil {
				t.Fatalf("%v", err)
			}
			if err := l.Walk(context.Background(), nil); err != nil {
				t.Fatalf("%v", err)
			}
			return stories(l, hashes)
		}
		if diff := cmp.Diff(tell(written, ""), tell(with, "live")); diff != "" {
			t.Fatalf("written out (-) and with variables (+):\n%s", diff)
		}
	})
}
