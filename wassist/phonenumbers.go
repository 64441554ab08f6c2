package wassist

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
)

// PhoneNumber is a WhatsApp number of the organization, and who answers it. One number has one agent.
type PhoneNumber struct {
	ID                      string                            `json:"id,omitzero"`
	Number                  string                            `json:"number,omitzero"` // digits, no plus
	WhatsAppPhoneNumberID   Optional[string]                  `json:"whatsappPhoneNumberId,omitzero"`
	WhatsAppBusinessAccount Optional[WhatsAppBusinessAccount] `json:"whatsappBusinessAccount,omitzero"`
	ActiveAgent             Optional[AgentRef]                `json:"activeAgent,omitzero"`
	DefaultRouting          Optional[string]                  `json:"defaultRouting,omitzero"` // agent, webhook, sandbox or null
	DefaultWebhook          Optional[Webhook]                 `json:"defaultWebhook,omitzero"`
	IsSandbox               Optional[bool]                    `json:"isSandbox,omitzero"` // answers 400 to API keys
	Extra                   Extra                             `json:",embed"`
}

// AgentRef names an agent.
type AgentRef struct {
	ID    string           `json:"id,omitzero"`
	Name  Optional[string] `json:"name,omitzero"`
	Extra Extra            `json:",embed"`
}

// WhatsAppBusinessAccount names the account of a number.
type WhatsAppBusinessAccount struct {
	ID    string           `json:"id,omitzero"`
	Name  Optional[string] `json:"name,omitzero"`
	WAID  Optional[string] `json:"waId,omitzero"` // Meta's id
	Extra Extra            `json:",embed"`
}

// Webhook receives the messages of a number that no agent answers.
type Webhook struct {
	ID    string           `json:"id,omitzero"`
	Name  Optional[string] `json:"name,omitzero"`
	URL   Optional[Secret] `json:"url,omitzero"`
	Extra Extra            `json:",embed"`
}

// LogValue shows which number it is, without its webhook's URL.
func (n PhoneNumber) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", n.ID), slog.String("number", n.Number))
}

// LogValue shows which webhook it is, without its URL.
func (w Webhook) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", w.ID), slog.String("name", w.Name.Value))
}

// PhoneNumbersService is the phone numbers of the key's organization. Only the current API has it: on a 404,
// [WhatsAppAccountsService.List] tells the same.
type PhoneNumbersService struct{ client *Client }

// List returns all numbers, sandbox numbers included.
func (s *PhoneNumbersService) List(ctx context.Context) ([]PhoneNumber, error) {
	l, err := readAll(ctx, s.client, func(n PhoneNumber) string { return n.ID }, "phone-numbers")
	return l.items, err
}

// Get returns a number.
func (s *PhoneNumbersService) Get(ctx context.Context, number string) (PhoneNumber, error) {
	return s.call(ctx, number, func(digits string) request { return get("phone-numbers", digits) })
}

// ConnectAgent makes an agent answer a number, at once and for real customers, and drops the number's agent
// and webhook. With applyToExisting, running conversations move to the agent too, and their sessions are
// cleared; without it they stay with the agent they have. The API's own default seems to be true, so it is always
// sent. It is never repeated.
func (s *PhoneNumbersService) ConnectAgent(ctx context.Context, number, agentID string, applyToExisting bool) (PhoneNumber, error) {
	body := struct {
		AgentID         string `json:"agentId"`
		ApplyToExisting bool   `json:"applyToExisting"`
	}{agentID, applyToExisting}
	return s.call(ctx, number, func(digits string) request {
		return post(body, "phone-numbers", digits, "connect-agent").with(agentID)
	})
}

// Unsubscribe takes the agent off a number. See ConnectAgent for applyToExisting. It is never repeated.
func (s *PhoneNumbersService) Unsubscribe(ctx context.Context, number string, applyToExisting bool) (PhoneNumber, error) {
	body := struct {
		ApplyToExisting bool `json:"applyToExisting"`
	}{applyToExisting}
	return s.call(ctx, number, func(digits string) request {
		return post(body, "phone-numbers", digits, "unsubscribe")
	})
}

func (s *PhoneNumbersService) call(ctx context.Context, number string, build func(digits string) request) (PhoneNumber, error) {
	digits, err := Digits(number)
	r := build(digits)
	if err != nil {
		r.segments = []string{"phone-numbers"} // an error shows a path, and this number is none
		return PhoneNumber{}, s.client.fail(&r, err.Error(), nil)
	}
	return fetch[PhoneNumber](ctx, s.client, r)
}

// Digits returns a phone number as the API writes it: digits only. It takes a plus at the start, spaces and
// dashes out, and fails when something else or more than 15 digits (E.164's most) are left.
func Digits(number string) (string, error) {
	digits := strings.NewReplacer(" ", "", "-", "").Replace(strings.TrimPrefix(strings.TrimSpace(number), "+"))
	if digits == "" || len(digits) > 15 || strings.Trim(digits, "0123456789") != "" {
		return "", fmt.Errorf("%q is not a phone number: up to 15 digits, such as +44 7700 900111", bounded(number, 40))
	}
	return digits, nil
}
