package main

import (
	"context"

	"github.com/spf13/cobra"

	"wassist-sync/sync"
	"wassist-sync/wassist"
)

func newPlan(c console) *cobra.Command {
	var flags planFlags
	var offline offlineFlags
	var detailed bool
	cmd := &cobra.Command{
		Use:   "plan [PATH]",
		Short: "Show what apply would do, and write nothing",
		Long: `Reads the definitions below PATH (default: agents) and every agent on Wassist,
and shows what apply would do. It makes no request but GETs.

With --offline --base REF it compares with the definitions at that commit
instead, and shows what merging would change if nobody had changed anything on
Wassist: without a key, a network, or the values of !env.

Exit codes: 0, or with --detailed-exitcode 2 when changes are pending; 3 when a
guard would refuse the plan.`,
		Example: `  wassist-sync plan --simulate agents.example
  WASSIST_API_KEY=… wassist-sync plan --detailed-exitcode --format json --out plan.json
  WASSIST_API_KEY=… wassist-sync plan --format html --out plan.html
  wassist-sync plan --offline --base origin/main`,
		Args: onePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := offline.check(&flags); err != nil {
				return err
			}
			if offline.offline {
				return runOffline(cmd.Context(), c, &flags, offline.base, detailed, args)
			}
			return runPlan(cmd.Context(), c, &flags, detailed, args)
		},
	}
	flags.add(cmd.Flags())
	offline.add(cmd.Flags())
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
	return delivered(out, plan, detailed)
}

// runOffline is runPlan without Wassist.
func runOffline(ctx context.Context, c console, flags *planFlags, base string, detailed bool, args []string) error {
	out := &result{flags: &flags.output, c: c}
	if err := flags.output.check(); err != nil {
		return err
	}
	plan, s, err := flags.offlinePlan(ctx, c, args, base)
	if err != nil {
		if s == nil {
			return err
		}
		return s.failed(out, err)
	}
	return delivered(out, plan, detailed)
}

// delivered writes a plan, and says by the exit code what is in it.
func delivered(out *result, plan *sync.Plan, detailed bool) error {
	if err := writePlan(out, plan); err != nil {
		return err
	}
	if err := out.deliver(); err != nil {
		return err
	}
	switch {
	case len(plan.Refused) > 0:
		return out.ended(silent(exitRefused))
	case detailed && !plan.Empty():
		return silent(exitPending)
	}
	return nil
}
