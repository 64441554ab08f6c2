package gitsrc

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTips: a named branch is the one that is meant; otherwise all whose
// first-parent line holds the commit.
func TestTips(t *testing.T) {
	dir := t.TempDir()
	hashes := build(t, dir, []snap{
		{files: files{"n": "0"}, seconds: 10},
		{files: files{"n": "1"}, seconds: 20, parents: []int{0}},
		{files: files{"n": "2"}, seconds: 5, parents: []int{1}}, // a wrong clock
		{files: files{"n": "3"}, seconds: 40, parents: []int{0}},
		{files: files{"n": "4"}, seconds: 50, parents: []int{3, 1}}, // merges 1, which is not on its line
		{files: files{"n": "5"}, seconds: 60, parents: []int{2}},
	})
	for ref, i := range map[string]int{
		"refs/heads/main": 2, "refs/heads/side": 4, "refs/heads/old": 0, "refs/remotes/origin/main": 5, "refs/tags/v1": 1,
		"refs/wassist-sync/kept": 4, "refs/pull/1/merge": 4,
	} {
		run(t, dir, "", "update-ref", ref, hashes[i].String())
	}
	r := opened(t, dir)
	for _, test := range []struct {
		commit int
		ref    string
		want   []string
	}{
		{2, "HEAD", []string{"refs/heads/main", "refs/remotes/origin/main"}},
		{2, "main", []string{"refs/heads/main", "refs/remotes/origin/main"}},
		{5, "origin/main", []string{"refs/remotes/origin/main"}},
		{1, "v1", []string{"refs/heads/main", "refs/remotes/origin/main"}},
		{1, hashes[1].String(), []string{"refs/heads/main", "refs/remotes/origin/main"}},
		{1, "main~1", []string{"refs/heads/main", "refs/remotes/origin/main"}},
		{0, hashes[0].String(), []string{"refs/heads/main", "refs/heads/old", "refs/heads/side", "refs/remotes/origin/main"}},
		{3, hashes[3].String(), []string{"refs/heads/side"}},
		{4, "refs/pull/1/merge", []string{"refs/heads/side"}},
	} {
		tips, err := r.Tips(context.Background(), hashes[test.commit], test.ref)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, tip := range tips {
			names = append(names, tip.Ref)
		}
		if diff := cmp.Diff(test.want, names); diff != "" {
			t.Errorf("commit %d by %s:\n%s", test.commit, test.ref, diff)
		}
	}
	run(t, dir, "", "update-ref", "--no-deref", "HEAD", hashes[1].String())
	if tips, err := r.Tips(context.Background(), hashes[1], ""); err != nil || len(tips) != 2 {
		t.Errorf("a detached HEAD has the tips %v %v, want two", tips, err)
	}
}

func TestKeep(t *testing.T) {
	dir := t.TempDir()
	snaps := linear(files{"n": "0"}, files{"n": "1"}, files{"n": "2"}, files{"n": "3"})
	snaps[3].parents = []int{1}
	hashes := build(t, dir, snaps)
	r := opened(t, dir)
	for _, step := range []struct {
		keep int
		want []int
	}{{1, []int{1}}, {2, []int{2}}, {0, []int{2}}, {3, []int{2, 3}}, {3, []int{2, 3}}} {
		if err := r.Keep(context.Background(), hashes[step.keep]); err != nil {
			t.Fatal(err)
		}
		want := map[string]bool{}
		for _, i := range step.want {
			want["refs/wassist-sync/"+hashes[i].String()] = true
		}
		got := map[string]bool{}
		all, err := r.references()
		if err != nil {
			t.Fatal(err)
		}
		for _, ref := range all {
			if !ref.Name().IsBranch() && ref.Name() != "HEAD" {
				got[ref.Name().String()] = true
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("after %d:\n%s", step.keep, diff)
		}
	}
}
