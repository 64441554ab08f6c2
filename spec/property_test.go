package spec

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// checkLoad holds what is true of every Load.
func checkLoad(t testing.TB, set *Set, err error) {
	if (set == nil) == (err == nil) {
		t.Fatalf("set %v with error %v: exactly one of them must be nil", set, err)
	}
	if err != nil {
		var problems Problems
		if !errors.As(err, &problems) || len(problems) == 0 || len(problems) > maxProblems+1 {
			t.Fatalf("error %T with %d problems", err, len(problems))
		}
		for i, p := range problems {
			if p.Pos.File == "" || p.Message == "" || p.Remedy == "" || strings.Contains(p.Error(), "\n") || (p.Pos.Line == 0) != (p.Pos.Column == 0) || p.Pos.Line < 0 {
				t.Fatalf("problem %#v", p)
			}
			if i > 0 && i < maxProblems && comparePositions(problems[i-1].Pos, p.Pos) > 0 {
				t.Fatalf("%v stands before %v", problems[i-1].Pos, p.Pos)
			}
		}
		return
	}
	for _, a := range set.Agents {
		if a.Name == "" || a.Fields == nil || a.Pos.Line == 0 || a.NamePos.Line == 0 {
			t.Fatalf("agent %+v", a)
		}
		walk(a.Fields, func(v *Value) {
			if v.Kind == invalid || v.Pos.Line == 0 {
				t.Fatalf("value %#v of kind %d at %v", v, v.Kind, v.Pos)
			}
		})
	}
	if err := set.ResolveEnv(func(string) (string, bool) { return "canary", true }); err != nil && strings.Contains(err.Error(), "canary") {
		t.Fatalf("a problem shows a value: %v", err)
	}
}

func FuzzLoad(f *testing.F) {
	for _, src := range []string{
		wholeDefinition, envDefinition, "", "\ufeffname: A\r\n", "name: &a [*a]\n", "<<: {a: b}\n", "? [x]\n: y\n", "--- !!map\nname: A\n...\n",
		"name: A\nicebreakers: [a?, b]\n", "name: A\ntools:\n\t- x\n", "%YAML 1.1\n---\nname: A\n", "name: A\nsystemPrompt: !file p.md\n", "\xff\xfe", "name: \"\\ud800\"",
		"name: A\ncreditSettings: {creditGrantPassword: !env X, initialCredits: .5}\n", "name: |+\n A\n\n--- |\n x\n", "a: &x {b: *x}\n", "- - - -\n", "#\n---\n# c\n--- # d\n",
	} {
		f.Add([]byte(src), "p")
	}
	f.Fuzz(func(t *testing.T, src []byte, text string) {
		fsys := fstest.MapFS{"agents/a.yaml": {Data: src}, "agents/b.yml": {Data: []byte("name: B\n")}, "agents/p.md": {Data: []byte(text)}}
		set, err := Load(fsys, "agents")
		checkLoad(t, set, err)
	})
}

// shuffledFS lists folders in an order of its own, as file systems may.
type shuffledFS struct {
	fstest.MapFS
	reverse bool
}

func (s shuffledFS) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := s.MapFS.ReadDir(name)
	if s.reverse {
		slices.Reverse(entries)
	}
	return entries, err
}

// What is loaded depends neither on the order in which a folder is listed nor,
// but for positions, on how documents are spread over files.
func TestLoadDoesNotDependOnOrder(t *testing.T) {
	documents := []string{
		"name: A\ndescription: a\n", "name: B\nhandoffTools: [{agent: A, description: d}]\n", "name: C\ndeploy: [{number: 12025550123}]\n",
		"name: D\nicebreakers: [a, b, c, d, e]\n", "name: E\ncolour: x\n", "name: A\n", "name: F\ndeploy: [{number: +1 202 555 0123}]\n",
		"name: G\nhandoffTools: [{agent: Nobody, description: d}]\n", "- x\n", "name: \"H\n", "name: I\nid: " + id1 + "\n", "name: J\nid: " + id1 + "\n", "",
	}
	// outline is a result without positions.
	outline := func(t *rapid.T, fsys fs.FS) []string {
		set, err := Load(fsys, "agents")
		var out []string
		var problems Problems
		if errors.As(err, &problems) {
			for _, p := range problems {
				message, _, _ := strings.Cut(p.Message, ", first at ")
				out = append(out, p.Field+" "+message)
			}
			slices.Sort(out)
			return out
		}
		for _, a := range set.Agents {
			out = append(out, a.Name+" "+a.ID+" "+show(a.Fields))
		}
		for _, w := range set.Warnings {
			out = append(out, w.Field+" "+w.Message)
		}
		return out
	}
	rapid.Check(t, func(t *rapid.T) {
		chosen := rapid.SliceOfNDistinct(rapid.IntRange(0, len(documents)-1), 1, 6, rapid.ID[int]).Draw(t, "documents")
		spread := func(order []int, perFile int) fstest.MapFS {
			fsys := fstest.MapFS{}
			for i, d := range order {
				name := fmt.Sprintf("agents/%d/f.yaml", i/perFile)
				if fsys[name] == nil {
					fsys[name] = &fstest.MapFile{Data: []byte("name: filler " + fmt.Sprint(i/perFile) + "\n")}
				}
				fsys[name].Data = append(fsys[name].Data, "---\n"+documents[d]...)
			}
			for i := range len(order) { // the same fillers however many files there are
				name := fmt.Sprintf("agents/%d/f.yaml", i)
				if fsys[name] == nil {
					fsys[name] = &fstest.MapFile{Data: []byte("name: filler " + fmt.Sprint(i) + "\n")}
				}
			}
			return fsys
		}
		fsys := spread(chosen, 1)
		set, err := Load(shuffledFS{fsys, false}, "agents")
		set2, err2 := Load(shuffledFS{fsys, true}, "agents")
		if diff := cmp.Diff(fmt.Sprint(err), fmt.Sprint(err2)); diff != "" {
			t.Fatalf("the order of a listing changes problems:\n%s", diff)
		}
		if diff := cmp.Diff(set, set2, cmp.AllowUnexported(Value{}, fromTag{}, envTemplate{}, envPart{}, Member{}, place{})); diff != "" {
			t.Fatalf("the order of a listing changes the set:\n%s", diff)
		}
		other := spread(rapid.Permutation(chosen).Draw(t, "order"), rapid.IntRange(1, 3).Draw(t, "documents a file"))
		if diff := cmp.Diff(outline(t, fsys), outline(t, other)); diff != "" {
			t.Fatalf("the spread over files changes the result:\n%s", diff)
		}
	})
}
