package spec

import (
	"encoding/json"
	"slices"
	"strings"
)

// JSON types.
const (
	jsString  = "string"
	jsNumber  = "number"
	jsBoolean = "boolean"
	jsNull    = "null"
	jsArray   = "array"
	jsObject  = "object"
)

// tagged is a text that an editor sees where !env or !var stands before a value
// that is no free text: editors hand on what follows the tag, and not the tag. A
// variable's name alone counts when it is in capitals, so that a misspelt value
// does not pass for one; any other name can be written as "${name}".
const tagged = `^[A-Z][A-Z0-9_]*$|\$\{[A-Za-z_]`

// form is what a text must look like, as a pattern, and what to say otherwise.
type form struct{ pattern, say string }

var (
	idForm   = form{`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`, "Write the id as Wassist shows it, such as 3f0c8a52-6d1e-4f0b-9a57-2f1f6f0f7c11."}
	lineForm = form{`^\S([^\r\n]*\S)?$`, "Write one line, without white space around it."}
	urlForm  = form{`^[Hh][Tt][Tt][Pp][Ss]?://`, "Write an absolute URL, with http:// or https://."}
	keyForm  = form{`\S`, "Write a value: entries are told apart by it."}
)

// forms are those that the loader checks by rules of its own, by path in the
// table. The loader knows more of them, and is what counts.
var forms = map[string]form{
	"name":                      lineForm,
	"previousNames":             lineForm,
	"id":                        idForm,
	"handoffTools.childAgentId": idForm,
	"deploy.number":             {`^[-+ .()0-9]*[0-9][-+ .()0-9]*$`, "Write the number with its country code, such as \"+44 7700 900111\"."},
	"maxDeletes":                {`^(0|[1-9][0-9]*)%?$`, "Write a number such as 5, or a share such as 20%."},
	"rate":                      {`^\+?[0-9]+/\+?([0-9.]*(ns|us|µs|μs|ms|s|m|h))+$`, "Write the number of requests and the time they are counted over, such as 100/1m."},
	"organization":              lineForm,
	"unmanaged":                 lineForm,
	"exclude":                   lineForm,
	"apiKeyEnv":                 {`^[A-Za-z_][A-Za-z0-9_]*$`, "Write the variable's name, and never what it holds."},
}

// schemaWriter makes schemas of fields as the decoder reads them.
type schemaWriter struct {
	// tags tells that !env, !file and !var are read, which settings have not.
	tags bool
	// own tells that all fields are ours, and null clears nothing.
	own bool
}

// object is a mapping with fixed keys; table is its path in the table.
func (w schemaWriter) object(of *Field, table string) *schema {
	s := &schema{Type: types{jsObject}, Properties: &properties{}, AdditionalProperties: false}
	for i := range of.Fields {
		f := &of.Fields[i]
		inside := w
		inside.own = w.own || table == "" && Lookup(AgentFields, f.Name) == nil
		one := inside.value(f, join(table, f.Name))
		if f.Alias == "" {
			s.Properties.add(f.Name, one)
			if f.Required {
				s.Required = append(s.Required, f.Name)
			}
			continue
		}
		alias := inside.value(&Field{Type: f.Type, Key: f.Key, Required: f.Required, Doc: f.AliasDoc}, join(table, f.Alias))
		s.Properties.add(f.Alias, alias)
		s.Properties.add(f.Name, one)
		// Exactly one of the two; said so that editors name the key that is
		// missing or too many.
		tooMany := &properties{}
		tooMany.add(f.Alias, false)
		s.If = &schema{Required: []string{f.Name}}
		s.Then, s.Else = &schema{Properties: tooMany}, &schema{Required: []string{f.Alias}}
	}
	if of.Whole && Lookup(of.Fields, "value") != nil {
		s.AllOf = inputRules()
	}
	return s
}

// inputRules are those of an input: its type says which key it has beside it.
func inputRules() []*schema {
	var rules []*schema
	for _, pair := range [][2]string{{"description", "value"}, {"value", "description"}} {
		typ, none := &properties{}, &properties{}
		typ.add("type", &schema{Const: pair[0]})
		none.add(pair[1], false)
		rules = append(rules, &schema{
			If:   &schema{Properties: typ, Required: []string{"type"}},
			Then: &schema{Required: []string{pair[0]}, Properties: none},
		})
	}
	return rules
}

// value is the schema of one field's value.
func (w schemaWriter) value(f *Field, table string) *schema {
	s := w.kind(f, table)
	s.Description, s.Default = f.Doc, f.Default
	if nullRemedy(f, w.own) != "" {
		return s
	}
	if s.AnyOf == nil {
		s.Type = append(s.Type, jsNull)
	} else {
		s.AnyOf = append(s.AnyOf, &schema{Type: types{jsNull}})
	}
	return s
}

func (w schemaWriter) kind(f *Field, table string) *schema {
	zero := 0
	switch f.Type {
	case TypeBool:
		return w.orTagged(&schema{Type: types{jsBoolean}})
	case TypeNumber:
		return w.orTagged(&schema{Type: types{jsNumber}, Minimum: &zero})
	case TypeTexts:
		item := w.text(&Field{Type: TypeText, Required: true, Key: f.Unordered}, table)
		s := &schema{Type: types{jsArray}, Items: item}
		if table == "mcpConfigs.toolWhitelist" {
			s.MinItems = 1
		}
		return s
	case TypeEntries:
		return &schema{Type: types{jsArray}, Items: w.object(f, table)}
	case TypeObject:
		return w.object(f, table)
	case TypeMap:
		elem := *f.Elem
		elem.Required = true
		return &schema{Type: types{jsObject}, AdditionalProperties: w.value(&elem, table)}
	}
	return w.text(f, table)
}

// text is the schema of a text. A number without quotes is a text to the loader,
// and so is true; but editors would propose true and false for every text if it
// were allowed here.
func (w schemaWriter) text(f *Field, table string) *schema {
	if len(f.Enum) > 0 {
		return w.orTagged(&schema{Type: types{jsString}, Enum: f.Enum})
	}
	s := &schema{Type: types{jsString, jsNumber}, MaxLength: f.MaxLength}
	if f.Type == TypeScalar && w.tags {
		s.Type = append(s.Type, jsBoolean)
	}
	is, special := forms[table]
	switch {
	case special:
	case f.URL:
		is = urlForm
		if !f.Required {
			is.pattern += "|^$" // clears it
		}
	case f.Key:
		is = keyForm
	default:
		return s
	}
	// A tagged text is one line anyway.
	if w.tags && is != lineForm && is != keyForm {
		is.pattern += "|" + tagged
	}
	s.Pattern, s.PatternErrorMessage = is.pattern, is.say
	return s
}

// orTagged lets a text with a tag stand in place of a value that is no free text.
func (w schemaWriter) orTagged(s *schema) *schema {
	if !w.tags {
		return s
	}
	return &schema{AnyOf: []*schema{s, {Type: types{jsString}, Pattern: tagged}}}
}

func marshalPlain(v any) ([]byte, error) {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return []byte(strings.TrimSuffix(out.String(), "\n")), nil
}

func joinNames(names []string) string {
	last := slices.Clone(names)
	return strings.Join(last[:len(last)-1], ", ") + " and " + last[len(last)-1]
}
