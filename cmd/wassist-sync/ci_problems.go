package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"wassist-sync/internal/github"
	"wassist-sync/internal/gitsrc"
	"wassist-sync/internal/report"
	"wassist-sync/spec"
)

// problems shows what is wrong with definitions on the lines where it is.
func (j *job) problems(level github.Level, all spec.Problems) {
	base := j.base()
	out := make([]github.Annotation, len(all))
	for i, p := range all {
		a := github.Annotation{Level: level, Title: "wassist-sync", Message: p.Message, Line: p.Pos.Line, Column: p.Pos.Column}
		if p.Remedy != "" {
			a.Message += "; " + p.Remedy
		}
		if p.Field != "" {
			a.Title = p.Field
		}
		if a.File = j.file(base, p.Pos.File); a.File == "" {
			a.Line, a.Column = 0, 0
			a.Message = p.Error()
		}
		out[i] = a
	}
	j.annotate.Add(out...)
}

// base is the folder that positions are relative to: the repository's top, and
// outside of one the current folder.
func (j *job) base() string {
	if top, err := gitsrc.Root(path(j.args)); err == nil {
		return top
	}
	here, err := os.Getwd()
	if err != nil {
		return ""
	}
	return here
}

// file is the name that GitHub knows a file by; empty for one that is not in the
// workspace.
func (j *job) file(base, name string) string {
	if name == "" || j.flags.source.repo != "" {
		return ""
	}
	if j.run.Workspace == "" {
		return filepath.ToSlash(name)
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(base, name)
	}
	workspace, err := filepath.EvalSymlinks(j.run.Workspace)
	if err != nil {
		return ""
	}
	if folder, err := filepath.EvalSymlinks(filepath.Dir(name)); err == nil {
		name = filepath.Join(folder, filepath.Base(name))
	}
	relative, err := filepath.Rel(workspace, name)
	if err != nil || relative == ".." || strings.HasPrefix(relative, ".."+string(filepath.Separator)) {
		return ""
	}
	return filepath.ToSlash(relative)
}

// failed tells of a run that has no plan, everywhere where somebody would look
// for one. It returns err.
func (j *job) failed(ctx context.Context, what string, err error) error {
	j.output("superseded", "false")
	lines := []string{explain(err)}
	var problems spec.Problems
	if errors.As(err, &problems) {
		lines = nil
		for _, p := range problems {
			lines = append(lines, p.Error())
		}
		j.problems(github.LevelError, problems)
	} else {
		if errors.Is(err, errNoKey) && j.flags.target.keyVariable == nil {
			lines[0] = "there is no API key: " + whereKey
		}
		j.annotate.Add(github.Annotation{Level: github.LevelError, Title: "wassist-sync", Message: lines[0]})
	}
	j.summarize(func(w io.Writer, o report.MarkdownOptions) error {
		_, err := io.WriteString(w, github.FailureSummary(o.Title, lines, o.Limit))
		return err
	}, j.title(what+" failed"), "")
	if what == "plan" {
		j.comment(ctx, func() (string, error) { return github.FailureComment(j.target, lines, j.run) })
	}
	return j.finish(err)
}
