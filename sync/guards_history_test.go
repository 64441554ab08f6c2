package sync_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/sync"
)

// many is a repository that kept some definitions and removed others, and their
// agents: K01, K02 … and G01, G02 …
func many(kept, removed int) (repo, []there) {
	var all []string
	var agents []there
	for i := range kept + removed {
		name := fmt.Sprintf("K%02d", i+1)
		if i >= kept {
			name = fmt.Sprintf("G%02d", i+1-kept)
		}
		all = append(all, "name: "+name)
		agents = append(agents, there{n: i + 1, name: name, at: 12})
	}
	return repo{commits: []commit{{10, all}, {20, all[:kept:kept]}}}, agents
}

// The share of --max-deletes is of the matched and the managed agents together.
func TestMaxDeletesOfManaged(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name              string
		kept, gone, alien int
		max               string
		refused           string // without the way out
	}{
		{"three", 1, 3, 0, "", ""},
		{"four", 1, 4, 0, "", "4 agents would be deleted, and at most 3 may be (the default)."},
		{"four of sixteen", 12, 4, 0, "", ""},
		{"four of fifteen", 11, 4, 0, "", "4 agents would be deleted, and at most 3 may be (the default)."},
		{"five of sixteen", 11, 5, 0, "", "5 agents would be deleted, and at most 4 may be (a quarter of the 16 agents that definitions lead to or led to)."},
		{"those that are not ours do not count", 11, 4, 50, "", "4 agents would be deleted, and at most 3 may be (the default)."},
		{"a share", 5, 5, 0, "50%", ""},
		{"more than a share", 4, 5, 9, "50%", "5 agents would be deleted, and at most 4 may be (50% of the 9 agents that definitions lead to or led to)."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, agents := many(tt.kept, tt.gone)
			for i := range tt.alien {
				agents = append(agents, there{n: 100 + i, name: fmt.Sprintf("Alien %d", i), at: 12})
			}
			h := r.open(t)
			o := h.options()
			if tt.max != "" {
				var err error
				if o.MaxDeletes, err = sync.ParseMaxDeletes(tt.max); err != nil {
					t.Fatal(err)
				}
			}
			p := organize(t, agents).plan(t, h.set, o)
			if got := p.Summary(); got.Delete != tt.gone || got.Unmanaged != tt.alien {
				t.Fatalf("%d deletes, want %d; %d unmanaged, want %d", got.Delete, tt.gone, got.Unmanaged, tt.alien)
			}
			want := []string{}
			if tt.refused != "" {
				want = append(want, "max-deletes [] (liftable): "+tt.refused+" Raise --max-deletes, or accept this one plan with --accept "+p.Digest)
			}
			if d := cmp.Diff(want, refusals(p)); d != "" {
				t.Errorf("refusals (-want +got):\n%s", d)
			}
			// With --prune none they count too, and nothing is deleted.
			o.Prune = sync.PruneNone
			if p := organize(t, agents).plan(t, h.set, o); !p.Empty() || len(p.Refused) > 0 || len(p.Held) != tt.gone {
				t.Errorf("--prune none: changes %v, refused %v, held %v", outline(p), refusals(p), heldBack(p))
			}
		})
	}
}

// A folder that lost all its definitions is more likely a wrong path than a wish.
func TestEmptyFolder(t *testing.T) {
	t.Parallel()
	_, agents := many(0, 2)
	two := []commit{{10, docs("name: G01", "name: G02")}, {20, docs()}}
	refused := func(what string) []string {
		return []string{"empty-definitions (liftable): there is no definition at all, and " + what + ". Check the path and the branch; to go on all the same, accept this one plan with --accept "}
	}
	for _, tt := range []struct {
		name    string
		repo    repo
		prune   sync.Prune
		deletes int
		refused []string
	}{
		{"deleted", repo{commits: two}, sync.PruneManaged, 2, refused("2 agents would be deleted")},
		{"kept", repo{commits: two}, sync.PruneNone, 0, refused("2 agents on Wassist came from here")},
		{"one came from here", repo{commits: []commit{{10, docs("name: G01")}, {20, docs()}}}, sync.PruneNone, 0, refused("1 agent on Wassist came from here")},
		{"not committed", repo{commits: two[:1], dirty: docs()}, sync.PruneManaged, 0, refused("2 agents on Wassist came from here")},
		{"none of them came from here", repo{commits: []commit{{10, docs("name: Other")}, {20, docs()}}}, sync.PruneManaged, 0, []string{}},
		{"never anything", repo{commits: []commit{{10, docs()}}}, sync.PruneManaged, 0, []string{}},
	} {
		h := tt.repo.open(t)
		o := h.options()
		o.Prune = tt.prune
		p := organize(t, agents).plan(t, h.set, o)
		want := []string{}
		for _, r := range tt.refused {
			want = append(want, r+p.Digest)
		}
		got := []string{}
		for _, r := range p.Refused {
			if !r.Liftable || r.Agent != "" {
				t.Errorf("%s: %+v is not liftable, or is about one agent", tt.name, r)
			}
			got = append(got, r.Rule+" (liftable): "+r.Reason)
		}
		if d := cmp.Diff(want, got); d != "" || p.Summary().Delete != tt.deletes {
			t.Errorf("%s: %d deletes, refusals (-want +got):\n%s", tt.name, p.Summary().Delete, d)
		}
		if o.Accept = p.Digest; len(organize(t, agents).plan(t, h.set, o).Refused) > 0 {
			t.Errorf("%s: accepted, and still refused", tt.name)
		}
	}
}

