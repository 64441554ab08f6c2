package spec

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// ErrNotPinned says that a definition's text could not be changed safely.
var ErrNotPinned = errors.New("the definition is written in a way that cannot be changed safely")

// Pin adds id to a definition, or corrects the one that stands there, and leaves
// every other byte of the file as it is. raw is the file, at is where the
// definition starts (Agent.Pos), and id is a UUID in lower case.
//
// The result has been read again: it is the same definitions, but for this id.
// An error wraps ErrNotPinned.
func Pin(raw []byte, at Position, id string) ([]byte, error) { return PinIn(raw, at, id, nil) }

// PinIn is Pin for a definition that takes !var values from an environment; nil
// for none.
func PinIn(raw []byte, at Position, id string, env *Environment) ([]byte, error) {
	fail := func(why string) ([]byte, error) { return nil, fmt.Errorf("%w: %s", ErrNotPinned, why) }
	text, problem := decodeYAML(at.File, raw)
	if problem != nil {
		return fail(problem.Message)
	}
	for _, chunk := range splitDocuments(text) {
		root, err := parseDocument(chunk.text)
		if err != nil || root == nil || root.Kind != yaml.MappingNode || chunk.line+root.Line != at.Line || root.Column != at.Column {
			continue
		}
		s := &source{raw: string(raw), line: chunk.line}
		edited, ok := s.pinned(root, id)
		if !ok {
			return fail("its keys are not where an editor would look for them")
		}
		if !samePinned(raw, []byte(edited), at, id, env) {
			return fail("with the id it would not read as it does now")
		}
		return []byte(edited), nil
	}
	return fail("it is not there any more")
}

// source is a file with the place of a document in it.
type source struct {
	raw  string
	line int // lines before the document
}

// pinned edits the text; whether that was right is for the caller to check.
func (s *source) pinned(root *yaml.Node, id string) (string, bool) {
	var name, value *yaml.Node
	for i := 0; i+1 < len(root.Content); i += 2 {
		switch key, v := root.Content[i], root.Content[i+1]; key.Value {
		case "id":
			return s.corrected(v, id)
		case "name":
			name, value = key, v
		}
	}
	if name == nil {
		return "", false
	}
	key := s.offset(name)
	if key < 0 {
		return "", false
	}
	if root.Style&yaml.FlowStyle != 0 {
		added := "id: " + id + ", "
		if name.Style&yaml.DoubleQuotedStyle != 0 {
			added = `"id": "` + id + `", `
		}
		return s.raw[:key] + added + s.raw[key:], true
	}
	start := strings.LastIndexAny(s.raw[:key], "\r\n") + 1
	if strings.TrimLeft(s.raw[start:key], " "+byteOrderMark) != "" {
		return "", false
	}
	indent := strings.TrimPrefix(s.raw[start:key], byteOrderMark)
	end, newline := s.lineEnd(key)
	if value.Kind == yaml.ScalarNode && value.Line == name.Line && value.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 && s.oneLine(name, value) {
		if newline == "" {
			return s.raw[:end] + s.newline() + indent + "id: " + id, true
		}
		return s.raw[:end] + newline + indent + "id: " + id + s.raw[end:], true
	}
	// The name goes on in the lines below: the id goes above it.
	return s.raw[:key] + "id: " + id + s.newline() + indent + s.raw[key:], true
}

// oneLine tells whether a name's value ends in the line that it begins in.
func (s *source) oneLine(name, value *yaml.Node) bool {
	at := s.offset(value)
	if at < 0 || at < s.offset(name) {
		return false
	}
	end, _ := s.lineEnd(at)
	line := s.raw[at:end]
	switch {
	case strings.HasPrefix(line, `"`):
		return closes(line[1:], '"', '\\')
	case strings.HasPrefix(line, "'"):
		return closes(line[1:], '\'', 0)
	}
	return strings.HasPrefix(line, value.Value)
}

// closes tells whether a quote ends in the rest of a line.
func closes(rest string, quote, escape byte) bool {
	for i := 0; i < len(rest); i++ {
		switch rest[i] {
		case escape:
			if escape != 0 {
				i++
			}
		case quote:
			if escape == 0 && i+1 < len(rest) && rest[i+1] == quote {
				i++ // two single quotes are one in the text
				continue
			}
			return true
		}
	}
	return false
}

