package spec

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"
)

// refuses says what is wrong with a value by a schema, "" for nothing: as much of
// JSON Schema, draft 7, as the schemas use. A keyword that it does not know fails.
func refuses(s, v any, at string) string {
	if s == false {
		return at + ": may not be there"
	}
	rules, _ := s.(map[string]any)
	text, isText := v.(string)
	object, isObject := v.(map[string]any)
	list, isList := v.([]any)
	number, isNumber := v.(float64)
	for keyword, rule := range rules {
		problem := ""
		switch keyword {
		case "$schema", "$id", "title", "description", "default", "patternErrorMessage", "then", "else":
		case "type":
			kinds, _ := rule.([]any)
			if one, ok := rule.(string); ok {
				kinds = []any{one}
			}
			if !slices.Contains(kinds, any(kindOfJSON(v))) {
				problem = fmt.Sprintf("is %s, not %v", kindOfJSON(v), rule)
			}
		case "enum":
			if !slices.Contains(rule.([]any), v) {
				problem = "is none of the few"
			}
		case "const":
			if rule != v {
				problem = "is not the one"
			}
		case "pattern":
			if isText && !regexp.MustCompile(rule.(string)).MatchString(text) {
				problem = fmt.Sprintf("%q does not match %s", text, rule)
			}
		case "maxLength":
			if isText && float64(utf8.RuneCountInString(text)) > rule.(float64) {
				problem = "is too long"
			}
		case "minimum":
			if isNumber && number < rule.(float64) {
				problem = "is too small"
			}
		case "minItems":
			if isList && float64(len(list)) < rule.(float64) {
				problem = "has too few entries"
			}
		case "items":
			for i, item := range list {
				if problem = refuses(rule, item, fmt.Sprintf("%s[%d]", at, i)); problem != "" {
					return problem
				}
			}
		case "required":
			for _, name := range rule.([]any) {
				if _, ok := object[name.(string)]; isObject && !ok {
					problem = fmt.Sprintf("has no %s", name)
				}
			}
		case "properties":
			for name, property := range rule.(map[string]any) {
				if value, ok := object[name]; ok {
					if problem = refuses(property, value, at+"."+name); problem != "" {
						return problem
					}
				}
			}
		case "additionalProperties":
			known, _ := rules["properties"].(map[string]any)
			for name, value := range object {
				if _, ok := known[name]; !ok {
					if problem = refuses(rule, value, at+"."+name); problem != "" {
						return problem
					}
				}
			}
		case "anyOf":
			if !slices.ContainsFunc(rule.([]any), func(one any) bool { return refuses(one, v, at) == "" }) {
				problem = "fits none"
			}
		case "allOf":
			for _, one := range rule.([]any) {
				if problem = refuses(one, v, at); problem != "" {
					return problem
				}
			}
		case "if":
			branch := "then"
			if refuses(rule, v, at) != "" {
				branch = "else"
			}
			if next, ok := rules[branch]; ok {
				if problem = refuses(next, v, at); problem != "" {
					return problem
				}
			}
		default:
			problem = "the keyword " + keyword + " is unknown"
		}
		if problem != "" {
			return at + ": " + problem
		}
	}
	return ""
}

func kindOfJSON(v any) string {
	switch v.(type) {
	case nil:
		return jsNull
	case bool:
		return jsBoolean
	case float64:
		return jsNumber
	case string:
		return jsString
	case []any:
		return jsArray
	}
	return jsObject
}

// asEditors gives a node as an editor hands it to a schema: a value with a tag is
// the text behind it.
func asEditors(n *yaml.Node) any {
	n = deref(n)
	switch n.Kind {
	case yaml.MappingNode:
		out := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			out[n.Content[i].Value] = asEditors(n.Content[i+1])
		}
		return out
	case yaml.SequenceNode:
		out := []any{}
		for _, c := range n.Content {
			out = append(out, asEditors(c))
		}
		return out
	}
	var v any
	switch {
	case explicitTag(n) != "" || n.Tag == "!!timestamp":
		return n.Value
	case n.Decode(&v) != nil:
		return n.Value
	}
	switch number := v.(type) {
	case int:
		return float64(number)
	case uint64:
		return float64(number)
	case float64, bool, nil, string:
		return number
	}
	return n.Value
}

// schemaOf is one of the schemas, read back.
func schemaOf(t *testing.T, name string) any {
	t.Helper()
	text, err := JSONSchema(name)
	if err != nil {
		t.Fatal(err)
	}
	var root any
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	return root
}

