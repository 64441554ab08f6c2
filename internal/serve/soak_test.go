package serve_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	gosync "sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"wassist-sync/internal/gitsrc"
	"wassist-sync/internal/serve"
	"wassist-sync/wassist/simulator"
)

// soak is a month of somebody's life with serve.
type soak struct {
	*testing.T
	days    int
	random  *rand.Rand
	history *history
	org     *organization
	watch   *watch
	texts   []map[string]string // what each commit says, prompts by agent
	deletes map[int]bool        // the commits that take a definition away
	head    int                 // the commit that main names
	newest  int                 // the newest commit there is
	hidden  bool                // main is gone, or elsewhere, for the night
	expired atomic.Bool         // the token
	jump    atomic.Int64        // of the wall clock, a time.Duration
	config  serve.Config
	stop    context.CancelFunc
	ended   chan error
	daemon  *serve.Daemon
}

const (
	commitEvery = 40 * time.Minute
	eventEvery  = 7 * time.Minute
)

// plot makes what Git will say: prompts change, agents come and go and are
// renamed, and now and then a commit does not parse, which the next one mends.
func (s *soak) plot() []snapshot {
	agents := map[string]string{}
	for i := range 8 {
		agents[fmt.Sprintf("Agent %d", i)] = "first"
	}
	named := len(agents)
	var out []snapshot
	add := func(at time.Time, broken bool) {
		files := map[string]string{}
		for name, prompt := range agents {
			files["agents/"+strings.ReplaceAll(name, " ", "-")+".yaml"] = definition(name, prompt)
		}
		if broken {
			files["agents/broken.yaml"] = "name: [\n"
		}
		out = append(out, snapshot{at: at, parent: len(out) - 1, files: files})
		s.texts = append(s.texts, maps.Clone(agents))
	}
	add(epoch.Add(-time.Hour), false)
	end := time.Duration(s.days) * 24 * time.Hour
	for at := commitEvery; at < end; at += commitEvery {
		names := slices.Sorted(maps.Keys(agents))
		name := names[s.random.IntN(len(names))]
		switch dice := s.random.IntN(100); {
		case dice < 5 && len(agents) > 6:
			delete(agents, name)
			s.deletes[len(out)] = true
		case dice < 10 && len(agents) < 11:
			agents[fmt.Sprintf("Agent %d", named)] = "new"
			named++
		case dice < 15:
			agents[fmt.Sprintf("Agent %d", named)] = agents[name]
			delete(agents, name)
			named++
		default:
			agents[name] = fmt.Sprintf("prompt of %v", at)
		}
		add(epoch.Add(at), s.random.IntN(60) == 0 && at+commitEvery < end)
	}
	// The last commit changes every agent: what was held is let go.
	for name := range agents {
		agents[name] = "last"
	}
	add(epoch.Add(end), false)
	return out
}

