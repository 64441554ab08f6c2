package sync

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"wassist-sync/spec"
)

// Prune says which agents without a definition a plan may delete.
type Prune string

// The values of --prune.
const (
	PruneManaged Prune = "managed" // those that Git defined and has removed
	PruneNone    Prune = "none"
	PruneAll     Prune = "all" // also those that Git never defined
)

// ParsePrune reads a --prune value.
func ParsePrune(s string) (Prune, error) {
	switch p := Prune(s); p {
	case PruneManaged, PruneNone, PruneAll:
		return p, nil
	}
	return "", fmt.Errorf("--prune %q is not known; use managed, none or all", s)
}

// OnDrift says what becomes of a field that somebody edited on Wassist.
type OnDrift string

// The values of --on-drift.
const (
	DriftOverwrite OnDrift = "overwrite" // Git wins
	DriftKeep      OnDrift = "keep"      // the field is held
	DriftFail      OnDrift = "fail"      // the plan is refused
)

// ParseOnDrift reads an --on-drift value.
func ParseOnDrift(s string) (OnDrift, error) {
	switch d := OnDrift(s); d {
	case DriftOverwrite, DriftKeep, DriftFail:
		return d, nil
	}
	return "", fmt.Errorf("--on-drift %q is not known; use overwrite, keep or fail", s)
}

// MaxDeletes bounds how many agents a plan may delete. The zero value is the
// default: 3, or a quarter of the known agents, whichever is more.
type MaxDeletes struct {
	set     bool
	percent bool
	n       int
}

// ParseMaxDeletes reads N or N%.
func ParseMaxDeletes(s string) (MaxDeletes, error) {
	digits, percent := strings.CutSuffix(s, "%")
	n, err := strconv.Atoi(digits)
	if err != nil || n < 0 || (percent && n > 100) {
		return MaxDeletes{}, fmt.Errorf("--max-deletes %q is not a number of agents such as 5, nor a share such as 20%%", s)
	}
	return MaxDeletes{set: true, percent: percent, n: n}, nil
}

// limit gives the bound, in agents, and how it came about.
func (m MaxDeletes) limit(known int) (int, string) {
	switch {
	case !m.set && known/4 > 3:
		return known / 4, fmt.Sprintf("a quarter of the %d agents that definitions lead to or led to", known)
	case !m.set:
		return 3, "the default"
	case m.percent:
		return known * m.n / 100, fmt.Sprintf("%d%% of the %d agents that definitions lead to or led to", m.n, known)
	}
	return m.n, "--max-deletes"
}

// Rate is the request limit of the key.
type Rate struct {
	Limit  int           // requests
	Window time.Duration // per this time
}

// ParseRate reads N/DURATION, such as 100/1m; a bare unit means one of it.
func ParseRate(s string) (Rate, error) {
	count, window, ok := strings.Cut(s, "/")
	n, err := strconv.Atoi(count)
	if window != "" && !strings.Contains("0123456789.+-", window[:1]) {
		window = "1" + window
	}
	d, errD := time.ParseDuration(window)
	if !ok || err != nil || errD != nil || n < 1 || d <= 0 {
		return Rate{}, fmt.Errorf("--rate %q is not N/DURATION such as 100/1m", s)
	}
	return Rate{Limit: n, Window: d}, nil
}

// Seconds is how long k requests take at least when nothing used the key
// before and requests took no time: 0 for a small run.
func (r Rate) Seconds(k int) float64 {
	if k < 1 || r.Limit < 1 {
		return 0
	}
	return float64((k-1)/r.Limit) * r.Window.Seconds()
}

// Options steer a plan.
type Options struct {
	Source      Source
	Host        string // where the plan would go
	Environment string
	// History answers from the repository; nil when there is none. Without it
	// nothing but --prune all deletes, and every cause is unknown.
	History History
	// Notes are said of the source besides what its History notes.
	Notes      []string
	Prune      Prune // empty is PruneManaged
	MaxDeletes MaxDeletes
	OnDrift    OnDrift // empty is DriftOverwrite
	// Organization is the name or id of the organization that the key must
	// belong to; empty for any.
	Organization string
	// Unmanaged tells which agents are never touched; nil for none.
	Unmanaged func(name, id string) bool
	// ConfirmOrganization is the name or id of the organization that may lose
	// agents that Git never defined.
	ConfirmOrganization string
	// Accept is the digest of a plan whose liftable refusals are lifted.
	Accept string
	// Expect lists digests of changes; nil when nothing was expected.
	Expect []string
	Rate   Rate
	// Only selects what is done by the names of agents; nil for all of the plan.
	// The rest is held.
	Only []spec.Selector
	// Written remembers what a long-running process wrote, so that it does not
	// fight over a field; nil remembers nothing.
	Written *Written

	offline bool // nobody asked Wassist; see Offline
}
