package gitsrc

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	id1 = "id: 11111111-0000-4000-8000-000000000000\n"
	id2 = "id: 22222222-0000-4000-8000-000000000000\n"
)

// body is long enough to tell documents apart by likeness.
func body(what string) string {
	return "description: " + what + " answers questions about " + what + "\nfirstMessage: This is " + what + ", what can I do?\nllmModel: openai/gpt-5.4-mini\n"
}

type files = map[string]string

// TestLineage shows what becomes of documents, commit by commit. A story is
// "name@file since..until", the newest version first, and then the stays.
func TestLineage(t *testing.T) {
	for name, test := range map[string]struct {
		snaps []snap
		want  []string
	}{
		"a rename in place": {
			linear(files{"agents/a.yaml": agent("Orders")}, files{"agents/a.yaml": agent("Order desk")}),
			[]string{"Order desk@a 1..-, Orders@a 0..1 [0..-] standing"},
		},
		"a file move is the same document": {
			linear(files{"agents/a.yaml": agent("Orders")}, files{"agents/sub/b.yaml": agent("Orders")}),
			[]string{"Orders@sub/b 1..-, Orders@a 0..1 [0..-] standing"},
		},
		"a rename and a move pair by likeness": {
			linear(files{"agents/a.yaml": agent("Orders", body("orders"))}, files{"agents/b.yaml": agent("Desk", body("orders"))}),
			[]string{"Desk@b 1..-, Orders@a 0..1 [0..-] standing"},
		},
		"a rename and a move that share too little do not pair": {
			linear(files{"agents/a.yaml": agent("Orders", body("orders"))}, files{"agents/b.yaml": agent("Desk", body("bills"))}),
			[]string{"Desk@b 1..- [1..-] standing", "Orders@a 0..1 [0..1]"},
		},
		"two that swap their names": {
			linear(
				files{"agents/a.yaml": agent("A", "llmModel: x/1\n"), "agents/b.yaml": agent("B", "llmModel: x/2\n")},
				files{"agents/a.yaml": agent("B", "llmModel: x/1\n"), "agents/b.yaml": agent("A", "llmModel: x/2\n")},
			),
			[]string{"A@b 1..-, A@a 0..1 [0..-] standing", "B@a 1..-, B@b 0..1 [0..-] standing"},
		},
		"an id goes before a name": {
			linear(
				files{"agents/a.yaml": agent("A", id1), "agents/b.yaml": agent("B", id2)},
				files{"agents/a.yaml": agent("B", id1), "agents/b.yaml": agent("A", id2)},
			),
			[]string{"A#2@b 1..-, B#2@b 0..1 [0..-] standing", "B#1@a 1..-, A#1@a 0..1 [0..-] standing"},
		},
		"a wrong pin is corrected": {
			linear(files{"agents/a.yaml": agent("A", id1)}, files{"agents/a.yaml": agent("A", id2)}),
			[]string{"A#2@a 1..-, A#1@a 0..1 [0..-] standing"},
		},
		"one of several in a file is renamed": {
			linear(
				files{"agents/a.yaml": agent("A") + "---\n" + agent("B") + "---\n" + agent("C")},
				files{"agents/a.yaml": agent("A") + "---\n" + agent("X") + "---\n" + agent("C")},
			),
			[]string{"A@a 0..- [0..-] standing", "C@a 0..- [0..-] standing", "X@a 1..-, B@a 0..1 [0..-] standing"},
		},
		"two of several in a file are replaced": {
			linear(
				files{"agents/a.yaml": agent("A") + "---\n" + agent("B")},
				files{"agents/a.yaml": agent("X") + "---\n" + agent("Y")},
			),
			[]string{"A@a 0..1 [0..1]", "B@a 0..1 [0..1]", "X@a 1..- [1..-] standing", "Y@a 1..- [1..-] standing"},
		},
		"a file split in two is no change of what it says": {
			linear(
				files{"agents/a.yaml": agent("A") + "---\n" + agent("B")},
				files{"agents/a.yaml": agent("A"), "agents/b.yaml": agent("B")},
			),
			[]string{"A@a 0..- [0..-] standing", "B@b 1..-, B@a 0..1 [0..-] standing"},
		},
		"a revert brings a document back": {
			linear(files{"agents/a.yaml": agent("A")}, files{"README": "x"}, files{"agents/a.yaml": agent("A")}),
			[]string{"A@a 2..-, A@a 0..1 [2..-] [0..1] standing"},
		},
		"a revert of a revert of a renamed document": {
			linear(files{"agents/a.yaml": agent("A")}, files{"agents/a.yaml": agent("B")}, files{"README": "x"}, files{"agents/z.yaml": agent("B")}, files{"README": "x"}),
			[]string{"B@z 3..4, B@a 1..2, A@a 0..1 [3..4] [0..2]"},
		},
		"a prompt's new text is a new version": {
			linear(
				files{"agents/a.yaml": agent("A", "systemPrompt: !file ../texts/p.md\n"), "texts/p.md": "one"},
				files{"agents/a.yaml": agent("A", "systemPrompt: !file ../texts/p.md\n"), "texts/p.md": "two"},
			),
			[]string{"A@a 1..-, A@a 0..1 [0..-] standing"},
		},
		"a prompt behind links": {
			linear(
				files{"agents/a.yaml": agent("A", "systemPrompt: !file t/p.md\n"), "agents/t": "-> ../texts", "texts/p.md": "-> q.md", "texts/q.md": "one"},
				files{"agents/a.yaml": agent("A", "systemPrompt: !file t/p.md\n"), "agents/t": "-> ../texts", "texts/p.md": "-> q.md", "texts/q.md": "two"},
				files{"agents/a.yaml": agent("A", "systemPrompt: !file t/p.md\n"), "agents/t": "-> ../texts", "texts/p.md": "-> r.md", "texts/q.md": "two", "texts/r.md": "six"},
			),
			[]string{"A@a 2..-, A@a 1..2, A@a 0..1 [0..-] standing"},
		},
		"a definition that is a link": {
			linear(
				files{"agents/a.yaml": "-> ../shared.yaml", "shared.yaml": agent("A")},
				files{"agents/a.yaml": "-> ../shared.yaml", "shared.yaml": agent("B")},
			),
			[]string{"B@a 1..-, A@a 0..1 [0..-] standing"},
		},
		"an edit on the marker line": {
			linear(files{"agents/a.yaml": "--- {name: A, description: x}\n--- {name: B}\n"}, files{"agents/a.yaml": "--- {name: A, description: y}\n--- {name: B}\n"}),
			[]string{"A@a 1..-, A@a 0..1 [0..-] standing", "B@a 0..- [0..-] standing"},
		},
		"an edit of a last line that looks like a directive": {
			linear(files{"agents/a.yaml": agent("A", "description: \"x\n%d 1\"\n")}, files{"agents/a.yaml": agent("A", "description: \"x\n%d 2\"\n")}),
			[]string{"A@a 1..-, A@a 0..1 [0..-] standing"},
		},
		"what stands around a document is not part of it": {
			linear(files{"agents/a.yaml": agent("A")}, files{"agents/a.yaml": "# first\n---\n" + agent("A") + "\n# about B\n---\n" + agent("B") + "...\n"}),
			[]string{"A@a 0..- [0..-] standing", "B@a 1..- [1..-] standing"},
		},
		"a file that does not parse for a while": {
			linear(files{"agents/a.yaml": agent("A")}, files{"agents/a.yaml": "name: ["}, files{"agents/a.yaml": agent("B")}),
			[]string{"B@a 2..-, A@a 0..2 [0..-] standing"},
		},
		"a file that is deleted while it does not parse": {
			linear(files{"agents/a.yaml": agent("A")}, files{"agents/a.yaml": "name: ["}, files{"README": "x"}),
			[]string{"A@a 0..2 [0..2]"},
		},
		"handoffs to what nobody defines do not hide a document": {
			linear(files{"agents/a.yaml": agent("A", "handoffTools:\n  - {agent: Nobody, description: x}\n")}, files{"README": "x"}),
			[]string{"A@a 0..1 [0..1]"},
		},
		"only the first parent's line counts": {
			[]snap{
				{files: files{"README": "x"}, seconds: 1000},
				{files: files{"agents/a.yaml": agent("A")}, seconds: 1060, parents: []int{0}}, // a branch adds it,
				{files: files{"README": "x"}, seconds: 1120, parents: []int{1}},               // removes it,
				{files: files{"README": "y"}, seconds: 1180, parents: []int{0, 2}},            // and is merged
			},
			nil,
		},
		"the merge is what brings it in": {
			[]snap{
				{files: files{"README": "x"}, seconds: 1000},
				{files: files{"agents/a.yaml": agent("A")}, seconds: 1060, parents: []int{0}},
				{files: files{"agents/a.yaml": agent("A")}, seconds: 1120, parents: []int{0, 1}},
			},
			[]string{"A@a 2..- [2..-] standing"},
		},
		"drafts, settings and environments are no definitions": {
			linear(files{"agents/_a.yaml": agent("A"), "agents/.b/c.yaml": agent("B"), "agents/wassist-sync.yaml": "organization: x\n", "agents/environments/e.yaml": "x: y\n"}, files{"README": "x"}),
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			l, hashes := history(t, test.snaps)
			if diff := cmp.Diff(test.want, stories(l, hashes)); diff != "" {
				t.Error(diff)
			}
			if !l.Whole() {
				t.Error("the line was not read down to its first commit")
			}
		})
	}
}

