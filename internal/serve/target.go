package serve

import (
	"context"
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
	cancel context.CancelFunc
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
	retired bool
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

// take makes settings the target's own.
func (t *target) take(c Config) {
	if t.config.URL != c.URL || t.config.CacheDir != c.CacheDir {
		t.clone.close()
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

func (t *target) nudge() {
	select {
	case t.wake <- struct{}{}:
	default: // it is awake already
	}
}

// close gives back what the target holds.
func (t *target) close() { t.clone.close() }
