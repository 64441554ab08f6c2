package sync

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// number gives a number's state from a reading that is young enough when the
// next request is sent, however long the limit holds that back.
func (r *run) number(ctx context.Context, number string, again bool) (PhoneNumber, error) {
	if err := r.Reader.Ready(ctx, 1); err != nil {
		return PhoneNumber{}, err
	}
	if again || stale(r.directory.ReadAt) {
		// Room for the reading and for the write that stands on it.
		if err := r.Reader.Ready(ctx, 2); err != nil {
			return PhoneNumber{}, err
		}
		directory, err := r.Reader.Numbers(ctx)
		if err != nil {
			return PhoneNumber{}, fmt.Errorf("reading the numbers again: %w", err)
		}
		r.directory = directory
	}
	n, ok := r.directory.find(number)
	if !ok {
		return PhoneNumber{}, fmt.Errorf("the organization has no number %s any more: %w", number, ErrChanged)
	}
	return n, nil
}

// deploy makes the agent answer the number. It is never repeated for a number
// that has the agent already: that would clear running sessions once more.
func (r *run) deploy(ctx context.Context, i int) error {
	c := &r.plan.Changes[i]
	id := r.idOf(i)
	planned, _ := r.plan.directory.find(c.Number)
	return r.route(ctx, c, id, planned.AgentID, func(n PhoneNumber) error {
		return r.Writer.ConnectNumber(ctx, n, id, c.ApplyToExisting)
	})
}

// undeploy takes an agent off a number.
func (r *run) undeploy(ctx context.Context, c *Change) error {
	return r.route(ctx, c, "", c.ID, func(n PhoneNumber) error {
		return r.Writer.DisconnectNumber(ctx, n)
	})
}

// route moves a number from the agent it had in the plan to another (or none,
// for an empty id), unless somebody else moved it in between.
func (r *run) route(ctx context.Context, c *Change, to, from string, write func(PhoneNumber) error) error {
	var cause error // of reading again: a write whose outcome is unknown
	for attempt := 1; ; attempt++ {
		n, err := r.number(ctx, c.Number, cause != nil)
		if err != nil && cause != nil {
			return fmt.Errorf("it is not known whether the write took effect (%w), and %w; run again", cause, err)
		}
		if err != nil {
			return err
		}
		if strings.EqualFold(n.AgentID, to) {
			return nil
		}
		if !strings.EqualFold(n.AgentID, from) {
			return fmt.Errorf("%s is answered by %s now: %w; run again to see the new plan", c.Number, answererName(n), ErrChanged)
		}
		err = write(n)
		if err == nil {
			r.routed(c.Number, to)
			return nil
		}
		if !errors.Is(err, ErrOutcomeUnknown) || attempt >= r.attempts() {
			return err
		}
		cause = err
	}
}

// routed keeps the directory true after a write of ours.
func (r *run) routed(number, agentID string) {
	numbers := make([]PhoneNumber, len(r.directory.Numbers))
	copy(numbers, r.directory.Numbers)
	for i := range numbers {
		if numbers[i].Number == number {
			numbers[i].AgentID, numbers[i].AgentName = agentID, r.refs.names[strings.ToLower(agentID)]
			numbers[i].Webhook = ""
		}
	}
	r.directory.Numbers = numbers
}

func answererName(n PhoneNumber) string {
	switch {
	case n.AgentName != "":
		return n.AgentName
	case n.AgentID != "":
		return n.AgentID
	case n.Webhook != "":
		return "webhook " + maskName(n.Webhook)
	}
	return "nobody"
}
