package sync_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"wassist-sync/sync"
	"wassist-sync/wassist/simulator"
)

// chronicle is a repository that goes on by random commits, some of which are
// applied, while people make agents by hand.
type chronicle struct {
	*saga
	t       *rapid.T
	repo    repo
	defined []defined
	labels  int
	// byHand are the agents that people made, as they are, by id: those whose
	// name no definition has borne since.
	byHand map[string]map[string]any
}

type defined struct{ label, name, told string }

func (d defined) text() string {
	return fmt.Sprintf("# %s\nname: %s\ndescription: %s", d.label, d.name, d.told)
}

func (c *chronicle) pick(what string, n int) int { return rapid.IntRange(0, n-1).Draw(c.t, what) }

// unused draws a name that no definition bears.
func (c *chronicle) unused() string {
	names := slices.DeleteFunc([]string{"A", "B", "C", "D", "E", "F"}, func(name string) bool {
		return slices.ContainsFunc(c.defined, func(d defined) bool { return d.name == name })
	})
	return rapid.SampledFrom(names).Draw(c.t, "name")
}

// commit makes one random change of the definitions.
func (c *chronicle) commit() {
	n := len(c.defined)
	c.defined = slices.Clone(c.defined)
	switch what := rapid.SampledFrom([]string{"add", "add", "remove", "rename", "rename", "exchange", "edit"}).Draw(c.t, "commit"); {
	case what == "add" && n < 4, n == 0:
		c.labels++
		c.defined = append(c.defined, defined{fmt.Sprint("d", c.labels), c.unused(), fmt.Sprint("first of ", c.labels)})
	case what == "remove" && n > 1:
		c.defined = slices.Delete(c.defined, 0, 1)
	case what == "rename":
		c.defined[c.pick("which", n)].name = c.unused()
	case what == "exchange" && n > 1:
		c.defined[0].name, c.defined[1].name = c.defined[1].name, c.defined[0].name
	default:
		c.defined[c.pick("which", n)].told = fmt.Sprint("edit ", len(c.repo.commits))
	}
	var texts []string
	for _, d := range c.defined {
		texts = append(texts, d.text())
		maps.DeleteFunc(c.byHand, func(_ string, a map[string]any) bool { return a["name"] == d.name })
	}
	c.repo.commits = append(c.repo.commits, commit{10 * (len(c.repo.commits) + 1), texts})
}

// people make an agent by hand, of a name that no agent bears, and no
// definition: what is made while one stands counts as its agent.
func (c *chronicle) people() {
	name := rapid.SampledFrom([]string{"A", "C", "E", "Foreign"}).Draw(c.t, "by hand")
	if slices.ContainsFunc(c.defined, func(d defined) bool { return d.name == name }) {
		return
	}
	for _, a := range c.server.Agents() {
		if a["name"] == name {
			return
		}
	}
	c.now = at(c.repo.commits[len(c.repo.commits)-1].at + 7)
	id := c.server.AddAgent(map[string]any{"name": name, "description": "by hand"})
	c.byHand[id] = c.server.Agent(id)
}

// apply applies the last commit, and checks what became of the agents.
func (c *chronicle) apply() (settled bool) {
	h := c.repo.open(c.t)
	o := c.options(h)
	p := c.accepted(c.t, h.set, o)
	if got := rules(p); slices.Contains(got, "ambiguous-name") || slices.Contains(got, "same-agent") {
		return false // a person has to say which agent is meant
	}
	before := map[string]bool{}
	for _, a := range c.server.Agents() {
		before[a["id"].(string)] = true
	}
	c.settle(c.t, h.set, o)
	named := map[string]string{}
	for _, d := range c.defined {
		agent := c.called(c.t, d.name)
		named[agent["id"].(string)] = d.name
		if agent["description"] != d.told {
			c.t.Errorf("%s says %q, and its definition %q", d.name, agent["description"], d.told)
		}
	}
	spoken := map[string]bool{} // what the plan says besides
	for _, held := range p.Held {
		spoken[held.ID] = true
	}
	for _, u := range p.Unmanaged {
		spoken[u.ID] = true
	}
	for _, a := range c.server.Agents() {
		id := a["id"].(string)
		if named[id] == "" && !spoken[id] {
			c.t.Errorf("%s (%s) is nobody's, and the plan does not speak of it", a["name"], id)
		}
	}
	for id, was := range c.byHand {
		if d := cmp.Diff(was, c.server.Agent(id)); d != "" {
			c.t.Errorf("an agent made by hand was touched (-before +after):\n%s", d)
		}
	}
	creates := p.Summary().Create
	for _, a := range c.server.Agents() {
		if !before[a["id"].(string)] {
			creates--
		}
	}
	if creates != 0 {
		c.t.Errorf("%d agents too few are new", creates)
	}
	return true
}

// Whatever people commit, apply, skip and make by hand: definitions have their
// agents, what is left over is spoken of, and what was made by hand stays.
func TestAnyHistory(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := &chronicle{saga: newSaga(t, simulator.Options{}), t: t, byHand: map[string]map[string]any{}}
		for range rapid.IntRange(2, 12).Draw(t, "commits") {
			c.commit()
			if rapid.Bool().Draw(t, "people") {
				c.people()
			}
			if rapid.IntRange(0, 2).Draw(t, "applied") > 0 && !c.apply() {
				return
			}
		}
	})
}

// A definition's agent goes with it and comes back as a new one; all that is
// written is what that needs.
func TestLeavingAndComingBack(t *testing.T) {
	t.Parallel()
	s := newSaga(t, simulator.Options{})
	foreign := s.server.AddAgent(map[string]any{"name": "Foreign", "createdAt": madeAt(1)})
	commits := []commit{{10, docs(keeper, "name: Desk\ndescription: d")}, {20, docs(keeper)}, {30, docs(keeper, "name: Desk\ndescription: d")}, {40, docs(keeper)}}
	want := [][]string{{"create Desk", "create Keeper"}, {"delete Desk"}, {"create Desk"}, {"delete Desk"}}
	for i := range commits {
		r := repo{commits: commits[:i+1]}
		_, p := s.next(t, r)
		if d := cmp.Diff(want[i], actions(p)); d != "" {
			t.Errorf("commit %d: changes (-want +got):\n%s", i+1, d)
		}
		if d := cmp.Diff([]sync.Unmanaged{{Agent: "Foreign", ID: foreign}}, p.Unmanaged); d != "" {
			t.Errorf("commit %d: unmanaged (-want +got):\n%s", i+1, d)
		}
		s.settles(t, r)
	}
	if got := len(s.server.Agents()); got != 2 {
		t.Errorf("%d agents are left, want 2", got)
	}
}
