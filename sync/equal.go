package sync

import (
	"encoding/json"
	"math/big"
	"slices"
	"strings"
)

// normalize takes away what the server may change in a text without meaning
// anything by it: CRLF and surrounding white space.
func normalize(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
}

// equalText compares a declared text with a stored value; null and absent
// count as empty, and a number or boolean as the text that it is written as.
func equalText(declared string, stored any) bool {
	if s, ok := scalarText(stored); ok {
		return normalize(declared) == normalize(s)
	}
	// A memory's initial value may come back as the JSON that it was written as.
	var value any
	decoder := json.NewDecoder(strings.NewReader(declared))
	decoder.UseNumber()
	return decoder.Decode(&value) == nil && value != nil && sameStored(value, stored)
}

// equalNumber compares by value, so that 0, 0.0 and "0.00" are one.
func equalNumber(declared string, stored any) bool {
	text, ok := scalarText(stored)
	if !ok {
		return false
	}
	a, okA := new(big.Rat).SetString(declared)
	b, okB := new(big.Rat).SetString(text)
	return okA && okB && a.Cmp(b) == 0
}

// scalarText writes a stored scalar as text.
func scalarText(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case bool:
		if v {
			return "true", true
		}
		return "false", true
	case json.Number:
		return v.String(), true
	case float64, int, int64:
		b, err := json.Marshal(v)
		return string(b), err == nil
	}
	return "", false
}

// texts reads a stored list of strings; null and absent are empty.
func texts(stored any) ([]string, bool) {
	if stored == nil {
		return nil, true
	}
	list, ok := stored.([]any)
	if !ok {
		return nil, false
	}
	out := make([]string, len(list))
	for i, item := range list {
		if out[i], ok = item.(string); !ok {
			return nil, false
		}
	}
	return out, true
}

// equalTexts compares two lists of texts; order counts unless they are sets.
func equalTexts(a, b []string, unordered bool) bool {
	norm := func(list []string) []string {
		out := make([]string, len(list))
		for i, s := range list {
			out[i] = normalize(s)
		}
		if unordered {
			slices.Sort(out)
			out = slices.Compact(out)
		}
		return out
	}
	return slices.Equal(norm(a), norm(b))
}

// isEmpty tells whether a stored value says nothing: absent, null, "", {}, [],
// or a wrapper of such values. The server may add or drop them on save.
func isEmpty(v any) bool {
	switch v := v.(type) {
	case nil, unread:
		return true
	case string:
		return normalize(v) == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		for key, value := range v {
			if key == "type" && value == "object" {
				continue
			}
			if !isEmpty(value) {
				return false
			}
		}
		return true
	}
	return false
}

// sameStored tells whether two readings of a place hold the same value.
func sameStored(a, b any) bool {
	if isEmpty(a) && isEmpty(b) {
		return true
	}
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok {
			return false
		}
		for key := range union(a, b) {
			if !sameStored(a[key], b[key]) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !sameStored(a[i], b[i]) {
				return false
			}
		}
		return true
	case string:
		s, ok := b.(string)
		return ok && normalize(a) == normalize(s)
	}
	textA, okA := scalarText(a)
	textB, okB := scalarText(b)
	return okA && okB && textA == textB
}

func union(a, b map[string]any) map[string]struct{} {
	keys := make(map[string]struct{}, len(a)+len(b))
	for k := range a {
		keys[k] = struct{}{}
	}
	for k := range b {
		keys[k] = struct{}{}
	}
	return keys
}
