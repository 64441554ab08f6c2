package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"

	"wassist-sync/sync"
)

// Done is the word for an action that was done, such as "created".
func Done(a sync.Action) string { return participles[a] }

var participles = map[sync.Action]string{sync.Create: "created", sync.Update: "updated", sync.Deploy: "deployed", sync.Undeploy: "undeployed", sync.Delete: "deleted"}

// ProgressLine says in one line what became of a change, without the reason,
// which the report gives.
func ProgressLine(res *sync.Result, o TextOptions) string {
	short := *res
	short.Err = nil
	text := ResultLine(&short, o)
	return strings.TrimSuffix(text, ": "+errorText(nil))
}

// ResultLine says in one line what became of a change.
func ResultLine(res *sync.Result, o TextOptions) string {
	p := newPrinter(io.Discard, o)
	subject := line(res.Agent)
	if res.Number != "" {
		subject = line(res.Number) + " → " + line(res.Agent)
		if res.Action == sync.Undeploy {
			subject = line(res.Number) + " (was " + line(res.Agent) + ")"
		}
	}
	if res.Outcome == sync.Applied {
		return fmt.Sprintf("%s %s", p.green(fmt.Sprintf("%-10s", participles[res.Action])), subject)
	}
	return fmt.Sprintf("%s %s %s: %s", p.red(fmt.Sprintf("%-10s", res.Outcome)), res.Action, subject, errorText(res.Err))
}

func errorText(err error) string {
	if err == nil {
		return "no reason given"
	}
	return line(strings.TrimSpace(err.Error()))
}

// ReportText writes what became of a plan: each change that was not applied
// with its reason, notes, and a last line with the counts.
func ReportText(w io.Writer, r *sync.Report, o TextOptions) error {
	var b bytes.Buffer
	p := newPrinter(&b, o)
	for i := range r.Results {
		if r.Results[i].Outcome != sync.Applied {
			p.printf("%s\n", ResultLine(&r.Results[i], o))
		}
	}
	if r.Refused != nil {
		p.refused([]sync.Refusal{*r.Refused})
	}
	p.notes(r.Notes)
	p.printf("%s %s", p.bold("Applied:"), applied(r))
	for _, missing := range notApplied(r) {
		p.printf("; %s", p.red(missing))
	}
	p.printf(". %s.\n", spent(r))
	_, err := w.Write(b.Bytes())
	return err
}

// applied counts what was applied, by action.
func applied(r *sync.Report) string {
	counts := map[sync.Action]int{}
	for _, res := range r.Results {
		if res.Outcome == sync.Applied {
			counts[res.Action]++
		}
	}
	var parts []string
	for _, a := range sync.Actions {
		if counts[a] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[a], participles[a]))
		}
	}
	return cmp.Or(strings.Join(parts, ", "), "nothing")
}

// notApplied counts what was not applied, by outcome.
func notApplied(r *sync.Report) []string {
	var parts []string
	for _, outcome := range []sync.Outcome{sync.Failed, sync.Skipped, sync.NotAttempted} {
		if n := r.Count(outcome); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, outcome))
		}
	}
	return parts
}

// spent says what the applying cost.
func spent(r *sync.Report) string {
	return fmt.Sprintf("%s in %.1f s", plural(int(r.RequestsMade), "request"), r.Elapsed.Seconds())
}

// ChangeTitle names a change in a few words, for progress.
func ChangeTitle(c *sync.Change) string {
	if c.Number != "" {
		return fmt.Sprintf("%s %s", c.Action, line(c.Number))
	}
	return fmt.Sprintf("%s %s", c.Action, line(c.Agent))
}
