package spec

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	id1 = "3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b61"
	id2 = "5d9be1f0-2a44-4b6d-8c1f-77a0c3e2d902"
)

func handoff(entries ...string) string {
	return "handoffTools:\n  - {description: d, " + strings.Join(entries, "}\n  - {description: d, ") + "}\n"
}

func TestAcrossFiles(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b string // agents/a.yaml and agents/b.yaml
		want []string
	}{
		{"two names", "name: A\n", "name: B\n", nil},
		{"names differ in case", "name: A\n", "name: a\n", nil},
		{"name twice", "name: A\n", "description: d\nname: A\n---\nname: A\n", []string{
			`agents/b.yaml:2:7: name: "A" is defined twice, first at agents/a.yaml:1:7; rename one, or pin each with its id`,
			`agents/b.yaml:4:7: name: "A" is defined twice, first at agents/a.yaml:1:7; rename one, or pin each with its id`,
		}},
		{"name twice, one pinned", "name: A\n", "name: A\nid: " + id1 + "\n", []string{
			`agents/b.yaml:1:7: name: "A" is defined twice, first at agents/a.yaml:1:7; rename one, or pin each with its id`,
		}},
		{"name twice, both pinned", "name: A\nid: " + id2 + "\n", "name: A\nid: " + id1 + "\n", nil},
		{"name twice, one pinned wrongly", "name: A\nid: x\n", "name: A\nid: " + id1 + "\n", []string{
			`agents/a.yaml:2:5: id: is "x", must be a UUID such as 3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b61; write the agent's id as Wassist shows it`,
		}},
		{"id twice", "name: A\nid: " + id1 + "\n", "name: B\nid: " + strings.ToUpper(id1) + "\n", []string{
			`agents/b.yaml:2:5: id: ` + id1 + ` is pinned twice, first at agents/a.yaml:2:5; keep it in one of them`,
		}},
		{"number twice", "name: A\ndeploy: [{number: \"+44 7700 900111\"}]\n", "name: B\ndeploy: [{number: 12025550123}, {number: (44) 7700-900.111}]\n", []string{
			"agents/b.yaml:2:42: deploy[+447700900111].number: is deployed twice, first at agents/a.yaml:2:19; keep it in one of them: a number has one agent",
		}},
		{"cycle", "name: A\n" + handoff("agent: B"), "name: B\n" + handoff("agent: A"), nil},
		{"unknown agent", "name: A\n" + handoff("agent: Biling", "agent: Sales"), "name: Billing\n", []string{
			`agents/a.yaml:3:29: handoffTools[Biling].agent: no definition is called "Biling"; did you mean "Billing"? Otherwise define it, or write childAgentId for an agent that Git does not manage`,
			`agents/a.yaml:4:29: handoffTools[Sales].agent: no definition is called "Sales"; define it, or write childAgentId for an agent that Git does not manage`,
		}},
		{"an agent whose name cannot be read", "name: A\n" + handoff("agent: Billing"), "name: [Billing]\n", []string{
			`agents/b.yaml:1:7: name: is a list, must be text; write one text, in quotes if it starts with [ or { or holds ": "`,
		}},
		{"an agent in a file that cannot be read", "name: A\n" + handoff("agent: C"), "name: Billing\n---\nname: \"C\n", []string{
			"agents/b.yaml:3:1: is not valid YAML: found unexpected end of stream; close the quote that is opened here",
		}},
		{"an unknown agent beside a document that is no definition", "name: A\n" + handoff("agent: Biling"), "- x\n", []string{
			`agents/a.yaml:3:29: handoffTools[Biling].agent: no definition is called "Biling"; define it, or write childAgentId for an agent that Git does not manage`,
			"agents/b.yaml:1:1: the definition is a list, must be a mapping; write the keys of one agent, name: first",
		}},
		{"an unknown agent in a definition whose own name is wrong", "name: ' A'\n" + handoff("agent: Biling"), "name: B\n", []string{
			`agents/a.yaml:1:7: name: has white space around it: " A"; remove it`,
			`agents/a.yaml:3:29: handoffTools[Biling].agent: no definition is called "Biling"; define it, or write childAgentId for an agent that Git does not manage`,
		}},
		{"ambiguous agent", "name: A\n" + handoff("agent: B"), "name: B\nid: " + id1 + "\n---\nname: B\nid: " + id2 + "\n", []string{
			`agents/a.yaml:3:29: handoffTools[B].agent: "B" is the name of 2 definitions; write childAgentId and the id of the one that is meant`,
		}},
		{"itself by name", "name: A\n" + handoff("agent: A"), "name: B\n", []string{
			"agents/a.yaml:3:29: handoffTools[A].agent: hands over to the agent itself; remove the entry",
		}},
		{"itself by id", "name: A\nid: " + id1 + "\n" + handoff("childAgentId: "+strings.ToUpper(id1)), "name: B\n", []string{
			"agents/a.yaml:4:36: handoffTools[" + id1 + "].childAgentId: hands over to the agent itself; remove the entry",
		}},
		{"another by id", "name: A\nid: " + id1 + "\n" + handoff("childAgentId: "+id2), "name: B\nid: " + id2 + "\n", nil},
		{"one agent by name and by id", "name: A\n" + handoff("childAgentId: "+id2, "agent: B"), "name: B\nid: " + id2 + "\n", []string{
			"agents/a.yaml:4:29: handoffTools[B].agent: is the agent whose id stands in line 3; remove one of the two entries",
		}},
		{"one agent twice by name", "name: A\n" + handoff("agent: B", "agent: B"), "name: B\n", []string{
			"agents/a.yaml:4:29: handoffTools[B].agent: is the same as in the entry in line 3; remove one, or give it another agent",
		}},
		{"one agent twice by id", "name: A\n" + handoff("childAgentId: "+id2, "childAgentId: "+strings.ToUpper(id2)), "name: B\n", []string{
			"agents/a.yaml:4:36: handoffTools[" + id2 + "].childAgentId: is the same as in the entry in line 3; remove one, or give it another childAgentId",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Load(files("agents/a.yaml", c.a, "agents/b.yaml", c.b), "agents")
			if diff := cmp.Diff(c.want, lines(t, err)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAgentsOfOneNameAreSortedByPlace(t *testing.T) {
	set := mustLoad(t, files("agents/b.yaml", "name: A\nid: "+id1+"\n", "agents/a.yaml", "\n\nname: B\n---\nname: A\nid: "+id2+"\n"))
	var got []string
	for _, a := range set.Agents {
		got = append(got, a.Name+" "+a.Pos.String())
	}
	if diff := cmp.Diff([]string{"A agents/a.yaml:5:1", "A agents/b.yaml:1:1", "B agents/a.yaml:3:1"}, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}
