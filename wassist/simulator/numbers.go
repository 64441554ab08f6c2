package simulator

import (
	"net/http"
	"regexp"
)

// Routings of a number.
const (
	routingAgent   = "agent"
	routingWebhook = "webhook"
)

// Routing is one change of who answers a number, made over HTTP.
type Routing struct {
	// Call is connect-agent, unsubscribe or deploy-agent.
	Call   string
	Number string // digits
	// AgentID is the new agent, "" for none.
	AgentID string
	// ApplyToExisting is what was sent, nil when it was left out.
	ApplyToExisting *bool
	// SessionsCleared counts the running conversations that were moved and lost
	// their session. Left out, applyToExisting counts as true.
	SessionsCleared int
}

// Routings returns all changes of routing since the server was made, oldest
// first.
func (s *Server) Routings() []Routing {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Routing(nil), s.routings...)
}

// digitsForm is the form of a number in a path; anything else is an unknown
// path.
var digitsForm = regexp.MustCompile(`^[0-9]{1,15}$`)

// numberOf finds the number that a path names.
func (s *Server) numberOf(c *call) (*number, answer, bool) {
	if !digitsForm.MatchString(c.args[0]) {
		return nil, unknownPath(), false
	}
	n := s.st.numberByDigits(c.args[0])
	if n == nil {
		return nil, objectNotFound(), false
	}
	return n, answer{}, true
}

func listNumbers(s *Server, c *call) answer {
	items := []any{}
	for _, n := range s.st.Numbers {
		items = append(items, s.renderNumber(n))
	}
	return s.list(c, items)
}

func getNumber(s *Server, c *call) answer {
	n, bad, ok := s.numberOf(c)
	if !ok {
		return bad
	}
	return reply(http.StatusOK, s.renderNumber(n))
}

var (
	agentIDField         = field{name: "agentId", kind: uuidField, required: true}
	applyToExistingField = field{name: "applyToExisting", kind: flagField}
)

// connectAgent takes effect at once, and drops the number's webhook.
func connectAgent(s *Server, c *call) answer {
	n, clean, bad, ok := s.routingCall(c, agentIDField, applyToExistingField)
	if !ok {
		return bad
	}
	a := s.st.agentByID(text(clean, "agentId"))
	if a == nil {
		return agentNotFound()
	}
	n.AgentID, n.Routing, n.Webhook = a.ID, routingAgent, nil
	s.logRouting("connect-agent", n, clean)
	return reply(http.StatusOK, s.renderNumber(n))
}

// unsubscribe drops the number's agent and webhook.
func unsubscribe(s *Server, c *call) answer {
	n, clean, bad, ok := s.routingCall(c, applyToExistingField)
	if !ok {
		return bad
	}
	n.AgentID, n.Routing, n.Webhook = "", nil, nil
	s.logRouting("unsubscribe", n, clean)
	return reply(http.StatusOK, s.renderNumber(n))
}

// routingCall does what the calls that route a number have in common.
func (s *Server) routingCall(c *call, fields ...field) (*number, map[string]any, answer, bool) {
	n, bad, ok := s.numberOf(c)
	if !ok {
		return nil, nil, bad, false
	}
	if n.Sandbox {
		return nil, nil, sandboxRefused(), false
	}
	data, bad, ok := c.object()
	if !ok {
		return nil, nil, bad, false
	}
	clean, errs := s.lookup().check(fields, data, nil, true)
	for _, f := range fields {
		if _, sent := data[f.name]; f.required && !sent {
			if errs == nil {
				errs = map[string]any{}
			}
			errs[f.name] = []any{isRequired}
		}
	}
	if errs != nil {
		return nil, nil, invalid(errs), false
	}
	return n, clean, answer{}, true
}

func sandboxRefused() answer {
	return reply(http.StatusBadRequest, map[string]any{"error": "Sandbox numbers cannot be routed with an API key."})
}

func (s *Server) logRouting(callName string, n *number, clean map[string]any) {
	r := Routing{Call: callName, Number: n.Digits, AgentID: n.AgentID, SessionsCleared: n.Conversations}
	if apply, sent := clean["applyToExisting"].(bool); sent {
		r.ApplyToExisting = &apply
		if !apply {
			r.SessionsCleared = 0
		}
	}
	s.routings = append(s.routings, r)
}
