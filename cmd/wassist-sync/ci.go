package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wassist-sync/internal/github"
)

// ciFlags are those of the commands that GitHub's runner calls.
type ciFlags struct {
	planFlags
	comment, requireReviewed, failOnDrift bool
	planJSON, planHTML                    string
}

// newCI is what the action calls. Its commands take their input from flags and
// variables alone, so that no workflow has to put a text of somebody's into a
// command line.
func newCI(c console) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "ci",
		Example: "  wassist-sync ci plan agents",
		Short:   "What the GitHub Action calls: plan, apply, drift, validate",
		Long: `The commands below do what plan, apply and validate do, and speak to GitHub
besides: a comment on the pull request, the job's summary, annotations, outputs
of the step, an issue about drift. They read GITHUB_TOKEN and what the runner
sets. Without a token, or where GitHub does not answer, that is said, and the
plan stands in the log all the same.`,
	}
	cmd.AddCommand(
		newCICommand(c, "plan [PATH]", "Show the plan on the pull request", `Plans, writes the plan into the job's summary and, in a pull request, into one
comment that later runs bring up to date.`, (*job).plan),
		newCICommand(c, "apply [PATH]", "Apply what was reviewed in pull requests", `Plans, compares the plan with what the pull requests showed that were merged
since the last run that applied the branch, and applies it. A change that nobody
reviewed is warned of or, with --require-reviewed-plan, refused. A run whose
commit is not the tip of its branch any more does nothing and succeeds.`, (*job).apply),
		newCICommand(c, "drift [PATH]", "Keep an issue about what differs on Wassist", `Plans, and opens an issue when there is something to do, brings it up to date,
or closes it. It writes nothing to Wassist, and differences make it fail only
with --fail-on-drift.`, (*job).drift),
		newCICommand(c, "validate [PATH]", "Check definitions, with annotations", `Checks definitions offline, as validate does, and shows each problem on its line
of the file.`, (*job).validate),
	)
	for _, validate := range cmd.Commands() {
		if validate.Name() == "validate" {
			showOnly(validate.Flags(), "env")
		}
	}
	return cmd
}

// showOnly leaves all other flags out of the help: the action gives each command the same
// ones, and they mean nothing to this one.
func showOnly(flags *pflag.FlagSet, names ...string) {
	flags.VisitAll(func(f *pflag.Flag) { f.Hidden = !slices.Contains(names, f.Name) })
}

func newCICommand(c console, use, short, long string, do func(*job, context.Context) error) *cobra.Command {
	var flags ciFlags
	cmd := &cobra.Command{
		Use: use, Short: short, Long: long, Args: onePath,
		Example: "  wassist-sync ci " + use[:len(use)-len(" [PATH]")] + " agents",
		RunE: func(cmd *cobra.Command, args []string) error {
			// Nothing but annotations may reach the runner as a command.
			out, log := &github.Harmless{W: c.out}, &github.Harmless{W: c.err}
			defer out.Flush()
			defer log.Flush()
			guarded := c
			guarded.out, guarded.err = out, log
			annotate := &github.Annotator{W: c.err}
			j, err := flags.begin(guarded, annotate, args)
			if err != nil {
				annotate.Add(github.Annotation{Level: github.LevelError, Title: "wassist-sync", Message: explain(err)})
				return err
			}
			return do(j, cmd.Context())
		},
	}
	flags.add(cmd.Flags())
	flags.target.keyGiven = true // the action's input
	cmd.Flags().BoolVar(&flags.comment, "comment", true, "comment on the pull request")
	cmd.Flags().BoolVar(&flags.requireReviewed, "require-reviewed-plan", false, "refuse every change that no pull request showed")
	cmd.Flags().BoolVar(&flags.failOnDrift, "fail-on-drift", false, "drift: exit 2 when there is something to do; plan and apply: as --on-drift fail")
	cmd.Flags().StringVar(&flags.planJSON, "plan-json", "", "write the plan, and what became of it, as JSON to `FILE`")
	cmd.Flags().StringVar(&flags.planHTML, "plan-html", "", "write them as one HTML page to `FILE`")
	return cmd
}
