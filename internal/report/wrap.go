package report

import (
	"strings"
	"unicode/utf8"
)

// narrowest is the least width that prose is wrapped to: below it, breaking lines
// would not make them easier to read.
const narrowest = 40

// wrap breaks a sentence that begins after indent columns at its spaces, so that it
// fits the terminal, and puts what follows under its beginning. A word that is
// longer than the line stays whole: ids and digests are there to be copied.
func (p *printer) wrap(indent int, s string) string {
	if p.width < narrowest || indent+utf8.RuneCountInString(s) <= p.width {
		return s
	}
	var b strings.Builder
	column := indent
	for i, word := range strings.Split(s, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+1+n > p.width:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			column = indent
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}
