package simulator

import (
	"net/http"
	"slices"
)

// agentOf finds the agent that a path names.
func (s *Server) agentOf(c *call) *agent {
	id, _ := parseUUID(c.args[0])
	return s.st.agentByID(id)
}

// listAgents answers all agents, newest first. The API documents no order.
func listAgents(s *Server, c *call) answer {
	items := []any{}
	for _, a := range slices.Backward(s.st.Agents) {
		if !a.Deleted {
			items = append(items, s.renderAgent(a))
		}
	}
	return s.envelope(c, items)
}

func getAgent(s *Server, c *call) answer {
	a := s.agentOf(c)
	if a == nil {
		return agentNotFound()
	}
	return reply(http.StatusOK, s.renderAgent(a))
}

// createAgent reads the name and nothing else.
func createAgent(s *Server, c *call) answer {
	name, _ := fieldNamed("name")
	return s.create(c, []field{name})
}

// createWholeAgent reads everything that PUT reads.
func createWholeAgent(s *Server, c *call) answer { return s.create(c, agentFields) }

func (s *Server) create(c *call, fields []field) answer {
	data, bad, ok := c.object()
	if !ok {
		return bad
	}
	clean, errs := s.lookup().check(fields, data, nil, false)
	if errs != nil {
		return invalid(errs)
	}
	return reply(http.StatusCreated, s.renderAgent(s.addAgent(clean)))
}

// patchAgent changes the fields that were sent.
func patchAgent(s *Server, c *call) answer {
	return s.write(c, func(f field) bool {
		return f.putOnly() || s.opt.DropListsOnPatch && f.kind == entriesField
	}, false)
}

// putAgent replaces the agent, or with PutResets off the fields that were
// sent. The name is required either way.
func putAgent(s *Server, c *call) answer {
	return s.write(c, func(f field) bool {
		return s.opt.DropListsOnPut && f.kind == entriesField || slices.Contains(s.opt.PutIgnores, f.name)
	}, true)
}

// write is PATCH and PUT: what is read only for the method is ignored without
// a look at it.
func (s *Server) write(c *call, readOnly func(field) bool, put bool) answer {
	a := s.agentOf(c)
	if a == nil {
		return agentNotFound()
	}
	data, bad, ok := c.object()
	if !ok {
		return bad
	}
	fields := slices.DeleteFunc(slices.Clone(agentFields), readOnly)
	clean, errs := s.lookup().check(fields, data, a.Fields, true)
	if _, named := data["name"]; put && !named {
		if errs == nil {
			errs = map[string]any{}
		}
		errs["name"] = []any{isRequired}
	}
	if errs != nil {
		return invalid(errs)
	}
	if put && s.opt.PutResets {
		for _, f := range fields {
			if _, sent := clean[f.name]; !sent {
				clean[f.name] = clone(f.def)
			}
		}
	}
	s.apply(a, clean)
	return reply(http.StatusOK, s.renderAgent(a))
}

// deleteAgent is soft: the agent is kept, and shown nowhere.
func deleteAgent(s *Server, c *call) answer {
	a := s.agentOf(c)
	if a == nil {
		return agentNotFound()
	}
	s.remove(a)
	return noContent()
}

func (s *Server) remove(a *agent) {
	a.Deleted = true
	if s.opt.DeleteKeepsNumbers {
		return
	}
	for _, n := range s.st.Numbers {
		if n.AgentID == a.ID {
			n.AgentID = ""
		}
	}
}
