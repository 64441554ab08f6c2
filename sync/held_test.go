package sync_test

import (
	"testing"

	"wassist-sync/spec"
	"wassist-sync/sync"
)

// What Git defined and is not deleted all the same, and why.
func TestHeld(t *testing.T) {
	t.Parallel()
	desk := leaving("name: Desk")
	hold := func(reason string) outcome {
		return outcome{held: []string{"delete Desk " + fakeID(1) + ": " + reason}}
	}
	stands := func(pos, name string) string {
		return "the definition that led to it stands (" + pos + ", \"" + name + "\") and leads elsewhere now. Only the leaving of a definition deletes: delete the agent on Wassist, or list it under unmanaged:"
	}
	elsewhere := func(place string) string {
		return "a definition elsewhere in the repository has its name or id (" + place + "). If that one is for another organization, say so with organization: in a wassist-sync.yaml beside it"
	}
	outside := func(s sync.Standing) []sync.Standing {
		s.File, s.Line = "staging/desk.yaml", 2
		return []sync.Standing{{File: "staging/other.yaml", Line: 1, Name: "Other"}, s}
	}
	const harbour, harbourID = "Harbour Bakery", "0F000000-0000-4000-8000-000000000001"
	deleted := outcome{changes: []string{gone(1, "Desk", `3 ("Desk")`, "2000000")}}
	made := there{n: 1, name: "Desk", at: 12}
	for _, tt := range []struct {
		name   string
		repo   repo
		agents []there
		want   outcome
	}{
		{"pinned to another agent", repo{commits: []commit{{10, docs(keeper, "name: Desk")}, {20, docs(keeper, "name: Desk\nid: "+fakeID(2))}}}, []there{made, {n: 2, name: "Desk", at: 12}}, hold(stands("agents/a.yaml:3:1", "Desk"))},
		{"pinned from one id to another", repo{commits: []commit{{10, docs(keeper, "# d\nname: Till\nid: "+fakeID(1))}, {20, docs(keeper, "# d\nname: Till\nid: "+fakeID(2))}}}, []there{made, {n: 2, name: "Till", at: 12}}, hold(stands("agents/a.yaml:4:1", "Till"))},
		{"renamed, and another agent has the new name", repo{commits: []commit{{10, docs(keeper, "# d\nname: Desk")}, {20, docs(keeper, "# d\nname: Till")}}}, []there{made, {n: 2, name: "Till", at: 12}}, hold(stands("agents/a.yaml:4:1", "Till"))},
		{"a pinned definition bears its name", repo{commits: []commit{{10, docs(keeper, "# d\nname: Desk")}, {15, docs(keeper)}, {20, docs(keeper, "# e\nname: Till\nid: "+fakeID(2))}, {30, docs(keeper, "# e\nname: Desk\nid: "+fakeID(2))}}}, []there{made, {n: 2, name: "Desk", at: 1}}, hold("agents/a.yaml:4:1 bears its name")},

		{"missing from the work tree only", repo{commits: desk[:1], dirty: docs(keeper)}, []there{made}, hold(`its definition agents/a.yaml:3 ("Desk") is missing from the work tree only. Commit the deletion first`)},
		{"renamed in the work tree, to the name of another agent", repo{commits: []commit{{10, docs(keeper, "# d\nname: Desk")}}, dirty: docs(keeper, "# d\nname: Till")}, []there{made, {n: 2, name: "Till", at: 12}}, hold(stands("agents/a.yaml:4:1", "Till"))},
		{"it had left, and stands in the work tree again", repo{commits: desk, dirty: docs(keeper, "name: Desk")}, []there{made}, outcome{}},
		{"it comes in later", repo{commits: []commit{{10, docs(keeper)}, {20, docs(keeper, "name: Desk")}}, behind: 1}, []there{{n: 1, name: "Desk", at: 22}}, hold(`its definition agents/a.yaml:3 ("Desk") comes in later on this branch than the commit that is applied`)},
		{"it comes back later", repo{commits: then(desk, commit{30, docs(keeper, "name: Desk")}), behind: 1}, []there{made}, hold(`its definition agents/a.yaml:3 ("Desk") comes in later on this branch than the commit that is applied`)},
		{"it left later", repo{commits: desk, behind: 1}, []there{made}, outcome{}},

		{"elsewhere by name", repo{commits: desk, outside: outside(sync.Standing{Name: "Desk"})}, []there{made}, hold(elsewhere(`staging/desk.yaml:2, "Desk"`))},
		{"elsewhere by id", repo{commits: desk, outside: outside(sync.Standing{Name: "Staging desk", ID: fakeID(1)})}, []there{made}, hold(elsewhere(`staging/desk.yaml:2, "Staging desk"`))},
		{"elsewhere by the id that it pinned", repo{commits: leaving("name: Desk\nid: " + fakeID(1)), outside: outside(sync.Standing{Name: "Staging desk", ID: fakeID(1)})}, []there{made}, hold(elsewhere(`staging/desk.yaml:2, "Staging desk"`))},
		{"elsewhere by a name that it bore once", repo{commits: []commit{{5, docs(keeper, "# d\nname: Till")}, {10, docs(keeper, "# d\nname: Desk")}, {20, docs(keeper)}}, outside: outside(sync.Standing{Name: "Till"})}, []there{made}, hold(elsewhere(`staging/desk.yaml:2, "Till"`))},
		{"elsewhere by the name of another definition of it that left as well", repo{commits: []commit{{5, docs(keeper, "# d\nname: Desk\nid: "+fakeID(1))}, {10, docs(keeper, "# d\nname: Till\nid: "+fakeID(1), "# e\nname: Desk\ndescription: d")}, {20, docs(keeper)}}, outside: outside(sync.Standing{Name: "Till"})}, []there{{n: 1, name: "Desk", at: 7, fields: `{"description":"d"}`}}, hold(elsewhere(`staging/desk.yaml:2, "Till"`))},
		{"elsewhere for this organization by name", repo{commits: desk, outside: outside(sync.Standing{Name: "Desk", Organization: harbour})}, []there{made}, hold(elsewhere(`staging/desk.yaml:2, "Desk"`))},
		{"elsewhere for this organization by id", repo{commits: desk, outside: outside(sync.Standing{Name: "Desk", Organization: harbourID})}, []there{made}, hold(elsewhere(`staging/desk.yaml:2, "Desk"`))},
		{"elsewhere for another organization", repo{commits: desk, outside: outside(sync.Standing{Name: "Desk", Organization: "Harbour Bakery (staging)"})}, []there{made}, deleted},
		{"elsewhere under another name", repo{commits: desk, outside: outside(sync.Standing{Name: "desk"})}, []there{made}, deleted},

		{"shallow", repo{commits: then([]commit{{5, docs(keeper)}}, desk...), cut: 1}, []there{made}, hold(`its definition agents/a.yaml:3 ("Desk") left with 3000000, and the history of this clone is cut off: nothing is deleted on the strength of a part of it`)},
		{"shallow, and it left before", repo{commits: then(desk, commit{30, docs(keeper)}), cut: 2}, []there{made}, outcome{unmanaged: []string{"Desk"}}},
		{"shallow, by id", repo{commits: then([]commit{{5, docs(keeper)}}, leaving("name: Till\nid: "+fakeID(1))...), cut: 1}, []there{made}, hold(`its definition agents/a.yaml:3 ("Till") left with 3000000, and the history of this clone is cut off: nothing is deleted on the strength of a part of it`)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			check(t, withKeeper(t, tt.repo, tt.agents, nil), tt.want)
		})
	}
}

