package sync_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/sync"
	"wassist-sync/wassist/simulator"
)

// number3 is one more number of the fakes' organization.
const number3 = "+447700900113"

// deploying writes the deploy of a definition.
func deploying(numbers ...string) string {
	var list []string
	for _, n := range numbers {
		list = append(list, `{number: "`+n+`"}`)
	}
	return "\ndeploy: [" + strings.Join(list, ", ") + "]"
}

func TestUndeploy(t *testing.T) {
	t.Parallel()
	desk, till := "# d\nname: Desk", "# t\nname: Till"
	made := there{n: 1, name: "Desk", at: 12}
	answered := func(n int) []sync.PhoneNumber { return []sync.PhoneNumber{{Number: number1, AgentID: fakeID(n)}} }
	dropped := func(since string) outcome {
		return outcome{changes: []string{"undeploy " + number1 + " Desk " + fakeID(1) + ": deploy does not list it any more" + since}}
	}
	for _, tt := range []struct {
		name    string
		repo    repo
		agents  []there
		numbers []sync.PhoneNumber
		want    outcome
		causes  []string
	}{
		{"one of two numbers", repo{commits: []commit{{10, docs(desk + deploying(number1, number3))}, {20, docs(desk + deploying(number3))}}}, []there{made}, append(answered(1), sync.PhoneNumber{Number: number3, AgentID: fakeID(1)}), dropped(", since 2000000"), []string{"number:" + number1 + ": git 1000000"}},
		{"the last one", repo{commits: []commit{{10, docs(desk + deploying(number1))}, {20, docs(desk + deploying())}}}, []there{made}, answered(1), dropped(", since 2000000"), []string{"number:" + number1 + ": git 1000000"}},
		{"dropped long ago", repo{commits: []commit{{10, docs(desk + deploying(number1))}, {20, docs(desk + deploying())}, {30, docs(desk + "\ndescription: d" + deploying())}, {40, docs(desk + deploying())}}}, []there{made}, answered(1), dropped(", since 2000000"), []string{"number:" + number1 + ": git 1000000"}},
		{"dropped together with the field, which came back empty", repo{commits: []commit{{10, docs(desk + deploying(number1))}, {20, docs(desk)}, {30, docs(desk + deploying())}}}, []there{made}, answered(1), dropped(", since 2000000"), []string{"number:" + number1 + ": git 1000000"}},
		{"dropped in the work tree", repo{commits: []commit{{10, docs(desk + deploying(number1))}}, dirty: docs(desk + deploying())}, []there{made}, answered(1), dropped(""), []string{"number:" + number1 + ": git 1000000"}},
		{"under an earlier name", repo{commits: []commit{{10, docs("# d\nname: Orders" + deploying(number1))}, {20, docs(desk)}, {30, docs(desk + deploying())}}}, []there{made}, answered(1), dropped(", since 2000000"), []string{"number:" + number1 + ": git 1000000"}},
		{"under a name that was never committed", repo{commits: []commit{{10, docs(desk + deploying(number1))}}, dirty: docs("# d\nname: Till" + deploying())}, []there{{n: 1, name: "Till", at: 12}}, answered(1),
			outcome{changes: []string{"undeploy " + number1 + " Till " + fakeID(1) + ": deploy does not list it any more"}}, []string{"number:" + number1 + ": git 1000000"}},
		{"by a definition that pinned the agent before", repo{commits: []commit{{10, docs("# x\nname: Orders\nid: " + fakeID(1) + deploying(number1))}, {20, docs()}, {30, docs(desk + deploying())}}}, []there{made}, answered(1), dropped(", since 2000000"), []string{"number:" + number1 + ": git 1000000"}},
		{"the clone does not tell since when it was there", repo{commits: []commit{{5, docs()}, {10, docs(desk + deploying(number1))}, {20, docs(desk + deploying())}}, cut: 1}, []there{made}, answered(1), dropped(", since 3000000"), []string{"number:" + number1 + ": git"}},
		{"behind the tip, deployed later", repo{commits: []commit{{10, docs(desk + deploying())}, {20, docs(desk + deploying(number1))}}, behind: 1}, []there{made}, answered(1), dropped(""), []string{"number:" + number1 + ": git 2000000"}},

		{"never deployed by Git", repo{commits: []commit{{10, docs(desk + deploying(number3))}, {20, docs(desk + deploying())}}}, []there{made}, answered(1), outcome{}, nil},
		{"deployed by Git to another agent", repo{commits: []commit{{10, docs(desk+deploying(), till+deploying(number1))}, {20, docs(desk+deploying(), till+deploying())}}}, []there{made, {n: 2, name: "Till", at: 12}}, answered(1), outcome{}, nil},
		{"deployed by Git to another agent of that definition, before this one was pinned", repo{commits: []commit{{10, docs("# d\nname: Till" + deploying(number1))}, {20, docs(desk + "\nid: " + fakeID(1) + deploying())}}}, []there{made, {n: 2, name: "Other", at: 12}}, answered(1), outcome{unmanaged: []string{"Other"}}, nil},
		{"deployed by Git to another agent that was pinned before", repo{commits: []commit{{10, docs(desk + "\nid: " + fakeID(2) + deploying(number1))}, {20, docs(desk + "\nid: " + fakeID(1) + deploying())}}}, []there{made}, answered(1), outcome{}, nil},
		{"deployed by Git to another agent of the definition that led here before", repo{commits: []commit{{5, docs("# t\nname: Desk")}, {10, docs(till + deploying(number1))}, {20, docs(till + deploying())}}, dirty: docs(till+deploying(), desk+deploying())}, []there{{n: 1, name: "Desk", at: 7}, {n: 2, name: "Till", at: 12}}, answered(1), outcome{}, nil},
		{"it does not route there any more", repo{commits: []commit{{10, docs(desk + deploying(number1))}, {20, docs(desk + deploying())}}}, []there{made}, []sync.PhoneNumber{{Number: number1, Webhook: "crm"}}, outcome{}, nil},
		{"a sandbox number", repo{commits: []commit{{10, docs(desk + deploying(number1))}, {20, docs(desk + deploying())}}}, []there{made}, []sync.PhoneNumber{{Number: number1, AgentID: fakeID(1), Sandbox: true}}, outcome{}, nil},
		{"moved to another definition", repo{commits: []commit{{10, docs(desk+deploying(number1), till)}, {20, docs(desk+deploying(), till+deploying(number1))}}}, []there{made, {n: 2, name: "Till", at: 12}}, answered(1),
			outcome{changes: []string{"deploy " + number1 + " Till " + fakeID(2) + ": another agent answers the number"}}, []string{"number:" + number1 + ": git 1000000"}},
		{"it has no earlier version", repo{commits: []commit{{10, docs(desk + deploying())}}}, []there{made}, answered(1), outcome{}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := tt.repo.open(t)
			f := organize(t, tt.agents)
			f.numbers = tt.numbers
			p := f.plan(t, h.set, h.options())
			check(t, p, tt.want)
			if d := cmp.Diff(append([]string{}, tt.causes...), causes(p)); d != "" {
				t.Errorf("causes (-want +got):\n%s", d)
			}
			for _, c := range p.Changes {
				if c.Action == sync.Undeploy && (c.Pos.Line == 0 || c.Fields[0].Before != tt.agents[0].name || c.Fields[0].After != nil) {
					t.Errorf("%+v", c)
				}
			}
			if p := f.plan(t, h.set, sync.Options{}); p.Summary().Undeploy > 0 {
				t.Errorf("without history: %v", outline(p))
			}
			// Where the API cannot take an agent off a number, it stays.
			if f.stuck = true; tt.want.changes != nil && strings.HasPrefix(tt.want.changes[0], "undeploy") {
				check(t, f.plan(t, h.set, h.options()), outcome{held: []string{"undeploy " + tt.agents[0].name + " " + fakeID(1) + ": deploy does not list " + number1 + " any more, and this API has no way to take an agent off a number: deploy another agent there"}})
			}
		})
	}
}

