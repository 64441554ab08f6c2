package gitsrc

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// document draws one definition. Few names and lines, so that histories meet
// themselves again.
func drawDocument(t *rapid.T) string {
	text := "name: " + rapid.SampledFrom([]string{"A", "B", "C", "D"}).Draw(t, "name") + "\n"
	if rapid.IntRange(0, 4).Draw(t, "pinned") == 0 {
		text += "id: " + strings.ReplaceAll("xxxxxxxx-0000-4000-8000-000000000000", "x", rapid.SampledFrom([]string{"1", "2"}).Draw(t, "id")) + "\n"
	}
	text += "description: " + strings.Repeat(rapid.SampledFrom([]string{"long ", "short ", "other "}).Draw(t, "words"), 4) + "\n"
	switch rapid.IntRange(0, 3).Draw(t, "prompt") {
	case 0:
		text += "systemPrompt: !file ../prompts/p.md\n"
	case 1:
		text += "systemPrompt: !file inside.md\n"
	}
	return text
}

func drawFile(t *rapid.T) string {
	docs := []string{drawDocument(t)}
	for len(docs) < 3 && rapid.IntRange(0, 3).Draw(t, "more") == 0 {
		docs = append(docs, drawDocument(t))
	}
	return strings.Join(docs, "---\n")
}

func drawHistory(t *rapid.T) []snap {
	// sub.yaml and sub-x.yaml sort around the folder sub in Git's order.
	names := []string{"agents/a.yaml", "agents/b.yaml", "agents/sub/c.yaml", "agents/sub.yaml", "agents/sub0.yaml"}
	others := []string{"prompts/p.md", "agents/inside.md", "README.md"}
	snaps := []snap{{files: map[string]string{"prompts/p.md": "p", "agents/inside.md": "i", "agents/sub/inside.md": "i", "agents/prompts/p.md": "sub"}, seconds: 1000}}
	for n := rapid.IntRange(1, 12).Draw(t, "commits"); len(snaps) <= n; {
		parent := len(snaps) - 1
		if rapid.IntRange(0, 6).Draw(t, "branch") == 0 {
			parent = rapid.IntRange(0, parent).Draw(t, "from")
		}
		s := snap{files: maps.Clone(snaps[parent].files), seconds: int64(rapid.IntRange(0, 5000).Draw(t, "time")), parents: []int{parent}}
		if rapid.IntRange(0, 4).Draw(t, "merge") == 0 {
			s.parents = append(s.parents, rapid.IntRange(0, len(snaps)-1).Draw(t, "second"))
		}
		for range rapid.IntRange(1, 3).Draw(t, "changes") {
			name := rapid.SampledFrom(names).Draw(t, "file")
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0, 1, 2:
				s.files[name] = drawFile(t)
			case 3:
				delete(s.files, name)
			case 4: // a move
				if text, ok := s.files[name]; ok {
					delete(s.files, name)
					s.files[rapid.SampledFrom(names).Draw(t, "to")] = text
				}
			case 5: // an edit in place
				if text, ok := s.files[name]; ok {
					s.files[name] = strings.Replace(text, "description: ", "description: more ", 1)
				}
			case 6: // a rename
				if text, ok := s.files[name]; ok {
					s.files[name] = strings.Replace(text, "name: A", "name: E", 1)
				}
			case 7:
				s.files[name] = "name: [broken\n"
			case 8: // a revert
				s.files = maps.Clone(snaps[rapid.IntRange(0, len(snaps)-1).Draw(t, "back to")].files)
			case 9:
				other := rapid.SampledFrom(others).Draw(t, "other")
				if _, ok := s.files[other]; ok && rapid.Bool().Draw(t, "remove") {
					delete(s.files, other) // definitions that name it do not parse then
				} else {
					s.files[other] = fmt.Sprint(rapid.IntRange(0, 3).Draw(t, "text"))
				}
			}
		}
		snaps = append(snaps, s)
	}
	return snaps
}

// TestLineTellsWhatAFullReadingTells compares the lazy walk with the plain
// reading of reference_test.go: in one go, in pieces, with what an earlier Line
// learnt, and for a commit behind the tip.
func TestLineTellsWhatAFullReadingTells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		snaps := drawHistory(t)
		dir, err := os.MkdirTemp("", "history")
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
		tip := len(snaps) - 1
		line := []int{tip}
		for i := tip; len(snaps[i].parents) > 0; {
			i = snaps[i].parents[0]
			line = append(line, i)
		}
		// The applied commit behind the tip comes first: it leaves the memory
		// half filled for the ones after it.
		for _, applied := range []int{rapid.SampledFrom(line).Draw(t, "applied"), tip, tip} {
			l, err := r.Line(hashes[applied], []Tip{{"refs/heads/main", hashes[tip]}}, "agents")
			if err != nil {
				t.Fatal(err)
			}
			pieces := rapid.IntRange(1, 5).Draw(t, "pieces")
			for !l.Done() {
				n := 0
				if err := l.Walk(context.Background(), func() bool { n++; return n > pieces }); err != nil {
					t.Fatal(err)
				}
			}
			want := plainStories(snaps, applied)
			if diff := cmp.Diff(want, stories(l, hashes)); diff != "" {
				t.Fatalf("applied %d of %d, first-parent line %v (-plain +walked):\n%s", applied, tip, line, diff)
			}
			checkTimes(t, l, snaps, hashes, line, applied)
		}
	})
}

// checkTimes checks Earliest and Entered against their definitions.
func checkTimes(t *rapid.T, l *Line, snaps []snap, hashes []Hash, line []int, applied int) {
	earliest, latest := map[Hash]int64{}, map[Hash]int64{}
	least := int64(1 << 60)
	for _, i := range line { // from the tip down
		least = min(least, snaps[i].seconds)
		earliest[hashes[i]] = least
	}
	most := int64(-1 << 60)
	for _, i := range slices.Backward(line) {
		most = max(most, snaps[i].seconds)
		latest[hashes[i]] = most
	}
	for _, d := range l.Documents() {
		for _, s := range d.Stays {
			if s.Left != nil && s.Left.Earliest.Unix() != earliest[s.Left.Commit] {
				t.Fatalf("left at %v, want %d", s.Left, earliest[s.Left.Commit])
			}
			entered, ok, err := l.Entered(s)
			if err != nil || !ok || entered.Unix() != latest[s.Since.Commit] {
				t.Fatalf("entered %v %v %v, want %d", entered, ok, err, latest[s.Since.Commit])
			}
		}
		later := true
		for _, v := range d.Versions {
			behind := v.Since != nil && slices.Index(line, slices.Index(hashes, v.Since.Commit)) >= slices.Index(line, applied)
			if v.Later == behind {
				t.Fatalf("%s: later is %v", v.Name, v.Later)
			}
			if v.Later && !later {
				t.Fatalf("%s: a later version behind an earlier one", v.Name)
			}
			later = v.Later
		}
	}
}
