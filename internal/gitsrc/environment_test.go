package gitsrc

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/spec"
)

func lineIn(t *testing.T, r *Repository, commit Hash, env string) *Line {
	t.Helper()
	l, err := r.LineIn(commit, nil, "agents", env)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Walk(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	return l
}

// At each commit a variable is what the environment says there, so that a changed
// environment is a changed definition, in that environment alone.
func TestLineInEnvironments(t *testing.T) {
	const bot = "name: !var NAME\ndescription: !var D\ndeploy: [{number: !var \"${N:-+447700900100}\"}]\n"
	const other = "name: Other\n"
	live := func(name, d string) string { return "vars: {NAME: " + name + ", D: " + d + "}\n" }
	dir := t.TempDir()
	hashes := build(t, dir, linear(
		files{"agents/a.yaml": agent("Bot"), "agents/o.yaml": other},
		files{"agents/a.yaml": bot, "agents/o.yaml": other, "agents/environments/live.yaml": live("Bot", "one"), "agents/environments/trial.yaml": live("Bot", "one")},
		files{"agents/a.yaml": bot, "agents/o.yaml": other, "agents/environments/live.yaml": live("Bot", "two"), "agents/environments/trial.yaml": live("Bot", "one")},
		files{"agents/a.yaml": bot, "agents/o.yaml": other, "agents/environments/live.yaml": live("Desk", "two"), "agents/environments/trial.yaml": live("Bot", "one")},
		files{"agents/a.yaml": bot, "agents/o.yaml": other, "agents/environments/live.yaml": "vars: [", "agents/environments/trial.yaml": live("Bot", "one") + "prune: none\n"},
		files{"agents/a.yaml": bot, "agents/o.yaml": other, "agents/environments/live.yaml": live("Desk", "three"), "agents/environments/trial.yaml": live("Bot", "one")},
	))
	r := opened(t, dir)
	for env, want := range map[string][]string{
		"live":  {"Desk@a 5..-, Desk@a 3..5, Bot@a 2..3, Bot@a 1..2, Bot@a 0..1 [0..-] standing", "Other@o 0..- [0..-] standing"},
		"trial": {"Bot@a 1..-, Bot@a 0..1 [0..-] standing", "Other@o 0..- [0..-] standing"},
		// Nothing says what the definition is here: what it said last counts.
		"":     {"Bot@a 0..- [0..-] standing", "Other@o 0..- [0..-] standing"},
		"none": {"Bot@a 0..- [0..-] standing", "Other@o 0..- [0..-] standing"},
	} {
		for range 2 { // what the first walk learnt serves the second
			l := lineIn(t, r, hashes[5], env)
			if diff := cmp.Diff(want, stories(l, hashes)); diff != "" {
				t.Errorf("%q (-want +got):\n%s", env, diff)
			}
			for _, d := range l.Documents() {
				for _, v := range d.Versions {
					if a, err := v.Agent(); err != nil || a.Name != v.Name {
						t.Errorf("%q: version %s reads as %v, %v", env, v.Name, a, err)
					}
				}
			}
		}
	}
	first := lineIn(t, r, hashes[5], "live").Documents()[0]
	var said []string
	for _, v := range first.Versions {
		a, err := v.Agent()
		if err != nil {
			t.Fatal(err)
		}
		if d := a.Fields.Get("description"); d != nil {
			said = append(said, d.Text)
		}
		if v.Name == "Desk" && !slices.Equal(v.Numbers, []string{"+447700900100"}) {
			t.Errorf("numbers %q", v.Numbers)
		}
	}
	if !slices.Equal(said, []string{"three", "two", "two", "one"}) {
		t.Errorf("the versions say %q", said)
	}
	fsys, err := r.FS(hashes[5])
	if err != nil {
		t.Fatal(err)
	}
	set, err := spec.LoadIn(fsys, "agents", "agents", "live")
	if err != nil {
		t.Fatal(err)
	}
	matched, err := lineIn(t, r, hashes[5], "live").Match(set.Agents, nil)
	if err != nil || len(matched) != 2 {
		t.Errorf("matched %v, %v", matched, err)
	}
}

// A definition elsewhere stands under each name that an environment gives it, and
// under any where nobody can tell.
func TestElsewhereInEnvironments(t *testing.T) {
	dir := t.TempDir()
	hashes := build(t, dir, linear(files{
		"agents/a.yaml":                  agent("A"),
		"bots/sub/b.yaml":                "name: !var NAME\n",
		"bots/environments/live.yaml":    "vars: {NAME: Order desk}\norganization: Theirs\n",
		"bots/environments/trial.yaml":   "vars: {NAME: Trial desk}\n",
		"unknown/c.yaml":                 "name: !var NAME\n",
		"plain/d.yaml":                   agent("Order desk"),
		"half/e.yaml":                    "name: !var NAME\ndescription: !var D\n",
		"half/environments/some.yaml":    "vars: {NAME: Half, D: d}\n",
		"half/environments/another.yaml": "vars: {NAME: Order desk}\n",
	}))
	r := opened(t, dir)
	for name, want := range map[string][]string{
		"Order desk": {"bots/sub/b.yaml Order desk live trial", "half/e.yaml Order desk another some", "plain/d.yaml Order desk", "unknown/c.yaml Order desk"},
		"Trial desk": {"bots/sub/b.yaml Trial desk live trial", "half/e.yaml Trial desk another some", "unknown/c.yaml Trial desk"},
		"Half":       {"half/e.yaml Half another some", "half/e.yaml Half another some", "unknown/c.yaml Half"},
	} {
		found, err := r.Elsewhere(context.Background(), hashes[0], "agents", []Wanted{{Name: name}})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range found {
			line := s.File + " " + s.Name
			for _, e := range s.Environments {
				line += " " + e.Name
			}
			got = append(got, line)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// The environment file is a part of what is compared with HEAD, also where Git
// ignores it.
func TestDirtyEnvironment(t *testing.T) {
	dir := worktree(t, files{"agents/a.yaml": "name: !var N\n", "agents/environments/live.yaml": "vars: {N: A}\n", ".gitignore": "own.yaml\n"})
	r := openedAt(t, dir)
	check := func(want bool, texts ...string) {
		t.Helper()
		if is, which, err := r.Dirty(context.Background(), "agents", texts); err != nil || is != want {
			t.Errorf("dirty %v %q, %v; want %v", is, which, err, want)
		}
	}
	check(false, "agents/environments/live.yaml")
	write(t, dir, files{"agents/environments/own.yaml": "vars: {N: B}\n"})
	check(false, "agents/environments/live.yaml")
	check(true, "agents/environments/own.yaml")
	write(t, dir, files{"agents/environments/live.yaml": "vars: {N: B}\n"})
	check(true)
}
