package source_test

import (
	"fmt"
	"strings"
)

// rules is how many rules the prompt of a definition has: enough that the
// edit of a few leaves the rest alike.
const rules = 8

// definition is one document as an operation wrote it.
type definition struct {
	who      int // which document it is, as the operations know; it is not in the text
	name, id string
	previous string // in YAML; empty: not said
	bare     bool   // nothing but its name
	topic    int    // documents of two topics are not alike
	rules    [rules]int
	protect  bool
}

func (d definition) description() string {
	return fmt.Sprintf("Answers questions about topic %d", d.topic)
}

func (d definition) prompt() string {
	var lines []string
	for i, n := range d.rules {
		lines = append(lines, fmt.Sprintf("%d: topic %d has rule number %d.", i, d.topic, n))
	}
	return strings.Join(lines, "\n")
}

func (d definition) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "name: %s\n", d.name)
	if d.id != "" {
		fmt.Fprintf(&b, "id: %s\n", d.id)
	}
	if d.previous != "" {
		fmt.Fprintf(&b, "previousNames: %s\n", d.previous)
	}
	if !d.bare {
		fmt.Fprintf(&b, "description: %s\nsystemPrompt: |\n  %s\n", d.description(), strings.ReplaceAll(d.prompt(), "\n", "\n  "))
	}
	if d.protect {
		b.WriteString("lifecycle: {preventDestroy: true}\n")
	}
	return b.String()
}

// previousNames are the names that previous lists.
func (d definition) previousNames() []string {
	inside := strings.Trim(d.previous, "[]")
	if inside == "" {
		return nil
	}
	return strings.Split(inside, ", ")
}
