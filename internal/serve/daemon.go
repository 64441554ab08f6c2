package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	gosync "sync"
	"time"

	"wassist-sync/sync"
)

// Options steer a Daemon.
type Options struct {
	// Log takes what an operator is to know; with debug lines for each run.
	Log *slog.Logger
	// Notify sends a notice; nil sends none. It is called from one goroutine, and
	// may take its time.
	Notify func(ctx context.Context, n *Notice) error
	// RunEnded is called after each run; the report is nil when nothing was
	// applied. NoticeEnded is called after each notice was sent, or given up. Both
	// may be nil.
	RunEnded    func(target string, run *Run, report *sync.Report)
	NoticeEnded func(target string, err error)
	// Relax is called when a target comes to rest, to give memory back; may be nil.
	Relax func()
	// Now is the wall clock, which may jump; nil is time.Now.
	Now func() time.Time
}

// Daemon keeps targets in line. Each has a goroutine of its own: none waits for
// another one, and what one run does, a panic included, is that target's alone.
type Daemon struct {
	options Options
	notices *outbox

	mu      gosync.Mutex
	targets []*target
	leaving []*target       // those that are to end, and perhaps still run
	serving context.Context // of the loops; nil until Run
	loops   gosync.WaitGroup
}

// New makes a Daemon; nothing runs yet.
func New(configs []Config, o Options) (*Daemon, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	d := &Daemon{options: o, notices: newOutbox(o)}
	if err := unique(configs); err != nil {
		return nil, err
	}
	for _, c := range configs {
		d.targets = append(d.targets, newTarget(d, c))
	}
	return d, nil
}

func unique(configs []Config) error {
	seen := map[string]bool{}
	for _, c := range configs {
		if seen[c.Name] {
			return fmt.Errorf("two targets are called %q", c.Name)
		}
		seen[c.Name] = true
	}
	if len(configs) == 0 {
		return errors.New("there is no target")
	}
	return nil
}

// shutdownGrace bounds how long Run waits for its targets after its context has
// ended: a write that is under way is let finish, and the client gives it 10 s.
const shutdownGrace = 20 * time.Second

// Run runs each target at once and then on its schedule, until the context ends.
// The request under way is then finished, and nothing more is begun.
func (d *Daemon) Run(ctx context.Context) error {
	posting := d.notices.start()
	d.mu.Lock()
	d.serving = ctx
	for _, t := range d.targets {
		t.announce()
		d.begin(t)
	}
	d.mu.Unlock()
	<-ctx.Done()
	ended := make(chan struct{})
	go func() {
		d.loops.Wait()
		close(ended)
	}()
	timer := time.NewTimer(shutdownGrace)
	defer timer.Stop()
	select {
	case <-ended:
	case <-timer.C:
		return fmt.Errorf("a target did not stop within %v; what it was doing is not known: run again", shutdownGrace)
	}
	posting.end()
	return nil
}

// serves is whether targets run again and again.
func (d *Daemon) serves() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.serving != nil
}

// begin starts a target's loop; the caller holds the lock.
func (d *Daemon) begin(t *target) {
	ctx := d.serving
	d.loops.Go(func() { t.loop(ctx) })
}

// Once runs each target once, all at the same time, and waits.
func (d *Daemon) Once(ctx context.Context) []Result {
	posting := d.notices.start()
	defer posting.end()
	d.mu.Lock()
	targets := slices.Clone(d.targets)
	d.mu.Unlock()
	results := make([]Result, len(targets))
	var rounds gosync.WaitGroup
	for i, t := range targets {
		rounds.Go(func() {
			defer t.close()
			run, err := t.execute(ctx, TriggerStart)
			results[i] = Result{Target: t.config.Name, Run: run, Err: err}
		})
	}
	rounds.Wait()
	return results
}

// Result is what one round of a target came to.
type Result struct {
	Target string
	Run    *Run
	// Err is why the run is not good, when it is not.
	Err error
}

// Reload takes new settings over: targets that are not named any more end after
// the run that is under way, new ones begin, and the others go on with the new
// settings from their next run on, which comes at once.
func (d *Daemon) Reload(configs []Config) error {
	if err := unique(configs); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.serving != nil && d.serving.Err() != nil {
		return errors.New("the process is about to stop")
	}
	d.leaving = slices.DeleteFunc(d.leaving, (*target).isOver)
	var targets []*target
	for _, c := range configs {
		named := func(t *target) bool { return t.name == c.Name }
		if at := slices.IndexFunc(d.targets, named); at >= 0 {
			d.targets[at].renew(c)
			targets = append(targets, d.targets[at])
			continue
		}
		// One that was taken out and is back may still be running: another one of its
		// name beside it would be a second writer.
		if at := slices.IndexFunc(d.leaving, named); at >= 0 && d.leaving[at].revive(c) {
			targets = append(targets, d.leaving[at])
			d.leaving = slices.Delete(d.leaving, at, at+1)
			continue
		}
		t := newTarget(d, c)
		targets = append(targets, t)
		t.announce()
		if d.serving != nil {
			d.begin(t)
		}
	}
	for _, t := range d.targets {
		if !slices.Contains(targets, t) {
			t.log.Info("not served any more: the settings do not name it")
			t.retire()
			d.leaving = append(d.leaving, t)
		}
	}
	d.targets = targets
	return nil
}

// States are what is known of each target, in the order of the settings.
func (d *Daemon) States() []TargetState {
	d.mu.Lock()
	targets := slices.Clone(d.targets)
	d.mu.Unlock()
	out := make([]TargetState, len(targets))
	for i, t := range targets {
		out[i] = t.state()
	}
	return out
}

// Ask asks for a run of a target soon, and does not wait for it. Several that
// come close together are one, and one that comes while a run is under way is
// followed after it. It is false when there is no such target, or the process is
// about to stop.
func (d *Daemon) Ask(name string, why Trigger) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.serving == nil || d.serving.Err() != nil {
		return false
	}
	for _, t := range d.targets {
		if t.name == name {
			t.ask(why)
			return true
		}
	}
	return false
}
