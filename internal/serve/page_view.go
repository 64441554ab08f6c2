package serve

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"wassist-sync/internal/report"
)

// What the page shows of each target, at most.
const (
	shownRuns    = 10
	shownProblem = 4 << 10 // of the newest run; of older ones, the first line
	shownLine    = 300
)

// timeFormat says the time zone, too: a server's is not a reader's.
const timeFormat = "2006-01-02 15:04:05 MST"

// pageView is what the template shows.
type pageView struct {
	Style      template.CSS
	Title      string
	Version    string
	Now        moment
	Refreshing bool
	Asked      bool   // the button was pressed just now
	Kind, Lead string // the verdict over all targets
	Rest       string
	Targets    []targetView
	Runnable   bool // there is a token that starts runs
}

// moment is a time as people read it, as programs do, and seen from now.
type moment struct{ Text, Machine, Distance string }

type targetView struct {
	ID, Name   string
	Ready      bool
	Trouble    string // what the last run came to, when it is not good
	Kind, Lead string // the verdict
	Rest       string
	Facts      []factView
	Problem    string // why the last run is not good
	Runs       []runView
	More       int // runs that are not shown
	Plan       template.HTML
	PlanTitle  string
	PlanOpen   bool
}

type factView struct {
	Name, Value string
	Code        bool
	When        *moment
}

type runView struct {
	Started           moment
	Trigger           string
	Outcome, Kind     string
	Took, Waited      string
	Commit            string
	Changes           string
	Drifted           int
	Requests, TooMany int64
	Problem           string
}

