package main

import (
	"context"
	"fmt"
	"io"

	"wassist-sync/internal/github"
	"wassist-sync/internal/report"
)

// validate checks definitions and shows their problems where they are.
func (j *job) validate(ctx context.Context) error {
	set, err := j.console.validate(ctx, j.args, j.flags.source.env)
	if err != nil {
		return j.failed(ctx, "check of definitions", err)
	}
	j.problems(github.LevelWarning, set.Warnings)
	j.summarize(func(w io.Writer, o report.MarkdownOptions) error {
		_, err := fmt.Fprintf(w, "### %s\n\n%s in %s: valid.\n", report.MarkdownText(o.Title), count(len(set.Agents), "definition"), count(set.Files, "file"))
		return err
	}, j.title("definitions"), "")
	return j.finish(nil)
}