func TestPreventDestroy(t *testing.T) {
	t.Parallel()
	protected := "name: Desk\nlifecycle: {preventDestroy: true}"
	const refused = "prevent-destroy [Desk]: Desk (a0000000-0000-4000-8000-000000000001) would be deleted, and its definition agents/a.yaml:3 (\"Desk\") said lifecycle.preventDestroy to the last, until %s removed it. Restore the definition with preventDestroy: false and remove it again, or list the agent under unmanaged: to leave it alone"
	for _, tt := range []struct {
		name    string
		commits []commit
		option  func(*sync.Options)
		refused string
	}{
		{"to the last", leaving(protected), nil, fmt.Sprintf(refused, "2000000")},
		{"for the last version only", []commit{{10, docs(keeper, "name: Desk")}, {15, docs(keeper, protected)}, {20, docs(keeper)}}, nil, fmt.Sprintf(refused, "3000000")},
		{"not any more when it left", []commit{{10, docs(keeper, protected)}, {15, docs(keeper, "name: Desk\nlifecycle: {preventDestroy: false}")}, {20, docs(keeper)}}, nil, ""},
		{"restored with false and removed again", []commit{{10, docs(keeper, protected)}, {15, docs(keeper)}, {20, docs(keeper, "name: Desk\nlifecycle: {preventDestroy: false}")}, {30, docs(keeper)}}, nil, ""},
		{"nothing is pruned", leaving(protected), func(o *sync.Options) { o.Prune = sync.PruneNone }, ""},
		{"listed as unmanaged", leaving(protected), func(o *sync.Options) { o.Unmanaged = func(name, _ string) bool { return name == "Desk" } }, ""},
		{"--prune all", leaving(protected), func(o *sync.Options) { o.Prune, o.ConfirmOrganization = sync.PruneAll, "Harbour Bakery" }, fmt.Sprintf(refused, "2000000")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			desk := []there{{n: 1, name: "Desk", at: 12}}
			p := withKeeper(t, repo{commits: tt.commits}, desk, tt.option)
			want := []string{}
			if tt.refused != "" {
				want = []string{tt.refused}
			}
			if d := cmp.Diff(want, refusals(p)); d != "" {
				t.Errorf("refusals (-want +got):\n%s", d)
			}
			accepted := withKeeper(t, repo{commits: tt.commits}, desk, func(o *sync.Options) {
				if tt.option != nil {
					tt.option(o)
				}
				o.Accept = p.Digest
			})
			if d := cmp.Diff(want, refusals(accepted)); d != "" {
				t.Errorf("accepted: refusals (-want +got):\n%s", d)
			}
		})
	}
}

// Deleting a managed agent is refused while an agent that stays hands over to
// it, and while it is the last one on a number.
func TestGuardsOfDeletions(t *testing.T) {
	t.Parallel()
	h := repo{commits: leaving("name: Desk\ndeploy: [{number: \"" + number1 + "\"}]")}.open(t)
	f := organize(t, []there{
		{n: 1, name: "Desk", at: 12}, {n: 9, name: "Keeper"},
		{n: 2, name: "Foreign", fields: `{"handoffTools":[{"id":"h","childAgentId":"` + fakeID(1) + `","description":"d"}]}`},
	})
	f.numbers = []sync.PhoneNumber{{Number: number1, AgentID: fakeID(1), AgentName: "Desk"}}
	p := f.plan(t, h.set, h.options())
	check(t, p, outcome{
		changes: []string{"undeploy " + number1 + " Desk " + fakeID(1) + ": its agent is deleted", gone(1, "Desk", `3 ("Desk")`, "2000000")}, unmanaged: []string{"Foreign"},
		refused: []string{
			"number-without-agent [Desk] (liftable): " + number1 + " would have no agent any more, because Desk (" + fakeID(1) + ") is deleted. Deploy another agent there first, or accept this one plan with --accept " + p.Digest,
			"handoff-target [Desk] (liftable): Desk (" + fakeID(1) + ") would be deleted, and Foreign (" + fakeID(2) + ") hands over to it. Take that handoff out first, or accept this one plan with --accept " + p.Digest,
		},
	})
	o := h.options()
	o.Accept = p.Digest
	if p := f.plan(t, h.set, o); len(p.Refused) > 0 || p.Summary().Delete != 1 {
		t.Errorf("accepted: %v", refusals(p))
	}

	// A number that only drops out of a list is a wish.
	h = repo{commits: []commit{{10, docs("name: Desk\ndeploy: [{number: \"" + number1 + "\"}]")}, {20, docs("name: Desk\ndeploy: []")}}}.open(t)
	if p := f.plan(t, h.set, h.options()); len(p.Refused) > 0 || p.Summary().Undeploy != 1 {
		t.Errorf("undeployed: %v, %v", outline(p), refusals(p))
	}
}

