package serve

import (
	"net"
	"net/http"
	"strings"
)

// meant tells whether a request that came in over loopback asks for this machine.
// A site elsewhere can point its own name at 127.0.0.1 (DNS rebinding), and what its
// script then reads would be the plan with its prompts: to the browser, the two are
// one site. No such name is an address or localhost.
func meant(r *http.Request) bool {
	at, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok || !at.IP.IsLoopback() || r.Host == "" {
		return true
	}
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || net.ParseIP(strings.Trim(host, "[]")) != nil
}
