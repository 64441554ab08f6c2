package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wassist-sync/internal/source"
	"wassist-sync/spec"
	"wassist-sync/sync"
	"wassist-sync/wassist"
)

// importFlags say which agents to import, and how the result is told.
type importFlags struct {
	source sourceFlags // of which only env
	target targetFlags
	format string
	agents []string
	all    bool
	pin    bool

	flags *pflag.FlagSet
}

func newImport(c console) *cobra.Command {
	var flags importFlags
	cmd := &cobra.Command{
		Use:   "import [PATH]",
		Short: "Write definitions for agents that exist",
		Long: `Writes one definition below PATH (default: agents) for each agent that is asked for
and has none yet. Long prompts become files of their own, secrets become
variables of the environment (their names are listed, their values never).

It changes nothing on Wassist, and no file that is there: with --pin alone it
adds id: to definitions that stand, or corrects it, and leaves the rest of their
files as it is. Right after an import, with the variables set, plan is empty.

Without --agent and --all it lists the agents that could be imported.`,
		Example: `  WASSIST_API_KEY=… wassist-sync import
  WASSIST_API_KEY=… wassist-sync import --all
  WASSIST_API_KEY=… wassist-sync import --agent "Order desk" --agent Billing agents
  WASSIST_API_KEY=… wassist-sync import --all --pin`,
		Args: onePath,
		RunE: func(cmd *cobra.Command, args []string) error { return runImport(cmd.Context(), c, &flags, args) },
	}
	f := cmd.Flags()
	flags.flags = f
	flags.source.addEnv(f, "; its settings count, and its values for definitions that stand")
	flags.target.add(f)
	f.StringArrayVar(&flags.agents, "agent", nil, "import the agent of this `NAME or id` (repeatable)")
	f.BoolVar(&flags.all, "all", false, "import every agent that has no definition")
	f.BoolVar(&flags.pin, "pin", false, "write id: into each definition, also into those that stand")
	f.StringVar(&flags.format, "format", formText, "form of the result: text or json")
	return cmd
}

// check looks at the flags alone.
func (f *importFlags) check() error {
	switch {
	case f.format != formText && f.format != formJSON:
		return usage("--format %q is not known; use text or json", f.format)
	case f.all && len(f.agents) > 0:
		return usage("--all imports every agent: leave out --agent, or --all")
	}
	return nil
}

func runImport(ctx context.Context, c console, flags *importFlags, args []string) error {
	if err := flags.check(); err != nil {
		return err
	}
	folder := path(args)
	opened, err := flags.target.reading(c, flags.source.env, flags.flags.Changed("rate"), func() (*source.Opened, error) {
		return flags.openStanding(ctx, c, folder)
	})
	if err != nil {
		return err
	}
	defer opened.Close()
	target, err := flags.target.open(c, func(wassist.Event) {})
	if err != nil {
		return err
	}
	taken, err := takenFiles(folder)
	if err != nil {
		return err
	}
	options := sync.ImportOptions{All: flags.all, Agents: flags.agents, Pin: flags.pin, Taken: taken, Unmanaged: opened.Settings.IsUnmanaged, Kept: opened.HoldsKey}
	if opened.Settings.Organization != nil {
		options.Organization = opened.Settings.Organization.Text
	}
	found, err := (&sync.Importer{Reader: target.api, Options: options}).Import(ctx, opened.Set)
	switch {
	case errors.Is(err, sync.ErrUnknownAgent):
		return usage("--agent: %w; wassist-sync import lists those without a definition", err)
	case errors.Is(err, sync.ErrOtherOrganization):
		return &exitError{exitRefused, err}
	case err != nil:
		return fmt.Errorf("%s: %w", target.host, err)
	}
	if !flags.all && len(flags.agents) == 0 {
		return c.listCandidates(flags, found)
	}
	done, err := writeImport(ctx, folder, opened, found)
	if tellErr := c.tellImport(flags, folder, found, done, err); err == nil {
		err = tellErr
	}
	return err
}

// openStanding reads the definitions that stand already. A folder that is not there
// holds none.
func (f *importFlags) openStanding(ctx context.Context, c console, folder string) (*source.Opened, error) {
	if _, err := os.Stat(folder); folder != "" && errors.Is(err, fs.ErrNotExist) {
		if err := source.MayMake(folder); err != nil {
			return nil, asUsage(err)
		}
		return &source.Opened{Set: &spec.Set{}, Settings: &spec.Settings{}}, nil
	}
	return f.source.open(ctx, c, folder)
}
