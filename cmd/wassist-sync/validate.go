package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"wassist-sync/internal/github"
	"wassist-sync/internal/report"
	"wassist-sync/spec"
)

func newValidate(c console) *cobra.Command {
	var flags sourceFlags
	var output outputFlags
	cmd := &cobra.Command{
		Use:   "validate [PATH]",
		Short: "Check definitions offline",
		Long: `Checks every definition below PATH (default: agents) without a key, without the
network, and without the values of !env variables. All problems of all files
are reported at once, as file:line:col: field: what is wrong; what to do.

Where there are environments (PATH/environments/NAME.yaml), the definitions are
checked in each of them, or in the one that --env names.

With --format json the result is one object; with --format github each problem
is an annotation that GitHub shows on its line.`,
		Example: `  wassist-sync validate agents
  wassist-sync validate --env staging agents
  wassist-sync validate --format json agents.example`,
		Args: onePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runValidate(cmd.Context(), c, &output, args, flags.env)
		},
	}
	flags.addEnv(cmd.Flags(), " (default: all of them)")
	output.addForms(cmd.Flags(), []string{formText, formJSON, formGitHub})
	return cmd
}

func runValidate(ctx context.Context, c console, output *outputFlags, args []string, env string) error {
	if err := output.check(); err != nil {
		return err
	}
	out := &result{flags: output, c: c}
	set, environments, err := c.checked(ctx, args, env)
	v := report.Validation{Path: filepath.ToSlash(filepath.Clean(path(args))), Environments: environments, Set: set}
	if err != nil && !errors.As(err, &v.Problems) {
		return err
	}
	writeErr := writeValidation(out, v, args)
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
func writeValidation(out *result, v report.Validation, args []string) error {
	switch out.flags.format {
	case formJSON:
		return report.ValidationJSON(out, v)
	case formGitHub:
		workspace, _ := out.c.lookupEnv("GITHUB_WORKSPACE")
		j := &job{console: out.c, flags: &ciFlags{}, args: args, run: &github.Run{Workspace: workspace}, annotate: &github.Annotator{W: out}}
		j.problems(github.LevelError, v.Problems)
		if v.Set != nil {
			j.problems(github.LevelWarning, v.Set.Warnings)
		}
	default:
		if v.Set != nil {
			out.c.warn(v.Set.Warnings)
		}
	}
	if v.Set == nil {
		return nil
	}
	return valid(out, v)
}

func valid(w io.Writer, v report.Validation) error {
	said := fmt.Sprintf("%s in %s: valid.\n", count(len(v.Set.Agents), "definition"), count(v.Set.Files, "file"))
	if len(v.Environments) > 0 {
		said += fmt.Sprintf("Checked in %s: %s.\n", count(len(v.Environments), "environment"), strings.Join(v.Environments, ", "))
	}
	_, err := io.WriteString(w, said)
	return err
}

// validate checks definitions, in one environment or in all that there are, says
// so, and gives them back, with the warnings of all.
func (c console) validate(ctx context.Context, args []string, env string) (*spec.Set, error) {
	set, environments, err := c.checked(ctx, args, env)
	if err != nil {
		return nil, err
	}
	c.warn(set.Warnings)
	return set, valid(c.out, report.Validation{Environments: environments, Set: set})
}

func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
