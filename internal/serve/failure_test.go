package serve

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"wassist-sync/internal/gitsrc"
	"wassist-sync/spec"
	"wassist-sync/sync"
)

// Each trouble with a remote has its own message and way out, and no secret of
// the URL is in any.
func TestGitFailures(t *testing.T) {
	t.Parallel()
	c := &Config{URL: "https://user:canary@git.example/agents.git?canary", CacheDir: "/var/cache/x"}
	over, cancel := context.WithCancel(context.Background())
	cancel()
	for _, tt := range []struct {
		name    string
		ctx     context.Context
		err     error
		outcome Outcome
		class   string
		want    string
	}{
		{"a remote that hangs", t.Context(), fmt.Errorf("fetch: %w", context.DeadlineExceeded), OutcomeFailed, classGit, "fetch https://git.example/agents.git: the remote does not answer (given up after 5m0s); it is tried again"},
		{"a full disk", t.Context(), fmt.Errorf("write pack: %w", syscall.ENOSPC), OutcomeFailed, classCache, "there is no room left in the cache folder /var/cache/x; free some"},
		{"a quota", t.Context(), fmt.Errorf("write pack: %w", syscall.EDQUOT), OutcomeFailed, classCache, "there is no room left"},
		{"a token that has expired", t.Context(), fmt.Errorf("fetch: %w: the token is wrong", gitsrc.ErrRefused), OutcomeFailed, classRefused, "the token is wrong. Put one that may into the file of --git-token-file, which is read again for each run"},
		{"no such repository", t.Context(), fmt.Errorf("fetch: repository %w", gitsrc.ErrNoRemote), OutcomeFailed, classGit, "repository not found"},
		{"anything else", t.Context(), errors.New("connection reset"), OutcomeFailed, classGit, "connection reset"},
		{"told to stop", over, context.Canceled, OutcomeStopped, "stopped", "the process was told to stop"},
	} {
		f := gitFailure(tt.ctx, c, tt.err)
		if f.outcome != tt.outcome || f.class != tt.class || !strings.Contains(f.Error(), tt.want) || strings.Contains(f.Error(), "canary") || !errors.Is(f, tt.err) {
			t.Errorf("%s: %s, %s: %v", tt.name, f.outcome, f.class, f)
		}
	}
}

// A key that is refused is looked for where this target has it from.
func TestKeyFailure(t *testing.T) {
	t.Parallel()
	f := planFailure(t.Context(), &Config{KeyOrigin: "the variable SHOP_API_KEY"}, "backend.wassist.app", fmt.Errorf("reading the agents: %w", sync.ErrUnauthorized))
	if f.class != classKey || !strings.HasSuffix(f.Error(), "\nThe key of this target comes from the variable SHOP_API_KEY") {
		t.Errorf("%s: %v", f.class, f)
	}
}

// A thousand problems are told as twenty, and a number.
func TestManyProblems(t *testing.T) {
	t.Parallel()
	var problems spec.Problems
	for i := range 1000 {
		problems = append(problems, &spec.Problem{Pos: spec.Position{File: "a.yaml", Line: i + 1, Column: 1}, Message: "is wrong"})
	}
	f := readFailure(t.Context(), problems)
	if n := strings.Count(f.Error(), "\n"); n != 21 || !strings.Contains(f.Error(), "\nand 980 more\n") || f.passes || f.outcome != OutcomeInvalid {
		t.Errorf("%d lines, %s: %s", n, f.outcome, f.Error())
	}
}

// The pauses after failures grow, and end where the schedule is sooner.
func TestBackoff(t *testing.T) {
	t.Parallel()
	var b backoff
	var got []string
	for range 7 {
		pause, ok := b.pause(10 * 60 * 1e9)
		got = append(got, fmt.Sprint(pause, ok))
		b.after(true)
	}
	if want := "0s false, 30s true, 1m0s true, 2m0s true, 4m0s true, 8m0s true, 0s false"; strings.Join(got, ", ") != want {
		t.Errorf("%s, want %s", strings.Join(got, ", "), want)
	}
	b.after(false)
	if _, ok := b.pause(1e18); ok {
		t.Error("a good run is retried")
	}
	b.failures = 1000
	if _, ok := b.pause(1 << 62); ok {
		t.Error("the pauses do not end")
	}
}
