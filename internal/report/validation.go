package report

import (
	"io"

	"wassist-sync/spec"
)

// Validation is what a check of definitions found.
type Validation struct {
	Path string
	// Environments are those that the definitions were checked in; none where
	// there are none.
	Environments []string
	// Set is what was read; nil when there are problems.
	Set      *spec.Set
	Problems spec.Problems
}

type validationJSON struct {
	FormatVersion int           `json:"formatVersion"`
	Path          string        `json:"path"`
	Environments  []string      `json:"environments"`
	Valid         bool          `json:"valid"`
	Definitions   *int          `json:"definitions"`
	Files         *int          `json:"files"`
	Problems      []problemJSON `json:"problems"`
	Warnings      []problemJSON `json:"warnings"`
}

type problemJSON struct {
	File    *string `json:"file"`
	Line    *int    `json:"line"`
	Column  *int    `json:"column"`
	Path    *string `json:"path"`
	Message string  `json:"message"`
	Remedy  *string `json:"remedy"`
}

// ValidationJSON writes what a check found as one JSON object.
func ValidationJSON(w io.Writer, v Validation) error {
	out := validationJSON{FormatVersion: FormatVersion, Path: v.Path, Environments: append([]string{}, v.Environments...), Valid: v.Set != nil && len(v.Problems) == 0, Problems: toProblems(v.Problems), Warnings: []problemJSON{}}
	if v.Set != nil {
		n := len(v.Set.Agents)
		out.Definitions, out.Files = &n, &v.Set.Files
		out.Warnings = toProblems(v.Set.Warnings)
	}
	return encode(w, out)
}

func toProblems(all spec.Problems) []problemJSON {
	out := []problemJSON{}
	for _, p := range all {
		item := problemJSON{File: optional(p.Pos.File), Path: optional(p.Field), Message: p.Message, Remedy: optional(p.Remedy)}
		if p.Pos.Line > 0 {
			item.Line = &p.Pos.Line
		}
		if p.Pos.Column > 0 {
			item.Column = &p.Pos.Column
		}
		out = append(out, item)
	}
	return out
}
