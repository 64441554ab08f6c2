package gitsrc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// packs counts the packs of a clone.
func packs(t *testing.T, r *Repository) int {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(r.git, "objects", "pack", "*.pack"))
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

// A clone that is fetched into again and again keeps few packs and loses nothing.
func TestManyFetches(t *testing.T) {
	root, work := source(t)
	s := serve(t, root)
	ctx := context.Background()
	r, err := Fetch(ctx, s.remote("repo.git"), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, r)
	r.clone.packs = 3
	reader, err := open("", r.git) // as another process would
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, reader)
	most := 0
	for i := range 6 {
		write(t, work, files{"agents/a.yaml": agent("A", fmt.Sprintf("description: d%d", i))})
		run(t, work, "", "commit", "-q", "-a", "-m", "next")
		run(t, work, "", "push", "-q", "origin", "HEAD:main")
		if err := r.Refresh(ctx); err != nil {
			t.Fatal(err)
		}
		most = max(most, packs(t, r))
		c, err := r.Resolve("main")
		if err != nil {
			t.Fatal(err)
		}
		if got := run(t, work, "", "rev-parse", "HEAD"); c.Hash.String() != got {
			t.Fatalf("main is %s, want %s", c.Hash, got)
		}
		if _, err := reader.header(c.Hash); err != nil {
			t.Fatalf("round %d, for one that has the clone open: %v", i, err)
		}
		r.Rest()
	}
	if most > r.clone.packs || packs(t, r) > 2 {
		t.Errorf("%d packs at most and %d in the end", most, packs(t, r))
	}
	if out := run(t, r.git, "", "fsck", "--full"); strings.Contains(out, "error") {
		t.Errorf("git fsck: %s", out)
	}
	if got, want := run(t, r.git, "", "rev-list", "--count", "main"), run(t, work, "", "rev-list", "--count", "HEAD"); got != want {
		t.Errorf("%s commits, want %s", got, want)
	}
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("descriptors are counted on Linux only")
	}
	for _, fd := range fds {
		if to, err := os.Readlink(filepath.Join("/proc/self/fd", fd.Name())); err == nil && strings.HasPrefix(to, r.git) && len(reader.objects.packs) == 0 {
			t.Errorf("%s is open at rest", to)
		}
	}
}

// Damage that only reading finds is mended by a clone made anew, and said.
func TestRenew(t *testing.T) {
	root, _ := source(t)
	s := serve(t, root)
	ctx := context.Background()
	r, err := Fetch(ctx, s.remote("repo.git"), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, r)
	found, _ := filepath.Glob(filepath.Join(r.git, "objects", "pack", "*.pack"))
	text, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	for i := 200; i < len(text)-100; i++ { // its ends are right
		text[i] ^= 0x55
	}
	if err := errors.Join(os.Chmod(found[0], 0o600), os.WriteFile(found[0], text, 0o600)); err != nil {
		t.Fatal(err)
	}
	r.Rest()
	r.memory = newMemory()
	if r.Harmed() {
		t.Error("it is harmed before anything was read")
	}
	if _, err = readAll(r); err == nil || !r.Harmed() || r.Harmed() {
		t.Fatalf("error %v is no damage, or not one alone", err)
	}
	if r.Renewed() {
		t.Error("it says that it was made anew before it was")
	}
	if err := r.Renew(ctx); err != nil {
		t.Fatal(err)
	}
	if !r.Renewed() || r.Renewed() {
		t.Error("that it was made anew is not said once")
	}
	if _, err := readAll(r); err != nil {
		t.Errorf("after that: %v", err)
	}
}

// readAll reads the commit of main and the large file in it.
func readAll(r *Repository) ([]byte, error) {
	c, err := r.Resolve("main")
	if err != nil {
		return nil, err
	}
	h, err := r.header(c.Hash)
	if err != nil {
		return nil, err
	}
	e, err := r.trees.at(h.tree, "heavy")
	if err != nil {
		return nil, err
	}
	_, content, err := r.objects.read(e.hash)
	return content, err
}

// A token that expires is replaced without losing what was learnt.
func TestUse(t *testing.T) {
	root, _ := source(t)
	s := serve(t, root)
	ctx := context.Background()
	remote := s.remote("repo.git")
	r, err := Fetch(ctx, remote, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, r)
	wrong := remote
	wrong.Token, wrong.URL = "expired-Canary", "https://elsewhere.example/"
	r.Use(wrong)
	if err := r.Refresh(ctx); !errors.Is(err, ErrRefused) || strings.Contains(err.Error(), "Canary") {
		t.Errorf("with an expired token: %v", err)
	}
	r.Use(remote)
	if err := r.Refresh(ctx); err != nil {
		t.Errorf("with the new one: %v", err)
	}
	if head, err := r.Head(); err != nil || head != "refs/heads/main" {
		t.Errorf("HEAD is %q: %v", head, err)
	}
}