// A handoff that a definition takes out counts only if the plan writes it.
func TestHandoffThatIsNotWritten(t *testing.T) {
	t.Parallel()
	h := repo{commits: []commit{{10, docs(keeper+"\nhandoffTools: []", "name: Desk")}, {20, docs(keeper + "\nhandoffTools: []")}}}.open(t)
	f := organize(t, []there{{n: 1, name: "Desk", at: 12}, {n: 9, name: "Keeper", fields: `{"handoffTools":[{"id":"h","childAgentId":"` + fakeID(1) + `","description":"d"}]}`}})
	for listed, want := range map[bool][]string{false: {}, true: {"handoff-target"}} {
		o := h.options()
		o.Unmanaged = func(name, _ string) bool { return listed && name == "Keeper" }
		if d := cmp.Diff(want, rules(f.plan(t, h.set, o))); d != "" {
			t.Errorf("the one that hands over is listed as unmanaged: %t: refused (-want +got):\n%s", listed, d)
		}
	}
}

// A history with a hole in it is as good as a shallow one, whatever the clone is called.
func TestHistoryWithAHole(t *testing.T) {
	t.Parallel()
	h := repo{commits: []commit{{5, docs(keeper)}, {10, docs(keeper, "name: Desk")}, {20, docs(keeper)}, {30, docs(keeper, "# new\nname: Till")}}, cut: 1}.open(t)
	o := h.options()
	o.Source.History = sync.HistoryFull
	p := organize(t, []there{{n: 1, name: "Desk", at: 12}, {n: 9, name: "Keeper"}}).plan(t, h.set, o)
	if d := cmp.Diff([]string{"shallow-create"}, rules(p)); d != "" || p.Source.History != sync.HistoryShallow || p.Summary().Delete > 0 {
		t.Errorf("history %s, changes %v, refused (-want +got):\n%s", p.Source.History, actions(p), d)
	}
}

// In a shallow clone a new name beside an agent that nobody claims may be a rename.
func TestShallowCreate(t *testing.T) {
	t.Parallel()
	const reason = "would be created, while no definition leads to 1 agent on Wassist, and this clone's history is cut off: it may be a rename. Fetch all history (fetch-depth: 0, or git fetch --unshallow), write previousNames: [] in agents/a.yaml:3:1, or accept this one plan with --accept "
	shallow := func(documents ...string) repo {
		return repo{commits: []commit{{10, docs(keeper)}, {20, documents}}, cut: 1}
	}
	unmanaged := func(o *sync.Options) { o.Unmanaged = func(name, _ string) bool { return name == "Orders" } }
	for _, tt := range []struct {
		name    string
		repo    repo
		agents  []there
		option  func(*sync.Options)
		refused bool
	}{
		{"a create beside a stray", shallow(keeper, "name: Desk"), []there{{n: 1, name: "Orders"}}, nil, true},
		{"it says that it is no rename", shallow(keeper, "name: Desk\npreviousNames: []"), []there{{n: 1, name: "Orders"}}, nil, false},
		{"a previous name that nobody bears", shallow(keeper, "name: Desk\npreviousNames: [Till]"), []there{{n: 1, name: "Orders"}}, nil, true},
		{"a previous name that somebody bears", shallow(keeper, "name: Desk\npreviousNames: [Orders]"), []there{{n: 1, name: "Orders"}}, nil, false},
		{"no stray", shallow(keeper, "name: Desk"), nil, nil, false},
		{"the stray is listed as unmanaged", shallow(keeper, "name: Desk"), []there{{n: 1, name: "Orders"}}, unmanaged, false},
		{"no create", shallow(keeper), []there{{n: 1, name: "Orders"}}, nil, false},
		{"all of the history", repo{commits: shallow(keeper, "name: Desk").commits}, []there{{n: 1, name: "Orders"}}, nil, false},
	} {
		p := withKeeper(t, tt.repo, tt.agents, tt.option)
		want := []string{}
		if tt.refused {
			want = append(want, "shallow-create [Desk] (liftable): Desk "+reason+p.Digest)
		}
		if d := cmp.Diff(want, refusals(p)); d != "" {
			t.Errorf("%s: refusals (-want +got):\n%s", tt.name, d)
		}
		if p := withKeeper(t, tt.repo, tt.agents, func(o *sync.Options) { o.Accept = p.Digest }); len(p.Refused) > 0 {
			t.Errorf("%s: accepted, and still refused", tt.name)
		}
	}
}