// A definition that says nothing of numbers any more leaves them alone, and the
// plan notes what stays behind.
func TestAbsentDeploy(t *testing.T) {
	t.Parallel()
	desk := "# d\nname: Desk"
	for _, tt := range []struct {
		name    string
		commits []commit
		numbers []string // that Desk answers
		note    bool
	}{
		{"it was there", []commit{{10, docs(desk + deploying(number1))}, {20, docs(desk)}}, []string{number1}, true},
		{"it was there, and is nobody's now", []commit{{10, docs(desk + deploying(number1))}, {20, docs(desk)}}, nil, false},
		{"it was never there", []commit{{10, docs(desk)}}, []string{number1}, false},
		{"another number was there", []commit{{10, docs(desk + deploying(number3))}, {20, docs(desk)}}, []string{number1}, false},
		{"another definition has it now", []commit{{10, docs(desk+deploying(number1), "name: Till")}, {20, docs(desk, "name: Till"+deploying(number1))}}, []string{number1}, false},
	} {
		h := repo{commits: tt.commits}.open(t)
		f := organize(t, []there{{n: 1, name: "Desk", at: 12}, {n: 2, name: "Till", at: 12}})
		f.agents[0].Numbers = tt.numbers
		f.numbers = []sync.PhoneNumber{{Number: number1, AgentID: fakeID(1)}}
		p := f.plan(t, h.set, h.options())
		want := []string{}
		if tt.note {
			want = append(want, "Desk (agents/a.yaml:2:1) has no deploy: any more, so that "+number1+" stays with it; write deploy: [] to take it off")
		}
		if d := cmp.Diff(want, append([]string{}, p.Notes...)); d != "" || p.Summary().Undeploy > 0 {
			t.Errorf("%s: changes %v, notes (-want +got):\n%s", tt.name, outline(p), d)
		}
	}
}

