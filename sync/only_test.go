package sync_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/spec"
	"wassist-sync/sync"
)

// only reads values of --only.
func only(t tester, values ...string) []spec.Selector {
	t.Helper()
	out, err := sync.ParseOnly(values)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return out
}

// What --only leaves out is held; what needs that is refused.
func TestOnly(t *testing.T) {
	t.Parallel()
	const (
		desk    = "name: Desk\ndescription: d\nhandoffTools: [{agent: Billing, description: money}]"
		billing = "name: Billing\ndescription: b"
		shop    = "name: Shop\ndescription: s"
	)
	number := sync.PhoneNumber{Number: "+447700900111", ID: "n1"}
	for _, tt := range []struct {
		name    string
		agents  []there
		numbers []sync.PhoneNumber
		docs    []string
		only    []string
		options sync.Options
		want    outcome
	}{
		{
			name: "one of two", docs: docs(billing, shop), only: []string{"Shop"},
			want: outcome{changes: []string{"create Shop"}, held: []string{"create Billing : --only leaves it out"}},
		},
		{
			name: "a glob, and a name beside it", docs: docs(billing, shop, "name: Shop 2", "name: Rest"), only: []string{"Sh*", "Rest"},
			want: outcome{changes: []string{"create Rest", "create Shop", "create Shop 2"}, held: []string{"create Billing : --only leaves it out"}},
		},
		{
			name: "several lines of one value", docs: docs(billing, shop), only: []string{"Shop\n Billing \n\n"},
			want: outcome{changes: []string{"create Billing", "create Shop"}},
		},
		{
			name: "what is as defined", agents: []there{{n: 1, name: "Shop", fields: `{"description": "s"}`}}, docs: docs(billing, shop), only: []string{"Shop"},
			want: outcome{held: []string{"create Billing : --only leaves it out"}},
		},
		{
			name: "a handoff to a new agent", docs: docs(desk, billing), only: []string{"Desk"},
			want: outcome{
				changes: []string{"create Desk"}, held: []string{"create Billing : --only leaves it out"},
				refused: []string{"only [Desk]: create Desk needs what --only leaves out, create Billing: it hands over to that agent. Add --only Billing, or leave Desk out too"},
			},
		},
		{
			name: "a handoff to an agent that exists", agents: []there{{n: 1, name: "Billing"}}, docs: docs(desk, billing), only: []string{"Desk"},
			want: outcome{changes: []string{"create Desk"}, held: []string{"update Billing " + fakeID(1) + ": --only leaves it out"}},
		},
		{
			name: "a chain of handoffs, named to its end", only: []string{"Desk"},
			docs: docs(desk, billing+"\nhandoffTools: [{agent: Back office, description: more}]", "name: Back office\nhandoffTools: [{agent: Desk, description: back}]"),
			want: outcome{
				changes: []string{"create Desk"},
				held:    []string{"create Back office : --only leaves it out", "create Billing : --only leaves it out"},
				refused: []string{"only [Desk]: create Desk needs what --only leaves out, create Billing: it hands over to that agent. Add --only Billing --only 'Back office', or leave Desk out too"},
			},
		},
		{
			name: "a number goes with its agent", agents: []there{{n: 1, name: "Shop", fields: `{"description": "s"}`}}, numbers: []sync.PhoneNumber{number},
			docs: docs(billing+"\ndeploy: [{number: \"+447700900111\"}]", shop), only: []string{"Billing"},
			want: outcome{changes: []string{"create Billing", "deploy Billing"}},
		},
		{
			name: "a number that is left out", numbers: []sync.PhoneNumber{number},
			docs: docs(billing+"\ndeploy: [{number: \"+447700900111\"}]", shop), only: []string{"Shop"},
			want: outcome{
				changes: []string{"create Shop"},
				held:    []string{"create Billing : --only leaves it out", "deploy Billing : +447700900111: --only leaves it out"},
			},
		},
		{
			name: "a delete before its number has moved", agents: []there{{n: 1, name: "Old"}}, options: pruning, only: []string{"Old"},
			numbers: []sync.PhoneNumber{{Number: number.Number, ID: "n1", AgentID: fakeID(1), AgentName: "Old"}},
			docs:    docs(billing + "\ndeploy: [{number: \"+447700900111\"}]"),
			want: outcome{
				changes: []string{"delete Old"},
				held:    []string{"create Billing : --only leaves it out", "deploy Billing : +447700900111: --only leaves it out"},
				refused: []string{"only [Old]: delete Old needs what --only leaves out, deploy +447700900111: its number must move away first. Add --only Billing, or leave Old out too"},
			},
		},
		{
			name: "a delete before a handoff is cleared", options: pruning, only: []string{"O*"},
			agents: []there{{n: 1, name: "Old"}, {n: 2, name: "Shop", fields: `{"description": "s", "handoffTools": [{"childAgentId": "` + fakeID(1) + `", "description": "x"}]}`}},
			docs:   docs(shop + "\nhandoffTools: []"),
			want: outcome{
				changes: []string{"delete Old"}, held: []string{"update Shop " + fakeID(2) + ": --only leaves it out"},
				refused: []string{"only [Old]: delete Old needs what --only leaves out, update Shop: that agent still hands over to it. Add --only Shop, or leave Old out too"},
			},
		},
		{
			name: "a delete before the one that hands over to it", options: pruning, only: []string{"Old", "Shop"},
			agents: []there{{n: 1, name: "Old"}, {n: 2, name: "Older", fields: `{"handoffTools": [{"childAgentId": "` + fakeID(1) + `", "description": "x"}]}`}},
			docs:   docs(shop),
			want: outcome{
				changes: []string{"create Shop", "delete Old"}, held: []string{"delete Older " + fakeID(2) + ": --only leaves it out"},
				refused: []string{"only [Old]: delete Old needs what --only leaves out, delete Older: that agent still hands over to it. Add --only Older, or leave Old out too"},
			},
		},
		{
			name: "a name that another agent still bears", only: []string{"Shop"},
			agents: []there{{n: 1, name: "Shop"}, {n: 2, name: "Billing"}},
			docs:   docs("name: Billing\nid: "+fakeID(1), "name: Shop\nid: "+fakeID(2)),
			want: outcome{
				changes: []string{"update Shop"}, held: []string{"update Billing " + fakeID(1) + ": --only leaves it out"},
				refused: []string{"only [Shop]: update Shop needs what --only leaves out, update Billing: that agent still bears the name. Add --only Billing, or leave Shop out too"},
			},
		},
		{
			name: "guards see all of the plan", only: []string{"Shop"}, options: withMaxDeletes(t, pruning, "1"),
			agents: []there{{n: 1, name: "Old"}, {n: 2, name: "Older"}}, docs: docs(shop),
			want: outcome{
				changes: []string{"create Shop"},
				held:    []string{"delete Old " + fakeID(1) + ": --only leaves it out", "delete Older " + fakeID(2) + ": --only leaves it out"},
				refused: []string{"max-deletes [] (liftable): 2 agents would be deleted, and at most 1 may be (--max-deletes). Raise --max-deletes, or accept this one plan with --accept DIGEST"},
			},
		},
		{
			name: "so does matching", only: []string{"Shop"}, agents: []there{{n: 1, name: "Billing"}, {n: 2, name: "Billing"}}, docs: docs(billing, shop),
			want: outcome{
				changes: []string{"create Shop"},
				refused: []string{fmt.Sprintf("ambiguous-name [Billing]: 2 agents on Wassist are called \"Billing\": %s, %s. Pin one in agents/a.yaml:1:1 with id: and its id.", fakeID(1), fakeID(2))},
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := organize(t, tt.agents)
			f.numbers = tt.numbers
			o := tt.options
			o.Host = "api.example"
			set := load(t, nil, tt.docs...)
			whole := f.plan(t, set, o)
			o.Only = only(t, tt.only...)
			p := f.plan(t, set, o)
			for i, refused := range tt.want.refused {
				tt.want.refused[i] = strings.ReplaceAll(refused, "DIGEST", p.Digest)
			}
			for _, part := range []struct {
				what      string
				want, got []string
			}{{"changes", tt.want.changes, actions(p)}, {"held", tt.want.held, heldBack(p)}, {"refusals", tt.want.refused, refusals(p)}} {
				if d := cmp.Diff(append([]string{}, part.want...), part.got); d != "" {
					t.Errorf("%s (-want +got):\n%s", part.what, d)
				}
			}
			checkPart(t, whole, p)
		})
	}
}

