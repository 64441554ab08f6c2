//go:build unix

package source_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"testing"
)

// BenchmarkScale makes plans that find nothing to do for 100 to 50,000
// definitions with prompts of 5 kB and 10 tools each, and reads the same bytes
// for comparison.
//
// input-MiB is their size. cpu-s/op is what the process spent in user and system
// time, garbage collection included; of=plan less of=reading is what the plan
// adds, of=plan-in-git the same in a work tree, whose files are compared with HEAD's.
// MiB is the most memory in use. ms/agent is cpu-s/op by agent.
func BenchmarkScale(b *testing.B) {
	for _, agents := range []int{100, 1_000, 10_000, 50_000} {
		var o *population
		world := func(b *testing.B) {
			if o == nil {
				o = newPopulation(b, agents, size{prompt: 5_000, tools: 10})
			}
		}
		b.Run(fmt.Sprintf("agents=%d", agents), func(b *testing.B) {
			world(b)
			b.Run("of=reading", func(b *testing.B) { o.measure(b, func(b *testing.B) any { return o.read(b) }) })
			b.Run("of=plan", func(b *testing.B) {
				o.measure(b, func(b *testing.B) any {
					plan, set := o.plan(b)
					return []any{plan, set}
				})
				b.ReportMetric(float64(len(o.requests)), "requests/op")
			})
			b.Run("of=plan-in-git", func(b *testing.B) {
				o.commit(b)
				o.measure(b, func(b *testing.B) any {
					plan, set := o.plan(b)
					return []any{plan, set}
				})
			})
		})
	}
}

// measure runs what keeps what it returns.
func (o *population) measure(b *testing.B, run func(*testing.B) any) {
	b.ReportAllocs()
	var spent float64
	var most uint64
	for b.Loop() {
		b.StopTimer()
		debug.FreeOSMemory() // of the run before
		stop, before := watch(), cpu()
		b.StartTimer()
		kept := run(b)
		b.StopTimer()
		spent += (cpu() - before).Seconds()
		most = max(most, stop())
		runtime.KeepAlive(kept)
		b.StartTimer()
	}
	spent /= float64(b.N)
	b.ReportMetric(spent, "cpu-s/op")
	b.ReportMetric(1000*spent/float64(o.agents), "ms/agent")
	b.ReportMetric(float64(most)/(1<<20), "MiB")
	b.ReportMetric(float64(o.yaml+o.json)/(1<<20), "input-MiB")
}

// commit puts the folder into a repository, if it is not in one.
func (o *population) commit(b *testing.B) {
	b.Helper()
	if _, err := os.Stat(filepath.Join(o.folder, ".git")); err == nil {
		return
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-q", "-m", "."}} {
		cmd := exec.CommandContext(b.Context(), "git", append([]string{"-C", o.folder}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
}
