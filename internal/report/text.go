package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"wassist-sync/sync"
)

// PlanText writes a plan for people: a head that says where it goes, each
// change with its differences, what is refused, held and left alone, and a
// last line with counts, requests and duration.
func PlanText(w io.Writer, plan *sync.Plan, o TextOptions) error {
	var b bytes.Buffer
	p := newPrinter(&b, o)
	p.head(plan)
	for i := range plan.Changes {
		p.change(&plan.Changes[i])
	}
	p.refused(plan.Refused)
	p.held(plan.Held)
	p.notes(plan.Notes)
	p.unmanaged(plan.Unmanaged)
	p.summary(plan)
	_, err := w.Write(b.Bytes())
	return err
}

func (p *printer) printf(format string, args ...any) { fmt.Fprintf(p.w, format, args...) }

func (p *printer) head(plan *sync.Plan) {
	parts := []string{line(cmp.Or(plan.Target.Host, "offline"))}
	if plan.Target.Organization != "" {
		parts = append(parts, line(plan.Target.Organization))
	}
	if plan.Target.Environment != "" {
		parts = append(parts, "environment "+line(plan.Target.Environment))
	}
	source := line(plan.Source.Path)
	if plan.Source.Commit != "" {
		source += " at " + short(plan.Source.Commit)
	}
	if plan.Source.Dirty {
		source += ", with changes that are not committed"
	}
	p.printf("%s %s %s %s\n\n", p.bold("Plan:"), source, "→", strings.Join(parts, " · "))
}

func (p *printer) change(c *sync.Change) {
	color := p.action(c.Action)
	title := line(c.Agent)
	if c.Number != "" {
		title = line(c.Number)
	}
	p.printf("%s %s", color(fmt.Sprintf("%s %-8s", marks[c.Action], c.Action)), p.bold(title))
	if c.Number != "" {
		p.printf("  %s", route(c, line))
	} else if c.ID != "" {
		p.printf("  %s", p.faint(line(c.ID)))
	}
	if c.Pos.File != "" {
		p.printf("  %s", p.faint(fmt.Sprintf("%s:%d", line(c.Pos.File), c.Pos.Line)))
	}
	p.printf("\n    %s\n", p.faint(p.wrap(4, line(c.Reason))))
	if c.Number == "" {
		p.fields(c.Fields, c.Action == sync.Create)
	}
	p.printf("\n")
}

// route names who answers a number before and after a change.
func route(c *sync.Change, show func(string) string) string {
	who := func(name, otherwise string) string {
		if name == "" {
			return otherwise
		}
		return show(name)
	}
	var f sync.Field
	if len(c.Fields) > 0 {
		f = c.Fields[0]
	}
	nobody := "nobody"
	if f.Unread {
		nobody = "unknown"
	}
	from, to := texts(&f)
	return who(from, nobody) + " → " + who(to, "nobody")
}

func (p *printer) refused(refused []sync.Refusal) {
	for _, r := range refused {
		about := ""
		if r.Agent != "" {
			about = " " + p.bold(line(r.Agent))
		}
		p.printf("%s%s\n    %s\n\n", p.red("! refused  "+line(r.Rule)), about, p.wrap(4, line(r.Reason)))
	}
}

func (p *printer) held(held []sync.Held) {
	var leftOut []string
	for _, h := range held {
		if h.LeftOut {
			leftOut = append(leftOut, string(h.Action)+" "+line(h.Agent))
			continue
		}
		p.printf("%s %s\n    %s\n\n", p.yellow(fmt.Sprintf("! held     %s", h.Action)), p.bold(line(h.Agent)), p.wrap(4, line(h.Reason)))
	}
	if n := len(leftOut); n > 0 {
		p.printf("%s %s\n    %s\n\n", p.yellow("! held    "), p.bold(plural(n, "change")), p.wrap(4, "--only leaves out: "+some(leftOut)))
	}
}

