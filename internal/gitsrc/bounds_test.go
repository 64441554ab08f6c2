package gitsrc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/google/go-cmp/cmp"
)

func number(i int) Hash { return plumbing.NewHash(fmt.Sprintf("%040x", i)) }

// TestMemoryIsBounded: what is kept never outgrows its bounds, and the newest stays.
func TestMemoryIsBounded(t *testing.T) {
	m := newMemory()
	for i := range maxHeaders + 1 {
		m.keepHeader(header{hash: number(i)})
	}
	if _, ok := m.header(number(maxHeaders)); !ok || len(m.headers) > maxHeaders {
		t.Errorf("%d headers are kept", len(m.headers))
	}
	for i := range maxFacts + 1 {
		m.keepFacts(factsKey{"", "f", number(i)}, &fileFacts{})
	}
	if len(m.facts) > maxFacts || len(m.factsOf(factsKey{"", "f", number(maxFacts)})) != 1 {
		t.Errorf("%d facts are kept", len(m.facts))
	}
	big := &step{pairing: pairing{left: make([]*docFacts, 1000)}}
	for i := range maxChanges/1000 + 1 {
		m.keepStep(stepKey{"d", "", number(i)}, big)
	}
	if _, ok := m.step(stepKey{"d", "", number(maxChanges / 1000)}); !ok || m.changes > maxChanges {
		t.Errorf("steps of %d documents are kept", m.changes)
	}
}

func TestTreesAreBounded(t *testing.T) {
	dir := t.TempDir()
	var states []map[string]string
	for i := range maxTrees + 10 {
		states = append(states, files{"agents/a.yaml": agent(fmt.Sprint("A", i))})
	}
	hashes := build(t, dir, linear(states...))
	r := opened(t, dir)
	walked(t, r, hashes[len(hashes)-1], "main")
	if len(r.trees.recent) > maxTrees || len(r.trees.order) != len(r.trees.recent) {
		t.Errorf("%d trees are kept", len(r.trees.recent))
	}
}

// TestManyDocumentsAreNotCompared: likeness is left out where it would cost too much.
func TestManyDocumentsAreNotCompared(t *testing.T) {
	text := func(*docFacts) ([]string, error) { return nil, errors.New("was asked for") }
	var old, now []*docFacts
	for i := range 501 {
		old = append(old, &docFacts{file: fmt.Sprint("o", i), name: fmt.Sprint("o", i)})
		now = append(now, &docFacts{file: fmt.Sprint("n", i), name: fmt.Sprint("n", i)})
	}
	p, err := pair(old, now, text)
	if err != nil || len(p.pairs) != 0 || len(p.left) != 501 || len(p.entered) != 501 {
		t.Errorf("%d pairs, %v", len(p.pairs), err)
	}
	if _, err := pair(old[:500], now[:500], text); err == nil {
		t.Error("500 documents are still compared")
	}
}

// TestFetchFileAcrossDevices copies where a hard link cannot lead, and takes a
// shallow source for what it is.
func TestFetchFileAcrossDevices(t *testing.T) {
	shared, err := os.MkdirTemp("/dev/shm", "gitsrc")
	if err != nil {
		t.Skip("no second device: ", err)
	}
	t.Cleanup(func() { remove(t, shared) })
	_, work := source(t)
	thin := filepath.Join(t.TempDir(), "thin")
	run(t, work, "", "clone", "-q", "--depth", "1", "file://"+work, thin)
	ctx := context.Background()
	r, err := Fetch(ctx, Remote{URL: thin}, shared)
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, r)
	if shallow, err := r.Shallow(); err != nil || !shallow {
		t.Errorf("shallow %v %v", shallow, err)
	}
	run(t, thin, "", "fetch", "-q", "--unshallow")
	if err := r.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	if shallow, err := r.Shallow(); err != nil || shallow {
		t.Errorf("the deepened source is shallow: %v %v", shallow, err)
	}
	if l := walked(t, r, mustResolve(t, r, "main").Hash, "main"); !l.Whole() || len(l.Named("A")) != 1 {
		t.Error("the deepened source was not read")
	}
}

// TestOddObjects: what no Git writes is answered, not crashed upon.
func TestOddObjects(t *testing.T) {
	for _, tree := range []string{"x", "100644", "100644 name", "100644 name\x00short", "40000 \x00", "1 n\x00" + strings.Repeat("h", 20)} {
		r := treeReader{rest: []byte(tree)}
		for r.next() {
			r.entry()
		}
		if e := child([]byte(tree), "name"); e.kind != missing {
			t.Errorf("%q holds %v", tree, e)
		}
	}
	for text, want := range map[string]int64{
		"tree " + strings.Repeat("a", 40) + "\ncommitter A <a> 12 +0000\n": 12, "committer A <a> soon\n": 0, "committer\n": 0, "": 0, "\n\nx": 0,
		"committer A <b> c> 13 +0100\n": 13,
	} {
		if c, err := parseCommit(number(1), []byte(text)); err != nil || c.seconds != want {
			t.Errorf("%q: %d %v, want %d", text, c.seconds, err, want)
		}
	}
	for _, text := range []string{"tree x\n", "parent " + strings.Repeat("z", 40) + "\n"} {
		if _, err := parseCommit(number(1), []byte(text)); err == nil {
			t.Errorf("%q was taken for a commit", text)
		}
	}
}

// TestOnlyWhatChangedIsReported: sub.yaml sorts before the folder sub, and its
// coming must not make the folder look new.
func TestOnlyWhatChangedIsReported(t *testing.T) {
	dir := t.TempDir()
	hashes := build(t, dir, linear(
		files{"agents/sub/c.yaml": "1", "agents/sub/d.yaml": "1", "src/x": "1"},
		files{"agents/sub/c.yaml": "2", "agents/sub/d.yaml": "1", "agents/sub.yaml": "1", "src/x": "2"},
	))
	r := opened(t, dir)
	want := &interest{}
	want.at("agents").all = true
	var got []string
	old, err := r.header(hashes[0])
	if err != nil {
		t.Fatal(err)
	}
	now, err := r.header(hashes[1])
	if err != nil {
		t.Fatal(err)
	}
	if err := r.trees.changed(old.tree, now.tree, want, "", func(name string) { got = append(got, name) }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"agents/sub.yaml", "agents/sub/c.yaml"}, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzObjects(f *testing.F) {
	f.Add([]byte("100644 name\x00aaaaaaaaaaaaaaaaaaaa40000 dir\x00bbbbbbbbbbbbbbbbbbbb"))
	f.Add([]byte("tree " + strings.Repeat("a", 40) + "\nparent " + strings.Repeat("b", 40) + "\ncommitter A <a> 12 +0000\n\nx"))
	f.Fuzz(func(t *testing.T, content []byte) {
		_, _ = parseCommit(number(1), content) // any answer will do, but for a panic
		n, names := 0, children(content)
		for r := (treeReader{rest: content}); r.next(); n++ {
			if names[string(r.name)] != child(content, string(r.name)) {
				t.Errorf("%q is found twice, differently", r.name)
			}
			if e := r.entry(); child(content, string(r.name)).kind == missing {
				t.Errorf("%q has the entry %q %v, which cannot be found", content, r.name, e)
			}
		}
		if n > len(content)/22 {
			t.Errorf("%d entries in %d bytes", n, len(content))
		}
	})
}
