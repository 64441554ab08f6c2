package sync_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"wassist-sync/spec"
	"wassist-sync/sync"
)

// A delete and a create of one commit may be a rename that history does not
// see: the plan shows how to say so.
func TestPerhapsARename(t *testing.T) {
	t.Parallel()
	replaced := []commit{{10, docs(keeper, "name: Desk")}, {20, docs(keeper, "name: Reception")}}
	waiting := []commit{{10, docs(keeper, "# d\nname: Desk\ndescription: d")}, {20, docs(keeper, "# d\nname: Reception\ndescription: d")}}
	connected := "\nmcpConfigs: [{connector: Stripe, toolWhitelist: [a]}]"
	note := func(commit, gone, came, quoted string) string {
		return commit + " removed " + gone + " and added " + came + ". If that was a rename, write previousNames: [" + quoted + "] in agents/a.yaml:3:1"
	}
	for _, tt := range []struct {
		name    string
		commits []commit
		agents  []there
		want    []string
	}{
		{"in one commit", replaced, []there{{n: 1, name: "Desk", at: 12}}, []string{note("2000000", "Desk", "Reception", "Desk")}},
		{"in one commit, long ago", then(replaced, commit{30, docs(keeper, "name: Reception\ndescription: d")}), []there{{n: 1, name: "Desk", at: 12}}, []string{note("2000000", "Desk", "Reception", "Desk")}},
		{"in one commit, and it says that it is none", then(replaced, commit{30, docs(keeper, "name: Reception\npreviousNames: []")}), []there{{n: 1, name: "Desk", at: 12}}, nil},
		{"the agent was made while the rename waited", waiting, []there{{n: 1, name: "Desk", at: 22, fields: `{"description":"d"}`}},
			[]string{"Desk (" + fakeID(1) + ") is left alone: Reception bore that name until 2000000, and the agent was not surely made before, but it says what that definition said. If it was made while that commit waited to be applied, write previousNames: [Desk] in agents/a.yaml:4:1 to rename it"}},
		{"a namesake was made by hand after the rename", waiting, []there{{n: 1, name: "Desk", at: 22, fields: `{"description":"by hand"}`}}, nil},
		{"the agent was made while the rename waited, and it says that it is none", then(waiting, commit{30, docs(keeper, "# d\nname: Reception\npreviousNames: []")}), []there{{n: 1, name: "Desk", at: 22, fields: `{"description":"d"}`}}, nil},
		{"in two commits", []commit{{10, docs(keeper, "name: Desk")}, {20, docs(keeper)}, {30, docs(keeper, "name: Reception")}}, []there{{n: 1, name: "Desk", at: 12}}, nil},
		{"nothing is deleted", replaced, nil, nil},
		{"the agent is not ours", replaced, []there{{n: 1, name: "Desk", at: 22}}, nil},
		{"nothing is created", replaced, []there{{n: 1, name: "Desk", at: 12}, {n: 2, name: "Reception", at: 22}}, nil},
		{"two for one", []commit{{10, docs(keeper, "name: Desk", "name: Till")}, {20, docs(keeper, "name: Reception")}}, []there{{n: 1, name: "Desk", at: 12}, {n: 2, name: "Till", at: 12}},
			[]string{note("2000000", "Desk", "Reception", "Desk"), note("2000000", "Till", "Reception", "Till")}},
		{"a name that YAML would misread", []commit{{10, docs(keeper, `name: "Desk: 1, 2"`)}, {20, docs(keeper, "name: Reception")}}, []there{{n: 1, name: "Desk: 1, 2", at: 12}}, []string{note("2000000", "Desk: 1, 2", "Reception", `"Desk: 1, 2"`)}},
		{"beside a connector that means nothing to the API", []commit{{10, docs(keeper, "name: Desk")}, {20, docs(keeper, "name: Reception"+connected)}}, []there{{n: 1, name: "Desk", at: 12}}, []string{note("2000000", "Desk", "Reception", "Desk")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := repo{commits: tt.commits}.open(t)
			f := organize(t, append(tt.agents, there{n: 9, name: "Keeper", at: 12}))
			f.errors = map[string][]error{"connectors": {sync.ErrNotFound}}
			p := f.plan(t, h.set, h.options())
			if d := cmp.Diff(append([]string{}, tt.want...), append([]string{}, p.Notes...)); d != "" {
				t.Errorf("notes (-want +got):\n%s", d)
			}
		})
	}
}

