package sync

import (
	"encoding/json"
	"fmt"
	"testing"
)

func TestEqualNumber(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		declared string
		stored   any
		want     bool
	}{
		{"0", json.Number("0"), true}, {"0", "0.00", true}, {"0", 0, true}, {"0", 0.0, true}, {"1.5", json.Number("15e-1"), true},
		{"10", "10", true}, {"1", json.Number("2"), false}, {"0", "", false}, {"0", nil, false}, {"1", true, false},
		{"0", map[string]any{}, false}, {"1", "one", false}, {"1", json.Number("1e999999999"), false},
	} {
		if got := equalNumber(tt.declared, tt.stored); got != tt.want {
			t.Errorf("equalNumber(%q, %#v) = %t", tt.declared, tt.stored, got)
		}
	}
}

func TestIsEmpty(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		json string
		want bool
	}{
		{`null`, true}, {`""`, true}, {`" \r\n"`, true}, {`[]`, true}, {`{}`, true},
		{`{"type":"object","required":[],"properties":{}}`, true}, {`{"a":{"b":[]}}`, true},
		{`{"type":"string"}`, false}, {`{"a":{"b":[1]}}`, false}, {`[null]`, false}, {`0`, false}, {`false`, false}, {`"x"`, false},
	} {
		if got := isEmpty(decodeJSON(t, `{"v":`+tt.json+`}`)["v"]); got != tt.want {
			t.Errorf("isEmpty(%s) = %t", tt.json, got)
		}
	}
}

func TestSameStored(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{`null`, `{}`, true}, {`""`, `[]`, true}, {`null`, `0`, false}, {`"a"`, `"a\r\n"`, true}, {`"a"`, `"b"`, false}, {`"1"`, `1`, false},
		{`1`, `1`, true}, {`1`, `2`, false}, {`1`, `"1"`, true}, {`true`, `true`, true}, {`true`, `false`, false}, {`true`, `[1]`, false},
		{`[1,"a"]`, `[1,"a "]`, true}, {`[1]`, `[1,2]`, false}, {`[1]`, `[2]`, false}, {`[1]`, `{"a":1}`, false},
		{`{"a":1}`, `{"a":1,"b":null}`, true}, {`{"a":1}`, `{"a":1,"b":2}`, false}, {`{"a":1,"b":2}`, `{"a":1}`, false}, {`{"a":1}`, `[1]`, false},
		{`{"a":{"b":["x"]}}`, `{"a":{"b":["x"]}}`, true}, {`{"a":{"b":["x"]}}`, `{"a":{"b":["y"]}}`, false},
	} {
		v := decodeJSON(t, fmt.Sprintf(`{"a":%s,"b":%s}`, tt.a, tt.b))
		if got := sameStored(v["a"], v["b"]); got != tt.want {
			t.Errorf("sameStored(%s, %s) = %t", tt.a, tt.b, got)
		}
	}
}

// A text that the server keeps as JSON comes back as JSON.
func TestEqualTextThatCameBackAsJSON(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		declared string
		stored   any
		want     bool
	}{
		{"5", json.Number("5"), true},
		{"true", true, true},
		{`{"a": [1, "b"]}`, map[string]any{"a": []any{json.Number("1"), "b"}}, true},
		{`{"a": 1}`, map[string]any{"a": json.Number("2")}, false},
		{"[]", []any{}, true},
		{"words", map[string]any{"a": true}, false},
	} {
		if got := equalText(tt.declared, tt.stored); got != tt.want {
			t.Errorf("equalText(%q, %v) = %v", tt.declared, tt.stored, got)
		}
	}
}
