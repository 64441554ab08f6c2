package simulator

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The texts below are DRF's own messages (rest_framework/fields.py,
// serializers.py, relations.py).
const (
	isRequired = "This field is required."
	isNull     = "This field may not be null."
	isBlank    = "This field may not be blank."
	notText    = "Not a valid string."
	notFlag    = "Must be a valid boolean."
	notInteger = "A valid integer is required."
	notUUID    = "Must be a valid UUID."
	nullChars  = "Null characters are not allowed."

	// generalKey holds messages that belong to no field.
	generalKey = "non_field_errors"
)

// lookup is what validation asks of the server's state.
type lookup struct {
	agent, connector func(id string) bool
}

// check validates one object and returns its values in their stored form.
// With partial, fields that are left out are left out of the result, else they
// take their defaults. errs is nil when nothing is wrong. Stored is the object's
// present value, for the ids of its entries.
func (l lookup) check(fields []field, data, stored map[string]any, partial bool) (clean, errs map[string]any) {
	clean, errs = map[string]any{}, map[string]any{}
	for _, f := range fields {
		v, sent := data[f.name]
		switch {
		case !sent && f.required && !partial:
			errs[f.name] = []any{isRequired}
		case !sent && !partial:
			clean[f.name] = clone(f.def)
		case sent:
			value, err := l.value(f, v, stored[f.name])
			if err != nil {
				errs[f.name] = err
			} else {
				clean[f.name] = value
			}
		}
	}
	if len(errs) == 0 {
		errs = nil
	}
	return clean, errs
}

// value validates one value. The error is a list of messages, or the errors of
// what is nested inside.
func (l lookup) value(f field, v, stored any) (any, any) {
	if v == nil && f.kind != opaqueValue {
		if f.nullable {
			return nil, nil
		}
		return nil, []any{isNull}
	}
	switch f.kind {
	case textField:
		return textValue(f, v)
	case flagField:
		return flagValue(v)
	case numberField:
		return integerValue(v)
	case uuidField, agentRef, connectorRef:
		return l.idValue(f, v)
	case wordsField:
		return wordsValue(v)
	case objectField:
		if m, ok := v.(map[string]any); ok {
			return cloneMap(m), nil
		}
		return nil, []any{fmt.Sprintf("Expected a dictionary of items but got type %q.", pythonType(v))}
	case entriesField:
		return l.entriesValue(f, v, entriesOf(stored))
	case recordField:
		m, ok := v.(map[string]any)
		if !ok {
			return nil, notDictionary(v)
		}
		now, _ := stored.(map[string]any)
		clean, errs := l.check(f.fields, m, now, false)
		if errs != nil {
			return nil, errs
		}
		return clean, nil
	case opaqueList:
		if _, ok := v.([]any); !ok {
			return nil, notList(v)
		}
	}
	return clone(v), nil
}

func textValue(f field, v any) (any, any) {
	var s string
	switch v := v.(type) {
	case string:
		s = v
	case json.Number: // DRF's CharField takes numbers
		s = v.String()
	default:
		return nil, []any{notText}
	}
	switch {
	case f.choices != nil && !slices.Contains(f.choices, s):
		return nil, []any{fmt.Sprintf("\"%s\" is not a valid choice.", s)}
	case f.filled && strings.TrimSpace(s) == "":
		return nil, []any{isBlank}
	case strings.ContainsRune(s, 0):
		return nil, []any{nullChars}
	case f.max > 0 && utf8.RuneCountInString(s) > f.max:
		return nil, []any{fmt.Sprintf("Ensure this field has no more than %d characters.", f.max)}
	}
	return s, nil
}

func flagValue(v any) (any, any) {
	switch v := v.(type) {
	case bool:
		return v, nil
	case string: // DRF's BooleanField takes these words, and 0 and 1
		switch strings.ToLower(v) {
		case "true", "t", "yes", "y", "on", "1":
			return true, nil
		case "false", "f", "no", "n", "off", "0":
			return false, nil
		}
	case json.Number:
		switch v {
		case "1":
			return true, nil
		case "0":
			return false, nil
		}
	}
	return nil, []any{notFlag}
}

