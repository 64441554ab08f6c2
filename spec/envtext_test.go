package spec

import "testing"

// TestTakeTags: two values are one when their tags say the same, and nothing
// that a definition can write is one of them.
func TestTakeTags(t *testing.T) {
	t.Parallel()
	read := func(prompt string) *Value {
		a := one(t, "name: A\nsystemPrompt: "+prompt+"\n")
		a.TakeTags()
		v := a.Fields.Get("systemPrompt")
		if v.Unresolved() {
			t.Errorf("%s: it is not resolved", prompt)
		}
		return v
	}
	for _, tt := range []struct {
		a, b string
		same bool
	}{
		{"!env TOKEN", "!env TOKEN", true},
		{"!env TOKEN", `!env "${TOKEN}"`, true},
		{"!env TOKEN", "!env OTHER", false},
		{`!env "a ${TOKEN} b"`, `!env "a ${TOKEN}  b"`, false},
		{`!env "${TOKEN:-a}"`, `!env "${TOKEN:-b}"`, false},
		{`!env "${TOKEN:-}"`, "!env TOKEN", false},
		{`!env "${TOKEN}"`, `"${TOKEN}"`, false},
		{"plain", "plain", true},
	} {
		a, b := read(tt.a), read(tt.b)
		if (a.Text == b.Text) != tt.same {
			t.Errorf("%s and %s: %q and %q", tt.a, tt.b, a.Text, b.Text)
		}
		if tt.a != "plain" && !a.Sensitive {
			t.Errorf("%s is not sensitive any more", tt.a)
		}
	}
}
