package spec

import (
	"regexp"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"
)

// textStyle chooses how a text is written: plain where no reader can mistake it,
// as a block of lines where it has lines, else in quotes.
func textStyle(s string) yaml.Style {
	switch {
	case strings.Contains(s, "\n"):
		if fitsBlock(s) {
			return yaml.LiteralStyle
		}
		return yaml.DoubleQuotedStyle
	case fitsPlain(s):
		return 0
	case strings.ContainsAny(s, `"\`) && !strings.Contains(s, "'") && allPrintable(s):
		return yaml.SingleQuotedStyle
	}
	return yaml.DoubleQuotedStyle
}

// fitsBlock tells a text of several lines of which a block shows every
// character: white space at the ends of lines, and what needs an escape, it hides.
func fitsBlock(s string) bool {
	return allPrintable(strings.ReplaceAll(s, "\n", "")) && !strings.ContainsAny(s[:1], " \n") &&
		!strings.Contains(s, " \n") && !strings.HasSuffix(s, "\n\n") && !strings.HasSuffix(s, " ")
}

// allPrintable tells a text of one line that needs no escape.
func allPrintable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r == '\t' || r == '\n' || !allowedInYAML(r) })
}

// otherThanText are plain words that some reader of YAML, of whatever version,
// takes for no text.
var otherThanText = regexp.MustCompile(`(?i)^(null|true|false|yes|no|on|off|y|n|nan|inf)$`)

// fitsPlain tells a text that needs no quotes in a block. It is stricter than
// YAML is: what people would have to think about goes in quotes.
func fitsPlain(s string) bool {
	if s == "" || !allPrintable(s) || otherThanText.MatchString(s) || strings.TrimFunc(s, unicode.IsSpace) != s ||
		strings.Contains(s, ": ") || strings.Contains(s, " #") || strings.HasSuffix(s, ":") {
		return false
	}
	first := []rune(s)[0]
	switch {
	case unicode.IsLetter(first), first >= 0x80, strings.ContainsRune("(/_$", first):
		return true
	case first >= '0' && first <= '9':
		// 12:30, 0x1F, 1e3, 2024-01-01 and its kin stay texts in quotes.
		return strings.Contains(s, " ") && strings.ContainsFunc(s, unicode.IsLetter) || uuidForm.MatchString(s)
	}
	return false
}

// hideAstral gives a copy of a node in which every character beyond U+FFFF, an
// emoji for instance, is one of the private use area that the node does not hold:
// the emitter writes the former as escapes, as if they could not be printed. A byte
// order mark is hidden too: the emitter escapes all of a text that begins with
// one. shown puts them back into what was emitted.
func hideAstral(n *yaml.Node) (shown func(string) string, hidden *yaml.Node) {
	used, standIns := map[rune]bool{}, map[rune]rune{}
	var order []rune
	visitTexts(n, func(s string) {
		for _, r := range s {
			switch {
			case r >= firstPrivate && r <= lastPrivate:
				used[r] = true
			case (r > '\uffff' || r == '\ufeff') && standIns[r] == 0:
				standIns[r] = -1
				order = append(order, r)
			}
		}
	})
	var back []string
	next := firstPrivate
	for _, r := range order {
		for used[next] {
			next++
		}
		if next > lastPrivate {
			delete(standIns, r) // stays an escape
			continue
		}
		standIns[r] = next
		text := string(r)
		if r == '\ufeff' {
			text = `\uFEFF` // what holds one stands in double quotes
		}
		back = append(back, string(next), text)
		next++
	}
	hidden = copyNode(n, func(s string) string {
		return strings.Map(func(r rune) rune {
			if standIn, ok := standIns[r]; ok {
				return standIn
			}
			return r
		}, s)
	})
	return strings.NewReplacer(back...).Replace, hidden
}

// The private use area of the basic multilingual plane.
const firstPrivate, lastPrivate = '\ue000', '\uf8ff'

func visitTexts(n *yaml.Node, visit func(string)) {
	visit(n.Value)
	for _, child := range n.Content {
		visitTexts(child, visit)
	}
}

func copyNode(n *yaml.Node, change func(string) string) *yaml.Node {
	out := *n
	out.Value = change(n.Value)
	out.Content = make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		out.Content[i] = copyNode(child, change)
	}
	return &out
}
