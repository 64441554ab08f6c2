package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"wassist-sync/spec"
)

func newValidate(c console) *cobra.Command {
	var flags sourceFlags
	cmd := &cobra.Command{
		Use:   "validate [PATH]",
		Short: "Check definitions offline",
		Long: `Checks every definition below PATH (default: agents) without a key, without the
network, and without the values of !env variables. All problems of all files
are reported at once, as file:line:col: field: what is wrong; what to do.

Where there are environments (PATH/environments/NAME.yaml), it checks the
definitions in each of them, or in the one that --env names.`,
		Example: "  wassist-sync validate agents\n  wassist-sync validate --env staging agents",
		Args:    onePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			_, err := c.validate(cmd.Context(), args, flags.env)
			return err
		},
	}
	flags.addEnv(cmd.Flags(), " (default: all of them)")
	return cmd
}

// validate checks definitions, in one environment or in all that there are, says
// so, and gives them back, with the warnings of all.
func (c console) validate(ctx context.Context, args []string, env string) (*spec.Set, error) {
	set, environments, err := c.checked(ctx, args, env)
	if err != nil {
		return nil, err
	}
	c.warn(set.Warnings)
	said := fmt.Sprintf("%s in %s: valid.\n", count(len(set.Agents), "definition"), count(set.Files, "file"))
	if len(environments) > 0 {
		said += fmt.Sprintf("Checked in %s: %s.\n", count(len(environments), "environment"), strings.Join(environments, ", "))
	}
	_, err = fmt.Fprint(c.out, said)
	return set, err
}

func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
