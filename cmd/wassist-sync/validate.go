package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"wassist-sync/internal/github"
	"wassist-sync/internal/report"
	"wassist-sync/internal/source"
	"wassist-sync/spec"
)

func newValidate(c console) *cobra.Command {
	var output outputFlags
	cmd := &cobra.Command{
		Use:   "validate [PATH]",
		Short: "Check definitions offline",
		Long: `Checks every definition below PATH (default: agents) without a key, without the
network, and without the values of !env variables. All problems of all files
are reported at once, as file:line:col: field: what is wrong; what to do.

With --format json the result is one object; with --format github each problem
is an annotation that GitHub shows on its line.`,
		Example: `  wassist-sync validate agents
  wassist-sync validate --format json agents.example`,
		Args: onePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runValidate(cmd.Context(), c, &output, args)
		},
	}
	output.addForms(cmd.Flags(), []string{formText, formJSON, formGitHub})
	return cmd
}

func runValidate(ctx context.Context, c console, output *outputFlags, args []string) error {
	if err := output.check(); err != nil {
		return err
	}
	out := &result{flags: output, c: c}
	opened, err := (&sourceFlags{}).open(ctx, c, path(args))
	var problems spec.Problems
	if err != nil && !errors.As(err, &problems) {
		return err
	}
	if err == nil {
		defer opened.Close()
	}
	writeErr := writeValidation(out, opened, problems, args)
	if writeErr == nil {
		writeErr = out.deliver()
	}
	if writeErr != nil {
		return errors.Join(err, writeErr)
	}
	return err
}

// writeValidation writes what a check found. Problems of the text form are the
// error that the command ends with.
func writeValidation(out *result, opened *source.Opened, problems spec.Problems, args []string) error {
	var set *spec.Set
	if opened != nil {
		set = opened.Set
	}
	switch out.flags.format {
	case formJSON:
		return report.ValidationJSON(out, report.Validation{Path: filepath.ToSlash(filepath.Clean(path(args))), Set: set, Problems: problems})
	case formGitHub:
		workspace, _ := out.c.lookupEnv("GITHUB_WORKSPACE")
		j := &job{console: out.c, flags: &ciFlags{}, args: args, run: &github.Run{Workspace: workspace}, annotate: &github.Annotator{W: out}}
		j.problems(github.LevelError, problems)
		if set != nil {
			j.problems(github.LevelWarning, set.Warnings)
		}
	default:
		if opened != nil {
			out.c.warn(opened)
		}
	}
	if set == nil {
		return nil
	}
	return valid(out, set)
}

func valid(w io.Writer, set *spec.Set) error {
	_, err := fmt.Fprintf(w, "%s in %s: valid.\n", count(len(set.Agents), "definition"), count(set.Files, "file"))
	return err
}

// validate checks definitions, says so, and gives them back.
func (c console) validate(ctx context.Context, args []string) (*spec.Set, error) {
	opened, err := (&sourceFlags{}).open(ctx, c, path(args))
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	c.warn(opened)
	return opened.Set, valid(c.out, opened.Set)
}

func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