// namesShown is how many names a line of text lists; JSON lists them all.
const namesShown = 10

// some joins the first of a list, and counts the rest.
func some(names []string) string {
	if n := len(names) - namesShown; n > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:namesShown], ", "), n)
	}
	return strings.Join(names, ", ")
}

func (p *printer) notes(notes []string) {
	for _, n := range notes {
		p.printf("%s %s\n", p.faint("note:"), p.wrap(6, line(n)))
	}
	if len(notes) > 0 {
		p.printf("\n")
	}
}

func (p *printer) unmanaged(list []sync.Unmanaged) {
	if len(list) == 0 {
		return
	}
	names := make([]string, len(list))
	for i := range list {
		names[i] = line(list[i].Agent)
	}
	p.printf("%s\n\n", p.faint(p.wrap(0, "Not defined here, left alone: "+some(names))))
}

func (p *printer) summary(plan *sync.Plan) {
	lead, rest := verdict(plan)
	p.printf("%s %s.", p.bold(lead), rest)
	if others := aside(plan); others != "" {
		p.printf(" %s.", others)
	}
	p.printf(" %s.\n", cost(plan))
	if len(plan.Refused) > 0 {
		p.printf("%s\n", p.red("The plan is refused: nothing will be written."))
	}
}

// verdict says in one sentence what would happen.
func verdict(plan *sync.Plan) (lead, rest string) {
	if plan.Empty() && len(plan.Refused) == 0 {
		if slices.ContainsFunc(plan.Held, func(h sync.Held) bool { return h.LeftOut }) {
			return "Nothing to do:", "what --only selects is as defined"
		}
		return "Nothing to do:", are(plan.Summary())
	}
	return "To do:", todo(plan.Summary())
}

// aside counts what stands beside the changes; empty when nothing does.
func aside(plan *sync.Plan) string {
	s := plan.Summary()
	var parts []string
	for _, x := range []struct {
		n    int
		what string
	}{{s.Unchanged, "unchanged"}, {s.Unmanaged, "not defined here"}, {s.Held, "held"}, {len(plan.Refused), "refused"}} {
		if x.n > 0 && (!plan.Empty() || x.what != "unchanged") {
			parts = append(parts, fmt.Sprintf("%d %s", x.n, x.what))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return sentence(strings.Join(parts, ", "))
}

// cost says how many requests a plan needs, and how long they take.
func cost(plan *sync.Plan) string {
	return plural(plan.Requests.Planned, "request") + ", " + duration(plan.Requests.Seconds)
}

func are(s sync.Summary) string {
	switch n := s.Unchanged; {
	case n == 0 && s.Held > 0:
		return "all that differs is held"
	case n == 0:
		return "there is no definition"
	case n == 1:
		return "the agent is as defined"
	default:
		return fmt.Sprintf("all %s are as defined", plural(n, "agent"))
	}
}

func todo(s sync.Summary) string {
	var parts []string
	for _, x := range []struct {
		n    int
		what sync.Action
	}{{s.Create, sync.Create}, {s.Update, sync.Update}, {s.Deploy, sync.Deploy}, {s.Undeploy, sync.Undeploy}, {s.Delete, sync.Delete}} {
		if x.n > 0 {
			parts = append(parts, fmt.Sprintf("%d to %s", x.n, x.what))
		}
	}
	return cmp.Or(strings.Join(parts, ", "), "nothing")
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%s %ss", thousands(n), word)
}

func duration(seconds float64) string {
	switch {
	case seconds <= 0:
		return "no waiting"
	case seconds < 90:
		return fmt.Sprintf("about %.0f s under the limit", max(seconds, 1))
	}
	return fmt.Sprintf("about %.0f min under the limit", seconds/60)
}

func short(commit string) string {
	commit = line(commit)
	return strings.ToValidUTF8(commit[:min(len(commit), 7)], "")
}
