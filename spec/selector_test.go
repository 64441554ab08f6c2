package spec

import (
	"strings"
	"testing"
)

func TestSelector(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, name string
		want       bool
	}{
		{"Orders", "Orders", true},
		{"Orders", "orders", false},
		{"Orders", "Orders 2", false},
		{"Orders", " Orders\n", true},
		{" Orders ", "Orders", true},
		{"Order*", "Order desk", true},
		{"Order*", "Order/desk", true},
		{"*", "", true},
		{"Shop ?", "Shop 1", true},
		{"Shop ?", "Shop 12", false},
		{"Shop [ab]", "Shop a", true},
		{"Shop [ab]", "Shop [ab]", true}, // the name itself, though it looks like a glob
		{"Shop [^ab]", "Shop a", false},
		{`\*`, "*", true},
		{`\*`, "x", false},
		{"Größe ?", "Größe ü", true},
	} {
		s, err := ParseSelector(c.text)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if got := s.Matches(c.name); got != c.want {
			t.Errorf("%q selects %q: %t, want %t", c.text, c.name, got, c.want)
		}
		if s.String() != c.text {
			t.Errorf("%q became %q", c.text, s)
		}
	}
}

func TestSelectorsThatAreNone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":       "the name is empty; write",
		" \n":    "the name is empty; write",
		"Shop [": `"Shop [" has a [ that starts no set of characters; write`,
		`Shop\`:  `"Shop\\" ends in a \ that nothing follows; write`,
	} {
		if _, err := ParseSelector(text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s …", text, err, want)
		}
	}
}
