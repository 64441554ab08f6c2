package spec

import (
	"slices"
	"strings"
	"testing"
)

// eachField visits every field with its path in the table, as the rules name it.
func eachField(fields []Field, path string, visit func(f *Field, path string)) {
	for i := range fields {
		f := &fields[i]
		here := join(path, f.Name)
		visit(f, here)
		eachField(f.Fields, here, visit)
		if f.Elem != nil {
			eachField(f.Elem.Fields, here+".*", visit)
		}
	}
}

func TestTable(t *testing.T) {
	known := map[string]*Field{}
	eachField(definitionField.Fields, "", func(f *Field, path string) {
		if known[path] != nil {
			t.Errorf("%s stands twice in the table", path)
		}
		known[path] = f
		if f.Doc == "" || !strings.HasSuffix(f.Doc, ".") {
			t.Errorf("%s has no sentence of documentation", path)
		}
		if f.Type == TypeEntries && f.KeyField() == nil {
			t.Errorf("%s has entries without a natural key", path)
		}
		if (f.Type == TypeMap) != (f.Elem != nil) || (f.Type == TypeObject || f.Type == TypeEntries) != (len(f.Fields) > 0) {
			t.Errorf("%s: its type does not go with its parts", path)
		}
		for _, name := range f.ReadOnly {
			if slices.Contains(keys(f.Fields), name) {
				t.Errorf("%s.%s is both read only and a field", path, name)
			}
		}
	})
	for path := range objectRules {
		if f := known[path]; f == nil || f.Type != TypeObject && f.Type != TypeEntries {
			t.Errorf("the rule for %s names no object", path)
		}
	}
	for path := range valueRules {
		if known[path] == nil {
			t.Errorf("the rule for %s names no field", path)
		}
	}
	for _, name := range AgentReadOnly {
		if known[name] != nil {
			t.Errorf("%s is both read only and a field", name)
		}
	}
}

// A key that does not decode must not be called missing, nor break a rule:
// each field in turn gets a value of a wrong kind, and exactly one problem.
func TestOneProblemForOneMistake(t *testing.T) {
	sound := `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/{id}
      path_params: {id: {type: string, input: {type: value, value: v}}}
      query_params: {required: [q], properties: {q: {input: {type: description, description: d}}}}
      request_headers: {X-A: {input: {type: value, value: v}}}
      request_body: {type: object, required: [], properties: {}}
    creditCost: 0
handoffTools: [{agent: B, description: d, active: true}]
mcpConfigs: [{connector: S, toolWhitelist: [a]}]
deploy: [{number: 12025550123, applyToExisting: true}]
lifecycle: {preventDestroy: true}
id: ` + id1 + `
previousNames: [C]
---
name: B
`
	if _, err := Load(files("agents/a.yaml", sound), "agents"); err != nil {
		t.Fatal(err)
	}
	wrong := 0
	for _, value := range []string{"A", "t", "d", "GET", "https://x.example/{id}", "{id: {type: string, input: {type: value, value: v}}}", "string",
		"{type: value, value: v}", "v", "[q]", "q", "{q: {input: {type: description, description: d}}}", "{type: description, description: d}",
		"{X-A: {input: {type: value, value: v}}}", "object", "[]", "{}", "0", "[{agent: B, description: d, active: true}]", "B", "true", "S", "[a]", "a",
		"[{number: 12025550123, applyToExisting: true}]", "12025550123", "{preventDestroy: true}", id1, "[C]"} {
		bad := "[[]]" // a list in a list is right nowhere
		for _, around := range []string{": %\n", ": %,", ": %}", "[%]"} {
			old := strings.ReplaceAll(around, "%", value)
			if n := strings.Count(sound, old); n == 0 {
				continue
			}
			_, err := Load(files("agents/a.yaml", strings.Replace(sound, old, strings.ReplaceAll(around, "%", bad), 1)), "agents")
			got := lines(t, err)
			if len(got) != 1 || !strings.Contains(got[0], ", must be ") {
				t.Errorf("%q turned into a list: %q, want one problem", old, got)
			}
			wrong++
		}
	}
	if wrong < 30 {
		t.Errorf("only %d values were tried", wrong)
	}
}

func TestNearest(t *testing.T) {
	known := keys(AgentFields)
	for name, want := range map[string]string{
		"systemprompt": "systemPrompt", "system_prompt": "systemPrompt", "sytemPromt": "systemPrompt", "SystemPromtp": "systemPrompt",
		"tool": "tools", "tolos": "tools", "discription": "description", "handOff-Tools": "handoffTools",
		"model": "", "x": "", "": "", "prompt": "", strings.Repeat("x", 10_000): "",
	} {
		if got := nearest(name, known); got != want {
			t.Errorf("nearest to %q is %q, want %q", name, got, want)
		}
	}
	if got := nearest("a", []string{"b"}); got != "" {
		t.Errorf("nearest to a is %q: nothing of it is left", got)
	}
	if got := nearest("abcd", []string{"abxd", "abcd_", "ab-cd"}); got != "abcd_" {
		t.Errorf("of equals the first wins: got %q", got)
	}
}
