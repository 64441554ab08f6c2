package serve

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"wassist-sync/internal/report"
	"wassist-sync/sync"
)

// plain makes a text fit to be shown on one line.
func plain(s string) string { return report.Line(strings.ToValidUTF8(s, "\uFFFD")) }

// clip cuts a text that is longer than most bytes, between characters.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most] + "…"
}

// outcomeWords says what a run came to.
func outcomeWords(o Outcome) string {
	switch o {
	case OutcomeInSync:
		return "in sync"
	case OutcomeApplied:
		return "applied"
	case OutcomeDrift:
		return "changes are pending"
	case OutcomeRefused:
		return "refused by a guard"
	case OutcomeInvalid:
		return "the definitions are invalid"
	case OutcomeFailed:
		return "failed"
	case OutcomeStopped:
		return "stopped"
	}
	return plain(string(o))
}

// triggerWords says why a run began.
func triggerWords(t Trigger) string {
	switch t {
	case TriggerStart:
		return "the process began"
	case TriggerSchedule:
		return "schedule"
	case TriggerHook:
		return "a push"
	case TriggerReload:
		return "new settings"
	case TriggerRetry:
		return "another try"
	case TriggerManual:
		return "by hand"
	}
	return plain(string(t))
}

// changesWords counts changes by action, before they are made.
func changesWords(s *sync.Summary) string {
	return countWords(s, func(a sync.Action) string { return "to " + string(a) })
}

// doneWords counts changes by action, after all of them were made.
func doneWords(s *sync.Summary) string { return countWords(s, report.Done) }

func countWords(s *sync.Summary, word func(sync.Action) string) string {
	var said []string
	for i, n := range []int{s.Create, s.Update, s.Deploy, s.Undeploy, s.Delete} {
		if n > 0 {
			said = append(said, fmt.Sprintf("%d %s", n, word(sync.Actions[i])))
		}
	}
	if len(said) == 0 {
		return "none"
	}
	return strings.Join(said, ", ")
}

// took is how long a run took, for a narrow column.
func took(d time.Duration) string {
	if d.Round(time.Second) < time.Second {
		return "< 1 s"
	}
	return span(d)
}

// span says a duration in one or two units, as people do.
func span(d time.Duration) string {
	switch d = d.Round(time.Second); {
	case d < time.Second:
		return "less than a second"
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return units(d, time.Minute, "min", time.Second, "s")
	case d < 24*time.Hour:
		return units(d, time.Hour, "h", time.Minute, "min")
	}
	return units(d, 24*time.Hour, "d", time.Hour, "h")
}

func units(d, large time.Duration, largeName string, small time.Duration, smallName string) string {
	if rest := d % large / small; rest > 0 {
		return fmt.Sprintf("%d %s %d %s", d/large, largeName, rest, smallName)
	}
	return fmt.Sprintf("%d %s", d/large, largeName)
}

// distance says when a time is, seen from now.
func distance(t, now time.Time) string {
	switch d := t.Sub(now); {
	case d >= time.Second:
		return "in " + span(d)
	case d <= -time.Second:
		return span(-d) + " ago"
	}
	return "now"
}

// shortCommit is what people call a commit.
func shortCommit(commit string) string { return commit[:min(12, len(commit))] }
