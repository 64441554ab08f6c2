package spec

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// SchemaURL is where editors find the JSON Schema of a definition.
const SchemaURL = schemaFolder + "agent" + schemaSuffix

// modeline tells yaml-language-server, and with it most editors, the schema.
const modeline = "# yaml-language-server: $schema=" + SchemaURL + "\n"

// ErrUnwritable says that a value has no form in which YAML would give it back.
var ErrUnwritable = errors.New("cannot be written as YAML")

// Write gives the text of a definition, with the modeline on top: name, id,
// previousNames, the fields in the order in which Fields has them, deploy and
// lifecycle. A value whose File is set is written as !file File, so that File is
// relative to the definition's file here; one of EnvValue is written as !env.
//
// What is written has been read back: it is the values that were given. An error
// wraps ErrUnwritable and names the field, never a value.
func Write(a *Agent) ([]byte, error) {
	var b strings.Builder
	b.WriteString(modeline)
	w := &writer{out: &b}
	w.member("name", w.text(a.Name))
	if a.ID != "" {
		w.member("id", w.text(a.ID))
	}
	if a.PreviousNames != nil {
		w.member("previousNames", w.texts(a.PreviousNames))
	}
	for _, m := range a.Fields.Members {
		w.member(m.Key, w.value(m.Value))
	}
	if a.Deploy != nil {
		w.member("deploy", w.deploy(a.Deploy))
	}
	if a.PreventDestroy {
		w.member("lifecycle", mapping("preventDestroy", literal("true")))
	}
	return []byte(b.String()), w.err
}

// writer puts one top-level key after the other. Each is encoded by itself: that
// bounds what an odd text can spoil, and lets blank lines set the long ones off.
type writer struct {
	out *strings.Builder
	// apart: the key before ended a group of lines.
	apart bool
	err   error
}

// member writes a key. When the value does not come back as it was meant, every
// text in it is written in double quotes, which have an escape for everything.
func (w *writer) member(key string, value *yaml.Node) {
	node := mapping(key, value)
	text, err := encode(node)
	if err != nil {
		quoteTexts(value)
		text, err = encode(node)
	}
	if err != nil {
		w.err = errors.Join(w.err, fmt.Errorf("%s: %w", key, err))
		return
	}
	group := strings.Count(text, "\n") > 1
	if group || w.apart {
		w.out.WriteString("\n")
	}
	w.out.WriteString(text)
	w.apart = group
}

func mapping(key string, value *yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, value}}
}

// literal is a scalar that stands without quotes: a number, a boolean or null.
func literal(text string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: text} }

// text is a text in the form that reads best.
func (w *writer) text(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s, Style: textStyle(s)}
}

func (w *writer) texts(list []string) *yaml.Node {
	node := &yaml.Node{Kind: yaml.SequenceNode}
	for _, s := range list {
		node.Content = append(node.Content, w.text(s))
	}
	return flowWhenShort(node)
}

// value is a declared value; what it is called is not needed for it.
func (w *writer) value(v *Value) *yaml.Node {
	switch {
	case v.env() != nil:
		return envNode(v.env())
	case v.File() != "":
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: tagFile, Value: v.File(), Style: textStyle(v.File())}
	}
	switch v.Kind {
	case Text:
		return w.text(v.Text)
	case Number:
		return literal(v.Text)
	case Bool:
		return literal(fmt.Sprint(v.Bool))
	case List:
		node := &yaml.Node{Kind: yaml.SequenceNode}
		for _, item := range v.Items {
			node.Content = append(node.Content, w.value(item))
		}
		return flowWhenShort(node)
	case Object:
		node := &yaml.Node{Kind: yaml.MappingNode}
		for _, m := range v.Members {
			node.Content = append(node.Content, w.text(m.Key), w.value(m.Value))
		}
		if len(node.Content) == 0 {
			node.Style = yaml.FlowStyle
		}
		return node
	}
	return literal("null")
}

