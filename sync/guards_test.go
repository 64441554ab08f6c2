package sync_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/spec"
	"wassist-sync/sync"
)

// pruning may delete in the fakes' organization.
var pruning = sync.Options{Host: "api.example", Prune: sync.PruneAll, ConfirmOrganization: "Harbour Bakery"}

// numbered makes n agents called A01, A02 …
func numbered(n int) agentsOf {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("A%02d", i+1))
	}
	return named(names...)
}

// keeping defines the first n of numbered's agents.
func keeping(t tester, n int) *spec.Set {
	var documents []string
	for i := range n {
		documents = append(documents, fmt.Sprintf("name: A%02d", i+1))
	}
	return load(t, nil, documents...)
}

func TestMaxDeletesGuard(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name          string
		kept, deleted int
		max           string
		refused       string // without the way out
	}{
		{"three", 1, 3, "", ""},
		{"four", 1, 4, "", "4 agents would be deleted, and at most 3 may be (the default)."},
		{"a quarter of fifteen is three", 15, 4, "", "4 agents would be deleted, and at most 3 may be (the default)."},
		{"a quarter of sixteen", 16, 4, "", ""},
		{"more than a quarter", 16, 5, "", "5 agents would be deleted, and at most 4 may be (a quarter of the 16 agents that definitions lead to or led to)."},
		{"a quarter is rounded down", 19, 5, "", "5 agents would be deleted, and at most 4 may be (a quarter of the 19 agents that definitions lead to or led to)."},
		{"N", 1, 5, "5", ""},
		{"more than N", 1, 6, "5", "6 agents would be deleted, and at most 5 may be (--max-deletes)."},
		{"less than the default", 1, 2, "1", "2 agents would be deleted, and at most 1 may be (--max-deletes)."},
		{"zero", 1, 1, "0", "1 agent would be deleted, and at most 0 may be (--max-deletes)."},
		{"zero, and none", 1, 0, "0", ""},
		{"N%", 10, 2, "20%", ""},
		{"more than N%", 9, 2, "20%", "2 agents would be deleted, and at most 1 may be (20% of the 9 agents that definitions lead to or led to)."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := pruning
			if tt.max != "" {
				var err error
				if o.MaxDeletes, err = sync.ParseMaxDeletes(tt.max); err != nil {
					t.Fatal(err)
				}
			}
			f := &fake{agents: numbered(tt.kept + tt.deleted)(t)}
			p := f.plan(t, keeping(t, tt.kept), o)
			if got := p.Summary().Delete; got != tt.deleted {
				t.Fatalf("%d deletes, want %d", got, tt.deleted)
			}
			want := []string{}
			if tt.refused != "" {
				want = append(want, "max-deletes [] (liftable): "+tt.refused+" Raise --max-deletes, or accept this one plan with --accept "+p.Digest)
			}
			if d := cmp.Diff(want, refusals(p)); d != "" {
				t.Errorf("refusals (-want +got):\n%s", d)
			}
		})
	}
}

func TestEmptyDefinitions(t *testing.T) {
	t.Parallel()
	f := &fake{agents: numbered(2)(t)}
	p := f.plan(t, load(t, nil), pruning)
	want := []string{"empty-definitions [] (liftable): there is no definition at all, and 2 agents would be deleted. Check the path and the branch; to go on all the same, accept this one plan with --accept " + p.Digest}
	if d := cmp.Diff(want, refusals(p)); d != "" {
		t.Errorf("refusals (-want +got):\n%s", d)
	}
	if p := f.plan(t, load(t, nil), sync.Options{}); len(p.Refused) > 0 || len(p.Changes) > 0 || len(p.Unmanaged) != 2 {
		t.Errorf("without --prune all: %v, %v, %v", p.Refused, p.Changes, p.Unmanaged)
	}
}

