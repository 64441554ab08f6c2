package simulator

import "fmt"

// AddNumber stores a phone number and returns its id. The fields are those of
// an answer: number (digits), isSandbox, defaultRouting, defaultWebhook,
// whatsappPhoneNumberId, activeAgent and whatsappBusinessAccount (an object with
// an id, an id, or nil); and conversations, the count of running ones. A number
// that is no sandbox belongs to the first account unless it says otherwise.
func (s *Server) AddNumber(fields map[string]any) string {
	fields = plain(fields)
	s.mu.Lock()
	defer s.mu.Unlock()
	n := &number{ID: text(fields, "id"), AnalyticsEnabled: true}
	if n.ID == "" {
		n.ID = s.newID()
	}
	n.WhatsappID = "1" + text(fields, "number")
	if sandbox, _ := fields["isSandbox"].(bool); !sandbox && len(s.st.Accounts) > 0 {
		n.AccountID = s.st.Accounts[0].ID
	}
	n.set(fields)
	s.st.Numbers = append(s.st.Numbers, n)
	return n.ID
}

// SetNumber changes a phone number as AddNumber sets it.
func (s *Server) SetNumber(digits string, fields map[string]any) error {
	fields = plain(fields)
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.st.numberByDigits(digits)
	if n == nil {
		return fmt.Errorf("simulator: no phone number is %q", digits)
	}
	n.set(fields)
	return nil
}

func (n *number) set(fields map[string]any) {
	if v, sent := fields["activeAgent"]; sent {
		n.AgentID = idIn(v)
		if n.AgentID != "" {
			n.Routing, n.Webhook = routingAgent, nil
		}
	}
	for k, v := range fields {
		switch k {
		case "number":
			n.Digits, _ = v.(string)
		case "whatsappPhoneNumberId":
			n.WhatsappID, _ = v.(string)
		case "isSandbox":
			n.Sandbox, _ = v.(bool)
		case "analyticsEnabled":
			n.AnalyticsEnabled, _ = v.(bool)
		case "defaultWebhook":
			n.Webhook, _ = v.(map[string]any)
		case "whatsappBusinessAccount":
			n.AccountID = idIn(v)
		case "conversations":
			n.Conversations = intIn(v)
		case "defaultRouting":
			n.Routing = v
		}
	}
}

func idIn(v any) string {
	if m, ok := v.(map[string]any); ok {
		return text(m, "id")
	}
	id, _ := v.(string)
	return id
}

func intIn(v any) int {
	n, ok := v.(interface{ Int64() (int64, error) })
	if !ok {
		return 0
	}
	i, _ := n.Int64() // what is no whole number counts as 0
	return int(i)
}

// Numbers returns all phone numbers as the API answers them.
func (s *Server) Numbers() []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []map[string]any{}
	for _, n := range s.st.Numbers {
		out = append(out, s.renderNumber(n))
	}
	return out
}

// Number returns one phone number as the API answers it, nil if there is none.
func (s *Server) Number(digits string) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.st.numberByDigits(digits); n != nil {
		return s.renderNumber(n)
	}
	return nil
}

// AddAccount stores a WhatsApp Business account (name, waId) and returns its
// id.
func (s *Server) AddAccount(fields map[string]any) string {
	fields = plain(fields)
	s.mu.Lock()
	defer s.mu.Unlock()
	acc := &account{ID: text(fields, "id"), Name: fields["name"], WaID: text(fields, "waId"), TemplatesURL: "https://business.example/templates"}
	if acc.ID == "" {
		acc.ID = s.newID()
	}
	s.st.Accounts = append(s.st.Accounts, acc)
	return acc.ID
}
