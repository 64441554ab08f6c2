package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// bracketed shows pieces on one line: what differs stands in brackets.
func bracketed(all [][]piece) string {
	var out []string
	for _, l := range all {
		var b strings.Builder
		for _, p := range l {
			if p.Differs {
				b.WriteString("[" + p.Text + "]")
			} else {
				b.WriteString(p.Text)
			}
		}
		out = append(out, b.String())
	}
	return strings.Join(out, "/")
}

func TestWords(t *testing.T) {
	for _, c := range []struct{ a, b, old, replaced string }{
		{"same", "same", "same", "same"},
		{"Line 6.", "Line six.", "Line [6].", "Line [six]."},
		{"one two three", "one three", "one [two ]three", "one three"},
		{"one three", "one two three", "one three", "one [two ]three"},
		{"a b c/d e f", "a b/c d e f", "a b[ ]c/d e f", "a b/c[ ]d e f"},
		{"don't", "do", "[don't]", "[do]"},
		{"你好世界", "你们世界", "你[好]世界", "你[们]世界"},
		{"", "x", "", "[x]"},
		{"x", "", "[x]", ""},
		{"(a)", "[a]", "[(]a[)]", "[[]a[]]"},
		{"x/", "x", "x/", "x"},
		{"@@ -1,2 +3,4 @@", "@@ -1,2 +3,5 @@", "@@ -1,2 +3,[4] @@", "@@ -1,2 +3,[5] @@"},
	} {
		old, replaced := words(strings.Split(c.a, "/"), strings.Split(c.b, "/"))
		if got, want := bracketed(old), c.old; got != want {
			t.Errorf("%q → %q: old %q, want %q", c.a, c.b, got, want)
		}
		if got, want := bracketed(replaced), c.replaced; got != want {
			t.Errorf("%q → %q: new %q, want %q", c.a, c.b, got, want)
		}
	}
}

// The pieces are the lines, and what does not differ is the same on both sides.
func TestWordsProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOfN(rapid.StringMatching(`([a-d']{1,2}| |\t|[.,+@-]|ä|漢|字|ส){0,25}`), 1, 6)
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		if rapid.Bool().Draw(t, "related") {
			b = append(append([]string{}, a...), b...)
		}
		old, replaced := words(a, b)
		whole := func(all [][]piece) (lines []string, common string) {
			for _, l := range all {
				text := ""
				for i, p := range l {
					if p.Text == "" || i > 0 && l[i-1].Differs == p.Differs {
						t.Errorf("pieces that are empty or not joined: %+v", l)
					}
					text += p.Text
					if !p.Differs {
						common += p.Text
					}
				}
				lines = append(lines, text)
			}
			return lines, common
		}
		gotA, commonA := whole(old)
		gotB, commonB := whole(replaced)
		if diff := cmp.Diff([][]string{a, b}, [][]string{gotA, gotB}); diff != "" {
			t.Errorf("lost (-want +got):\n%s", diff)
		}
		if commonA != commonB {
			t.Errorf("what is the same differs: %q and %q", commonA, commonB)
		}
		if again, _ := words(a, a); strings.Contains(fmt.Sprint(again), "true") {
			t.Errorf("a text differs from itself: %v", again)
		}
	})
}

// A long line shows its difference, and not all that is the same.
func TestRowsOfLongLines(t *testing.T) {
	same := strings.Repeat("All work and no play. ", 200)
	rows := textRows(same+"Then he slept well. "+same, same+"Then he slept badly. "+same)
	text := ""
	for _, r := range rows {
		for _, p := range r.Pieces {
			text += p.Text + "|"
			if len(p.Text) > 2*longPiece {
				t.Errorf("a piece of %d bytes", len(p.Text))
			}
		}
	}
	if !strings.Contains(text, "slept |well|.") || !strings.Contains(text, "slept |badly|.") || !strings.Contains(text, " characters) … ") {
		t.Error(text)
	}
}