// An organization that the API does not tell is not another one.
func TestElsewhereWithoutOrganization(t *testing.T) {
	t.Parallel()
	h := repo{commits: leaving("name: Desk"), outside: []sync.Standing{{File: "s.yaml", Line: 1, Name: "Desk", Organization: "Other"}}}.open(t)
	f := organize(t, []there{{n: 1, name: "Desk", at: 12}, {n: 9, name: "Keeper"}})
	for i := range f.agents {
		f.agents[i].Organization = sync.Organization{}
	}
	if p := f.plan(t, h.set, h.options()); !p.Empty() || len(p.Held) != 1 {
		t.Errorf("changes %v, held %v", outline(p), heldBack(p))
	}
}

// Without history nothing is deleted, and a shallow one says what it costs.
func TestNotesOfAHistory(t *testing.T) {
	t.Parallel()
	f := organize(t, []there{{n: 1, name: "Desk", at: 12}, {n: 9, name: "Keeper"}})
	set := load(t, nil, keeper)
	check(t, f.plan(t, set, sync.Options{Source: sync.Source{Path: "agents", History: sync.HistoryNone}}), outcome{unmanaged: []string{"Desk"},
		notes: []string{"agents has no Git history to tell which agents were ever defined here: nothing is deleted, and a definition with a new name is a new agent"}})
	// Nothing is left over: nothing has to be said.
	if p := f.plan(t, load(t, nil, keeper, "name: Desk"), sync.Options{Source: sync.Source{Path: "agents", History: sync.HistoryNone}}); len(p.Notes) > 0 {
		t.Errorf("notes %q", p.Notes)
	}
	h := repo{commits: then(leaving("name: Desk"), commit{30, docs(keeper)}), cut: 2, notes: []string{"of the history"}}.open(t)
	check(t, f.plan(t, h.set, h.options()), outcome{unmanaged: []string{"Desk"}, notes: []string{"of the history",
		"the history of this clone is cut off: nothing is deleted, and a rename may look like a new definition. Fetch all of it to change that (fetch-depth: 0 in a workflow, or git fetch --unshallow)"}})
	h = repo{commits: leaving("name: Desk")}.open(t)
	if p := f.plan(t, h.set, h.options()); len(p.Notes) > 0 {
		t.Errorf("notes %q", p.Notes)
	}
}

