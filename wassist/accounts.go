package wassist

import (
	"context"
	"net/url"
)

// WhatsAppAccount is a WhatsApp Business account that is linked to the organization.
type WhatsAppAccount struct {
	ID           string                    `json:"id,omitzero"`
	Name         Optional[string]          `json:"name,omitzero"`
	WAID         Optional[string]          `json:"waId,omitzero"` // Meta's id
	PhoneNumbers Optional[[]AccountNumber] `json:"phoneNumbers,omitzero"`
	TemplatesURL Optional[string]          `json:"templatesUrl,omitzero"`
	Extra        Extra                     `json:",embed"`
}

// AccountNumber is a number of an account that Wassist serves.
type AccountNumber struct {
	ID     string                            `json:"id,omitzero"`
	Number string                            `json:"number,omitzero"` // digits, no plus
	Bot    Optional[AgentRef]                `json:"bot,omitzero"`    // the agent that answers it
	WABA   Optional[WhatsAppBusinessAccount] `json:"waba,omitzero"`
	Extra  Extra                             `json:",embed"`
}

// AccountPhoneNumber is a number of an account as Meta knows it, whether Wassist serves it or not. Its keys mix
// snake case and camel case.
type AccountPhoneNumber struct {
	ID                   string           `json:"id,omitzero"` // Meta's id
	DisplayPhoneNumber   Optional[string] `json:"display_phone_number,omitzero"`
	VerifiedName         Optional[string] `json:"verified_name,omitzero"`
	IsLinkedToWassist    Optional[bool]   `json:"isLinkedToWassist,omitzero"`
	WassistPhoneNumberID Optional[string] `json:"wassistPhoneNumberId,omitzero"`
	Extra                Extra            `json:",embed"`
}

// WhatsAppAccountsService is the WhatsApp Business accounts of the key's organization.
type WhatsAppAccountsService struct{ client *Client }

// List returns all accounts, with the numbers that Wassist serves.
func (s *WhatsAppAccountsService) List(ctx context.Context) ([]WhatsAppAccount, error) {
	l, err := readAll(ctx, s.client, func(a WhatsAppAccount) string { return a.ID }, "whatsapp-accounts")
	return l.items, err
}

// Get returns an account.
func (s *WhatsAppAccountsService) Get(ctx context.Context, id string) (WhatsAppAccount, error) {
	return fetch[WhatsAppAccount](ctx, s.client, get("whatsapp-accounts", id))
}

// PhoneNumbers returns all numbers of an account, as Meta knows them.
func (s *WhatsAppAccountsService) PhoneNumbers(ctx context.Context, id string) ([]AccountPhoneNumber, error) {
	l, err := readAll(ctx, s.client, func(n AccountPhoneNumber) string { return n.ID },
		"whatsapp-accounts", id, "phone-numbers")
	return l.items, err
}

// DeployAgent makes an agent answer a number of an account; both ids are Wassist's own. The answer is not
// documented. It is never repeated. [PhoneNumbersService.ConnectAgent] is the newer way.
func (s *WhatsAppAccountsService) DeployAgent(ctx context.Context, id, agentID, phoneNumberID string) (*Response, error) {
	body := struct {
		AgentID       string `json:"agentId"`
		PhoneNumberID string `json:"phoneNumberId"`
	}{agentID, phoneNumberID}
	return s.client.do(ctx, post(body, "whatsapp-accounts", id, "deploy-agent").with(agentID, phoneNumberID))
}

// AddNumber links a number of an account to Wassist: phoneNumberID is Meta's, name is what it will be called. It is
// never repeated.
func (s *WhatsAppAccountsService) AddNumber(ctx context.Context, id, phoneNumberID, name string) (WhatsAppAccount, error) {
	body := struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}{phoneNumberID, name}
	return fetch[WhatsAppAccount](ctx, s.client, post(body, "whatsapp-accounts", id, "add-number").with(phoneNumberID))
}

// Proxy passes a request on to the WhatsApp Business API, with the credentials that Wassist holds for the account.
// path is that API's own, such as 100000000000001/message_templates?limit=5; body may be nil, and is of the given media
// type ("" means JSON). The response is set whenever an answer came, also beside an error. Only GET and DELETE are
// repeated after a fault, unless told [Repeatable].
func (s *WhatsAppAccountsService) Proxy(
	ctx context.Context, id, method, path string, body []byte, mediaType string, opts ...CallOption,
) (*Response, error) {
	r := request{method: method, segments: []string{"whatsapp-accounts", id, "proxy"}}
	proxied, query, err := parsePath(path)
	if err == nil {
		err = checkSegment(id)
	}
	if err != nil {
		return nil, s.client.fail(&r, err.Error(), nil)
	}
	r.raw = "whatsapp-accounts/" + url.PathEscape(id) + "/proxy/" + proxied
	r.query = query
	return s.client.free(ctx, r.apply(opts), body, mediaType)
}
