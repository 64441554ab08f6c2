package serve

import (
	"time"

	"wassist-sync/sync"
)

// Trigger says why a run began.
type Trigger string

// The triggers of a run.
const (
	TriggerStart    Trigger = "start"    // the process began
	TriggerSchedule Trigger = "schedule" // its time had come
	TriggerHook     Trigger = "hook"     // a push was announced
	TriggerReload   Trigger = "reload"   // the settings were read again
	TriggerRetry    Trigger = "retry"    // an earlier run failed on what may pass
)

// Outcome is what a run came to.
type Outcome string

// The outcomes of a run. A run is good when it ended in one of the first three.
const (
	OutcomeInSync  Outcome = "in-sync" // nothing to do
	OutcomeApplied Outcome = "applied" // everything was done
	OutcomeDrift   Outcome = "drift"   // mode plan: changes are pending
	OutcomeRefused Outcome = "refused" // a guard refused, nothing was written
	OutcomeInvalid Outcome = "invalid" // the definitions do not parse, nothing was written
	OutcomeFailed  Outcome = "failed"  // a change failed, or something could not be read
	OutcomeStopped Outcome = "stopped" // the process was told to stop meanwhile
)

// Good tells whether a run did all that it should.
func (o Outcome) Good() bool {
	return o == OutcomeInSync || o == OutcomeApplied || o == OutcomeDrift
}

// Run is one finished run of a target.
type Run struct {
	Trigger        Trigger
	Started, Ended time.Time
	Commit         string // 40 hex digits; empty when the definitions were not read
	Outcome        Outcome
	// Problem says in one or more lines why the run is not good; empty when it
	// is. It holds no secret.
	Problem string
	Summary sync.Summary
	// Drifted is how many fields somebody had edited on Wassist.
	Drifted int
	// Requests is how many requests were made, TooMany how many of them were
	// answered 429, Waited how long the run waited for the limit.
	Requests, TooMany int64
	Waited            time.Duration
}

// TargetState is what is known of a target, for the page and the metrics. It is
// a copy: it does not change when the target goes on.
type TargetState struct {
	Name string
	// Repository is the remote's URL without what may be secret in it.
	Repository, Ref, Path string
	Env                   string // of the definitions; empty for none
	Mode                  string // apply or plan
	Schedule              string // as it was written
	// Running is when the run under way began; zero when none is.
	Running time.Time
	// Next is when the next run is due; zero when none is.
	Next time.Time
	// Runs are the last ones, the newest first.
	Runs []Run
	// LastGood is the last good run; nil before the first.
	LastGood *Run
	// Period is the time between two scheduled runs, at most.
	Period time.Duration
	// Plan is what the last run planned, and Report what became of it, if it was
	// applied. Either may be nil.
	Plan   *sync.Plan
	Report *sync.Report
}

// Ready tells whether the target is as it should be: its last run was good, or a
// good one is not older than three periods.
func (s *TargetState) Ready(now time.Time) bool {
	switch {
	case s.LastGood == nil:
		return false
	case len(s.Runs) > 0 && s.Runs[0].Outcome.Good():
		return true
	}
	return now.Sub(s.LastGood.Ended) <= 3*s.Period
}
