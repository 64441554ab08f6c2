package spec

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// envTemplate is what stands after !env: literal texts and variables. A "$"
// that no "{" follows is literal; there is no way to write a literal "${", for
// want of a use.
type envTemplate struct {
	parts []envPart
	field string // the value's path, for problems
}

// envPart is a literal text, or a variable when name is not empty.
type envPart struct {
	literal    string
	name       string
	fallback   string
	hasDefault bool
}

var envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// parseTemplate reads the bare form NAME, or a text with at least one ${NAME}
// or ${NAME:-default}. The problem is "" when it is sound.
func parseTemplate(s string) (t *envTemplate, problem string) {
	if envName.MatchString(s) {
		return &envTemplate{parts: []envPart{{name: s}}}, ""
	}
	t = &envTemplate{}
	for rest := s; rest != ""; {
		literal, after, found := strings.Cut(rest, "${")
		if literal != "" {
			t.parts = append(t.parts, envPart{literal: literal})
		}
		if !found {
			break
		}
		inner, tail, closed := strings.Cut(after, "}")
		if !closed {
			return nil, "holds ${ without }"
		}
		part := envPart{}
		part.name, part.fallback, part.hasDefault = strings.Cut(inner, ":-")
		switch {
		case !envName.MatchString(part.name):
			return nil, "has a ${…} without the name of a variable (letters, digits and _)"
		case strings.Contains(part.fallback, "${"):
			return nil, "holds ${ inside a default"
		}
		t.parts = append(t.parts, part)
		rest = tail
	}
	for _, part := range t.parts {
		if part.name != "" {
			return t, ""
		}
	}
	return nil, "names no variable"
}

// resolve fills the template in. Like a shell, it takes the default of
// ${NAME:-default} for an empty variable too. It returns the names that are
// not set, and those that are set and empty, without a default.
func (t *envTemplate) resolve(lookup func(string) (string, bool)) (text string, unset, empty []string) {
	var b strings.Builder
	for _, part := range t.parts {
		if part.name == "" {
			b.WriteString(part.literal)
			continue
		}
		value, ok := lookup(part.name)
		switch {
		case value == "" && part.hasDefault:
			value = part.fallback
		case !ok:
			unset = append(unset, part.name)
		case value == "":
			empty = append(empty, part.name)
		}
		b.WriteString(value)
	}
	return b.String(), unset, empty
}

// CheckEnv reports every !env value that names a variable which definitions may not
// take in, with or without a default. It looks no variable up. The error is Problems.
func (s *Set) CheckEnv(withheld func(name string) bool) error {
	var c collector
	for _, a := range s.Agents {
		walk(a.Fields, func(v *Value) {
			if !v.Unresolved() {
				return
			}
			for _, part := range v.env().parts {
				if part.name != "" && withheld(part.name) {
					c.addf(v.Pos, v.env().field, "give what the agent needs a variable of its own", "names the environment variable %s, which no definition may take in", part.name)
				}
			}
		})
	}
	if len(c.problems) == 0 {
		return nil
	}
	return c.finish(c.problems[0].Pos.File)
}

// TakeEnv is CheckEnv and ResolveEnv in one, so that the problems of both are
// reported together, and each value once.
func (s *Set) TakeEnv(withheld func(name string) bool, lookup func(name string) (string, bool)) error {
	var refused, others Problems
	checked, resolved := s.CheckEnv(withheld), s.ResolveEnv(lookup)
	if !errors.As(checked, &refused) {
		return resolved
	}
	errors.As(resolved, &others)
	return refused.With(slices.DeleteFunc(slices.Clone(others), func(p *Problem) bool {
		return slices.ContainsFunc(refused, func(r *Problem) bool { return r.Pos == p.Pos })
	}))
}

// ResolveEnv fills in every !env value from lookup (os.LookupEnv, as a rule),
// and then checks those contents that Load could not. Values stay sensitive:
// problems name variables and fields, never a value. With a problem the error
// is Problems with all of them, and the set is as it was. A set without !env,
// or resolved already, is left alone.
//
// A variable that is empty counts as set, unless ${NAME:-default} gives a
// default; without one it adds a warning to the set, since that is how a CI
// system shows a missing secret.
func (s *Set) ResolveEnv(lookup func(name string) (string, bool)) error {
	var c collector
	var resolved []*Value
	var before []Value
	var secrets []string
	remember := func(name string) (string, bool) {
		value, ok := lookup(name)
		secrets = append(secrets, value)
		return value, ok
	}
	for _, a := range s.Agents {
		walk(a.Fields, func(v *Value) {
			if !v.Unresolved() {
				return
			}
			text, unset, empty := v.env().resolve(remember)
			for _, name := range unset {
				c.addf(v.Pos, v.env().field, "set it, or write ${"+name+":-default}", "needs the environment variable %s, which is not set", name)
			}
			for _, name := range empty {
				c.warnf(v.Pos, v.env().field, "set it, or write ${"+name+":-} if it may be empty", "takes the environment variable %s, which is set but empty", name)
			}
			if invalidUTF8(text) >= 0 {
				c.addf(v.Pos, v.env().field, "set the variable to UTF-8 text", "takes a value from the environment that is not UTF-8")
			}
			resolved = append(resolved, v)
			before = append(before, *v)
			v.Text = text
			secrets = append(secrets, text)
		})
	}
	if len(resolved) == 0 {
		return nil
	}
	for _, v := range resolved {
		v.tag = nil
	}
	if len(c.problems) == 0 {
		for _, a := range s.Agents {
			contents := &collector{}
			checkContents(contents, a.Fields)
			c.problems = append(c.problems, contents.problems...)
			c.dropped += contents.dropped
		}
	}
	if len(c.problems) > 0 {
		for i, v := range resolved {
			*v = before[i]
		}
		return c.finish(c.problems[0].Pos.File)
	}
	s.Secrets = append(s.Secrets, secrets...)
	s.Warnings = append(s.Warnings, c.warnings...)
	s.Warnings.sort()
	return nil
}

// walk visits a value and everything below it.
func walk(v *Value, visit func(*Value)) {
	if v == nil {
		return
	}
	visit(v)
	for _, item := range v.Items {
		walk(item, visit)
	}
	for _, m := range v.Members {
		walk(m.Value, visit)
	}
}
