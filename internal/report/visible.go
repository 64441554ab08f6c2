package report

import (
	"fmt"
	"strings"
	"unicode"
)

// Texts of agents come from people all over: whatever could steer a terminal or
// a CI runner, or turn the reading direction around, is shown and not sent.

// Visible makes a text of several lines fit for a terminal: whatever could
// steer it is shown as an escape; line feeds and tabs stay.
func Visible(s string) string { return escape(s, true) }

// Line is Visible for a text that is to stay on one line: line feeds and tabs are
// escapes too.
func Line(s string) string { return line(s) }

// line makes a text harmless and keeps it on one line.
func line(s string) string { return escape(s, false) }

func escape(s string, multiline bool) string {
	return disarm(escapeHidden(s, multiline))
}

// disarm takes the effect from what a log would obey. GitHub's runner reads what
// a job prints, and takes a line that begins with two colons, and "##[" anywhere
// in one, for a command: it could mask or forge what is printed after it.
func disarm(s string) string {
	if strings.Contains(s, "::") {
		all := strings.Split(s, "\n")
		for i, l := range all {
			if rest := strings.TrimLeftFunc(l, unicode.IsSpace); strings.HasPrefix(rest, "::") {
				all[i] = l[:len(l)-len(rest)] + `\x3a` + rest[1:]
			}
		}
		s = strings.Join(all, "\n")
	}
	return strings.ReplaceAll(s, "##[", `##\x5b`)
}

func escapeHidden(s string, multiline bool) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return hidden(r) || r == '\n' || r == '\t' || r == unicode.ReplacementChar }) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case multiline && (r == '\n' || r == '\t'):
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case hidden(r) && r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case hidden(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// hidden runes steer instead of showing: control characters, line separators,
// and the bidirectional and other format characters. The joiners that emoji
// and several scripts are written with stay.
func hidden(r rune) bool {
	switch r {
	case '\n', '\t', '\u200c', '\u200d':
		return false
	case '\u2028', '\u2029':
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}
