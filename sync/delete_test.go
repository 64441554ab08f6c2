package sync_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/sync"
)

// A reading that is young before the limit holds a delete back is old after it.
func TestDeleteIsReadAgainAfterTheLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{agents: named("Desk", "Old")(t)}
		p := f.plan(t, load(t, nil, "name: Desk"), pruning)
		f.calls = nil
		f.wait = func() {
			time.Sleep(old)
			f.agents[1].Stored = document{"description": "mine"}
			f.wait = nil
		}
		if err := f.apply(t, p).Err(); !errors.Is(err, sync.ErrChanged) {
			t.Errorf("error %v", err)
		}
		if d := cmp.Diff([]string{"numbers", "get " + fakeID(2)}, f.calls); d != "" {
			t.Errorf("calls (-want +got):\n%s", d)
		}
	})
}

// So is a reading of the numbers when a deploy or an undeploy is held back.
func TestNumbersAreReadAgainAfterTheLimit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, agent, definition string }{
		{"deploy", "", "name: Desk\ndeploy: [{number: \"" + number1 + "\"}]"},
		{"undeploy", fakeID(2), "name: Desk"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := &fake{agents: named("Desk", "Old", "Other")(t), numbers: []sync.PhoneNumber{{Number: number1, AgentID: tt.agent}}}
				o := pruning
				o.Unmanaged = func(name, _ string) bool { return name == "Other" || name == "Old" && tt.agent == "" }
				o.Accept = f.plan(t, load(t, nil, tt.definition), o).Digest
				p := f.plan(t, load(t, nil, tt.definition), o)
				f.calls = nil
				f.wait = func() {
					time.Sleep(old)
					f.numbers[0].AgentID = fakeID(3)
					f.wait = nil
				}
				if err := f.apply(t, p).Err(); !errors.Is(err, sync.ErrChanged) {
					t.Errorf("error %v", err)
				}
				if d := cmp.Diff([]string{"numbers"}, f.calls); d != "" {
					t.Errorf("calls (-want +got):\n%s", d)
				}
			})
		})
	}
}

// Deletes move agents to earlier pages. A long run reads the pages where they are by then, and no page for nothing.
func TestManyDeletesReadPagesWhereTheyAre(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const agents, perPage, kept = 60, 10, 9
		f := &fake{pages: agents / perPage, perPage: perPage}
		var documents []string
		for i := range agents {
			// The names go through the pages in no order.
			name := fmt.Sprintf("Agent %02d", i*37%agents)
			f.agents = append(f.agents, named(name)(t)...)
			f.agents[i].ID = fakeID(i)
			if i%7 == 3 {
				documents = append(documents, "name: "+name)
			}
		}
		o := pruning
		o.Accept = f.plan(t, load(t, nil, documents...), o).Digest
		p := f.plan(t, load(t, nil, documents...), o)
		f.calls = nil
		f.hook = func(call string) {
			if strings.HasPrefix(call, "delete ") {
				time.Sleep(3 * time.Second)
			}
		}
		if err := f.apply(t, p).Err(); err != nil {
			t.Fatal(err)
		}
		if len(f.agents) != kept {
			t.Errorf("%d agents are left", len(f.agents))
		}
		kinds := map[string]int{}
		for _, call := range f.calls {
			kind, _, _ := strings.Cut(call, " ")
			kinds[kind]++
		}
		// Two and a half windows of deletes on six pages.
		if kinds["delete"] != agents-kept || kinds["page"] > 12 || kinds["get"] > 8 {
			t.Errorf("requests %v", kinds)
		}
	})
}

// What the server makes of handoffs to an agent that this run deleted is no one's edit of the agent that hands over.
func TestDeleteOfParentAfterChild(t *testing.T) {
	t.Parallel()
	handoff := func(children ...int) document {
		var list []any
		for _, n := range children {
			list = append(list, map[string]any{"id": fmt.Sprint("h", n), "childAgentId": strings.ToUpper(fakeID(n)), "description": "d"})
		}
		return document{"handoffTools": list}
	}
	for _, tt := range []struct {
		name   string
		after  document // of the parent, once the child is gone
		failed bool
	}{
		{"cleared by the server", handoff(3), false},
		{"left as it was", handoff(2, 3), false},
		{"cleared by the server, and edited", handoff(), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := &fake{agents: named("Desk", "Child", "Other", "Parent")(t)}
				f.agents[3].Stored = handoff(2, 3)
				o := pruning
				o.Unmanaged = func(name, _ string) bool { return name == "Other" }
				p := f.plan(t, load(t, nil, "name: Desk"), o)
				f.hook = func(call string) {
					if call == "delete "+fakeID(2) {
						time.Sleep(old)
						f.agents[3].Stored = tt.after
					}
				}
				if err := f.apply(t, p).Err(); errors.Is(err, sync.ErrChanged) != tt.failed {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}

// An agent that this run writes may hand over by somebody's hand too; what its definition says is no one else's.
func TestDeleteHandedOverToByAnAgentOfThePlan(t *testing.T) {
	t.Parallel()
	for definition, failed := range map[string]bool{
		"name: Desk\ndescription: new":                   true,
		"name: Desk\ndescription: new\nhandoffTools: []": true,
		"name: Desk\nhandoffTools: [{childAgentId: " + strings.ToUpper(fakeID(2)) + ", description: d}]": false,
	} {
		f := &fake{agents: named("Desk", "Old")(t)}
		o := pruning
		o.Accept = f.plan(t, load(t, nil, definition), o).Digest // a handoff to an agent that goes is refused
		p := f.plan(t, load(t, nil, definition), o)
		f.hook = func(call string) {
			if call == "patch Desk" {
				f.agents[0].Stored = document{"handoffTools": []any{map[string]any{"id": "h", "childAgentId": fakeID(2), "description": "d"}}}
			}
		}
		if err := f.apply(t, p).Err(); errors.Is(err, sync.ErrChanged) != failed {
			t.Errorf("%s: error %v", definition, err)
		}
	}
}
