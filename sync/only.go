package sync

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"wassist-sync/spec"
)

// OnlyError is a name or glob of --only that selects nothing.
type OnlyError struct {
	Selector string
	Nearest  string // the name that was probably meant; empty when none is near
}

// Error names the nearest name, if there is one.
func (e *OnlyError) Error() string {
	hint := "give the name of a definition, or of an agent that the plan is about"
	if e.Nearest != "" {
		hint = fmt.Sprintf("did you mean %q?", e.Nearest)
	}
	return fmt.Sprintf("--only %q selects nothing; %s", e.Selector, hint)
}

// ParseOnly reads the values of --only: names or globs, one a line, so that a
// variable can hold several.
func ParseOnly(values []string) ([]spec.Selector, error) {
	var out []spec.Selector
	for _, value := range values {
		for text := range strings.Lines(value) {
			if text = strings.TrimSpace(text); text == "" {
				continue
			}
			s, err := spec.ParseSelector(text)
			if err != nil {
				return nil, fmt.Errorf("--only: %w", err)
			}
			out = append(out, s)
		}
	}
	if len(values) > 0 && out == nil {
		return nil, fmt.Errorf("--only: the name is empty; write an agent's name, or a glob such as Order*")
	}
	return out, nil
}

// selected tells whether --only stands for an agent; without --only all are.
func (b *builder) selected(name string) bool {
	return b.options.Only == nil || slices.ContainsFunc(b.options.Only, func(s spec.Selector) bool { return s.Matches(name) })
}

// checkOnly finds a selector that stands for no definition, and for no agent
// without one that the plan would change or holds.
func (b *builder) checkOnly() error {
	var known []string
	for _, def := range b.set.Agents {
		known = append(known, def.Name)
	}
	for i := range b.plan.Changes {
		known = append(known, b.plan.Changes[i].Agent)
	}
	for _, h := range b.plan.Held {
		known = append(known, h.Agent)
	}
	for _, s := range b.options.Only {
		if slices.ContainsFunc(known, s.Matches) {
			continue
		}
		return &OnlyError{Selector: s.String(), Nearest: cmp.Or(b.calledNow(s), spec.Nearest(s.String(), known))}
	}
	return nil
}

// calledNow is the definition's name of an agent that a selector names as it is
// called on Wassist: the plan renames it.
func (b *builder) calledNow(s spec.Selector) string {
	for _, x := range b.matching.matches {
		if x.remote != nil && s.Matches(x.remote.Name) {
			return x.def.Name
		}
	}
	return ""
}

// chosen are the changes that --only selects.
func (b *builder) chosen(all []Change) []Change {
	return slices.DeleteFunc(slices.Clone(all), func(c Change) bool { return !b.selected(c.Agent) })
}

// leaveRest holds the changes that --only does not select, and refuses those
// that cannot be made without them. Every guard has seen the whole plan by then.
func (b *builder) leaveRest() []Refusal {
	p := b.plan
	all := p.Changes
	p.Changes = nil
	var out []Refusal
	for i := range all {
		c := &all[i]
		if b.selected(c.Agent) {
			p.Changes = append(p.Changes, *c)
			out = append(out, b.refuseNeeds(c, all)...)
			continue
		}
		reason := "--only leaves it out"
		if c.Number != "" {
			reason = c.Number + ": " + reason
		}
		p.Held = append(p.Held, Held{Action: c.Action, Agent: c.Agent, ID: c.ID, Reason: reason, LeftOut: true})
	}
	return out
}

// need is a change that another one cannot be made without.
type need struct {
	change *Change
	why    string // how it follows the other change's agent in a sentence
}

// refuseNeeds refuses a selected change that needs one that is not selected, and
// names all that would have to be selected too.
func (b *builder) refuseNeeds(c *Change, all []Change) []Refusal {
	var missing []need
	for _, n := range b.needs(c, all) {
		if !b.selected(n.change.Agent) {
			missing = append(missing, n)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	first := missing[0]
	var add []string
	for _, name := range b.alsoNeeded(missing, all) {
		add = append(add, "--only "+quoteWord(name))
	}
	return []Refusal{{Rule: "only", Agent: c.Agent, Reason: fmt.Sprintf(
		"%s %s needs what --only leaves out, %s %s: %s. Add %s, or leave %s out too",
		c.Action, subject(c), first.change.Action, subject(first.change), first.why, strings.Join(add, " "), c.Agent)}}
}

// alsoNeeded follows needs to their end, and gives the names that are not selected.
func (b *builder) alsoNeeded(missing []need, all []Change) []string {
	var names []string
	for todo := missing; len(todo) > 0; todo = todo[1:] {
		c := todo[0].change
		if b.selected(c.Agent) || slices.Contains(names, c.Agent) {
			continue
		}
		names = append(names, c.Agent)
		for i := range all {
			if all[i].Agent == c.Agent {
				todo = append(todo, b.needs(&all[i], all)...)
			}
		}
	}
	return names
}

// needs lists the changes of other agents that a change cannot be made without.
func (b *builder) needs(c *Change, all []Change) []need {
	var out []need
	children := b.unborn(c)
	numbers := map[string]bool{}
	if c.Action == Delete {
		for _, n := range b.plan.directory.of(c.ID) {
			numbers[n.Number] = true
		}
	}
	for i := range all {
		o := &all[i]
		why := ""
		switch {
		case o.Agent == c.Agent:
		case o.Action == Create && children[o.Agent]:
			why = "it hands over to that agent"
		case givesUp(o, nameTaken(c)):
			why = "that agent still bears the name"
		case c.Action == Delete && numbers[o.Number]:
			why = "its number must move away first"
		case c.Action == Delete && dropsHandoff(o, c.ID):
			why = "that agent still hands over to it"
		}
		if why != "" {
			out = append(out, need{o, why})
		}
	}
	return out
}

// unborn are the agents that a change hands over to and that do not exist yet.
func (b *builder) unborn(c *Change) map[string]bool {
	out := map[string]bool{}
	if c.Action != Create && c.Action != Update {
		return out
	}
	if list := c.definition.Fields.Get("handoffTools"); list != nil {
		for _, entry := range list.Items {
			if child := entry.Get("agent"); child != nil && b.refs.agents[child.Text] == "" {
				out[child.Text] = true
			}
		}
	}
	return out
}

// nameTaken is the name that an agent has by this change only; empty for none.
func nameTaken(c *Change) string {
	if c.Action == Create || c.Action == Update && renames(c) {
		return normalize(c.Agent)
	}
	return ""
}

func renames(c *Change) bool {
	return slices.ContainsFunc(c.Fields, func(f Field) bool { return f.top == "name" })
}

// givesUp tells whether a change takes a name away from the agent that bears it:
// two agents of one name could not be told apart by the next plan.
func givesUp(c *Change, name string) bool {
	return name != "" && (c.Action == Delete || c.Action == Update && renames(c)) && normalize(c.remote.Name) == name
}

// dropsHandoff tells whether an agent hands over to another one until this change.
func dropsHandoff(c *Change, id string) bool {
	if c.Action == Delete {
		return handsOffTo(&c.remote, id)
	}
	changes := func(f Field) bool { return f.top == "handoffTools" }
	return c.Action == Update && handsOffTo(&c.remote, id) && slices.ContainsFunc(c.Fields, changes)
}

// quoteWord quotes a name for a shell, if it needs that.
func quoteWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./", r)
	}
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
