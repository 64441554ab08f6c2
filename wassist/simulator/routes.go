package simulator

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

const apiPrefix = "/api/v1/"

// call is one request on its way through a handler.
type call struct {
	r    *http.Request
	args []string // what the pattern's * stood for
	body []byte
	now  time.Time
}

// handler answers a call. It runs under the server's lock.
type handler func(*Server, *call) answer

// route is one path and what it answers. In a pattern, * is one segment and **
// the rest, with or without a slash at the end.
type route struct {
	pattern string
	methods map[string]handler
}

// routesOf lists the paths of a profile. The first pattern that fits wins.
func routesOf(profile string) []route {
	get, post := http.MethodGet, http.MethodPost
	on := func(pattern string, pairs map[string]handler) route { return route{pattern, pairs} }
	both := []route{
		on("whatsapp-accounts/", map[string]handler{get: listAccounts}),
		on("whatsapp-accounts/*/", map[string]handler{get: getAccount}),
		on("whatsapp-accounts/*/phone-numbers/", map[string]handler{get: accountNumbers}),
		on("whatsapp-accounts/*/deploy-agent/", map[string]handler{post: deployAgent}),
		on("whatsapp-accounts/*/add-number/", map[string]handler{post: addNumber}),
		on("whatsapp-accounts/*/proxy/**", map[string]handler{
			get: proxy, post: proxy, http.MethodPut: proxy, http.MethodPatch: proxy, http.MethodDelete: proxy,
		}),
		on("whatsapp-link-sessions/", map[string]handler{get: listLinkSessions, post: createLinkSession}),
		on("whatsapp-link-sessions/*/", map[string]handler{get: getLinkSession}),
	}
	oneAgent := map[string]handler{get: getAgent, http.MethodPut: putAgent, http.MethodDelete: deleteAgent}
	if profile == ProfileDocumented {
		return append(both,
			on("agents/", map[string]handler{get: listAgents, post: createWholeAgent}),
			on("agents/*/", oneAgent),
			on("agents/*/deploy/", map[string]handler{post: deployUnnamed}),
			on("agents/*/share/", map[string]handler{post: shareAgent}),
			on("agents/*/unshare/", map[string]handler{post: unshareAgent}),
		)
	}
	oneAgent[http.MethodPatch] = patchAgent
	return append(both,
		on("agents/", map[string]handler{get: listAgents, post: createAgent}),
		on("agents/byoa/", map[string]handler{post: createByoa}),
		on("agents/*/", oneAgent),
		on("agents/*/duplicate/", map[string]handler{post: duplicateAgent}),
		on("phone-numbers/", map[string]handler{get: listNumbers}),
		on("phone-numbers/*/", map[string]handler{get: getNumber}),
		on("phone-numbers/*/connect-agent/", map[string]handler{post: connectAgent}),
		on("phone-numbers/*/unsubscribe/", map[string]handler{post: unsubscribe}),
		on("whatsapp-link-sessions/*/expire/", map[string]handler{post: expireLinkSession}),
		on("integrations/connectors/", map[string]handler{get: listConnectors}),
		on("simulations/", map[string]handler{post: createSimulation}),
		on("simulations/*/", map[string]handler{get: getSimulation}),
		on("simulations/*/messages/", map[string]handler{get: listSimulationMessages, post: sendSimulationMessage}),
	)
}

// match tells what a path's stars stand for.
func (rt route) match(path string) (args []string, ok bool) {
	want, got := strings.Split(rt.pattern, "/"), strings.Split(path, "/")
	for i, w := range want {
		switch {
		case i >= len(got):
			return nil, false
		case w == "**":
			return append(args, strings.Join(got[i:], "/")), true
		case w == "*" && got[i] != "":
			args = append(args, got[i])
		case w != got[i]:
			return nil, false
		}
	}
	return args, len(got) == len(want)
}

// allowed lists a route's methods as DRF's Allow header does.
func (rt route) allowed() []string {
	out := slices.Sorted(maps.Keys(rt.methods))
	if rt.methods[http.MethodGet] != nil {
		out = append(out, http.MethodHead)
	}
	return append(out, http.MethodOptions)
}

// describe answers OPTIONS as DRF does, without the names of its classes.
func describe(rt route) answer {
	a := reply(http.StatusOK, map[string]any{
		"name": "Wassist", "description": "", "renders": []any{typeJSON}, "parses": []any{typeJSON},
	})
	a.header.Set("Allow", strings.Join(rt.allowed(), ", "))
	return a
}

// dispatch is the API: routing, authentication, throttle, method, handler, in
// DRF's order. It runs under the lock.
func (s *Server) dispatch(in *inbound, now time.Time) answer {
	if in.oversize {
		return tooLarge()
	}
	path, ok := strings.CutPrefix(in.r.URL.Path, apiPrefix)
	if !ok {
		return unknownPath()
	}
	// The vendor's SDK adds the prefix itself. Given the same base URL as
	// everybody else, it doubles it.
	path = strings.TrimPrefix(path, apiPrefix[1:])
	for _, rt := range s.routes {
		if args, ok := rt.match(path); ok {
			return s.handle(rt, &call{r: in.r, args: args, body: in.body, now: now})
		}
	}
	return unknownPath()
}

func (s *Server) handle(rt route, c *call) answer {
	key := c.r.Header.Get("X-Api-Key")
	if key == "" || s.opt.Key != "" && key != s.opt.Key {
		a := detail(http.StatusUnauthorized, "Authentication credentials were not provided.")
		a.header.Set("WWW-Authenticate", "X-API-Key")
		return a
	}
	if wait, ok := s.throttle.allow(key, c.now); !ok {
		return tooMany(s.opt.RetryAfter, wait, c.now)
	}
	method := c.r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if method == http.MethodOptions {
		return describe(rt)
	}
	h := rt.methods[method]
	if h == nil {
		return methodNotAllowed(c.r.Method, rt.allowed())
	}
	a := h(s, c)
	a.header.Set("Allow", strings.Join(rt.allowed(), ", "))
	a.header.Set("X-Content-Type-Options", "nosniff")
	if method != http.MethodGet && a.status < 300 {
		if err := s.save(); err != nil {
			return reply(http.StatusInternalServerError, map[string]any{
				"error": "The change took effect, but the state file was not written: " + err.Error(),
			})
		}
	}
	return a
}

func (s *Server) save() error {
	if s.opt.StateFile == "" {
		return nil
	}
	b, err := s.encodeState()
	if err != nil {
		return err
	}
	return saveState(s.opt.StateFile, b)
}
