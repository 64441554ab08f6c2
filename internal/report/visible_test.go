package report

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// steers is written out, and not taken from the code it tests: C0, DEL and C1
// controls, line and paragraph separators, and the bidirectional controls of
// UAX #9.
func steers(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r < 0x20, r >= 0x7f && r <= 0x9f:
		return true
	case r == 0x2028, r == 0x2029, r == 0x061c, r == 0x200e, r == 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff:
		return true
	}
	return false
}

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"":                       "",
		"plain äöü 漢字":           "plain äöü 漢字",
		"a\nb\tc":                "a\nb\tc",
		"a\r\nb":                 `a\r` + "\nb",
		"\x1b[31m":               `\x1b[31m`,
		"\x00\x7f\u0085\u009b":   `\x00\x7f\x85\x9b`,
		"\u202eabc\u2069":        `\u202eabc\u2069`,
		"\u2028\u2029\ufeff":     `\u2028\u2029\ufeff`,
		"👨\u200d👩\u200d👧":        "👨\u200d👩\u200d👧",
		"می\u200cخواهم":          "می\u200cخواهم",
		"bad \xff\xfe":           "bad \ufffd\ufffd",
		"soft\u00adhyphen":       `soft\xadhyphen`,
		"tags \U000e0041":        `tags \ue0041`,
		"one\u200b\u2060\u180e":  `one\u200b\u2060\u180e`,
		"::error::x":             `\x3a:error::x`,
		"a ::error::x":           "a ::error::x",
		"a\n \u3000::warning::x": "a\n \u3000\\x3a:warning::x",
		"a ##[add-mask]e":        `a ##\x5badd-mask]e`,
	} {
		if got := Visible(in); got != want {
			t.Errorf("Visible(%q) = %q, want %q", in, got, want)
		}
	}
	if got, want := line("a\nb\tc\r\x1b"), `a\nb\tc\r\x1b`; got != want {
		t.Errorf("line: %q, want %q", got, want)
	}
}

func FuzzVisible(f *testing.F) {
	for _, s := range []string{"", "a\nb\tc\r", "\x1b]0;x\x07", "\u202e\u2066", "\xff", "👨\u200d👩", "\u2028", strings.Repeat("x", 300) + "\u061c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		many, one := Visible(s), line(s)
		for name, got := range map[string]string{"Visible": many, "line": one, "value": value(s), "clip": clip(one)} {
			if !utf8.ValidString(got) {
				t.Errorf("%s(%q) is not UTF-8: %q", name, s, got)
			}
			if strings.ContainsFunc(got, steers) {
				t.Errorf("%s(%q) steers: %q", name, s, got)
			}
		}
		if strings.ContainsAny(one, "\n\t") {
			t.Errorf("line(%q) has several lines or a tab: %q", s, one)
		}
		if strings.Count(many, "\n") != strings.Count(s, "\n") {
			t.Errorf("Visible(%q) loses lines: %q", s, many)
		}
		harmless := !strings.Contains(s, "::") && !strings.Contains(s, "##[") && !strings.ContainsFunc(s, func(r rune) bool {
			return r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == 0x2028 || r == 0x2029
		})
		if harmless && (one != s || many != s) {
			t.Errorf("%q is harmless and became %q, %q", s, one, many)
		}
	})
}

// A difference shows where long lines differ, whatever stands before and after.
func FuzzExcerpts(f *testing.F) {
	f.Add("", "x")
	f.Add(strings.Repeat("a", 500)+"b", strings.Repeat("a", 500)+"c")
	f.Add(strings.Repeat("ä", 300), strings.Repeat("ä", 301))
	f.Add(strings.Repeat("x", 90)+strings.Repeat("a", 300), strings.Repeat("y", 90)+strings.Repeat("a", 300))
	f.Fuzz(func(t *testing.T, a, b string) {
		a, b = line(a), line(b)
		x, y := excerpts("-"+a, "+"+b)
		if x[0] != '-' || y[0] != '+' {
			t.Fatalf("the marks are gone: %q, %q", x, y)
		}
		if utf8.RuneCountInString(x) > longLine+1 || utf8.RuneCountInString(y) > longLine+1 {
			t.Errorf("still long: %q, %q", x, y)
		}
		if a != b && len(a)+len(b) < 10_000 && x[1:] == y[1:] && !strings.Contains(x, "characters)") {
			t.Errorf("%q and %q differ, %q does not show where", a, b, x)
		}
	})
}