func TestLikenessDecidesForTheMostAlike(t *testing.T) {
	more := "icebreakers: [One of them, Another one of them]\n"
	l, hashes := history(t, linear(
		files{"agents/a.yaml": agent("A", body("orders"), more), "agents/b.yaml": agent("B", body("orders"))},
		files{"agents/c.yaml": agent("C", body("orders")), "agents/d.yaml": agent("D", body("orders"), more)},
	))
	want := []string{"C@c 1..-, B@b 0..1 [0..-] standing", "D@d 1..-, A@a 0..1 [0..-] standing"}
	if diff := cmp.Diff(want, stories(l, hashes)); diff != "" {
		t.Error(diff)
	}
}

func TestUnparsableFileIsNotedOnce(t *testing.T) {
	l, hashes := history(t, linear(files{"agents/a.yaml": agent("A")}, files{"agents/a.yaml": "["}, files{"agents/a.yaml": "{"}, files{"agents/a.yaml": agent("A")}))
	want := []string{"agents/a.yaml does not parse at commit " + short(hashes[2]) + ": its documents count as unchanged there"}
	if diff := cmp.Diff(want, l.Notes()); diff != "" {
		t.Error(diff)
	}
}

func TestVersionGivesItsAgent(t *testing.T) {
	prompt := "systemPrompt: !file ../texts/p.md\nlifecycle: {preventDestroy: true}\ndeploy: [{number: \"+44 7700 900111\"}]\n"
	l, _ := history(t, linear(
		files{"agents/a.yaml": agent("Z") + "---\n" + agent("A", prompt), "texts/p.md": "one"},
		files{"agents/a.yaml": agent("A", prompt), "texts/p.md": "two"},
		files{"README": "x"},
	))
	d := l.Named("A")[0]
	var texts []string
	for _, v := range d.Versions {
		a, err := v.Agent()
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, a.Name+" "+a.Fields.Get("systemPrompt").Text)
	}
	if diff := cmp.Diff([]string{"A two", "A one"}, texts); diff != "" {
		t.Error(diff)
	}
	v := d.Versions[0]
	if !v.PreventDestroy || len(v.Numbers) != 1 || v.Numbers[0] != "+447700900111" || v.File != "agents/a.yaml" {
		t.Errorf("version %+v", v)
	}
	if got := len(l.Pinned(strings.TrimSpace(strings.TrimPrefix(id1, "id: ")))); got != 0 {
		t.Errorf("%d documents pin an id", got)
	}
}

