package sync

import (
	"reflect"
	"slices"
)

// comparison is one version of a definition beside what is stored.
type comparison struct {
	version *Version
	seen    map[string]seen  // each place that it declares
	fields  map[string]Field // those that are not stored as declared, as they would be shown
}

// compare lays the versions of a definition beside an agent. What an earlier
// version took from the environment becomes hidden.
func (b *builder) compare(x *match, l *Lineage) []comparison {
	var out []comparison
	refs := b.pastReferences()
	for _, v := range l.Versions {
		def, err := v.Definition()
		if err != nil {
			continue
		}
		b.refs.hide(x.def.Pos, hiddenPlaces(def, refs))
		if x.remote == nil {
			continue
		}
		c := comparison{version: v, seen: map[string]seen{}, fields: map[string]Field{}}
		for _, f := range (&differ{refs: refs, seen: c.seen}).agent(def, x.remote.Name, x.remote.Stored) {
			c.fields[f.Path] = f
		}
		out = append(out, c)
	}
	return out
}

// hideRelated also hides what other definitions that led to the agent took from
// the environment: their secrets may still be stored there.
func (b *builder) hideRelated(x *match) {
	if b.past == nil || x.remote == nil {
		return
	}
	lineages := b.past.related(x.remote)
	for _, name := range append([]string{x.remote.Name}, x.def.PreviousNames...) {
		lineages = append(lineages, b.past.byName[normalize(name)]...)
	}
	own := b.past.of(x.written)
	for _, l := range lineages {
		if l == own {
			continue
		}
		for _, v := range l.Versions {
			if def, err := v.Definition(); err == nil {
				b.refs.hide(x.def.Pos, hiddenPlaces(def, b.pastReferences()))
			}
		}
	}
}

// hideInherited hides what other definitions took from the environment where
// an agent is not surely its definition's from the start: it may have been led
// by any of them under a name that nothing tells any more. What the definition
// itself has put there is known.
func (b *builder) hideInherited(x *match, fields []Field, versions []comparison) {
	if b.past == nil || x.remote == nil {
		return
	}
	own := b.past.of(x.written)
	if own != nil && own.stood(x.remote) && !own.pinned(x.remote) {
		return
	}
	unexplained := slices.DeleteFunc(slices.Clone(fields), func(f Field) bool {
		return f.Before == nil || slices.ContainsFunc(versions, func(c comparison) bool { return c.holds(&f) })
	})
	if len(unexplained) == 0 {
		return
	}
	for _, l := range b.past.history.Lineages() {
		for _, v := range l.Versions {
			if l == own || v.Plain {
				continue
			}
			def, err := v.Definition()
			if err != nil {
				continue
			}
			b.refs.hide(x.def.Pos, slices.DeleteFunc(hiddenPlaces(def, b.pastReferences()), func(h hiddenPlace) bool {
				return !slices.ContainsFunc(unexplained, h.meets)
			}))
		}
	}
}

// explain gives each difference its cause.
func (b *builder) explain(x *match, fields []Field, versions []comparison) {
	for i := range fields {
		fields[i].Cause, fields[i].Commit = b.cause(x, &fields[i], versions)
	}
}

func (b *builder) cause(x *match, f *Field, versions []comparison) (Cause, string) {
	// A rename that previousNames asks for is nobody's edit.
	asked := f.top == "name" && x.by == matchedByPreviousName
	if f.Sensitive || x.remote == nil || asked {
		return CauseUnknown, ""
	}
	for i, c := range versions {
		if c.holds(f) {
			// The commit that brought the value, not one that changed another line.
			for i+1 < len(versions) && versions[i+1].holds(f) {
				i++
			}
			if since := versions[i].version.Since; since != nil {
				return CauseGit, since.Hash
			}
			return CauseGit, ""
		}
	}
	before, secret := false, false
	for _, c := range versions {
		before = before || c.declaredBefore(x, f)
		secret = secret || c.differsInSecrets(f, b.refs.hidden[x.def.Pos])
	}
	if before && !secret && !isEmpty(f.Before) && b.past.whole() {
		return CauseWassist, ""
	}
	return CauseUnknown, ""
}

// differsInSecrets tells whether only secrets keep a place from being as the
// version declares it: one that was changed in the environment is nobody's edit.
func (c *comparison) differsInSecrets(f *Field, hidden []hiddenPlace) bool {
	found := false
	for path, other := range c.fields {
		if path != f.Path && !below(path, f.Path) {
			continue
		}
		if !other.Sensitive && !isHidden(path, hidden) {
			return false
		}
		found = true
	}
	return found
}

// holds tells whether the version declares a place, and what is stored there is
// what it declares.
func (c *comparison) holds(f *Field) bool {
	if place, declared := c.seen[f.Path]; declared {
		return place.equal
	}
	return f.in != "" && c.seen[f.in].whole && f.Before == nil && *f.stored == nil
}

// declaredBefore tells whether the version declared a place before the planned
// definition did: an earlier version, one that the work tree has changed since,
// or the planned one itself if the agent was made after it came in.
func (c *comparison) declaredBefore(x *match, f *Field) bool {
	if _, declared := c.seen[f.Path]; !declared {
		return false
	}
	v := c.version
	at, ok := created(x.remote)
	if v.Until != nil || v.Later {
		// One that was replaced before the agent was made was never applied to it.
		return v.Until == nil || !ok || at.Before(v.Until.Earliest)
	}
	if then, differs := c.fields[f.Path]; !differs || then.removed != f.removed || !reflect.DeepEqual(then.After, f.After) {
		return true
	}
	return ok && v.Since != nil && !v.Since.Latest.IsZero() && !at.Before(v.Since.Latest)
}
