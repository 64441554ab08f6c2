package report

import (
	"cmp"
	"fmt"
	"strings"

	"wassist-sync/sync"
)

// openChanges is up to how many changes a page shows unfolded.
const openChanges = 20

// htmlView is what the templates show. Its texts cannot steer any more; what
// they could mean as HTML is the templates' concern.
type htmlView struct {
	ID, Title  string // ID begins the ids of a fragment
	Kind       string // names the style of the verdict
	Lead, Rest string
	Facts      []htmlFact
	Refused    []htmlRefusal
	Results    []htmlResult
	Changes    []htmlChange
	Open       bool // the changes are shown unfolded
	Held       []htmlHeld
	Notes      []string
	Unmanaged  []htmlUnmanaged
	// What was left out of each list.
	MoreRefused, MoreResults, MoreChanges, MoreHeld, MoreNotes, MoreUnmanaged int
}

// CountUnmanaged counts those that are left out, too.
func (v *htmlView) CountUnmanaged() int { return len(v.Unmanaged) + v.MoreUnmanaged }

// htmlFact is a line of the head; a code is shown as it must be copied.
type htmlFact struct {
	Name, Value string
	Code        bool
}

type htmlRefusal struct {
	Rule, Agent, Reason string
	Liftable            bool
}

type htmlResult struct{ Outcome, Kind, Action, Subject, Why string }

type htmlHeld struct{ Action, Agent, ID, Reason string }

type htmlUnmanaged struct{ Agent, ID string }

type htmlChange struct {
	ID, Action, Mark, Subject, What string
	Reason, Place, Agent, Digest    string
	Fields                          []htmlField
}

// htmlField is one difference. It has either values on one line, or rows.
type htmlField struct {
	Mark, Said, Path, Cause string // Said is the mark for who hears it
	Drift                   bool   // the cause is an edit on Wassist
	Sensitive               bool
	Before, After           string
	Note                    string // a text's lengths
	Rows                    []htmlRow
	Folded                  bool // the rows are many, and of one version only
}

func planView(plan *sync.Plan, o HTMLOptions) *htmlView {
	v := &htmlView{ID: o.ID, Title: line(o.Title), Kind: "todo", Facts: facts(plan), Open: len(plan.Changes) <= openChanges}
	v.Lead, v.Rest = verdict(plan)
	v.Rest += "."
	if others := aside(plan); others != "" {
		v.Rest += " " + others + "."
	}
	switch {
	case len(plan.Refused) > 0:
		v.Kind, v.Lead, v.Rest = "refused", "The plan is refused: nothing will be written.", v.Lead+" "+v.Rest
	case plan.Empty():
		v.Kind = "empty"
	}
	v.fill(plan, plan.Refused, plan.Notes, o.Most)
	return v
}

// first cuts a list off after most entries, and tells how many those are that are
// left out.
func first[T any](all []T, most int) (shown []T, more int) {
	if most <= 0 || len(all) <= most {
		return all, 0
	}
	return all[:most], len(all) - most
}

func (v *htmlView) fill(plan *sync.Plan, refused []sync.Refusal, notes []string, most int) {
	refused, v.MoreRefused = first(refused, most)
	for _, r := range refused {
		v.Refused = append(v.Refused, htmlRefusal{line(r.Rule), line(r.Agent), line(r.Reason), r.Liftable})
	}
	changes, more := first(plan.Changes, most)
	v.MoreChanges = more
	for i := range changes {
		c := viewChange(&changes[i])
		c.ID = fmt.Sprintf("%s-change-%d", v.ID, i+1)
		v.Changes = append(v.Changes, c)
	}
	held, more := first(plan.Held, most)
	v.MoreHeld = more
	for _, h := range held {
		v.Held = append(v.Held, htmlHeld{string(h.Action), line(h.Agent), line(h.ID), line(h.Reason)})
	}
	notes, v.MoreNotes = first(notes, most)
	for _, n := range notes {
		v.Notes = append(v.Notes, line(n))
	}
	unmanaged, more := first(plan.Unmanaged, most)
	v.MoreUnmanaged = more
	for _, u := range unmanaged {
		v.Unmanaged = append(v.Unmanaged, htmlUnmanaged{line(u.Agent), line(u.ID)})
	}
}

