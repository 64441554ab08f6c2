package sync

import (
	"cmp"
	"fmt"
	"slices"

	"wassist-sync/spec"
)

// differ collects the differences between one definition and one stored agent.
// It walks the declared values along the schema: what is not declared is never
// looked at, so it can neither be compared nor written.
type differ struct {
	refs   *references
	fields []Field
	top    string
	// standard is what the API assumes where the field at hand is left out.
	standard any
	// seen takes down each declared place; nil when nobody asks.
	seen map[string]seen
}

// seen is what a comparison found at a declared place.
type seen struct {
	equal bool // stored as declared
	says  bool // a text or a list of texts that is not empty
	whole bool // a list of entries or a map: what is not in it is declared not to be there
}

// diffAgent compares a definition with a stored agent. The order of the result
// is the schema's, and within a list the natural keys', whatever order either
// side has them in.
func diffAgent(def *spec.Agent, name string, stored Document, refs *references) []Field {
	d := differ{refs: refs}
	fields := d.agent(def, name, stored)
	hide(fields, refs.hidden[def.Pos])
	return fields
}

func (d *differ) agent(def *spec.Agent, name string, stored Document) []Field {
	d.top = "name"
	d.saw("name", normalize(def.Name) == normalize(name))
	if normalize(def.Name) != normalize(name) {
		var before any
		if name != "" {
			before = name
		}
		d.add("name", before, def.Name, name)
	}
	for i := range spec.AgentFields {
		f := &spec.AgentFields[i]
		if declared := def.Fields.Get(f.Name); declared != nil {
			d.top = f.Name
			var value any
			if stored != nil {
				value = stored.Field(f.Name)
			}
			d.field(f.Name, f, declared, value)
		}
	}
	return d.fields
}

// saw takes down that a place is declared.
func (d *differ) saw(path string, equal bool) {
	if d.seen != nil {
		d.seen[path] = seen{equal: equal}
	}
}

// sawWhole takes down that a list of entries or a map is declared.
func (d *differ) sawWhole(path string, equal bool) {
	if d.seen != nil {
		d.seen[path] = seen{equal: equal, whole: true}
	}
}

func (d *differ) add(path string, before, after, stored any) {
	path = d.refs.concealText(path)
	before, after = d.refs.conceal(before), d.refs.conceal(after)
	if text, ok := before.(string); ok && text == after {
		d.addSensitive(path, stored) // only the hidden part differs
		return
	}
	d.fields = append(d.fields, Field{Path: path, Before: before, After: after, Unread: isUnread(stored), Cause: CauseUnknown, top: d.top, stored: &stored, standard: d.standard})
}

func (d *differ) addSensitive(path string, stored any) {
	d.fields = append(d.fields, Field{Path: path, Sensitive: true, Unread: isUnread(stored), Cause: CauseUnknown, top: d.top, stored: &stored, standard: d.standard})
}

// change adds a difference of one value, declared nil meaning "cleared".
func (d *differ) change(path string, f *spec.Field, declared *spec.Value, stored any) {
	if f.Sensitive || (declared != nil && (declared.Sensitive || hasSensitiveText(declared))) {
		d.addSensitive(path, stored)
		return
	}
	d.standard = f.Default
	defer func() { d.standard = nil }()
	before, after := printStored(f, stored), printDeclared(f, declared)
	if text, ok := before.(string); ok && isEmpty(text) {
		before = nil
	}
	if f.URL && before != nil && before == after {
		// Only the parts that may be secret differ.
		d.addSensitive(path, stored)
		return
	}
	d.add(path, before, after, stored)
}

func (d *differ) field(path string, f *spec.Field, declared *spec.Value, stored any) {
	if d.assumed(path, f, declared, stored) {
		return
	}
	switch f.Type {
	case spec.TypeEntries:
		d.entries(path, f, declared, stored)
	case spec.TypeObject:
		d.object(path, f, declared, stored)
	case spec.TypeMap:
		d.mapping(path, f, declared, stored)
	default:
		equal := equalLeaf(f, declared, stored)
		if d.seen != nil {
			d.seen[path] = seen{equal: equal, says: saysSomething(declared)}
		}
		if !equal {
			d.change(path, f, declared, stored)
		}
	}
}

// equalLeaf compares a declared value that is no object and no keyed list.
func equalLeaf(f *spec.Field, declared *spec.Value, stored any) bool {
	if declared.Kind == spec.Null {
		return isEmpty(stored)
	}
	switch declared.Kind {
	case spec.Bool:
		if stored == nil {
			stored = f.Default
		}
		if value, ok := stored.(bool); ok {
			return value == declared.Bool
		}
		text, ok := scalarText(stored)
		return ok && f.Type == spec.TypeScalar && text == map[bool]string{true: "true", false: "false"}[declared.Bool]
	case spec.Number:
		if stored == nil {
			stored = f.Default
		}
		return stored != nil && equalNumber(declared.Text, stored)
	case spec.List:
		list, ok := texts(stored)
		return ok && equalTexts(declaredTexts(declared), list, f.Unordered)
	}
	if f.Type == spec.TypeScalar {
		text, ok := scalarText(stored)
		return ok && normalize(text) == normalize(declared.Text)
	}
	if stored == nil && f.Default != nil {
		stored = f.Default
	}
	return equalText(declared.Text, stored)
}

