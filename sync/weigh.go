package sync

import "slices"

// weigh lays history beside a change: where each difference comes from, what
// must not be shown, and what is kept as somebody edited it on Wassist. It is
// false when nothing is left to do.
func (b *builder) weigh(x *match, c Change) (Change, bool) {
	var versions []comparison
	if l := b.past.of(x.written); l != nil {
		versions = b.compare(x, l)
		hide(c.Fields, b.refs.hidden[x.def.Pos])
		b.explain(x, c.Fields, versions)
	}
	if c.Action == Create {
		return c, true
	}
	c.Reason = b.updateReason(x, &c)
	switch b.options.OnDrift {
	case DriftKeep:
		b.keepDrift(x, &c)
	case DriftFail:
		b.refuseDrift(x, c.Fields)
	}
	return c, len(c.Fields) > 0
}

// updateReason says how the definition came to its agent.
func (b *builder) updateReason(x *match, c *Change) string {
	switch x.by {
	case matchedByID:
		return "pinned by id"
	case matchedByPreviousName, matchedByHistory:
		return x.renameReason()
	}
	if b.adopts(x, c) {
		return "matched by name; it is older than its definition, and is adopted now"
	}
	return "matched by name"
}

// adopts tells whether an agent comes under its definition with this change:
// it is older, and nothing of it is as any version of the definition says.
func (b *builder) adopts(x *match, c *Change) bool {
	l := b.past.of(x.written)
	at, ok := created(x.remote)
	if l == nil || !ok || !b.past.whole() {
		return false
	}
	for _, s := range l.Stays {
		if s.Since == nil || !at.Before(s.Since.Earliest) {
			return false
		}
	}
	return !slices.ContainsFunc(c.Fields, func(f Field) bool { return f.Cause != CauseUnknown })
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
