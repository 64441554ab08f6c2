package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"wassist-sync/internal/report"
	"wassist-sync/internal/source"
)

// numbersFlags are the flags of numbers.
type numbersFlags struct {
	source sourceFlags
	target targetFlags
	output outputFlags
}

func newNumbers(c console) *cobra.Command {
	var flags numbersFlags
	cmd := &cobra.Command{
		Use:   "numbers [PATH]",
		Short: "List the organization's numbers, who answers them, and who shall",
		Long: `Lists every WhatsApp number of the key's organization: which agent or webhook
gets its messages, whether it is a sandbox number, and which definition below
PATH (default: agents) deploys it. Numbers that definitions deploy and the
organization does not have stand at the end. It makes no request but GETs, and
needs no definitions: where there is no folder agents, the numbers stand alone.`,
		Example: `  wassist-sync numbers --simulate agents.example
  WASSIST_API_KEY=… wassist-sync numbers --format json`,
		Args: onePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runNumbers(cmd.Context(), c, &flags, args, cmd.Flags().Changed("rate"))
		},
	}
	flags.source.add(cmd.Flags())
	flags.target.add(cmd.Flags())
	flags.output.addForms(cmd.Flags(), []string{formText, formJSON})
	return cmd
}

func runNumbers(ctx context.Context, c console, flags *numbersFlags, args []string, rated bool) error {
	if err := flags.output.check(); err != nil {
		return err
	}
	var n report.Numbers
	opened, err := flags.target.reading(c, flags.source.env, rated, func() (*source.Opened, error) { return flags.definitions(ctx, c, args) })
	if err != nil {
		return err
	}
	if opened != nil {
		defer opened.Close()
		c.warn(opened.Set.Warnings)
		n.Path, n.Definitions = path(args), opened.Set.Agents
	}
	target, err := flags.target.open(c, newProgress(c, &flags.output).request)
	if err != nil {
		return err
	}
	n.Host = target.host
	if n.Directory, err = target.api.Numbers(ctx); err != nil {
		return fmt.Errorf("%s: reading the phone numbers: %w", target.host, err)
	}
	n.RequestsMade = target.client.Requests()
	out := &result{flags: &flags.output, c: c}
	if flags.output.format == formJSON {
		err = report.NumbersJSON(out, n)
	} else {
		err = report.NumbersText(out, n, out.textOptions())
	}
	if err != nil {
		return err
	}
	return out.deliver()
}

// definitions opens the folder of definitions; nil when nobody named one, and
// there is none by the name that is the default.
func (f *numbersFlags) definitions(ctx context.Context, c console, args []string) (*source.Opened, error) {
	if len(args) == 0 && f.source.ref == "" && f.source.repo == "" {
		if _, err := os.Stat(path(args)); errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
	}
	return f.source.open(ctx, c, path(args))
}
