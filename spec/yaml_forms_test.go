package spec

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// said is what the loader says about a file: a line for each agent, or each problem.
func said(src string) []string {
	set, err := Load(files("agents/a.yaml", src, "agents/p.md", "the text\n"), "agents")
	if err != nil {
		var out []string
		for _, line := range strings.Split(err.Error(), "\n") {
			place, _, _ := strings.Cut(strings.TrimPrefix(line, "agents/a.yaml:"), "; ")
			out = append(out, place)
		}
		return out
	}
	var out []string
	for _, a := range set.Agents {
		out = append(out, a.Name+" "+show(a.Fields))
	}
	return out
}

// TestYAMLForms goes through the forms of YAML, as its test suite does, and says of
// each what is read: a line "NAME {fields}" for each agent, or the problems with
// their line and column.
func TestYAMLForms(t *testing.T) {
	for _, c := range yamlForms {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, strings.Join(said(c.src), "\n")); diff != "" {
				t.Errorf("%q (-want +got):\n%s", c.src, diff)
			}
		})
	}
}
