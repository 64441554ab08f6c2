package sync

import (
	"encoding/json"

	"wassist-sync/spec"
)

// Values that stand for what an agent holds when nobody asked Wassist.

// unread stands for a value of which nothing is known.
type unread struct{}

func isUnread(v any) bool {
	_, ok := v.(unread)
	return ok
}

// existence stands, unread, in an object that its definition says to hold only empty
// values: nothing was written for its sake, so that there may be none at all.
const existence = ""

// mayBeMissing tells whether a stored value is such an object.
func mayBeMissing(object map[string]any) bool { return isUnread(object[existence]) }

// hasUnread tells whether there may be more in an object than what is known of it.
func hasUnread(object map[string]any) bool {
	for key, v := range object {
		if key != existence && isUnread(v) {
			return true
		}
	}
	return false
}

// partOf gives a part of a stored value: of one that was not read, no part was.
func partOf(whole, part any) any {
	if isUnread(whole) {
		return whole
	}
	return part
}

// secretText stands for a value that is sensitive. It can be compared, and is a
// type of its own so that no printing of stored texts shows it.
type secretText string

// secretOf gives what a sensitive declared value is compared by.
func secretOf(f *spec.Field, v *spec.Value) (secretText, bool) {
	if !f.Sensitive && !v.Sensitive && !hasSensitiveText(v) {
		return "", false
	}
	switch v.Kind {
	case spec.Bool:
		text, _ := scalarText(v.Bool)
		return secretText(text), true
	case spec.List:
		// Which of a list's texts is the secret one does not matter here.
		b, err := json.Marshal(declaredTexts(v))
		return secretText(b), err == nil
	}
	return secretText(normalize(v.Text)), true
}

// assumed compares a declared value with one of these; false when the stored
// value is another, or has parts to compare.
func (d *differ) assumed(path string, f *spec.Field, declared *spec.Value, stored any) bool {
	switch stored := stored.(type) {
	case unread:
		parts := f.Type == spec.TypeEntries || f.Type == spec.TypeMap
		if parts && len(declared.Items)+len(declared.Members) > 0 {
			return false
		}
		if f.Type == spec.TypeObject && !f.Whole && declared.Kind == spec.Object {
			return false // without keys it says nothing
		}
		d.change(path, f, declared, stored)
		return true
	case secretText:
		text, ok := secretOf(f, declared)
		equal := ok && text == stored
		d.saw(path, equal)
		if !equal {
			d.addSensitive(path, stored)
		}
		return true
	}
	return false
}

// assume gives what an agent holds when it is as its definition says, and nobody
// asked Wassist for the rest.
func assume(fields []spec.Field, declared *spec.Value, idOf func(alias, name string) string) map[string]any {
	out := map[string]any{}
	for i := range fields {
		f := &fields[i]
		v := declared.Get(f.Name)
		switch alias := declared.Get(f.Alias); {
		case v != nil:
			out[f.Name] = assumeValue(f, v, idOf)
		case f.Alias != "" && alias != nil:
			out[f.Name] = idOf(f.Alias, alias.Text)
		case isText(f.Default):
			out[f.Name] = f.Default // it is written even where it is left out
		default:
			out[f.Name] = unread{}
		}
	}
	return out
}

func isText(v any) bool {
	_, ok := v.(string)
	return ok
}

func assumeValue(f *spec.Field, v *spec.Value, idOf func(alias, name string) string) any {
	if secret, ok := secretOf(f, v); ok && secret != "" {
		return secret
	}
	switch v.Kind {
	case spec.Text:
		return v.Text
	case spec.Bool:
		return v.Bool
	case spec.Number:
		return json.Number(v.Text)
	case spec.List:
		out := make([]any, 0, len(v.Items))
		for _, item := range v.Items {
			if f.Type == spec.TypeEntries {
				out = append(out, assume(f.Fields, item, idOf))
			} else {
				out = append(out, item.Text)
			}
		}
		return out
	case spec.Object:
		if f.Type == spec.TypeMap {
			out := make(map[string]any, len(v.Members))
			for _, m := range v.Members {
				out[m.Key] = assumeValue(f.Elem, m.Value, idOf)
			}
			return out
		}
		if len(v.Members) == 0 && !f.Whole {
			return unread{} // it says nothing
		}
		out := assume(f.Fields, v, idOf)
		if f.Whole {
			// What it does not name is not there.
			for key, value := range out {
				if isUnread(value) {
					delete(out, key)
				}
			}
		} else if isEmpty(out) {
			out[existence] = unread{}
		}
		return out
	}
	return cleared(f)
}
