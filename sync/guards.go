package sync

import (
	"fmt"
	"slices"
	"strings"

	"wassist-sync/spec"
)

// guards weighs the finished list of changes, those too that --only leaves out.
// Each rule prints the numbers that broke it and the way out.
func (b *builder) guards() {
	p := b.plan
	p.Refused = append(p.Refused, b.guardKey()...)
	p.Refused = append(p.Refused, b.guardDeletes()...)
	p.Refused = append(p.Refused, b.guardProtected()...)
	p.Refused = append(p.Refused, b.guardShallow()...)
	p.Refused = append(p.Refused, b.guardNumbers()...)
	p.Refused = append(p.Refused, b.guardHandoffs()...)
	p.Refused = append(p.Refused, b.guardOrganization()...)
}

// guardKey refuses to work on another organization than the definitions are for.
func (b *builder) guardKey() []Refusal {
	want := b.options.Organization
	if want == "" {
		return nil
	}
	for i := range b.listing.Agents {
		o := b.listing.Agents[i].Organization
		switch {
		case o == (Organization{}):
			return []Refusal{{Rule: "organization", Reason: fmt.Sprintf("the definitions are for %q, and this API does not tell whose agents it lists. Take organization: out of the settings if the key is surely the right one", want)}}
		case !o.is(want):
			return []Refusal{{Rule: "organization", Reason: fmt.Sprintf("the definitions are for %q, and the key belongs to %q (%s). Use the key of the right organization, or correct organization: in the settings", want, o.Name, o.ID)}}
		}
	}
	return nil
}

func (b *builder) guardDeletes() []Refusal {
	deletes, managed, ours := b.plan.Summary().Delete, 0, 0
	for _, v := range b.verdicts {
		if v.managed() {
			managed++
		}
		if v.managed() || v.defined {
			ours++
		}
	}
	var out []Refusal
	if len(b.set.Agents) == 0 && deletes+ours > 0 {
		what := fmt.Sprintf("%s would be deleted", agents(deletes))
		if deletes == 0 {
			what = fmt.Sprintf("%s on Wassist came from here", agents(ours))
		}
		out = append(out, Refusal{Rule: "empty-definitions", Liftable: true,
			Reason: fmt.Sprintf("there is no definition at all, and %s. Check the path and the branch; to go on all the same, %s", what, b.acceptHint())})
	}
	if limit, how := b.options.MaxDeletes.limit(b.matching.known() + managed); deletes > limit {
		out = append(out, Refusal{Rule: "max-deletes", Liftable: true,
			Reason: fmt.Sprintf("%s would be deleted, and at most %d may be (%s). Raise --max-deletes, or %s", agents(deletes), limit, how, b.acceptHint())})
	}
	return out
}

func agents(n int) string {
	if n == 1 {
		return "1 agent"
	}
	return fmt.Sprintf("%d agents", n)
}

// guardNumbers refuses to leave customers without an answer.
func (b *builder) guardNumbers() []Refusal {
	var out []Refusal
	deleted := b.plan.deleted()
	for i := range b.plan.Changes {
		if c := &b.plan.Changes[i]; c.Action == Undeploy && deleted[strings.ToLower(c.ID)] {
			out = append(out, Refusal{Rule: "number-without-agent", Agent: c.Agent, Liftable: true,
				Reason: fmt.Sprintf("%s would have no agent any more, because %s (%s) is deleted. Deploy another agent there first, or %s", c.Number, c.Agent, c.ID, b.acceptHint())})
		}
	}
	return out
}

// guardHandoffs refuses to delete an agent that a staying one hands over to, or a
// new one.
func (b *builder) guardHandoffs() []Refusal {
	deleted := b.plan.deleted()
	if len(deleted) == 0 {
		return nil
	}
	var out []Refusal
	refuse := func(from string, children []string) {
		for _, child := range children {
			if deleted[child] {
				out = append(out, Refusal{Rule: "handoff-target", Agent: b.refs.names[child], Liftable: true,
					Reason: fmt.Sprintf("%s (%s) would be deleted, and %s hands over to it. Take that handoff out first, or %s", b.refs.names[child], child, from, b.acceptHint())})
			}
		}
	}
	for i := range b.listing.Agents {
		if a := &b.listing.Agents[i]; !deleted[strings.ToLower(a.ID)] {
			refuse(fmt.Sprintf("%s (%s)", a.Name, a.ID), b.handoffsAfter(a))
		}
	}
	for i := range b.plan.Changes {
		if c := &b.plan.Changes[i]; c.Action == Create {
			refuse("the new "+c.Agent, b.declaredHandoffs(c.definition))
		}
	}
	// The API lists agents in no order that means anything.
	slices.SortFunc(out, func(a, b Refusal) int { return strings.Compare(a.Reason, b.Reason) })
	return out
}

