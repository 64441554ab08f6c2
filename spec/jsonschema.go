package spec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// SchemaNames are the names of the JSON Schemas, one for each kind of file:
// definitions, wassist-sync.yaml, and environments/NAME.yaml.
var SchemaNames = []string{"agent", "settings", "environment"}

// What the addresses of schemas have in common.
const (
	schemaFolder = "https://raw.githubusercontent.com/wassist-sync/wassist-sync/main/schema/"
	schemaSuffix = ".schema.json"
)

// SchemaAddress is where the schema of a name is published: what the modeline
// of a file names, and the schema's own $id.
func SchemaAddress(name string) string {
	return schemaFolder + name + schemaSuffix
}

// JSONSchema gives one of SchemaNames as JSON Schema, draft 7, indented and with
// a newline at its end: what editors check files by. It is made from the tables
// of schema.go, so that it knows the keys, the types and the texts of the loader.
// What the loader takes, it takes; rules that one value alone cannot break stay
// with the loader. The error names the schemas that there are.
func JSONSchema(name string) ([]byte, error) {
	var root *schema
	switch name {
	case "agent":
		root = agentSchema()
	case "settings":
		root = settingsSchema(SettingsFields, SettingsFile+" of wassist-sync: what holds for a folder of definitions, unless a flag or an environment says otherwise.")
	case "environment":
		root = settingsSchema(EnvironmentFields, "An environment of wassist-sync: values for !var, and settings that go before those of "+SettingsFile+".")
	default:
		return nil, fmt.Errorf("there is no schema %q; there are %s", name, joinNames(SchemaNames))
	}
	root.Schema, root.ID = "http://json-schema.org/draft-07/schema#", SchemaAddress(name)
	root.Title = "wassist-sync: " + name
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(root); err != nil {
		return nil, fmt.Errorf("writing the schema %s: %w", name, err)
	}
	return out.Bytes(), nil
}

// schema is the part of JSON Schema, draft 7, that is used here; fields come out
// in this order.
type schema struct {
	Schema      string `json:"$schema,omitempty"`
	ID          string `json:"$id,omitempty"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Default     any    `json:"default,omitempty"`
	// Type holds the one type, or several.
	Type                 types       `json:"type,omitempty"`
	Enum                 []string    `json:"enum,omitempty"`
	Const                string      `json:"const,omitempty"`
	Pattern              string      `json:"pattern,omitempty"`
	PatternErrorMessage  string      `json:"patternErrorMessage,omitempty"` // no JSON Schema: what editors say
	MinLength            int         `json:"minLength,omitempty"`
	MaxLength            int         `json:"maxLength,omitempty"`
	Minimum              *int        `json:"minimum,omitempty"`
	MinItems             int         `json:"minItems,omitempty"`
	Items                *schema     `json:"items,omitempty"`
	Properties           *properties `json:"properties,omitempty"`
	Required             []string    `json:"required,omitempty"`
	AdditionalProperties any         `json:"additionalProperties,omitempty"` // false, or a *schema
	AnyOf                []*schema   `json:"anyOf,omitempty"`
	AllOf                []*schema   `json:"allOf,omitempty"`
	If                   *schema     `json:"if,omitempty"`
	Then                 *schema     `json:"then,omitempty"`
	Else                 *schema     `json:"else,omitempty"`
}

// types is one JSON type, or a list of them.
type types []string

// MarshalJSON writes a single type as a text.
func (t types) MarshalJSON() ([]byte, error) {
	if len(t) == 1 {
		return json.Marshal(t[0])
	}
	return json.Marshal([]string(t))
}

// properties keeps the order of the table, in which editors show keys.
type properties struct {
	names   []string
	schemas []any // *schema, or false for a key that may not be there
}

func (p *properties) add(name string, s any) {
	p.names, p.schemas = append(p.names, name), append(p.schemas, s)
}

// MarshalJSON writes the properties in their order.
func (p *properties) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, name := range p.names {
		if i > 0 {
			out.WriteByte(',')
		}
		for _, part := range []any{name, p.schemas[i]} {
			text, err := marshalPlain(part)
			if err != nil {
				return nil, err
			}
			out.Write(text)
			if part == any(name) {
				out.WriteByte(':')
			}
		}
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

func agentSchema() *schema {
	w := schemaWriter{tags: true}
	ordered := slices.Concat([]Field{NameField}, OwnFields, AgentFields)
	s := w.object(&Field{Fields: ordered}, "")
	s.Description = "One agent on Wassist, as wassist-sync shall keep it. A key that is not written is left alone."
	return s
}

func settingsSchema(fields []Field, description string) *schema {
	w := schemaWriter{own: true}
	s := w.object(&Field{Fields: fields}, "")
	s.Description = description
	return s
}
