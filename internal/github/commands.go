package github

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"wassist-sync/internal/report"
)

// Level is how much an annotation matters.
type Level string

// The levels that GitHub knows, as far as they are of use here.
const (
	LevelError   Level = "error"
	LevelWarning Level = "warning"
	LevelNotice  Level = "notice"
)

// Annotation is a message that GitHub shows on the page of a run and, with a
// file, on a line of it.
type Annotation struct {
	Level        Level
	File         string // from the workspace's top, with slashes; may be empty
	Line, Column int    // from 1; 0 for none
	Title        string
	Message      string
}

// maxAnnotations is how many of each level GitHub shows of one step.
const maxAnnotations = 10

// Annotator prints annotations for the runner to read.
type Annotator struct {
	W     io.Writer
	shown map[Level]int
}

// Add prints annotations. GitHub drops what is too many without a word, so the
// last one that it shows counts the rest.
func (a *Annotator) Add(all ...Annotation) {
	count := map[Level]int{}
	for _, one := range all {
		count[one.Level]++
	}
	for _, one := range all {
		if a.shown == nil {
			a.shown = map[Level]int{}
		}
		left := maxAnnotations - a.shown[one.Level]
		if left == 1 && count[one.Level] > 1 {
			one = Annotation{Level: one.Level, Title: "wassist-sync", Message: fmt.Sprintf("There are %d more like these; the log has all.", count[one.Level])}
		}
		count[one.Level]--
		if left < 1 {
			continue
		}
		a.shown[one.Level]++
		fmt.Fprintln(a.W, one.command())
	}
}

// command is the form that the runner reads.
func (a Annotation) command() string {
	var properties []string
	add := func(name, value string) {
		if value != "" {
			properties = append(properties, name+"="+escapeProperty(value))
		}
	}
	add("file", a.File)
	if a.Line > 0 {
		add("line", strconv.Itoa(a.Line))
	}
	if a.Column > 0 {
		add("col", strconv.Itoa(a.Column))
	}
	add("title", a.Title)
	head := "::" + string(a.Level)
	if len(properties) > 0 {
		head += " " + strings.Join(properties, ",")
	}
	return head + "::" + escapeData(a.Message)
}

// escapeData keeps a message on its line. What could steer a terminal or turn
// the reading direction around is shown, and not sent.
func escapeData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(report.Visible(s))
}

func escapeProperty(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(escapeData(s))
}

// Harmless is a writer for everything that is no annotation: none of its lines
// is a command to the runner, whatever stands in it. It writes whole lines; what
// is left without an end is written by Flush.
type Harmless struct {
	W    io.Writer
	rest []byte
}

// Write writes the lines that are whole.
func (h *Harmless) Write(p []byte) (int, error) {
	h.rest = append(h.rest, p...)
	end := strings.LastIndexByte(string(h.rest), '\n') + 1
	if end == 0 {
		return len(p), nil
	}
	lines := string(h.rest[:end])
	h.rest = h.rest[end:]
	_, err := io.WriteString(h.W, report.Visible(lines))
	return len(p), err
}

// Flush writes what is left.
func (h *Harmless) Flush() {
	rest := h.rest
	h.rest = nil
	_, _ = io.WriteString(h.W, report.Visible(string(rest)))
}
