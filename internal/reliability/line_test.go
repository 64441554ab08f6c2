package reliability

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// latency of every request. With it, the readings of a run become too old to compute a list from while it writes.
const latency = 4 * time.Second

// line is the way from a run to Wassist. It counts the requests of one run, and puts its fault at one of them.
type line struct {
	server http.RoundTripper
	at     int // the request that the fault meets, from 1; 0 for none
	fault  fault
	// meanwhile, if not nil, is called before request at is handled.
	meanwhile func()

	seen []string // kinds of the requests so far

	strangers []string // hosts that were asked and are not Wassist's

	// keep makes it remember what was asked and answered.
	keep  bool
	calls []call
}

// call is a request with its answer.
type call struct {
	method, path, answer string
	sent, handled        time.Time
	planning             bool
}

// RoundTrip implements [http.RoundTripper].
func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	l.seen = append(l.seen, l.kindOf(r))
	if r.URL.Host != "simulator" {
		l.strangers = append(l.strangers, r.URL.Host)
	}
	sent := time.Now()
	select {
	case <-time.After(latency):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if len(l.seen) == l.at {
		if l.meanwhile != nil {
			l.meanwhile()
		}
		if l.fault.do != nil {
			return l.fault.do(l.server, r)
		}
	}
	if !l.keep {
		return l.server.RoundTrip(r)
	}
	a, err := l.server.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(a.Body)
	a.Body = io.NopCloser(bytes.NewReader(body))
	planning := r.Method == http.MethodGet && !strings.HasSuffix(l.seen[len(l.seen)-1], applying)
	l.calls = append(l.calls, call{r.Method, r.URL.Path, string(body), sent, time.Now(), planning})
	return a, err
}

// applying marks the kind of a reading that no plan is made of.
const applying = ", applying"

// kindOf names what a request is for. Who reads after having looked at the numbers does not plan any more.
func (l *line) kindOf(r *http.Request) string {
	_, path, _ := strings.Cut(r.URL.Path, "/api/v1/")
	parts := strings.Split(strings.Trim(path, "/"), "/")
	kind := r.Method + " /" + parts[0] + "/"
	switch {
	case kind == "GET /integrations/":
		kind += "connectors/"
	case len(parts) > 1:
		kind += "{id}/"
	}
	if len(parts) > 2 {
		kind += parts[2] + "/"
	}
	if r.Method == http.MethodGet && slices.ContainsFunc(l.seen, func(k string) bool { return strings.HasPrefix(k, "GET /phone-numbers/") }) && parts[0] != "whatsapp-accounts" {
		kind += applying
	}
	return kind
}
