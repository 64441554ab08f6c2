package gitsrc

import (
	"fmt"
	"testing"
)

// A folder that is read entry by entry is searched a few times, not once an entry.
func TestAFolderIsNotSearchedForEachOfItsFiles(t *testing.T) {
	files := map[string]string{}
	for i := range 500 {
		files[fmt.Sprintf("agents/%03d.yaml", i)] = fmt.Sprint("name: ", i)
	}
	dir := t.TempDir()
	tip := build(t, dir, []snap{{files: files}})[0]
	r := opened(t, dir)
	defer shut(t, r)
	c, err := r.header(tip)
	if err != nil {
		t.Fatal(err)
	}
	agents, err := r.trees.at(c.tree, "agents")
	if err != nil {
		t.Fatal(err)
	}
	content, err := r.trees.read(agents.hash)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for i := range 501 { // the last one is not there
			name := fmt.Sprintf("%03d.yaml", i)
			got, err := r.trees.at(c.tree, "agents/"+name)
			if want := child(content, name); err != nil || got != want || (got.kind == missing) != (i == 500) {
				t.Fatalf("%s is %v, want %v, %v", name, got, want, err)
			}
		}
	}
	if n := r.trees.searched[agents.hash]; n > maxSearches+1 {
		t.Errorf("the folder was searched %d times", n)
	}
	r.trees.clear()
	if len(r.trees.index)+len(r.trees.searched)+len(r.trees.found) > 0 {
		t.Error("not all was forgotten")
	}
}

// Folders that take turns are not indexed at each look: an index that was dropped is
// made anew only for a folder that is searched as often again.
func TestManyFoldersTakeTurns(t *testing.T) {
	var snaps []snap
	for i := range maxIndexes + 2 {
		s := snap{files: map[string]string{"agents/tree": fmt.Sprint(i)}}
		for n := range 2 * maxSearches {
			s.files[fmt.Sprintf("agents/%02d", n)] = "a"
		}
		if i > 0 {
			s.parents = []int{i - 1}
		}
		snaps = append(snaps, s)
	}
	dir := t.TempDir()
	tips := build(t, dir, snaps)
	r := opened(t, dir)
	defer shut(t, r)
	made := 0
	for n := range 2 * maxSearches {
		for _, tip := range tips {
			c, err := r.header(tip)
			if err != nil {
				t.Fatal(err)
			}
			agents, err := r.trees.at(c.tree, "agents")
			if err != nil {
				t.Fatal(err)
			}
			indexed := r.trees.index[agents.hash] != nil
			if e, err := r.trees.child(agents.hash, fmt.Sprintf("%02d", n)); err != nil || e.kind != regular {
				t.Fatalf("%v, %v", e, err)
			}
			if !indexed && r.trees.index[agents.hash] != nil {
				made++
			}
		}
	}
	if most := 2 * len(tips); made > most {
		t.Errorf("%d indexes were made, at most %d wanted", made, most)
	}
}
