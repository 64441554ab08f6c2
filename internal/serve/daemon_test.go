package serve_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/internal/gitsrc"
	"wassist-sync/internal/serve"
	"wassist-sync/spec"
	"wassist-sync/sync"
	"wassist-sync/wassist/simulator"
)

// line is a history of one file, agents/a.yaml, with a commit each ten minutes,
// the first of which was made before the test begins.
func line(t testing.TB, texts ...string) *history {
	t.Helper()
	var all []snapshot
	for i, text := range texts {
		all = append(all, snapshot{at: epoch.Add(time.Duration(10*i-5) * time.Minute), parent: i - 1, files: map[string]string{"agents/a.yaml": text}})
	}
	h := newHistory(t, all)
	h.push(0)
	return h
}

// running runs a daemon in a bubble until do returns.
func running(t *testing.T, configs []serve.Config, o serve.Options, do func(t *testing.T, d *serve.Daemon)) {
	t.Helper()
	d, err := serve.New(configs, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("it ended with %v", err)
		}
	}()
	synctest.Wait()
	do(t, d)
}

// pass lets time pass.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// A target runs at once, then on its schedule, and again after it has failed on
// what may pass, with growing pauses that end at the schedule.
func TestWhenItRuns(t *testing.T) {
	h := line(t, definition("A", "p"), definition("A", "q"))
	synctest.Test(t, func(t *testing.T) {
		o := newOrganization(t, simulator.Options{})
		w := &watch{}
		running(t, []serve.Config{config(t, "shop", h, o, "*/15 * * * *")}, w.options(), func(t *testing.T, d *serve.Daemon) {
			if got := outcomes(w.ended()); !cmp.Equal(got, []string{"start applied"}) {
				t.Fatalf("at the start: %v", got)
			}
			pass(31 * time.Minute)
			if got := outcomes(w.ended()); !cmp.Equal(got, []string{"schedule in-sync", "schedule in-sync"}) {
				t.Fatalf("on the schedule: %v", got)
			}
			pass(13*time.Minute + 30*time.Second) // 00:44:30
			o.server.Fault(simulator.Fault{Kind: simulator.Status, Code: 404, Times: -1})
			pass(16 * time.Minute) // 01:00:30
			var at []string
			for _, r := range w.ended() {
				at = append(at, r.Started.Format("04:05 ")+string(r.Trigger)+" "+string(r.Outcome))
			}
			want := []string{"45:00 schedule failed", "45:30 retry failed", "46:30 retry failed", "48:30 retry failed", "52:30 retry failed", "00:00 schedule failed"}
			if d := cmp.Diff(want, at); d != "" {
				t.Errorf("when Wassist is down (-want +got):\n%s", d)
			}
			if s := d.States()[0]; !s.Next.Equal(epoch.Add(75*time.Minute)) || s.LastGood == nil || s.Ready(time.Now()) != true {
				t.Errorf("the next run is said to be at %v", s.Next)
			}
			o.server.ClearFaults()
			pass(15 * time.Minute)
			if got := outcomes(w.ended()); !cmp.Equal(got, []string{"schedule in-sync"}) {
				t.Errorf("after that: %v", got)
			}
			if got := w.events(); !cmp.Equal(got, []string{"failed", "recovered"}) {
				t.Errorf("told: %v", got)
			}
		})
	})
}

// Hooks that come close together are one run, and one that comes while a run is
// under way is followed after it.
func TestHooksAreDebounced(t *testing.T) {
	h := line(t, definition("A", "p"), definition("A", "q"), definition("A", "r"))
	synctest.Test(t, func(t *testing.T) {
		o := newOrganization(t, simulator.Options{})
		w := &watch{}
		running(t, []serve.Config{config(t, "shop", h, o, "@every 24h")}, w.options(), func(t *testing.T, d *serve.Daemon) {
			w.ended()
			h.push(1)
			for range 5 {
				if !d.Ask("shop", serve.TriggerHook) {
					t.Fatal("it is not asked for")
				}
				pass(500 * time.Millisecond)
			}
			pass(3 * time.Second)
			if got := outcomes(w.ended()); !cmp.Equal(got, []string{"hook applied"}) {
				t.Errorf("five hooks: %v", got)
			}
			// A storm that does not end does not put the run off for ever.
			for range 40 {
				d.Ask("shop", serve.TriggerHook)
				pass(time.Second)
			}
			pass(10 * time.Second)
			if n := len(w.ended()); n < 2 || n > 4 {
				t.Errorf("a storm of 40 s made %d runs", n)
			}
			o.server.Fault(simulator.Fault{Delay: 10 * time.Second, Times: 1, Nth: 1})
			d.Ask("shop", serve.TriggerHook)
			pass(5 * time.Second)
			if d.States()[0].Running.IsZero() {
				t.Fatal("no run is under way")
			}
			h.push(2)
			d.Ask("shop", serve.TriggerHook)
			pass(time.Minute)
			if got := o.agent(t, "A")["systemPrompt"]; got != "r" || len(w.ended()) != 2 {
				t.Errorf("the push during a run left %v", got)
			}
			if d.Ask("other", serve.TriggerHook) {
				t.Error("a target that is not there is asked")
			}
		})
	})
}

