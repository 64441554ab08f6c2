package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"wassist-sync/sync"
)

// ReportMarkdown writes what became of a plan, for a comment or a job's summary
// on GitHub: the verdict, each change with its outcome, what failed first, and
// the differences, folded.
func ReportMarkdown(w io.Writer, r *sync.Report, o MarkdownOptions) error {
	m := &markdown{MarkdownOptions: o}
	said := "**Applied:** " + strings.Join(append([]string{applied(r)}, notApplied(r)...), "; ") + "."
	notes := slices.Concat(r.Notes, r.Plan.Notes)
	if len(r.Results) == 0 && r.Refused == nil {
		return m.write(w, said, where(r.Plan)+" "+spent(r)+".", "",
			m.held(r.Plan.Held, true), m.notes(notes, true))
	}
	return m.write(w, said, where(r.Plan), spent(r)+".\n\n",
		m.refused(refusals(r)), m.results(r), m.allDetails(r.Plan),
		m.held(r.Plan.Held, false), m.notes(notes, false))
}

// refusals are those of the plan, and the one that came while it was applied.
func refusals(r *sync.Report) []sync.Refusal {
	all := slices.Clone(r.Plan.Refused)
	if r.Refused != nil {
		all = append(all, *r.Refused)
	}
	return all
}

// worstFirst gives the results that want a look before those that do not.
func worstFirst(r *sync.Report) []sync.Result {
	all := slices.Clone(r.Results)
	rank := func(o sync.Outcome) int {
		return slices.Index([]sync.Outcome{sync.Failed, sync.Skipped, sync.NotAttempted, sync.Applied}, o)
	}
	slices.SortStableFunc(all, func(a, b sync.Result) int { return rank(a.Outcome) - rank(b.Outcome) })
	return all
}

func (m *markdown) results(r *sync.Report) section {
	all := worstFirst(r)
	return section{claim: 4, list: list{
		head: "| Outcome | Action | Agent | Why |\n|---|---|---|---|\n",
		foot: "\n",
		n:    len(all),
		item: func(i int) string {
			res := &all[i]
			agent := code(res.Agent)
			if res.Number != "" {
				agent = fmt.Sprintf("%s: %s", code(res.Number), agent)
			}
			outcome, why := string(res.Outcome), ""
			if res.Outcome != sync.Applied {
				outcome, why = "**"+outcome+"**", brief(errorText(res.Err))
			}
			return row(outcome, string(res.Action), agent, why)
		},
		more: func(left int) string { return "| and " + plural(left, "more result") + " | | | |\n" },
	}}
}
