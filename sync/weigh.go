package sync

import (
	"fmt"
	"slices"
	"time"
)

// weigh lays history beside a change: where each difference comes from, what
// must not be shown, and what is kept as somebody edited it on Wassist. It is
// false when nothing is left to do.
func (b *builder) weigh(x *match, c Change) (Change, bool) {
	var versions []comparison
	if l := b.past.of(x.written); l != nil {
		versions = b.compare(x, l)
	}
	b.hideRelated(x)
	b.hideInherited(x, c.Fields, versions)
	hide(c.Fields, b.refs.hidden[x.def.Pos])
	b.explain(x, c.Fields, versions)
	if c.Action == Create {
		return c, true
	}
	c.Reason = b.updateReason(x, versions)
	if b.adopted(x, versions) {
		// Nothing of the definition was ever there for somebody to edit.
		for i := range c.Fields {
			if drifted(c.Fields[i]) {
				c.Fields[i].Cause = CauseUnknown
			}
		}
	}
	b.holdContested(x, &c)
	b.plan.Drifted += len(pathsOf(c.Fields, drifted))
	switch b.options.OnDrift {
	case DriftKeep:
		b.keepDrift(x, &c)
	case DriftFail:
		b.refuseDrift(x, c.Fields)
	}
	return c, len(c.Fields) > 0
}

// updateReason says how the definition came to its agent.
func (b *builder) updateReason(x *match, versions []comparison) string {
	switch x.by {
	case matchedByID:
		return "pinned by id"
	case matchedByPreviousName, matchedByHistory:
		return x.renameReason()
	}
	if b.adopted(x, versions) {
		return "matched by name; it is older than its definition, and is adopted now"
	}
	return "matched by name"
}

// adopted tells whether an update takes an agent over that was made by hand.
func (b *builder) adopted(x *match, versions []comparison) bool {
	return x.by == matchedByName && b.adopts(x, versions)
}

// appliedOnce tells whether something that a version says stands in the agent.
func appliedOnce(versions []comparison) bool {
	for _, c := range versions {
		for path, place := range c.seen {
			if place.equal && place.says && path != "name" {
				return true
			}
		}
	}
	return false
}

// adopts tells whether an agent that was matched by name comes under its
// definition with this change: it was there before the definition bore the name,
// this is the first version to bear it, and no version says anything that stands
// in the agent.
func (b *builder) adopts(x *match, versions []comparison) bool {
	at, ok := created(x.remote)
	if !ok || !b.past.whole() {
		return false
	}
	if l := b.past.of(x.written); l != nil {
		v := l.Current
		if l.stood(x.remote) || (v != nil && v.Name == x.def.Name && !v.firstOfItsName(l, at)) {
			return false
		}
	}
	return !appliedOnce(versions)
}

// firstOfItsName tells whether the version before bore another name, or there
// is none, and the version came in after a time.
func (v *Version) firstOfItsName(l *Lineage, after time.Time) bool {
	if v.Since == nil || !after.Before(v.Since.Earliest) {
		return false
	}
	i := slices.Index(l.Versions, v) + 1
	return i == len(l.Versions) || l.Versions[i].Name != v.Name || l.Versions[i].Until == nil || l.Versions[i].Until.Hash != v.Since.Hash
}

// withheld are the definitions that are not applied, and why: what they stand for
// is listed as unmanaged, or they hand over to an agent that does not come into
// being for that reason, or because its definition is left out.
func (b *builder) withheld() map[*match]string {
	out := map[*match]string{}
	missing := map[string]string{} // agents that do not come into being, and why
	miss := func(x *match, why string) {
		if missing[x.def.Name] == "" && x.remote == nil {
			missing[x.def.Name] = why
		}
	}
	const held = "whose creation is held"
	for _, x := range b.matching.matches {
		switch {
		case x.def.Excluded && b.options.offline: // whether it is there is not known
		case x.def.Excluded:
			miss(x, "which is left out (exclude:) and not on Wassist")
		case b.listed(x):
			out[x] = "unmanaged: in the settings lists it. Take it off that list to go on"
			miss(x, held)
		}
	}
	for again := true; again; {
		again = false
		for _, x := range b.matching.matches {
			list := x.def.Fields.Get("handoffTools")
			if list == nil || out[x] != "" {
				continue
			}
			for _, entry := range list.Items {
				if child := entry.Get("agent"); child != nil && missing[child.Text] != "" {
					out[x] = fmt.Sprintf("it hands over to %s, %s", child.Text, missing[child.Text])
					miss(x, held)
					again = true
					break
				}
			}
		}
	}
	return out
}

// listed tells whether a definition stands for an agent that is listed as unmanaged.
func (b *builder) listed(x *match) bool {
	if x.remote != nil {
		return b.untouchable(x.remote)
	}
	return b.untouchable(&Agent{Name: x.def.Name})
}

// hold leaves a definition's agent as it is.
func (b *builder) hold(x *match, reason string) {
	h := Held{Action: Create, Agent: x.def.Name, Reason: reason}
	if x.remote != nil {
		h.Action, h.ID = Update, x.remote.ID
	}
	b.plan.Held = append(b.plan.Held, h)
}
