package simulator

import (
	"fmt"
	"slices"
)

// The methods in this file change the state without HTTP, for tests: they are
// not throttled, not logged, and reach the state file with the next request
// that changes something. Values may be any that encoding/json takes; one that
// it does not take panics.

// AddAgent stores an agent with these fields over the defaults, and returns
// its id. Nothing is validated. Ids, trigger URLs and secrets are made where
// they are missing; id and createdAt may be given. Unknown fields are stored and
// answered.
func (s *Server) AddAgent(fields map[string]any) string {
	fields = plain(fields)
	s.mu.Lock()
	defer s.mu.Unlock()
	// Ids that are given are kept: merge takes them from the new entries.
	a := s.addAgent(fillEntries(fields))
	if id := text(fields, "id"); id != "" {
		a.ID = id
	}
	if at := text(fields, "createdAt"); at != "" {
		a.CreatedAt = at
	}
	for k, v := range fields {
		_, known := fieldNamed(k)
		if !known && !slices.Contains(computedFields, k) {
			a.Fields[k] = v
		}
	}
	return a.ID
}

// computedFields are never stored: every answer makes them anew.
var computedFields = []string{"id", "createdAt", "organization", "connectUrl", "phoneNumbers"}

// fillEntries gives entries and records the defaults of what they leave out.
func fillEntries(fields map[string]any) map[string]any {
	for _, f := range agentFields {
		objects := entriesOf(fields[f.name])
		if m, ok := fields[f.name].(map[string]any); ok && f.kind == recordField {
			objects = append(objects, m)
		}
		for _, e := range objects {
			for _, inner := range f.fields {
				if _, set := e[inner.name]; !set {
					e[inner.name] = clone(inner.def)
				}
			}
		}
	}
	return fields
}

// Agent returns an agent as the API answers it, nil if there is none.
func (s *Server) Agent(id string) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.st.agentByID(id); a != nil {
		return s.renderAgent(a)
	}
	return nil
}

// Agents returns all agents as the API answers them, newest first.
func (s *Server) Agents() []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []map[string]any{}
	for _, a := range slices.Backward(s.st.Agents) {
		if !a.Deleted {
			out = append(out, s.renderAgent(a))
		}
	}
	return out
}

// EditAgent changes fields of an agent as a person does in the web interface:
// validated and diffed like a PATCH that drops nothing.
func (s *Server) EditAgent(id string, fields map[string]any) error {
	fields = plain(fields)
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.st.agentByID(id)
	if a == nil {
		return fmt.Errorf("simulator: no agent has the id %q", id)
	}
	clean, errs := s.lookup().check(agentFields, fields, a.Fields, true)
	if errs != nil {
		b, _ := encode(errs)
		return fmt.Errorf("simulator: the edit is not valid: %s", b)
	}
	s.apply(a, clean)
	return nil
}

// RemoveAgent deletes an agent, and tells whether it was there.
func (s *Server) RemoveAgent(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.st.agentByID(id)
	if a == nil {
		return false
	}
	s.remove(a)
	return true
}

// AddConnector stores a connector and returns its id. name is expected; the
// rest has defaults.
func (s *Server) AddConnector(fields map[string]any) string {
	fields = plain(fields)
	s.mu.Lock()
	defer s.mu.Unlock()
	m := map[string]any{
		"description": "", "url": "https://mcp.example/mcp", "status": "CONNECTED",
		"slug": "", "logo": nil, "knownTools": []any{},
	}
	m = s.overlay(fields, m)
	s.st.Connectors = append(s.st.Connectors, m)
	return text(m, "id")
}

// State returns the whole state in the form of the state file. It holds
// secrets in clear.
func (s *Server) State() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.encodeState()
	if err != nil { // every value in it came from JSON
		panic(fmt.Sprintf("simulator: encoding the state: %v", err))
	}
	return b
}
