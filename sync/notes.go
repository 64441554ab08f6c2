package sync

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"wassist-sync/spec"
)

// notes says what history could not tell, and what it may have got wrong.
func (b *builder) notes() {
	p := b.plan
	p.Notes = append(p.Notes, b.options.Notes...)
	p.Notes = append(p.Notes, b.notesOfExcluded()...)
	switch p.Source.History {
	case HistoryShallow:
		p.Notes = append(p.Notes, "the history of this clone is cut off: nothing is deleted, and a rename may look like a new definition. Fetch all of it to change that (fetch-depth: 0 in a workflow, or git fetch --unshallow)")
	case HistoryNone:
		if len(b.strays) > 0 && b.options.Prune != PruneAll && b.options.Prune != PruneNone {
			p.Notes = append(p.Notes, fmt.Sprintf("%s has no Git history to tell which agents were ever defined here: nothing is deleted, and a definition with a new name is a new agent", p.Source.Path))
		}
	}
	if b.past != nil {
		p.Notes = append(p.Notes, b.past.history.Notes()...)
		p.Notes = append(p.Notes, b.perhapsRenames()...)
	}
}

// perhapsRenames shows how to say "rename" where history does not: one commit
// removed a definition and added another that is not like it, or an agent bears
// an earlier name of a new one's definition and says what that one said, but came
// too late to be its own: an earlier commit was applied after the rename was made.
func (b *builder) perhapsRenames() []string {
	var out []string
	for i := range b.plan.Changes {
		made := &b.plan.Changes[i]
		def := b.writtenAt(made)
		// previousNames: [] says that it is none.
		if made.Action != Create || (def.PreviousNames != nil && len(def.PreviousNames) == 0) {
			continue
		}
		came := b.past.of(def)
		if came == nil {
			continue
		}
		for _, a := range b.strays {
			if v := came.gaveUp(a); v != nil && b.showsIt(a, came) {
				out = append(out, fmt.Sprintf("%s (%s) is left alone: %s bore that name until %s, and the agent was not surely made before, but it says what that definition said. If it was made while that commit waited to be applied, write previousNames: [%s] in %s to rename it", a.Name, a.ID, made.Agent, v.Until.short(), quoteName(a.Name), made.Pos))
			}
		}
		if came.Stays[0].Since == nil {
			continue
		}
		for j := range b.plan.Changes {
			gone := &b.plan.Changes[j]
			if gone.Action != Delete {
				continue
			}
			for _, l := range b.past.related(&gone.remote) {
				if left := l.Left(); left != nil && left.Hash == came.Stays[0].Since.Hash {
					out = append(out, fmt.Sprintf("%s removed %s and added %s. If that was a rename, write previousNames: [%s] in %s", left.short(), gone.Agent, made.Agent, quoteName(gone.Agent), made.Pos))
					break
				}
			}
		}
	}
	return out
}

// gaveUp is the version by which the definition last bore the name of an agent
// that it does not lead to for having given that name up too early; nil if there
// is none.
func (l *Lineage) gaveUp(a *Agent) *Version {
	if l.borne(a) != nil {
		return nil
	}
	for _, v := range l.Versions {
		if v.ID == "" && v.Until != nil && normalize(v.Name) == normalize(a.Name) {
			return v
		}
	}
	return nil
}

// writtenAt is the definition of a change as it stands in its file.
func (b *builder) writtenAt(c *Change) *spec.Agent {
	for _, x := range b.matching.matches {
		if x.def == c.definition {
			return x.written
		}
	}
	return c.definition
}

var plainName = regexp.MustCompile(`^[A-Z][a-z]+( [A-Za-z]+)*$`)

// quoteName writes a name as YAML reads it back.
func quoteName(name string) string {
	switch strings.ToLower(name) {
	case "null", "true", "false", "yes", "no", "on", "off":
	default:
		if plainName.MatchString(name) {
			return name
		}
	}
	quoted, err := json.Marshal(name)
	if err != nil {
		return name
	}
	return string(quoted)
}
