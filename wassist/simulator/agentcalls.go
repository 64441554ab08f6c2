package simulator

import (
	"net/http"
	"net/url"
	"slices"
)

// createByoa makes a "bring your own" agent: its webhook is an ordinary tool.
func createByoa(s *Server, c *call) answer {
	data, bad, ok := c.object()
	if !ok {
		return bad
	}
	hook, errs := httpURL(data, "webhookUrl", true)
	if errs != nil {
		return invalid(errs)
	}
	a := s.addAgent(map[string]any{"name": "proxy-bot", "tools": []any{forwardTool(hook)}})
	return reply(http.StatusCreated, s.renderAgent(a))
}

func forwardTool(hook string) map[string]any {
	fixed := func(value string) any {
		return map[string]any{"type": "string", "input": map[string]any{"type": "value", "value": value}}
	}
	return map[string]any{
		"name": "forward_message", "description": "Forwards each message", "active": true, "creditCost": zero,
		"apiSchema": map[string]any{
			"url": hook, "method": http.MethodPost,
			"path_params": map[string]any{}, "request_headers": map[string]any{},
			"query_params": map[string]any{"required": []any{}, "properties": map[string]any{}},
			"request_body": map[string]any{
				"type": "object", "required": []any{"message", "phone_number", "reply_callback"},
				"properties": map[string]any{
					"message": map[string]any{"type": "string", "input": map[string]any{
						"type": "description", "description": "The exact message",
					}},
					"phone_number":   fixed("%PHONE_NUMBER%"),
					"image":          fixed("%IMAGE_URL%"),
					"reply_callback": fixed("%CALLBACK_URL%"),
				},
			},
		},
	}
}

// duplicateAgent copies an agent with new ids, triggers and secrets.
func duplicateAgent(s *Server, c *call) answer {
	a := s.agentOf(c)
	if a == nil {
		return agentNotFound()
	}
	fields := cloneMap(a.Fields)
	fields["name"] = text(fields, "name") + " (Copy)"
	for _, f := range agentFields {
		for _, e := range entriesOf(fields[f.name]) {
			dropServerMade(f.name, e)
		}
		if m, ok := fields[f.name].(map[string]any); ok && f.kind == recordField {
			dropServerMade(f.name, m)
		}
	}
	return reply(http.StatusCreated, s.renderAgent(s.addAgent(fields)))
}

func dropServerMade(list string, e map[string]any) {
	delete(e, "id")
	if list == "outboundTriggers" {
		delete(e, "url")
		delete(e, "secret")
	}
}

// deployUnnamed is POST /agents/{id}/deploy/, of which nothing but its path is
// documented: it names no number, so it changes none.
func deployUnnamed(s *Server, c *call) answer {
	return getAgent(s, c)
}

// shareAgent remembers whom an agent was shared with.
func shareAgent(s *Server, c *call) answer {
	return s.share(c, func(a *agent, number string) {
		if !slices.Contains(a.Shared, number) {
			a.Shared = append(a.Shared, number)
		}
	})
}

func unshareAgent(s *Server, c *call) answer {
	return s.share(c, func(a *agent, number string) {
		a.Shared = slices.DeleteFunc(a.Shared, func(n string) bool { return n == number })
	})
}

func (s *Server) share(c *call, change func(a *agent, number string)) answer {
	a := s.agentOf(c)
	if a == nil {
		return agentNotFound()
	}
	data, bad, ok := c.object()
	if !ok {
		return bad
	}
	clean, errs := s.lookup().check([]field{{name: "userPhoneNumber", kind: textField, required: true, filled: true}}, data, nil, false)
	if errs != nil {
		return invalid(errs)
	}
	change(a, text(clean, "userPhoneNumber"))
	return reply(http.StatusOK, s.renderAgent(a))
}

// httpURL reads an absolute http or https URL from a body.
func httpURL(data map[string]any, name string, required bool) (string, map[string]any) {
	clean, errs := lookup{}.check([]field{{name: name, kind: textField, required: required, filled: required, def: ""}}, data, nil, false)
	if errs != nil {
		return "", errs
	}
	s := text(clean, name)
	if u, err := url.Parse(s); s != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return "", map[string]any{name: []any{"Enter a valid URL."}}
	}
	return s, nil
}
