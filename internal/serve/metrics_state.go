package serve

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"

	"wassist-sync/sync"
)

// outcomes lists the outcomes of a run, the good ones first.
var outcomes = []Outcome{OutcomeInSync, OutcomeApplied, OutcomeDrift, OutcomeRefused, OutcomeInvalid, OutcomeFailed, OutcomeStopped}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(namespace+"_"+name, help, append([]string{"target"}, labels...), nil)
}

// The gauges are read off the states when somebody looks.
var (
	descTarget      = describe("target_info", "A target, and what it watches; always 1.", "repository", "ref", "path", "mode", "schedule")
	descReady       = describe("target_ready", "1 when the last run was good, or a good one is not older than three periods.")
	descRunning     = describe("run_in_progress", "1 while a run is under way.")
	descPeriod      = describe("schedule_period_seconds", "The longest time between two scheduled runs.")
	descNext        = describe("next_run_timestamp_seconds", "When the next run is due.")
	descLast        = describe("last_run_timestamp_seconds", "When the last run ended; 0 before the first.")
	descLastGood    = describe("last_good_run_timestamp_seconds", "When the last good run ended; 0 before the first.")
	descLastOutcome = describe("last_run_outcome", "1 for what the last run came to, 0 for all else.", "outcome")
	descCommit      = describe("last_good_commit_info", "The commit of the last good run; always 1.", "commit")
	descDrifted     = describe("drifted_fields", "Fields that somebody had edited on Wassist, as the last plan found.")
	descPlanned     = describe("changes_planned", "Changes of the last plan.", "action")
	descAgents      = describe("agents", "Agents that the last plan leaves as they are.", "state")
)

// stateCollector is what the metrics say of the states at the moment.
type stateCollector struct {
	metrics *Metrics
	pulse   *pulse
	now     func() time.Time
}

// watch adds what is known of the targets to the metrics.
func (m *Metrics) watch(p *pulse, now func() time.Time) error {
	return m.registry.Register(&stateCollector{metrics: m, pulse: p, now: now})
}

// Describe names the metrics.
func (c *stateCollector) Describe(all chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		descTarget, descReady, descRunning, descPeriod, descNext, descLast, descLastGood, descLastOutcome, descCommit, descDrifted,
		descPlanned, descAgents,
	} {
		all <- d
	}
}

// Collect reads the states. Targets that do not answer have no values: an alert on
// absent ones sees it.
func (c *stateCollector) Collect(all chan<- prometheus.Metric) {
	states, ok := c.pulse.states(context.Background())
	if !ok {
		return
	}
	standing := map[string]bool{}
	now := c.now()
	for i := range states {
		target := label(states[i].Name)
		if standing[target] {
			continue // two values of one series would hide all the others
		}
		standing[target] = true
		c.metrics.remember(target)
		collect(&states[i], now, func(d *prometheus.Desc, value float64, labels ...string) {
			all <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, append([]string{target}, labels...)...)
		})
	}
	c.metrics.forget(standing)
}

// collect gives the values of one target.
func collect(s *TargetState, now time.Time, gauge func(d *prometheus.Desc, value float64, labels ...string)) {
	gauge(descTarget, 1, label(s.Repository), label(s.Ref), label(s.Path), label(s.Mode), label(s.Schedule))
	gauge(descReady, number(s.Ready(now)))
	gauge(descRunning, number(!s.Running.IsZero()))
	gauge(descPeriod, s.Period.Seconds())
	if !s.Next.IsZero() {
		gauge(descNext, seconds(s.Next))
	}
	var last, lastGood time.Time
	if len(s.Runs) > 0 {
		last = s.Runs[0].Ended
		for _, o := range outcomes {
			gauge(descLastOutcome, number(s.Runs[0].Outcome == o), string(o))
		}
	}
	if s.LastGood != nil {
		lastGood = s.LastGood.Ended
		if s.LastGood.Commit != "" {
			gauge(descCommit, 1, label(shortCommit(s.LastGood.Commit)))
		}
	}
	gauge(descLast, seconds(last))
	gauge(descLastGood, seconds(lastGood))
	if run := lastPlanned(s); run != nil {
		gauge(descDrifted, float64(run.Drifted))
		sum := run.Summary
		for i, n := range []int{sum.Create, sum.Update, sum.Deploy, sum.Undeploy, sum.Delete} {
			gauge(descPlanned, float64(n), string(sync.Actions[i]))
		}
		gauge(descAgents, float64(sum.Unchanged), "unchanged")
		gauge(descAgents, float64(sum.Unmanaged), "unmanaged")
		gauge(descAgents, float64(sum.Held), "held")
	}
}

// lastPlanned is the newest run that came as far as a plan. A run that could read
// nothing found no changes, and to say so would end an alert that stands.
func lastPlanned(s *TargetState) *Run {
	for i := range s.Runs {
		switch r := &s.Runs[i]; {
		case r.Outcome.Good(), r.Outcome == OutcomeRefused, r.Summary != (sync.Summary{}):
			return r
		}
	}
	return s.LastGood
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// seconds is a time in the field's manner; 0 is never.
func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}

// longestLabel is how many bytes of a text become a label.
const longestLabel = 200

// label makes a text fit for a label: a registry refuses all that is not UTF-8,
// with everything else that it holds.
func label(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= longestLabel {
		return s
	}
	cut := longestLabel
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut]
}
