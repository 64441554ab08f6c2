package sync

import "wassist-sync/spec"

// sameField compares two readings of a field along the schema: with the
// defaults that an answer may leave out filled in, and without the keys that
// the server computes.
func sameField(f *spec.Field, a, b any) bool {
	switch f.Type {
	case spec.TypeEntries:
		return sameEntries(f, a, b)
	case spec.TypeObject:
		return sameMembers(f.Fields, members(a), members(b))
	case spec.TypeMap:
		x, y := members(a), members(b)
		for key := range union(x, y) {
			if !sameField(f.Elem, x[key], y[key]) {
				return false
			}
		}
		return true
	}
	if a == nil {
		a = f.Default
	}
	if b == nil {
		b = f.Default
	}
	if sameStored(a, b) {
		return true
	}
	text, ok := scalarText(a)
	return f.Type == spec.TypeNumber && ok && equalNumber(text, b)
}

func members(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func sameMembers(fields []spec.Field, a, b map[string]any) bool {
	for i := range fields {
		if f := &fields[i]; !sameField(f, a[f.Name], b[f.Name]) {
			return false
		}
	}
	return true
}

// sameEntries pairs entries by id. An entry that got another id was deleted and
// made anew, and so were a trigger's URL and secret. Where an answer shows no
// ids, the natural key takes their place, in the order of the entries.
func sameEntries(f *spec.Field, a, b any) bool {
	x, _ := a.([]any)
	y, _ := b.([]any)
	if len(x) != len(y) {
		return false
	}
	others := map[string][]map[string]any{}
	for _, item := range y {
		if entry := members(item); entry != nil {
			identity := identityOf(f, entry)
			others[identity] = append(others[identity], entry)
		}
	}
	for _, item := range x {
		entry := members(item)
		identity := identityOf(f, entry)
		if entry == nil || len(others[identity]) == 0 {
			return false
		}
		other := others[identity][0]
		others[identity] = others[identity][1:]
		if !sameMembers(f.Fields, entry, other) {
			return false
		}
		for _, key := range []string{"url", "secret"} {
			if f.Name == "outboundTriggers" && !sameStored(entry[key], other[key]) {
				return false
			}
		}
	}
	return true
}

// identityOf is what tells an entry from the others of its list.
func identityOf(f *spec.Field, entry map[string]any) string {
	if id := idOf(entry); id != "" {
		return "id " + id
	}
	key, _ := scalarText(entry[f.KeyField().Name])
	return "key " + key
}

// idOf is an entry's id as text.
func idOf(entry map[string]any) string {
	text, _ := scalarText(entry["id"])
	return text
}
