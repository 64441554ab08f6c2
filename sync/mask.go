package sync

import (
	"encoding/json"
	"slices"
	"strings"

	"wassist-sync/spec"
)

const sensitiveMark = "(sensitive)"

// Redacted stands for a sensitive leaf inside a larger value of a plan. It is
// null in JSON, and holds nothing.
type Redacted struct{}

// MarshalJSON writes null.
func (Redacted) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// String says that there is something that is not shown.
func (Redacted) String() string { return sensitiveMark }

// piece is a part of a URL; secret says what it is when it may be one.
type piece struct{ text, secret string }

// Parts of a URL that may be a secret.
const (
	secretUserinfo = "userinfo"
	secretQuery    = "query"
	secretFragment = "fragment"
	secretWhole    = "url" // what cannot be told apart
)

// cutURL cuts a URL into what may be shown and what may be a secret: its
// userinfo, its query and its fragment. It works on the text, so that
// {placeholders} stay readable. Stored URLs are not always sound: what cannot be
// told apart is secret.
func cutURL(raw string) []piece {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok || strings.ContainsAny(scheme, ":/?#@") {
		if strings.ContainsAny(raw, "@?#") {
			return []piece{{raw, secretWhole}}
		}
		return []piece{{text: raw}}
	}
	host, tail := cutBefore(rest, "/?#")
	path, tail := cutBefore(tail, "?#")
	query, fragment := cutBefore(tail, "#")
	out := []piece{{text: scheme + "://"}}
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		out = append(out, piece{host[:i], secretUserinfo})
		host = host[i:]
	} else if strings.Contains(path+tail, "@") && !soundPort(host) {
		// A password with a bare / or ? or # in it, cut in two by that.
		return append(out, piece{rest, secretWhole})
	}
	out = append(out, piece{text: host + path})
	if query != "" {
		out = append(out, piece{text: "?"}, piece{query[1:], secretQuery})
	}
	if fragment != "" {
		// A fragment may carry a token as well as a query does.
		out = append(out, piece{text: "#"}, piece{fragment[1:], secretFragment})
	}
	return out
}

// maskURL hides what may be a secret in a URL.
func maskURL(raw string) string {
	var b strings.Builder
	for _, p := range cutURL(raw) {
		if p.secret != "" {
			p.text = sensitiveMark
		}
		b.WriteString(p.text)
	}
	return b.String()
}

// cutBefore cuts a text before the first of the characters.
func cutBefore(s, chars string) (before, from string) {
	if i := strings.IndexAny(s, chars); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// soundPort tells whether what follows a host's last colon can be a port.
func soundPort(host string) bool {
	i := strings.LastIndexByte(host, ':')
	return i < 0 || strings.HasSuffix(host, "]") || strings.Trim(host[i+1:], "0123456789") == ""
}

// maskName hides what may be secret in a name that somebody made of a URL.
func maskName(name string) string {
	if strings.Contains(name, "://") {
		return maskURL(name)
	}
	return name
}

// printText is a stored text as a plan may show it.
func printText(f *spec.Field, s string) any {
	switch {
	case f.Sensitive:
		return Redacted{}
	case f.URL:
		return maskURL(s)
	}
	return s
}

// printDeclared is a declared value as a plan may show it: sensitive leaves are
// Redacted, references are names and never ids.
func printDeclared(f *spec.Field, v *spec.Value) any {
	switch {
	case v == nil || v.Kind == spec.Null:
		return nil
	case v.Sensitive || f.Sensitive:
		return Redacted{}
	}
	switch v.Kind {
	case spec.Text:
		return printText(f, v.Text)
	case spec.Bool:
		return v.Bool
	case spec.Number:
		return json.Number(v.Text)
	case spec.List:
		if f.Type == spec.TypeTexts && f.Unordered {
			return printSet(declaredTexts(v))
		}
		out := make([]any, 0, len(v.Items))
		for _, item := range v.Items {
			switch f.Type {
			case spec.TypeEntries:
				out = append(out, printMembers(f.Fields, item))
			default:
				if item.Sensitive {
					out = append(out, Redacted{})
				} else {
					out = append(out, item.Text)
				}
			}
		}
		return out
	case spec.Object:
		if f.Type == spec.TypeMap {
			out := make(map[string]any, len(v.Members))
			for _, m := range v.Members {
				out[m.Key] = printDeclared(f.Elem, m.Value)
			}
			return out
		}
		return printMembers(f.Fields, v)
	}
	return nil
}

func printMembers(fields []spec.Field, v *spec.Value) map[string]any {
	out := make(map[string]any, len(v.Members))
	for _, m := range v.Members {
		if f := spec.Lookup(fields, m.Key); f != nil {
			out[m.Key] = printDeclared(f, m.Value)
		} else {
			out[m.Key] = m.Value.Text // a reference by name: agent, connector
		}
	}
	return out
}

// printStored is a stored value as a plan may show it: only the keys that a
// definition could hold, without secrets and without what says nothing.
func printStored(f *spec.Field, v any) any {
	switch {
	case v == nil, isUnread(v):
		return nil
	case f.Sensitive:
		return Redacted{}
	}
	switch f.Type {
	case spec.TypeEntries:
		list, ok := v.([]any)
		if !ok {
			return nil
		}
		out := make([]any, 0, len(list))
		for _, item := range list {
			if entry, ok := item.(map[string]any); ok {
				out = append(out, printStoredMembers(f.Fields, entry))
			}
		}
		return out
	case spec.TypeObject:
		object, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		return printStoredMembers(f.Fields, object)
	case spec.TypeMap:
		object, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		out := make(map[string]any, len(object))
		for key, value := range object {
			out[key] = printStored(f.Elem, value)
		}
		return out
	case spec.TypeTexts:
		list, ok := texts(v)
		switch {
		case ok && f.Unordered:
			return printSet(list)
		case ok:
			out := make([]any, len(list))
			for i, s := range list {
				out[i] = s
			}
			return out
		}
		return nil
	}
	switch v := v.(type) {
	case secretText:
		return Redacted{}
	case string:
		return printText(f, v)
	case bool, json.Number:
		return v
	case float64, int, int64:
		text, _ := scalarText(v)
		return json.Number(text)
	}
	return nil
}

// printSet shows a set in one order, whatever order it was written in.
func printSet(list []string) any {
	out := []any{}
	for _, s := range slices.Compact(slices.Sorted(slices.Values(list))) {
		out = append(out, s)
	}
	return out
}

func printStoredMembers(fields []spec.Field, object map[string]any) map[string]any {
	out := map[string]any{}
	for i := range fields {
		f := &fields[i]
		if value, ok := object[f.Name]; ok && !isEmpty(value) {
			out[f.Name] = printStored(f, value)
		}
	}
	return out
}