func withMaxDeletes(t tester, o sync.Options, n string) sync.Options {
	t.Helper()
	var err error
	if o.MaxDeletes, err = sync.ParseMaxDeletes(n); err != nil {
		t.Fatalf("%v", err)
	}
	return o
}

// checkPart compares the plan of a selection with the whole one: its changes are
// the same ones, and all others are held.
func checkPart(t tester, whole, part *sync.Plan) {
	t.Helper()
	digests := map[string]bool{}
	for _, c := range whole.Changes {
		digests[c.Digest] = true
	}
	for _, c := range part.Changes {
		if !digests[c.Digest] {
			t.Errorf("%s %s has another digest than in the whole plan", c.Action, c.Agent)
		}
	}
	if got, want := len(part.Changes)+len(part.Held), len(whole.Changes)+len(whole.Held); got != want {
		t.Errorf("%d changes and held ones, the whole plan has %d", got, want)
	}
	if got, want := part.Unchanged, whole.Unchanged; got != want {
		t.Errorf("%d unchanged, in the whole plan %d", got, want)
	}
	if len(part.Changes) == len(whole.Changes) && part.Digest != whole.Digest {
		t.Errorf("all is selected, and the digest is another one")
	}
	if got := part.Requests.Planned; got > whole.Requests.Planned {
		t.Errorf("%d requests for a part, %d for all", got, whole.Requests.Planned)
	}
}

