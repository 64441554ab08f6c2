package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wassist-sync/internal/report"
	"wassist-sync/spec"
)

// run executes one command line and returns its exit code.
func run(ctx context.Context, args []string, c console) (code int) {
	defer func() {
		if thrown := recover(); thrown != nil {
			code = crashed(c.err, thrown)
		}
	}()
	root := newRoot(c)
	root.SetArgs(args)
	root.SetIn(c.in)
	root.SetOut(c.out)
	root.SetErr(c.err)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitDone
	}
	var exit *exitError
	var problems spec.Problems
	switch {
	case errors.As(err, &exit) && exit.err == nil, readerGone(err):
	case errors.As(err, &problems):
		fmt.Fprintln(c.err, report.Visible(problems.Error()))
		fmt.Fprintf(c.err, "wassist-sync: %s in the definitions\n", countProblems(len(problems)))
	case codeOf(err) == exitUsage:
		fmt.Fprintf(c.err, "wassist-sync: %s\nSee: %s --help\n", report.Visible(err.Error()), cmd.CommandPath())
	default:
		fmt.Fprintf(c.err, "wassist-sync: %s\n", report.Visible(explain(err)))
	}
	return codeOf(err)
}

func countProblems(n int) string {
	if n == 1 {
		return "1 problem"
	}
	return fmt.Sprintf("%d problems", n)
}

func newRoot(c console) *cobra.Command {
	c.quiet = new(bool)
	root := &cobra.Command{
		Use:   "wassist-sync",
		Short: "Keep Wassist agents in line with YAML definitions in Git",
		Long: `wassist-sync keeps Wassist agents (AI agents that answer customers on WhatsApp)
in line with YAML definitions stored in Git.

Try it without a key, on a simulator inside the process:

  wassist-sync apply --yes --simulate=/tmp/simulator.json agents.example

Environment: WASSIST_API_KEY holds the key (never a flag), WASSIST_API_URL the
API's address, and every flag can be set as WASSIST_SYNC_<FLAG>.

Exit codes: 0 done or nothing to do, 1 something failed, 2 changes pending
(only with --detailed-exitcode), 3 refused by a guard, 64 bad usage,
65 the definitions are invalid.`,
		Example: `  wassist-sync validate agents.example
  wassist-sync plan --simulate agents.example`,
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       version(),
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return flagsFromEnvironment(cmd.Flags(), c.lookupEnv)
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.PersistentFlags().BoolVarP(c.quiet, "quiet", "q", false, "print the result and errors only: no warnings, no progress, no hints")
	root.SetVersionTemplate("wassist-sync {{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		var unknown *pflag.NotExistError
		if errors.As(err, &unknown) {
			if near := nearestFlag(cmd, unknown.GetSpecifiedName()); near != "" {
				return usage("%w; did you mean --%s?", err, near)
			}
		}
		return &exitError{exitUsage, err}
	})
	root.AddCommand(newValidate(c), newPlan(c), newApply(c), newServe(c), newImport(c), newNumbers(c), newAPI(c), newInit(c), newSchema(c), newSimulate(c), newCI(c), newVersion(c))
	root.InitDefaultCompletionCmd()
	completionExamples(root)
	c.complete(root)
	strictHelp(root)
	strictArguments(root)
	return root
}

// completionExamples gives cobra's completion commands an example each, as all
// others have.
func completionExamples(root *cobra.Command) {
	completion, _, err := root.Find([]string{"completion"})
	if err != nil {
		return
	}
	completion.Example = "  source <(wassist-sync completion bash)"
	for shell, example := range map[string]string{
		"bash":       "  source <(wassist-sync completion bash)",
		"zsh":        "  source <(wassist-sync completion zsh)",
		"fish":       "  wassist-sync completion fish | source",
		"powershell": "  wassist-sync completion powershell | Out-String | Invoke-Expression",
	} {
		if cmd, _, err := completion.Find([]string{shell}); err == nil {
			cmd.Example = example
		}
	}
}

// strictHelp makes help about a command that does not exist an error.
func strictHelp(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	help, _, err := root.Find([]string{"help"})
	if err != nil {
		return
	}
	help.Run = nil
	help.RunE = func(_ *cobra.Command, args []string) error {
		about, _, err := root.Find(args)
		if err != nil || (about == root && len(args) > 0) {
			return usage("there is no command %q to help with", strings.Join(args, " "))
		}
		about.InitDefaultHelpFlag()
		about.InitDefaultVersionFlag()
		return about.Help()
	}
}

// strictArguments makes every complaint about arguments one of usage.
func strictArguments(cmd *cobra.Command) {
	if !cmd.Runnable() {
		// Cobra looks at the arguments of commands that run, and no others.
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	check := cmd.Args
	if check == nil {
		check = cobra.ArbitraryArgs
	}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if cmd.HasSubCommands() && len(args) > 0 {
			return usage("unknown command %q%s", args[0], suggestions(cmd, args[0]))
		}
		if err := check(cmd, args); err != nil {
			return &exitError{exitUsage, err}
		}
		return nil
	}
	for _, sub := range cmd.Commands() {
		strictArguments(sub)
	}
}

// suggestions names the command that was probably meant: the nearest one, else
// those that cobra would name, which begin so for instance.
func suggestions(cmd *cobra.Command, arg string) string {
	var known []string
	for _, sub := range cmd.Commands() {
		known = append(known, sub.Name())
	}
	if near := spec.Nearest(arg, known); near != "" {
		return "; did you mean " + near + "?"
	}
	cmd.SuggestionsMinimumDistance = 2
	if names := cmd.SuggestionsFor(arg); len(names) > 0 {
		return "; did you mean " + strings.Join(names, " or ") + "?"
	}
	return ""
}

// flagsFromEnvironment sets every flag that the command line left alone from
// WASSIST_SYNC_<FLAG>, when that variable is set and not empty.
func flagsFromEnvironment(flags *pflag.FlagSet, lookup func(string) (string, bool)) error {
	var first error
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Changed || first != nil || f.Name == "help" || f.Name == "version" {
			return
		}
		name := "WASSIST_SYNC_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value, ok := lookup(name)
		if !ok || value == "" {
			return
		}
		if err := flags.Set(f.Name, value); err != nil && f.Value.Type() == "bool" {
			first = usage("%s: %q is neither true nor false", name, value)
		} else if err != nil {
			first = usage("%s: %v", name, err)
		}
	})
	return first
}

// onePath allows one argument. A second one, or one that is called as a file of
// JSON, is most likely meant for --simulate, whose value is optional and so needs
// an equals sign.
func onePath(cmd *cobra.Command, args []string) error {
	f := cmd.Flags().Lookup("simulate")
	inProcess := f != nil && f.Changed && f.Value.String() == inMemory
	switch {
	case len(args) > 1 && inProcess:
		return usage("one folder can be given, not %d; a file for --simulate follows an equals sign: --simulate=%s", len(args), args[0])
	case len(args) > 1:
		return usage("one folder can be given, not %d", len(args))
	case len(args) == 1 && inProcess && filepath.Ext(args[0]) == ".json" && !isFolder(args[0]):
		return usage("%q is not a folder; a file for --simulate follows an equals sign: --simulate=%[1]s", args[0])
	}
	return nil
}

func isFolder(name string) bool {
	info, err := os.Stat(name) //nolint:gosec // whoever runs the program may name any folder
	return err == nil && info.IsDir()
}

// path is the folder of definitions: the one argument, or agents.
func path(args []string) string {
	if len(args) == 1 {
		return args[0]
	}
	return "agents"
}
