package sync_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/sync"
)

// keeper is a definition that stays, so that the folder is never empty; its
// agent has the number 9.
const keeper = "name: Keeper"

// leaving is a definition that stood from 10 to 20.
func leaving(document string) []commit {
	return []commit{{10, docs(keeper, document)}, {20, docs(keeper)}}
}

// withKeeper plans a repository over these agents and the keeper's.
func withKeeper(t tester, r repo, agents []there, change func(*sync.Options)) *sync.Plan {
	t.Helper()
	h := r.open(t)
	o := h.options()
	if change != nil {
		change(&o)
	}
	return organize(t, append(slices.Clone(agents), there{n: 9, name: "Keeper", at: 11})).plan(t, h.set, o)
}

// gone is the delete of agent n, whose definition stood on a line until a commit.
func gone(n int, agent, place, commit string) string {
	return "delete " + agent + " " + fakeID(n) + ": its definition agents/a.yaml:" + place + " left with " + commit
}

func TestOwnership(t *testing.T) {
	t.Parallel()
	deleted := outcome{changes: []string{gone(1, "Desk", `3 ("Desk")`, "2000000")}}
	foreign := outcome{unmanaged: []string{"Desk"}}
	desk := leaving("name: Desk")
	full := leaving("name: Desk\ndescription: d\nsystemPrompt: p")
	const stored = `{"description":"d","systemPrompt":"p"}`
	back := []commit{{10, docs(keeper, "name: Desk\ndescription: d")}, {20, docs(keeper)}, {30, docs(keeper, "name: Desk\ndescription: e")}, {40, docs(keeper)}}
	for _, tt := range []struct {
		name   string
		repo   repo
		agents []there
		want   outcome
	}{
		{"no definition ever", repo{commits: leaving("name: Till")}, []there{{n: 1, name: "Desk", at: 12}}, foreign},
		{"stood when the agent was made", repo{commits: desk}, []there{{n: 1, name: "Desk", at: 12}}, deleted},
		{"just came in when the agent was made", repo{commits: desk}, []there{{n: 1, name: "Desk", at: 10}}, deleted},
		{"had just left when the agent was made", repo{commits: desk}, []there{{n: 1, name: "Desk", at: 20}}, foreign},
		{"made again by hand after it had left, and equal", repo{commits: full}, []there{{n: 1, name: "Desk", at: 21, fields: stored}}, foreign},
		{"a time that cannot be read, and equal", repo{commits: full}, []there{{n: 1, name: "Desk", created: "soon", fields: stored}}, foreign},
		{"a time without a zone, and equal", repo{commits: full}, []there{{n: 1, name: "Desk", created: "2026-03-01T00:00:12", fields: stored}}, foreign},
		{"older than the definition, and equal in no more than a choice", repo{commits: leaving("name: Desk\nllmModel: m\nreasoningEffort: low")}, []there{{n: 1, name: "Desk", at: 5, fields: `{"llmModel":"m","reasoningEffort":"low"}`}}, foreign},
		{"older than the definition, and equal in a text", repo{commits: leaving("name: Desk\nllmModel: m\ndescription: d")}, []there{{n: 1, name: "Desk", at: 5, fields: `{"llmModel":"m","description":"d"}`}}, deleted},
		{"names differ in white space", repo{commits: desk}, []there{{n: 1, name: "Desk ", at: 12}}, outcome{changes: []string{gone(1, "Desk ", `3 ("Desk")`, "2000000")}}},
		{"names differ in case", repo{commits: desk}, []there{{n: 1, name: "desk", at: 12}}, outcome{unmanaged: []string{"desk"}}},

		{"older, and a text is equal", repo{commits: leaving("name: Desk\ndescription: d")}, []there{{n: 1, name: "Desk", at: 1, fields: stored}}, deleted},
		{"older, and a text differs", repo{commits: leaving("name: Desk\ndescription: d")}, []there{{n: 1, name: "Desk", at: 1, fields: `{"description":"e"}`}}, foreign},
		{"older, and one text of two differs", repo{commits: full}, []there{{n: 1, name: "Desk", at: 1, fields: `{"description":"d","systemPrompt":"q"}`}}, foreign},
		{"older, and equal but for what is not declared", repo{commits: full}, []there{{n: 1, name: "Desk", at: 1, fields: `{"description":"d","systemPrompt":"p","firstMessage":"by hand"}`}}, deleted},
		{"older, and a list is equal", repo{commits: leaving("name: Desk\nicebreakers: [a, b]")}, []there{{n: 1, name: "Desk", at: 1, fields: `{"icebreakers":["a","b"]}`}}, deleted},
		{"older, and a list of entries is equal", repo{commits: leaving("name: Desk\nwebsiteTools: [{url: https://a.example/, prompt: p}]")}, []there{{n: 1, name: "Desk", at: 1, fields: `{"websiteTools":[{"id":"1","url":"https://a.example/","prompt":"p"}]}`}}, deleted},
		{"older, and a list of entries has one more", repo{commits: leaving("name: Desk\nwebsiteTools: [{url: https://a.example/, prompt: p}]")}, []there{{n: 1, name: "Desk", at: 1, fields: `{"websiteTools":[{"id":"1","url":"https://a.example/","prompt":"p"},{"id":"2","url":"https://b.example/","prompt":"p"}]}`}}, foreign},
		{"older, and nothing but the name is declared", repo{commits: desk}, []there{{n: 1, name: "Desk", at: 1, fields: stored}}, foreign},
		{"older, and only an empty text is declared", repo{commits: leaving(`{name: Desk, description: "", icebreakers: []}`)}, []there{{n: 1, name: "Desk", at: 1}}, foreign},
		{"older, and only numbers and objects are declared", repo{commits: leaving("name: Desk\npaywallConfig: {messageLimit: 5}")}, []there{{n: 1, name: "Desk", at: 1, fields: `{"paywallConfig":{"messageLimit":5}}`}}, foreign},
		{"older, and equal to an earlier version", repo{commits: []commit{{5, docs(keeper, "name: Desk\ndescription: d")}, {10, docs(keeper, "name: Desk\ndescription: e")}, {20, docs(keeper)}}}, []there{{n: 1, name: "Desk", at: 1, fields: stored}}, outcome{changes: []string{gone(1, "Desk", `3 ("Desk")`, "3000000")}}},
		{"older, and each text is equal in another version", repo{commits: []commit{{5, docs(keeper, "name: Desk\ndescription: d\nsystemPrompt: q")}, {10, docs(keeper, "name: Desk\ndescription: e\nsystemPrompt: p")}, {20, docs(keeper)}}}, []there{{n: 1, name: "Desk", at: 1, fields: stored}}, foreign},
		{"older, and equal to a version of another name", repo{commits: []commit{{5, docs(keeper, "# d\nname: Till\ndescription: d")}, {10, docs(keeper, "# d\nname: Desk\ndescription: e")}, {20, docs(keeper)}}}, []there{{n: 1, name: "Desk", at: 1, fields: stored}}, outcome{changes: []string{gone(1, "Desk", `4 ("Desk")`, "3000000")}}},
		{"older, and equal with what the environment says", repo{commits: leaving("name: Desk\ndescription: !env D"), env: map[string]string{"D": "d"}}, []there{{n: 1, name: "Desk", at: 1, fields: stored}}, deleted},
		{"older, and the environment says something else", repo{commits: leaving("name: Desk\ndescription: !env D"), env: map[string]string{"D": "e"}}, []there{{n: 1, name: "Desk", at: 1, fields: stored}}, foreign},
		{"older, and the environment says nothing any more", repo{commits: leaving("name: Desk\nsystemPrompt: p\ndescription: !env D")}, []there{{n: 1, name: "Desk", at: 1, fields: `{"systemPrompt":"p"}`}}, foreign},
		{"stood, and the environment says nothing any more", repo{commits: leaving("name: Desk\ndescription: !env D")}, []there{{n: 1, name: "Desk", at: 12, fields: stored}}, deleted},
		{"older, and it hands over to a name of an earlier time", repo{commits: []commit{{10, docs("# k\nname: Old keeper", "name: Desk\nhandoffTools: [{agent: Old keeper, description: d}]")}, {20, docs("# k\nname: Keeper")}}},
			[]there{{n: 1, name: "Desk", at: 1, fields: `{"handoffTools":[{"childAgentId":"` + fakeID(9) + `","description":"d"}]}`}}, outcome{changes: []string{gone(1, "Desk", `4 ("Desk")`, "2000000")}}},
		{"older, and it hands over to an agent that is not there any more", repo{commits: []commit{{10, docs(keeper, "name: Desk\nhandoffTools: [{agent: Till, description: d}]", "name: Till")}, {20, docs(keeper)}}},
			[]there{{n: 1, name: "Desk", at: 1, fields: `{"handoffTools":[{"childAgentId":"` + fakeID(9) + `","description":"d"}]}`}}, foreign},

		{"by id and name, whatever it stores", repo{commits: leaving("name: Desk\nid: " + fakeID(1))}, []there{{n: 1, name: "Desk", at: 1}}, outcome{changes: []string{gone(1, "Desk", `3 ("Desk")`, "2000000")}}},
		{"by id, and as it says", repo{commits: leaving("name: Till\nid: " + fakeID(1) + "\ndescription: x")}, []there{{n: 1, name: "Desk", at: 1, fields: `{"description":"x"}`}}, outcome{changes: []string{gone(1, "Desk", `3 ("Till")`, "2000000")}}},
		{"a pin that was never applied", repo{commits: leaving("name: Till\nid: " + fakeID(1) + "\ndescription: x")}, []there{{n: 1, name: "Desk", at: 1}}, outcome{held: []string{"delete Desk " + fakeID(1) + `: its definition agents/a.yaml:3 ("Till"), which left with 2000000, pinned its id, and nothing in the agent is as any version of it says. Delete the agent on Wassist, or list it under unmanaged:`}}},
		{"by id, made nobody knows when", repo{commits: leaving("name: Desk\nid: " + fakeID(1))}, []there{{n: 1, name: "Desk", created: "?"}}, outcome{changes: []string{gone(1, "Desk", `3 ("Desk")`, "2000000")}}},
		{"a version that pinned an id does not own others of its name", repo{commits: leaving("name: Desk\nid: " + fakeID(5))}, []there{{n: 1, name: "Desk", at: 12}}, foreign},
		{"by a name that it bore earlier", repo{commits: []commit{{5, docs(keeper, "# d\nname: Desk")}, {10, docs(keeper, "# d\nname: Till")}, {20, docs(keeper)}}}, []there{{n: 1, name: "Desk", at: 7}}, outcome{changes: []string{gone(1, "Desk", `4 ("Till")`, "3000000")}}},
		{"made after the name was given up for another", repo{commits: []commit{{5, docs(keeper, "# d\nname: Desk")}, {10, docs(keeper, "# d\nname: Till")}, {20, docs(keeper)}}}, []there{{n: 1, name: "Desk", at: 12}}, foreign},

		{"came back, and stood when the agent was made", repo{commits: back}, []there{{n: 1, name: "Desk", at: 32}}, outcome{changes: []string{gone(1, "Desk", `3 ("Desk")`, "4000000")}}},
		{"came back; the agent is of its first time", repo{commits: back}, []there{{n: 1, name: "Desk", at: 12}}, outcome{changes: []string{gone(1, "Desk", `3 ("Desk")`, "4000000")}}},
		{"came back; the agent was made in the gap", repo{commits: back}, []there{{n: 1, name: "Desk", at: 25}}, foreign},
		{"came back; the agent was made in the gap, and is equal", repo{commits: back}, []there{{n: 1, name: "Desk", at: 25, fields: `{"description":"e"}`}}, outcome{changes: []string{gone(1, "Desk", `3 ("Desk")`, "4000000")}}},

		// Clocks: what may have been otherwise is no proof.
		{"it left by a clock that was behind", repo{commits: []commit{{10, docs(keeper, "name: Desk")}, {15, docs(keeper)}, {11, docs(keeper, "name: New")}, {30, docs(keeper)}}}, []there{{n: 1, name: "Desk", at: 12}}, foreign},
		{"it came back; it had left the first time after a clock that was ahead", repo{commits: []commit{{10, docs(keeper, "name: Desk")}, {26, docs(keeper, "name: Desk", "name: New")}, {20, docs(keeper)}, {30, docs(keeper, "name: Desk")}, {40, docs(keeper)}}}, []there{{n: 1, name: "Desk", at: 23}}, foreign},
		{"it came in after a clock that was ahead", repo{commits: []commit{{15, docs(keeper)}, {10, docs(keeper, "name: Desk")}, {20, docs(keeper)}}}, []there{{n: 1, name: "Desk", at: 12}}, foreign},
		{"it surely stood, clocks or not", repo{commits: []commit{{15, docs(keeper)}, {10, docs(keeper, "name: Desk")}, {20, docs(keeper)}}}, []there{{n: 1, name: "Desk", at: 15}}, outcome{changes: []string{gone(1, "Desk", `3 ("Desk")`, "3000000")}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			check(t, withKeeper(t, tt.repo, tt.agents, nil), tt.want)
		})
	}
}

