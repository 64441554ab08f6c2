package spec

import (
	"fmt"
	"slices"
	"strings"
)

// crossCheck checks what only the whole set can tell: names, ids, numbers and
// handoffs. hidden is what could not be read.
func crossCheck(documents []*document, hidden unread) *collector {
	documents = slices.Clone(documents)
	slices.SortStableFunc(documents, func(a, b *document) int { return comparePositions(a.agent.Pos, b.agent.Pos) })
	c := &crossChecker{byName: map[string][]*document{}, hidden: hidden}
	for _, d := range documents {
		if !d.named {
			continue
		}
		if c.byName[d.agent.Name] == nil {
			c.names = append(c.names, d.agent.Name)
		}
		c.byName[d.agent.Name] = append(c.byName[d.agent.Name], d)
	}
	c.uniqueNames()
	c.uniqueIDs(documents)
	c.uniqueNumbers(documents)
	for _, d := range documents {
		c.handoffs(d)
	}
	return &c.collector
}

type crossChecker struct {
	collector
	names  []string // in order of position
	byName map[string][]*document
	hidden unread
}

// unread is what of a set could not be read. A name that stands in it may be
// that of a definition.
type unread struct {
	all   bool // a file or folder could not be opened: it may hold any name
	texts []string
}

func (u *unread) add(text string) { u.texts = append(u.texts, text) }

// mayHold looks for the name on a line that has a name: key.
func (u *unread) mayHold(name string) bool {
	for _, text := range u.texts {
		for line := range strings.Lines(text) {
			if _, value, ok := strings.Cut(line, "name"); ok && strings.Contains(value, name) {
				return true
			}
		}
	}
	return u.all
}

func (c *crossChecker) uniqueNames() {
	for _, name := range c.names {
		group := c.byName[name]
		if !slices.ContainsFunc(group, func(d *document) bool { return !d.pinned }) {
			continue
		}
		for _, d := range group[1:] {
			c.addf(d.agent.NamePos, "name", "rename one, or pin each with its id", "%s is defined twice, first at %s", quote(name), group[0].agent.NamePos)
		}
	}
}

func (c *crossChecker) uniqueIDs(documents []*document) {
	first := map[string]*document{}
	for _, d := range documents {
		if d.agent.ID == "" {
			continue
		}
		if other := first[d.agent.ID]; other != nil {
			c.addf(d.idPos, "id", "keep it in one of them", "%s is pinned twice, first at %s", d.agent.ID, other.idPos)
			continue
		}
		first[d.agent.ID] = d
	}
}

func (c *crossChecker) uniqueNumbers(documents []*document) {
	first := map[string]Position{}
	for _, d := range documents {
		for _, n := range d.agent.Deploy {
			if other, twice := first[n.Number]; twice {
				c.addf(n.Pos, fmt.Sprintf("deploy[%s].number", n.Number), "keep it in one of them: a number has one agent", "is deployed twice, first at %s", other)
				continue
			}
			first[n.Number] = n.Pos
		}
	}
}

// handoffs checks the agents that one definition hands over to.
func (c *crossChecker) handoffs(d *document) {
	field := Lookup(AgentFields, "handoffTools")
	list := d.agent.Fields.Get("handoffTools")
	if list == nil {
		return
	}
	lines := map[string]int{} // by id, of entries that name an agent by id
	for _, item := range list.Items {
		if id := item.Get("childAgentId"); known(id) && id.Kind == Text {
			lines[id.Text] = id.Pos.Line
		}
	}
	for i, item := range list.Items {
		path := entryPath("handoffTools", entryLabel(field, item), i)
		if id := item.Get("childAgentId"); known(id) && id.Kind == Text && id.Text == d.agent.ID && id.Text != "" {
			c.addf(id.Pos, join(path, "childAgentId"), "remove the entry", "hands over to the agent itself")
		}
		name := item.Get("agent")
		if !known(name) || name.Kind != Text || name.Text == "" {
			continue
		}
		here := join(path, "agent")
		switch group := c.byName[name.Text]; {
		case len(group) > 1:
			c.addf(name.Pos, here, "write childAgentId and the id of the one that is meant", "%s is the name of %d definitions", quote(name.Text), len(group))
		case len(group) == 1 && group[0] == d:
			c.addf(name.Pos, here, "remove the entry", "hands over to the agent itself")
		case len(group) == 1 && group[0].agent.ID != "" && lines[group[0].agent.ID] > 0:
			c.addf(name.Pos, here, "remove one of the two entries", "is the agent whose id stands in line %d", lines[group[0].agent.ID])
		case len(group) == 0 && !c.hidden.mayHold(name.Text):
			remedy := "define it, or write childAgentId for an agent that Git does not manage"
			if c.full() {
				remedy = ""
			} else if n := nearest(name.Text, c.names); n != "" {
				remedy = "did you mean " + quote(n) + "? Otherwise " + remedy
			}
			c.addf(name.Pos, here, remedy, "no definition is called %s", quote(name.Text))
		}
	}
}