func TestConfirmOrganization(t *testing.T) {
	t.Parallel()
	const ask = `confirm-organization []: --prune all also deletes agents that no definition ever named. Say whose: --confirm-organization "Harbour Bakery"`
	wrong := func(said string) string {
		return `confirm-organization []: --confirm-organization says "` + said + `", and agents to be deleted belong to "Harbour Bakery" (0f000000-0000-4000-8000-000000000001). Check the key and the name.`
	}
	for _, tt := range []struct {
		said string
		want []string
	}{
		{"", []string{ask}},
		{"Harbour Bakery", nil},
		{"0F000000-0000-4000-8000-000000000001", nil},
		{"harbour bakery", []string{wrong("harbour bakery")}},
		{"Other", []string{wrong("Other")}},
	} {
		o := sync.Options{Prune: sync.PruneAll, ConfirmOrganization: tt.said}
		f := &fake{agents: numbered(2)(t)}
		p := f.plan(t, keeping(t, 1), o)
		if d := cmp.Diff(append([]string{}, tt.want...), refusals(p)); d != "" {
			t.Errorf("%q: refusals (-want +got):\n%s", tt.said, d)
		}
		// It is about deleting: with nothing to delete nobody has to say anything.
		if p := f.plan(t, keeping(t, 2), o); len(p.Refused) > 0 {
			t.Errorf("%q, nothing to delete: %v", tt.said, refusals(p))
		}
		// It can never be lifted.
		o.Accept = p.Digest
		if p := f.plan(t, keeping(t, 1), o); len(p.Refused) != len(tt.want) {
			t.Errorf("%q, accepted: %v", tt.said, refusals(p))
		}
	}
	// An organization that the API does not tell is confirmed by nothing.
	f := &fake{agents: numbered(1)(t)}
	f.agents[0].Organization = sync.Organization{}
	if p := f.plan(t, load(t, nil, "name: New"), pruning); len(p.Refused) != 1 || p.Refused[0].Rule != "confirm-organization" {
		t.Errorf("unknown organization: %v", refusals(p))
	}
}

func TestHandoffTarget(t *testing.T) {
	t.Parallel()
	child := fakeID(2)
	handoff := `{"handoffTools":[{"id":"h","childAgentId":"` + strings.ToUpper(child) + `","description":"d"}]}`
	for _, tt := range []struct {
		name     string
		document string
		refused  bool
	}{
		{"stored handoff of a definition that does not declare the list", "name: Desk", true},
		{"declared by id", "name: Desk\nhandoffTools: [{childAgentId: " + child + ", description: d}]", true},
		{"taken out by the same plan", "name: Desk\nhandoffTools: []", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &fake{agents: []sync.Agent{storedAgent(t, 1, "Desk", handoff), storedAgent(t, 2, "Old", `{}`)}}
			p := f.plan(t, load(t, nil, tt.document), pruning)
			want := []string{}
			if tt.refused {
				want = append(want, "handoff-target [Old] (liftable): Old ("+child+") would be deleted, and Desk ("+fakeID(1)+") hands over to it. Take that handoff out first, or accept this one plan with --accept "+p.Digest)
			}
			if d := cmp.Diff(want, refusals(p)); d != "" {
				t.Errorf("refusals (-want +got):\n%s", d)
			}
		})
	}
	// Two that go together may hand over to each other.
	f := &fake{agents: []sync.Agent{storedAgent(t, 1, "Older", handoff), storedAgent(t, 2, "Old", `{}`), storedAgent(t, 3, "Desk", `{}`)}}
	if p := f.plan(t, load(t, nil, "name: Desk"), pruning); len(p.Refused) > 0 || p.Summary().Delete != 2 {
		t.Errorf("both deleted: %v", refusals(p))
	}
}

