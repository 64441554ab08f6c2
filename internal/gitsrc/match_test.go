package gitsrc

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"wassist-sync/spec"
)

// loaded reads every definition file of a state; false when one does not parse.
func loaded(all map[string]string) (agents []*spec.Agent, fsys fs.FS, ok bool) {
	m := fstest.MapFS{}
	for name, text := range all {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	for _, name := range sortedKeys(all) {
		if !isDefinition("agents", name) {
			continue
		}
		more, err := spec.LoadFile(m, name)
		if err != nil {
			return nil, nil, false
		}
		agents = append(agents, more...)
	}
	return agents, m, distinct(agents)
}

// distinct tells whether a set of definitions can be told apart, as spec.Load
// wants it: which of two of one id or name is which says nobody.
func distinct(agents []*spec.Agent) bool {
	seen := map[string]bool{}
	for _, a := range agents {
		key := "name " + a.Name
		if a.ID != "" {
			key = "id " + a.ID
		}
		if seen[key] {
			return false
		}
		seen[key] = true
	}
	return true
}

func TestMatch(t *testing.T) {
	for name, test := range map[string]struct {
		snaps []snap
		now   files
		want  []string // "definition = names of the document, the newest first"
	}{
		"nothing changed": {
			linear(files{"agents/a.yaml": agent("A") + "---\n" + agent("B")}),
			files{"agents/a.yaml": agent("A") + "---\n" + agent("B")},
			[]string{"A = A", "B = B"},
		},
		"a rename": {
			linear(files{"agents/a.yaml": agent("A")}, files{"agents/a.yaml": agent("B")}),
			files{"agents/a.yaml": agent("C")},
			[]string{"C = B, A"},
		},
		"a move": {
			linear(files{"agents/a.yaml": agent("A")}),
			files{"agents/sub/z.yaml": agent("A")},
			[]string{"A = A"},
		},
		"a rename and a move, alike": {
			linear(files{"agents/a.yaml": agent("A", body("orders")), "agents/b.yaml": agent("B", body("bills"))}),
			files{"agents/x.yaml": agent("C", body("bills")) + "---\n" + agent("D", body("orders"))},
			[]string{"C = B", "D = A"},
		},
		"a rename and a move, not alike": {
			linear(files{"agents/a.yaml": agent("A", body("orders"))}),
			files{"agents/x.yaml": agent("C", body("bills"))},
			[]string{"C ="},
		},
		"an id goes before a name": {
			linear(files{"agents/a.yaml": agent("A", id1), "agents/b.yaml": agent("B", id2)}),
			files{"agents/a.yaml": agent("A", id2), "agents/b.yaml": agent("B", id1)},
			[]string{"A = B", "B = A"},
		},
		"a deletion": {
			linear(files{"agents/a.yaml": agent("A"), "agents/b.yaml": agent("B")}),
			files{"agents/b.yaml": agent("B")},
			[]string{"B = B"},
		},
		"a new one": {
			linear(files{"agents/a.yaml": agent("A")}),
			files{"agents/a.yaml": agent("A"), "agents/b.yaml": agent("B")},
			[]string{"A = A", "B ="},
		},
		"one that left comes back, by its name": {
			linear(files{"agents/a.yaml": agent("A")}, files{"agents/a.yaml": agent("B")}, files{"README": "x"}),
			files{"agents/z.yaml": agent("B")},
			[]string{"B = B, A"},
		},
		"one that left comes back, by its id": {
			linear(files{"agents/a.yaml": agent("A", id1)}, files{"README": "x"}),
			files{"agents/z.yaml": agent("B", id1)},
			[]string{"B = A"},
		},
		"a name that was given up before does not come back": {
			linear(files{"agents/a.yaml": agent("A")}, files{"agents/a.yaml": agent("B")}, files{"README": "x"}),
			files{"agents/z.yaml": agent("A")},
			[]string{"A ="},
		},
		"what came back under its name does not lose its past to an id": {
			linear(files{"agents/a.yaml": agent("A", id1)}, files{"README": "x"}, files{"agents/b.yaml": agent("A")}),
			files{"agents/b.yaml": agent("A"), "agents/c.yaml": agent("C", id1)},
			[]string{"A = A, A", "C ="},
		},
		"one that stands is not taken twice": {
			linear(files{"agents/a.yaml": agent("A")}),
			files{"agents/a.yaml": agent("A", id1), "agents/b.yaml": agent("A", id2)},
			[]string{"A = A", "A ="},
		},
		"the file did not parse when it was committed": {
			linear(files{"agents/a.yaml": agent("A")}, files{"agents/a.yaml": "name: ["}),
			files{"agents/a.yaml": agent("B")},
			[]string{"B = A"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			l, _ := history(t, test.snaps)
			agents, fsys, ok := loaded(test.now)
			if !ok {
				t.Fatal("the definitions do not parse")
			}
			found, err := l.Match(agents, func(file string) ([]byte, error) { return fs.ReadFile(fsys, file) })
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, a := range agents {
				var names []string
				if d := found[a]; d != nil {
					for _, v := range d.Versions {
						names = append(names, v.Name)
					}
				}
				got = append(got, strings.TrimSpace(a.Name+" = "+strings.Join(names, ", ")))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestMatchReadsTextsForLikenessOnly: what pairs by itself costs no reading.
func TestMatchReadsTextsForLikenessOnly(t *testing.T) {
	l, _ := history(t, linear(files{"agents/a.yaml": agent("A"), "agents/b.yaml": agent("B", body("b"))}))
	asked := errors.New("was asked for")
	text := func(string) ([]byte, error) { return nil, asked }
	agents, _, _ := loaded(files{"agents/a.yaml": agent("A2"), "agents/b.yaml": agent("B")})
	if _, err := l.Match(agents, text); err != nil {
		t.Errorf("by place and name: %v", err)
	}
	agents, _, _ = loaded(files{"agents/a.yaml": agent("A"), "agents/c.yaml": agent("C", body("b"))})
	if _, err := l.Match(agents, text); !errors.Is(err, asked) {
		t.Errorf("by likeness: %v", err)
	}
}

// root tells documents of several Lines apart: where the first version came in.
func root(d *Document) string {
	v := d.oldest()
	return fmt.Sprint(v.Since.Commit, v.File, v.facts.index)
}

// TestMatchTellsWhatACommitWouldTell compares the pairing of uncommitted files
// with the history after they are committed.
func TestMatchTellsWhatACommitWouldTell(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		snaps := drawHistory(t)
		tip := len(snaps) - 1
		agents, fsys, ok := loaded(snaps[tip].files)
		if !ok {
			return
		}
		dir, err := os.MkdirTemp("", "match")
		if err != nil {
			t.Fatal(err)
		}
		defer remove(t, dir)
		hashes := build(t, dir, snaps)
		r, err := open("", dir)
		if err != nil {
			t.Fatal(err)
		}
		defer shut(t, r)
		lineOf := func(i int) *Line {
			l, err := r.Line(hashes[i], nil, "agents")
			if err == nil {
				err = l.Walk(context.Background(), nil)
			}
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		want := map[string]string{}
		for _, d := range lineOf(tip).Documents() {
			if v := d.Current(); v != nil {
				if oldest := d.Stays[len(d.Stays)-1]; oldest.Since.Commit != hashes[tip] {
					want[fmt.Sprint(v.File, v.Line)] = root(d)
				}
			}
		}
		found, err := lineOf(snaps[tip].parents[0]).Match(agents, func(file string) ([]byte, error) { return fs.ReadFile(fsys, file) })
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for a, d := range found {
			got[fmt.Sprint(a.Pos.File, a.Pos.Line)] = root(d)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("-committed +matched:\n%s", diff)
		}
	})
}