// facts are where a plan goes, where it comes from and what it costs.
func facts(plan *sync.Plan) []htmlFact {
	all := []htmlFact{
		{"Host", line(cmp.Or(plan.Target.Host, "offline")), false},
		{"Organization", line(plan.Target.Organization), false},
		{"Environment", line(plan.Target.Environment), false},
		{"Definitions", line(plan.Source.Path), true},
		{"Commit", line(plan.Source.Commit), true},
		{"Work tree", "", false},
		{"History", line(plan.Source.History), false},
		{"Planned", cost(plan), false},
		{"Digest", line(plan.Digest), true},
	}
	if plan.Source.Dirty {
		all[5].Value = "with changes that are not committed"
	}
	var said []htmlFact
	for _, f := range all {
		if f.Value != "" {
			said = append(said, f)
		}
	}
	return said
}

func viewChange(c *sync.Change) htmlChange {
	v := htmlChange{
		Action: string(c.Action), Mark: marks[c.Action], Subject: line(c.Agent),
		Reason: line(c.Reason), Agent: line(c.ID), Digest: line(c.Digest),
	}
	if c.Pos.File != "" {
		v.Place = fmt.Sprintf("%s:%d", line(c.Pos.File), c.Pos.Line)
	}
	if c.Number != "" {
		v.Subject, v.What = line(c.Number), route(c, line)
		return v
	}
	fields := shownFields(c)
	if len(fields) > 0 {
		v.What = plural(len(fields), "field")
	}
	edits := 0
	for _, f := range fields {
		shown := viewField(f, c.Action == sync.Create)
		if shown.Drift {
			edits++
		}
		v.Fields = append(v.Fields, shown)
	}
	if edits > 0 {
		v.What += ", replaces " + plural(edits, "edit") + " made on Wassist"
	}
	return v
}

func viewField(f *sync.Field, create bool) htmlField {
	mark := markOf(f, create)
	v := htmlField{
		Mark: mark, Said: map[string]string{"+": "new", "~": "changed", "-": "removed"}[mark], Path: line(f.Path),
		Cause: causeOf(f), Drift: f.Cause == sync.CauseWassist,
	}
	if v.Cause != "" && f.Commit != "" && f.Cause == sync.CauseGit {
		v.Cause = "as of " + line(f.Commit)
	}
	switch formOf(f) {
	case formSensitive:
		v.Sensitive = true
	case formParts:
		v.Rows = append(oldRows(parts(f.Before)), newRows(parts(f.After))...)
	case formText:
		before, after := texts(f)
		v.Note = lengths(before, after)
		switch {
		case before == "":
			v.Rows = newRows(lines(after))
		case after == "":
			v.Rows = oldRows(lines(before))
		default:
			v.Rows = textRows(before, after)
			return v
		}
		v.Folded = len(v.Rows) > firstLines
	default:
		if f.Before != nil {
			v.Before = value(f.Before)
		}
		if f.After != nil || create {
			v.After = value(f.After)
		}
	}
	return v
}

func reportView(r *sync.Report, o HTMLOptions) *htmlView {
	missing := notApplied(r)
	v := &htmlView{
		ID: o.ID, Title: line(o.Title), Kind: "applied", Lead: "Applied:",
		Rest:  strings.Join(append([]string{applied(r)}, missing...), "; ") + ".",
		Facts: facts(r.Plan),
	}
	if len(missing) > 0 || r.Refused != nil {
		v.Kind = "failed"
	}
	v.Facts = append(v.Facts, htmlFact{Name: "Made", Value: spent(r)})
	worst, more := first(worstFirst(r), o.Most)
	v.MoreResults = more
	for _, res := range worst {
		shown := htmlResult{Outcome: string(res.Outcome), Kind: "missing", Action: string(res.Action), Subject: line(res.Agent)}
		if res.Number != "" {
			shown.Subject = line(res.Number) + ": " + shown.Subject
		}
		if res.Outcome == sync.Applied {
			shown.Kind = "applied"
		} else {
			shown.Why = errorText(res.Err)
		}
		v.Results = append(v.Results, shown)
	}
	v.fill(r.Plan, refusals(r), append(append([]string{}, r.Notes...), r.Plan.Notes...), o.Most)
	return v
}
