package spec

import (
	"path"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestIsUnmanaged(t *testing.T) {
	const id = "3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b61"
	for _, c := range []struct {
		entry, name, id string
		want            bool
	}{
		{"Legacy bot", "Legacy bot", id, true},
		{"Legacy bot", "legacy bot", id, false},
		{"Legacy", "Legacy bot", id, false},
		{"bot", "Legacy bot", id, false},
		{"Legacy*", "Legacy bot", id, true},
		{"Legacy*", "Legacy", id, true},
		{"*bot", "Legacy bot", id, true},
		{"*gac*b?t", "Legacy bot", id, true},
		{"legacy*", "Legacy bot", id, false},
		{"*", "", "", true},
		{"?", "", "", false},
		{"???", "Zoë", id, true},
		{"*ab", "aab", id, true},
		{"a*b*c", "abbcbc", id, true},
		{"a**c", "ac", id, true},

		// A slash is a character like any other.
		{"team/*", "team/a/b", id, true},
		{"*", "team/a", id, true},
		{"team?a", "team/a", id, true},
		{`team[/\-]a`, "team/a", id, true},
		{"team[^x]a", "team/a", id, true},
		{"team[+-0]a", "team/a", id, true},

		{"[Ll]egacy", "legacy", id, true},
		{"[^L]egacy", "legacy", id, true},
		{"[^L]egacy", "Legacy", id, false},
		{"[a-z]*", "Legacy", id, false},
		{"[é-ë]", "ê", id, true},
		{"[z-a]", "b", id, false},
		{`[\]]`, "]", id, true},
		{`[\^a]`, "^", id, true},
		{"[!a]", "a", id, true}, // no negation in path.Match

		// What is no pattern, and what looks like one.
		{`a\*b`, "a*b", id, true},
		{`a\*b`, "axb", id, false},
		{`a\*b`, `a\*b`, id, true},
		{`a\b`, "ab", id, true},
		{"[draft] Orders?", "[draft] Orders?", id, true},
		{"[draft]", "d", id, true},
		{"a.c", "abc", id, false},
		{"(a|b)", "a", id, false},

		{id, "x", id, true},
		{strings.ToUpper(id), "x", id, true},
		{id, "x", strings.ToUpper(id), true},
		{"3f0c8a52", "x", id, false},
		{"3f0c8a52-*", "x", id, true},
		{"3F0C8A52-[A-F0-9]*61", "x", id, true},
		{"3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b[^A]1", "x", "3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5ba1", false},
		{"3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b[^b]1", "x", "3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5ba1", true},
		{"3f0c8a52*", "3F0C8A52", "x", false}, // a name has its case

		// A glob for names hits no id by chance.
		{"3*", "x", id, false},
		{"*61", "x", id, false},
		{"[0-9]*", "x", id, false},
		{"3f0c8a5*", "x", id, false},
		{"????????-*", "x", id, false},
	} {
		s, err := ParseSettings("s.yaml", []byte("unmanaged: [other, '"+c.entry+"']\n"))
		if err != nil {
			t.Errorf("%s: %v", c.entry, err)
			continue
		}
		if got := s.IsUnmanaged(c.name, c.id); got != c.want {
			t.Errorf("%q for %q, %s: %v, want %v", c.entry, c.name, c.id, got, c.want)
		}
	}
	broken := &Settings{Unmanaged: []*Value{{Kind: Text, Text: "a["}}} // never parsed
	if !broken.IsUnmanaged("a[", id) || broken.IsUnmanaged("a", id) || broken.IsUnmanaged("", "") {
		t.Error("a pattern that is none stands for itself only")
	}
	if (&Settings{}).IsUnmanaged("other", id) {
		t.Error("without settings an agent is unmanaged")
	}
}

// Without a slash, path.Match is the measure of both what is a pattern and
// what it matches.
func TestGlobsAreThoseOfPathMatch(t *testing.T) {
	matched, bad := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringOfN(rapid.RuneFrom([]rune(`abé*?[]^-\`)), 0, 10, -1).Draw(t, "pattern")
		if rapid.IntRange(0, 3).Draw(t, "loose") == 0 { // few patterns by chance match anything
			pattern = rapid.SampledFrom([]string{"*", "*?", "**"}).Draw(t, "any")
		}
		text := rapid.StringOfN(rapid.RuneFrom([]rune(`abé*?[]^-\`)), 0, 6, -1).Draw(t, "text")
		want, err := path.Match(pattern, text)
		g, problem, remedy := parseGlob(pattern)
		if (problem != "") != (err != nil) || (problem == "") != (remedy == "") {
			t.Fatalf("problem %q, remedy %q; path.Match says %v", problem, remedy, err)
		}
		if err != nil {
			bad++
			return
		}
		if got := g.match(text, false); got != want {
			t.Fatalf("match %v, want %v", got, want)
		}
		if want {
			matched++
		}
	})
	if matched == 0 || bad == 0 {
		t.Errorf("%d matches and %d bad patterns were tried", matched, bad)
	}
}

// Patterns that make other matchers try every split take no time.
func TestGlobsDoNotBacktrackWithoutBound(t *testing.T) {
	g, _, _ := parseGlob(strings.Repeat("*a", 200) + "b")
	if g.match(strings.Repeat("a", 20_000), false) {
		t.Error("there is no b")
	}
}
