package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wassist-sync/spec"
)

// choicesKey marks a flag with what it takes, for completion.
const choicesKey = "wassist-sync/choices"

// fixedChoices are the values of flags that take the same ones in every command.
var fixedChoices = map[string][]string{
	"prune":       {"managed", "none", "all"},
	"on-drift":    {"overwrite", "keep", "fail"},
	"log-format":  {"text", "json"},
	"mode":        {"apply", "plan"},
	"profile":     {"current", "documented"},
	"drop-lists":  {"none", "patch", "put", "both"},
	"retry-after": {"header", "date", "body", "both", "none"},
}

// apiMethods and apiPaths are what api completes.
var (
	apiMethods = []string{"GET", "POST", "PUT", "PATCH", "DELETE"}
	apiPaths   = []string{"agents/", "phone-numbers/", "whatsapp-accounts/", "whatsapp-link-sessions/", "integrations/connectors/", "simulations/"}
)

// complete teaches a command, and those below it, what to complete beyond flags
// and subcommands. It looks at nothing but the folder of definitions.
func (c console) complete(cmd *cobra.Command) {
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		var values cobra.CompletionFunc
		switch {
		case f.Annotations[choicesKey] != nil:
			values = among(f.Annotations[choicesKey])
		case fixedChoices[f.Name] != nil:
			values = among(fixedChoices[f.Name])
		case f.Name == "only":
			values = c.agentNames
		case f.Name == "env":
			values = environmentNames
		default:
			return
		}
		// It fails for a flag that is not there, or that has a function already.
		_ = cmd.RegisterFlagCompletionFunc(f.Name, values)
	})
	if strings.HasSuffix(cmd.Use, "[PATH]") && cmd.ValidArgsFunction == nil {
		cmd.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveFilterDirs
		}
	}
	for _, sub := range cmd.Commands() {
		c.complete(sub)
	}
}

// among completes one of a few words.
func among(all []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		return begins(all, begun), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// begins are those that begin as what stands there already.
func begins(all []string, begun string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return !strings.HasPrefix(s, begun) })
}

// agentNames completes the names of the definitions below PATH in the environment
// that is named, or else in all of them, where they cannot be read without one;
// none when they cannot be read.
func (c console) agentNames(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	env, _ := cmd.Flags().GetString("env")
	if env == "" {
		env, _ = c.lookupEnv("WASSIST_SYNC_ENV") // not in the flag yet: only a run puts it there
	}
	names, ok := c.namesIn(cmd.Context(), path(args), env)
	if !ok && env == "" {
		environments, _ := environmentNames(cmd, args, "")
		for _, env := range environments {
			more, _ := c.namesIn(cmd.Context(), path(args), env)
			names = append(names, more...)
		}
	}
	slices.Sort(names)
	return begins(slices.Compact(names), begun), cobra.ShellCompDirectiveNoFileComp
}

// namesIn are the names of the definitions in an environment; false when they
// cannot be read.
func (c console) namesIn(ctx context.Context, folder, env string) (names []string, ok bool) {
	opened, err := (&sourceFlags{env: env}).open(ctx, c, folder)
	if err != nil {
		return nil, false
	}
	defer opened.Close()
	for _, def := range opened.Set.Agents {
		names = append(names, def.Name)
	}
	return names, true
}

// environmentNames completes the names of the files in environments/ below PATH.
func environmentNames(_ *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	files, err := os.ReadDir(filepath.Join(path(args), "environments"))
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, file := range files {
		extension := filepath.Ext(file.Name())
		name := strings.TrimSuffix(file.Name(), extension)
		if (extension == ".yaml" || extension == ".yml") && !strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "_") {
			names = append(names, name)
		}
	}
	return begins(names, begun), cobra.ShellCompDirectiveNoFileComp
}

// completeAPI completes a method, and then a path.
func completeAPI(_ *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		return begins(apiMethods, strings.ToUpper(begun)), cobra.ShellCompDirectiveNoFileComp
	case 1:
		return begins(apiPaths, begun), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// nearestFlag is the flag that was probably meant by one that a command does not have.
func nearestFlag(cmd *cobra.Command, name string) string {
	var known []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			known = append(known, f.Name)
		}
	})
	return spec.Nearest(name, known)
}
