package simulator

import (
	"maps"
	"net/http"
	"slices"
)

func listLinkSessions(s *Server, c *call) answer {
	items := []any{}
	for _, l := range slices.Backward(s.st.LinkSessions) {
		items = append(items, cloneMap(l))
	}
	return s.list(c, items)
}

func createLinkSession(s *Server, c *call) answer {
	data, bad, ok := c.object()
	if !ok {
		return bad
	}
	success, errs := httpURL(data, "successUrl", false)
	back, more := httpURL(data, "returnUrl", false)
	if errs != nil || more != nil {
		all := map[string]any{}
		maps.Copy(all, errs)
		maps.Copy(all, more)
		return invalid(all)
	}
	id := s.newID()
	l := map[string]any{
		"id": id, "successUrl": success, "returnUrl": back, "status": "PENDING",
		"linkUrl": "https://wassist.app/link/" + id,
	}
	s.st.LinkSessions = append(s.st.LinkSessions, l)
	return reply(http.StatusCreated, cloneMap(l))
}

func getLinkSession(s *Server, c *call) answer {
	l := byID(s.st.LinkSessions, c.args[0])
	if l == nil {
		return objectNotFound()
	}
	return reply(http.StatusOK, cloneMap(l))
}

func expireLinkSession(s *Server, c *call) answer {
	l := byID(s.st.LinkSessions, c.args[0])
	if l == nil {
		return objectNotFound()
	}
	l["status"] = "EXPIRED"
	return reply(http.StatusOK, cloneMap(l))
}

func listConnectors(s *Server, c *call) answer {
	items := []any{}
	for _, m := range s.st.Connectors {
		items = append(items, cloneMap(m))
	}
	return s.list(c, items)
}