func TestExpect(t *testing.T) {
	t.Parallel()
	f := &fake{agents: named("Desk", "Orders")(t)}
	set := load(t, nil, "name: Desk\ndescription: new", "name: Orders\ndescription: new", "name: New")
	reviewed := f.plan(t, set, sync.Options{Host: "h"})
	var digests []string
	for _, c := range reviewed.Changes {
		digests = append(digests, c.Digest)
	}
	for _, tt := range []struct {
		name   string
		expect []string
		missed []string
	}{
		{"nothing expected in particular", nil, nil},
		{"all changes", digests, nil},
		{"more than all", append([]string{"sha256:00"}, digests...), nil},
		{"the plan", []string{reviewed.Digest}, nil},
		{"one missing", []string{digests[0], digests[2]}, []string{"update Desk"}},
		{"none", []string{}, []string{"create New", "update Desk", "update Orders"}},
	} {
		p := f.plan(t, set, sync.Options{Host: "h", Expect: tt.expect})
		var missed []string
		for _, r := range p.Refused {
			what := strings.SplitN(r.Reason, " is not", 2)[0]
			digest := p.Changes[0].Digest
			for _, c := range p.Changes {
				if c.Agent == r.Agent {
					digest = c.Digest
				}
			}
			if want := what + " is not among the changes that --expect lists. Look at this plan; to let the change through, add --expect " + digest; r.Rule != "expect" || r.Liftable || r.Reason != want {
				t.Errorf("%s: %+v, want %s", tt.name, r, want)
			}
			missed = append(missed, what)
		}
		if d := cmp.Diff(tt.missed, missed); d != "" {
			t.Errorf("%s: refused (-want +got):\n%s", tt.name, d)
		}
		// Accepting a plan does not make it a reviewed one.
		if p := f.plan(t, set, sync.Options{Host: "h", Expect: tt.expect, Accept: reviewed.Digest}); len(p.Refused) != len(tt.missed) {
			t.Errorf("%s, accepted: %v", tt.name, refusals(p))
		}
	}
	if p := f.plan(t, load(t, nil, "name: Desk"), sync.Options{Expect: []string{}}); len(p.Refused) > 0 {
		t.Errorf("an empty plan is always expected: %v", refusals(p))
	}
}

// A new agent that hands over to one that goes is refused as well.
func TestHandoffTargetOfCreate(t *testing.T) {
	t.Parallel()
	f := &fake{agents: []sync.Agent{storedAgent(t, 2, "Old", `{}`)}}
	p := f.plan(t, load(t, nil, "name: Desk\nhandoffTools: [{childAgentId: "+fakeID(2)+", description: d}]"), pruning)
	want := []string{"handoff-target [Old] (liftable): Old (" + fakeID(2) + ") would be deleted, and the new Desk hands over to it. Take that handoff out first, or accept this one plan with --accept " + p.Digest}
	if d := cmp.Diff(want, refusals(p)); d != "" {
		t.Errorf("refusals (-want +got):\n%s", d)
	}
}

