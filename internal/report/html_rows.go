package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longPiece is the length, in characters, from which what is the same in two
// lines is shown by its ends.
const longPiece = 240

// htmlRow is a line of a difference, with its sign and the name of its style.
type htmlRow struct {
	Sign, Kind string
	Pieces     []piece
}

// textRows shows what differs in a long text, word by word.
func textRows(before, after string) []htmlRow {
	var rows []htmlRow
	all := differences(lines(before), lines(after))
	for i := 0; i < len(all); {
		removed := run(all[i:], '-')
		added := run(all[i+removed:], '+')
		if removed+added == 0 {
			rows = append(rows, plainRow(all[i]))
			i++
			continue
		}
		rows = append(rows, replacedRows(unmarked(all[i:i+removed]), unmarked(all[i+removed:i+removed+added]))...)
		i += removed + added
	}
	return rows
}

func plainRow(l string) htmlRow {
	if strings.HasPrefix(l, "@") {
		return htmlRow{Sign: " ", Kind: "where", Pieces: []piece{{Text: l}}}
	}
	return htmlRow{Sign: " ", Kind: "same", Pieces: elided([]piece{{Text: strings.TrimPrefix(l, " ")}})}
}

func unmarked(all []string) []string {
	out := make([]string, len(all))
	for i, l := range all {
		out[i] = l[1:]
	}
	return out
}

// replacedRows shows lines and what came in their place. Words are set off only
// where the lines have something in common.
func replacedRows(a, b []string) []htmlRow {
	if len(a) == 0 || len(b) == 0 {
		return append(oldRows(a), newRows(b)...)
	}
	old, replaced := words(a, b)
	if !alike(old) && !alike(replaced) {
		return append(oldRows(a), newRows(b)...)
	}
	var rows []htmlRow
	for _, p := range old {
		rows = append(rows, htmlRow{Sign: "-", Kind: "old", Pieces: elided(p)})
	}
	for _, p := range replaced {
		rows = append(rows, htmlRow{Sign: "+", Kind: "new", Pieces: elided(p)})
	}
	return rows
}

// alike tells whether at least a third of the letters are the same: less is
// chance.
func alike(all [][]piece) bool {
	same, total := 0, 0
	for _, l := range all {
		for _, p := range l {
			n := len(strings.FieldsFunc(p.Text, unicode.IsSpace))
			if n > 0 {
				n = utf8.RuneCountInString(p.Text)
			}
			total += n
			if !p.Differs {
				same += n
			}
		}
	}
	return same*3 >= total
}

// oldRows shows lines that go.
func oldRows(all []string) []htmlRow { return wholeRows("-", "old", all) }

// newRows shows lines that come.
func newRows(all []string) []htmlRow { return wholeRows("+", "new", all) }

// wholeRows sets off no words: where all is new, all would be.
func wholeRows(sign, kind string, all []string) []htmlRow {
	rows := make([]htmlRow, len(all))
	for i, l := range all {
		rows[i] = htmlRow{Sign: sign, Kind: kind, Pieces: []piece{{Text: l}}}
	}
	return rows
}

// elided cuts long stretches that are the same: only their ends help to see
// where a line differs.
func elided(all []piece) []piece {
	for i, p := range all {
		n := utf8.RuneCountInString(p.Text)
		if p.Differs || n <= longPiece {
			continue
		}
		r := []rune(p.Text)
		const end = longPiece / 3
		all[i].Text = fmt.Sprintf("%s … (%s characters) … %s", string(r[:end]), thousands(n-2*end), string(r[n-end:]))
	}
	return all
}
