package spec

import (
	"fmt"
	"math"
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

	// tag is what few values have and so stands apart: a large set holds a value for
	// every word of its definitions.
	tag *fromTag
}

// fromTag is what !file or !env gave a value.
type fromTag struct {
	file string
	env  *envTemplate
}

// File is the path of the text that !file named, relative to the repository's
// root; empty for a value that stands in the YAML itself.
func (v *Value) File() string {
	if v.tag == nil {
		return ""
	}
	return v.tag.file
}

// SetFile says that the text is to stand in a file of that path, as !file names it.
func (v *Value) SetFile(path string) { v.tag = &fromTag{file: path} }

// env is the unresolved !env template; nil once resolved and for all other values.
func (v *Value) env() *envTemplate {
	if v.tag == nil {
		return nil
	}
	return v.tag.env
}

// Member is one key of an Object with its value.
type Member struct {
	Key   string
	Value *Value
	place place // of the key
}

// place is a Position in the file of the value that it belongs to.
type place struct{ line, column int32 }

// MemberAt is a member whose key stands at a position of its value's file.
func MemberAt(key string, pos Position, value *Value) Member {
	return Member{Key: key, Value: value, place: place{narrow(pos.Line), narrow(pos.Column)}}
}

// narrow never cuts anything of a file, which is bounded far below.
func narrow(n int) int32 { return int32(max(0, min(n, math.MaxInt32))) }

// Pos is the position of the key.
func (m Member) Pos() Position {
	pos := Position{Line: int(m.place.line), Column: int(m.place.column)}
	if m.Value != nil {
		pos.File = m.Value.Pos.File
	}
	return pos
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
func (v *Value) Unresolved() bool { return v != nil && v.env() != nil }

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
