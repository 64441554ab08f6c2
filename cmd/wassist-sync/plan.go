package main

import (
	"context"

	"github.com/spf13/cobra"

	"wassist-sync/wassist"
)

func newPlan(c console) *cobra.Command {
	var flags planFlags
	var detailed bool
	cmd := &cobra.Command{
		Use:   "plan [PATH]",
		Short: "Show what apply would do, and write nothing",
		Long: `Reads the definitions below PATH (default: agents) and every agent on Wassist,
and shows what apply would do. It makes no request but GETs.

Exit codes: 0, or with --detailed-exitcode 2 when changes are pending; 3 when a
guard would refuse the plan.`,
		Example: `  wassist-sync plan --simulate agents.example
  WASSIST_API_KEY=… wassist-sync plan --detailed-exitcode --format json --out plan.json
  WASSIST_API_KEY=… wassist-sync plan --format html --out plan.html`,
		Args: onePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runPlan(cmd.Context(), c, &flags, detailed, args)
		},
	}
	flags.add(cmd.Flags())
	cmd.Flags().BoolVar(&detailed, "detailed-exitcode", false, "exit 2 when changes are pending")
	return cmd
}

func runPlan(ctx context.Context, c console, flags *planFlags, detailed bool, args []string) error {
	out := &result{flags: &flags.output, c: c}
	s, err := flags.prepare(ctx, c, args, func(wassist.Event) {})
	if err != nil {
		if s == nil {
			return err
		}
		return s.failed(out, err)
	}
	defer s.close()
	plan, err := s.plan(ctx)
	if err != nil {
		return s.failed(out, err)
	}
	if err := writePlan(out, plan); err != nil {
		return err
	}
	if err := out.deliver(); err != nil {
		return err
	}
	switch {
	case len(plan.Refused) > 0:
		return silent(exitRefused)
	case detailed && !plan.Empty():
		return silent(exitPending)
	}
	return nil
}
