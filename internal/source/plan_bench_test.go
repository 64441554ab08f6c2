//go:build unix

package source_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/metrics"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"wassist-sync/internal/gitsrc"
	"wassist-sync/internal/remote"
	"wassist-sync/internal/source"
	"wassist-sync/sync"
	"wassist-sync/wassist"
	"wassist-sync/wassist/simulator"
)

// large is a repository of many definitions and commits, with an organization
// in which each definition has its agent, just as it is defined.
type large struct {
	folder      string
	definitions int
	commits     int
	every       int         // one commit in so many changes a definition
	versions    map[int]int // of each definition that was changed, at the tip
	server      *simulator.Server
}

func newLarge(t testing.TB, commits, definitions, every, foreign int) *large {
	t.Helper()
	l := &large{folder: t.TempDir(), definitions: definitions, every: every, versions: map[int]int{}}
	l.git(t, "", "init", "-q", "-b", "main", ".")
	l.commit(t, commits)
	server, err := simulator.New(simulator.Options{Empty: true, RateLimit: -1})
	if err != nil {
		t.Fatal(err)
	}
	for n := range definitions {
		server.AddAgent(l.fields(n, l.versions[n]))
	}
	for n := range foreign {
		fields := l.fields(definitions+n, 0)
		fields["name"] = fmt.Sprintf("Made by hand %d", n)
		server.AddAgent(fields)
	}
	l.server = server
	return l
}

// git runs the git command in the repository, away from the user's settings.
func (l *large) git(t testing.TB, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = l.folder
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	cmd.Stdin = strings.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, stderr.String())
	}
	return strings.TrimSpace(string(out))
}

// fields are what the agent of a definition stores.
func (l *large) fields(n, version int) map[string]any {
	return map[string]any{
		"name":         fmt.Sprintf("Agent %d", n),
		"description":  fmt.Sprintf("Answers questions about orders of region %d, version %d", n, version),
		"systemPrompt": strings.TrimSuffix(strings.Repeat(fmt.Sprintf("You answer customers of region %d kindly and in short sentences.\n", n), 10), "\n"),
		"firstMessage": "Hello! What can I do for you?",
		"icebreakers":  []string{"Where is my order", "Talk to a person"},
		"llmModel":     "openai/gpt-5.4-mini",
	}
}

func (l *large) text(n, version int) string {
	f := l.fields(n, version)
	return fmt.Sprintf("name: %s\ndescription: %s\nsystemPrompt: |\n  %s\nfirstMessage: %s\nicebreakers:\n  - Where is my order\n  - Talk to a person\nllmModel: %s\n",
		f["name"], f["description"], strings.ReplaceAll(f["systemPrompt"].(string), "\n", "\n  "), f["firstMessage"], f["llmModel"])
}

// commit adds commits. The first one of all brings the definitions.
func (l *large) commit(t testing.TB, more int) {
	t.Helper()
	var in strings.Builder
	file := func(name, text string) { fmt.Fprintf(&in, "M 100644 inline %s\ndata %d\n%s\n", name, len(text), text) }
	for i := range more {
		c := l.commits
		l.commits++
		fmt.Fprintf(&in, "commit refs/heads/main\ncommitter A <a@example.com> %d +0000\ndata 1\n.\n", 1_700_000_000+60*c)
		if i == 0 && c > 0 {
			in.WriteString("from refs/heads/main^0\n")
		}
		switch n := c * 7919 % l.definitions; {
		case c == 0:
			for n := range l.definitions {
				file(fmt.Sprintf("agents/agent-%04d.yaml", n), l.text(n, 0))
			}
		case c%l.every == 0:
			l.versions[n] = c
			file(fmt.Sprintf("agents/agent-%04d.yaml", n), l.text(n, c))
		default:
			file(fmt.Sprintf("src/file%d.txt", c%97), fmt.Sprint(c))
		}
	}
	l.git(t, in.String(), "-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", "--force")
}

