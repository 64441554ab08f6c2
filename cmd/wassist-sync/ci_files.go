package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"wassist-sync/internal/github"
	"wassist-sync/internal/report"
	"wassist-sync/sync"
)

// savePlan writes a plan where the flags say.
func (j *job) savePlan(plan *sync.Plan) error {
	return errors.Join(
		j.save("plan-json", j.flags.planJSON, func(w io.Writer) error { return report.PlanJSON(w, plan) }),
		j.save("plan-html", j.flags.planHTML, func(w io.Writer) error {
			return report.PlanHTML(w, plan, report.HTMLOptions{Title: j.title("plan")})
		}))
}

// saveReport writes what became of the plan over it. Where people read it, a plan
// of which nothing was tried stays what it is.
func (j *job) saveReport(r *sync.Report) error {
	err := j.save("plan-json", j.flags.planJSON, func(w io.Writer) error { return report.ReportJSON(w, r) })
	if !wasTried(r) {
		return err
	}
	return errors.Join(err, j.save("plan-html", j.flags.planHTML, func(w io.Writer) error {
		return report.ReportHTML(w, r, report.HTMLOptions{Title: j.title("apply")})
	}))
}

func (j *job) save(flag, file string, write func(io.Writer) error) error {
	if file == "" {
		return nil
	}
	r := &result{flags: &outputFlags{out: file}, c: j.console}
	err := write(r)
	if err == nil {
		err = r.save()
	}
	if err != nil {
		return fmt.Errorf("--%s %s: %w", flag, file, bare(err))
	}
	return nil
}

// savable finds out before anything is done whether the files can be written.
func (f *ciFlags) savable() error {
	for flag, file := range map[string]string{"plan-json": f.planJSON, "plan-html": f.planHTML} {
		if file == "" {
			continue
		}
		probe, err := beside(file)
		if err != nil {
			return usage("--%s %s: %w", flag, file, bare(err))
		}
		_ = probe.Close()
		_ = os.Remove(probe.Name())
	}
	return nil
}

// summarize adds to the job's summary. That it cannot be written stops nothing:
// the log has all of it.
func (j *job) summarize(write func(w io.Writer, o report.MarkdownOptions) error, title, after string) {
	if j.run.SummaryFile == "" {
		return
	}
	var b strings.Builder
	err := write(&b, report.MarkdownOptions{
		Title: title, Limit: max(1, github.SummaryRoom(j.run.SummaryFile)-len(after)), Digests: true,
		More: "The log, the HTML plan and the JSON plan have more.",
	})
	if err == nil {
		err = github.AppendSummary(j.run.SummaryFile, b.String()+after)
	}
	if err != nil {
		j.warning("the job's summary could not be written: %v", err)
	}
}

func (j *job) summarizePlan(plan *sync.Plan, what, after string) {
	j.summarize(func(w io.Writer, o report.MarkdownOptions) error { return report.PlanMarkdown(w, plan, o) }, j.title(what), after)
}
