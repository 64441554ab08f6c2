package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"wassist-sync/internal/github"
	"wassist-sync/internal/report"
	"wassist-sync/sync"
)

// apply applies what was reviewed, if the run is still about the branch's tip.
func (j *job) apply(ctx context.Context) error {
	start := time.Now()
	j.failOnDrift()
	if over, err := j.superseded(ctx, "applied"); over || err != nil {
		return err
	}
	seen := j.review(ctx)
	progress := newProgress(j.console, &j.flags.output)
	p, err := j.make(ctx, progress.request, func(s *session) { seen.expect(&s.options, j.flags.requireReviewed) })
	if err != nil {
		return j.failed(ctx, "apply", err)
	}
	defer p.close()
	j.tell(p.plan)
	j.output("superseded", "false")
	if err := p.show(p.out, p.plan); err != nil {
		return j.finish(err)
	}
	j.refusals(p.plan)
	hint := j.unseen(p.plan, seen)
	done, err := p.carryOut(ctx, p.plan, progress, start)
	if err != nil {
		return j.finish(err)
	}
	err = errors.Join(p.report(p.out, done), j.saveReport(done))
	if wasTried(done) {
		j.summarize(func(w io.Writer, o report.MarkdownOptions) error { return report.ReportMarkdown(w, done, o) }, j.title("apply"), "")
	} else {
		j.summarizePlan(p.plan, "apply", hint)
	}
	if n := len(done.Results) - done.Count(sync.Applied); n > 0 {
		j.annotate.Add(github.Annotation{Level: github.LevelError, Title: "wassist-sync", Message: count(n, "change") + " not applied: the log and the job's summary say why"})
	}
	if err == nil {
		err = outcome(done)
	}
	return j.finish(err)
}

// superseded tells whether a later commit is the branch's tip, so that this run
// has nothing to do. The clone cannot tell: a re-run's checkout moves what it
// knows of the branch.
func (j *job) superseded(ctx context.Context, done string) (bool, error) {
	if j.run.Branch == "" || j.run.SHA == "" {
		return false, nil
	}
	if j.hub == nil {
		j.warning("whether %s is still the tip of its branch is not known: %v", j.run.SHA[:7], errNoToken)
		return false, nil
	}
	tip, err := j.hub.Tip(ctx, j.run.Branch)
	if err != nil {
		return true, j.failed(ctx, "run", fmt.Errorf("%w; nothing was %s: run this job again", err, done))
	}
	if tip == j.run.SHA {
		return false, nil
	}
	by := "its branch is gone"
	if tip != "" {
		by = "the tip of its branch is " + tip + " now"
	}
	text := fmt.Sprintf("Superseded: %s is not applied any more, because %s. Nothing was %s.", j.run.SHA, by, done)
	fmt.Fprintln(j.out, text)
	j.annotate.Add(github.Annotation{Level: github.LevelNotice, Title: "wassist-sync", Message: text})
	j.summarize(func(w io.Writer, o report.MarkdownOptions) error {
		_, err := fmt.Fprintf(w, "### %s\n\n%s\n", report.MarkdownText(o.Title), text)
		return err
	}, j.title("run"), "")
	j.output("superseded", "true")
	j.output("has-changes", "false")
	return true, j.finish(nil)
}

// seen is what people saw of the changes.
type seen struct {
	review *github.Review // nil when err says why
	err    error
}

// review asks GitHub what was reviewed; nil where nobody wants to know: a
// schedule applies no merge.
func (j *job) review(ctx context.Context) *seen {
	switch {
	case j.run.Event == "schedule" && !j.flags.requireReviewed:
		return nil
	case j.run.Branch == "" || j.run.SHA == "":
		return &seen{err: errors.New("this run is about no branch, so no pull request was merged into it")}
	case j.hub == nil:
		return &seen{err: errNoToken}
	}
	r, err := j.hub.Reviewed(ctx, j.run, j.target)
	if err != nil {
		return &seen{err: err}
	}
	var said []string
	if len(r.With) > 0 {
		said = append(said, "plans were shown on "+pulls(r.With))
	}
	if len(r.Without) > 0 {
		said = append(said, "none on "+pulls(r.Without))
	}
	if said == nil {
		said = append(said, "no pull request was merged since the last run that applied the branch")
	}
	fmt.Fprintf(j.notes(), "review: %s\n", strings.Join(said, ", "))
	for _, n := range r.Notes {
		fmt.Fprintf(j.notes(), "review: %s\n", n)
	}
	for _, err := range r.Failed {
		j.warning("review: %v", err)
	}
	return &seen{review: r}
}

func pulls(numbers []int) string {
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = fmt.Sprint(n)
	}
	if len(texts) == 1 {
		return "pull request " + texts[0]
	}
	return "pull requests " + strings.Join(texts, ", ")
}

// expect adds what was reviewed to what --expect lists. Without --expect it
// binds only where that was asked for.
func (s *seen) expect(o *sync.Options, required bool) {
	if o.Expect == nil && !required {
		return
	}
	o.Expect = append([]string{}, o.Expect...)
	if s != nil && s.review != nil {
		o.Expect = append(o.Expect, s.review.Digests...)
	}
}

// unseen tells of changes that nobody reviewed, and how to let a refused plan
// through all the same; for the job's summary it gives that as Markdown.
func (j *job) unseen(plan *sync.Plan, s *seen) string {
	if plan.Empty() {
		return ""
	}
	if len(plan.Refused) > 0 {
		return j.letThrough(plan, s)
	}
	switch {
	case s == nil || j.flags.requireReviewed || len(j.flags.expect) > 0:
	case s.err != nil:
		j.warning("whether these changes were reviewed is not known: %v", s.err)
	default:
		if names := s.review.Unseen(plan); len(names) > 0 {
			j.warning("no pull request showed these changes, which are applied all the same: %s. With require-reviewed-plan they are refused", some(names))
		}
	}
	return ""
}

// shownNames is how many changes a warning names.
const shownNames = 10

func some(names []string) string {
	if n := len(names) - shownNames; n > 0 {
		names = append(slices.Clone(names[:shownNames]), fmt.Sprintf("and %d more", n))
	}
	return strings.Join(names, ", ")
}