// checkCopied makes an agent of that name leave in the commit in which another
// definition came, and reads what the note about that says to write.
func checkCopied(t tester, name string) {
	t.Helper()
	quoted, err := json.Marshal(name)
	if err != nil {
		t.Fatalf("%q: %v", name, err)
	}
	h := repo{commits: []commit{{10, docs("name: " + string(quoted))}, {20, docs("name: Reception")}}}.open(t)
	p := organize(t, []there{{n: 1, name: name, at: 12}}).plan(t, h.set, h.options())
	_, note, _ := strings.Cut(strings.Join(p.Notes, ""), "If that was a rename, write ")
	field, _, _ := strings.Cut(note, " in agents/a.yaml")
	set, err := spec.Load(fstest.MapFS{"agents/a.yaml": {Data: []byte("name: Reception\n" + field)}}, "agents")
	if err != nil || !slices.Equal(set.Agents[0].PreviousNames, []string{name}) {
		t.Errorf("%q is to be written as %q, which reads as %v", name, field, err)
	}
}

// Whatever the agent is called, what the note says to write is YAML that reads
// as that name.
func TestTheNoteCanBeCopied(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Desk", "Front desk", "null", "Null", "~", "true", "False", "yes", "No", "on", "- a", "-", "--- a", "... a", "1", "0x1", ".inf", "NaN", "1e3", "2026-03-01", "a: b", "a, b", "a #b", "[a]", "!env A", "&a", "*a", "%a", "@a", "'a'", `"a"`, `a\b`, "é", "🙂", "<<", "? a", ": a", "|"} {
		checkCopied(t, name)
	}
}

func TestAnyNoteCanBeCopied(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const first, last = `[a-zA-Z0-9,:#\[\]{}!&*|>'"%@\x60~^=<?.\\é🙂-]`, `[a-zA-Z0-9.:-]`
		const inside = `[a-zA-Z0-9 ,:#\[\]{}!&*|>'"%@\x60~^=<?.\\é🙂-]`
		checkCopied(t, rapid.StringMatching(first+"("+inside+"{0,9}"+last+")?").Draw(t, "name"))
	})
}

