package sync_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/sync"
	"wassist-sync/wassist/simulator"
)

// saga is a simulated organization to which the commits of a repository are
// applied as time goes on.
type saga struct {
	*world
	now time.Time
	o   func(*sync.Options)
}

func newSaga(t tester, o simulator.Options) *saga {
	s := &saga{}
	o.Now = func() time.Time { return s.now }
	s.world = newWorld(t, o)
	return s
}

// options are those of a plan, five seconds after the repository's last commit.
func (s *saga) options(h *history) sync.Options {
	s.now = at(h.commits[len(h.commits)-1].at + 5)
	o := h.options()
	if s.o != nil {
		s.o(&o)
	}
	return o
}

// next plans the repository as it is.
func (s *saga) next(t tester, r repo) (*history, *sync.Plan) {
	t.Helper()
	h := r.open(t)
	return h, s.plan(t, h.set, s.options(h))
}

// settles applies the repository as it is; one apply must leave nothing to do.
func (s *saga) settles(t tester, r repo) *sync.Report {
	t.Helper()
	h := r.open(t)
	return s.settle(t, h.set, s.options(h))
}

// actions counts what a plan does, in words.
func actions(p *sync.Plan) []string {
	out := []string{}
	for _, c := range p.Changes {
		out = append(out, string(c.Action)+" "+c.Agent)
	}
	return out
}

// whoIsWho lists the organization's agents by id, with their descriptions.
func (s *saga) whoIsWho() map[string]string {
	out := map[string]string{}
	for _, a := range s.server.Agents() {
		out[a["id"].(string)] = a["name"].(string) + ": " + a["description"].(string)
	}
	return out
}

// However definitions exchange their names, agents are neither made nor
// deleted, and one apply is enough.
func TestExchangedNames(t *testing.T) {
	t.Parallel()
	a, b := "\ndescription: of a", "\ndescription: of b"
	start := commit{10, docs("# a\nname: A"+a, "# b\nname: B"+b)}
	for _, tt := range []struct {
		name    string
		commits []commit // after the first, applied all at once
		want    []string
	}{
		{"in one commit", []commit{{20, docs("# a\nname: B"+a, "# b\nname: A"+b)}}, []string{"update A", "update B"}},
		{"by way of a third name", []commit{{20, docs("# a\nname: T"+a, "# b\nname: B"+b)}, {30, docs("# a\nname: T"+a, "# b\nname: A"+b)}, {40, docs("# a\nname: B"+a, "# b\nname: A"+b)}}, []string{"update A", "update B"}},
		{"one moves up, and the last of the file is what became of the first", []commit{{20, docs("# b\nname: B"+a, "# a\nname: C"+b)}}, []string{"update B", "update C"}},
		{"there and back", []commit{{20, docs("# a\nname: T"+a, "# b\nname: B"+b)}, {30, docs("# a\nname: A"+a, "# b\nname: B"+b)}}, []string{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSaga(t, simulator.Options{})
			s.settles(t, repo{commits: []commit{start}})
			before := s.whoIsWho()
			all := repo{commits: append([]commit{start}, tt.commits...)}
			h, p := s.next(t, all)
			if d := cmp.Diff(tt.want, actions(p)); d != "" {
				t.Errorf("changes (-want +got):\n%s", d)
			}
			if len(p.Refused)+len(p.Held)+len(p.Unmanaged) > 0 {
				t.Errorf("refused %v, held %v, unmanaged %v", p.Refused, p.Held, p.Unmanaged)
			}
			s.settles(t, all)
			after := s.whoIsWho()
			for id := range before {
				if after[id] == "" {
					t.Errorf("agent %s is gone", before[id])
				}
			}
			want := map[string]bool{}
			for _, def := range h.set.Agents {
				want[def.Name+": "+def.Fields.Get("description").Text] = true
			}
			for id, is := range after {
				if !want[is] || len(after) != len(before) {
					t.Errorf("agent %s is %q", id, is)
				}
			}
		})
	}
}

// A rename writes the name and nothing else: the agent keeps its id, and who
// hands over to it has nothing to change.
func TestRenameKeepsTheAgent(t *testing.T) {
	t.Parallel()
	s := newSaga(t, simulator.Options{})
	parent := func(child string) string {
		return "name: Front\nhandoffTools: [{agent: " + child + ", description: d}]"
	}
	first := commit{10, docs("# desk\nname: Orders\ndescription: d", parent("Orders"))}
	s.settles(t, repo{commits: []commit{first}})
	id := s.called(t, "Orders")["id"]
	r := repo{commits: []commit{first, {20, docs("# desk\nname: Desk\ndescription: d", parent("Desk"))}}}
	_, p := s.next(t, r)
	if d := cmp.Diff([]string{"update Desk name"}, describe(p)); d != "" {
		t.Errorf("changes (-want +got):\n%s", d)
	}
	s.server.ResetLog()
	s.settles(t, r)
	if d := cmp.Diff([]string{"PATCH agents/Desk/"}, writes(s.log())); d != "" {
		t.Errorf("writes (-want +got):\n%s", d)
	}
	if got := s.called(t, "Desk")["id"]; got != id {
		t.Errorf("id %v, was %v", got, id)
	}

	// And back again: behind the tip, history knows the later name.
	r.behind = 1
	if _, p := s.next(t, r); !strings.Contains(p.Changes[0].Reason, "taken for a rename of Desk, as it is called from 2000000 on") {
		t.Errorf("changes %v", outline(p))
	}
	s.settles(t, r)
	if got := s.called(t, "Orders")["id"]; got != id {
		t.Errorf("after going back: id %v, was %v", got, id)
	}
}

// White space around a stored name is no part of it.
func TestRenameOfANameWithWhiteSpace(t *testing.T) {
	t.Parallel()
	h := repo{commits: renamed}.open(t)
	p := organize(t, []there{{n: 1, name: " Orders\r\n", at: 12}}).plan(t, h.set, h.options())
	if d := cmp.Diff([]string{"update Desk"}, actions(p)); d != "" {
		t.Errorf("changes (-want +got):\n%s", d)
	}
}
