package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"wassist-sync/sync"
)

// longText is the length, in characters, from which a text is shown as a
// difference of lines instead of side by side.
const longText = 72

// firstLines is how many lines of a wholly new text are shown.
const firstLines = 3

const indent = "      "

func (p *printer) fields(fields []sync.Field, create bool) {
	width := 0
	for i := range fields {
		if f := &fields[i]; formOf(f) != formParts {
			width = max(width, utf8.RuneCountInString(line(f.Path)))
		}
	}
	width = min(width, 48)
	for i := range fields {
		f := &fields[i]
		if create && f.Path == "name" {
			continue // it stands in the title
		}
		p.field(f, width, create)
	}
}

func (p *printer) field(f *sync.Field, width int, create bool) {
	mark := markOf(f, create)
	color := map[string]func(string) string{"+": p.green, "~": p.yellow, "-": p.red}[mark]
	path := line(f.Path)
	form := formOf(f)
	if form == formParts {
		p.printf("    %s %s\n", color(mark), path)
		p.object(p.red, "-", f.Before)
		p.object(p.green, "+", f.After)
		p.cause(f, false)
		return
	}
	p.printf("    %s %s%s  ", color(mark), path, strings.Repeat(" ", max(0, width-utf8.RuneCountInString(path))))
	switch {
	case form == formSensitive:
		p.printf("%s", sensitive)
	case form == formText:
		p.text(f)
		return
	case f.Before == nil:
		p.printf("%s", value(f.After))
	case f.After == nil:
		p.printf("%s", p.red(value(f.Before)))
	default:
		p.printf("%s → %s", value(f.Before), value(f.After))
	}
	p.cause(f, true)
}

// cause ends a field's line with whose edit it replaces, when history knows.
func (p *printer) cause(f *sync.Field, sameLine bool) {
	text := causeOf(f)
	switch {
	case text != "" && sameLine:
		p.printf("  %s\n", p.faint("("+text+")"))
	case text != "":
		p.printf("%s%s\n", indent, p.faint("("+text+")"))
	case sameLine:
		p.printf("\n")
	}
}

// text shows a long text: its length before and after, and the lines that
// differ with three lines around them.
func (p *printer) text(f *sync.Field) {
	before, after := texts(f)
	a, b := lines(before), lines(after)
	p.printf("%s", lengths(before, after))
	p.cause(f, true)
	switch {
	case before == "":
		for i, l := range b[:min(len(b), firstLines)] {
			more := ""
			if i == firstLines-1 && len(b) > firstLines {
				more = p.faint(fmt.Sprintf("  … and %s", moreLines(len(b)-firstLines)))
			}
			p.printf("%s%s%s\n", indent, p.green("+"+clip(l)), more)
		}
	case after != "":
		p.diff(a, b)
	}
}

func moreLines(n int) string {
	if n == 1 {
		return "1 more line"
	}
	return fmt.Sprintf("%d more lines", n)
}

// lines splits a text as it is compared: CRLF is LF, and white space around
// the text says nothing.
func lines(s string) []string {
	return strings.Split(Visible(strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))), "\n")
}

// object shows a value with parts as indented lines.
func (p *printer) object(color func(string) string, mark string, v any) {
	for _, l := range parts(v) {
		p.printf("%s%s\n", indent, color(mark+" "+l))
	}
}

// parts are the lines of a value that has parts; none of nil.
func parts(v any) []string {
	if v == nil {
		return nil
	}
	var b bytes.Buffer
	if write(&b, v, ""); b.Len() == 0 {
		b.WriteString(value(v)) // it is empty
	}
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
}

func write(b *bytes.Buffer, v any, in string) {
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.SortFunc(keys, byReading)
		for _, k := range keys {
			if short, ok := parameter(v[k]); ok {
				fmt.Fprintf(b, "%s%s: %s\n", in, line(k), short)
				continue
			}
			if isObject(v[k]) && !emptyObject(v[k]) {
				fmt.Fprintf(b, "%s%s:\n", in, line(k))
				write(b, v[k], in+"  ")
				continue
			}
			fmt.Fprintf(b, "%s%s: %s\n", in, line(k), value(v[k]))
		}
	case []any:
		for _, item := range v {
			fmt.Fprintf(b, "%s- %s\n", in, value(item))
		}
	}
}

// parameter shows one parameter of a call on one line: its type, and who
// fills it in.
func parameter(v any) (string, bool) {
	m, _ := v.(map[string]any)
	input, ok := m["input"].(map[string]any)
	if !ok {
		return "", false
	}
	for k := range m {
		if k != "type" && k != "input" {
			return "", false
		}
	}
	kind := ""
	if t, ok := m["type"].(string); ok {
		kind = line(t) + ", "
	}
	if input["type"] == "value" {
		return kind + "fixed: " + value(input["value"]), true
	}
	return kind + "from the conversation: " + value(input["description"]), true
}

// byReading sorts the keys of an entry: what names it first, the rest by name.
func byReading(a, b string) int {
	rank := func(k string) int {
		if i := slices.Index([]string{"name", "agent", "connector", "key", "templateName", "method", "url", "type", "description"}, k); i >= 0 {
			return i
		}
		return 99
	}
	if d := rank(a) - rank(b); d != 0 {
		return d
	}
	return strings.Compare(a, b)
}

func isObject(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		return true
	case []any:
		return slices.ContainsFunc(v, isObject)
	}
	return false
}

func emptyObject(v any) bool {
	m, ok := v.(map[string]any)
	return ok && len(m) == 0
}

// value shows a value on one line.
func value(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case sync.Redacted:
		return v.String()
	case string:
		return quote(clip(line(v)))
	case json.Number:
		return v.String()
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = value(item)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		if len(v) == 0 {
			return "{}"
		}
		return fmt.Sprintf("{%s}", plural(len(v), "key"))
	}
	return fmt.Sprint(v)
}

func quote(s string) string { return `"` + s + `"` }

// clip keeps a single line readable: the rest of it is told, not shown.
func clip(s string) string {
	if utf8.RuneCountInString(s) <= longLine {
		return s
	}
	return fmt.Sprintf("%s… (%s)", string([]rune(s)[:longLine]), characters(s))
}

func long(s string) bool {
	return utf8.RuneCountInString(s) > longText || strings.Contains(strings.TrimSpace(s), "\n")
}

func characters(s string) string {
	return thousands(utf8.RuneCountInString(s)) + " characters"
}

func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