// What happens to one target, a panic or a hang, is that target's alone.
func TestIsolation(t *testing.T) {
	h := line(t, definition("A", "p"))
	synctest.Test(t, func(t *testing.T) {
		w := &watch{}
		var configs []serve.Config
		for _, name := range []string{"well", "panics", "hangs"} {
			configs = append(configs, config(t, name, h, newOrganization(t, simulator.Options{}), "*/15 * * * *"))
		}
		hang := make(chan struct{})
		configs[1].Connect = func(context.Context, *spec.Settings) (*serve.Connection, error) { panic("a secret-canary") }
		configs[2].Connect = func(ctx context.Context, _ *spec.Settings) (*serve.Connection, error) {
			select {
			case <-hang:
			case <-ctx.Done():
			}
			return nil, context.Cause(ctx)
		}
		running(t, configs, w.options(), func(t *testing.T, d *serve.Daemon) {
			pass(46 * time.Minute)
			s := d.States()
			if len(s[0].Runs) != 4 || !s[0].Runs[0].Outcome.Good() {
				t.Errorf("the well one ran %d times", len(s[0].Runs))
			}
			if len(s[1].Runs) < 4 || s[1].Runs[0].Outcome != serve.OutcomeFailed || !strings.Contains(s[1].Runs[0].Problem, "defect of this program") {
				t.Errorf("the one that panics: %+v", s[1].Runs)
			}
			if len(s[2].Runs) != 0 || s[2].Running.IsZero() {
				t.Errorf("the one that hangs: %+v", s[2])
			}
			if text := strings.Join(w.logged(), "\n"); strings.Contains(text, "canary") || !strings.Contains(text, "goroutine") {
				t.Errorf("the log: %s", text)
			}
		})
	})
}

// A branch that is pushed back to before a rename gives the agent its old name.
func TestPushedBack(t *testing.T) {
	h := line(t, definition("Old", "p"), definition("New", "p"))
	synctest.Test(t, func(t *testing.T) {
		o := newOrganization(t, simulator.Options{})
		w := &watch{}
		running(t, []serve.Config{config(t, "shop", h, o, "*/15 * * * *")}, w.options(), func(t *testing.T, d *serve.Daemon) {
			id := o.agent(t, "Old")["id"]
			for i, name := range []string{1: "New", 2: "Old", 3: "New"} {
				if i == 0 {
					continue
				}
				h.push(i % 2)
				pass(15 * time.Minute)
				if got := o.agent(t, name)["id"]; got != id || len(o.server.Agents()) != 1 {
					t.Fatalf("step %d: %s has the id %v, was %v", i, name, got, id)
				}
			}
			if text := strings.Join(w.logged(), "\n"); !strings.Contains(text, "main was put back from "+h.marks[1][:7]+" to "+h.marks[0][:7]) {
				t.Errorf("the log does not say so: %s", text)
			}
		})
	})
}

