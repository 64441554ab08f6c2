package report

import (
	"fmt"
	"io"
	"strings"

	"wassist-sync/sync"
)

// minLimit is the room that a verdict needs.
const minLimit = 1000

// MarkdownOptions steer the Markdown form.
type MarkdownOptions struct {
	// Limit is the most bytes that the text may have; 0 lets it grow. What does
	// not fit is left out whole, from the end, and the text says so.
	Limit int
	// Title is the text's heading; it has none without.
	Title string
	// More says where to find all of a text that was cut. It is Markdown of the
	// caller's own, on one line, and may link.
	More string
	// Digests shows the digest of each change.
	Digests bool
}

// LimitError tells that a limit leaves no room for even the verdict.
type LimitError struct {
	Limit int // in bytes
}

// Error names the limit and the least one.
func (e *LimitError) Error() string {
	return fmt.Sprintf("a limit of %d bytes is too little for a Markdown report; allow %d or more, or 0 for as many as it takes", e.Limit, minLimit)
}

// markdown is one text in the making.
type markdown struct {
	MarkdownOptions
	cutter
}

// PlanMarkdown writes a plan for a comment or a job's summary on GitHub: the
// verdict, what is refused, a table of the changes, and their differences,
// folded. No text of an agent can mention, link or break out of its place.
func PlanMarkdown(w io.Writer, plan *sync.Plan, o MarkdownOptions) error {
	m := &markdown{MarkdownOptions: o}
	lead, rest := verdict(plan)
	said := fmt.Sprintf("**%s** %s.", lead, rest)
	if len(plan.Refused) > 0 {
		said = "**The plan is refused: nothing will be written.** " + said
	}
	counts := cost(plan) + "."
	if others := aside(plan); others != "" {
		counts = others + ". " + counts
	}
	if plan.Empty() && len(plan.Refused) == 0 {
		// There is nothing to look at: one line says all.
		return m.write(w, said, where(plan)+" "+counts, "",
			m.held(plan.Held, true), m.notes(plan.Notes, true))
	}
	foot := counts + "\n\n"
	if plan.Digest != "" {
		foot += "Digest of this plan: " + code(plan.Digest) + "\n\n"
	}
	return m.write(w, said, where(plan), foot,
		m.refused(plan.Refused), m.changes(plan), m.allDetails(plan),
		m.held(plan.Held, false), m.notes(plan.Notes, false))
}

// write puts the text together. When not even its fixed parts fit, the verdict
// stands alone.
func (m *markdown) write(w io.Writer, verdict, where, foot string, sections ...section) error {
	if m.Limit != 0 && m.Limit < minLimit {
		return &LimitError{m.Limit}
	}
	head := verdict + " " + where + "\n\n"
	if m.Title != "" {
		head = "### " + prose(m.Title) + "\n\n" + head
	}
	end := strings.TrimRight("**This is not all of it:** it was cut to fit. "+line(m.More), " ") + "\n"
	room := unlimited
	if m.Limit > 0 {
		room = m.Limit - len(head) - len(foot) - len(end)
	}
	text := verdict + "\n"
	if room >= 0 {
		text = head + strings.Join(m.fitAll(sections, room), "") + foot
	} else if m.cut = true; len(text)+len(end)+1 <= m.Limit {
		text += "\n"
	} else {
		end = ""
	}
	if m.cut {
		text += end
	}
	_, err := io.WriteString(w, strings.TrimRight(text, "\n")+"\n")
	return err
}

// where says where a plan goes and where it comes from.
func where(plan *sync.Plan) string {
	to := []string{"offline"}
	if plan.Target.Host != "" {
		to[0] = code(plan.Target.Host)
	}
	if plan.Target.Organization != "" {
		to = append(to, code(plan.Target.Organization))
	}
	if plan.Target.Environment != "" {
		to = append(to, "environment "+code(plan.Target.Environment))
	}
	from := "from " + code(plan.Source.Path)
	if plan.Source.Commit != "" {
		from += " at " + prose(short(plan.Source.Commit))
	}
	if plan.Source.Dirty {
		from += ", with changes that are not committed"
	}
	return "→ " + strings.Join(to, " · ") + ", " + from + "."
}

