package source

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/sync"
)

// pairs tells what a base holds, and which of it the definitions are.
func pairs(o *Opened, b *sync.Base) []string {
	var out []string
	for _, a := range b.Agents {
		out = append(out, fmt.Sprintf("%s@%s:%d", a.Name, a.Pos.File, a.Pos.Line))
	}
	for _, def := range o.Set.Agents {
		if old := b.Of[def]; old != nil {
			out = append(out, def.Name+" was "+old.Name)
		}
	}
	slices.Sort(out)
	return out
}

func TestBase(t *testing.T) {
	r := newRepo(t,
		files{"README": "x"},
		files{"agents/a.yaml": agent("A", body("bread")), "agents/b.yaml": agent("B", body("cake")) + "---\n" + agent("C"), "agents/d.yaml": agent("D", body("tea"))},
		files{"agents/b.yaml": "name: [", "agents/d.yaml": agent("D") + "---\nid: nonsense\n"},
		files{"agents/a.yaml": "", "agents/moved.yaml": agent("A2", body("bread")), "agents/b.yaml": agent("C") + "---\n" + agent("B2", body("cake")), "agents/d.yaml": agent("D")},
	)
	o := open(t, Request{Path: r.path("agents")})
	for _, tt := range []struct {
		base        int
		want, notes []string
	}{
		{0, nil, []string{"has no folder agents: every definition shows as new, also one whose agent is there already"}},
		{1, []string{"A2 was A", "A@agents/a.yaml:1", "B2 was B", "B@agents/b.yaml:1", "C was C", "C@agents/b.yaml:5", "D was D", "D@agents/d.yaml:1"}, nil},
		// What does not parse counts as it last did.
		{2, []string{"A2 was A", "A@agents/a.yaml:1", "B2 was B", "B@agents/b.yaml:1", "C was C", "C@agents/b.yaml:5", "D was D", "D@agents/d.yaml:1"}, []string{"the definitions are not valid at"}},
		{3, []string{"A2 was A2", "A2@agents/moved.yaml:1", "B2 was B2", "B2@agents/b.yaml:3", "C was C", "C@agents/b.yaml:1", "D was D", "D@agents/d.yaml:1"}, nil},
	} {
		b, err := o.Base(t.Context(), r.commits[tt.base])
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, pairs(o, b)); diff != "" || b.Commit != r.commits[tt.base] {
			t.Errorf("%d: %s %s", tt.base, b.Commit, diff)
		}
		if len(b.Notes) != len(tt.notes) || len(b.Notes) > 0 && !strings.Contains(b.Notes[0], tt.notes[0]) {
			t.Errorf("%d: notes %q", tt.base, b.Notes)
		}
	}
}

// TestBaseBeside: a base that the definitions do not come after is noted.
func TestBaseBeside(t *testing.T) {
	r := newRepo(t, files{"agents/a.yaml": agent("A")})
	r.git("checkout", "-q", "-b", "topic")
	r.commit(files{"agents/b.yaml": agent("B")})
	r.git("checkout", "-q", "main")
	r.commit(files{"agents/c.yaml": agent("C")})
	o := open(t, Request{Path: r.path("agents"), Ref: "topic"})
	beside := "is not in the history of what is compared with it"
	b, err := o.Base(t.Context(), "main")
	if err != nil || len(b.Notes) != 1 || !strings.Contains(b.Notes[0], beside) {
		t.Errorf("%v %+v", err, b)
	}
	r.git("checkout", "-q", "topic")
	r.git("merge", "-q", "-m", "merge", "main")
	o = open(t, Request{Path: r.path("agents"), Ref: "topic"})
	if b, err := o.Base(t.Context(), "main"); err != nil || len(b.Notes) != 0 {
		t.Errorf("after the merge: %v %+v", err, b)
	}
}

func TestBaseThatIsNotThere(t *testing.T) {
	r := newRepo(t, files{"agents/a.yaml": agent("A")})
	o := open(t, Request{Path: r.path("agents")})
	if _, err := o.Base(t.Context(), "origin/release"); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "git fetch origin release") {
		t.Errorf("an unknown base: %v", err)
	}
	if _, err := o.Base(t.Context(), "origin/release~3^2"); err == nil || !strings.Contains(err.Error(), "git fetch origin release)") {
		t.Errorf("an unknown ancestor: %v", err)
	}
	plain := newRepo(t)
	plain.write(files{".git": "", "agents/a.yaml": agent("A")})
	o = open(t, Request{Path: plain.path("agents")})
	if _, err := o.Base(t.Context(), "main"); !errors.Is(err, ErrUsage) {
		t.Errorf("without a repository: %v", err)
	}
}
