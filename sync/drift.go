package sync

import (
	"fmt"
	"slices"
	"strings"

	"wassist-sync/spec"
)

// drifted tells a difference that somebody made on Wassist.
func drifted(f Field) bool { return f.Cause == CauseWassist }

// refuseDrift is --on-drift fail.
func (b *builder) refuseDrift(x *match, fields []Field) {
	if paths := pathsOf(fields, drifted); len(paths) > 0 {
		b.plan.Refused = append(b.plan.Refused, Refusal{Rule: "drift", Agent: x.def.Name,
			Reason: fmt.Sprintf("edited on Wassist: %s, and --on-drift is fail. Take the edit over into %s, or let Git win once with --on-drift overwrite", strings.Join(paths, ", "), x.def.Pos)})
	}
}

// keepDrift is --on-drift keep: what was edited on Wassist is taken out of the
// change.
func (b *builder) keepDrift(x *match, c *Change) {
	b.leaveOut(x, c, Held{Reason: "edited on Wassist, and kept (--on-drift keep): %s"}, drifted)
}

// leaveOut takes differences out of a change, by making a definition that does
// not speak of them, and holds them. The reason of held is a format that takes
// their paths.
func (b *builder) leaveOut(x *match, c *Change, held Held, out func(Field) bool) {
	paths := pathsOf(c.Fields, out)
	if len(paths) == 0 {
		return
	}
	held.Action, held.Agent, held.ID = Update, x.def.Name, x.remote.ID
	held.Reason = fmt.Sprintf(held.Reason, strings.Join(paths, ", "))
	b.plan.Held = append(b.plan.Held, held)
	causes := map[string]Field{}
	for _, f := range c.Fields {
		causes[f.Path] = f
	}
	def := x.def
	for _, f := range c.Fields {
		if out(f) {
			def = silent(def, &f, x.remote, b.refs)
		}
	}
	again := func() {
		c.Fields = diffAgent(def, x.remote.Name, x.remote.Stored, b.refs)
		for i := range c.Fields {
			was := causes[c.Fields[i].Path]
			c.Fields[i].Cause, c.Fields[i].Commit = was.Cause, was.Commit
			if was.Cause == "" {
				c.Fields[i].Cause = CauseUnknown
			}
		}
	}
	// What cannot be left out by itself is left out with the field that it is in.
	for again(); slices.ContainsFunc(c.Fields, out); again() {
		at := slices.IndexFunc(c.Fields, out)
		def = withoutField(def, c.Fields[at].top)
	}
	c.definition, x.def = def, def
}

func pathsOf(fields []Field, which func(Field) bool) []string {
	var out []string
	for _, f := range fields {
		if which(f) {
			out = append(out, f.Path)
		}
	}
	return out
}

// silent copies a definition that no longer speaks of one difference.
func silent(def *spec.Agent, f *Field, remote *Agent, refs *references) *spec.Agent {
	out := *def
	if f.top == "name" {
		out.Name = remote.Name
		return &out
	}
	field := schemaField(f.top)
	if f.Path == f.top || field == nil {
		return withoutField(def, f.top)
	}
	fields := *def.Fields
	fields.Members = slices.Clone(fields.Members)
	for i, m := range fields.Members {
		if m.Key == f.top {
			fields.Members[i].Value = silentAt(field, m.Value, f.top, f, refs)
		}
	}
	out.Fields = &fields
	return &out
}

// silentAt copies a declared value without the place of a difference: without
// the key that declares it, or with an entry that says nothing but its key,
// which leaves the stored one as it is.
func silentAt(field *spec.Field, v *spec.Value, path string, f *Field, refs *references) *spec.Value {
	out := *v
	switch field.Type {
	case spec.TypeEntries:
		out.Items = slices.Clone(v.Items)
		if f.in == path {
			return withKey(field, &out, f, refs)
		}
		at, place := innermost(f.Path, len(out.Items), func(i int) string {
			_, label := refs.entryKey(field, out.Items[i])
			return path + "[" + label + "]"
		})
		if at >= 0 {
			out.Items[at] = silentMembers(field.Fields, out.Items[at], place, f, refs)
		}
	case spec.TypeObject:
		return silentMembers(field.Fields, v, path, f, refs)
	case spec.TypeMap:
		out.Members = slices.Clone(v.Members)
		if f.in == path {
			key := strings.TrimPrefix(f.Path, path+".")
			out.Members = append(out.Members, spec.MemberAt(key, v.Pos, &spec.Value{Kind: spec.Object, Pos: v.Pos}))
			return &out
		}
		at, place := innermost(f.Path, len(out.Members), func(i int) string { return path + "." + out.Members[i].Key })
		if at >= 0 {
			out.Members[at].Value = silentAt(field.Elem, out.Members[at].Value, place, f, refs)
		}
	}
	return &out
}

func silentMembers(fields []spec.Field, v *spec.Value, path string, f *Field, refs *references) *spec.Value {
	out := *v
	out.Members = nil
	for _, m := range v.Members {
		place := path + "." + m.Key
		sub := spec.Lookup(fields, m.Key)
		switch {
		case f.Path == place:
			continue
		case below(f.Path, place) && sub != nil && sub.Whole:
			continue // it is declared as a whole or not at all
		case below(f.Path, place) && sub != nil:
			m.Value = silentAt(sub, m.Value, place, f, refs)
		}
		out.Members = append(out.Members, m)
	}
	return &out
}

// innermost finds the longest of some places that a path lies below: keys may
// hold what paths are made of.
func innermost(path string, n int, placeOf func(int) string) (at int, place string) {
	at = -1
	for i := range n {
		if p := placeOf(i); below(path, p) && len(p) > len(place) {
			at, place = i, p
		}
	}
	return at, place
}

// withKey adds an entry that says nothing but the key of the stored one that a
// difference takes away. One with the key of another entry cannot be spoken of.
func withKey(field *spec.Field, list *spec.Value, f *Field, refs *references) *spec.Value {
	entry, ok := (*f.stored).(map[string]any)
	if !ok {
		return list
	}
	k := field.KeyField()
	text, _ := scalarText(entry[k.Name])
	key, _ := refs.storedKey(field, text)
	for _, declared := range list.Items {
		if other, _ := refs.entryKey(field, declared); other == key {
			return list
		}
	}
	list.Items = append(list.Items, &spec.Value{Kind: spec.Object, Pos: list.Pos, Members: []spec.Member{spec.MemberAt(k.Name, list.Pos, &spec.Value{Kind: spec.Text, Text: text, Pos: list.Pos})}})
	return list
}
