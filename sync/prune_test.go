package sync_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/sync"
)

// What each value of --prune deletes of one and the same organization: Desk,
// whose definition left; Foreign, which never had one; Local, whose definition
// is missing from the work tree only; and Staging, which has one elsewhere.
func TestPrune(t *testing.T) {
	t.Parallel()
	r := repo{
		commits: []commit{{10, docs(keeper, "name: Local", "name: Desk", "name: Staging")}, {20, docs(keeper, "name: Local")}},
		dirty:   docs(keeper), outside: []sync.Standing{{File: "staging/a.yaml", Line: 1, Name: "Staging"}, {File: "staging/a.yaml", Line: 4, Name: "Elsewhere"}},
	}
	agents := []there{{n: 1, name: "Desk", at: 12}, {n: 2, name: "Foreign", at: 1}, {n: 3, name: "Local", at: 12}, {n: 4, name: "Staging", at: 12}, {n: 5, name: "Elsewhere", at: 1}}
	const local = "delete Local a0000000-0000-4000-8000-000000000003: its definition agents/a.yaml:3 (\"Local\") is missing from the work tree only. Commit the deletion first"
	elsewhere := func(agent, place string) string {
		return "delete " + agent + `: a definition elsewhere in the repository has its name or id (staging/a.yaml:` + place + `). If that one is for another organization, say so with organization: in a wassist-sync.yaml beside it`
	}
	staging, other := elsewhere("Staging "+fakeID(4), `1, "Staging"`), elsewhere("Elsewhere "+fakeID(5), `4, "Elsewhere"`)
	desk, foreign := gone(1, "Desk", `5 ("Desk")`, "2000000"), "delete Foreign "+fakeID(2)+": no definition names it (--prune all)"
	for _, tt := range []struct {
		prune sync.Prune
		want  outcome
	}{
		{sync.PruneNone, outcome{held: []string{desk + ", and --prune is none", local, staging}, unmanaged: []string{"Elsewhere", "Foreign"}}},
		{sync.PruneManaged, outcome{changes: []string{desk}, held: []string{local, staging}, unmanaged: []string{"Elsewhere", "Foreign"}}},
		{"", outcome{changes: []string{desk}, held: []string{local, staging}, unmanaged: []string{"Elsewhere", "Foreign"}}},
		{sync.PruneAll, outcome{changes: []string{desk, foreign}, held: []string{other, local, staging}}},
	} {
		p := withKeeper(t, r, agents, func(o *sync.Options) {
			o.Prune, o.ConfirmOrganization = tt.prune, "Harbour Bakery"
		})
		t.Run("--prune "+string(tt.prune), func(t *testing.T) { check(t, p, tt.want) })
	}

	// What comes in later on the branch is defined, too.
	later := repo{commits: []commit{{10, docs(keeper)}, {20, docs(keeper, "name: Desk")}}, behind: 1}
	check(t, withKeeper(t, later, []there{{n: 1, name: "Desk", at: 22}}, func(o *sync.Options) { o.Prune, o.ConfirmOrganization = sync.PruneAll, "Harbour Bakery" }), outcome{
		held: []string{"delete Desk " + fakeID(1) + `: its definition agents/a.yaml:3 ("Desk") comes in later on this branch than the commit that is applied`},
	})

	// --prune all has to be confirmed, and --accept is no confirmation. That
	// counts as well where all that it would delete is held.
	for _, strays := range [][]there{agents, agents[2:3], agents[1:2]} {
		unconfirmed := func(o *sync.Options) { o.Prune = sync.PruneAll }
		p := withKeeper(t, r, strays, unconfirmed)
		want := []string{`confirm-organization []: --prune all also deletes agents that no definition ever named. Say whose: --confirm-organization "Harbour Bakery"`}
		if d := cmp.Diff(want, refusals(p)); d != "" {
			t.Errorf("%d strays: refusals (-want +got):\n%s", len(strays), d)
		}
		accepted := withKeeper(t, r, strays, func(o *sync.Options) { o.Prune, o.Accept = sync.PruneAll, p.Digest })
		if d := cmp.Diff(want, refusals(accepted)); d != "" {
			t.Errorf("%d strays, accepted: refusals (-want +got):\n%s", len(strays), d)
		}
	}
	if p := withKeeper(t, r, nil, func(o *sync.Options) { o.Prune = sync.PruneAll }); len(p.Refused) > 0 {
		t.Errorf("nothing to delete: %v", refusals(p))
	}
}
