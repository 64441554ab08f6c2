package spec

import (
	"fmt"
	"strings"
)

// Selector stands for agents by their names: the one of that very name,
// whatever characters it holds, and those that it matches as a glob, in the
// language that unmanaged is written in.
type Selector struct {
	text string
	glob glob // nil for a plain name
}

// ParseSelector reads a name or a glob. The error says what is wrong with a glob
// and how to write it.
func ParseSelector(text string) (Selector, error) {
	s := Selector{text: text}
	switch {
	case strings.TrimSpace(text) == "":
		return s, fmt.Errorf("the name is empty; write an agent's name, or a glob such as Order*")
	case !strings.ContainsAny(text, `*?[\`):
		return s, nil
	}
	g, problem, remedy := parseGlob(text)
	if problem != "" {
		return s, fmt.Errorf("%s %s; %s", quote(text), problem, remedy)
	}
	s.glob = g
	return s, nil
}

// Matches tells whether the selector stands for an agent of that name. Names are
// matched in their case and as a whole, without the white space around them.
func (s Selector) Matches(name string) bool {
	name = strings.TrimSpace(name)
	return strings.TrimSpace(s.text) == name || (s.glob != nil && s.glob.match(name, false))
}

// String is the selector as it was written.
func (s Selector) String() string { return s.text }

// Nearest returns the known name that was probably meant by one that is not
// known; empty when none is near. It takes no notice of case, dashes,
// underscores and spaces.
func Nearest(name string, known []string) string { return nearest(name, known) }
