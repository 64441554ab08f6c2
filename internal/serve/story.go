package serve

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"wassist-sync/internal/report"
	"wassist-sync/sync"
)

// Event says what a notice is about.
type Event string

// The events.
const (
	EventFailed    Event = "failed"    // a run failed
	EventInvalid   Event = "invalid"   // the definitions do not parse
	EventRefused   Event = "refused"   // a guard refused
	EventDrift     Event = "drift"     // changes are pending (mode plan), or edits on Wassist were found
	EventContested Event = "contested" // what was written is changed back on Wassist, and held
	EventRecovered Event = "recovered" // what was told of is over
)

const (
	// remindAfter is when what still stands is told again.
	remindAfter = 24 * time.Hour
	// repeatAfter is the least time between two notices of the same kind: what
	// comes and goes, or is a little different in each run, is not told each time.
	repeatAfter = time.Hour
	// dailyAfter is the longest time without a line in the log.
	dailyAfter = 24 * time.Hour
)

// standing is something that is so until it is over.
type standing struct {
	event Event
	key   string // equal while it is the same thing
	kind  string // equal for what is told once an hour at most
	since time.Time
	told  time.Time // zero until it was told
	// from is when the trouble began, whatever it was then; owed is whether some
	// of it was told, so that its end has to be.
	from time.Time
	owed bool
}

// id is equal for what is not told, or logged, each time; empty for nothing.
func (s *standing) id() string {
	if s == nil {
		return ""
	}
	return string(s.event) + "\x00" + s.kind
}

// story is what an operator was told of a target.
type story struct {
	trouble, drift, contested *standing
	recent                    map[string]time.Time // when which kind was told, of the last hour
	logged                    string               // the trouble of which the log spoke last; empty: none
	spoke                     time.Time            // the last line in the log
	runs, applied, notGood    int                  // since then
}

// telling is what is to be told now.
type telling struct {
	event    Event
	since    time.Time
	reminder bool
}

// enter takes a standing thing in, and says what to tell.
func (s *story) enter(slot **standing, event Event, key, kind string, now time.Time) []telling {
	was := *slot
	if was == nil || was.event != event || was.key != key {
		next := &standing{event: event, key: key, kind: kind, since: now, from: now}
		if was != nil {
			next.from, next.owed = was.from, was.owed
			if was.event == event {
				next.since = was.since
			}
		}
		*slot, was = next, next
	}
	id := was.id()
	switch last, recently := s.recent[id]; {
	case !was.told.IsZero() && now.Sub(was.told) < remindAfter:
		return nil
	case was.told.IsZero() && recently && now.Sub(last) < repeatAfter:
		return nil
	}
	reminder := !was.told.IsZero()
	was.told, was.owed, s.recent[id] = now, true, now
	return []telling{{event: event, since: was.since, reminder: reminder}}
}

// after says what is to be told of a run.
func (s *story) after(r *round, f *failure, now time.Time) []telling {
	if s.recent == nil {
		s.recent = map[string]time.Time{}
	}
	for id, at := range s.recent {
		if now.Sub(at) >= repeatAfter {
			delete(s.recent, id)
		}
	}
	if f != nil && f.outcome == OutcomeStopped {
		return nil // nothing is known to have changed
	}
	var out []telling
	// What ends in one run is over with one notice.
	over := func(slot *standing) {
		switch {
		case slot == nil, !slot.owed:
		case len(out) > 0 && out[0].event == EventRecovered:
			if slot.from.Before(out[0].since) {
				out[0].since = slot.from
			}
		default:
			out = slices.Insert(out, 0, telling{event: EventRecovered, since: slot.from})
		}
	}
	if f == nil {
		over(s.trouble)
		s.trouble = nil
	} else {
		event := map[Outcome]Event{OutcomeInvalid: EventInvalid, OutcomeRefused: EventRefused}[f.outcome]
		if event == "" {
			event = EventFailed
		}
		out = append(out, s.enter(&s.trouble, event, f.class, cmp.Or(f.kind, f.class), now)...)
	}
	if r.plan == nil {
		return out // whether there is drift is not known
	}
	drifts := r.run.Outcome == OutcomeDrift || r.run.Drifted > 0
	switch {
	case drifts:
		// What is pending grows with each commit. An edit that is overwritten is gone in
		// the next run: one of other fields is told at once, or never.
		kind := ""
		if r.run.Outcome != OutcomeDrift {
			kind = strings.Join(r.drifts(), "\n")
		}
		out = append(out, s.enter(&s.drift, EventDrift, r.plan.Digest, kind, now)...)
	case s.drift != nil && r.config.Mode == ModePlan && f == nil:
		over(s.drift)
		fallthrough
	default:
		s.drift = nil
	}
	held := contested(r.plan)
	if len(held) == 0 {
		if f == nil {
			over(s.contested)
		}
		s.contested = nil
		return out
	}
	return append(out, s.enter(&s.contested, EventContested, strings.Join(held, "\n"), "", now)...)
}

