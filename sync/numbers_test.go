package sync_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/sync"
)

func TestPlannedNumbers(t *testing.T) {
	t.Parallel()
	const number = "+447700900111"
	deploy := "name: Desk\ndeploy: [{number: \"" + number + "\"}]"
	desk, old := fakeID(1), fakeID(2)
	for _, tt := range []struct {
		name     string
		document string
		number   sync.PhoneNumber
		want     []string
		refused  []string
	}{
		{"nobody answers", deploy, sync.PhoneNumber{}, []string{"deploy " + number + " Desk " + desk + ": nobody answers the number", `number:` + number + ` <nil> -> Desk`}, nil},
		{"written with spaces", "name: Desk\ndeploy: [{number: \"+44 7700-900111\"}]", sync.PhoneNumber{}, []string{"deploy " + number + " Desk " + desk + ": nobody answers the number", `number:` + number + ` <nil> -> Desk`}, nil},
		{"the agent answers already", deploy, sync.PhoneNumber{AgentID: desk}, nil, nil},
		{"the agent answers already, id in upper case", deploy, sync.PhoneNumber{AgentID: "A0000000-0000-4000-8000-000000000001"}, nil, nil},
		{"another agent", deploy, sync.PhoneNumber{AgentID: old, AgentName: "stale"}, []string{"deploy " + number + " Desk " + desk + ": another agent answers the number", `number:` + number + ` Old -> Desk`}, nil},
		{"an agent that is not listed", deploy, sync.PhoneNumber{AgentID: fakeID(9), AgentName: "Ghost"}, []string{"deploy " + number + " Desk " + desk + ": another agent answers the number", `number:` + number + ` Ghost -> Desk`}, nil},
		{"a webhook", deploy, sync.PhoneNumber{Webhook: "crm"}, []string{"deploy " + number + " Desk " + desk + ": a webhook gets the number's messages, and is dropped", `number:` + number + ` webhook crm -> Desk`}, nil},
		{"running conversations", "name: Desk\ndeploy: [{number: \"" + number + "\", applyToExisting: true}]", sync.PhoneNumber{AgentID: old},
			[]string{"deploy " + number + " Desk " + desk + ": another agent answers the number; running conversations move too, and their sessions are cleared", `number:` + number + ` Old -> Desk`}, nil},
		{"a new agent", "name: New\ndeploy: [{number: \"" + number + "\"}]", sync.PhoneNumber{}, []string{"create New : no agent of this name exists", "deploy " + number + " New : nobody answers the number", `number:` + number + ` <nil> -> New`}, nil},
		{"absent deploy", "name: Desk", sync.PhoneNumber{AgentID: old}, nil, nil},
		{"empty deploy", "name: Desk\ndeploy: []", sync.PhoneNumber{AgentID: desk}, nil, nil},
		{"sandbox", deploy, sync.PhoneNumber{Sandbox: true}, nil, []string{"sandbox-number [Desk]: agents/a.yaml:2:19: " + number + " is a sandbox number, which an API key cannot route. Take it out; to try the agent there, open https://wa.me/447700900999?text=/connect:" + desk}},
		{"sandbox for a new agent", "name: New\ndeploy: [{number: \"" + number + "\"}]", sync.PhoneNumber{Sandbox: true}, []string{"create New : no agent of this name exists"}, []string{"sandbox-number [New]: agents/a.yaml:2:19: " + number + " is a sandbox number, which an API key cannot route. Take it out; to try the agent there, open its connectUrl once it exists"}},
		{"unknown", "name: Desk\ndeploy: [{number: \"+447700900112\"}]", sync.PhoneNumber{}, nil, []string{"unknown-number [Desk]: agents/a.yaml:2:19: the organization has no number +447700900112. Link it on Wassist first, or correct it."}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.number.Number = number
			f := &fake{agents: named("Desk", "Old")(t), numbers: []sync.PhoneNumber{tt.number}}
			p := f.plan(t, load(t, nil, tt.document), sync.Options{})
			got := outline(p)
			for _, c := range p.Changes {
				for _, field := range c.Fields {
					if c.Action == sync.Deploy {
						got = append(got, fmt.Sprintf("%s %v -> %v", field.Path, field.Before, field.After))
					}
				}
			}
			if d := cmp.Diff(append([]string{}, tt.want...), got); d != "" {
				t.Errorf("changes (-want +got):\n%s", d)
			}
			if d := cmp.Diff(append([]string{}, tt.refused...), refusals(p)); d != "" {
				t.Errorf("refusals (-want +got):\n%s", d)
			}
		})
	}
}

// A deleted agent leaves its numbers first, unless another takes them over.
func TestDeletionFreesNumbers(t *testing.T) {
	t.Parallel()
	old := fakeID(2)
	numbers := []sync.PhoneNumber{
		{Number: "+447700900111", AgentID: old, AgentName: "Old"}, {Number: "+447700900112", AgentID: old, AgentName: "Old"},
		{Number: "+447700900999", AgentID: old, Sandbox: true}, {Number: "+447700900113", AgentID: fakeID(1)},
	}
	f := &fake{agents: named("Desk", "Old")(t), numbers: numbers}
	set := load(t, nil, "name: Desk\ndeploy: [{number: \"+447700900112\"}]")
	p := f.plan(t, set, pruning)
	want := []string{
		"deploy +447700900112 Desk " + fakeID(1) + ": another agent answers the number",
		"undeploy +447700900111 Old " + old + ": its agent is deleted",
		"delete Old " + old + ": no definition names it (--prune all)",
	}
	if d := cmp.Diff(want, outline(p)); d != "" {
		t.Errorf("changes (-want +got):\n%s", d)
	}
	if len(p.Refused) != 1 || p.Refused[0].Rule != "number-without-agent" {
		t.Errorf("refusals %v", refusals(p))
	}

	// An API that cannot take an agent off a number: the agent stays.
	f.stuck = true
	p = f.plan(t, set, pruning)
	if d := cmp.Diff(want[:1], outline(p)); d != "" {
		t.Errorf("changes (-want +got):\n%s", d)
	}
	held := []sync.Held{{Action: sync.Delete, Agent: "Old", ID: old, Reason: "no definition names it (--prune all). It answers +447700900111, and this API has no way to take an agent off a number: deploy another agent there first"}}
	if d := cmp.Diff(held, p.Held); d != "" {
		t.Errorf("held (-want +got):\n%s", d)
	}
}