// writes tells whether the plan writes an agent's fields, so that what its
// definition says will stand there.
func (b *builder) writes(x *match) bool {
	return slices.ContainsFunc(b.plan.Changes, func(c Change) bool { return c.Action == Update && c.definition == x.def })
}

// handoffsAfter lists the agents that a hands over to once the plan is applied.
func (b *builder) handoffsAfter(a *Agent) []string {
	f := schemaField("handoffTools")
	if x := b.matching.claimed[strings.ToLower(a.ID)]; x != nil && b.writes(x) && x.def.Fields.Get(f.Name) != nil {
		return b.declaredHandoffs(x.def)
	}
	var out []string
	list, _ := a.Stored.Field(f.Name).([]any)
	for _, item := range list {
		if entry, ok := item.(map[string]any); ok {
			text, _ := scalarText(entry[f.KeyField().Name])
			out = append(out, strings.ToLower(text))
		}
	}
	return out
}

// declaredHandoffs lists the agents that a definition hands over to and that exist.
func (b *builder) declaredHandoffs(def *spec.Agent) []string {
	f := schemaField("handoffTools")
	var out []string
	if declared := def.Fields.Get(f.Name); declared != nil {
		for _, entry := range declared.Items {
			if key, _ := b.refs.entryKey(f, entry); key != "" {
				out = append(out, key)
			}
		}
	}
	return out
}

// guardOrganization: --prune all reaches agents that were never ours, so that
// somebody has to say whose they are.
func (b *builder) guardOrganization() []Refusal {
	heldDelete := slices.ContainsFunc(b.plan.Held, func(h Held) bool { return h.Action == Delete })
	if b.options.Prune != PruneAll || (b.plan.Summary().Delete == 0 && !heldDelete) {
		return nil
	}
	org, want := organization(b.listing), b.options.ConfirmOrganization
	for i := range b.plan.Changes {
		if c := &b.plan.Changes[i]; want != "" && c.Action == Delete && !c.remote.Organization.is(want) {
			org = c.remote.Organization // one that differs decides
			break
		}
	}
	switch {
	case want == "":
		return []Refusal{{Rule: "confirm-organization", Reason: fmt.Sprintf("--prune all also deletes agents that no definition ever named. Say whose: --confirm-organization %q", org.Name)}}
	case !org.is(want):
		return []Refusal{{Rule: "confirm-organization", Reason: fmt.Sprintf("--confirm-organization says %q, and agents to be deleted belong to %q (%s). Check the key and the name.", want, org.Name, org.ID)}}
	}
	return nil
}

// guardExpected: with --expect, only reviewed changes may be applied.
func (b *builder) guardExpected() []Refusal {
	if b.options.Expect == nil || slices.Contains(b.options.Expect, b.plan.Digest) {
		return nil
	}
	var out []Refusal
	for i := range b.plan.Changes {
		c := &b.plan.Changes[i]
		if !slices.Contains(b.options.Expect, c.Digest) {
			out = append(out, Refusal{Rule: "expect", Agent: c.Agent,
				Reason: fmt.Sprintf("%s %s is not among the changes that --expect lists. Look at this plan; to let the change through, add --expect %s", c.Action, c.Agent, c.Digest)})
		}
	}
	return out
}

func (b *builder) acceptHint() string {
	if b.options.offline {
		return "accept the plan that the merge will have, with --accept and its digest"
	}
	return "accept this one plan with --accept " + b.plan.Digest
}

// accept lifts what may be lifted, when this very plan was accepted.
func (b *builder) accept() {
	p := b.plan
	if b.options.Accept == "" {
		return
	}
	if b.options.Accept != p.Digest {
		if slices.ContainsFunc(p.Refused, func(r Refusal) bool { return r.Liftable }) {
			p.Notes = append(p.Notes, fmt.Sprintf("--accept %s is another plan's digest: what it lets through is not lifted here", b.options.Accept))
		}
		return
	}
	var kept []Refusal
	for _, r := range p.Refused {
		if !r.Liftable {
			kept = append(kept, r)
			continue
		}
		p.Notes = append(p.Notes, fmt.Sprintf("accepted: %s: %s", r.Rule, strings.SplitN(r.Reason, ". ", 2)[0]))
	}
	p.Refused = kept
}
