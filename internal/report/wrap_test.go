package report

import (
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestWrap(t *testing.T) {
	for _, tt := range []struct {
		width, indent int
		s, want       string
	}{
		{0, 4, strings.Repeat("word ", 40) + "end", strings.Repeat("word ", 40) + "end"},
		{20, 4, strings.Repeat("word ", 8) + "end", strings.Repeat("word ", 8) + "end"}, // too narrow to wrap
		{40, 4, "one line", "one line"},
		{40, 2, "a sentence of prose that is longer than forty columns are wide", "a sentence of prose that is longer\n  than forty columns are wide"},
		{40, 0, "sha256:" + strings.Repeat("0", 64) + " is whole", "sha256:" + strings.Repeat("0", 64) + "\nis whole"},
	} {
		if got := newPrinter(io.Discard, TextOptions{Width: tt.width}).wrap(tt.indent, tt.s); got != tt.want {
			t.Errorf("%d columns, %q:\n%s", tt.width, tt.s, got)
		}
	}
}

// Wrapping changes spaces only, and no line of several words is too wide.
func TestWrapKeepsTheText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width, indent := rapid.IntRange(narrowest, 120).Draw(t, "width"), rapid.IntRange(0, 8).Draw(t, "indent")
		s := rapid.StringMatching(`[a-zäé:. ]{0,400}`).Draw(t, "text")
		got := newPrinter(io.Discard, TextOptions{Width: width}).wrap(indent, s)
		for i, l := range strings.Split(got, "\n") {
			text := l
			n := utf8.RuneCountInString(l)
			if i == 0 {
				n += indent
			} else {
				text = l[indent:]
			}
			if n > width && strings.Contains(strings.TrimLeft(text, " "), " ") {
				t.Errorf("%d columns of %d: %q", n, width, l)
			}
		}
		if back := strings.ReplaceAll(got, "\n"+strings.Repeat(" ", indent), " "); back != s {
			t.Errorf("%q became %q", s, got)
		}
	})
}