func (w *writer) deploy(list []Deployment) *yaml.Node {
	node := &yaml.Node{Kind: yaml.SequenceNode}
	for _, d := range list {
		// In quotes, as docs/definitions.md wants it: a number would lose its plus.
		entry := mapping("number", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: d.Number, Style: yaml.DoubleQuotedStyle})
		if d.ApplyToExisting {
			entry.Content = append(entry.Content, mapping("applyToExisting", literal("true")).Content...)
		}
		node.Content = append(node.Content, entry)
	}
	return flowWhenShort(node)
}

// envNode writes !env NAME, or !env "text ${NAME}".
func envNode(t *envTemplate) *yaml.Node {
	node := &yaml.Node{Kind: yaml.ScalarNode, Tag: tagEnv, Value: t.text(), Style: yaml.DoubleQuotedStyle}
	if len(t.parts) == 1 && !t.parts[0].hasDefault {
		node.Value, node.Style = t.parts[0].name, 0
	}
	return node
}

// maxFlow is how many characters a list may have between its brackets.
const maxFlow = 60

// flowWhenShort writes a list of a few plain words in one line, and an empty one.
func flowWhenShort(list *yaml.Node) *yaml.Node {
	size := 0
	for _, item := range list.Content {
		if item.Kind != yaml.ScalarNode || item.Style != 0 || !isWord(item.Value) {
			return list
		}
		size += len(item.Value) + len(", ")
	}
	if size <= maxFlow {
		list.Style = yaml.FlowStyle
	}
	return list
}

// isWord tells a text that has no meaning to YAML anywhere in it.
func isWord(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '_' && r != '-' && r != '.' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

// encode gives a mapping's text, and compares it with what the loader's parser
// makes of it.
func encode(node *yaml.Node) (text string, err error) {
	defer func() {
		if recover() != nil { // the emitter panics where it does not know on
			text, err = "", ErrUnwritable
		}
	}()
	shown, hidden := hideAstral(node)
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if e.Encode(hidden) != nil || e.Close() != nil {
		return "", ErrUnwritable
	}
	text = shown(b.String())
	if spacious(node.Content[1]) {
		text = setApart(text)
	}
	if _, problem := decodeYAML("", []byte(text)); problem != nil {
		return "", ErrUnwritable
	}
	chunks := splitDocuments(text)
	if len(chunks) != 1 {
		return "", ErrUnwritable
	}
	root, err := parseDocument(chunks[0].text)
	if err != nil || root == nil || !sameNode(node, root) {
		return "", ErrUnwritable
	}
	return text, nil
}

// spacious tells a list whose entries are long enough for a blank line between them.
func spacious(list *yaml.Node) bool {
	return list.Kind == yaml.SequenceNode && slices.ContainsFunc(list.Content, func(entry *yaml.Node) bool {
		return slices.ContainsFunc(entry.Content, func(n *yaml.Node) bool { return n.Kind == yaml.MappingNode })
	})
}

// setApart puts a blank line before every entry of a top-level list but the first:
// only they stand two spaces deep.
func setApart(text string) string {
	const entry = "\n  - "
	head, rest, ok := strings.Cut(text, entry)
	if !ok {
		return text
	}
	return head + entry + strings.ReplaceAll(rest, entry, "\n"+entry)
}

// sameNode tells whether a node came back as it was meant.
func sameNode(meant, got *yaml.Node) bool {
	if meant.Kind != got.Kind || len(meant.Content) != len(got.Content) || got.Anchor != "" {
		return false
	}
	if meant.Kind == yaml.ScalarNode {
		isText := meant.Tag == "!!str"
		tagged := meant.Tag == tagEnv || meant.Tag == tagFile
		switch {
		case meant.Value != got.Value, tagged && explicitTag(got) != meant.Tag, !tagged && explicitTag(got) != "":
			return false
		case isText && got.Style == 0 && got.Tag != "!!str": // other readers than ours would take it for no text
			return false
		}
		return true
	}
	return slices.EqualFunc(meant.Content, got.Content, sameNode)
}

// quoteTexts puts every text below a node in double quotes.
func quoteTexts(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" {
		n.Style = yaml.DoubleQuotedStyle
	}
	if n.Kind == yaml.SequenceNode {
		n.Style = 0
	}
	for _, child := range n.Content {
		quoteTexts(child)
	}
}