// settle brings the agents to what the tip says, as an apply does.
func (l *large) settle(t testing.TB) {
	t.Helper()
	for _, a := range l.server.Agents() {
		var n int
		if _, err := fmt.Sscanf(a["name"].(string), "Agent %d", &n); err != nil {
			continue
		}
		if want := l.fields(n, l.versions[n])["description"]; a["description"] != want {
			if err := l.server.EditAgent(a["id"].(string), map[string]any{"description": want}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func (l *large) open(t testing.TB) *gitsrc.Repository {
	t.Helper()
	r, err := gitsrc.Open(l.folder)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// reading measures what a plan's history costs.
type reading struct {
	sync.History
	asked bool
	spent time.Duration
}

func (r *reading) Read(ctx context.Context) error {
	before := cpu()
	defer func() { r.spent += cpu() - before }()
	r.asked = true
	return r.History.Read(ctx)
}

// plan makes the plan of main.
func (l *large) plan(t testing.TB, r *gitsrc.Repository) (*sync.Plan, *reading) {
	t.Helper()
	opened, err := source.At(t.Context(), r, "main", "agents", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	client, err := wassist.New("key", wassist.WithHTTPClient(&http.Client{Transport: l.server.RoundTripper()}), wassist.WithRate(1_000_000, time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	history := &reading{History: opened.History}
	options := sync.Options{Source: opened.Source, History: history, Notes: opened.Notes, Host: "wassist.example"}
	plan, err := (&sync.Planner{Reader: remote.New(client), Options: options}).Plan(t.Context(), opened.Set)
	if err != nil {
		t.Fatal(err)
	}
	return plan, history
}

// cpu is what the process has spent so far, garbage collection included.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // it cannot fail for the process itself
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// watch samples the memory in use until it is stopped, and gives the most.
func watch() (stop func() uint64) {
	done, most := make(chan struct{}), make(chan uint64)
	go func() {
		var peak uint64
		samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
		for {
			metrics.Read(samples)
			peak = max(peak, samples[0].Value.Uint64()-samples[1].Value.Uint64())
			select {
			case <-done:
				most <- peak
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	}()
	return func() uint64 {
		close(done)
		return <-most
	}
}

// BenchmarkPlan makes whole plans that find nothing to do: definitions at a
// commit, all agents over the simulator's transport, history where there is
// something to prove. cpu-s/op is what the process spent, history-cpu-s/op the
// reading of history in it; MiB is the most memory in use, the simulator's included.
func BenchmarkPlan(b *testing.B) {
	const commits, definitions = 10_000, 1_000
	for _, test := range []struct {
		name           string
		every, foreign int
		warm           bool // one commit after a plan of the same process
	}{
		{"foreign=0/touched=1in5", 5, 0, false},
		{"foreign=50/touched=1in5", 5, 50, false},
		{"foreign=50/touched=1in1", 1, 50, false},
		{"foreign=50/touched=1in1/second", 1, 50, true},
	} {
		b.Run(fmt.Sprintf("commits=%d/definitions=%d/%s", commits, definitions, test.name), func(b *testing.B) {
			l := newLarge(b, commits, definitions, test.every, test.foreign)
			r := l.open(b)
			if test.warm {
				l.plan(b, r)
			}
			var spent, history time.Duration
			var most uint64
			for b.Loop() {
				b.StopTimer()
				if test.warm {
					l.commit(b, 1)
					l.settle(b)
				} else {
					if err := r.Close(); err != nil {
						b.Fatal(err)
					}
					r = l.open(b)
				}
				stop, before := watch(), cpu()
				b.StartTimer()
				plan, read := l.plan(b, r)
				b.StopTimer()
				spent, history, most = spent+cpu()-before, history+read.spent, max(most, stop())
				if !plan.Empty() || plan.Unchanged != definitions || len(plan.Unmanaged) != test.foreign || read.asked != (test.foreign > 0) {
					b.Fatalf("%+v, history read: %t", plan.Summary(), read.asked)
				}
				b.StartTimer()
			}
			b.ReportMetric(spent.Seconds()/float64(b.N), "cpu-s/op")
			b.ReportMetric(history.Seconds()/float64(b.N), "history-cpu-s/op")
			b.ReportMetric(float64(most)/(1<<20), "MiB")
			if err := r.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// TestNothingToProveOpensNoHistory plans in a clone that lacks every commit but
// the last: with nothing to prove nobody notices, and one foreign agent shows it.
func TestNothingToProveOpensNoHistory(t *testing.T) {
	l := newLarge(t, 20, 5, 1, 0)
	l.keepLastCommit(t)
	r := l.open(t)
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	plan, history := l.plan(t, r)
	if !plan.Empty() || plan.Unchanged != 5 || len(plan.Notes) > 0 || history.asked {
		t.Errorf("plan %+v, notes %q, history read: %t", plan.Summary(), plan.Notes, history.asked)
	}
	l.server.AddAgent(map[string]any{"name": "Made by hand"})
	plan, history = l.plan(t, r)
	cutOff := func(note string) bool { return strings.Contains(note, "the clone leaves the rest out") }
	if !history.asked || !slices.ContainsFunc(plan.Notes, cutOff) {
		t.Errorf("the history was read: %t, and is not cut off: %q", history.asked, plan.Notes)
	}
}

// keepLastCommit removes every object but those of the last commit.
func (l *large) keepLastCommit(t testing.TB) {
	t.Helper()
	packs, err := filepath.Glob(filepath.Join(l.folder, ".git", "objects", "pack", "*"))
	if err != nil || len(packs) == 0 {
		t.Fatal(packs, err)
	}
	objects := l.git(t, "", "rev-parse", "main", "main^{tree}") + "\n" + l.git(t, "", "ls-tree", "-r", "-t", "--format=%(objectname)", "main") + "\n"
	l.git(t, objects, "pack-objects", "-q", ".git/objects/pack/pack")
	for _, name := range packs {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
}
