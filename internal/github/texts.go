package github

import (
	"fmt"
	"slices"
	"strings"

	"wassist-sync/internal/report"
	"wassist-sync/sync"
)

// commentLimit is the most bytes of a comment or an issue. GitHub takes 65,536
// characters.
const commentLimit = 65_000

// titleLimit is the most characters that GitHub takes as a title.
const titleLimit = 256

// PlanComment is the comment of a plan, which carries the digests of its changes.
func PlanComment(t Target, plan *sync.Plan, run *Run) (string, error) {
	changes := make([]string, len(plan.Changes))
	for i := range plan.Changes {
		changes[i] = plan.Changes[i].Digest
	}
	return body(marker(planKind, t, plan.Digest, changes), "", footOf(run), func(b *strings.Builder, room int) error {
		return report.PlanMarkdown(b, plan, report.MarkdownOptions{Title: "Wassist plan: " + t.String(), Limit: room, More: more(run)})
	})
}

// FailureComment is the comment of a run that has no plan. It carries no digest,
// and takes the place of a plan that does not count any more.
func FailureComment(t Target, lines []string, run *Run) (string, error) {
	return body(marker(planKind, t, "", nil), "", footOf(run), func(b *strings.Builder, room int) error {
		fmt.Fprintf(b, "### %s\n\n**There is no plan.** It failed, and nothing of an earlier plan counts any more.\n\n", report.MarkdownText("Wassist plan: "+t.String()))
		listed(b, lines, room)
		return nil
	})
}

// FailureSummary is the same for a job's summary.
func FailureSummary(title string, lines []string, limit int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n", report.MarkdownText(title))
	listed(&b, lines, limit)
	return b.String()
}

// listed writes lines as a list, as far as there is room.
func listed(b *strings.Builder, lines []string, limit int) {
	for i, l := range lines {
		item := "- " + report.MarkdownText(l) + "\n"
		if rest := fmt.Sprintf("- and %d more; the log has all\n", len(lines)-i); b.Len()+len(item)+len(rest) > limit {
			b.WriteString(rest)
			return
		}
		b.WriteString(item)
	}
}

// DriftTitle is the title of a target's issue.
func DriftTitle(t Target) string {
	title := []rune(report.Visible("Wassist is not as Git says: " + strings.Join(strings.Fields(t.String()), " ")))
	if len(title) > titleLimit {
		title = append(title[:titleLimit-1], '…')
	}
	return string(title)
}

// DriftBody is the text of the issue: first what was edited on Wassist, then the
// whole plan, with what merely waits to be applied.
func DriftBody(t Target, plan *sync.Plan, run *Run) (string, error) {
	drifted := Drifted(plan)
	return body(marker(driftKind, t, plan.Digest, nil), edits(plan, drifted), driftFoot, func(b *strings.Builder, room int) error {
		return report.PlanMarkdown(b, plan, report.MarkdownOptions{Limit: room, More: more(run)})
	})
}

// driftFoot names no run: a text that says nothing new is not written again.
const driftFoot = "\n<sub>Each run of the check brings this text up to date, and closes the issue when nothing is left.</sub>\n"

// DriftClosed is the last comment of an issue about drift.
func DriftClosed(plan *sync.Plan) string {
	at := ""
	if plan.Source.Commit != "" {
		at = " at " + plan.Source.Commit
	}
	if len(plan.Held) > 0 {
		return "Nothing is left that an apply of Git" + at + " would do. What still differs is held: the plan says what, and why."
	}
	return "Nothing is left to do: Wassist is as Git says" + at + "."
}

// Edit is a field that somebody edited on Wassist, and that a plan would set back.
type Edit struct{ Agent, Path string }

// Drifted lists what was edited on Wassist.
func Drifted(plan *sync.Plan) []Edit {
	var out []Edit
	for i := range plan.Changes {
		c := &plan.Changes[i]
		for _, f := range c.Fields {
			if f.Cause == sync.CauseWassist {
				out = append(out, Edit{c.Agent, f.Path})
			}
		}
	}
	return out
}

// shownEdits is how many edits are listed one by one.
const shownEdits = 50

// edits is the issue's own part.
func edits(plan *sync.Plan, drifted []Edit) string {
	var b strings.Builder
	if len(drifted) == 0 {
		b.WriteString("Nothing that Git has declared before was edited on Wassist. What is below waits to be applied, or history cannot tell where it comes from.\n\n")
		return b.String()
	}
	b.WriteString("**Edited on Wassist**, and set back by the next apply unless the edit is taken over into Git:\n\n")
	for i, e := range drifted {
		if i == shownEdits {
			fmt.Fprintf(&b, "- and %d more\n", len(drifted)-i)
			break
		}
		fmt.Fprintf(&b, "- %s: %s\n", report.MarkdownCode(e.Agent), report.MarkdownCode(e.Path))
	}
	b.WriteString("\n")
	if slices.ContainsFunc(plan.Changes, func(c sync.Change) bool {
		return len(c.Fields) == 0 || slices.ContainsFunc(c.Fields, func(f sync.Field) bool { return f.Cause != sync.CauseWassist })
	}) {
		b.WriteString("Whatever else is below waits to be applied, or history cannot tell where it comes from.\n\n")
	}
	return b.String()
}

// body puts a text together: the marker, which is its first line, an
// introduction, what write writes into the room that is left, and a foot.
func body(first, intro, foot string, write func(b *strings.Builder, room int) error) (string, error) {
	var b strings.Builder
	if err := write(&b, commentLimit-len(first)-len(intro)-len(foot)-2); err != nil {
		return "", err
	}
	return first + "\n" + intro + b.String() + foot, nil
}

// more says where the rest of a text that was cut is.
func more(run *Run) string {
	if url := run.URL(); url != "" {
		return "The [job's summary](" + url + ") and the HTML plan have more, the JSON plan has all."
	}
	return "The HTML plan has more, the JSON plan has all."
}

// footOf says of which commit a comment speaks.
func footOf(run *Run) string {
	commit := run.Commit()
	if commit == "" {
		return ""
	}
	text := "\n<sub>Of " + commit
	if run.Pull != nil && run.Pull.Merge && commitForm.MatchString(run.SHA) {
		text += ", merged with its base as " + run.SHA[:7]
	}
	if url := run.URL(); url != "" {
		text += ", by [this run](" + url + ")"
	}
	return text + ".</sub>\n"
}