func (m *markdown) refused(refused []sync.Refusal) section {
	return section{claim: 1, share: 2, list: list{
		head: "#### Refused\n\n",
		foot: "\n",
		n:    len(refused),
		item: func(i int) string {
			r := &refused[i]
			text := "- **" + prose(r.Rule) + "**"
			if r.Agent != "" {
				text += " " + code(r.Agent)
			}
			if r.Liftable {
				text += " (can be lifted once, for this plan)"
			}
			return text + ": " + prose(r.Reason) + "\n"
		},
		more: func(left int) string { return "- and " + plural(left, "more refusal") + "\n" },
	}}
}

// changes is the table: one line a change.
func (m *markdown) changes(plan *sync.Plan) section {
	return section{claim: 4, list: list{
		head: "| Action | Agent | What | Why |\n|---|---|---|---|\n",
		foot: "\n",
		n:    len(plan.Changes),
		item: func(i int) string {
			c := &plan.Changes[i]
			why := ""
			if c.Reason != "" {
				why = brief(c.Reason)
			}
			return row(string(c.Action), code(c.Agent), what(c), why)
		},
		more: func(left int) string { return "| | and " + plural(left, "more change") + " | | |\n" },
	}}
}

func row(cells ...string) string {
	for i := range cells {
		cells[i] = cell(cells[i])
	}
	return "| " + strings.Join(cells, " | ") + " |\n"
}

// namedFields is how many fields the table names of one change.
const namedFields = 3

// what says in few words what a change touches.
func what(c *sync.Change) string {
	fields := shownFields(c)
	switch {
	case c.Number != "":
		return fmt.Sprintf("%s: %s", code(c.Number), route(c, code))
	case c.Action == sync.Create:
		return plural(len(fields), "field")
	}
	var names []string
	edits := 0
	for i, f := range fields {
		if i < namedFields {
			names = append(names, code(f.Path))
		}
		if f.Cause == sync.CauseWassist {
			edits++
		}
	}
	text := strings.Join(names, ", ")
	if n := len(fields) - namedFields; n > 0 {
		text += fmt.Sprintf(" and %s more", thousands(n))
	}
	if edits > 0 {
		text += "; replaces " + plural(edits, "edit") + " made on Wassist"
	}
	return text
}

// allDetails are the differences of each change. One that is huge may take half
// of the room, so that it does not hide all others.
func (m *markdown) allDetails(plan *sync.Plan) section {
	room := unlimited
	if m.Limit > 0 {
		room = m.Limit / 2
	}
	return section{claim: 5, list: list{
		n:    len(plan.Changes),
		item: func(i int) string { return m.details(&plan.Changes[i], room) },
		more: func(left int) string {
			return fmt.Sprintf("The details of %s are left out.\n\n", plural(left, "more change"))
		},
	}}
}

// openLines is how many notes, or changes that are held, are shown unfolded.
const openLines = 5

// folded is a section of lines, behind a line that counts them.
func folded(claim int, title string, fold bool, all []string) section {
	s := section{claim: claim, share: 8, list: list{
		head: "#### " + title + "\n\n",
		foot: "\n",
		n:    len(all),
		item: func(i int) string { return "- " + all[i] + "\n" },
		more: func(left int) string { return fmt.Sprintf("- and %s more\n", thousands(left)) },
	}}
	if fold || len(all) > openLines {
		s.head = fmt.Sprintf("<details>\n<summary>%s</summary>\n\n", title)
		s.foot = "\n</details>\n\n"
	}
	return s
}

func (m *markdown) held(held []sync.Held, fold bool) section {
	all := make([]string, len(held))
	for i, h := range held {
		all[i] = fmt.Sprintf("%s %s: %s", h.Action, code(h.Agent), prose(h.Reason))
	}
	return folded(2, plural(len(held), "change")+" held, and not proposed", fold, all)
}

func (m *markdown) notes(notes []string, fold bool) section {
	all := make([]string, len(notes))
	for i, n := range notes {
		all[i] = "note: " + prose(n)
	}
	return folded(3, plural(len(notes), "note"), fold, all)
}
