package main

import (
	"fmt"
	"slices"
	"strings"

	"wassist-sync/internal/github"
	"wassist-sync/internal/report"
	"wassist-sync/sync"
)

// letThrough prints the lines that let a refused plan through by hand, if
// anything does: a rule that cannot be lifted wants another plan.
func (j *job) letThrough(plan *sync.Plan, s *seen) string {
	unseen := slices.ContainsFunc(plan.Refused, isUnseen)
	lifted := slices.ContainsFunc(plan.Refused, func(r sync.Refusal) bool { return r.Liftable })
	why := "Every rule that refuses this plan can be lifted once"
	switch {
	case unseen && s != nil && s.err != nil:
		why = fmt.Sprintf("Whether these changes were reviewed is not known: %v", s.err)
	case unseen:
		why = "No pull request showed all of these changes"
	}
	if slices.ContainsFunc(plan.Refused, func(r sync.Refusal) bool { return !r.Liftable && !isUnseen(r) }) {
		if unseen {
			j.annotate.Add(github.Annotation{Level: github.LevelError, Title: "wassist-sync", Message: why + ", and nothing was applied."})
		}
		return ""
	}
	var inputs, flags []string
	for _, way := range []struct {
		name   string
		needed bool
	}{{"expect", unseen}, {"accept", lifted}} {
		if way.needed {
			inputs = append(inputs, way.name+": "+plan.Digest)
			flags = append(flags, "--"+way.name+" "+plan.Digest)
		}
	}
	if env := j.flags.source.env; env != "" {
		flags = append([]string{"--env " + shellWord(env)}, flags...)
	}
	with, command := "the input", fmt.Sprintf("wassist-sync apply %s %s", strings.Join(flags, " "), shellWord(path(j.args)))
	if len(inputs) > 1 {
		with = "the inputs"
	}
	fmt.Fprintf(j.err, "%s.\nLook at the plan. To let exactly this plan through, run the workflow by hand with %s\n  %s\nor on a machine with the key:\n  %s\n",
		why, with, strings.Join(inputs, "\n  "), command)
	j.annotate.Add(github.Annotation{Level: github.LevelError, Title: "wassist-sync", Message: fmt.Sprintf("%s, and nothing was applied. To let exactly this plan through, run the workflow by hand with %s %s", why, with, strings.Join(inputs, " and "))})
	for i, input := range inputs {
		inputs[i] = report.MarkdownCode(input)
	}
	return fmt.Sprintf("\n%s. To let exactly this plan through, run the workflow by hand with %s %s, or on a machine with the key %s.\n",
		report.MarkdownText(why), with, strings.Join(inputs, " and "), report.MarkdownCode(command))
}

// isUnseen tells a change that no pull request showed from what other guards
// refuse.
func isUnseen(r sync.Refusal) bool { return r.Rule == "expect" }

// shellWord quotes a word for a shell, if it needs that.
func shellWord(s string) string {
	plain := strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-") == ""
	if plain && s != "" && !strings.HasPrefix(s, "-") {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