func (s *site) view(states []TargetState) *pageView {
	now := s.Now()
	v := &pageView{Style: pageStyle, Title: "wassist-sync", Version: plain(s.Version), Runnable: s.RunToken != ""}
	zone := time.UTC
	missing, troubled, pending := 0, 0, 0
	kept := map[string]bool{}
	for i := range states {
		t := s.target(&states[i], fmt.Sprintf("t%d", i+1), now)
		if !t.Ready {
			missing++
		}
		switch {
		case len(states[i].Runs) == 0:
		case !states[i].Runs[0].Outcome.Good():
			troubled++
		case states[i].Runs[0].Outcome == OutcomeDrift:
			pending++
		}
		if !states[i].Next.IsZero() {
			zone = states[i].Next.Location()
		}
		kept[states[i].Name] = true
		v.Targets = append(v.Targets, t)
	}
	s.pages.keep(kept)
	v.Now = at(now, now, zone)
	v.Kind, v.Lead = "applied", "All is as it should be."
	switch {
	case len(states) == 0:
		v.Kind, v.Lead, v.Rest = "failed", "There are no targets.", "The settings name none."
	case missing > 0:
		v.Kind, v.Lead = "failed", fmt.Sprintf("%d of %s not ready.", missing, count(len(states), "target is", "targets are"))
	case troubled > 0:
		v.Kind, v.Lead = "failed", fmt.Sprintf("The last run of %s was not good.", count(troubled, "target", "targets"))
	case pending > 0:
		v.Kind, v.Lead = "todo", fmt.Sprintf("Changes are pending for %s.", count(pending, "target", "targets"))
	}
	return v
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// at shows a time in a target's time zone.
func at(t, now time.Time, zone *time.Location) moment {
	t = t.In(zone)
	return moment{t.Format(timeFormat), t.Format(time.RFC3339), distance(t, now)}
}

// target shows one target; now is when it is looked at.
func (s *site) target(state *TargetState, id string, now time.Time) targetView {
	zone := time.UTC
	if !state.Next.IsZero() {
		zone = state.Next.Location()
	}
	v := targetView{ID: slug(id, state.Name), Name: plain(state.Name), Ready: state.Ready(now)}
	v.Kind, v.Lead, v.Rest = verdict(state, now)
	v.Facts = targetFacts(state, now, zone)
	for i := range state.Runs {
		if i == shownRuns {
			v.More = len(state.Runs) - i
			break
		}
		v.Runs = append(v.Runs, viewRun(&state.Runs[i], now, zone))
	}
	if len(state.Runs) > 0 {
		if last := state.Runs[0].Outcome; !last.Good() {
			v.Trouble = outcomeWords(last)
		}
		v.Problem = problem(state.Runs[0].Problem)
		v.Runs[0].Problem = ""
	}
	v.Plan = s.pages.plan(state, v.ID)
	v.PlanTitle, v.PlanOpen = "The last plan", v.Kind != "empty"
	if state.Report != nil {
		v.PlanTitle = "What the last plan came to"
	}
	return v
}

// verdict says in a line how a target is.
func verdict(s *TargetState, now time.Time) (kind, lead, rest string) {
	if len(s.Runs) == 0 {
		if s.Running.IsZero() {
			return "todo", "No run yet.", ""
		}
		return "todo", "The first run is under way,", "for " + span(now.Sub(s.Running)) + " now."
	}
	last := &s.Runs[0]
	switch last.Outcome {
	case OutcomeInSync:
		kind, lead, rest = "empty", "In sync.", fmt.Sprintf("%s as Git says.", count(last.Summary.Unchanged, "agent is", "agents are"))
	case OutcomeApplied:
		kind, lead, rest = "applied", "In sync.", "The last run: "+doneWords(&last.Summary)+"."
	case OutcomeDrift:
		kind, lead, rest = "todo", "Changes are pending:", changesWords(&last.Summary)+". Nothing was written: the mode is plan."
	case OutcomeRefused:
		kind, lead, rest = "refused", "A guard refused the last run.", "Nothing was written."
	case OutcomeInvalid:
		kind, lead, rest = "failed", "The definitions are invalid.", "Nothing was written."
	case OutcomeFailed:
		kind, lead = "failed", "The last run failed."
	case OutcomeStopped:
		kind, lead = "failed", "The last run was stopped."
	default:
		kind, lead = "failed", outcomeWords(last.Outcome)
	}
	if last.Drifted > 0 {
		rest += " " + count(last.Drifted, "field was", "fields were") + " edited on Wassist."
	}
	if last.Summary.Held > 0 && last.Outcome.Good() {
		rest += " " + count(last.Summary.Held, "thing is", "things are") + " held: the plan says why."
	}
	if !s.Running.IsZero() {
		rest += " A run has been under way for " + span(now.Sub(s.Running)) + "."
	}
	return kind, lead, strings.TrimSpace(rest)
}

// targetFacts are what a target watches, and when.
func targetFacts(s *TargetState, now time.Time, zone *time.Location) []factView {
	when := func(t time.Time) *moment {
		m := at(t, now, zone)
		return &m
	}
	mode := s.Mode
	if mode == "plan" {
		mode = "plan: reports, and writes nothing"
	}
	all := []factView{
		{Name: "Repository", Value: plain(s.Repository), Code: true},
		{Name: "Ref", Value: plain(s.Ref), Code: true},
		{Name: "Definitions", Value: plain(s.Path), Code: true},
	}
	if s.Env != "" {
		all = append(all, factView{Name: "Environment", Value: plain(s.Env), Code: true})
	}
	all = append(all, []factView{
		{Name: "Mode", Value: plain(mode)},
		{Name: "Schedule", Value: plain(s.Schedule), Code: true},
	}...)
	if s.Next.IsZero() {
		all = append(all, factView{Name: "Next run", Value: "none is due"})
	} else {
		all = append(all, factView{Name: "Next run", When: when(s.Next)})
	}
	if s.LastGood == nil {
		return append(all, factView{Name: "Last good run", Value: "none yet"})
	}
	all = append(all, factView{Name: "Last good run", When: when(s.LastGood.Ended)})
	if s.LastGood.Commit != "" {
		all = append(all, factView{Name: "Its commit", Value: plain(s.LastGood.Commit), Code: true})
	}
	return all
}

// problem shows why a run is not good, line by line.
func problem(s string) string {
	return clip(report.Visible(strings.ToValidUTF8(strings.TrimSpace(s), "\uFFFD")), shownProblem)
}

func viewRun(r *Run, now time.Time, zone *time.Location) runView {
	v := runView{
		Started: at(r.Started, now, zone), Trigger: triggerWords(r.Trigger),
		Outcome: outcomeWords(r.Outcome), Kind: "missing",
		Took: took(r.Ended.Sub(r.Started)), Commit: plain(shortCommit(r.Commit)), Changes: changesWords(&r.Summary),
		Drifted: r.Drifted, Requests: r.Requests, TooMany: r.TooMany,
	}
	switch {
	case r.Outcome == OutcomeApplied:
		v.Kind, v.Changes = "applied", doneWords(&r.Summary)
	case r.Outcome == OutcomeDrift:
		v.Kind = "pending"
	case r.Outcome.Good():
		v.Kind = "applied"
	}
	if r.Waited >= time.Second {
		v.Waited = span(r.Waited)
	}
	first, _, more := strings.Cut(strings.TrimSpace(r.Problem), "\n")
	v.Problem = clip(plain(first), shownLine)
	if more {
		v.Problem += " …"
	}
	return v
}
