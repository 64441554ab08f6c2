package sync

import (
	"fmt"
	"slices"
	"strings"
)

// renames is the rest of the third step: names that history knows, for
// definitions that neither id, nor name, nor previousNames led to an agent.
// untouchable agents are left out.
func (m *matching) renames(p *past, agents []Agent, untouchable func(*Agent) bool) {
	strays := slices.DeleteFunc(m.unclaimed(agents), untouchable)
	type claim struct {
		x *match
		a *Agent
		v *Version
	}
	var claims []claim
	for _, x := range m.matches {
		// previousNames: [] says that it is no rename.
		if x.remote != nil || x.refused || x.def.ID != "" || (x.def.PreviousNames != nil && len(x.def.PreviousNames) == 0) {
			continue
		}
		l := p.of(x.written)
		if l == nil {
			continue
		}
		var found []claim
		for _, a := range strays {
			if v := l.borne(a); v != nil {
				found = append(found, claim{x, a, l.firstLater(v)})
			}
		}
		switch len(found) {
		case 0:
		case 1:
			claims = append(claims, found[0])
		default:
			var several []*Agent
			for _, c := range found {
				several = append(several, c.a)
			}
			m.dispute(several)
			m.refuse(x, "ambiguous-name", fmt.Sprintf("%d agents on Wassist bear a name that %q (%s) bore earlier: %s. Pin the right one with id: and its id, or write previousNames: [] if it is a new agent.", len(found), x.def.Name, x.def.Pos, ids(several)))
		}
	}
	for _, c := range claims {
		if m.disputed[strings.ToLower(c.a.ID)] {
			m.refuse(c.x, "ambiguous-name", fmt.Sprintf("%s: agent %s (%q on Wassist) bears a name that %q bore earlier, and another definition bore it too. Pin the right one with id: and its id, or write previousNames: [] if it is a new agent.", c.x.def.Pos, c.a.ID, c.a.Name, c.x.def.Name))
			continue
		}
		m.claim(c.x, c.a, matchedByHistory, c.a.Name)
		c.x.version = c.v
	}
}

// firstLater is the version that brought the name which a later one bears:
// others that follow it changed something else. Any other version is itself.
func (l *Lineage) firstLater(v *Version) *Version {
	for _, older := range l.Versions[slices.Index(l.Versions, v)+1:] {
		if !v.Later || !older.Later || older.Name != v.Name {
			break
		}
		v = older
	}
	return v
}

// renameReason says why an agent of another name is taken for a definition's.
func (x *match) renameReason() string {
	v := x.version
	switch {
	case v == nil:
		return fmt.Sprintf("taken for a rename of %s (previousNames)", x.oldName)
	case v.Later && v.Since != nil:
		return fmt.Sprintf("taken for a rename of %s, as it is called from %s on, which comes later", x.oldName, v.Since.short())
	case v.Until != nil && v.Until.called != "":
		return fmt.Sprintf("taken for a rename of %s, with %s", x.oldName, v.Until.called)
	case v.Until == nil:
		return fmt.Sprintf("taken for a rename of %s, not committed yet", x.oldName)
	}
	return fmt.Sprintf("taken for a rename of %s, %s", x.oldName, v.Until.short())
}
