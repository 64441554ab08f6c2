package sync_test

import (
	"slices"
	"testing"

	"wassist-sync/spec"
	"wassist-sync/sync"
)

// A definition that is left out changes nothing, and its agent is never touched,
// whatever else is said: not by its own definition, by another one, nor by
// --prune all.
func TestExcluded(t *testing.T) {
	t.Parallel()
	all := func(o *sync.Options) { o.Prune, o.ConfirmOrganization = sync.PruneAll, "Harbour Bakery" }
	fail := func(o *sync.Options) { o.OnDrift = sync.DriftFail }
	one := func(documents ...string) []commit {
		return []commit{{10, docs(append([]string{keeper}, documents...)...)}}
	}
	desk := there{n: 1, name: "Desk", at: 12, fields: `{"description":"by hand"}`}
	out := func(names string) []string { return []string{"left out (exclude:), and not touched: " + names} }
	for _, tt := range []struct {
		name    string
		globs   []string
		commits []commit
		agents  []there
		option  func(*sync.Options)
		want    outcome
	}{
		{"it differs", []string{"Desk"}, one("name: Desk\ndescription: new"), []there{desk}, nil, outcome{notes: out("Desk")}},
		{"it differs, and drift fails", []string{"D*"}, then(one("name: Desk\ndescription: old"), commit{20, docs(keeper, "name: Desk\ndescription: new")}), []there{desk}, fail, outcome{notes: out("Desk")}},
		{"it is not there", []string{"Desk"}, one("name: Desk\ndescription: new"), nil, nil, outcome{notes: out("Desk")}},
		{"--prune all", []string{"Desk"}, one("name: Desk"), []there{desk, {n: 2, name: "Till"}}, all,
			outcome{changes: []string{"delete Till " + fakeID(2) + ": no definition names it (--prune all)"}, notes: out("Desk")}},
		{"--prune all, and it pins an agent of another organization", []string{"Desk"}, one("name: Desk\nid: " + fakeID(7)), []there{desk}, all, outcome{notes: out("Desk")}},
		{"--prune all, and two bear its name", []string{"Desk"}, one("name: Desk"), []there{desk, {n: 2, name: "Desk"}}, all, outcome{notes: out("Desk")}},
		{"--prune all, and it had another name", []string{"Front"}, one("name: Front\npreviousNames: [Desk]"), []there{desk}, all, outcome{notes: out("Front")}},
		{"it was renamed", []string{"Front"}, then(one("# d\nname: Desk"), commit{20, docs(keeper, "# d\nname: Front")}), []there{desk}, all, outcome{notes: out("Front")}},
		{"it is pinned to one of another name", []string{"Front"}, one("name: Front\nid: " + fakeID(1)), []there{desk}, all, outcome{notes: out("Front")}},
		{"it wants a number", []string{"Desk"}, one("name: Desk\ndeploy: [{number: \"" + number1 + "\"}]"), []there{desk}, nil, outcome{notes: out("Desk")}},
		{"it wants no number any more", []string{"Desk"}, then(one("name: Desk\ndeploy: [{number: \""+number1+"\"}]"), commit{20, docs(keeper, "name: Desk\ndeploy: []")}),
			[]there{{n: 1, name: "Desk", at: 12}}, nil, outcome{notes: out("Desk")}},
		{"it names a connector that is not there", []string{"Desk"}, one("name: Desk\nmcpConfigs: [{connector: None, toolWhitelist: [a]}]"), []there{desk}, nil, outcome{notes: out("Desk")}},
		{"another hands over to it", []string{"Desk"}, one("name: A\nhandoffTools: [{agent: Desk, description: d}]", "name: Desk"), []there{desk}, nil,
			outcome{changes: []string{"create A : no agent of this name exists"}, notes: out("Desk")}},
		{"another hands over to it, and it is not there", []string{"Desk"}, one("name: A\nhandoffTools: [{agent: Desk, description: d}]", "name: Desk"), nil, nil,
			outcome{held: []string{"create A : it hands over to Desk, which is left out (exclude:) and not on Wassist"}, notes: out("Desk")}},
		{"it left", []string{"Desk"}, leaving("name: Desk"), []there{desk}, nil, outcome{unmanaged: []string{"Desk"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := repo{commits: tt.commits}.open(t)
			settings := &spec.Settings{}
			for _, g := range tt.globs {
				settings.Exclude = append(settings.Exclude, &spec.Value{Kind: spec.Text, Text: g})
			}
			h.set.LeaveOut(settings)
			o := h.options()
			o.Unmanaged = settings.IsUnmanaged
			if tt.option != nil {
				tt.option(&o)
			}
			f := organize(t, append(tt.agents, there{n: 9, name: "Keeper"}))
			f.numbers = []sync.PhoneNumber{{Number: number1, AgentID: fakeID(1)}}
			p := f.plan(t, h.set, o)
			check(t, p, tt.want)
			if len(p.Refused) > 0 {
				t.Errorf("refused: %+v", p.Refused)
			}
		})
	}
}

// An agent that a definition which is left out hands over to is not deleted
// unseen, since that handoff stays.
func TestExcludedStillHandsOver(t *testing.T) {
	t.Parallel()
	h := repo{commits: []commit{{10, docs(keeper, "name: Desk", "name: Till")}, {20, docs(keeper, "name: Desk")}}}.open(t)
	h.set.LeaveOut(&spec.Settings{Exclude: []*spec.Value{{Kind: spec.Text, Text: "Desk"}}})
	f := organize(t, []there{{n: 1, name: "Desk", at: 12, fields: `{"handoffTools":[{"childAgentId":"` + fakeID(2) + `","description":"d"}]}`}, {n: 2, name: "Till", at: 12}, {n: 9, name: "Keeper"}})
	p := f.plan(t, h.set, h.options())
	if len(p.Refused) != 1 || p.Refused[0].Rule != "handoff-target" {
		t.Errorf("refused %+v, changes %v", p.Refused, outline(p))
	}
}

// An agent whose definition was left out until it left is held: it may be
// somebody's.
func TestExcludedUntilItLeft(t *testing.T) {
	t.Parallel()
	for excluded, want := range map[bool]outcome{
		false: {changes: []string{gone(1, "Desk", `3 ("Desk")`, "2000000")}},
		true: {held: []string{"delete Desk " + fakeID(1) + `: its definition agents/a.yaml:3 ("Desk") was left out (exclude:) until it left with 2000000, so that its agent was not touched. ` +
			"Delete the agent on Wassist, or list it under unmanaged:"}},
	} {
		h := repo{commits: leaving("name: Desk")}.open(t)
		if err := h.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, l := range h.Lineages() {
			l.Excluded = func() (bool, error) { return excluded, nil }
		}
		check(t, organize(t, []there{{n: 1, name: "Desk", at: 12}, {n: 9, name: "Keeper"}}).plan(t, h.set, h.options()), want)
	}
}

// A definition elsewhere is for others only if each of its environments is.
func TestElsewhereInEnvironments(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		others  []string
		deleted bool
	}{{nil, true}, {[]string{"Third"}, true}, {[]string{"Third", "Harbour Bakery"}, false}} {
		h := repo{commits: leaving("name: Desk"), outside: []sync.Standing{{File: "s.yaml", Line: 1, Name: "Desk", Organization: "Other", Others: tt.others}}}.open(t)
		p := organize(t, []there{{n: 1, name: "Desk", at: 12}, {n: 9, name: "Keeper"}}).plan(t, h.set, h.options())
		if deleted := slices.ContainsFunc(p.Changes, func(c sync.Change) bool { return c.Action == sync.Delete }); deleted != tt.deleted {
			t.Errorf("others %q: deleted %v", tt.others, deleted)
		}
	}
}
