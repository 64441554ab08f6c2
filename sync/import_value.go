package sync

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"wassist-sync/spec"
)

// Why a stored value has no place in a definition.
var (
	errNoScalar  = errors.New("holds a fixed value that is neither a text nor a number, true or false")
	errSecretKey = errors.New("holds a URL with a user, a query or a fragment, which may be secret, and entries are told apart by it: !env cannot stand there")
	errShape     = errors.New("has a form that this version does not know")
)

// declarer turns the stored values of one agent into declared ones.
type declarer struct {
	variables *agentVariables
	// child and connector name what a handoff leads to, and a connector; empty
	// where only the id is unambiguous.
	child, connector func(id string) string
}

// spot is where a value stands: its path, the entry of a list that it belongs
// to, and the parameter that it is for.
type spot struct{ path, entry, parameter string }

func (p spot) below(key string) spot {
	p.path += "." + key
	return p
}

// value declares one stored value.
func (d *declarer) value(f *spec.Field, v any, at spot) (*spec.Value, error) {
	switch f.Type {
	case spec.TypeText:
		return d.text(f, v, at)
	case spec.TypeScalar:
		return d.fixed(v, at)
	case spec.TypeBool:
		b, ok := v.(bool)
		if !ok {
			return nil, errShape
		}
		return &spec.Value{Kind: spec.Bool, Bool: b}, nil
	case spec.TypeNumber:
		text, ok := scalarText(v)
		if !ok || v == nil {
			return nil, errShape
		}
		return &spec.Value{Kind: spec.Number, Text: text}, nil
	case spec.TypeTexts:
		list, ok := texts(v)
		if !ok {
			return nil, errShape
		}
		out := &spec.Value{Kind: spec.List}
		for _, s := range list {
			out.Items = append(out.Items, &spec.Value{Kind: spec.Text, Text: tidy(s)})
		}
		return out, nil
	case spec.TypeEntries:
		return d.entries(f, v, at)
	}
	object, ok := v.(map[string]any)
	if !ok && v != nil {
		return nil, errShape
	}
	if f.Type == spec.TypeMap {
		return d.userMap(f, object, at)
	}
	return d.object(f, object, at)
}

func (d *declarer) text(f *spec.Field, v any, at spot) (*spec.Value, error) {
	text, ok := scalarText(v)
	if !ok { // a memory's initial value may come back as the JSON that it was written as
		b, err := json.Marshal(v)
		if err != nil {
			return nil, errShape
		}
		text = string(b)
	}
	switch {
	case f.Sensitive && !isEmpty(text):
		return d.secret(text, f.Name, at)
	case f.URL:
		return d.url(text, f.Key, at)
	}
	return &spec.Value{Kind: spec.Text, Text: tidy(text)}, nil
}

// tidy writes a text as people do: what a difference does not look at is left
// out. A text of several lines keeps the line break at its end.
func tidy(s string) string {
	if lf := strings.ReplaceAll(s, "\r\n", "\n"); !strings.Contains(lf, "\r\n") {
		s = lf
	}
	t := strings.TrimSpace(s)
	if strings.Contains(t, "\n") && strings.Contains(s[strings.LastIndex(s, t)+len(t):], "\n") {
		return t + "\n"
	}
	return t
}

func (d *declarer) object(of *spec.Field, stored map[string]any, at spot) (*spec.Value, error) {
	out := &spec.Value{Kind: spec.Object}
	for i := range of.Fields {
		f := &of.Fields[i]
		v := stored[f.Name]
		// An input names in its type the key that it cannot be without.
		named := of.Whole && stored["type"] == f.Name
		if !f.Required && !named && (isEmpty(v) || isDefault(f, v)) {
			continue
		}
		key, here := f.Name, at.below(f.Name)
		value, err := d.value(f, v, here)
		if err != nil {
			return nil, placed(here.path, err)
		}
		if name := d.alias(f, value); name != "" {
			key, value = f.Alias, &spec.Value{Kind: spec.Text, Text: name}
		}
		out.Members = append(out.Members, spec.Member{Key: key, Value: value})
	}
	return out, nil
}

// placedError tells where in an agent a value is of which there is no declaration.
type placedError struct {
	path string
	err  error
}

func (e *placedError) Error() string { return e.path + " " + e.err.Error() }
func (e *placedError) Unwrap() error { return e.err }

// placed adds the innermost place to an error.
func placed(path string, err error) error {
	var known *placedError
	if errors.As(err, &known) {
		return err
	}
	return &placedError{path, err}
}

// alias is the name that may stand for an id.
func (d *declarer) alias(f *spec.Field, id *spec.Value) string {
	switch f.Alias {
	case "agent":
		return d.child(id.Text)
	case "connector":
		return d.connector(id.Text)
	}
	return ""
}

// isDefault tells a value that the API assumes anyway.
func isDefault(f *spec.Field, v any) bool {
	switch standard := f.Default.(type) {
	case nil:
		return false
	case int:
		return equalNumber(fmt.Sprint(standard), v)
	default:
		return v == standard
	}
}

// userMap declares a map whose keys are the user's own, sorted: the API's objects
// have no order.
func (d *declarer) userMap(f *spec.Field, stored map[string]any, at spot) (*spec.Value, error) {
	out := &spec.Value{Kind: spec.Object}
	for _, key := range slices.Sorted(maps.Keys(stored)) {
		here := at.below(key)
		here.parameter = key
		value, err := d.value(f.Elem, stored[key], here)
		if err != nil {
			return nil, err
		}
		out.Members = append(out.Members, spec.Member{Key: key, Value: value})
	}
	return out, nil
}

func (d *declarer) entries(f *spec.Field, v any, at spot) (*spec.Value, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, errShape
	}
	key := f.KeyField()
	out, seen := &spec.Value{Kind: spec.List}, map[string]bool{}
	for _, item := range list {
		entry, ok := item.(map[string]any)
		if !ok {
			return nil, errShape
		}
		text, ok := scalarText(entry[key.Name])
		if !ok {
			return nil, errShape
		}
		id := normalize(text)
		if key.Alias != "" {
			id = strings.ToLower(id)
		}
		label := id
		if key.URL {
			label = maskURL(id)
		}
		if seen[id] {
			return nil, fmt.Errorf("has two entries whose %s is %q, and a definition tells entries apart by it", key.Name, label)
		}
		seen[id] = true
		here := spot{path: at.path + "[" + label + "]", entry: label}
		value, err := d.object(f, entry, here)
		if err != nil {
			return nil, err
		}
		out.Items = append(out.Items, value)
	}
	return out, nil
}
