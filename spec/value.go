package spec

import (
	"fmt"
	"strings"
)

// Position is a place in a definition file. Line and Column count from 1;
// Column counts characters, as editors do. The zero Line means "the whole file".
type Position struct {
	File   string
	Line   int
	Column int
}

// String gives the form that editors and compilers share: file:line:col.
func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Kind tells the kinds of declared values apart. Absent is not a kind: an
// absent value is a nil *Value, so that absent, null and empty never mix.
type Kind uint8

// The kinds of values.
const (
	Null   Kind = iota + 1 // written null, or left empty after the colon
	Text                   // a string
	Bool                   // true or false
	Number                 // a JSON number, kept as its literal
	List                   // a sequence
	Object                 // a mapping
)

var kindNames = map[Kind]string{Null: "null", Text: "text", Bool: "a boolean", Number: "a number", List: "a list", Object: "a mapping"}

// String names the kind in words that fit an error message.
func (k Kind) String() string { return kindNames[k] }

// Value is one declared value with its place in the file. A nil *Value is
// absent: unmanaged, never compared and never written.
type Value struct {
	Kind Kind
	Bool bool // Bool
	// Sensitive values came from !env, or stand in a field that holds secrets
	// whatever their source: they are compared and written, and printed nowhere.
	Sensitive bool
	// plain texts stand without quotes, so they may turn out to be a number or
	// a boolean where the parameter's type says so.
	plain bool

	Text    string   // Text: the content; Number: the literal
	Items   []*Value // List
	Members []Member // Object, in written order
	Pos     Position

	// File is the path of the text that !file named, relative to the
	// repository's root; empty for a value that stands in the YAML itself.
	File string

	// env is the unresolved !env template; nil once resolved and for all
	// other values.
	env *envTemplate
}

// Member is one key of an Object with its value.
type Member struct {
	Key   string
	Pos   Position // of the key
	Value *Value
}

// Get returns the member of that key, or nil when it is absent. It may be
// called on a nil Value and on one that is no object.
func (v *Value) Get(key string) *Value {
	if v == nil {
		return nil
	}
	for _, m := range v.Members {
		if m.Key == key {
			return m.Value
		}
	}
	return nil
}

// Unresolved tells whether the value waits for ResolveEnv.
func (v *Value) Unresolved() bool { return v != nil && v.env != nil }

// String never shows a sensitive text, so that a stray %v leaks nothing.
func (v *Value) String() string {
	if v == nil {
		return "absent"
	}
	if v.Sensitive {
		return "(sensitive)"
	}
	switch v.Kind {
	case Text:
		return fmt.Sprintf("%q", v.Text)
	case Number:
		return v.Text
	case Bool:
		return fmt.Sprint(v.Bool)
	case List:
		parts := make([]string, len(v.Items))
		for i, item := range v.Items {
			parts[i] = item.String()
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case Object:
		parts := make([]string, len(v.Members))
		for i, m := range v.Members {
			parts[i] = m.Key + ": " + m.Value.String()
		}
		return "{" + strings.Join(parts, ", ") + "}"
	default:
		return "null"
	}
}

// GoString is String: %#v must not show a secret either.
func (v *Value) GoString() string { return v.String() }