// hasSensitiveText tells whether a list of texts holds a sensitive one. Which of
// the stored texts is its old value cannot be told, so that none is shown.
func hasSensitiveText(v *spec.Value) bool {
	return slices.ContainsFunc(v.Items, func(item *spec.Value) bool { return item.Sensitive })
}

func declaredTexts(v *spec.Value) []string {
	out := make([]string, len(v.Items))
	for i, item := range v.Items {
		out[i] = item.Text
	}
	return out
}

func (d *differ) object(path string, f *spec.Field, declared *spec.Value, stored any) {
	object, ok := stored.(map[string]any)
	before := len(d.fields)
	defer func() { d.saw(path, len(d.fields) == before) }()
	if declared.Kind == spec.Null {
		// An object that holds only empty values still is one: clearing a
		// paywall whose texts are all empty takes it away.
		switch {
		case mayBeMissing(object):
			if f.Nullable || hasUnread(object) {
				d.change(path, f, nil, unread{})
			}
		case stored != nil && (!isEmpty(stored) || (f.Nullable && ok && len(object) > 0)):
			d.change(path, f, nil, stored)
		}
		return
	}
	for i := range f.Fields {
		sub := &f.Fields[i]
		value := declared.Get(sub.Name)
		if value == nil {
			if f.Whole && !isEmpty(object[sub.Name]) {
				d.saw(path+"."+sub.Name, false)
				d.change(path+"."+sub.Name, sub, nil, object[sub.Name])
			}
			continue
		}
		d.field(path+"."+sub.Name, sub, value, partOf(stored, object[sub.Name]))
	}
}

// mapping compares a map whose keys are the user's own: declared, it is whole.
func (d *differ) mapping(path string, f *spec.Field, declared *spec.Value, stored any) {
	object, _ := stored.(map[string]any)
	before := len(d.fields)
	defer func() { d.sawWhole(path, len(d.fields) == before) }()
	keys := make([]string, 0, len(declared.Members)+len(object))
	for _, m := range declared.Members {
		keys = append(keys, m.Key)
	}
	for key := range object {
		if declared.Get(key) == nil {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		place := path + "." + key
		value, was := declared.Get(key), object[key]
		_, exists := object[key]
		switch {
		case value == nil:
			d.saw(place, false)
			d.change(place, f.Elem, nil, was)
			d.fields[len(d.fields)-1].removed = true
			d.fields[len(d.fields)-1].in = path
		case !exists:
			d.saw(place, false)
			d.change(place, f.Elem, value, partOf(stored, nil))
			d.fields[len(d.fields)-1].in = path
		default:
			d.field(place, f.Elem, value, was)
		}
	}
}

// pair is a declared entry with the stored one of the same natural key; one of
// the two may be missing.
type pair struct {
	key, label string
	declared   *spec.Value
	stored     map[string]any
	extra      int // 2 for a second stored entry of one key, and so on
}

// pairEntries matches declared entries to stored ones by natural key. Of two
// stored entries with one key the first is matched; the other is left over.
func pairEntries(refs *references, f *spec.Field, declared *spec.Value, stored any) []pair {
	var pairs []pair
	byKey := map[string]int{}
	for _, entry := range declared.Items {
		key, label := refs.entryKey(f, entry)
		if key != "" {
			byKey[key] = len(pairs)
		}
		pairs = append(pairs, pair{key: key, label: label, declared: entry})
	}
	list, _ := stored.([]any)
	seen := map[string]int{}
	for _, item := range list {
		entry, ok := item.(map[string]any)
		if !ok {
			continue
		}
		text, _ := scalarText(entry[f.KeyField().Name])
		key, label := refs.storedKey(f, text)
		seen[key]++
		if i, ok := byKey[key]; ok && pairs[i].stored == nil {
			pairs[i].stored = entry
			continue
		}
		p := pair{key: key, label: label, stored: entry}
		if seen[key] > 1 {
			p.extra = seen[key]
		}
		pairs = append(pairs, p)
	}
	return pairs
}

func (d *differ) entries(path string, f *spec.Field, declared *spec.Value, stored any) {
	pairs := pairEntries(d.refs, f, declared, stored)
	slices.SortStableFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.label, b.label), cmp.Compare(a.key, b.key), cmp.Compare(a.extra, b.extra))
	})
	before := len(d.fields)
	defer func() { d.sawWhole(path, len(d.fields) == before) }()
	labels := map[string]int{}
	for _, p := range pairs {
		labels[p.label]++
		place := path + "[" + p.label + "]"
		if n := labels[p.label]; n > 1 {
			place = fmt.Sprintf("%s[%s#%d]", path, p.label, n)
		}
		whole := len(d.fields)
		switch {
		case p.stored == nil:
			d.add(place, nil, printMembers(f.Fields, p.declared), partOf(stored, nil))
			d.fields[len(d.fields)-1].in = path
		case p.declared == nil:
			d.add(place, printStoredMembers(f.Fields, p.stored), nil, p.stored)
			d.fields[len(d.fields)-1].removed = true
			d.fields[len(d.fields)-1].in = path
		default:
			d.entry(place, f, p)
		}
		d.saw(place, len(d.fields) == whole)
	}
}

func (d *differ) entry(place string, f *spec.Field, p pair) {
	for i := range f.Fields {
		sub := &f.Fields[i]
		if value := p.declared.Get(sub.Name); value != nil && !sub.Key {
			d.field(place+"."+sub.Name, sub, value, p.stored[sub.Name])
		}
	}
}