// A dropped number is taken off, and again if somebody puts it back by hand.
func TestUndeployTakesEffect(t *testing.T) {
	t.Parallel()
	s := newSaga(t, simulator.Options{})
	first := commit{10, docs("name: Desk" + deploying(number1))}
	s.settles(t, repo{commits: []commit{first}})
	r := repo{commits: []commit{first, {20, docs("name: Desk" + deploying())}}}
	for range 2 {
		if s.server.Number(number1[1:])["activeAgent"] == nil {
			t.Fatal("nobody answers the number")
		}
		if d := cmp.Diff([]string{"undeploy " + number1 + ": applied"}, outcomes(s.settles(t, r))); d != "" {
			t.Errorf("outcomes (-want +got):\n%s", d)
		}
		if got := s.server.Number(number1[1:])["activeAgent"]; got != nil {
			t.Errorf("%v answers the number", got)
		}
		if err := s.server.SetNumber(number1[1:], map[string]any{"activeAgent": s.called(t, "Desk")["id"]}); err != nil {
			t.Fatal(err)
		}
	}
}

// Where a deploy comes from: Git moved the number, or somebody did on Wassist;
// and what --on-drift says to that.
func TestCausesOfDeploys(t *testing.T) {
	t.Parallel()
	desk, till := "# d\nname: Desk", "# t\nname: Till"
	one := []commit{{10, docs(desk+deploying(number1), till)}}
	for _, tt := range []struct {
		name   string
		repo   repo
		at     int // when Desk was made
		number sync.PhoneNumber
		cause  string
	}{
		{"Git moved it", repo{commits: []commit{{10, docs(desk, till+deploying(number1))}, {20, docs(desk+deploying(number1), till)}}}, 12, sync.PhoneNumber{AgentID: fakeID(2)}, "git 1000000"},
		{"Git moved it away from what left", repo{commits: []commit{{10, docs(desk, till, "name: Old"+deploying(number1))}, {20, docs(desk+deploying(number1), till)}}}, 12, sync.PhoneNumber{AgentID: fakeID(3)}, "git 1000000"},
		{"Git moved it away from what has a name that was never committed", repo{commits: []commit{{10, docs(desk, "# o\nname: Gone"+deploying(number1))}}, dirty: docs(desk+deploying(number1), "# o\nname: Old")}, 12, sync.PhoneNumber{AgentID: fakeID(3)}, "git 1000000"},
		{"Git moved it, and the clone does not tell when it came there", repo{commits: []commit{{5, docs()}, {10, docs(desk, till+deploying(number1))}, {20, docs(desk+deploying(number1), till)}}, cut: 1}, 12, sync.PhoneNumber{AgentID: fakeID(2)}, "git"},
		{"somebody moved it", repo{commits: one}, 12, sync.PhoneNumber{AgentID: fakeID(2)}, "wassist"},
		{"somebody moved it to an agent that is not ours", repo{commits: one}, 12, sync.PhoneNumber{AgentID: fakeID(3)}, "wassist"},
		{"somebody moved it to an agent that is not listed", repo{commits: one}, 12, sync.PhoneNumber{AgentID: fakeID(77), AgentName: "Elsewhere"}, "wassist"},
		{"somebody gave it to a webhook", repo{commits: one}, 12, sync.PhoneNumber{Webhook: "crm"}, "wassist"},
		{"somebody moved it; Git said so before", repo{commits: then(one, commit{20, docs(desk+"\ndescription: d"+deploying(number1), till)})}, 1, sync.PhoneNumber{AgentID: fakeID(2)}, "wassist"},
		{"nobody answers it", repo{commits: one}, 12, sync.PhoneNumber{}, "unknown"},
		{"never deployed before", repo{commits: one}, 1, sync.PhoneNumber{AgentID: fakeID(2)}, "unknown"},
		{"never deployed before, on a webhook", repo{commits: then([]commit{{5, docs(desk, till)}}, one...)}, 7, sync.PhoneNumber{Webhook: "crm"}, "unknown"},
		{"a clone that is cut off", repo{commits: then([]commit{{5, docs(desk+deploying(number1), till)}}, then(one, commit{20, docs(desk+"\ndescription: d"+deploying(number1), till)})...), cut: 1}, 12, sync.PhoneNumber{AgentID: fakeID(2)}, "unknown"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := tt.repo.open(t)
			f := organize(t, []there{{n: 1, name: "Desk", at: tt.at, fields: `{"description":"d"}`}, {n: 2, name: "Till", at: 12}, {n: 3, name: "Old", at: 12}})
			tt.number.Number = number1
			f.numbers = []sync.PhoneNumber{tt.number}
			o := h.options()
			o.Prune = sync.PruneNone
			p := f.plan(t, h.set, o)
			if d := cmp.Diff([]string{"number:" + number1 + ": " + tt.cause}, causes(p)); d != "" {
				t.Errorf("causes (-want +got):\n%s", d)
			}
			if got := strings.HasPrefix(p.Changes[0].Reason, "somebody moved the number on Wassist: "); got != (tt.cause == "wassist") {
				t.Errorf("reason %q", p.Changes[0].Reason)
			}
			o.OnDrift = sync.DriftKeep
			kept, held := f.plan(t, h.set, o), "deploy Desk "+fakeID(1)+": "+number1+" was moved on Wassist, and is kept (--on-drift keep)"
			if got := strings.Join(heldBack(kept), "\n"); strings.Contains(got, held) != (tt.cause == "wassist") || kept.Empty() != (tt.cause == "wassist") {
				t.Errorf("--on-drift keep: changes %v, held %s", outline(kept), got)
			}
			o.OnDrift = sync.DriftFail
			want := []string{}
			if tt.cause == "wassist" {
				want = append(want, "drift [Desk]: edited on Wassist: number:"+number1+", and --on-drift is fail. Take the edit over into agents/a.yaml:2:1, or let Git win once with --on-drift overwrite")
			}
			if d := cmp.Diff(want, refusals(f.plan(t, h.set, o))); d != "" {
				t.Errorf("--on-drift fail: refusals (-want +got):\n%s", d)
			}
		})
	}
}
