package spec

import (
	"errors"
	"io"
	"strings"

	"gopkg.in/yaml.v3"
)

// chunk is the source of one YAML document.
type chunk struct {
	text string
	line int // lines of the file before it
}

// maxDocuments bounds the documents of one file: each costs a parser.
const maxDocuments = 10_000

// maxDirectives bounds the lines that start with % before a document: the parser
// compares each %TAG with all others.
const maxDirectives = 100

// excessDirective gives the line, from 0, of the first directive of a document that
// is one too many; -1 when there is none.
func excessDirective(text string) int {
	directives, line := 0, 0
	for l := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(l, "%"):
			if directives++; directives > maxDirectives {
				return line
			}
		case strings.Trim(l, " \t\n") != "" && !strings.HasPrefix(strings.TrimLeft(l, " \t"), "#"):
			return -1
		}
		line++
	}
	return -1
}

// splitDocuments cuts a file at its document markers, so that a syntax error in
// one document does not hide the others, and so that anchors end with their
// document, as YAML 1.2.2 section 3.2.2.2 has it. A line that starts with "---"
// or "..." and then ends or goes on with white space is always a marker, in
// quoted and in block texts too (section 9.1.2, c-forbidden).
func splitDocuments(text string) []chunk {
	var chunks []chunk
	start, startLine, line := 0, 0, 0
	content := false // something besides comments and directives was seen
	flush := func(end, nextLine int) {
		if content {
			chunks = append(chunks, chunk{text[start:end], startLine})
		}
		start, startLine, content = end, nextLine, false
	}
	for at := 0; at < len(text); line++ {
		end := len(text)
		if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		switch l := text[at:end]; {
		case isMarker(l, "---"):
			if content {
				flush(at, line)
			}
			content = true
		case isMarker(l, "..."):
			flush(end, line+1)
		case !content:
			l = strings.TrimLeft(l, " \t\n")
			content = l != "" && l[0] != '#' && l[0] != '%'
		}
		at = end
	}
	flush(len(text), line)
	return chunks
}

func isMarker(line, marker string) bool {
	rest, ok := strings.CutPrefix(line, marker)
	return ok && (rest == "" || strings.ContainsAny(rest[:1], " \t\n"))
}

// parseDocument parses one document; nil without an error is an empty one.
//
// The parser ends an unquoted text at a "?" inside [ ] and { }, as YAML 1.1 had
// it, and then fails; YAML 1.2.2 section 7.3.3 lets the text go on, and people
// do write [Where is my order?, Talk to a person]. So a document that fails is
// parsed once more with every "?" that follows a letter or the like (no
// indicator, whatever the context) hidden behind a character that the document
// does not use.
func parseDocument(text string) (*yaml.Node, error) {
	if excessDirective(text) >= 0 {
		return nil, errors.New("it has too many directives") // syntaxProblem says it in full
	}
	root, err := parseYAML(strings.NewReader(text))
	if err == nil || !strings.Contains(text, "?") {
		return root, err
	}
	hidden, standIn := hideQuestionMarks(text)
	if root, err = parseYAML(strings.NewReader(hidden)); root != nil {
		replaceAll(root, string(standIn), "?")
	}
	return root, err
}

// hideQuestionMarks keeps every line and every column where it is.
func hideQuestionMarks(text string) (hidden string, standIn rune) {
	standIn = '\ue000' // the first private use character, as a rule
	for strings.ContainsRune(text, standIn) {
		standIn++
	}
	before := '\n'
	return strings.Map(func(r rune) rune {
		last := before
		before = r
		if r == '?' && !strings.ContainsRune(" \t\n[{,", last) {
			return standIn
		}
		return r
	}, text), standIn
}

func replaceAll(n *yaml.Node, from, to string) {
	n.Value = strings.ReplaceAll(n.Value, from, to)
	n.Tag = strings.ReplaceAll(n.Tag, from, to)
	for _, child := range n.Content {
		replaceAll(child, from, to)
	}
}

func parseYAML(text io.Reader) (root *yaml.Node, err error) {
	defer func() {
		if recover() != nil { // the parser is known to panic on some broken input
			root, err = nil, errors.New("it cannot be parsed")
		}
	}()
	decoder := yaml.NewDecoder(text)
	var doc, extra yaml.Node
	if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	// Decode stops where the first document ends, and what follows it may be broken.
	if err := decoder.Decode(&extra); err == nil {
		return nil, errors.New("did not find expected <document start>")
	} else if !errors.Is(err, io.EOF) {
		return nil, err
	}
	root = doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.Style == 0 && root.Value == "" && root.Anchor == "" {
		return nil, nil
	}
	return root, nil
}