func TestAccept(t *testing.T) {
	t.Parallel()
	id := fakeID(2)
	f := &fake{
		agents: []sync.Agent{
			storedAgent(t, 1, "Desk", `{"handoffTools":[{"childAgentId":"`+id+`"}]}`), storedAgent(t, 2, "Old", `{}`),
			storedAgent(t, 3, "B", `{}`), storedAgent(t, 4, "C", `{}`), storedAgent(t, 5, "D", `{}`),
		},
		numbers: []sync.PhoneNumber{{Number: "+447700900111", AgentID: id, AgentName: "Old"}},
	}
	set := load(t, nil, "name: Desk")
	p := f.plan(t, set, pruning)
	rules := func(p *sync.Plan) string {
		var out []string
		for _, r := range p.Refused {
			out = append(out, r.Rule)
		}
		return strings.Join(out, " ")
	}
	if got := rules(p); got != "max-deletes number-without-agent handoff-target" {
		t.Fatalf("refused: %s", got)
	}
	if want := "+447700900111 would have no agent any more, because Old (" + id + ") is deleted. Deploy another agent there first, or accept this one plan with --accept " + p.Digest; p.Refused[1].Reason != want {
		t.Errorf("reason %q, want %q", p.Refused[1].Reason, want)
	}

	accepting := pruning
	accepting.Accept = p.Digest
	lifted := f.plan(t, set, accepting)
	if len(lifted.Refused) > 0 || lifted.Digest != p.Digest {
		t.Errorf("accepted: still refused by %s", rules(lifted))
	}
	want := []string{
		"accepted: max-deletes: 4 agents would be deleted, and at most 3 may be (the default)",
		"accepted: number-without-agent: +447700900111 would have no agent any more, because Old (" + id + ") is deleted",
		"accepted: handoff-target: Old (" + id + ") would be deleted, and Desk (" + fakeID(1) + ") hands over to it",
	}
	if d := cmp.Diff(want, lifted.Notes); d != "" {
		t.Errorf("notes (-want +got):\n%s", d)
	}

	// The digest of another plan lifts nothing, and the plan says so.
	accepting.Accept = "sha256:" + strings.Repeat("0", 64)
	other := f.plan(t, set, accepting)
	if rules(other) != rules(p) {
		t.Errorf("another digest lifts: left are %s", rules(other))
	}
	if d := cmp.Diff([]string{"--accept " + accepting.Accept + " is another plan's digest: what it lets through is not lifted here"}, other.Notes); d != "" {
		t.Errorf("notes (-want +got):\n%s", d)
	}
	// One more deletion is another plan.
	f.agents = append(f.agents, storedAgent(t, 6, "E", `{}`))
	accepting.Accept = p.Digest
	if more := f.plan(t, set, accepting); !strings.HasPrefix(rules(more), "max-deletes") {
		t.Errorf("a changed plan is accepted: left are %s", rules(more))
	}
	// Where nothing is to be lifted, nothing is said.
	if quiet := f.plan(t, load(t, nil, "name: Desk"), sync.Options{Accept: "sha256:0"}); len(quiet.Notes) > 0 {
		t.Errorf("notes %v", quiet.Notes)
	}
}

// One agent that another organization shares with the key is not confirmed by
// the name of the first one's.
func TestConfirmOrganizationOfEachAgent(t *testing.T) {
	t.Parallel()
	f := &fake{agents: numbered(3)(t)}
	f.agents[2].Organization = sync.Organization{ID: "other", Name: "Other Org"}
	p := f.plan(t, keeping(t, 1), sync.Options{Prune: sync.PruneAll, ConfirmOrganization: "Harbour Bakery"})
	want := []string{`confirm-organization []: --confirm-organization says "Harbour Bakery", and agents to be deleted belong to "Other Org" (other). Check the key and the name.`}
	if d := cmp.Diff(want, refusals(p)); d != "" {
		t.Errorf("refusals (-want +got):\n%s", d)
	}
}

// A new handoff to an agent that does not exist is refused before the agent
// that hands over is made; a stored one, whose child went away, is left alone.
func TestUnknownChild(t *testing.T) {
	t.Parallel()
	const gone = "b0000000-0000-4000-8000-000000000099"
	document := "name: Desk\nhandoffTools: [{childAgentId: " + gone + ", description: d}]"
	for _, tt := range []struct {
		name   string
		stored string
		want   []string
	}{
		{"new", `{}`, []string{"unknown-child [Desk]: agents/a.yaml:2:31: the organization has no agent " + gone + ". Correct the id, or hand over by name with agent:."}},
		{"stored", `{"handoffTools":[{"id":"h","childAgentId":"` + gone + `","description":"d"}]}`, []string{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &fake{agents: []sync.Agent{storedAgent(t, 1, "Desk", tt.stored)}}
			if d := cmp.Diff(tt.want, refusals(f.plan(t, load(t, nil, document), sync.Options{}))); d != "" {
				t.Errorf("refusals (-want +got):\n%s", d)
			}
		})
	}
}