// start starts the daemon, as the machine's supervisor does.
func (s *soak) start() {
	s.Helper()
	o := s.watch.options()
	o.Now = func() time.Time { return time.Now().Round(0).Add(time.Duration(s.jump.Load())) }
	var err error
	if s.daemon, err = serve.New([]serve.Config{s.config}, o); err != nil {
		s.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop, s.ended = stop, make(chan error, 1)
	go func() { s.ended <- s.daemon.Run(ctx) }()
}

func (s *soak) restart() {
	s.Helper()
	s.stop()
	if err := <-s.ended; err != nil {
		s.Errorf("it ended with %v", err)
	}
	s.start()
}

// push moves main to the newest commit of the time, if main is to be seen.
func (s *soak) push() {
	s.newest = min(int(time.Since(epoch)/commitEvery), len(s.texts)-2)
	if !s.hidden {
		s.head = s.newest
		s.history.push(s.head)
	}
}

// somebody edits an agent on Wassist: a managed one, or one that is not ours.
func (s *soak) somebody() {
	agents := s.org.server.Agents()
	a := agents[s.random.IntN(len(agents))]
	name, _ := a["name"].(string)
	if strings.HasPrefix(name, "Foreign") {
		return
	}
	id, _ := a["id"].(string)
	if err := s.org.server.EditAgent(id, map[string]any{"systemPrompt": fmt.Sprintf("edited at %v", time.Since(epoch))}); err != nil {
		s.Fatal(err)
	}
}

// rollBack puts main back by some commits, over renames and new agents. An agent
// that is made anew by going back before its removal is younger than that, and
// going forward again cannot prove that it may be deleted: it would stay.
func (s *soak) rollBack() {
	s.hidden = true
	for range 12 {
		if s.head == 0 || s.deletes[s.head] {
			break
		}
		s.head--
	}
	s.history.push(s.head)
}

// night is something that goes wrong, from when it begins to when it is over.
type night struct {
	name       string
	begin, end func(s *soak)
}

func fault(f simulator.Fault) func(*soak) {
	return func(s *soak) { s.org.server.Fault(f) }
}

func heal(s *soak) { s.org.server.ClearFaults() }

// some gives a fault to one request in n. Requests come from other goroutines, so
// the fault has dice of its own.
func (s *soak) some(n int, f simulator.Fault) {
	var lock gosync.Mutex
	dice := rand.New(rand.NewPCG(s.random.Uint64(), 3))
	f.Match = func(*http.Request) bool {
		lock.Lock()
		defer lock.Unlock()
		return dice.IntN(n) == 0
	}
	f.Times = -1
	s.org.server.Fault(f)
}

// packs are those of the clone.
func (s *soak) packs() []string {
	found, err := filepath.Glob(filepath.Join(s.config.CacheDir, "*.git", "objects", "pack", "*.pack"))
	if err != nil || len(found) == 0 {
		s.Fatalf("no packs in %s: %v", s.config.CacheDir, err)
	}
	return found
}

// harm replaces a pack, which may be a link to the origin's, by a damaged one.
func (s *soak) harm(damage func([]byte) []byte) {
	for _, name := range s.packs() {
		text, err := os.ReadFile(name)
		if err == nil {
			err = errors.Join(os.Remove(name), os.WriteFile(name, damage(text), 0o600))
		}
		if err != nil {
			s.Fatal(err)
		}
	}
}

var nights = []night{
	{"Wassist is down", fault(simulator.Fault{Kind: simulator.Status, Code: 503, Times: -1}), heal},
	{"Wassist shows a page of its proxy", fault(simulator.Fault{Kind: simulator.HTML, Times: -1}), heal},
	{"Wassist does not answer", fault(simulator.Fault{Kind: simulator.Hang, Times: -1}), heal},
	{"answers are lost", func(s *soak) { s.some(3, simulator.Fault{Kind: simulator.DropAfter}) }, heal},
	{"answers are cut", func(s *soak) { s.some(3, simulator.Fault{Kind: simulator.TruncateBody}) }, heal},
	{"writes fail after they took effect", func(s *soak) { s.some(2, simulator.Fault{Kind: simulator.StatusAfter, Code: 502}) }, heal},
	{"somebody else uses the key", func(s *soak) { s.some(2, simulator.Fault{Kind: simulator.RateLimit, Wait: 20 * time.Second}) }, heal},
	{"the key is refused", fault(simulator.Fault{Kind: simulator.Status, Code: 401, Times: -1}), heal},
	{"the remote is gone", func(s *soak) { s.hidden = true; move(s, s.history.folder, s.history.folder+".x") }, func(s *soak) { s.hidden = false; move(s, s.history.folder+".x", s.history.folder) }},
	{"the token has expired", func(s *soak) { s.expired.Store(true) }, func(s *soak) { s.expired.Store(false) }},
	{"the branch is gone", func(s *soak) { s.hidden = true; s.history.push(-1) }, func(s *soak) { s.hidden = false }},
	{"the branch was rolled back", (*soak).rollBack, func(s *soak) { s.hidden = false }},
	{"the clone is cut off", func(s *soak) { s.harm(func(b []byte) []byte { return b[:len(b)/2] }) }, func(*soak) {}},
	{"the clone is damaged inside", func(s *soak) {
		s.harm(func(b []byte) []byte {
			for i := 100; i < len(b)-100; i++ {
				b[i] ^= 0x55
			}
			return b
		})
	}, func(*soak) {}},
	{"the cache folder cannot be written", func(s *soak) {
		move(s, s.config.CacheDir, s.config.CacheDir+".x")
		if err := os.WriteFile(s.config.CacheDir, nil, 0o600); err != nil {
			s.Fatal(err)
		}
	}, func(s *soak) {
		if err := os.Remove(s.config.CacheDir); err != nil {
			s.Fatal(err)
		}
		move(s, s.config.CacheDir+".x", s.config.CacheDir)
	}},
	{"the clock is put on", func(s *soak) { s.jump.Add(int64(3 * time.Hour)) }, func(*soak) {}},
	{"the clock is put back", func(s *soak) { s.jump.Add(-int64(5 * time.Hour)) }, func(*soak) {}},
	{"the process is stopped again and again", func(s *soak) {
		for range 5 {
			s.some(4, simulator.Fault{DelayAnswer: 4 * time.Second})
			time.Sleep(7 * time.Minute)
			s.restart()
		}
	}, heal},
}

// A month with a commit or an edit every few minutes and something wrong each
// night ends with what Git says, and costs no more at its end than in its middle.
func TestSoak(t *testing.T) {
	days := soakDays
	if testing.Short() {
		days = 3
	}
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	s := &soak{T: t, days: days, random: rand.New(rand.NewPCG(1, 2)), watch: &watch{}, deletes: map[int]bool{}}
	s.history = newHistory(t, s.plot())
	s.history.push(0)
	cache := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s.T = t
		s.org = newOrganization(t, simulator.Options{Seed: 7})
		foreign := map[string]map[string]any{}
		for i := range 3 {
			name := fmt.Sprintf("Foreign %d", i)
			id := s.org.server.AddAgent(map[string]any{"name": name, "systemPrompt": "theirs"})
			foreign[name] = s.org.server.Agent(id)
		}
		s.config = config(t, "shop", s.history, s.org, "*/30 * * * *")
		s.config.CacheDir = cache
		fetch := s.config.Remote
		s.config.Remote = func() (gitsrc.Remote, error) {
			if s.expired.Load() {
				return gitsrc.Remote{}, errors.New("the token has expired")
			}
			return fetch()
		}
		s.start()
		defer func() { s.stop() }()
		var memory []uint64
		runs, lines := 0, 0
		for day := range days {
			what := nights[day%len(nights)]
			begun, over := false, false
			for at := epoch.Add(time.Duration(day) * 24 * time.Hour); at.Before(epoch.Add(time.Duration(day+1) * 24 * time.Hour)); at = at.Add(eventEvery) {
				time.Sleep(time.Until(at))
				synctest.Wait()
				hour := at.Sub(epoch).Hours() - float64(24*day)
				if hour >= 2 && !begun {
					begun = true
					what.begin(s)
				}
				if hour >= 5 && !over {
					over = true
					what.end(s)
				}
				s.push()
				if s.random.IntN(3) > 0 {
					s.somebody()
				}
				if s.random.IntN(8) == 0 {
					s.daemon.Ask("shop", serve.TriggerHook)
				}
			}
			var after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&after)
			memory = append(memory, after.HeapAlloc)
			runs += len(s.watch.ended())
			said := s.watch.logged()
			lines += len(said)
			if len(said) > 800 {
				t.Errorf("day %d, on which %s: %d lines in the log", day, what.name, len(said))
			}
			if n := len(s.watch.events()); n > 150 {
				t.Errorf("day %d, on which %s: %d notices", day, what.name, n)
			}
			s.org.server.ResetLog()
		}
		s.history.push(len(s.texts) - 1)
		time.Sleep(61 * time.Minute)
		synctest.Wait()
		s.stop()
		if err := <-s.ended; err != nil {
			t.Errorf("it ended with %v", err)
		}
		want := maps.Clone(s.texts[len(s.texts)-1])
		got := map[string]string{}
		for _, a := range s.org.server.Agents() {
			name, _ := a["name"].(string)
			if theirs := foreign[name]; theirs != nil {
				if d := cmp.Diff(theirs, a); d != "" {
					t.Errorf("%s was touched (-want +got):\n%s", name, d)
				}
				delete(foreign, name)
				continue
			}
			if _, twice := got[name]; twice {
				t.Errorf("%s is there twice", name)
			}
			got[name], _ = a["systemPrompt"].(string)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("in the end Wassist is not as Git says (-want +got):\n%s", d)
		}
		if len(foreign) > 0 {
			t.Errorf("gone, and not ours: %v", slices.Sorted(maps.Keys(foreign)))
		}
		half, end := memory[len(memory)/2], memory[len(memory)-1]
		t.Logf("%d days: %d runs, %d lines, %d commits; %d KiB in use in the middle, %d KiB at the end", days, runs, lines, len(s.texts), half>>10, end>>10)
		if end > half+half/2+(4<<20) {
			t.Errorf("memory grows: %v", memory)
		}
	})
}
