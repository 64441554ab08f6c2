package main

import (
	"strings"

	"github.com/spf13/cobra"

	"wassist-sync/spec"
)

func newSchema(c console) *cobra.Command {
	return &cobra.Command{
		Use:   "schema [" + strings.Join(spec.SchemaNames, "|") + "]",
		Short: "Print the JSON Schema of definitions, settings or environments",
		Long: `Prints a JSON Schema (draft 7), by which editors complete, explain and check
files: that of definitions (agent, the default), of wassist-sync.yaml (settings),
or of environments/NAME.yaml (environment). validate knows more than a schema can
say, and is what counts.`,
		Example: `  wassist-sync schema
  wassist-sync schema settings`,
		Args:      cobra.MaximumNArgs(1),
		ValidArgs: spec.SchemaNames,
		RunE: func(_ *cobra.Command, args []string) error {
			name := spec.SchemaNames[0]
			if len(args) == 1 {
				name = args[0]
			}
			text, err := spec.JSONSchema(name)
			if err != nil {
				return usage("%w", err)
			}
			_, err = c.out.Write(text)
			return err
		},
	}
}
