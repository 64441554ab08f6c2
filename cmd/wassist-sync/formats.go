package main

import (
	"slices"
	"strings"

	"wassist-sync/internal/report"
	"wassist-sync/sync"
)

// Names of the forms of a result, as --format takes them.
const (
	formText     = "text"
	formMarkdown = "markdown"
	formJSON     = "json"
	formHTML     = "html"
	formGitHub   = "github" // annotations; of validate only
)

// markdownLimit is the most bytes of Markdown: GitHub takes 65,536 characters as
// a comment, and whoever posts it may want to add a line.
const markdownLimit = 65_000

var markdownOptions = report.MarkdownOptions{Limit: markdownLimit, More: "The forms html, json and text have all."}

var formats = []string{formText, formMarkdown, formJSON, formHTML}

// checkFormat refuses a form that a command does not have.
func checkFormat(format string, forms []string) error {
	if slices.Contains(forms, format) {
		return nil
	}
	return usage("--format %q is not known; use %s", format, choice(forms))
}

// choice lists what can be chosen: text, json or html.
func choice(all []string) string {
	last := len(all) - 1
	if last < 1 {
		return strings.Join(all, "")
	}
	return strings.Join(all[:last], ", ") + " or " + all[last]
}

// writePlan writes a plan in the form that was asked for.
func writePlan(out *result, plan *sync.Plan) error {
	switch out.flags.format {
	case formMarkdown:
		return report.PlanMarkdown(out, plan, markdownOptions)
	case formJSON:
		return report.PlanJSON(out, plan)
	case formHTML:
		return report.PlanHTML(out, plan, report.HTMLOptions{})
	}
	return report.PlanText(out, plan, out.textOptions())
}

// writeReport writes what became of a plan. Where people read it, a plan of
// which nothing was tried is reported by the plan alone.
func writeReport(out *result, r *sync.Report) error {
	tried := wasTried(r)
	switch format := out.flags.format; {
	case format == formJSON:
		return report.ReportJSON(out, r)
	case format == formText:
		return writeReportText(out, r, tried)
	case !tried:
		return writePlan(out, r.Plan)
	case format == formHTML:
		return report.ReportHTML(out, r, report.HTMLOptions{})
	}
	return report.ReportMarkdown(out, r, markdownOptions)
}

// wasTried tells whether anything of a plan was.
func wasTried(r *sync.Report) bool { return len(r.Results) > 0 || r.Refused != nil }

// writeReportText adds to a plan that stands on stdout already; in a file, the
// plan comes first.
func writeReportText(out *result, r *sync.Report, tried bool) error {
	if !out.stdout() {
		if err := writePlan(out, r.Plan); err != nil {
			return err
		}
	}
	if !tried {
		return nil
	}
	return report.ReportText(out, r, out.textOptions())
}