// corrected puts an id in the place of another.
func (s *source) corrected(old *yaml.Node, id string) (string, bool) {
	at := s.offset(old)
	if at < 0 || old.Kind != yaml.ScalarNode {
		return "", false
	}
	rest := s.raw[at:]
	if old.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 && rest != "" {
		at, rest = at+1, rest[1:]
	}
	if !strings.HasPrefix(rest, old.Value) || old.Value == "" {
		return "", false
	}
	return s.raw[:at] + id + rest[len(old.Value):], true
}

// offset is where a node starts in the raw file, -1 if nowhere. The parser saw it
// without byte order mark, and with one kind of line break.
func (s *source) offset(n *yaml.Node) int {
	at := len(s.raw) - len(strings.TrimPrefix(s.raw, byteOrderMark))
	for line := s.line + n.Line; line > 1; line-- {
		end, newline := s.lineEnd(at)
		if newline == "" {
			return -1
		}
		at = end + len(newline)
	}
	for column := n.Column; column > 1; column-- {
		if at >= len(s.raw) {
			return -1
		}
		_, size := utf8.DecodeRuneInString(s.raw[at:])
		at += size
	}
	return at
}

// lineEnd finds the end of a line, and its line break, empty at the file's end.
func (s *source) lineEnd(at int) (end int, newline string) {
	i := strings.IndexAny(s.raw[at:], "\r\n")
	if i < 0 {
		return len(s.raw), ""
	}
	end = at + i
	if strings.HasPrefix(s.raw[end:], "\r\n") {
		return end, "\r\n"
	}
	return end, s.raw[end : end+1]
}

// newline is the file's own line break.
func (s *source) newline() string {
	if _, newline := s.lineEnd(0); newline != "" {
		return newline
	}
	return "\n"
}

// samePinned reads a file before and after, and tells whether the id is all that
// differs. Texts that !file names are not there: that they are named stays.
func samePinned(before, after []byte, at Position, id string, env *Environment) bool {
	a, okA := reread(before, at.File, env)
	b, okB := reread(after, at.File, env)
	if !okA || !okB || len(a) != len(b) {
		return false
	}
	pinned := false
	for i := range a {
		old, fresh := a[i], b[i]
		if old.Pos.Line == at.Line && old.Pos.Column == at.Column {
			if fresh.ID != id {
				return false
			}
			pinned = true
			fresh.ID = old.ID
		}
		// Two agents are the same when their values are, wherever they stand.
		forgetPositions(old)
		forgetPositions(fresh)
		if !reflect.DeepEqual(old, fresh) {
			return false
		}
	}
	return pinned
}

// reread decodes the definitions of one file, without a look at other files.
func reread(raw []byte, file string, env *Environment) ([]*Agent, bool) {
	text, problem := decodeYAML(file, raw)
	if problem != nil {
		return nil, false
	}
	l := &loader{fsys: memory{}, dir: ".", display: ".", texts: map[string]textFile{}, vars: variables{read: true, env: env}}
	var agents []*Agent
	for _, chunk := range splitDocuments(text) {
		root, err := parseDocument(chunk.text)
		if err != nil {
			return nil, false
		}
		if root == nil {
			continue
		}
		if bad, _ := checkShape(root); bad != nil {
			return nil, false
		}
		var c collector
		nameFiles(root)
		d := &decoder{loader: l, file: file, line: chunk.line, collector: &c}
		doc := d.definition(root)
		if doc == nil || len(c.problems) > 0 {
			return nil, false
		}
		agents = append(agents, doc.agent)
	}
	return agents, true
}

// nameFiles takes the names of files for the texts in them.
func nameFiles(n *yaml.Node) {
	if explicitTag(n) == tagFile {
		n.Tag, n.Style, n.Value = "!!str", yaml.DoubleQuotedStyle, tagFile+" "+n.Value
	}
	for _, child := range n.Content {
		nameFiles(child)
	}
}

func forgetPositions(a *Agent) {
	a.Pos, a.NamePos = Position{}, Position{}
	for i := range a.Deploy {
		a.Deploy[i].Pos = Position{}
	}
	walk(a.Fields, func(v *Value) {
		v.Pos = Position{}
		for i := range v.Members {
			v.Members[i].place = place{}
		}
	})
}