// TestWrongClocks: a document comes in at the latest time up to its commit and
// leaves at the earliest from there on.
func TestWrongClocks(t *testing.T) {
	snaps := linear(files{"README": "x"}, files{"agents/a.yaml": agent("A")}, files{"README": "x"}, files{"README": "y"})
	for i, seconds := range []int64{5000, 1000, 9000, 3000} {
		snaps[i].seconds = seconds
	}
	l, _ := history(t, snaps)
	stay := l.Named("A")[0].Stays[0]
	entered, ok, err := l.Entered(stay)
	if err != nil || !ok || entered.Unix() != 5000 {
		t.Errorf("entered %v %v %v, want 5000", entered.Unix(), ok, err)
	}
	if stay.Left.Earliest.Unix() != 3000 || stay.Left.Time.Unix() != 9000 {
		t.Errorf("left %v, want the earliest 3000", stay.Left)
	}
}

// TestBehindTheTip is an old job that is run again after a rename and a delete.
func TestBehindTheTip(t *testing.T) {
	dir := t.TempDir()
	hashes := build(t, dir, linear(
		files{"agents/a.yaml": agent("A"), "agents/b.yaml": agent("B")},
		files{"agents/a.yaml": agent("A2"), "agents/b.yaml": agent("B")},
		files{"agents/a.yaml": agent("A2"), "agents/c.yaml": agent("C")},
	))
	r := opened(t, dir)
	l := walked(t, r, hashes[0], hashes[0].String())
	want := []string{"A2@a 1..-, A@a 0..1 [0..-] standing", "B@b 0..2 [0..2] standing", "C@c 2..- [2..-]"}
	// b.yaml and c.yaml share too little to be one document moved.
	if diff := cmp.Diff(want, stories(l, hashes)); diff != "" {
		t.Error(diff)
	}
	d := l.Named("A")[0]
	if !d.Versions[0].Later || d.Versions[1].Later || d.Current().Name != "A" {
		t.Errorf("A2 came later, A stands: %+v", d.Versions)
	}
	if l.Named("C")[0].Current() != nil {
		t.Error("C does not stand at the first commit")
	}
}