// contested lists what is held because it was changed back.
func contested(plan *sync.Plan) []string {
	var out []string
	for _, h := range plan.Held {
		if h.Contested {
			out = append(out, h.Agent+": "+h.Reason)
		}
	}
	return out
}

// tell logs what is worth a line, and sends what somebody is to be told.
func (r *round) tell(f *failure) {
	now := time.Now()
	s := &r.story
	s.runs++
	if r.run.Outcome == OutcomeApplied {
		s.applied++
	}
	if f != nil {
		s.notGood++
	}
	told := s.after(r, f, now)
	for _, t := range told {
		n := r.notice(t)
		level := slog.LevelWarn
		if t.event == EventRecovered {
			level = slog.LevelInfo
		}
		r.line(level, n.headline(), "event", string(t.event))
		r.daemon.notices.add(n)
	}
	// What comes and goes is not told each time, and the log has it nevertheless:
	// its last line is to be true.
	turned := s.trouble.id() != s.logged
	s.logged = s.trouble.id()
	switch {
	case len(told) > 0:
	case turned && f != nil:
		r.line(slog.LevelWarn, "run "+string(r.run.Outcome)+": "+r.run.Problem)
	case turned:
		r.line(slog.LevelInfo, "run "+string(r.run.Outcome))
	case r.run.Outcome == OutcomeApplied, r.run.Outcome == OutcomeStopped:
		r.line(slog.LevelInfo, "run "+string(r.run.Outcome))
	case s.spoke.IsZero(), now.Sub(s.spoke) >= dailyAfter:
		r.line(slog.LevelInfo, "run "+string(r.run.Outcome), "runs", s.runs, "applied", s.applied, "notGood", s.notGood)
	default:
		r.log.Debug("run "+string(r.run.Outcome), r.facts()...)
		return
	}
	s.spoke, s.runs, s.applied, s.notGood = now, 0, 0, 0
}

// line logs one line about the run.
func (r *round) line(level slog.Level, text string, more ...any) {
	r.log.Log(context.Background(), level, text, append(r.facts(), more...)...)
}

func (r *round) facts() []any {
	facts := []any{"trigger", string(r.run.Trigger), "seconds", r.run.Ended.Sub(r.run.Started).Round(100 * time.Millisecond).Seconds(), "requests", r.run.Requests}
	if r.run.Commit != "" {
		facts = append(facts, "commit", r.run.Commit[:7])
	}
	return facts
}

// notice puts an event into words.
func (r *round) notice(t telling) *Notice {
	n := &Notice{
		Version: noticeVersion, Event: t.event, Target: r.name, Mode: r.config.Mode, Repository: r.config.shown(), Ref: r.config.Ref, Commit: r.run.Commit,
		Outcome: r.run.Outcome, Reminder: t.reminder, Time: r.run.Ended, Since: r.run.Ended.Add(-time.Since(t.since)),
	}
	if r.plan != nil {
		n.Summary, n.Digest, n.Drifted = &Counts{r.run.Summary.Create, r.run.Summary.Update, r.run.Summary.Deploy, r.run.Summary.Undeploy, r.run.Summary.Delete}, r.plan.Digest, r.run.Drifted
	}
	switch t.event {
	case EventRecovered:
		n.Problem = ""
	case EventDrift:
		n.Problem = firstLines(strings.Join(r.drifts(), "\n"))
		switch r.run.Outcome {
		case OutcomeDrift:
			n.Problem += "\nNothing was written: the mode is plan"
		case OutcomeApplied:
			n.Problem += "\nWhat Git says was written over it"
		}
	case EventContested:
		n.Problem = firstLines(strings.Join(contested(r.plan), "\n"))
	default:
		n.Problem = r.run.Problem
		if r.backoff.failures > 0 && r.daemon.serves() {
			n.Problem += "\nIt is tried again by itself"
		}
		if good := r.lastGood(); good != "" {
			n.Problem += "\n" + good
		}
	}
	n.compose()
	return n
}

// lastGood says what the target still stands on.
func (r *round) lastGood() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	good := r.known.LastGood
	if good == nil {
		return ""
	}
	return fmt.Sprintf("The last good run was at %s, of commit %s", minute(good.Ended), good.Commit[:min(7, len(good.Commit))])
}

// drifts names what differs, or what was edited on Wassist, without any value.
func (r *round) drifts() []string {
	var out []string
	for i := range r.plan.Changes {
		c := &r.plan.Changes[i]
		var paths []string
		for _, f := range c.Fields {
			if r.run.Outcome == OutcomeDrift || f.Cause == sync.CauseWassist {
				paths = append(paths, f.Path)
			}
		}
		if len(paths) > 0 || r.run.Outcome == OutcomeDrift {
			out = append(out, report.ChangeTitle(c)+": "+strings.Join(paths, ", "))
		}
	}
	if len(out) == 0 { // they are held
		for _, h := range r.plan.Held {
			out = append(out, h.Agent+": "+h.Reason)
		}
	}
	return slices.Compact(out)
}
