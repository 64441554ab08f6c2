package gitsrc

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What Git tells in the situations that have to end harmlessly. What is done
// about them is decided elsewhere.

func TestScenarioCollidingDefinitionMergedAndReverted(t *testing.T) {
	l, hashes := history(t, []snap{
		{files: files{"README": "x"}, seconds: 1000},
		{files: files{"agents/a.yaml": agent("By hand")}, seconds: 1060, parents: []int{0}},
		{files: files{"agents/a.yaml": agent("By hand")}, seconds: 1120, parents: []int{0, 1}},
		{files: files{"README": "x"}, seconds: 1180, parents: []int{2}},
	})
	if diff := cmp.Diff([]string{"By hand@a 2..3 [2..3]"}, stories(l, hashes)); diff != "" {
		t.Error(diff)
	}
	stay := l.Named("By hand")[0].Stays[0]
	if entered, ok, err := l.Entered(stay); err != nil || !ok || !entered.Equal(time.Unix(1120, 0)) {
		t.Errorf("it came in %v by the merge's time, not the branch's", entered)
	}
}

func TestScenarioBranchThatAddsAndRemovesIsRebaseMerged(t *testing.T) {
	l, hashes := history(t, linear(files{"README": "x"}, files{"agents/a.yaml": agent("A", body("a"))}, files{"README": "x"}))
	if diff := cmp.Diff([]string{"A@a 1..2 [1..2]"}, stories(l, hashes)); diff != "" {
		t.Error(diff)
	}
	left := l.Named("A")[0].Left()
	if !left.Earliest.Equal(at(2)) {
		t.Errorf("left %v", left)
	}
}

func TestScenarioDefinitionDeletedOnlyInTheWorkTree(t *testing.T) {
	dir := worktree(t, files{"agents/a.yaml": agent("A"), "agents/b.yaml": agent("B")})
	if err := os.Remove(filepath.Join(dir, "agents/a.yaml")); err != nil {
		t.Fatal(err)
	}
	r := openedAt(t, dir)
	if dirty, found, err := r.Dirty(context.Background(), "agents", nil); !dirty || err != nil {
		t.Errorf("dirty %v %v", found, err)
	}
	l := walked(t, r, mustResolve(t, r, "HEAD").Hash, "")
	if d := l.Named("A"); len(d) != 1 || !d[0].Standing || d[0].Left() != nil {
		t.Error("the document stands at HEAD, whatever the work tree holds")
	}
}

func TestScenarioDefinitionMovedToAnotherFolder(t *testing.T) {
	dir := t.TempDir()
	hashes := build(t, dir, linear(files{"agents/a.yaml": agent("A"), "agents/b.yaml": agent("B")}, files{"bots/a.yaml": agent("A"), "agents/b.yaml": agent("B")}))
	r := opened(t, dir)
	l := walked(t, r, hashes[1], "main")
	if d := l.Named("A"); len(d) != 1 || d[0].Left() == nil {
		t.Error("the document left the folder")
	}
	found, err := r.Elsewhere(context.Background(), hashes[1], "agents", []Wanted{{Name: "A"}})
	if err != nil || len(found) != 1 || found[0].File != "bots/a.yaml" {
		t.Errorf("elsewhere %v %v", found, err)
	}
}

func TestScenarioTheFolderItselfIsMoved(t *testing.T) {
	dir := t.TempDir()
	hashes := build(t, dir, linear(files{"agents/a.yaml": agent("A")}, files{"bots/a.yaml": agent("A")}))
	r := opened(t, dir)
	l := walked(t, r, hashes[1], "main")
	if diff := cmp.Diff([]string{"A@a 0..1 [0..1]"}, stories(l, hashes)); diff != "" {
		t.Error(diff)
	}
	moved, err := r.Line(hashes[1], nil, "bots")
	if err != nil {
		t.Fatal(err)
	}
	if err := moved.Walk(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"A@bots/a 1..- [1..-] standing"}, stories(moved, hashes)); diff != "" {
		t.Error(diff)
	}
}

// TestFolderBehindALink: PATH is a link at the commit, and is read where it leads.
func TestFolderBehindALink(t *testing.T) {
	dir := t.TempDir()
	hashes := build(t, dir, linear(files{"config/bots/a.yaml": agent("A"), "agents": "-> config/bots"}, files{"config/bots/a.yaml": agent("B"), "agents": "-> config/bots"}))
	l := walked(t, opened(t, dir), hashes[1], "main")
	if len(l.Named("A")) != 1 || len(l.Named("B")) != 1 {
		t.Errorf("stories %v", stories(l, hashes))
	}
	for dir, want := range map[string]string{"agents": "config/bots", "config": "config", "nowhere": "nowhere", ".": "."} {
		if got, err := l.r.Place(hashes[1], dir); err != nil || got != want {
			t.Errorf("%s lies at %s %v, want %s", dir, got, err, want)
		}
	}
}

// TestRootFolder: the definitions lie at the repository's top.
func TestRootFolder(t *testing.T) {
	dir := t.TempDir()
	hashes := build(t, dir, linear(files{"a.yaml": agent("A"), "environments/x.yaml": "a: b\n"}, files{"sub/a.yaml": agent("B")}))
	l, err := opened(t, dir).Line(hashes[1], nil, ".")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Walk(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"A@a 0..1 [0..1]", "B@sub/a 1..- [1..-] standing"}, stories(l, hashes)); diff != "" {
		t.Error(diff)
	}
}
