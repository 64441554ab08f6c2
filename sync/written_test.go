package sync_test

import (
	"strings"
	"testing"

	"wassist-sync/sync"
	"wassist-sync/wassist/simulator"
)

// edited is somebody's edit of the agent of that name.
func edited(t tester, w *world, name string, fields map[string]any) {
	t.Helper()
	id, _ := w.called(t, name)["id"].(string)
	if err := w.server.EditAgent(id, fields); err != nil {
		t.Fatalf("edit %s: %v", name, err)
	}
}

// What is changed back at once is written once, and again when Git changes it.
func TestWrittenOnce(t *testing.T) {
	t.Parallel()
	const tools = "name: A\n" + `tools: [{name: find, description: %, apiSchema: {method: GET, url: "https://a.example/x"}}]`
	const prompts = "name: A\nsystemPrompt: p\nfirstMessage: m"
	tool := func(description string) string { return strings.Replace(tools, "%", description, 1) }
	moved := func(t tester, w *world) {
		if err := w.server.SetNumber(strings.TrimPrefix(number1, "+"), map[string]any{"activeAgent": w.called(t, "B")["id"]}); err != nil {
			t.Fatalf("move the number: %v", err)
		}
	}
	to := func(fields map[string]any) func(tester, *world) {
		return func(t tester, w *world) { edited(t, w, "A", fields) }
	}
	for _, tt := range []struct {
		name      string
		docs      []string
		change    func(tester, *world) // on Wassist, after all was applied
		contested string               // what the held entry names
		commits   [][]string           // what Git says later
		env       map[string]string
		later     map[string]string // the environment then
		want      string            // what is done after the last commit
	}{
		{name: "a text", docs: docs(prompts), change: to(map[string]any{"systemPrompt": "x"}), contested: "systemPrompt",
			commits: [][]string{docs("name: A\nsystemPrompt: q\nfirstMessage: m")}, want: "update A systemPrompt"},
		{name: "Git changes another field", docs: docs(prompts), change: to(map[string]any{"systemPrompt": "x"}), contested: "systemPrompt",
			commits: [][]string{docs("name: A\nsystemPrompt: p\nfirstMessage: n")}, want: "update A firstMessage"},
		{name: "Git leaves it out meanwhile", docs: docs(prompts), change: to(map[string]any{"systemPrompt": "x"}), contested: "systemPrompt",
			commits: [][]string{docs("name: A\nfirstMessage: m"), docs(prompts)}, want: "update A systemPrompt"},
		{name: "an entry", docs: docs(tool("d")), change: to(map[string]any{"tools": []any{}}), contested: "tools[find]",
			commits: [][]string{docs(tool("e"))}, want: "update A tools[find]"},
		{name: "a secret", docs: docs("name: A\ndescription: !env S"), change: to(map[string]any{"description": "x"}), env: map[string]string{"S": "one-secret"}, contested: "description",
			commits: [][]string{docs("name: A\ndescription: !env S")}, later: map[string]string{"S": "two-secret"}, want: "update A description"},
		{name: "a number", docs: docs("name: A\ndeploy: [{number: \""+number1+"\"}]", "name: B"), change: moved, contested: number1,
			commits: [][]string{docs("name: A", "name: B"), docs("name: A\ndeploy: [{number: \""+number1+"\"}]", "name: B")}, want: "deploy A number:" + number1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, simulator.Options{})
			o := sync.Options{Written: sync.NewWritten()}
			apply := func(env map[string]string, docs []string) *sync.Plan {
				t.Helper()
				p := w.plan(t, load(t, env, docs...), o)
				o.Written.Record(w.apply(t, p))
				return p
			}
			apply(tt.env, tt.docs)
			tt.change(t, w)
			for round := range 3 {
				p := apply(tt.env, tt.docs)
				if !p.Empty() || len(p.Held) != 1 || !p.Held[0].Contested || !strings.Contains(p.Held[0].Reason, "until Git changes it: "+tt.contested+".") {
					t.Fatalf("round %d: changes %v, held %+v", round, describe(p), p.Held)
				}
				checkShowsNot(t, p, "one-secret")
			}
			if fresh := w.plan(t, load(t, tt.env, tt.docs...), sync.Options{Written: sync.NewWritten()}); fresh.Empty() {
				t.Error("a new process has nothing to write either: the change was none")
			}
			env := tt.env
			if tt.later != nil {
				env = tt.later
			}
			var got string
			for _, docs := range tt.commits {
				got = strings.Join(describe(apply(env, docs)), "; ")
			}
			if got != tt.want {
				t.Errorf("after Git changed it: %s, want %s", got, tt.want)
			}
		})
	}
}

