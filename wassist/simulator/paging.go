package simulator

import (
	"net/http"
	"strconv"
)

// realHost is the host in next and previous, whoever serves the request: the
// API's links are not to be relied on, and neither are these.
const realHost = "https://backend.wassist.app"

// envelope answers one page in DRF's LimitOffsetPagination: a limit that is
// missing or no positive number becomes the default, one that is too large the
// maximum, a bad offset 0.
func (s *Server) envelope(c *call, items []any) answer {
	q := c.r.URL.Query()
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil || limit <= 0 {
		limit = s.opt.PageDefault
	}
	limit = min(limit, s.opt.PageMax)
	offset, err := strconv.Atoi(q.Get("offset"))
	if err != nil || offset < 0 {
		offset = 0
	}
	count := len(items)
	link := func(offset int) string {
		q := c.r.URL.Query()
		q.Set("limit", strconv.Itoa(limit))
		q.Set("offset", strconv.Itoa(offset))
		if offset <= 0 {
			q.Del("offset")
		}
		return realHost + c.r.URL.Path + "?" + q.Encode()
	}
	out := map[string]any{"count": count, "next": nil, "previous": nil, "results": []any{}}
	if offset+limit < count {
		out["next"] = link(offset + limit)
	}
	if offset > 0 {
		out["previous"] = link(offset - limit)
	}
	if offset < count {
		out["results"] = items[offset:min(offset+limit, count)]
	}
	return reply(http.StatusOK, out)
}

// list answers one of the lists that are bare arrays, or an envelope if
// Options.Shapes wants it.
func (s *Server) list(c *call, items []any) answer {
	if s.opt.Shapes == ShapesEnvelope {
		return s.envelope(c, items)
	}
	return reply(http.StatusOK, items)
}
