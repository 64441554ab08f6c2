package simulator

import (
	"net/http"
	"slices"
)

func listAccounts(s *Server, c *call) answer {
	items := []any{}
	for _, acc := range s.st.Accounts {
		items = append(items, s.renderAccount(acc))
	}
	return s.list(c, items)
}

// accountOf finds the account that a path names.
func (s *Server) accountOf(c *call) (*account, answer, bool) {
	id, _ := parseUUID(c.args[0])
	acc := s.st.accountByID(id)
	if acc == nil {
		return nil, objectNotFound(), false
	}
	return acc, answer{}, true
}

func getAccount(s *Server, c *call) answer {
	acc, bad, ok := s.accountOf(c)
	if !ok {
		return bad
	}
	return reply(http.StatusOK, s.renderAccount(acc))
}

// accountNumbers lists what Meta knows about an account, in Meta's mixed case.
func accountNumbers(s *Server, c *call) answer {
	acc, bad, ok := s.accountOf(c)
	if !ok {
		return bad
	}
	items := []any{}
	for _, n := range s.st.Numbers {
		if n.AccountID == acc.ID {
			items = append(items, map[string]any{
				"id": n.WhatsappID, "display_phone_number": displayed(n.Digits), "verified_name": acc.Name,
				"isLinkedToWassist": true, "wassistPhoneNumberId": n.ID,
			})
		}
	}
	for _, o := range acc.Offered {
		items = append(items, map[string]any{
			"id": o.WhatsappID, "display_phone_number": displayed(o.Digits), "verified_name": o.Name,
			"isLinkedToWassist": false,
		})
	}
	return reply(http.StatusOK, map[string]any{"data": items})
}

// displayed writes a number with the spaces that Meta puts into it. Only the
// seed's numbering plan is known here.
func displayed(digits string) string {
	if len(digits) == 12 && digits[:2] == "44" {
		return "+44 " + digits[2:6] + " " + digits[6:]
	}
	return "+" + digits
}

// deployAgent sets who answers a number, for API generations without phone
// numbers of their own. Both ids are Wassist's.
func deployAgent(s *Server, c *call) answer {
	acc, bad, ok := s.accountOf(c)
	if !ok {
		return bad
	}
	data, bad, ok := c.object()
	if !ok {
		return bad
	}
	clean, errs := s.lookup().check([]field{agentIDField, {name: "phoneNumberId", kind: uuidField, required: true}}, data, nil, false)
	if errs != nil {
		return invalid(errs)
	}
	a := s.st.agentByID(text(clean, "agentId"))
	if a == nil {
		return agentNotFound()
	}
	for _, n := range s.st.Numbers {
		if n.ID == clean["phoneNumberId"] && n.AccountID == acc.ID {
			n.AgentID, n.Routing, n.Webhook = a.ID, routingAgent, nil
			s.logRouting("deploy-agent", n, nil)
			return reply(http.StatusOK, s.renderAccount(acc))
		}
	}
	return coded(http.StatusNotFound, "Phone number not found", "not_found")
}

// addNumber links one of the numbers that accountNumbers shows as not linked.
func addNumber(s *Server, c *call) answer {
	acc, bad, ok := s.accountOf(c)
	if !ok {
		return bad
	}
	data, bad, ok := c.object()
	if !ok {
		return bad
	}
	clean, errs := s.lookup().check([]field{
		{name: "id", kind: textField, required: true, filled: true},
		{name: "name", kind: textField, required: true, filled: true},
	}, data, nil, false)
	if errs != nil {
		return invalid(errs)
	}
	i := slices.IndexFunc(acc.Offered, func(o offered) bool { return o.WhatsappID == clean["id"] })
	if i < 0 {
		return objectNotFound()
	}
	o := acc.Offered[i]
	acc.Offered = slices.Delete(acc.Offered, i, i+1)
	s.st.Numbers = append(s.st.Numbers, &number{
		ID: s.newID(), Digits: o.Digits, WhatsappID: o.WhatsappID, AccountID: acc.ID, AnalyticsEnabled: true,
	})
	return reply(http.StatusOK, s.renderAccount(acc))
}

// proxy stands for Meta's WhatsApp Business API: it answers what it was asked.
func proxy(s *Server, c *call) answer {
	if _, bad, ok := s.accountOf(c); !ok {
		return bad
	}
	body, _ := decode(c.body) // nil when it is not JSON: Meta takes other types too
	return reply(http.StatusOK, map[string]any{
		"path": c.args[1], "method": c.r.Method, "query": c.r.URL.RawQuery, "body": body,
	})
}
