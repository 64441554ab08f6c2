package remote

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"wassist-sync/sync"
	"wassist-sync/wassist"
)

// Numbers reads all numbers: from /phone-numbers/, or, on an API without it,
// from the WhatsApp accounts. What is missing is learnt once.
func (a *API) Numbers(ctx context.Context) (sync.Directory, error) {
	started := time.Now()
	requests := 0
	if !a.accounts {
		requests++
		list, err := a.client.PhoneNumbers.List(ctx)
		if err == nil {
			out := sync.Directory{CanDisconnect: true, CanMoveConversations: true, Requests: requests, ReadAt: started}
			for i := range list {
				out.Numbers = append(out.Numbers, number(&list[i]))
			}
			return out, nil
		}
		if !errors.Is(err, wassist.ErrNotFound) {
			return sync.Directory{}, translate(err)
		}
		a.accounts = true
	}
	requests++
	accounts, err := a.client.WhatsAppAccounts.List(ctx)
	if err != nil {
		return sync.Directory{}, translate(err)
	}
	out := sync.Directory{Requests: requests, ReadAt: started}
	for _, account := range accounts {
		for _, n := range account.PhoneNumbers.Value {
			bot := n.Bot.Value
			out.Numbers = append(out.Numbers, sync.PhoneNumber{
				Number: "+" + n.Number, ID: n.ID, Account: account.ID, AgentID: bot.ID, AgentName: bot.Name.Value,
			})
		}
	}
	return out, nil
}

func number(n *wassist.PhoneNumber) sync.PhoneNumber {
	out := sync.PhoneNumber{
		Number: "+" + n.Number, ID: n.ID, Account: n.WhatsAppBusinessAccount.Value.ID,
		AgentID: n.ActiveAgent.Value.ID, AgentName: n.ActiveAgent.Value.Name.Value, Sandbox: n.IsSandbox.Value,
	}
	if hook, ok := n.DefaultWebhook.Get(); ok && out.AgentID == "" {
		out.Webhook = hook.Name.Or(hook.ID)
		if strings.Contains(out.Webhook, "://") {
			out.Webhook = hook.ID // named after its URL, which is a secret
		}
	}
	return out
}

// ConnectNumber makes an agent answer a number, and believes the answer only.
func (a *API) ConnectNumber(ctx context.Context, n sync.PhoneNumber, agentID string, applyToExisting bool) error {
	if a.accounts {
		// deploy-agent knows no applyToExisting; what it does to running
		// conversations is not documented.
		answer, err := a.client.WhatsAppAccounts.DeployAgent(ctx, n.Account, agentID, n.ID)
		if err != nil {
			return translate(err)
		}
		return deployed(answer, n, agentID)
	}
	got, err := a.client.PhoneNumbers.ConnectAgent(ctx, n.Number, agentID, applyToExisting)
	if err != nil {
		return translate(err)
	}
	return routedTo(got.ActiveAgent, n, agentID)
}

// DisconnectNumber takes a number's agent away. Running conversations stay:
// only a definition may say that they move.
func (a *API) DisconnectNumber(ctx context.Context, n sync.PhoneNumber) error {
	got, err := a.client.PhoneNumbers.Unsubscribe(ctx, n.Number, false)
	if err != nil {
		return translate(err)
	}
	return routedTo(got.ActiveAgent, n, "")
}

// routedTo checks an answer's agent. An answer that does not name one proves nothing, whatever its status: it may be a
// gateway's, and its shape is not documented in every API. Reading the numbers tells.
func routedTo(got wassist.Optional[wassist.AgentRef], n sync.PhoneNumber, agentID string) error {
	if !got.Set {
		return fmt.Errorf("%s: %w: the answer does not say who answers it now", n.Number, sync.ErrOutcomeUnknown)
	}
	if !strings.EqualFold(got.Value.ID, agentID) {
		return fmt.Errorf("%s: %w: the answer names %q as its agent", n.Number, sync.ErrNotStored, got.Value.Name.Or(got.Value.ID))
	}
	return nil
}

// deployed looks for the number in an answer that may be its account.
func deployed(answer *wassist.Response, n sync.PhoneNumber, agentID string) error {
	var account wassist.WhatsAppAccount
	if wassist.Unmarshal(answer.Body, &account) == nil {
		for _, number := range account.PhoneNumbers.Value {
			if number.ID == n.ID {
				return routedTo(number.Bot, n, agentID)
			}
		}
	}
	return routedTo(wassist.Optional[wassist.AgentRef]{}, n, agentID)
}
