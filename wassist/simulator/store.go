package simulator

import (
	"slices"
	"strings"
)

// lookup gives validation what it needs to know.
func (s *Server) lookup() lookup {
	return lookup{
		agent:     func(id string) bool { return s.st.agentByID(id) != nil },
		connector: func(id string) bool { return byID(s.st.Connectors, id) != nil },
	}
}

// addAgent stores a new agent with validated or trusted values laid over the
// defaults.
func (s *Server) addAgent(clean map[string]any) *agent {
	a := &agent{ID: s.newID(), CreatedAt: s.timestamp(), Fields: cloneMap(readOnlyFields)}
	for _, f := range agentFields {
		a.Fields[f.name] = clone(f.def)
	}
	s.st.Agents = append(s.st.Agents, a)
	s.apply(a, clean)
	return a
}

// apply lays validated values over an agent.
func (s *Server) apply(a *agent, clean map[string]any) {
	for _, f := range agentFields {
		v, sent := clean[f.name]
		if !sent {
			continue
		}
		if s.opt.TrimText {
			v = trimmed(f, v)
		}
		a.Fields[f.name] = s.merge(f, v, a.Fields[f.name])
	}
}

// merge is the stored form of a new value. Nested lists are diffed by id: an
// entry with an id takes the place of the stored one and keeps what the
// server made for it, one without is new, and what is left out is gone.
func (s *Server) merge(f field, v, stored any) any {
	switch f.kind {
	case entriesField:
		list := entriesOf(v)
		out := make([]any, 0, len(list))
		for _, e := range list {
			merged := s.mergeEntry(f.name, e, byID(entriesOf(stored), text(e, "id")))
			if i := slices.IndexFunc(out, func(o any) bool { return o.(map[string]any)["id"] == merged["id"] }); i >= 0 {
				out[i] = merged // one id twice is one entry, written twice
				continue
			}
			out = append(out, merged)
		}
		return out
	case recordField:
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		now, _ := stored.(map[string]any)
		return s.overlay(m, now)
	}
	return v
}

func (s *Server) mergeEntry(list string, e, stored map[string]any) map[string]any {
	out := s.overlay(e, stored)
	switch list {
	case "outboundTriggers":
		if text(out, "url") == "" {
			out["url"] = "https://outbound.example/t/" + s.newID()
		}
		if text(out, "secret") == "" {
			out["secret"] = s.newSecret()
		}
	case "tools":
		if schema, ok := out["apiSchema"].(map[string]any); ok && s.opt.FillDefaults {
			fillSchema(schema)
		}
	}
	return out
}

// overlay lays new values over stored ones, and makes an id if there is none.
func (s *Server) overlay(v, stored map[string]any) map[string]any {
	out := cloneMap(stored)
	for k, e := range v {
		out[k] = e
	}
	if text(out, "id") == "" {
		out["id"] = s.newID()
	}
	return out
}

// fillSchema adds the empty wrappers that an apiSchema leaves out.
func fillSchema(schema map[string]any) {
	wrapper := func(m map[string]any, key string, v any) {
		if m[key] == nil {
			m[key] = v
		}
	}
	empty := func() map[string]any { return map[string]any{} }
	wrapper(schema, "path_params", empty())
	wrapper(schema, "request_headers", empty())
	wrapper(schema, "query_params", empty())
	if method := strings.ToUpper(text(schema, "method")); method != "" && method != "GET" {
		wrapper(schema, "request_body", map[string]any{"type": "object"})
	}
	for _, key := range []string{"query_params", "request_body"} {
		if m, ok := schema[key].(map[string]any); ok {
			wrapper(m, "required", []any{})
			wrapper(m, "properties", empty())
		}
	}
}

// trimmed removes the white space around texts, as DRF's CharField does
// unless it is told otherwise. An apiSchema is not made of such fields.
func trimmed(f field, v any) any {
	switch v := v.(type) {
	case string:
		if f.kind == textField {
			return strings.TrimSpace(v)
		}
	case []any:
		out := slices.Clone(v)
		for i, e := range out {
			switch f.kind {
			case wordsField:
				out[i] = trimmed(field{}, e)
			case entriesField:
				out[i] = trimmed(field{kind: recordField, fields: f.fields}, e)
			}
		}
		return out
	case map[string]any:
		if f.kind != recordField {
			return v
		}
		out := cloneMap(v)
		for _, inner := range f.fields {
			if e, ok := out[inner.name]; ok {
				out[inner.name] = trimmed(inner, e)
			}
		}
		return out
	}
	return v
}
