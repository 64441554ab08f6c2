package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/diff"
)

// piece is a part of a line, and whether it is only in this version of it.
type piece struct {
	Text    string
	Differs bool
}

// lineEnd stands for the end of a line among words. No text that is shown holds
// it: control characters are escapes there.
const lineEnd = "\x00"

// words compares lines that were replaced by others, word by word, across the
// ends of the lines: text that was only wrapped anew does not differ. It gives
// the pieces of each line of both versions.
func words(a, b []string) (old, replaced [][]piece) {
	x, y := tokens(a), tokens(b)
	text := func(tokens []string) []byte { return []byte(strings.Join(tokens, "\n") + "\n") }
	// The comparison is of lines: here a line is a word.
	out := string(diff.Diff("a", text(x), "b", text(y)))
	differsX, differsY := marked(out, len(x), len(y))
	return pieces(a, x, differsX), pieces(b, y, differsY)
}

// marked reads a unified difference: which lines of each side differ.
func marked(out string, lenX, lenY int) (differsX, differsY []bool) {
	differsX, differsY = make([]bool, lenX), make([]bool, lenY)
	x, y := 0, 0
	for i, l := range strings.Split(strings.TrimSuffix(out, "\n"), "\n") {
		switch {
		case i < 3: // the header
		case l[0] == '@':
			x, y = hunk(l)
		case l[0] == '-':
			differsX[x] = true
			x++
		case l[0] == '+':
			differsY[y] = true
			y++
		default:
			x++
			y++
		}
	}
	return differsX, differsY
}

// pieces cuts lines where words that differ meet words that do not.
func pieces(all, tokens []string, differs []bool) [][]piece {
	out := make([][]piece, len(all))
	next := 0
	for i, l := range all {
		from, to := 0, 0
		for ; tokens[next] != lineEnd; next++ {
			to += len(tokens[next])
			if tokens[next+1] == lineEnd || differs[next+1] != differs[next] {
				out[i] = append(out[i], piece{l[from:to], differs[next]})
				from = to
			}
		}
		next++
	}
	return out
}

// tokens splits lines into words, runs of white space, and single signs.
// Scripts that write no spaces between words are taken sign by sign.
func tokens(all []string) []string {
	var out []string
	for _, l := range all {
		for l != "" {
			n := token(l)
			out = append(out, l[:n])
			l = l[n:]
		}
		out = append(out, lineEnd)
	}
	return out
}

func token(s string) int {
	first, n := utf8.DecodeRuneInString(s)
	kind := kindOf(first)
	if kind == 0 {
		return n
	}
	if i := strings.IndexFunc(s, func(r rune) bool { return kindOf(r) != kind }); i >= 0 {
		return i
	}
	return len(s)
}

// kindOf tells which signs go together: 0 is alone.
func kindOf(r rune) int {
	switch {
	case unicode.IsSpace(r):
		return 1
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
		return 0
	case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_' || r == '\'':
		return 2
	}
	return 0
}

// hunk reads where a stretch of a unified difference begins on each side,
// counted from 0. A side without lines is named by the line before it.
func hunk(header string) (x, y int) {
	var lenX, lenY int
	if _, err := fmt.Sscanf(header, "@@ -%d,%d +%d,%d @@", &x, &lenX, &y, &lenY); err != nil {
		return 0, 0
	}
	return x - min(lenX, 1), y - min(lenY, 1)
}
