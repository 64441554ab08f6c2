package sync_test

import (
	"testing"

	"wassist-sync/sync"
)

// renamed is a definition that was called Orders from 10 to 20, and Desk since.
var renamed = []commit{{10, docs("# desk\nname: Orders")}, {20, docs("# desk\nname: Desk")}}

// then goes on after the commits with more of them.
func then(before []commit, more ...commit) []commit {
	return append(append([]commit{}, before...), more...)
}

func TestRenames(t *testing.T) {
	t.Parallel()
	const made = ": no agent of this name exists"
	away := func(pos, name string) string {
		return ": the definition that led to it stands (" + pos + ", \"" + name + "\") and leads elsewhere now. Only the leaving of a definition deletes: delete the agent on Wassist, or list it under unmanaged:"
	}
	for _, tt := range []struct {
		name   string
		repo   repo
		agents []there
		want   outcome
	}{
		{"found", repo{commits: renamed}, []there{{n: 1, name: "Orders", at: 12}},
			outcome{changes: []string{"update Desk " + fakeID(1) + ": taken for a rename of Orders, 2000000"}}},
		{"the agent is older than the definition", repo{commits: renamed}, []there{{n: 1, name: "Orders", at: 1}},
			outcome{changes: []string{"update Desk " + fakeID(1) + ": taken for a rename of Orders, 2000000"}}},
		{"the agent was made after the name was given up", repo{commits: renamed}, []there{{n: 1, name: "Orders", at: 20}},
			outcome{changes: []string{"create Desk " + made}, unmanaged: []string{"Orders"}}},
		{"just before the name was given up", repo{commits: renamed}, []there{{n: 1, name: "Orders", created: "2026-03-01T00:00:19.999999Z"}},
			outcome{changes: []string{"update Desk " + fakeID(1) + ": taken for a rename of Orders, 2000000"}}},
		{"a time with an offset", repo{commits: renamed}, []there{{n: 1, name: "Orders", created: "2026-03-01T02:00:12+02:00"}},
			outcome{changes: []string{"update Desk " + fakeID(1) + ": taken for a rename of Orders, 2000000"}}},
		{"no time", repo{commits: renamed}, []there{{n: 1, name: "Orders", created: " "}},
			outcome{changes: []string{"create Desk " + made}, unmanaged: []string{"Orders"}}},
		{"a time without a zone", repo{commits: renamed}, []there{{n: 1, name: "Orders", created: "2026-03-01T00:00:12"}},
			outcome{changes: []string{"create Desk " + made}, unmanaged: []string{"Orders"}}},
		{"a time that cannot be read", repo{commits: renamed}, []there{{n: 1, name: "Orders", created: "yesterday"}},
			outcome{changes: []string{"create Desk " + made}, unmanaged: []string{"Orders"}}},
		{"a later commit whose clock is behind", repo{commits: then(renamed, commit{15, docs("# desk\nname: Desk\ndescription: d")})}, []there{{n: 1, name: "Orders", at: 17}},
			outcome{changes: []string{"create Desk " + made}, unmanaged: []string{"Orders"}}},

		{"the name before the last", repo{commits: then(renamed, commit{30, docs("# desk\nname: Till")})}, []there{{n: 1, name: "Orders", at: 12}},
			outcome{changes: []string{"update Till " + fakeID(1) + ": taken for a rename of Orders, 2000000"}}},
		{"a name that was borne twice, for the second time", repo{commits: then(renamed, commit{30, docs("# desk\nname: Orders")}, commit{40, docs("# desk\nname: Till")})}, []there{{n: 1, name: "Orders", at: 32}},
			outcome{changes: []string{"update Till " + fakeID(1) + ": taken for a rename of Orders, 4000000"}}},
		{"its own name goes first", repo{commits: renamed}, []there{{n: 1, name: "Orders", at: 12}, {n: 2, name: "Desk", at: 13, fields: `{"description":"x"}`}},
			outcome{held: []string{"delete Orders " + fakeID(1) + away("agents/a.yaml:2:1", "Desk")}}},
		{"the agent is another definition's by name", repo{commits: then(renamed, commit{30, docs("# desk\nname: Desk", "# new\nname: Orders")})}, []there{{n: 1, name: "Orders", at: 12}},
			outcome{changes: []string{"create Desk " + made}}},
		{"the agent is another definition's by id", repo{commits: then(renamed, commit{30, docs("# desk\nname: Desk", "# new\nname: Other\nid: "+fakeID(1))})}, []there{{n: 1, name: "Orders", at: 12}},
			outcome{changes: []string{"create Desk " + made, "update Other " + fakeID(1) + ": pinned by id"}}},

		{"two names qualify", repo{commits: then(renamed, commit{30, docs("# desk\nname: Till")})}, []there{{n: 1, name: "Orders", at: 12}, {n: 2, name: "Desk", at: 22}},
			outcome{refused: []string{`ambiguous-name [Till]: 2 agents on Wassist bear a name that "Till" (agents/a.yaml:2:1) bore earlier: ` + fakeID(1) + ", " + fakeID(2) + `. Pin the right one with id: and its id, or write previousNames: [] if it is a new agent.`}}},
		{"one name qualifies twice", repo{commits: renamed}, []there{{n: 1, name: "Orders", at: 12}, {n: 2, name: "Orders", at: 13}},
			outcome{refused: []string{`ambiguous-name [Desk]: 2 agents on Wassist bear a name that "Desk" (agents/a.yaml:2:1) bore earlier: ` + fakeID(1) + ", " + fakeID(2) + `. Pin the right one with id: and its id, or write previousNames: [] if it is a new agent.`}}},
		{"of two agents one is too young", repo{commits: renamed}, []there{{n: 1, name: "Orders", at: 12}, {n: 2, name: "Orders", at: 25}},
			outcome{changes: []string{"update Desk " + fakeID(1) + ": taken for a rename of Orders, 2000000"}, unmanaged: []string{"Orders"}}},
		{"two definitions claim one agent", repo{commits: []commit{{10, docs("# a\nname: Orders")}, {20, docs("# a\nname: Desk")}, {30, docs("# a\nname: Desk", "# b\nname: Orders")}, {40, docs("# a\nname: Desk", "# b\nname: Till")}}}, []there{{n: 1, name: "Orders", at: 12}},
			outcome{refused: []string{`same-agent [Till]: agents/a.yaml:5:1 and agents/a.yaml:2:1 ("Desk") both lead to agent ` + fakeID(1) + ` ("Orders" on Wassist). Pin each definition with id:, or take one of them out.`}}},
		{"one of two candidates is another's only one", repo{commits: []commit{{10, docs("# a\nname: Orders")}, {20, docs("# a\nname: Desk")}, {30, docs("# a\nname: Counter", "# b\nname: Orders")}, {40, docs("# a\nname: Counter", "# b\nname: Till")}}}, []there{{n: 1, name: "Orders", at: 12}, {n: 2, name: "Desk", at: 25}},
			outcome{refused: []string{
				`ambiguous-name [Counter]: 2 agents on Wassist bear a name that "Counter" (agents/a.yaml:2:1) bore earlier: ` + fakeID(1) + ", " + fakeID(2) + `. Pin the right one with id: and its id, or write previousNames: [] if it is a new agent.`,
				`ambiguous-name [Till]: agents/a.yaml:5:1: agent ` + fakeID(1) + ` ("Orders" on Wassist) bears a name that "Till" bore earlier, and another definition bore it too. Pin the right one with id: and its id, or write previousNames: [] if it is a new agent.`,
			}}},

		{"not a rename, it says", repo{commits: then(renamed, commit{30, docs("# desk\nname: Desk\npreviousNames: []")})}, []there{{n: 1, name: "Orders", at: 12}},
			outcome{changes: []string{"create Desk " + made}, held: []string{"delete Orders " + fakeID(1) + away("agents/a.yaml:2:1", "Desk")}}},
		{"previousNames names another agent than history", repo{commits: then(renamed, commit{30, docs("# desk\nname: Desk\npreviousNames: [Counter]")})}, []there{{n: 1, name: "Orders", at: 12}, {n: 2, name: "Counter", at: 13}},
			outcome{changes: []string{"update Desk " + fakeID(2) + ": taken for a rename of Counter (previousNames)"}, held: []string{"delete Orders " + fakeID(1) + away("agents/a.yaml:2:1", "Desk")}}},
		{"previousNames names nobody, and history an agent", repo{commits: then(renamed, commit{30, docs("# desk\nname: Desk\npreviousNames: [Counter]")})}, []there{{n: 1, name: "Orders", at: 12}},
			outcome{changes: []string{"update Desk " + fakeID(1) + ": taken for a rename of Orders, 2000000"}}},
		{"previousNames leads to an agent that is too young for history", repo{commits: then(renamed, commit{30, docs("# desk\nname: Desk\npreviousNames: [Orders]")})}, []there{{n: 1, name: "Orders", at: 25}},
			outcome{changes: []string{"update Desk " + fakeID(1) + ": taken for a rename of Orders (previousNames)"}}},

		{"behind the tip, a name that it bears later", repo{commits: renamed, behind: 1}, []there{{n: 1, name: "Desk", at: 25}},
			outcome{changes: []string{"update Orders " + fakeID(1) + ": taken for a rename of Desk, as it is called from 2000000 on, which comes later"}}},
		{"behind the tip, a name in between", repo{commits: then(renamed, commit{30, docs("# desk\nname: Till")}), behind: 2}, []there{{n: 1, name: "Desk", at: 25}},
			outcome{changes: []string{"update Orders " + fakeID(1) + ": taken for a rename of Desk, as it is called from 2000000 on, which comes later"}}},
		{"behind the tip, a name that it bears later, through edits", repo{commits: then(renamed, commit{30, docs("# desk\nname: Desk\ndescription: d")}, commit{40, docs("# desk\nname: Desk\ndescription: e")}), behind: 3}, []there{{n: 1, name: "Desk", at: 25}},
			outcome{changes: []string{"update Orders " + fakeID(1) + ": taken for a rename of Desk, as it is called from 2000000 on, which comes later"}}},
		{"renamed and not committed", repo{commits: renamed, dirty: docs("# desk\nname: Till")}, []there{{n: 1, name: "Desk", at: 25}},
			outcome{changes: []string{"update Till " + fakeID(1) + ": taken for a rename of Desk, not committed yet"}}},
		{"a definition that is not committed", repo{commits: renamed, dirty: docs("# desk\nname: Desk", "name: New")}, []there{{n: 1, name: "Desk", at: 12}},
			outcome{changes: []string{"create New " + made}}},
		{"back under another name after it had left", repo{commits: then(renamed, commit{30, docs()}, commit{40, docs("# desk\nname: Desk")})}, []there{{n: 1, name: "Orders", at: 12}},
			outcome{changes: []string{"update Desk " + fakeID(1) + ": taken for a rename of Orders, 2000000"}}},

		{"a version that pinned an id does not lead to others of its name", repo{commits: []commit{{10, docs("# desk\nname: Orders\nid: " + fakeID(7))}, {20, docs("# desk\nname: Desk")}}}, []there{{n: 1, name: "Orders", at: 12}},
			outcome{changes: []string{"create Desk " + made}, unmanaged: []string{"Orders"}}},
		{"a version that pinned an id leads there", repo{commits: []commit{{10, docs("# desk\nname: Orders\nid: " + fakeID(1))}, {20, docs("# desk\nname: Desk")}}}, []there{{n: 1, name: "Orders", at: 12}, {n: 2, name: "Orders", at: 12}},
			outcome{changes: []string{"update Desk " + fakeID(1) + ": taken for a rename of Orders, 2000000"}, unmanaged: []string{"Orders"}}},
		{"a definition that pins an id now is not taken for a rename", repo{commits: then(renamed, commit{30, docs("# desk\nname: Desk\nid: " + fakeID(2))})}, []there{{n: 1, name: "Orders", at: 12}, {n: 2, name: "Till", at: 12}},
			outcome{changes: []string{"update Desk " + fakeID(2) + ": pinned by id"}, held: []string{"delete Orders " + fakeID(1) + away("agents/a.yaml:2:1", "Desk")}}},
		{"an agent that another refusal is about", repo{commits: then(renamed, commit{30, docs("# desk\nname: Desk", "# new\nname: Orders")})}, []there{{n: 1, name: "Orders", at: 12}, {n: 2, name: "Orders", at: 13}},
			outcome{changes: []string{"create Desk " + made}, refused: []string{`ambiguous-name [Orders]: 2 agents on Wassist are called "Orders": ` + fakeID(1) + ", " + fakeID(2) + `. Pin one in agents/a.yaml:5:1 with id: and its id.`}}},
		{"shallow: as far as the clone reaches", repo{commits: then(renamed, commit{30, docs("# desk\nname: Till")}), cut: 1}, []there{{n: 1, name: "Desk", at: 25}},
			outcome{changes: []string{"update Till " + fakeID(1) + ": taken for a rename of Desk, 3000000"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := tt.repo.open(t)
			check(t, organize(t, tt.agents).plan(t, h.set, h.options()), tt.want)
		})
	}
}

// Without history a new name is a new agent, and a plan says why.
func TestRenameWithoutHistory(t *testing.T) {
	t.Parallel()
	f := organize(t, []there{{n: 1, name: "Orders", at: 12}})
	p := f.plan(t, load(t, nil, "name: Desk"), sync.Options{Source: sync.Source{Path: "agents", History: sync.HistoryNone}})
	check(t, p, outcome{
		changes: []string{"create Desk : no agent of this name exists"}, unmanaged: []string{"Orders"},
		notes: []string{"agents has no Git history to tell which agents were ever defined here: nothing is deleted, and a definition with a new name is a new agent"},
	})
}