// An edit of what had stayed is written over, as ever: but not for ever.
func TestWrittenAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{})
	o := sync.Options{Written: sync.NewWritten()}
	set := load(t, nil, "name: A\nsystemPrompt: p\ndeploy: [{number: \""+number1+"\"}]", "name: B")
	apply := func() *sync.Plan {
		t.Helper()
		p := w.plan(t, set, o)
		o.Written.Record(w.apply(t, p))
		return p
	}
	apply()
	for i := range 5 {
		if p := apply(); !p.Empty() && i < 3 {
			t.Fatalf("round %d: %v before anything was edited", i, describe(p))
		}
		edited(t, w, "A", map[string]any{"systemPrompt": "theirs"})
		if err := w.server.SetNumber(strings.TrimPrefix(number1, "+"), map[string]any{"activeAgent": w.called(t, "B")["id"]}); err != nil {
			t.Fatal(err)
		}
		// The first write was one of three.
		want := "update A systemPrompt; deploy A number:" + number1
		if i >= 2 {
			want = ""
		}
		if p := apply(); strings.Join(describe(p), "; ") != want || (want == "") != (len(p.Held) == 2) {
			t.Fatalf("round %d: %v, held %+v", i, describe(p), p.Held)
		}
	}
}

// An agent that was made anew is another one: what names it by name is written
// again, with its new id.
func TestWrittenNamesAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{})
	o := sync.Options{Written: sync.NewWritten()}
	set := load(t, nil, "name: A\nhandoffTools: [{agent: B, description: d}]", "name: B")
	for range 3 {
		p := w.plan(t, set, o)
		if len(p.Held) > 0 {
			t.Fatalf("held: %+v", p.Held)
		}
		r := w.apply(t, p)
		if err := r.Err(); err != nil {
			t.Fatal(err)
		}
		o.Written.Record(r)
		if left := w.plan(t, set, o); !left.Empty() || len(left.Held) > 0 {
			t.Fatalf("left: %v, held %+v", describe(left), left.Held)
		}
		id, _ := w.called(t, "B")["id"].(string)
		if !w.server.RemoveAgent(id) {
			t.Fatal("B is not there")
		}
	}
}

// What the API took and did not store is not sent again and again.
func TestWrittenNotStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{DropListsOnPatch: true, DropListsOnPut: true})
	w.server.AddAgent(map[string]any{"name": "A"})
	o := sync.Options{Written: sync.NewWritten()}
	set := load(t, nil, "name: A\nicebreakers: [a]\ntools: [{name: find, description: d, apiSchema: {method: GET, url: \"https://a.example/x\"}}]")
	r := w.apply(t, w.plan(t, set, o))
	if r.Err() == nil {
		t.Fatal("the lists were stored: the test shows nothing")
	}
	o.Written.Record(r)
	if p := w.plan(t, set, o); !p.Empty() || len(p.Held) != 1 || !p.Held[0].Contested {
		t.Errorf("changes %v, held %+v", describe(p), p.Held)
	}
}

// A plan to look at holds nothing of the remote side, and says the same.
func TestShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{})
	w.server.AddAgent(map[string]any{"name": "A", "systemPrompt": "stored-only"})
	p := w.plan(t, load(t, nil, "name: A\nsystemPrompt: p"), sync.Options{})
	shown := p.Shown()
	if strings.Join(describe(shown), "") != strings.Join(describe(p), "") || shown.Digest != p.Digest || shown.Changes[0].Digest != p.Changes[0].Digest {
		t.Errorf("shown: %v, the plan: %v", describe(shown), describe(p))
	}
	checkShowsNot(t, shown, "nothing-of-this")
	if r := w.apply(t, p); r.Err() != nil {
		t.Errorf("the plan itself cannot be applied any more: %v", r.Err())
	}
}
