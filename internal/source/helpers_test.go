package source

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wassist-sync/spec"
	"wassist-sync/sync"
)

type files = map[string]string

// repo is a repository with a work tree, made by the git command.
type repo struct {
	t   *testing.T
	dir string
	// commits are made a minute apart, from the second 1000 on.
	commits []string
}

func newRepo(t *testing.T, first ...files) *repo {
	t.Helper()
	r := &repo{t: t, dir: t.TempDir()}
	r.git("init", "-q", "-b", "main", ".")
	for _, f := range first {
		r.commit(f)
	}
	return r
}

// git runs the git command in the repository, away from the user's settings.
func (r *repo) git(args ...string) string {
	r.t.Helper()
	return git(r.t, r.dir, 1000+60*len(r.commits), args...)
}

func git(t *testing.T, dir string, seconds int, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = dir
	at := fmt.Sprintf("@%d +0000", seconds)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.com",
		"GIT_AUTHOR_DATE="+at, "GIT_COMMITTER_DATE="+at)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSpace(string(out))
}

// write changes the work tree: "" removes, and "-> target" is a symlink.
func (r *repo) write(all files) {
	r.t.Helper()
	for name, text := range all {
		file := filepath.Join(r.dir, name)
		if err := os.RemoveAll(file); err != nil {
			r.t.Fatal(err)
		}
		if text == "" {
			continue
		}
		err := os.MkdirAll(filepath.Dir(file), 0o700)
		if target, ok := strings.CutPrefix(text, "-> "); ok && err == nil {
			err = os.Symlink(target, file)
		} else if err == nil {
			err = os.WriteFile(file, []byte(text), 0o600)
		}
		if err != nil {
			r.t.Fatal(err)
		}
	}
}

// commit changes the work tree and commits all of it.
func (r *repo) commit(all files) string {
	r.t.Helper()
	r.write(all)
	r.git("add", "-A")
	r.git("commit", "-q", "--allow-empty", "-m", "a change")
	r.commits = append(r.commits, r.git("rev-parse", "HEAD"))
	return r.commits[len(r.commits)-1]
}

func (r *repo) path(name string) string { return filepath.Join(r.dir, name) }

// agent is a definition that is like no other one.
func agent(name string, more ...string) string {
	return "name: " + name + "\n" + strings.Join(more, "")
}

// body is long enough to tell documents apart by likeness.
func body(what string) string {
	return "description: " + what + " answers questions about " + what + "\nfirstMessage: This is " + what + ", what can I do?\n"
}

func open(t *testing.T, q Request) *Opened {
	t.Helper()
	return openWith(t, q, nil)
}

func openWith(t *testing.T, q Request, env map[string]string) *Opened {
	t.Helper()
	o, err := Open(t.Context(), q, func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.Close)
	return o
}

// names lists the definitions of a set with their places.
func names(set *spec.Set) []string {
	var out []string
	for _, a := range set.Agents {
		out = append(out, fmt.Sprintf("%s@%s:%d", a.Name, a.Pos.File, a.Pos.Line))
	}
	return out
}

// lineages reads the history and tells its lineages, by the indexes of the
// repository's commits: the names of each, the newest first, its stays, and the
// definition that it belongs to.
func (r *repo) lineages(o *Opened) []string {
	r.t.Helper()
	if err := o.History.Read(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	index := func(c *sync.Commit) string {
		if c == nil {
			return "-"
		}
		return fmt.Sprint(slices.Index(r.commits, c.Hash))
	}
	var out []string
	for _, l := range o.History.Lineages() {
		var b strings.Builder
		for i, v := range l.Versions {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "%s@%s %s..%s", v.Name, v.File, index(v.Since), index(v.Until))
			if v.Later {
				b.WriteString(" later")
			}
			if v == l.Current {
				b.WriteString(" current")
			}
		}
		for _, s := range l.Stays {
			fmt.Fprintf(&b, " [%s..%s]", index(s.Since), index(s.Left))
		}
		if l.Standing {
			b.WriteString(" standing")
		}
		for _, def := range o.Set.Agents {
			if o.History.Of(def) == l {
				b.WriteString(" = " + def.Name)
			}
		}
		out = append(out, b.String())
	}
	slices.Sort(out)
	return out
}

// fails opens a request that cannot be met.
func fails(t *testing.T, q Request) error {
	t.Helper()
	o, err := Open(context.Background(), q, nil)
	if err == nil {
		o.Close()
		t.Fatalf("%v was opened: %+v", q, o.Source)
	}
	if o != nil {
		t.Errorf("%v: an error and something opened", q)
	}
	return err
}
