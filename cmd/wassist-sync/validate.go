package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"wassist-sync/spec"
)

func newValidate(c console) *cobra.Command {
	return &cobra.Command{
		Use:   "validate [PATH]",
		Short: "Check definitions offline",
		Long: `Checks every definition below PATH (default: agents) without a key, without the
network, and without the values of !env variables. All problems of all files
are reported at once, as file:line:col: field: what is wrong; what to do.`,
		Example: "  wassist-sync validate agents",
		Args:    onePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			_, err := c.validate(cmd.Context(), args)
			return err
		},
	}
}

// validate checks definitions, says so, and gives them back.
func (c console) validate(ctx context.Context, args []string) (*spec.Set, error) {
	opened, err := (&sourceFlags{}).open(ctx, c, path(args))
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	c.warn(opened)
	set := opened.Set
	if err := set.CheckEnv(ownVariable); err != nil {
		return nil, err
	}
	_, err = fmt.Fprintf(c.out, "%s in %s: valid.\n", count(len(set.Agents), "definition"), count(set.Files, "file"))
	return set, err
}

func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
