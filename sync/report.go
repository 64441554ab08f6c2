package sync

import (
	"errors"
	"fmt"
	"time"
)

// Outcome is what became of a change. The values are those of the JSON report.
type Outcome string

// The outcomes of a change.
const (
	Applied      Outcome = "applied"
	Failed       Outcome = "failed"
	Skipped      Outcome = "skipped"       // something that it depends on failed
	NotAttempted Outcome = "not attempted" // the run was stopped before
)

// Result is what became of one change of the plan.
type Result struct {
	Action  Action
	Agent   string
	ID      string // also of an agent that this run created
	Number  string // of a deploy or undeploy
	Outcome Outcome
	// Err says why, unless the change was applied.
	Err error
}

// Report is what an apply did: one result for each change, in the plan's order.
type Report struct {
	Plan    *Plan
	Results []Result
	// Notes are things to know about changes that were applied.
	Notes []string
	// Refused is the guard that stopped the run after all, with everything
	// undone: the first agent of an empty organization showed that the key is
	// another organization's. Nil as a rule.
	Refused *Refusal
	// RequestsMade counts every request of the run, retries included; the
	// caller fills it in.
	RequestsMade int64
	// Elapsed is the time that the applying took.
	Elapsed time.Duration
}

// Count counts the results of one outcome.
func (r *Report) Count(o Outcome) int {
	n := 0
	for i := range r.Results {
		if r.Results[i].Outcome == o {
			n++
		}
	}
	return n
}

// Err is nil when every change was applied; otherwise it joins the failures.
func (r *Report) Err() error {
	var errs []error
	for _, res := range r.Results {
		if res.Outcome != Applied {
			errs = append(errs, &ChangeError{Action: res.Action, Agent: res.Agent, Outcome: res.Outcome, Err: res.Err})
		}
	}
	return errors.Join(errs...)
}

// ChangeError says which change was not applied, and why.
type ChangeError struct {
	Action  Action
	Agent   string
	Outcome Outcome
	Err     error
}

// Error names the change before its cause.
func (e *ChangeError) Error() string {
	return fmt.Sprintf("%s %s: %s: %v", e.Action, e.Agent, e.Outcome, e.Err)
}

// Unwrap gives the cause.
func (e *ChangeError) Unwrap() error { return e.Err }

// Event tells an observer of an apply what goes on, for progress.
type Event struct {
	// Index and Total count the plan's changes; Index starts at 0.
	Index, Total int
	Change       *Change
	// Result is nil when the change begins.
	Result *Result
}
