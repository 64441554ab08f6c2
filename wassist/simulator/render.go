package simulator

import "encoding/json"

// renderAgent is an agent as the API answers it, with everything that is
// computed.
func (s *Server) renderAgent(a *agent) map[string]any {
	out := cloneMap(a.Fields)
	out["id"] = a.ID
	out["createdAt"] = a.CreatedAt
	out["organization"] = cloneMap(s.st.Organization)
	out["connectUrl"] = "https://wa.me/" + s.sandboxNumber() + "?text=/connect:" + a.ID
	out["phoneNumbers"] = s.numbersOf(a.ID)
	for _, e := range entriesOf(out["handoffTools"]) {
		e["parentAgentId"] = a.ID
		e["childAgentName"] = ""
		if child := s.st.anyAgent(text(e, "childAgentId")); child != nil {
			e["childAgentName"] = child.Fields["name"]
		}
	}
	for _, e := range entriesOf(out["mcpConfigs"]) {
		e["connectorName"] = ""
		if c := byID(s.st.Connectors, text(e, "connectorId")); c != nil {
			e["connectorName"] = c["name"]
		}
	}
	if s.opt.OmitDefaults {
		for _, f := range agentFields {
			if f.kind == entriesField {
				omitDefaults(entriesOf(out[f.name]))
			}
		}
	}
	return out
}

func omitDefaults(entries []map[string]any) {
	for _, e := range entries {
		for _, key := range []string{"active", "enabled"} {
			if e[key] == true {
				delete(e, key)
			}
		}
		if e["creditCost"] == json.Number("0") {
			delete(e, "creditCost")
		}
	}
}

func (s *Server) sandboxNumber() string {
	for _, n := range s.st.Numbers {
		if n.Sandbox {
			return n.Digits
		}
	}
	return sandboxDigits
}

// numbersOf lists the numbers that an agent answers, in the form they have
// inside an agent.
func (s *Server) numbersOf(agentID string) []any {
	out := []any{}
	for _, n := range s.st.Numbers {
		if n.AgentID != agentID {
			continue
		}
		m := map[string]any{
			"whatsappPhoneNumberId": n.WhatsappID, "phoneNumber": n.Digits,
			"whatsappBusinessAccountId": nil, "wabaId": nil,
		}
		if acc := s.st.accountByID(n.AccountID); acc != nil {
			m["whatsappBusinessAccountId"], m["wabaId"] = acc.WaID, acc.ID
		}
		out = append(out, m)
	}
	return out
}

// renderNumber is a phone number as the API answers it.
func (s *Server) renderNumber(n *number) map[string]any {
	out := map[string]any{
		"id": n.ID, "number": n.Digits, "whatsappPhoneNumberId": n.WhatsappID,
		"whatsappBusinessAccount": nil, "activeAgent": nil,
		"defaultRouting": n.Routing, "defaultWebhook": nil,
		"isSandbox": n.Sandbox, "analyticsEnabled": n.AnalyticsEnabled,
	}
	if acc := s.st.accountByID(n.AccountID); acc != nil {
		out["whatsappBusinessAccount"] = map[string]any{"id": acc.ID, "name": acc.Name, "waId": acc.WaID}
	}
	if a := s.st.anyAgent(n.AgentID); a != nil {
		out["activeAgent"] = map[string]any{
			"id": a.ID, "name": a.Fields["name"], "icebreakers": clone(a.Fields["icebreakers"]),
		}
	}
	if n.Webhook != nil {
		out["defaultWebhook"] = cloneMap(n.Webhook)
	}
	return out
}

// renderAccount is a WhatsApp Business account as the API answers it; here an
// agent is called bot.
func (s *Server) renderAccount(acc *account) map[string]any {
	numbers := []any{}
	for _, n := range s.st.Numbers {
		if n.AccountID != acc.ID {
			continue
		}
		var bot any
		if a := s.st.anyAgent(n.AgentID); a != nil {
			bot = map[string]any{"id": a.ID, "name": a.Fields["name"]}
		}
		numbers = append(numbers, map[string]any{
			"id": n.ID, "number": n.Digits, "bot": bot,
			"waba": map[string]any{"id": acc.ID, "name": acc.Name},
		})
	}
	return map[string]any{
		"id": acc.ID, "name": acc.Name, "waId": acc.WaID,
		"phoneNumbers": numbers, "templatesUrl": acc.TemplatesURL,
	}
}
