package spec

import (
	"slices"
	"strings"
)

// EnvValue makes a value that is taken from the environment, out of what stands
// after !env: a variable's NAME, or a text with ${NAME} in it. It is nil when the
// template is not sound.
func EnvValue(template string) *Value {
	t, problem := parseTemplate(template)
	if problem != "" {
		return nil
	}
	return &Value{Kind: Text, Sensitive: true, tag: &fromTag{env: t}, plain: true}
}

// Variables lists the environment variables that a definition takes in, in the
// order of its fields; of one that is left out, those that it would. It must be
// asked before ResolveEnv.
func (a *Agent) Variables() []string {
	names := slices.Clone(a.LeftOut)
	walk(a.Fields, func(v *Value) {
		if v.Unresolved() {
			for _, part := range v.env().parts {
				if part.name != "" {
					names = append(names, part.name)
				}
			}
		}
	})
	return names
}

// FileText gives the content of a file that !file reads as the text, with a line
// break at its end; false when no file can: for what !file would drop or change,
// and for control characters, which editors hide.
func FileText(s string) ([]byte, bool) {
	if s == "" || strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && r != '\t' && isControl(r) || r == '\ufeff' }) {
		return nil, false
	}
	if !strings.HasSuffix(s, "\n") {
		s += "\n"
	}
	return []byte(s), len(s) <= maxTextSize
}
