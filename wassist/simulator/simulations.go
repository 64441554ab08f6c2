package simulator

import "net/http"

// createSimulation opens a test chat with an agent.
func createSimulation(s *Server, c *call) answer {
	data, bad, ok := c.object()
	if !ok {
		return bad
	}
	clean, errs := s.lookup().check([]field{{name: "agent", kind: agentRef, required: true}}, data, nil, false)
	if errs != nil {
		return invalid(errs)
	}
	a := s.st.agentByID(text(clean, "agent"))
	sim := map[string]any{
		"id": s.newID(), "agentId": a.ID, "agentName": a.Fields["name"], "title": "Test chat",
		"messages": []any{}, "createdAt": s.timestamp(), "isProcessing": false,
	}
	s.st.Simulations = append(s.st.Simulations, sim)
	return reply(http.StatusCreated, cloneMap(sim))
}

func getSimulation(s *Server, c *call) answer {
	sim := byID(s.st.Simulations, c.args[0])
	if sim == nil {
		return objectNotFound()
	}
	return reply(http.StatusOK, cloneMap(sim))
}

func listSimulationMessages(s *Server, c *call) answer {
	sim := byID(s.st.Simulations, c.args[0])
	if sim == nil {
		return objectNotFound()
	}
	return reply(http.StatusOK, clone(sim["messages"]))
}

// sendSimulationMessage answers at once: no model runs here, so the agent
// repeats what it was told.
func sendSimulationMessage(s *Server, c *call) answer {
	sim := byID(s.st.Simulations, c.args[0])
	if sim == nil {
		return objectNotFound()
	}
	data, bad, ok := c.object()
	if !ok {
		return bad
	}
	clean, errs := s.lookup().check([]field{
		{name: "content", kind: recordField, required: true, fields: []field{{name: "body", kind: textField, required: true, filled: true}}},
		{name: "messageType", kind: textField, def: "text"},
	}, data, nil, false)
	if errs != nil {
		return invalid(errs)
	}
	body := text(clean["content"].(map[string]any), "body")
	mine := s.message("user", clean["messageType"], body)
	messages, _ := sim["messages"].([]any)
	sim["messages"] = append(messages, mine, s.message("assistant", "text", "You said: "+body))
	return reply(http.StatusCreated, cloneMap(mine))
}

func (s *Server) message(role string, messageType any, body string) map[string]any {
	return map[string]any{
		"id": s.newID(), "role": role, "messageType": messageType,
		"content": map[string]any{"body": body}, "createdAt": s.timestamp(),
	}
}
