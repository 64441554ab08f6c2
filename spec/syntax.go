package spec

import (
	"fmt"
	"io"
	"regexp"
	"strings"
)

// syntaxProblem turns the parser's error into one with a place and a remedy.
// The parser tells lines only roughly, and never columns.
func syntaxProblem(file string, c chunk) *Problem {
	if line := excessDirective(c.text); line >= 0 {
		return problemf(Position{File: file, Line: c.line + line + 1, Column: 1}, "", "leave out the lines that start with %", "has more than %d directives", maxDirectives)
	}
	at, message := failingLine(c.text)
	line := strings.SplitAfter(c.text, "\n")[at]
	indent := len(line) - len(strings.TrimLeft(line, " \t"))
	pos := Position{File: file, Line: c.line + at + 1, Column: indent + 1}
	if tab := strings.IndexByte(line[:indent], '\t'); tab >= 0 {
		pos.Column = tab + 1
		return problemf(pos, "", "use spaces", "is indented with a tab, which YAML does not allow")
	}
	remedy := "check the indentation, quotes and brackets of this line and the one before"
	for _, known := range syntaxRemedies {
		if strings.Contains(message, known.part) {
			remedy = known.remedy
			break
		}
	}
	return problemf(pos, "", remedy, "is not valid YAML: %s", shorten(message, maxQuote))
}

// syntaxRemedies go by a part of the parser's message.
var syntaxRemedies = []struct{ part, remedy string }{
	{"cannot start any token", "put the text in quotes"},
	{"mapping values are not allowed", `put a text that holds ": " in quotes, or check the indentation`},
	{"unexpected end of stream", "close the quote that is opened here"},
	{"unknown escape character", `double the \, or use single quotes`},
	{"incompatible YAML", "remove the line that starts with %YAML"},
	{"unknown anchor", "set the anchor with & earlier in the same document, or put a text that starts with * in quotes"},
	{"expected alphabetic or numeric character", "put a text that starts with * or & in quotes"},
	{"expected ',' or", "close the bracket, or put the text in quotes"},
}

// maxReparse bounds the bytes that looking for the failing line may cost.
const maxReparse = 16 << 20

var linePrefix = regexp.MustCompile(`^yaml: (line \d+: )?`)

// failingLine finds the line (from 0) at which the parser gives up, and its
// message: the end of the shortest run of leading lines that fails in the same
// way as the whole. The parser never looks back, so every longer run fails so
// too. The search starts at the line that the parser had read up to, which is
// seldom far off, and goes back in growing steps.
func failingLine(text string) (line int, message string) {
	if strings.Contains(text, "?") {
		text, _ = hideQuestionMarks(text) // as parseDocument did last
	}
	// A line in front: the parser takes a mark in line 0 for no mark.
	lines := append([]string{"\n"}, strings.SplitAfter(text, "\n")...)
	reader := &lineReader{lines: lines}
	_, err := parseYAML(reader)
	if err == nil {
		return 0, "it cannot be parsed"
	}
	if message = linePrefix.ReplaceAllString(err.Error(), ""); strings.Contains(message, "unexpected end of stream") {
		// A quote that is never closed: here the parser names the right line.
		var n int
		if _, err := fmt.Sscanf(err.Error(), "yaml: line %d:", &n); err == nil && n > 1 && n <= len(lines) {
			return n - 2, message
		}
	}
	budget := maxReparse
	failsAt := func(line int) bool {
		run := strings.Join(lines[:line+1], "")
		budget -= len(run)
		_, e := parseYAML(strings.NewReader(run))
		return e != nil && e.Error() == err.Error()
	}
	high := min(reader.read, len(lines)) - 1 // fails
	low, step := high-1, 1
	for ; low > 0 && budget > 0 && failsAt(low); step *= 2 {
		high, low = low, max(low-2*step, 0)
	}
	for low = max(low, 0); high-low > 1 && budget > 0; { // low does not fail
		if mid := (low + high) / 2; failsAt(mid) {
			high = mid
		} else {
			low = mid
		}
	}
	return max(high-1, 0), message
}

// lineReader hands out a line at a time and counts them.
type lineReader struct {
	lines []string
	read  int
	rest  string
}

func (r *lineReader) Read(p []byte) (int, error) {
	if r.rest == "" {
		if r.read >= len(r.lines) {
			return 0, io.EOF
		}
		r.rest = r.lines[r.read]
		r.read++
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
