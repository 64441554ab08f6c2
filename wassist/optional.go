package wassist

import (
	"fmt"
	"log/slog"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Optional is a JSON member that may be absent, null, or a value. Its zero value is absent. Value is the zero
// value of T unless the member holds a value, so it can be read without asking first.
//
// A struct field of this type needs the tag option omitzero, or an absent member would be written as null.
type Optional[T any] struct {
	Set   bool // the member is there, as null or as a value
	Null  bool // the member is null
	Value T
}

// Some returns a member that holds v.
func Some[T any](v T) Optional[T] { return Optional[T]{Set: true, Value: v} }

// Null returns a member that is null.
func Null[T any]() Optional[T] { return Optional[T]{Set: true, Null: true} }

// Get returns the value, and whether the member holds one (it is neither absent nor null).
func (o Optional[T]) Get() (T, bool) { return o.Value, o.Set && !o.Null }

// Or returns the value, or fallback when the member is absent or null.
func (o Optional[T]) Or(fallback T) T {
	if v, ok := o.Get(); ok {
		return v
	}
	return fallback
}

// IsZero reports whether the member is absent; the tag option omitzero asks it.
func (o Optional[T]) IsZero() bool { return !o.Set }

// MarshalJSONTo writes the value, or null.
func (o Optional[T]) MarshalJSONTo(enc *jsontext.Encoder) error {
	if !o.Set || o.Null {
		return enc.WriteToken(jsontext.Null)
	}
	return json.MarshalEncode(enc, o.Value)
}

// UnmarshalJSONFrom reads a value or null; what was there before is dropped, not merged.
func (o *Optional[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*o = Optional[T]{Set: true}
	if dec.PeekKind() == 'n' {
		o.Null = true
		return dec.SkipValue()
	}
	return json.UnmarshalDecode(dec, &o.Value)
}

// String shows the value as fmt does; a secret stays hidden.
func (o Optional[T]) String() string {
	switch {
	case !o.Set:
		return "(absent)"
	case o.Null:
		return "null"
	}
	return fmt.Sprintf("%+v", o.Value)
}

// LogValue shows what String shows. Without it, a JSON log handler would write a secret in clear.
func (o Optional[T]) LogValue() slog.Value { return slog.StringValue(o.String()) }