// anything draws a value for a field, in YAML's flow style: mostly one that fits.
// No text is true or false without quotes, which editors are told to mark.
func anything(t *rapid.T, f *Field, depth int) string {
	pick := func(of ...string) string { return rapid.SampledFrom(of).Draw(t, f.Name) }
	if rapid.IntRange(0, 11).Draw(t, "odd") == 0 {
		return pick("null", "~", `""`, "12", "[]", "{}", "!env TOKEN", `!env "a ${B:-c}"`, "!file p.md", "yes", "!var ON", "!var NUMBER", "!var URL", `!var "${ID}"`, "!var METHOD", "-1", `" "`, "[a]", "{a: b}", "!foo x")
	}
	switch f.Type {
	case TypeBool:
		return pick("true", "false", "true", "false", "yes", `"true"`)
	case TypeNumber:
		return pick("0", "1", "2.5", "1e3", "007", `"1"`)
	case TypeScalar:
		return pick("text", "12", "true", "null", `"%PHONE_NUMBER%"`, "5%", `"20%"`, "0")
	case TypeTexts:
		return pick("[]", "[a]", "[b, a]", "[!env A]", `["Old *", 12]`, "[list_invoices]", `[""]`)
	case TypeEntries:
		var entries []string
		for range rapid.IntRange(0, 2).Draw(t, "entries") {
			entries = append(entries, anyObject(t, f, depth+1))
		}
		return "[" + strings.Join(entries, ", ") + "]"
	case TypeObject:
		return anyObject(t, f, depth+1)
	case TypeMap:
		if rapid.Bool().Draw(t, "no entry") {
			return "{}"
		}
		return "{a: " + anything(t, f.Elem, depth+1) + "}"
	}
	if len(f.Enum) > 0 && rapid.IntRange(0, 5).Draw(t, "of the few") > 0 {
		return pick(f.Enum...)
	}
	return pick("text", `"a b"`, "12", "0755", "2026-01-01", `"+44 7700 900111"`, "447700900111", id1, strings.ToUpper(id1), "https://example.com", "HTTP://example.com/a?b=c", `" a"`, "100/1m", "5/s", "1/1h30m", ".5", "A", `"a\nb"`)
}

func anyObject(t *rapid.T, of *Field, depth int) string {
	var members []string
	for i := range of.Fields {
		f := &of.Fields[i]
		if !f.Required && rapid.IntRange(0, 2+2*depth).Draw(t, "there") > 0 || f.Required && rapid.IntRange(0, 24).Draw(t, "missing") == 0 {
			continue
		}
		name := f.Name
		if f.Alias != "" && rapid.Bool().Draw(t, "alias") {
			name = f.Alias
		}
		members = append(members, name+": "+anything(t, f, depth))
	}
	if rapid.IntRange(0, 40).Draw(t, "unknown") == 0 {
		members = append(members, "unknownKey: x")
	}
	return "{" + strings.Join(members, ", ") + "}"
}

// What the loader takes, the schemas take: nobody is told that a sound file is
// wrong. The other way round the loader knows more, but a key that is unknown to it
// is unknown to them.
func TestSchemasTakeWhatLoads(t *testing.T) {
	agent, settings, environment := schemaOf(t, "agent"), schemaOf(t, "settings"), schemaOf(t, "environment")
	vars := "vars: {ON: true, NUMBER: 447700900111, URL: https://example.com, METHOD: GET, ID: " + id1 + "}\n"
	taken := 0
	check := func(t *rapid.T, schema any, src string, err error) {
		var n yaml.Node
		if yaml.Unmarshal([]byte(src), &n) != nil || len(n.Content) == 0 {
			return
		}
		problem := refuses(schema, asEditors(n.Content[0]), "")
		if err == nil {
			taken++
			if problem != "" {
				t.Fatalf("it loads, and the schema says %s:\n%s", problem, src)
			}
		}
		if strings.Contains(src, "unknownKey") && problem == "" {
			t.Fatalf("the schema knows unknownKey:\n%s", src)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		// One field at a time, so that most are sound.
		fields := slices.Concat(OwnFields, AgentFields)
		f := rapid.SampledFrom(fields).Draw(t, "field")
		src := "name: " + rapid.SampledFrom([]string{"Order desk", "12", "2026-01-01", `"a: b"`, `""`, "' a'"}).Draw(t, "name") + "\n" + f.Name + ": " + anything(t, &f, 0) + "\n"
		_, err := LoadIn(files("agents/a.yaml", src, "agents/b.yaml", "name: A\n", "agents/p.md", "text", "agents/environments/test.yaml", vars), "agents", "agents", "test")
		check(t, agent, src, err)

		s := rapid.SampledFrom(SettingsFields).Draw(t, "setting")
		src = s.Name + ": " + anything(t, &s, 0) + "\n"
		_, err = ParseSettings("wassist-sync.yaml", []byte(src))
		check(t, settings, src, err)

		e := rapid.SampledFrom(EnvironmentFields).Draw(t, "of an environment")
		src = e.Name + ": " + anything(t, &e, 0) + "\n"
		_, err = ParseEnvironment("test", "environments/test.yaml", []byte(src))
		check(t, environment, src, err)
	})
	if taken < 20 {
		t.Errorf("%d were taken", taken)
	}
}