// A definition that takes an agent over that is older than itself says so.
func TestAdoption(t *testing.T) {
	t.Parallel()
	const adopted, byName = "matched by name; it is older than its definition, and is adopted now", "matched by name"
	desk, changed := "name: Desk\ndescription: one", "name: Desk\ndescription: two"
	for _, tt := range []struct {
		name  string
		repo  repo
		agent there
		want  string
	}{
		{"older", repo{commits: []commit{{10, docs(desk)}}}, there{at: 9, fields: `{"description":"by hand"}`}, adopted},
		{"older, and empty", repo{commits: []commit{{10, docs(desk)}}}, there{at: 9}, adopted},
		{"younger", repo{commits: []commit{{10, docs(desk)}}}, there{at: 10, fields: `{"description":"by hand"}`}, byName},
		{"younger than its first time", repo{commits: []commit{{10, docs(desk)}, {20, docs()}, {30, docs(desk)}}}, there{at: 12}, byName},
		{"older, and as a version says", repo{commits: []commit{{10, docs(desk)}, {20, docs(changed)}}}, there{at: 9, fields: `{"description":"one"}`}, byName},
		{"older, and edited after a version", repo{commits: []commit{{10, docs(desk)}, {20, docs(changed)}}}, there{at: 9, fields: `{"description":"edited"}`}, byName},
		{"older than the name that the definition has now", repo{commits: []commit{{5, docs("# d\nname: Orders\ndescription: zero")}, {10, docs("# d\n" + desk)}}}, there{at: 3, fields: `{"description":"by hand"}`}, adopted},
		{"older than the second time of the definition, and of the first", repo{commits: []commit{{10, docs(desk)}, {20, docs()}, {30, docs(changed)}}}, there{at: 9, fields: `{"description":"by hand"}`}, adopted},
		{"younger, or older by a clock that was ahead", repo{commits: []commit{{15, docs()}, {10, docs(desk)}}}, there{at: 12, fields: `{"description":"by hand"}`}, byName},
		{"older, and in part as the definition says", repo{commits: []commit{{10, docs(desk + "\nfirstMessage: hi")}}}, there{at: 9, fields: `{"description":"by hand","firstMessage":"hi"}`}, byName},
		{"older, and in part as empty as the definition says", repo{commits: []commit{{10, docs(desk + "\nfirstMessage: \"\"")}}}, there{at: 9, fields: `{"description":"by hand"}`}, adopted},
		{"nobody knows when it was made", repo{commits: []commit{{10, docs(desk)}}}, there{created: "?"}, byName},
		{"a clone that is cut off", repo{commits: []commit{{5, docs()}, {10, docs()}, {20, docs(desk)}}, cut: 1}, there{at: 9}, byName},
		{"not committed", repo{commits: []commit{{10, docs()}}, dirty: docs(desk)}, there{at: 9}, adopted},
	} {
		h := tt.repo.open(t)
		tt.agent.n, tt.agent.name = 1, "Desk"
		p := organize(t, []there{tt.agent}).plan(t, h.set, h.options())
		if len(p.Changes) != 1 || p.Changes[0].Reason != tt.want {
			t.Errorf("%s: %v, want %s", tt.name, outline(p), tt.want)
		}
	}
}

// broken is a history of a repository that cannot be read.
type broken struct {
	*history
	read, elsewhere error
}

func (b *broken) Read(ctx context.Context) error { return errors.Join(b.read, b.history.Read(ctx)) }

func (b *broken) Elsewhere(ctx context.Context, w []sync.Wanted) ([]sync.Standing, error) {
	found, err := b.history.Elsewhere(ctx, w)
	return found, errors.Join(b.elsewhere, err)
}

// A repository that cannot be read is an error, and no reason to delete.
func TestUnreadableHistory(t *testing.T) {
	t.Parallel()
	damaged := errors.New("object not found")
	for want, b := range map[string]*broken{
		"reading the history: object not found":                                 {read: damaged},
		"looking for definitions elsewhere in the repository: object not found": {elsewhere: damaged},
	} {
		b.history = repo{commits: leaving("name: Desk")}.open(t)
		o := b.options()
		o.History = b
		f := organize(t, []there{{n: 1, name: "Desk", at: 12}, {n: 9, name: "Keeper"}})
		if p, err := (&sync.Planner{Reader: f, Options: o}).Plan(t.Context(), b.set); p != nil || !errors.Is(err, damaged) || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// A version that cannot be read any more proves nothing, and hurts nothing.
func TestUnreadableVersion(t *testing.T) {
	t.Parallel()
	h := repo{commits: []commit{{10, docs(keeper+"\ndescription: one", "name: Desk\ndescription: d")}, {20, docs(keeper + "\ndescription: two")}}}.open(t)
	for _, l := range h.lineages {
		for _, v := range l.Versions {
			v.Definition = func() (*spec.Agent, error) { return nil, errors.New("no blob") }
		}
	}
	f := organize(t, []there{{n: 1, name: "Desk", at: 1, fields: `{"description":"d"}`}, {n: 9, name: "Keeper", at: 12, fields: `{"description":"one"}`}})
	p := f.plan(t, h.set, h.options())
	check(t, p, outcome{changes: []string{"update Keeper " + fakeID(9) + ": matched by name"}, unmanaged: []string{"Desk"}})
	if d := cmp.Diff([]string{"description: unknown"}, causes(p)); d != "" {
		t.Errorf("causes (-want +got):\n%s", d)
	}
}