// TestBehindTwoTips: two branches go on from the commit, and both count.
func TestBehindTwoTips(t *testing.T) {
	dir := t.TempDir()
	snaps := linear(files{"agents/a.yaml": agent("A")}, files{"agents/a.yaml": agent("A1")}, files{"agents/a.yaml": agent("A2")})
	snaps[2].parents = []int{0}
	hashes := build(t, dir, snaps)
	run(t, dir, "", "update-ref", "refs/heads/other", hashes[1].String())
	r := opened(t, dir)
	tips, err := r.Tips(context.Background(), hashes[0], hashes[0].String())
	if err != nil || len(tips) != 2 {
		t.Fatalf("tips %v %v, want two", tips, err)
	}
	l := walked(t, r, hashes[0], hashes[0].String())
	want := []string{"A2@a 2..-, A1@a 1..-, A@a 0..2 [0..-] standing"}
	if diff := cmp.Diff(want, stories(l, hashes)); diff != "" {
		t.Error(diff)
	}
	if len(l.Named("A1")) != 1 || l.Named("A1")[0] != l.Named("A2")[0] {
		t.Error("both names belong to one document")
	}
}

func TestWalkStopsWhenItIsEnough(t *testing.T) {
	dir := t.TempDir()
	var states []map[string]string
	for i := range 50 {
		states = append(states, files{"agents/a.yaml": agent("A" + strings.Repeat("x", i))})
	}
	hashes := build(t, dir, linear(states...))
	r := opened(t, dir)
	l, err := r.Line(hashes[49], nil, "agents")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Walk(context.Background(), func() bool { return len(l.Named("A"+strings.Repeat("x", 45))) > 0 }); err != nil {
		t.Fatal(err)
	}
	if n := len(l.Documents()[0].Versions); n != 5 || l.Done() {
		t.Errorf("%d versions were read, want 5", n)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := l.Walk(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled walk returned %v", err)
	}
	if err := l.Walk(context.Background(), nil); err != nil || len(l.Documents()[0].Versions) != 50 {
		t.Errorf("the walk did not go on: %v", err)
	}
}
