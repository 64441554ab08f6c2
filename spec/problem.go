package spec

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Problem is one thing that is wrong with a definition, with its place and a remedy.
type Problem struct {
	Pos Position
	// Field is the field's path, such as tools[find_order].apiSchema.url; may be empty.
	Field string
	// Message says what is wrong; it never holds a sensitive value.
	Message string
	// Remedy says what to do; may be empty.
	Remedy string
}

// Error gives "file:line:col: field.path: what is wrong; what to do".
func (p *Problem) Error() string {
	var b strings.Builder
	if s := p.Pos.String(); s != "" {
		b.WriteString(s + ": ")
	}
	if p.Field != "" {
		b.WriteString(p.Field + ": ")
	}
	b.WriteString(p.Message)
	if p.Remedy != "" {
		b.WriteString("; " + p.Remedy)
	}
	return b.String()
}

// Problems are all problems of a set of definitions, at once.
type Problems []*Problem

// Error joins the problems, one a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.As find each Problem.
func (ps Problems) Unwrap() []error {
	errs := make([]error, len(ps))
	for i, p := range ps {
		errs[i] = p
	}
	return errs
}

// With adds the problems of another check that are not among these already, in the
// order of their places.
func (ps Problems) With(more Problems) Problems {
	out := slices.Clone(ps)
	seen := map[string]bool{}
	for _, p := range ps {
		seen[p.Error()] = true
	}
	for _, p := range more {
		if text := p.Error(); !seen[text] {
			seen[text] = true
			out = append(out, p)
		}
	}
	out.sort()
	return out
}

func (ps Problems) sort() {
	sort.SliceStable(ps, func(i, j int) bool {
		a, b := ps[i].Pos, ps[j].Pos
		if a.File != b.File {
			return a.File < b.File
		}
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Column < b.Column
	})
}

func problemf(pos Position, field, remedy, format string, args ...any) *Problem {
	return &Problem{Pos: pos, Field: field, Message: fmt.Sprintf(format, args...), Remedy: remedy}
}