// Without a ref the remote's default branch is followed, also to another one, and
// the log says that it moved.
func TestDefaultBranchMoves(t *testing.T) {
	h := line(t, definition("A", "p"), definition("A", "q"))
	synctest.Test(t, func(t *testing.T) {
		o := newOrganization(t, simulator.Options{})
		w := &watch{}
		c := config(t, "shop", h, o, "*/15 * * * *")
		c.Ref = ""
		running(t, []serve.Config{c}, w.options(), func(t *testing.T, _ *serve.Daemon) {
			if got := o.agent(t, "A")["systemPrompt"]; got != "p" {
				t.Fatalf("A says %v", got)
			}
			for name, text := range map[string]string{"refs/heads/trunk": h.marks[1], "HEAD": "ref: refs/heads/trunk"} {
				if err := os.WriteFile(filepath.Join(h.folder, filepath.FromSlash(name)), []byte(text+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			pass(15 * time.Minute)
			if got := o.agent(t, "A")["systemPrompt"]; got != "q" {
				t.Errorf("after the default branch moved A says %v", got)
			}
			if text := strings.Join(w.logged(), "\n"); !strings.Contains(text, "the remote's default branch is trunk now, and was main") {
				t.Errorf("the log does not say so: %s", text)
			}
		})
	})
}

// Each thing that goes wrong with Git has its own message, and the last good
// commit is named with it.
func TestGitTroubles(t *testing.T) {
	h := line(t, definition("A", "p"), "name: A\nsystemPromt: q\n", definition("A", "r"))
	synctest.Test(t, func(t *testing.T) {
		o := newOrganization(t, simulator.Options{})
		w := &watch{}
		c := config(t, "shop", h, o, "*/15 * * * *")
		var lost atomic.Bool
		fetch := c.Remote
		c.Remote = func() (gitsrc.Remote, error) {
			if lost.Load() {
				return gitsrc.Remote{}, errors.New("--git-token-file: token is empty")
			}
			return fetch()
		}
		running(t, []serve.Config{c}, w.options(), func(t *testing.T, d *serve.Daemon) {
			good := h.marks[0][:7]
			for _, step := range []struct {
				name         string
				begin, end   func()
				outcome      serve.Outcome
				want, notice string
			}{
				{"a branch that is gone", func() { h.push(-1) }, func() { h.push(0) }, serve.OutcomeFailed, "main is gone from file://" + h.folder + "; it was at " + good + " last", "failed"},
				{"a remote that is gone", func() { move(t, h.folder, h.folder+".x") }, func() { move(t, h.folder+".x", h.folder) }, serve.OutcomeFailed, "not found", "failed"},
				{"a token that cannot be read", func() { lost.Store(true) }, func() { lost.Store(false) }, serve.OutcomeFailed, "token is empty", "failed"},
				{"definitions that do not parse", func() { h.push(1) }, func() { h.push(0) }, serve.OutcomeInvalid, "agents/a.yaml:2:1: systemPromt: is not a known key; did you mean systemPrompt?", "invalid"},
			} {
				w.ended()
				w.events()
				step.begin()
				pass(time.Hour)
				s := d.States()[0]
				if s.Runs[0].Outcome != step.outcome || !strings.Contains(s.Runs[0].Problem, step.want) || s.LastGood.Commit[:7] != good {
					t.Errorf("%s: %+v", step.name, s.Runs[0])
				}
				notices := w.told()
				if len(notices) != 1 || string(notices[0].Event) != step.notice || !strings.Contains(notices[0].Text, "of commit "+good) {
					t.Errorf("%s: %d notices", step.name, len(notices))
				}
				step.end()
				pass(time.Hour)
				if got := w.events(); !cmp.Equal(got, []string{"recovered"}) || o.agent(t, "A")["systemPrompt"] != "p" {
					t.Errorf("after %s: told %v", step.name, got)
				}
			}
			h.push(2)
			pass(15 * time.Minute)
			if o.agent(t, "A")["systemPrompt"] != "r" {
				t.Error("in the end A is not as Git says")
			}
		})
	})
}

func move(t testing.TB, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// A field that is changed back is told once and not fought, until Git changes it.
func TestContested(t *testing.T) {
	h := line(t, definition("A", "p"), definition("A", "q"))
	synctest.Test(t, func(t *testing.T) {
		o := newOrganization(t, simulator.Options{})
		w := &watch{}
		running(t, []serve.Config{config(t, "shop", h, o, "*/15 * * * *")}, w.options(), func(t *testing.T, d *serve.Daemon) {
			pass(15 * time.Minute)
			o.edit(t, "A", map[string]any{"systemPrompt": "theirs"})
			pass(15 * time.Minute)
			if got := w.events(); !cmp.Equal(got, []string{"drift"}) || o.agent(t, "A")["systemPrompt"] != "p" {
				t.Fatalf("somebody's edit: told %v", got)
			}
			o.edit(t, "A", map[string]any{"systemPrompt": "theirs"})
			o.server.ResetLog()
			pass(6 * time.Hour)
			for _, r := range o.server.Requests() {
				if r.Method != "GET" {
					t.Errorf("it was written again: %s %s", r.Method, r.Path)
				}
			}
			if got := w.events(); !cmp.Equal(got, []string{"contested"}) {
				t.Errorf("told: %v", got)
			}
			h.push(1)
			pass(15 * time.Minute)
			if o.agent(t, "A")["systemPrompt"] != "q" {
				t.Error("Git changed it, and it was not written")
			}
			if got := w.events(); !cmp.Equal(got, []string{"recovered", "drift"}) {
				t.Errorf("when it is over: told %v", got)
			}
		})
	})
}

// Mode plan writes nothing, and tells each difference once.
func TestModePlan(t *testing.T) {
	h := line(t, definition("A", "p"), definition("A", "q"))
	synctest.Test(t, func(t *testing.T) {
		o := newOrganization(t, simulator.Options{})
		o.server.AddAgent(map[string]any{"name": "A", "systemPrompt": "p"})
		w := &watch{}
		c := config(t, "shop", h, o, "*/15 * * * *")
		c.Mode = serve.ModePlan
		running(t, []serve.Config{c}, w.options(), func(t *testing.T, d *serve.Daemon) {
			pass(time.Hour)
			h.push(1)
			pass(25 * time.Hour)
			if got := w.events(); !cmp.Equal(got, []string{"drift", "drift"}) {
				t.Errorf("told: %v, want once and a reminder after a day", got)
			}
			h.push(0)
			pass(time.Hour)
			if got := w.events(); !cmp.Equal(got, []string{"recovered"}) {
				t.Errorf("told at the end: %v", got)
			}
			for _, r := range o.server.Requests() {
				if r.Method != "GET" {
					t.Errorf("%s %s", r.Method, r.Path)
				}
			}
			if s := d.States()[0]; s.Plan == nil || s.Report != nil || s.Runs[0].Outcome != serve.OutcomeInSync {
				t.Errorf("known: %+v", s)
			}
		})
	})
}

// A quiet day is a line in the log.
func TestQuietDays(t *testing.T) {
	h := line(t, definition("A", "p"))
	synctest.Test(t, func(t *testing.T) {
		w := &watch{}
		running(t, []serve.Config{config(t, "shop", h, newOrganization(t, simulator.Options{}), "*/15 * * * *")}, w.options(), func(t *testing.T, d *serve.Daemon) {
			w.logged()
			for range 3 {
				pass(24 * time.Hour)
				if got := w.logged(); len(got) != 1 || !strings.Contains(got[0], "runs=96 applied=0 notGood=0") {
					t.Errorf("a day: %q", got)
				}
			}
			if got := w.events(); len(got) > 0 {
				t.Errorf("told: %v", got)
			}
		})
	})
}

// A clock that jumps neither piles runs up nor lets the target wait for what is
// long past.
func TestClockJumps(t *testing.T) {
	h := line(t, definition("A", "p"))
	synctest.Test(t, func(t *testing.T) {
		w := &watch{}
		var jump atomic.Int64
		o := w.options()
		o.Now = func() time.Time { return time.Now().Round(0).Add(time.Duration(jump.Load())) }
		running(t, []serve.Config{config(t, "shop", h, newOrganization(t, simulator.Options{}), "*/15 * * * *")}, o, func(t *testing.T, d *serve.Daemon) {
			w.ended()
			pass(5 * time.Minute)
			jump.Store(int64(3 * time.Hour))
			pass(2 * time.Minute)
			if n := len(w.ended()); n != 1 {
				t.Errorf("%d runs when the clock was put on by hours", n)
			}
			jump.Store(int64(-9 * time.Hour))
			pass(31 * time.Minute)
			if n := len(w.ended()); n != 2 {
				t.Errorf("%d runs in half an hour after the clock was put back", n)
			}
			for _, r := range d.States()[0].Runs {
				if r.Ended.Before(r.Started) {
					t.Errorf("a run of negative length: %+v", r)
				}
			}
		})
	})
}

// New settings hold from the next run on; what is not named any more ends.
func TestReload(t *testing.T) {
	h := line(t, definition("A", "p"))
	synctest.Test(t, func(t *testing.T) {
		w := &watch{}
		one, two, three := newOrganization(t, simulator.Options{}), newOrganization(t, simulator.Options{}), newOrganization(t, simulator.Options{})
		a, b := config(t, "a", h, one, "@every 24h"), config(t, "b", h, two, "@every 24h")
		running(t, []serve.Config{a, b}, w.options(), func(t *testing.T, d *serve.Daemon) {
			w.ended()
			one.server.Fault(simulator.Fault{Delay: 30 * time.Second, Times: 1, Nth: 1})
			d.Ask("a", serve.TriggerHook)
			pass(10 * time.Second) // a run of a is under way
			a.Mode = serve.ModePlan
			if err := d.Reload([]serve.Config{a, config(t, "c", h, three, "@every 24h")}); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if s := d.States(); len(s) != 2 || s[0].Running.IsZero() || s[0].Mode != serve.ModeApply || s[1].Name != "c" || len(s[1].Runs) != 1 {
				t.Errorf("while the run goes on: %+v", s)
			}
			pass(time.Minute)
			if got := outcomes(w.ended()); !cmp.Equal(got, []string{"start applied", "hook in-sync", "reload in-sync"}) {
				t.Errorf("runs: %v", got)
			}
			if s := d.States(); s[0].Mode != serve.ModePlan {
				t.Errorf("after it: %+v", s)
			}
			if d.Ask("b", serve.TriggerHook) || d.Reload(nil) == nil || d.Reload([]serve.Config{a, a}) == nil {
				t.Error("b is still there, or settings without sense are taken over")
			}
		})
	})
}

// A target that is taken out of the settings and put back while it runs is the same
// one: two of them would be two writers.
func TestReloadBackAndForth(t *testing.T) {
	h := line(t, definition("A", "p"))
	synctest.Test(t, func(t *testing.T) {
		w := &watch{}
		one := newOrganization(t, simulator.Options{})
		a, b := config(t, "a", h, one, "@every 24h"), config(t, "b", h, newOrganization(t, simulator.Options{}), "@every 24h")
		one.server.Fault(simulator.Fault{Delay: 30 * time.Second, Times: 1, Nth: 1})
		var runs atomic.Int64
		connect := a.Connect
		a.Connect = func(ctx context.Context, s *spec.Settings) (*serve.Connection, error) {
			runs.Add(1)
			return connect(ctx, s)
		}
		running(t, []serve.Config{a, b}, w.options(), func(t *testing.T, d *serve.Daemon) {
			pass(5 * time.Second) // the first run of a is under way
			for _, settings := range [][]serve.Config{{b}, {a, b}, {b}, {a, b}} {
				if err := d.Reload(settings); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
			}
			if s := d.States()[0]; s.Name != "a" || s.Running.IsZero() || len(s.Runs) != 0 {
				t.Errorf("while its run goes on: %+v", s)
			}
			if n := runs.Load(); n != 1 {
				t.Errorf("%d runs: another one runs beside it", n)
			}
			pass(time.Minute)
			var got []string
			for _, r := range d.States()[0].Runs {
				got = append(got, string(r.Trigger)+" "+string(r.Outcome))
			}
			if d := cmp.Diff([]string{"reload in-sync", "start applied"}, got); d != "" {
				t.Errorf("runs of a (-want +got):\n%s", d)
			}
			// One whose loop has ended begins anew.
			for _, settings := range [][]serve.Config{{b}, {a, b}} {
				if err := d.Reload(settings); err != nil {
					t.Fatal(err)
				}
				pass(time.Minute)
			}
			if s := d.States()[0]; len(s.Runs) != 1 || s.Runs[0].Trigger != serve.TriggerStart {
				t.Errorf("put back after its end: %+v", s.Runs)
			}
		})
	})
}

// Another ref in the settings is no branch that was pushed by force.
func TestReloadOfTheRef(t *testing.T) {
	h := newHistory(t, []snapshot{
		{at: epoch.Add(-2 * time.Hour), parent: -1, files: map[string]string{"agents/a.yaml": definition("A", "p")}},
		{at: epoch.Add(-time.Hour), parent: -1, files: map[string]string{"agents/a.yaml": definition("A", "q")}},
	})
	h.push(0)
	if err := os.WriteFile(filepath.Join(h.folder, "refs", "heads", "next"), []byte(h.marks[1]+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		w := &watch{}
		o := newOrganization(t, simulator.Options{})
		c := config(t, "shop", h, o, "@every 24h")
		running(t, []serve.Config{c}, w.options(), func(t *testing.T, d *serve.Daemon) {
			c.Ref = "next"
			if err := d.Reload([]serve.Config{c}); err != nil {
				t.Fatal(err)
			}
			pass(time.Minute)
			if text := strings.Join(w.logged(), "\n"); strings.Contains(text, "by force") || o.agent(t, "A")["systemPrompt"] != "q" {
				t.Errorf("the log says: %s", text)
			}
			h.push(1)
			c.Ref = "main"
			if err := d.Reload([]serve.Config{c}); err != nil {
				t.Fatal(err)
			}
			pass(time.Minute)
			h.push(0)
			d.Ask("shop", serve.TriggerHook)
			pass(time.Minute)
			if text := strings.Join(w.logged(), "\n"); !strings.Contains(text, "main was pushed by force: "+h.marks[1][:7]) {
				t.Errorf("a push by force is not told: %s", text)
			}
		})
	})
}

// A run that takes longer than its schedule is not overlapped, and those that it
// missed are not made up for.
func TestLongRun(t *testing.T) {
	h := line(t, definition("A", "p"))
	synctest.Test(t, func(t *testing.T) {
		w := &watch{}
		c := config(t, "shop", h, newOrganization(t, simulator.Options{}), "*/15 * * * *")
		connect := c.Connect
		var at, most atomic.Int64
		first := true
		c.Connect = func(ctx context.Context, s *spec.Settings) (*serve.Connection, error) {
			most.Store(max(most.Load(), at.Add(1)))
			defer at.Add(-1)
			if first {
				first = false
				time.Sleep(50 * time.Minute)
			}
			return connect(ctx, s)
		}
		running(t, []serve.Config{c}, w.options(), func(t *testing.T, _ *serve.Daemon) {
			pass(61 * time.Minute)
			var started []string
			for _, r := range w.ended() {
				started = append(started, r.Started.Format("15:04 ")+string(r.Trigger))
			}
			if d := cmp.Diff([]string{"00:00 start", "01:00 schedule"}, started); d != "" || most.Load() != 1 {
				t.Errorf("%d at once (-want +got):\n%s", most.Load(), d)
			}
		})
	})
}

// One round gives each target's outcome, and tells it.
func TestOnce(t *testing.T) {
	h := line(t, definition("A", "p"))
	synctest.Test(t, func(t *testing.T) {
		w := &watch{}
		down := newOrganization(t, simulator.Options{})
		down.server.Fault(simulator.Fault{Kind: simulator.Status, Code: 403, Times: -1})
		refused := config(t, "refused", h, newOrganization(t, simulator.Options{}), "@every 1h")
		connect := refused.Connect
		refused.Connect = func(ctx context.Context, s *spec.Settings) (*serve.Connection, error) {
			c, err := connect(ctx, s)
			c.Options.Expect = []string{}
			return c, err
		}
		d, err := serve.New([]serve.Config{config(t, "well", h, newOrganization(t, simulator.Options{}), "@every 1h"), config(t, "down", h, down, "@every 1h"), refused}, w.options())
		if err != nil {
			t.Fatal(err)
		}
		results := d.Once(t.Context())
		if results[0].Err != nil || results[0].Run.Outcome != serve.OutcomeApplied || results[1].Run.Outcome != serve.OutcomeFailed || results[1].Err == nil || results[2].Run.Outcome != serve.OutcomeRefused || !errors.Is(results[2].Err, sync.ErrRefused) {
			t.Errorf("%+v", results)
		}
		if n := len(w.events()); n != 2 {
			t.Errorf("%d notices", n)
		}
	})
}

// Being told to stop in the middle of an apply finishes the request under way and
// nothing more, and the next start goes on from there.
func TestStopDuringApply(t *testing.T) {
	h := line(t, definition("A", "p")+"---\n"+definition("B", "p")+"---\n"+definition("C", "p"))
	synctest.Test(t, func(t *testing.T) {
		o := newOrganization(t, simulator.Options{})
		w := &watch{}
		c := config(t, "shop", h, o, "*/15 * * * *")
		o.server.Fault(simulator.Fault{Method: "PATCH", DelayAnswer: 3 * time.Second, Times: 1, Nth: 1})
		d, err := serve.New([]serve.Config{c}, w.options())
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- d.Run(ctx) }()
		pass(time.Second) // the first PATCH is under way
		start := time.Now()
		stop()
		if err := <-ended; err != nil || time.Since(start) > 5*time.Second {
			t.Errorf("it ended after %v with %v", time.Since(start), err)
		}
		s := d.States()[0]
		if got := s.Runs[0]; got.Outcome.Good() || len(s.Runs) != 1 || s.Report == nil || s.Report.Count(sync.Applied) == 0 {
			t.Errorf("reported: %+v", got)
		}
		if got := w.events(); len(got) > 0 {
			t.Errorf("told %v of being told to stop", got)
		}
		running(t, []serve.Config{c}, w.options(), func(*testing.T, *serve.Daemon) {})
		for _, name := range []string{"A", "B", "C"} {
			if o.agent(t, name)["systemPrompt"] != "p" {
				t.Errorf("%s is not as Git says", name)
			}
		}
	})
}
