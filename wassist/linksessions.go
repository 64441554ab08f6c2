package wassist

import "context"

// LinkSession is an invitation to link a WhatsApp account: the customer opens LinkURL.
type LinkSession struct {
	ID      string           `json:"id,omitzero"`
	LinkURL Optional[string] `json:"linkUrl,omitzero"`
	Status  Optional[string] `json:"status,omitzero"`
	Extra   Extra            `json:",embed"`
}

// LinkSessionRequest tells where the customer's browser goes afterwards. An absent member is not sent.
type LinkSessionRequest struct {
	ReturnURL  Optional[string] `json:"returnUrl,omitzero"`
	SuccessURL Optional[string] `json:"successUrl,omitzero"`
}

// LinkSessionsService is the link sessions of the key's organization.
type LinkSessionsService struct{ client *Client }

// Create opens a session. It is never repeated.
func (s *LinkSessionsService) Create(ctx context.Context, r LinkSessionRequest) (LinkSession, error) {
	return fetch[LinkSession](ctx, s.client, post(r, "whatsapp-link-sessions"))
}

// List returns all sessions.
func (s *LinkSessionsService) List(ctx context.Context) ([]LinkSession, error) {
	l, err := readAll(ctx, s.client, func(l LinkSession) string { return l.ID }, "whatsapp-link-sessions")
	return l.items, err
}

// Get returns a session.
func (s *LinkSessionsService) Get(ctx context.Context, id string) (LinkSession, error) {
	return fetch[LinkSession](ctx, s.client, get("whatsapp-link-sessions", id))
}
