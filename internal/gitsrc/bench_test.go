//go:build unix

package gitsrc

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// large makes a repository of commits and definitions, one commit in every so
// many changing one of them and the others a file outside the folder.
func large(t testing.TB, dir string, commits, definitions, every int) {
	t.Helper()
	initBare(t, dir)
	var in strings.Builder
	file := func(name, text string) { fmt.Fprintf(&in, "M 100644 inline %s\ndata %d\n%s\n", name, len(text), text) }
	define := func(n, version int) {
		text := fmt.Sprintf("name: Agent %d\ndescription: Answers questions about orders of region %d, version %d\n", n, n, version)
		if n%2 == 0 {
			text += fmt.Sprintf("systemPrompt: !file prompts/%d.md\n", n)
		} else {
			text += "systemPrompt: |\n" + strings.Repeat(fmt.Sprintf("  You answer customers of region %d kindly and in short sentences.\n", n), 10)
		}
		text += "firstMessage: Hello! What can I do for you?\nicebreakers:\n  - Where is my order\n  - Talk to a person\nllmModel: openai/gpt-5.4-mini\n"
		if n > 0 {
			text += fmt.Sprintf("handoffTools:\n  - agent: Agent %d\n    description: Questions about invoices\n", n-1)
		}
		file(fmt.Sprintf("agents/agent-%04d.yaml", n), text)
	}
	for c := range commits {
		fmt.Fprintf(&in, "commit refs/heads/main\ncommitter A <a@example.com> %d +0000\ndata 1\n.\n", 1_700_000_000+60*c)
		switch {
		case c == 0:
			for n := range definitions {
				define(n, 0)
				if n%2 == 0 {
					file(fmt.Sprintf("agents/prompts/%d.md", n), strings.Repeat(fmt.Sprintf("Prompt %d says so.\n", n), 40))
				}
			}
		case c%every == 0:
			define(c*7919%definitions, c)
		default:
			file(fmt.Sprintf("src/file%d.txt", c%97), fmt.Sprint(c))
		}
	}
	run(t, dir, in.String(), "fast-import", "--quiet", "--force")
}

// BenchmarkWholeLine reads all of a history, which is the worst case: a caller
// stops as soon as its questions are answered. cpu-s/op is what the process
// spent, garbage collection included; MiB is the most memory in use.
func BenchmarkWholeLine(b *testing.B) {
	for _, every := range []int{5, 1} {
		b.Run(fmt.Sprintf("commits=10000/definitions=1000/touched=1in%d", every), func(b *testing.B) {
			dir := b.TempDir()
			large(b, dir, 10_000, 1_000, every)
			runtime.GC()
			var spent time.Duration
			var most uint64
			for b.Loop() {
				before := cpu(b)
				r, err := open("", dir)
				if err != nil {
					b.Fatal(err)
				}
				head, err := r.Resolve("HEAD")
				if err != nil {
					b.Fatal(err)
				}
				l, err := r.Line(head.Hash, nil, "agents")
				if err != nil {
					b.Fatal(err)
				}
				steps := 0
				err = l.Walk(context.Background(), func() bool {
					if steps++; steps%500 == 0 {
						var m runtime.MemStats
						runtime.ReadMemStats(&m)
						most = max(most, m.Sys-m.HeapReleased)
					}
					return false
				})
				if err != nil || !l.Whole() || len(l.Documents()) != 1_000 {
					b.Fatal(err, l.Whole(), len(l.Documents()))
				}
				shut(b, r)
				spent += cpu(b) - before
			}
			b.ReportMetric(spent.Seconds()/float64(b.N), "cpu-s/op")
			b.ReportMetric(float64(most)/(1<<20), "MiB")
		})
	}
}

func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestLaterLineReadsNewCommitsOnly counts the objects that a long-running
// process opens for one more commit.
func TestLaterLineReadsNewCommitsOnly(t *testing.T) {
	dir := t.TempDir()
	large(t, dir, 300, 40, 2)
	r := opened(t, dir)
	first, err := r.Resolve("main")
	if err != nil {
		t.Fatal(err)
	}
	old := walked(t, r, first.Hash, "main")
	whole := r.objects.reads
	if whole < 300 {
		t.Fatalf("the first line read %d objects of 300 commits", whole)
	}
	files := filepath.Join(dir, "next")
	text := "commit refs/heads/main\ncommitter A <a@example.com> 1800000000 +0000\ndata 1\n.\nfrom refs/heads/main^0\nM 100644 inline agents/agent-0001.yaml\ndata 11\nname: Other\n\n"
	if err := os.WriteFile(files, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, dir, text, "fast-import", "--quiet")
	second, err := r.Resolve("main")
	if err != nil {
		t.Fatal(err)
	}
	l := walked(t, r, second.Hash, "main")
	// A commit, its three or four trees, the one blob (for facts and for its
	// documents), and the old side's blob.
	if more := r.objects.reads - whole; more > 20 {
		t.Errorf("the second line read %d objects for one new commit", more)
	}
	if got, want := len(l.Named("Agent 1")[0].Versions), len(old.Named("Agent 1")[0].Versions)+1; got != want {
		t.Errorf("Agent 1 has %d versions, want %d", got, want)
	}
}

// TestNothingOpenNothingRead: with no question open, no commit but the last is read.
func TestNothingOpenNothingRead(t *testing.T) {
	dir := t.TempDir()
	large(t, dir, 200, 10, 1)
	r := opened(t, dir)
	head, err := r.Resolve("HEAD")
	if err != nil {
		t.Fatal(err)
	}
	l, err := r.Line(head.Hash, nil, "agents")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Walk(context.Background(), func() bool { return true }); err != nil {
		t.Fatal(err)
	}
	if n := len(r.memory.headers); n != 1 {
		t.Errorf("%d commits were read, want the last one only", n)
	}
	if n := len(l.Documents()); n != 10 {
		t.Errorf("%d documents stand, want 10", n)
	}
}
