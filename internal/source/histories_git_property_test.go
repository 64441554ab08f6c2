package source_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"wassist-sync/internal/gitsrc"
)

// file is one YAML file of a commit: its documents, or none that can be read.
type file struct {
	docs   []definition
	broken bool
}

func (f file) same(other file) bool {
	return f.broken == other.broken && slices.Equal(f.docs, other.docs)
}

// says tells whether two files say the same, whoever wrote it.
func (f file) says(other file) bool {
	return f.broken == other.broken && slices.EqualFunc(f.docs, other.docs, func(a, b definition) bool {
		a.who, b.who = 0, 0
		return a == b
	})
}

func (f file) text() string {
	var texts []string
	for _, d := range f.docs {
		texts = append(texts, d.text())
	}
	text := strings.Join(texts, "---\n")
	if f.broken {
		text += "\ndescription: [unfinished\n"
	}
	return text
}

// commit is one commit of a history. Nothing in it changes, but for the hash,
// which Git tells.
type commit struct {
	mark    int
	hash    string
	parents []*commit
	files   map[string]file
	clock   int64 // the committer's, in seconds
}

// line is the first-parent line of a commit, the oldest first.
func (c *commit) line() []*commit {
	var line []*commit
	for ; c != nil; c = c.first() {
		line = append(line, c)
	}
	slices.Reverse(line)
	return line
}

func (c *commit) first() *commit {
	if len(c.parents) == 0 {
		return nil
	}
	return c.parents[0]
}

// archive is a repository that many histories share, one at a time on its
// branch main, and a clone of it that is cut off. One git fast-import writes it.
type archive struct {
	folder string
	// whole and thin are read by gitsrc; thin borrows the objects of whole.
	whole, thin *gitsrc.Repository

	git   *exec.Cmd
	stdin *bufio.Writer
	end   func() error
	out   *bufio.Scanner
	marks int
}

func newArchive(ctx context.Context, folder string) (*archive, error) {
	a := &archive{folder: folder}
	for _, name := range []string{"whole", "thin"} {
		git := filepath.Join(folder, name, ".git")
		for _, sub := range []string{"objects/info", "objects/pack", "refs/heads"} {
			if err := os.MkdirAll(filepath.Join(git, sub), 0o700); err != nil {
				return nil, err
			}
		}
		if err := os.WriteFile(filepath.Join(git, "HEAD"), []byte("ref: refs/heads/main\n"), 0o600); err != nil {
			return nil, err
		}
	}
	borrow := filepath.Join(folder, "whole", ".git", "objects") + "\n"
	if err := os.WriteFile(filepath.Join(folder, "thin", ".git", "objects", "info", "alternates"), []byte(borrow), 0o600); err != nil {
		return nil, err
	}
	var err error
	if a.whole, err = gitsrc.Open(filepath.Join(folder, "whole")); err != nil {
		return nil, err
	}
	if a.thin, err = gitsrc.Open(filepath.Join(folder, "thin")); err != nil {
		return nil, err
	}
	return a, a.start(ctx)
}

// start starts git fast-import, away from the user's settings. Everything goes
// into packs, however little it is.
func (a *archive) start(ctx context.Context) error {
	a.git = exec.CommandContext(ctx, "git", "-c", "fastimport.unpackLimit=0", "-c", "core.fsync=none", "-c", "core.compression=0", "fast-import", "--quiet", "--force", "--depth=0")
	a.git.Dir = filepath.Join(a.folder, "whole")
	a.git.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	a.git.Stderr = os.Stderr
	stdin, err := a.git.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := a.git.StdoutPipe()
	if err != nil {
		return err
	}
	a.stdin, a.end, a.out = bufio.NewWriter(stdin), stdin.Close, bufio.NewScanner(stdout)
	return a.git.Start()
}

// close ends git and gives the files back.
func (a *archive) close() error {
	err := a.stdin.Flush()
	for _, end := range []func() error{a.end, a.git.Wait, a.whole.Close, a.thin.Close} {
		if e := end(); err == nil {
			err = e
		}
	}
	return err
}

// write sends commits, parents first. They can be read after the next sync.
func (a *archive) write(commits []*commit) {
	for _, c := range commits {
		a.marks++
		c.mark = a.marks
		// The reference is none that a plan looks at: each has its own main.
		if len(c.parents) == 0 {
			fmt.Fprint(a.stdin, "reset refs/import\n")
		}
		message := fmt.Sprint(c.mark) // keeps apart commits that are otherwise the same
		fmt.Fprintf(a.stdin, "commit refs/import\nmark :%d\ncommitter A <a@example.com> %d +0000\ndata %d\n%s\n", c.mark, c.clock, len(message), message)
		for i, p := range c.parents {
			fmt.Fprintf(a.stdin, "%s :%d\n", []string{"from", "merge"}[i], p.mark)
		}
		fmt.Fprint(a.stdin, "deleteall\nM 100644 inline README.md\ndata 1\n.\n")
		for name, f := range c.files {
			text := f.text()
			fmt.Fprintf(a.stdin, "M 100644 inline %s\ndata %d\n%s\n", name, len(text), text)
		}
	}
}

// sync makes everything that was written readable, and learns its hashes.
func (a *archive) sync(commits []*commit) error {
	if len(commits) == 0 {
		return nil
	}
	for _, c := range commits {
		fmt.Fprintf(a.stdin, "get-mark :%d\n", c.mark)
	}
	fmt.Fprint(a.stdin, "checkpoint\nprogress done\n")
	if err := a.stdin.Flush(); err != nil {
		return err
	}
	for _, c := range commits {
		if !a.out.Scan() {
			return fmt.Errorf("git fast-import ended: %w", a.out.Err())
		}
		c.hash = a.out.Text()
	}
	if !a.out.Scan() || a.out.Text() != "progress done" {
		return fmt.Errorf("git fast-import said %q", a.out.Text())
	}
	return nil
}

// show makes a commit the tip of main in the whole repository or, cut off at
// one of its ancestors, in the thin one.
func (a *archive) show(tip, cut *commit) (*gitsrc.Repository, error) {
	name, r := "whole", a.whole
	if cut != nil {
		name, r = "thin", a.thin
		if err := os.WriteFile(filepath.Join(a.folder, name, ".git", "shallow"), []byte(cut.hash+"\n"), 0o600); err != nil {
			return nil, err
		}
	}
	return r, os.WriteFile(filepath.Join(a.folder, name, ".git", "refs", "heads", "main"), []byte(tip.hash+"\n"), 0o600)
}
