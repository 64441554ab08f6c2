package sync_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/sync"
)

// there is an agent on Wassist: its number among fakeID's, its name, when it
// was created in seconds, and what it stores as JSON.
type there struct {
	n      int
	name   string
	at     int
	fields string
	// created stands in place of at, where it is none.
	created string
}

// madeAt writes when an agent was created as the API does.
func madeAt(seconds int) string { return at(seconds).Format(time.RFC3339Nano) }

// organize makes a fake organization of these agents.
func organize(t tester, agents []there) *fake {
	t.Helper()
	f := &fake{}
	for _, a := range agents {
		fields := a.fields
		if fields == "" {
			fields = "{}"
		}
		stored := storedAgent(t, a.n, a.name, fields)
		stored.CreatedAt = a.created
		if a.created == "" {
			stored.CreatedAt = madeAt(a.at)
		}
		f.agents = append(f.agents, stored)
	}
	return f
}

// outcome is what a plan shall say. Notes are compared only where some are named.
type outcome struct {
	changes, refused, held, unmanaged, notes []string
}

// check compares a plan with what it shall say.
func check(t tester, p *sync.Plan, want outcome) {
	t.Helper()
	for _, part := range []struct {
		what      string
		want, got []string
	}{
		{"changes", want.changes, outline(p)}, {"refusals", want.refused, refusals(p)}, {"held", want.held, heldBack(p)}, {"unmanaged", want.unmanaged, left(p)},
	} {
		if d := cmp.Diff(append([]string{}, part.want...), part.got); d != "" {
			t.Errorf("%s (-want +got):\n%s", part.what, d)
		}
	}
	for _, note := range want.notes {
		if !slices.Contains(p.Notes, note) {
			t.Errorf("the plan does not note %q, but %q", note, p.Notes)
		}
	}
}

// heldBack lists what a plan holds, in one line each.
func heldBack(p *sync.Plan) []string {
	out := []string{}
	for _, h := range p.Held {
		out = append(out, fmt.Sprintf("%s %s %s: %s", h.Action, h.Agent, h.ID, h.Reason))
	}
	return out
}

// left lists the names of the agents that a plan calls unmanaged.
func left(p *sync.Plan) []string {
	out := []string{}
	for _, u := range p.Unmanaged {
		out = append(out, u.Agent)
	}
	return out
}

// causes lists a plan's differences with where they come from: the short hash
// of a commit, or the word for it.
func causes(p *sync.Plan) []string {
	out := []string{}
	for _, c := range p.Changes {
		for _, f := range c.Fields {
			line := fmt.Sprintf("%s: %s", f.Path, f.Cause)
			if f.Commit != "" {
				line += " " + f.Commit[:7]
			}
			out = append(out, line)
		}
	}
	return out
}

// rules lists the rules that refuse a plan.
func rules(p *sync.Plan) []string {
	out := []string{}
	for _, r := range p.Refused {
		out = append(out, r.Rule)
	}
	return out
}
