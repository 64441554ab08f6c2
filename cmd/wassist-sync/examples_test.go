package main

import (
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var (
	shellWords = regexp.MustCompile(`"[^"]*"|'[^']*'|[^\s"']+`)
	assignment = regexp.MustCompile(`^[A-Z_]+=\S* `)
)

// Every command has an example, each line of which is a command line that the
// program takes: the command exists, and so do its flags and arguments.
func TestExamples(t *testing.T) {
	newTestRoot := func() *cobra.Command {
		return newRoot(console{in: strings.NewReader(""), out: io.Discard, err: io.Discard, lookupEnv: func(string) (string, bool) { return "", false }})
	}
	lines := 0
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Name() == "help" {
			return
		}
		if cmd.Example == "" {
			t.Errorf("%s has no example", cmd.CommandPath())
		}
		for line := range strings.Lines(cmd.Example) {
			lines++
			if err := takes(newTestRoot(), strings.TrimSpace(line)); err != "" {
				t.Errorf("%s: %s: %s", cmd.CommandPath(), strings.TrimSpace(line), err)
			}
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(newTestRoot())
	if lines < 20 {
		t.Errorf("%d examples were looked at", lines)
	}
}

// takes says what is wrong with a line that a person would type.
func takes(root *cobra.Command, line string) string {
	_, rest, found := strings.Cut(line, "wassist-sync ")
	if !found {
		return "it does not run wassist-sync"
	}
	before := line[:len(line)-len(rest)-len("wassist-sync ")]
	if before != "" && !assignment.MatchString(before) && !strings.HasSuffix(before, "| ") && !strings.HasSuffix(before, "<(") {
		return "what stands before wassist-sync is neither a variable nor a pipe"
	}
	rest, _, _ = strings.Cut(strings.TrimSuffix(rest, ")"), " | ")
	var args []string
	for _, word := range shellWords.FindAllString(rest, -1) {
		args = append(args, strings.Trim(word, `"'`))
	}
	cmd, args, err := root.Find(args)
	if err != nil {
		return err.Error()
	}
	if cmd == root {
		return "there is no such command"
	}
	if err := cmd.ParseFlags(args); err != nil {
		return err.Error()
	}
	if err := cmd.ValidateArgs(cmd.Flags().Args()); err != nil {
		return err.Error()
	}
	return ""
}

// What completion offers for a flag is what the flag takes.
func TestFixedChoices(t *testing.T) {
	seen := map[string]bool{}
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if fixedChoices[f.Name] == nil {
				return
			}
			seen[f.Name] = true
			for _, value := range fixedChoices[f.Name] {
				if !strings.Contains(f.Usage, value) {
					t.Errorf("%s --%s: the help does not tell of %s", cmd.CommandPath(), f.Name, value)
				}
			}
		})
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(newRoot(console{lookupEnv: func(string) (string, bool) { return "", false }}))
	for name := range fixedChoices {
		if !seen[name] {
			t.Errorf("no command has --%s", name)
		}
	}
}
