package wassist

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// hidden is what a secret prints as.
const hidden = "(secret)"

// Secret is a text that the API returns in clear and that must not be shown: the URL and secret of a trigger,
// a credit password, a connector's URL. It prints as "(secret)" under every verb of fmt and in slog; it is
// encoded to JSON in clear, because the API wants it back.
type Secret string

// String returns a marker, never the text. Convert with string(s) to use the text.
func (s Secret) String() string { return hidden }

// GoString returns a marker, never the text.
func (s Secret) GoString() string { return hidden }

// Format writes a marker for every verb and flag.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue returns a marker, never the text.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// Raw is one JSON value as the API sent it, byte for byte but for white space. The empty Raw is an absent member.
// It stands for members whose shape is not documented, for unknown ones, and for a fixed input value, which may
// be any scalar. Since any of these may hold a secret, it prints as its length only.
type Raw string

// RawOf encodes v. It fails for what JSON cannot hold, such as a channel or NaN.
func RawOf(v any) (Raw, error) {
	b, err := Marshal(v)
	return Raw(b), err
}

// Decode reads the value into v, which is a pointer as for [Unmarshal].
func (r Raw) Decode(v any) error { return Unmarshal([]byte(r), v) }

// IsNull reports whether the value is null.
func (r Raw) IsNull() bool { return r == "null" }

// Text returns the value of a JSON string, and whether the value is a string.
func (r Raw) Text() (string, bool) {
	if jsontext.Value(r).Kind() != '"' {
		return "", false
	}
	b, err := jsontext.AppendUnquote(nil, []byte(r))
	return string(b), err == nil
}

// MarshalJSONTo writes the value as it is; an empty Raw as null.
func (r Raw) MarshalJSONTo(enc *jsontext.Encoder) error { return writeVerbatim(enc, string(r)) }

// UnmarshalJSONFrom keeps the next value as it is.
func (r *Raw) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	return readVerbatim(dec, (*string)(r))
}

// String tells the length only.
func (r Raw) String() string {
	if r == "" {
		return "(absent)"
	}
	return "(JSON, " + strconv.Itoa(len(r)) + " bytes)"
}

// GoString tells the length only.
func (r Raw) GoString() string { return r.String() }

// Format tells the length only, for every verb and flag.
func (r Raw) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) }

// LogValue tells the length only.
func (r Raw) LogValue() slog.Value { return slog.StringValue(r.String()) }

// Number is a JSON number as the API sent it ("10", "1.50"), so that no digit is lost. A decimal in quotes, as
// Django REST Framework writes decimals by default, and null are kept too. The empty Number is an absent member.
type Number string

// NumberOf returns f in its shortest form; f must be finite.
func NumberOf(f float64) Number { return Number(strconv.FormatFloat(f, 'f', -1, 64)) }

// Float returns the value, and whether there is one: not when absent, null, or no number.
func (n Number) Float() (float64, bool) {
	f, err := strconv.ParseFloat(strings.Trim(string(n), `"`), 64)
	return f, err == nil
}

// IsNull reports whether the value is null.
func (n Number) IsNull() bool { return n == "null" }

// MarshalJSONTo writes the number as it is; an empty Number as null.
func (n Number) MarshalJSONTo(enc *jsontext.Encoder) error { return writeVerbatim(enc, string(n)) }

// UnmarshalJSONFrom keeps a number, a decimal in quotes, or null; anything else is an error.
func (n *Number) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	switch kind := dec.PeekKind(); kind {
	case '0', '"', 'n':
	case jsontext.KindInvalid: // ReadValue below tells why
	default:
		return fmt.Errorf("a number was expected, not a JSON %v", kind)
	}
	return readVerbatim(dec, (*string)(n))
}

// Extra holds the members of an object that this package does not know, by name.
type Extra map[string]Raw

// LogValue shows the names only: a value may be a secret.
func (e Extra) LogValue() slog.Value {
	return slog.StringValue(strings.Join(slices.Sorted(maps.Keys(e)), " "))
}

func writeVerbatim(enc *jsontext.Encoder, text string) error {
	if text == "" {
		return enc.WriteToken(jsontext.Null)
	}
	return enc.WriteValue(jsontext.Value(text))
}

func readVerbatim(dec *jsontext.Decoder, into *string) error {
	v, err := dec.ReadValue()
	if err != nil {
		return err
	}
	v = bytes.Clone(v) // the decoder owns what it returned
	if err := v.Compact(jsontext.AllowInvalidUTF8(true)); err != nil {
		return err
	}
	*into = string(v)
	return nil
}

// jsonOptions: bytes that are not UTF-8 become U+FFFD rather than making an agent unreadable; members are
// written in a fixed order, so that equal values give equal bytes.
var jsonOptions = json.JoinOptions(jsontext.AllowInvalidUTF8(true), json.Deterministic(true))

// Marshal encodes a value of this package (or any other) as the client sends it. Secrets are in clear.
func Marshal(v any) ([]byte, error) { return json.Marshal(v, jsonOptions) }

// Unmarshal decodes JSON into the value that v points to, as the client reads it. Unknown members go to Extra,
// bytes that are not UTF-8 become U+FFFD, and an object that names a member twice is an error.
func Unmarshal(data []byte, v any) error { return json.Unmarshal(data, v, jsonOptions) }
