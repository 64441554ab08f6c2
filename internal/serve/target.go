package serve

import (
	"log/slog"
	gosync "sync"
	"time"

	"wassist-sync/sync"
)

// keptRuns is how many runs of a target are kept to look at.
const keptRuns = 50

// target is one target and what is known of it. Its loop alone runs it.
type target struct {
	daemon *Daemon
	name   string
	log    *slog.Logger
	wake   chan struct{} // holds one token: something was asked for

	// What only the loop touches.
	config  Config
	clone   clone
	written *sync.Written
	backoff backoff
	story   story

	mu      gosync.Mutex // guards everything below
	known   TargetState
	asked   request
	pending *Config // settings to take over
	retired bool    // the loop is to end
	over    bool    // it has seen that, and begins no run any more
}

// request is a run that somebody asked for.
type request struct {
	why         Trigger // empty when there is none
	first, last time.Time
}

func newTarget(d *Daemon, c Config) *target {
	t := &target{
		daemon: d, name: c.Name, log: d.options.Log.With("target", c.Name),
		wake: make(chan struct{}, 1), written: sync.NewWritten(),
	}
	t.clone.log = t.log
	t.take(c)
	return t
}

// announce logs that the target is served from now on, and what it watches.
func (t *target) announce() {
	t.mu.Lock()
	s, env := t.known, t.config.Env
	t.mu.Unlock()
	about := []any{"repository", s.Repository, "ref", s.Ref, "path", s.Path, "mode", s.Mode, "schedule", s.Schedule}
	if env != "" {
		about = append(about, "environment", env)
	}
	t.log.Info("serving", about...)
}

// take makes settings the target's own.
func (t *target) take(c Config) {
	if t.config.URL != c.URL || t.config.CacheDir != c.CacheDir {
		t.clone.close()
	}
	if t.config.Ref != c.Ref {
		t.clone.forget()
	}
	t.config = c
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known.Name, t.known.Repository, t.known.Ref, t.known.Path, t.known.Env = c.Name, c.shown(), c.Ref, c.Path, c.Env
	t.known.Mode, t.known.Schedule, t.known.Period = c.Mode, c.Schedule.String(), c.Schedule.Period()
}

// state is a copy of what is known.
func (t *target) state() TargetState {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.known
	s.Runs = append([]Run(nil), s.Runs...)
	if s.LastGood != nil {
		good := *s.LastGood
		s.LastGood = &good
	}
	return s
}

// ask notes that a run is wanted.
func (t *target) ask(why Trigger) {
	now := time.Now()
	t.mu.Lock()
	if t.asked.why == "" {
		t.asked = request{why: why, first: now}
	}
	t.asked.last = now
	t.mu.Unlock()
	t.nudge()
}

// renew leaves settings for the loop to take over.
func (t *target) renew(c Config) {
	t.mu.Lock()
	t.pending = &c
	t.mu.Unlock()
	t.nudge()
}

// retire ends the loop after the run under way.
func (t *target) retire() {
	t.mu.Lock()
	t.retired = true
	t.mu.Unlock()
	t.nudge()
}

// revive takes a target back that was to end, with new settings. It is false when
// its loop has ended, and another target may begin in its place.
func (t *target) revive(c Config) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return false
	}
	t.retired, t.pending = false, &c
	t.nudge()
	return true
}

func (t *target) isOver() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.over
}

func (t *target) nudge() {
	select {
	case t.wake <- struct{}{}:
	default: // it is awake already
	}
}

// close gives back what the target holds.
func (t *target) close() { t.clone.close() }
