package sync

import (
	"fmt"
	"strings"
)

// deployChanges are the numbers that a definition wants and does not have.
func (b *builder) deployChanges(x *match) []Change {
	var out []Change
	for _, d := range x.def.Deploy {
		number, ok := b.plan.directory.find(d.Number)
		switch {
		case !ok:
			b.matching.refuse(x, "unknown-number", fmt.Sprintf("%s: the organization has no number %s. Link it on Wassist first, or correct it.", d.Pos, d.Number))
			continue
		case number.Sandbox:
			b.matching.refuse(x, "sandbox-number", fmt.Sprintf("%s: %s is a sandbox number, which an API key cannot route. Take it out; to try the agent there, open %s", d.Pos, d.Number, connectURL(x)))
			continue
		case x.remote != nil && strings.EqualFold(number.AgentID, x.remote.ID):
			continue
		}
		c := Change{
			Action: Deploy, Agent: x.def.Name, Pos: d.Pos, Number: d.Number, ApplyToExisting: d.ApplyToExisting,
			definition: x.def, pinned: x.def.ID != "", Reason: deployReason(number, d.ApplyToExisting, b.plan.directory.CanMoveConversations),
			Fields: []Field{{Path: "number:" + d.Number, Before: b.answerer(number), After: x.def.Name, Cause: CauseUnknown}},
		}
		if x.remote != nil {
			c.ID = x.remote.ID
		}
		out = append(out, c)
	}
	return out
}

func connectURL(x *match) string {
	if x.remote != nil && x.remote.ConnectURL != "" {
		return x.remote.ConnectURL
	}
	return "its connectUrl once it exists"
}

func deployReason(n PhoneNumber, existing, told bool) string {
	reason := "nobody answers the number"
	switch {
	case n.AgentID != "":
		reason = "another agent answers the number"
	case n.Webhook != "":
		reason = "a webhook gets the number's messages, and is dropped"
	}
	switch {
	case !told:
		reason += "; this API does not say what becomes of running conversations"
	case existing:
		reason += "; running conversations move too, and their sessions are cleared"
	}
	return reason
}

// answerer says who gets a number's messages, for a plan: never a URL.
func (b *builder) answerer(n PhoneNumber) any {
	switch {
	case n.AgentID != "":
		if name, ok := b.refs.names[strings.ToLower(n.AgentID)]; ok {
			return name
		}
		return n.AgentName
	case n.Webhook != "":
		return "webhook " + maskName(n.Webhook)
	}
	return nil
}

// find looks a number up.
func (d Directory) find(number string) (PhoneNumber, bool) {
	for _, n := range d.Numbers {
		if n.Number == number {
			return n, true
		}
	}
	return PhoneNumber{}, false
}

// of lists the numbers that an agent answers.
func (d Directory) of(agentID string) []PhoneNumber {
	var out []PhoneNumber
	for _, n := range d.Numbers {
		if agentID != "" && strings.EqualFold(n.AgentID, agentID) {
			out = append(out, n)
		}
	}
	return out
}