var integerForm = regexp.MustCompile(`^\s*([+-]?\d+)(\.0*)?\s*$`)

func integerValue(v any) (any, any) {
	var s string
	switch v := v.(type) {
	case string:
		s = v
	case json.Number:
		s = v.String()
	default:
		return nil, []any{notInteger}
	}
	m := integerForm.FindStringSubmatch(s)
	if m == nil || len(s) > 1000 {
		return nil, []any{notInteger}
	}
	n, _ := new(big.Int).SetString(strings.TrimPrefix(m[1], "+"), 10)
	return json.Number(n.String()), nil
}

func (l lookup) idValue(f field, v any) (any, any) {
	s, ok := v.(string)
	id, valid := parseUUID(s)
	if !ok || !valid {
		return nil, []any{notUUID}
	}
	if f.kind == agentRef && !l.agent(id) || f.kind == connectorRef && !l.connector(id) {
		return nil, []any{unknownPK(id)}
	}
	return id, nil
}

func unknownPK(id string) string {
	return fmt.Sprintf("Invalid pk \"%s\" - object does not exist.", id)
}

// wordsValue validates a list of texts. DRF's ListField names bad items by
// their index, as keys of an object.
func wordsValue(v any) (any, any) {
	list, ok := v.([]any)
	if !ok {
		return nil, []any{listMessage(v)}
	}
	out, errs := make([]any, len(list)), map[string]any{}
	for i, e := range list {
		if e == nil {
			errs[strconv.Itoa(i)] = []any{isNull}
			continue
		}
		value, err := textValue(field{}, e)
		if err != nil {
			errs[strconv.Itoa(i)] = err
		}
		out[i] = value
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return out, nil
}

// entriesValue validates a nested list. DRF's ListSerializer answers one
// object of errors for each entry, empty for those that are right.
func (l lookup) entriesValue(f field, v any, stored []map[string]any) (any, any) {
	list, ok := v.([]any)
	if !ok {
		return nil, notList(v)
	}
	out, errs, bad := make([]any, len(list)), make([]any, len(list)), false
	for i, e := range list {
		errs[i] = map[string]any{}
		m, ok := e.(map[string]any)
		if !ok {
			errs[i], bad = notDictionary(e), true
			continue
		}
		clean, wrong := l.check(f.fields, m, nil, false)
		id, err := entryID(m, stored)
		if err != nil {
			if wrong == nil {
				wrong = map[string]any{}
			}
			wrong["id"] = err
		}
		if wrong != nil {
			errs[i], bad = wrong, true
			continue
		}
		if id != "" {
			clean["id"] = id
		}
		out[i] = clean
	}
	if bad {
		return nil, errs
	}
	return out, nil
}

// entryID reads the id of an entry; "" means that the entry is new.
func entryID(entry map[string]any, stored []map[string]any) (string, []any) {
	v, sent := entry["id"]
	if !sent || v == nil {
		return "", nil
	}
	s, ok := v.(string)
	id, valid := parseUUID(s)
	if !ok || !valid {
		return "", []any{notUUID}
	}
	if byID(stored, id) == nil {
		return "", []any{unknownPK(id)}
	}
	return id, nil
}

func notDictionary(v any) map[string]any {
	return map[string]any{generalKey: []any{
		fmt.Sprintf("Invalid data. Expected a dictionary, but got %s.", pythonType(v)),
	}}
}

func notList(v any) map[string]any { return map[string]any{generalKey: []any{listMessage(v)}} }

func listMessage(v any) string {
	return fmt.Sprintf("Expected a list of items but got type %q.", pythonType(v))
}

// pythonType names a JSON value's type as the server's language does.
func pythonType(v any) string {
	switch v := v.(type) {
	case nil:
		return "NoneType"
	case bool:
		return "bool"
	case string:
		return "str"
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return "float"
		}
		return "int"
	case []any:
		return "list"
	default:
		return "dict"
	}
}