// A name or glob that selects nothing ends the planning, with the nearest name.
func TestOnlyNothing(t *testing.T) {
	t.Parallel()
	f := organize(t, []there{{n: 1, name: "Foreign"}, {n: 2, name: "Orders"}})
	set := load(t, nil, "name: Billing", "name: Order desk\nid: "+fakeID(2))
	for selector, want := range map[string]string{
		"Biling":  `--only "Biling" selects nothing; did you mean "Billing"?`,
		"billing": `--only "billing" selects nothing; did you mean "Billing"?`,
		"Orders":  `--only "Orders" selects nothing; did you mean "Order desk"?`, // as Wassist calls it
		"Foreign": `--only "Foreign" selects nothing; give the name of a definition, or of an agent that the plan is about`,
		"Z*":      `--only "Z*" selects nothing; give the name of a definition, or of an agent that the plan is about`,
	} {
		o := sync.Options{Host: "api.example", Only: only(t, "Billing", selector)}
		_, err := (&sync.Planner{Reader: f, Options: o}).Plan(t.Context(), set)
		var nothing *sync.OnlyError
		if !errors.As(err, &nothing) || err.Error() != want {
			t.Errorf("%s: %v, want %s", selector, err, want)
		}
	}
	// An agent that goes has no definition, and can be named all the same.
	o := pruning
	o.Only = only(t, "Foreign")
	if got := actions(f.plan(t, set, o)); !slices.Equal(got, []string{"delete Foreign"}) {
		t.Errorf("changes %v", got)
	}
}

func TestParseOnly(t *testing.T) {
	t.Parallel()
	if got, err := sync.ParseOnly(nil); got != nil || err != nil {
		t.Errorf("nothing is %v, %v", got, err)
	}
	for _, tt := range []struct{ value, want string }{
		{"", "--only: the name is empty; write an agent's name, or a glob such as Order*"},
		{" \n ", "--only: the name is empty; write an agent's name, or a glob such as Order*"},
		{"Shop [", `--only: "Shop [" has a [ that starts no set of characters; write a set such as [abc] or [a-z], or \[ for the character itself`},
	} {
		if _, err := sync.ParseOnly([]string{tt.value}); err == nil || err.Error() != tt.want {
			t.Errorf("%q: %v, want %s", tt.value, err, tt.want)
		}
	}
}

// --expect is about what will be done, and lets a selection through that a saved
// plan holds.
func TestOnlyExpected(t *testing.T) {
	t.Parallel()
	f := organize(t, nil)
	set := load(t, nil, "name: Billing", "name: Shop")
	o := sync.Options{Host: "api.example"}
	whole := f.plan(t, set, o)
	o.Only = only(t, "Shop")
	part := f.plan(t, set, o)
	for _, c := range whole.Changes {
		o.Expect = []string{c.Digest}
		want := []string{}
		if c.Agent != "Shop" {
			want = []string{"expect"}
		}
		if d := cmp.Diff(want, rules(f.plan(t, set, o))); d != "" {
			t.Errorf("expecting %s (-want +got):\n%s", c.Agent, d)
		}
	}
	o.Expect = []string{part.Digest}
	if got := rules(f.plan(t, set, o)); len(got) > 0 {
		t.Errorf("expecting the digest of the plan: refused by %v", got)
	}
}
