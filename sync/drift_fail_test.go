package sync_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/sync"
	"wassist-sync/wassist/simulator"
)

// --on-drift fail refuses to write over an edit, and overwrite does it.
func TestFailOrOverwriteDrift(t *testing.T) {
	t.Parallel()
	for _, tt := range driftCases {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSaga(t, simulator.Options{})
			r := tt.edited(t, s)
			s.o = func(o *sync.Options) { o.OnDrift = sync.DriftFail }
			_, p := s.next(t, r)
			want := []string{}
			if tt.held != "" {
				want = append(want, "drift [Desk]: edited on Wassist: "+tt.held+", and --on-drift is fail. Take the edit over into agents/a.yaml:2:1, or let Git win once with --on-drift overwrite")
			}
			if d := cmp.Diff(want, refusals(p)); d != "" {
				t.Errorf("refusals (-want +got):\n%s", d)
			}
			s.o = func(o *sync.Options) { o.OnDrift, o.Accept = sync.DriftFail, p.Digest }
			if _, p := s.next(t, r); len(p.Refused) != len(want) {
				t.Errorf("accepted: %v", refusals(p))
			}
			for _, overwrite := range []sync.OnDrift{"", sync.DriftOverwrite} {
				s.o = func(o *sync.Options) { o.OnDrift = overwrite }
				if _, p := s.next(t, r); len(p.Refused) > 0 || len(p.Held) > 0 {
					t.Errorf("overwriting: refused %v, held %v", refusals(p), heldBack(p))
				}
			}
			s.settles(t, r)
		})
	}
}

// A name that somebody changed on Wassist: only an id still leads to the agent.
func TestDriftOfAName(t *testing.T) {
	t.Parallel()
	s := newSaga(t, simulator.Options{})
	s.now = at(5)
	id := s.server.AddAgent(map[string]any{"name": "Desk", "createdAt": madeAt(1)})
	pinned := "name: Desk\nid: " + id
	parent := "name: Front\nhandoffTools: [{agent: Desk, description: d}]"
	commits := []commit{{10, docs(pinned+"\ndescription: one", parent)}, {20, docs(pinned+"\ndescription: two", parent)}}
	s.settles(t, repo{commits: commits[:1]})
	if err := s.server.EditAgent(id, map[string]any{"name": "Reception"}); err != nil {
		t.Fatal(err)
	}
	s.o = func(o *sync.Options) { o.OnDrift = sync.DriftFail }
	_, p := s.next(t, repo{commits: commits})
	if d := cmp.Diff([]string{"drift [Desk]: edited on Wassist: name, and --on-drift is fail. Take the edit over into agents/a.yaml:1:1, or let Git win once with --on-drift overwrite"}, refusals(p)); d != "" {
		t.Errorf("refusals (-want +got):\n%s", d)
	}
	s.o = func(o *sync.Options) { o.OnDrift = sync.DriftKeep }
	held := []string{"update Desk " + id + ": edited on Wassist, and kept (--on-drift keep): name"}
	_, p = s.next(t, repo{commits: commits})
	if d := cmp.Diff([]string{"update Desk description"}, describe(p)); d != "" {
		t.Errorf("changes (-want +got):\n%s", d)
	}
	for range 2 {
		if d := cmp.Diff(held, heldBack(p)); d != "" {
			t.Errorf("held (-want +got):\n%s", d)
		}
		if err := s.apply(t, p).Err(); err != nil {
			t.Errorf("applying: %v", err)
		}
		if s.called(t, "Reception")["description"] != "two" {
			t.Errorf("afterwards: %v", s.called(t, "Reception"))
		}
		if _, p = s.next(t, repo{commits: commits}); !p.Empty() {
			t.Errorf("left to do: %v", describe(p))
		}
	}
	s.o = nil
	s.settles(t, repo{commits: commits})
	s.called(t, "Desk")
}

// What is kept, and what is done, in the same list of handoffs: entries that
// name their child by name beside one that somebody added.
func TestKeepHandoff(t *testing.T) {
	t.Parallel()
	s := newSaga(t, simulator.Options{})
	handoff := func(child, told string) string {
		return "name: Front\nhandoffTools: [{agent: " + child + ", description: " + told + "}]"
	}
	first := commit{10, docs(handoff("Billing", "one"), "name: Billing", "name: Sales")}
	second := commit{20, docs(handoff("Billing", "two"), "name: Billing", "name: Sales")}
	s.settles(t, repo{commits: []commit{first}})
	front, billing, sales := s.called(t, "Front")["id"].(string), s.called(t, "Billing")["id"], s.called(t, "Sales")["id"]
	if err := s.server.EditAgent(front, map[string]any{"handoffTools": []any{map[string]any{"childAgentId": billing, "description": "one"}, map[string]any{"childAgentId": sales, "description": "by hand"}}}); err != nil {
		t.Fatal(err)
	}
	s.o = func(o *sync.Options) { o.OnDrift = sync.DriftKeep }
	r := repo{commits: []commit{first, second}}
	_, p := s.next(t, r)
	if d := cmp.Diff([]string{"update Front handoffTools[Billing].description"}, describe(p)); d != "" {
		t.Errorf("changes (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"update Front " + front + ": edited on Wassist, and kept (--on-drift keep): handoffTools[Sales]"}, heldBack(p)); d != "" {
		t.Errorf("held (-want +got):\n%s", d)
	}
	s.settles(t, r)
	want := `[{"childAgentId":"` + billing.(string) + `","description":"two"},{"childAgentId":"` + sales.(string) + `","description":"by hand"}]`
	if d := cmp.Diff(want, asJSON(t, bare(s.called(t, "Front")["handoffTools"]))); d != "" {
		t.Errorf("afterwards (-want +got):\n%s", d)
	}
}
