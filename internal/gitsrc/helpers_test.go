package gitsrc

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
)

// tester is what testing.T and rapid.T share.
type tester interface {
	Helper()
	Context() context.Context
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// shut closes what a test opened.
func shut(t tester, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

// remove removes a file, or a folder with all that is in it.
func remove(t tester, name string) {
	t.Helper()
	if err := os.RemoveAll(name); err != nil {
		t.Errorf("%v", err)
	}
}

// run runs the git command, away from the user's settings.
func run(t tester, dir string, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.com")
	cmd.Stdin = strings.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSpace(string(out))
}

// snap is one commit: all of its files, and its parents by index.
type snap struct {
	files   map[string]string // a text that starts with "-> " is a symlink
	seconds int64
	parents []int
}

// build makes a bare repository of snapshots; branch main is the last one.
func build(t tester, dir string, snaps []snap) []Hash {
	t.Helper()
	initBare(t, dir)
	var in strings.Builder
	for i, s := range snaps {
		// The message keeps apart commits that are otherwise the same.
		message := fmt.Sprint(i)
		fmt.Fprintf(&in, "commit refs/heads/main\nmark :%d\ncommitter A <a@example.com> %d +0000\ndata %d\n%s\n", i+1, s.seconds, len(message), message)
		if i > 0 && len(s.parents) == 0 {
			t.Fatalf("snapshot %d has no parent", i)
		}
		for j, p := range s.parents {
			fmt.Fprintf(&in, "%s :%d\n", []string{"from", "merge"}[min(j, 1)], p+1)
		}
		in.WriteString("deleteall\n")
		for _, name := range sortedKeys(s.files) {
			mode, text := "100644", s.files[name]
			if target, ok := strings.CutPrefix(text, "-> "); ok {
				mode, text = "120000", target
			}
			fmt.Fprintf(&in, "M %s inline %s\ndata %d\n%s\n", mode, name, len(text), text)
		}
	}
	fmt.Fprintf(&in, "reset refs/heads/main\nfrom :%d\n", len(snaps))
	run(t, dir, in.String(), "fast-import", "--quiet", "--force", "--export-marks=marks")
	marks, err := os.ReadFile(filepath.Join(dir, "marks"))
	if err != nil {
		t.Fatalf("%v", err)
	}
	hashes := make([]Hash, len(snaps))
	for line := range strings.Lines(string(marks)) {
		var n int
		var h string
		if _, err := fmt.Sscanf(line, ":%d %s", &n, &h); err != nil {
			t.Fatalf("mark %q: %v", line, err)
		}
		hashes[n-1] = plumbing.NewHash(h)
	}
	return hashes
}

// initBare does what git init --bare does, without a process.
func initBare(t tester, dir string) {
	t.Helper()
	for _, folder := range []string{"objects", "refs"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatalf("%v", err)
		}
	}
	for name, text := range map[string]string{"HEAD": "ref: refs/heads/main\n", "config": "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatalf("%v", err)
		}
	}
}

// linear makes a history of one branch, a minute between commits.
func linear(states ...map[string]string) []snap {
	snaps := make([]snap, len(states))
	for i, files := range states {
		snaps[i] = snap{files: files, seconds: int64(1000 + 60*i)}
		if i > 0 {
			snaps[i].parents = []int{i - 1}
		}
	}
	return snaps
}

func at(i int) time.Time { return time.Unix(int64(1000+60*i), 0).UTC() }

// opened opens a bare repository.
func opened(t testing.TB, dir string) *Repository {
	t.Helper()
	r, err := open("", dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shut(t, r) })
	return r
}

// history builds snapshots and reads the whole line of the last one.
func history(t *testing.T, snaps []snap) (*Line, []Hash) {
	t.Helper()
	dir := t.TempDir()
	hashes := build(t, dir, snaps)
	r := opened(t, dir)
	return walked(t, r, hashes[len(hashes)-1], "HEAD"), hashes
}

func walked(t testing.TB, r *Repository, commit Hash, ref string) *Line {
	t.Helper()
	tips, err := r.Tips(context.Background(), commit, ref)
	if err != nil {
		t.Fatal(err)
	}
	l, err := r.Line(commit, tips, "agents")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Walk(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	return l
}

// story tells a document's versions and stays in one line each, by the indexes
// of commits.
func story(d *Document, hashes []Hash) string {
	index := func(e *Event) string {
		if e == nil {
			return "-"
		}
		return fmt.Sprint(slices.Index(hashes, e.Commit))
	}
	var b strings.Builder
	for i, v := range d.Versions {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s", v.Name)
		if v.ID != "" {
			fmt.Fprintf(&b, "#%s", v.ID[:1])
		}
		fmt.Fprintf(&b, "@%s %s..%s", strings.TrimSuffix(strings.TrimPrefix(v.File, "agents/"), ".yaml"), index(v.Since), index(v.Until))
	}
	for _, s := range d.Stays {
		fmt.Fprintf(&b, " [%s..%s]", index(s.Since), index(s.Left))
	}
	if d.Standing {
		b.WriteString(" standing")
	}
	return b.String()
}

func stories(l *Line, hashes []Hash) []string {
	var all []string
	for _, d := range l.Documents() {
		all = append(all, story(d, hashes))
	}
	slices.Sort(all)
	return all
}

func agent(name string, more ...string) string {
	return "name: " + name + "\n" + strings.Join(more, "")
}
