package spec

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Bounds of what is read: a definition that outgrows them is a mistake.
const (
	maxFileSize = 4 << 20 // a YAML file, in bytes
	maxTextSize = 1 << 20 // a file that !file names, in bytes
)

const byteOrderMark = "\ufeff"

// decodeYAML turns a definition file's bytes into text that the YAML parser
// reads as its author's editor shows it: no byte order mark, LF line ends. What
// the parser would refuse without a position, or would take for a line break
// where editors see none, is a problem with its position.
func decodeYAML(file string, raw []byte) (string, *Problem) {
	text, at, what := decodeUTF8(raw)
	if what != "" {
		at.File = file
		return "", problemf(at, "", "save it as UTF-8", "%s", what)
	}
	text = strings.ReplaceAll(text, "\r", "\n") // a lone CR is a line break in YAML
	for i, r := range text {
		if allowedInYAML(r) {
			continue
		}
		pos := positionAt(file, text, i)
		switch r {
		case '\u0085', '\u2028', '\u2029':
			return "", problemf(pos, "", "remove it, or write it as \\u"+hex4(r)+" in double quotes", "holds the line separator U+%04X, which YAML parsers disagree about", r)
		case '\ufeff':
			return "", problemf(pos, "", "remove it: it may stand at the start of a file only", "holds a byte order mark, U+FEFF")
		default:
			return "", problemf(pos, "", "remove it, or write it as an escape in double quotes", "holds the control character U+%04X", r)
		}
	}
	return text, nil
}

// allowedInYAML follows YAML 1.2.2 section 5.1 (c-printable), less the
// characters that YAML 1.1 took for line breaks and byte order marks.
func allowedInYAML(r rune) bool {
	switch {
	case r == '\t', r == '\n':
		return true
	case r < 0x20, r >= 0x7f && r < 0xa0, r == '\u2028', r == '\u2029', r == '\ufeff', r == '\ufffe', r == '\uffff':
		return false
	}
	return true
}

// decodeUTF8 drops a byte order mark, turns CRLF into LF, and refuses UTF-16
// and invalid UTF-8: what says why, and at (a place without a file) where.
func decodeUTF8(raw []byte) (text string, at Position, what string) {
	text = string(raw)
	if strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") {
		return "", Position{Line: 1, Column: 1}, "is UTF-16, must be UTF-8"
	}
	text = strings.TrimPrefix(text, byteOrderMark)
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if bad := invalidUTF8(text); bad >= 0 {
		return "", positionAt("", text, bad), fmt.Sprintf("holds the byte 0x%02X, which is not UTF-8", text[bad])
	}
	return text, Position{}, ""
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(s string) int {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return i
			}
		}
	}
	return -1
}

// positionAt counts lines and characters up to a byte offset.
func positionAt(file, text string, offset int) Position {
	start := strings.LastIndexByte(text[:offset], '\n') + 1
	return Position{File: file, Line: strings.Count(text[:offset], "\n") + 1, Column: utf8.RuneCountInString(text[start:offset]) + 1}
}

func hex4(r rune) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[r>>12&15], digits[r>>8&15], digits[r>>4&15], digits[r&15]})
}