// What is listed under unmanaged: is never touched, whatever else is said.
func TestUnmanaged(t *testing.T) {
	t.Parallel()
	listed := func(globs ...string) func(name, id string) bool {
		s := spec.Settings{}
		for _, g := range globs {
			s.Unmanaged = append(s.Unmanaged, &spec.Value{Kind: spec.Text, Text: g})
		}
		return s.IsUnmanaged
	}
	all := func(o *sync.Options) { o.Prune, o.ConfirmOrganization = sync.PruneAll, "Harbour Bakery" }
	desk := there{n: 1, name: "Desk", at: 12, fields: `{"description":"d"}`}
	const ask = "unmanaged: in the settings lists it. Take it off that list to go on"
	for _, tt := range []struct {
		name    string
		globs   []string
		commits []commit
		agents  []there
		option  func(*sync.Options)
		want    outcome
	}{
		{"it left", []string{"Desk"}, leaving("name: Desk"), []there{desk}, nil, outcome{unmanaged: []string{"Desk"}}},
		{"it left, by a glob", []string{"D?s*"}, leaving("name: Desk"), []there{desk}, nil, outcome{unmanaged: []string{"Desk"}}},
		{"it left, by id", []string{"a0000000-*1"}, leaving("name: Desk"), []there{desk}, nil, outcome{unmanaged: []string{"Desk"}}},
		{"it left, and has white space around its name", []string{"Desk"}, leaving("name: Desk"), []there{{n: 1, name: " Desk ", at: 12}}, nil, outcome{unmanaged: []string{" Desk "}}},
		{"it left, and another is listed", []string{"Till"}, leaving("name: Desk"), []there{desk}, nil, outcome{changes: []string{gone(1, "Desk", `3 ("Desk")`, "2000000")}}},
		{"--prune all", []string{"Desk"}, []commit{{10, docs(keeper)}}, []there{desk, {n: 2, name: "Till"}}, all,
			outcome{changes: []string{"delete Till " + fakeID(2) + ": no definition names it (--prune all)"}, unmanaged: []string{"Desk"}}},
		{"not taken for a rename", []string{"Orders"}, then(renamed, commit{30, docs(keeper, "# desk\nname: Desk")}), []there{{n: 1, name: "Orders", at: 12}, {n: 2, name: "Stray"}}, nil,
			outcome{changes: []string{"create Desk : no agent of this name exists"}, unmanaged: []string{"Orders", "Stray"}}},
		{"a definition names it", []string{"Desk"}, []commit{{10, docs(keeper, "name: Desk\ndescription: new")}}, []there{desk}, nil, outcome{held: []string{"update Desk " + fakeID(1) + ": " + ask}}},
		{"a definition pins it", []string{fakeID(1)}, []commit{{10, docs(keeper, "name: Till\nid: "+fakeID(1))}}, []there{desk}, all, outcome{held: []string{"update Till " + fakeID(1) + ": " + ask}}},
		{"a definition would make it", []string{"D*"}, []commit{{10, docs(keeper, "name: Desk")}}, nil, nil, outcome{held: []string{"create Desk : " + ask}}},
		{"a definition wants a number for it", []string{"Desk"}, []commit{{10, docs(keeper, "name: Desk\ndeploy: [{number: \""+number1+"\"}]")}}, []there{desk}, nil, outcome{held: []string{"update Desk " + fakeID(1) + ": " + ask}}},
		{"definitions hand over to what would be made, one by way of another", []string{"D*"}, []commit{{10, docs(keeper, "name: Desk", "name: B\nhandoffTools: [{agent: Desk, description: d}]", "name: A\nhandoffTools: [{agent: B, description: d}]", "name: C")}}, nil, nil, outcome{
			changes: []string{"create C : no agent of this name exists"},
			held:    []string{"create A : it hands over to B, whose creation is held", "create B : it hands over to Desk, whose creation is held", "create Desk : " + ask},
		}},
		{"a definition hands over to what is there", []string{"D*"}, []commit{{10, docs(keeper, "name: Desk\ndescription: new", "name: A\nhandoffTools: [{agent: Desk, description: d}]")}}, []there{desk}, nil, outcome{
			changes: []string{"create A : no agent of this name exists"}, held: []string{"update Desk " + fakeID(1) + ": " + ask},
		}},
		{"a definition agrees with it", []string{"Desk"}, []commit{{10, docs(keeper, "name: Desk\ndescription: d")}}, []there{desk}, nil, outcome{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := repo{commits: tt.commits}.open(t)
			o := h.options()
			o.Unmanaged = listed(tt.globs...)
			if tt.option != nil {
				tt.option(&o)
			}
			f := organize(t, append(tt.agents, there{n: 9, name: "Keeper"}))
			f.numbers = []sync.PhoneNumber{{Number: number1}}
			check(t, f.plan(t, h.set, o), tt.want)
		})
	}
}