// More than one agent for one definition that left: which of them is meant
// cannot be told.
func TestSeveralAgentsOfOneDefinition(t *testing.T) {
	t.Parallel()
	several := func(n int, agent, place, commit string, a, b int) string {
		return "delete " + agent + " " + fakeID(n) + ": its definition agents/a.yaml:" + place + " left with " + commit + ", and 2 agents bear a name or id that it had: " + fakeID(a) + ", " + fakeID(b) + ". List under unmanaged: every one that shall stay; once only one is left, it is deleted"
	}
	moved := []commit{{5, docs(keeper, "# d\nname: Desk\ndescription: d")}, {10, docs(keeper, "# d\nname: Till\ndescription: d")}, {20, docs(keeper)}}
	for _, tt := range []struct {
		name      string
		commits   []commit
		agents    []there
		unmanaged func(name, id string) bool
		want      outcome
	}{
		{"twins", leaving("name: Desk"), []there{{n: 1, name: "Desk", at: 12}, {n: 2, name: "Desk", at: 13}}, nil,
			outcome{held: []string{several(1, "Desk", `3 ("Desk")`, "2000000", 1, 2), several(2, "Desk", `3 ("Desk")`, "2000000", 1, 2)}}},
		{"over all names that it bore", moved, []there{{n: 1, name: "Desk", at: 7}, {n: 2, name: "Till", at: 12}}, nil,
			outcome{held: []string{several(1, "Desk", `4 ("Till")`, "3000000", 1, 2), several(2, "Till", `4 ("Till")`, "3000000", 1, 2)}}},
		{"by id and by name", []commit{{5, docs(keeper, "# d\nname: Desk\nid: "+fakeID(2))}, {10, docs(keeper, "# d\nname: Desk")}, {20, docs(keeper)}}, []there{{n: 1, name: "Desk", at: 12}, {n: 2, name: "Till", at: 1}}, nil,
			outcome{held: []string{several(1, "Desk", `4 ("Desk")`, "3000000", 1, 2), "delete Till " + fakeID(2) + `: its definition agents/a.yaml:4 ("Desk"), which left with 3000000, pinned its id, and nothing in the agent is as any version of it says. Delete the agent on Wassist, or list it under unmanaged:`}}},
		{"one of them is not ours", leaving("name: Desk"), []there{{n: 1, name: "Desk", at: 12}, {n: 2, name: "Desk", at: 25}}, nil,
			outcome{changes: []string{gone(1, "Desk", `3 ("Desk")`, "2000000")}, unmanaged: []string{"Desk"}}},
		{"one of them is listed as unmanaged", leaving("name: Desk"), []there{{n: 1, name: "Desk", at: 12}, {n: 2, name: "Desk", at: 13}}, func(_, id string) bool { return id == fakeID(2) },
			outcome{changes: []string{gone(1, "Desk", `3 ("Desk")`, "2000000")}, unmanaged: []string{"Desk"}}},
		{"one of them is another definition's", then(moved[:2], commit{20, docs(keeper, "# x\nname: Till")}, commit{30, docs(keeper, "# x\nname: Till")}), []there{{n: 1, name: "Desk", at: 7}, {n: 2, name: "Till", at: 12}}, nil,
			outcome{held: []string{"delete Desk " + fakeID(1) + `: the definition that led to it stands (agents/a.yaml:4:1, "Till") and leads elsewhere now. Only the leaving of a definition deletes: delete the agent on Wassist, or list it under unmanaged:`}}},
		{"two that left bore the name of one agent", []commit{{5, docs(keeper, "# a\nname: Desk")}, {8, docs(keeper, "# a\nname: Till")}, {10, docs(keeper, "# a\nname: Till", "# b\nname: Desk")}, {20, docs(keeper)}}, []there{{n: 1, name: "Desk", at: 7}}, nil,
			outcome{changes: []string{gone(1, "Desk", `4 ("Till")`, "4000000")}}},
		{"one of them is held for another definition's sake", []commit{
			{5, docs(keeper, "# a\nname: Desk")}, {7, docs(keeper, "# a\nname: Till")}, {8, docs(keeper, "# a\nname: Till", "# b\nname: Desk")},
			{10, docs(keeper, "# a\nname: Till", "# b\nname: Sales")}, {20, docs(keeper, "# b\nname: Sales")},
		}, []there{{n: 1, name: "Desk", at: 6}, {n: 2, name: "Till", at: 8}, {n: 3, name: "Sales", at: 12}}, nil,
			outcome{held: []string{
				"delete Desk " + fakeID(1) + `: the definition that led to it stands (agents/a.yaml:4:1, "Sales") and leads elsewhere now. Only the leaving of a definition deletes: delete the agent on Wassist, or list it under unmanaged:`,
				several(2, "Till", `4 ("Till")`, "5000000", 1, 2),
			}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			check(t, withKeeper(t, repo{commits: tt.commits}, tt.agents, func(o *sync.Options) { o.Unmanaged = tt.unmanaged }), tt.want)
		})
	}
}

// Only what an agent's deletion stands on is looked for elsewhere.
func TestNothingIsAskedInVain(t *testing.T) {
	t.Parallel()
	h := repo{commits: leaving("name: Desk")}.open(t)
	organize(t, []there{{n: 9, name: "Keeper"}}).plan(t, h.set, h.options())
	if h.opened {
		t.Errorf("the history is read, and nothing hangs on it")
	}
	organize(t, []there{{n: 9, name: "Keeper"}, {n: 1, name: "Foreign"}}).plan(t, h.set, h.options())
	if len(h.asked) > 0 {
		t.Errorf("looked elsewhere for %v", h.asked)
	}
	organize(t, []there{{n: 9, name: "Keeper"}, {n: 1, name: "Desk", at: 12}, {n: 2, name: "Foreign"}}).plan(t, h.set, h.options())
	if d := cmp.Diff([]sync.Wanted{{Name: "Desk"}, {ID: fakeID(1)}}, h.asked); d != "" {
		t.Errorf("looked elsewhere for (-want +got):\n%s", d)
	}
}
