package reliability

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// The agents were made after the definitions of the first commit came in, and before those of the second.
var (
	firstCommit  = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
	agentsMade   = time.Date(1999, 2, 1, 0, 0, 0, 0, time.UTC)
	secondCommit = time.Date(1999, 6, 1, 0, 0, 0, 0, time.UTC)
)

// newRepository makes the repository of definitions, with a work tree, and returns its folder. The commits are the
// same every time.
func newRepository(t testing.TB) string {
	t.Helper()
	folder := t.TempDir()
	git := func(stdin string, args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir = folder
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
		cmd.Stdin = strings.NewReader(stdin)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	git("", "init", "-q", "-b", "main", ".")
	var in strings.Builder
	for i, c := range []struct {
		at    time.Time
		files map[string]string
	}{{firstCommit, before()}, {secondCommit, after()}} {
		fmt.Fprintf(&in, "commit refs/heads/main\nmark :%d\ncommitter A <a@example.com> %d +0000\ndata 1\n.\n", i+1, c.at.Unix())
		in.WriteString("deleteall\n")
		for _, name := range slices.Sorted(maps.Keys(c.files)) {
			fmt.Fprintf(&in, "M 100644 inline %s\ndata %d\n%s\n", name, len(c.files[name]), c.files[name])
		}
	}
	git(in.String(), "fast-import", "--quiet")
	git("", "reset", "-q", "--hard")
	return folder
}
