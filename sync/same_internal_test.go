package sync

import (
	"testing"

	"wassist-sync/spec"
)

// Answers may show tools without ids: such entries pair by natural key.
func TestSameEntriesWithoutIDs(t *testing.T) {
	t.Parallel()
	f := spec.Lookup(spec.AgentFields, "tools")
	tool := func(name, description string) any {
		return map[string]any{"name": name, "description": description}
	}
	for _, tt := range []struct {
		name string
		a, b []any
		want bool
	}{
		{"the same", []any{tool("a", "1"), tool("b", "2")}, []any{tool("a", "1"), tool("b", "2")}, true},
		{"in another order", []any{tool("a", "1"), tool("b", "2")}, []any{tool("b", "2"), tool("a", "1")}, true},
		{"one is changed", []any{tool("a", "1"), tool("b", "2")}, []any{tool("a", "1"), tool("b", "3")}, false},
		{"another one", []any{tool("a", "1"), tool("b", "2")}, []any{tool("a", "1"), tool("c", "2")}, false},
		{"one key twice", []any{tool("a", "1"), tool("a", "2")}, []any{tool("a", "1"), tool("a", "2")}, true},
		{"one key twice, changed", []any{tool("a", "1"), tool("a", "2")}, []any{tool("a", "1"), tool("a", "3")}, false},
		{"one twice for two", []any{tool("a", "1"), tool("b", "2")}, []any{tool("a", "1"), tool("a", "1")}, false},
		{"one of two for twice", []any{tool("a", "1"), tool("a", "1")}, []any{tool("a", "1"), tool("b", "2")}, false},
	} {
		if got := sameField(f, tt.a, tt.b); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
}
