package spec_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wassist-sync/spec"
)

var update = flag.Bool("update", false, "write the schemas in schema/ anew")

// The schemas in schema/ are those of the tables.
func TestSchemasAreFresh(t *testing.T) {
	for _, name := range spec.SchemaNames {
		want, err := spec.JSONSchema(name)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("..", "schema", name+".schema.json")
		if *update {
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s is stale; write it anew: go test ./spec -run TestSchemasAreFresh -update", file)
		}
	}
	if _, err := spec.JSONSchema("agents"); err == nil || !strings.Contains(err.Error(), "agent, settings and environment") {
		t.Errorf("a schema that does not exist: %v", err)
	}
}

// Every key is explained, in every schema, and no other keys are allowed beside
// keys that are fixed.
func TestSchemasExplainEveryKey(t *testing.T) {
	seen := 0
	var walk func(t *testing.T, path string, node any)
	walk = func(t *testing.T, path string, node any) {
		switch node := node.(type) {
		case []any:
			for _, one := range node {
				walk(t, path, one)
			}
		case map[string]any:
			properties, _ := node["properties"].(map[string]any)
			if properties != nil && node["type"] != nil && node["additionalProperties"] != false {
				t.Errorf("%s: other keys are allowed", path)
			}
			for name, property := range properties {
				p, ok := property.(map[string]any)
				if !ok || node["type"] == nil { // of a condition
					continue
				}
				seen++
				if text, _ := p["description"].(string); len(text) < 8 || !strings.HasSuffix(text, ".") {
					t.Errorf("%s.%s: the description is %q", path, name, text)
				}
				walk(t, path+"."+name, p)
			}
			for _, in := range []string{"items", "additionalProperties", "anyOf"} {
				walk(t, path, node[in])
			}
		}
	}
	for _, name := range spec.SchemaNames {
		text, err := spec.JSONSchema(name)
		if err != nil {
			t.Fatal(err)
		}
		var root any
		if err := json.Unmarshal(text, &root); err != nil {
			t.Fatal(err)
		}
		walk(t, name, root)
	}
	if seen < 90 {
		t.Errorf("%d keys were looked at", seen)
	}
}
