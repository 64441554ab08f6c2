package wassist

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestKeysThatCannotBe(t *testing.T) {
	for _, key := range []string{"", " ", "CANARY key", "CANARY\n", "CANARY\r\nX-Evil: 1", "CANARY\x00", "CANARYä", "\tCANARY"} {
		c, err := New(key)
		if err == nil || c != nil {
			t.Errorf("%q was accepted", key)
		} else if strings.Contains(err.Error(), "CANARY") || !strings.Contains(err.Error(), "WASSIST_API_KEY") {
			t.Errorf("err = %v", err)
		}
	}
}

func TestOptionsThatCannotBe(t *testing.T) {
	for name, tc := range map[string]struct {
		option Option
		want   string
	}{
		"no scheme":      {WithBaseURL("backend.wassist.app/api/v1/"), "must start with https:// or http://"},
		"another scheme": {WithBaseURL("ftp://x/"), `not with "ftp"`},
		"no host":        {WithBaseURL("https:///api"), "no host"},
		"only a port":    {WithBaseURL("https://:80/api"), "no host"},
		"a user":         {WithBaseURL("https://u:CANARY@x/"), "user or a password"},
		"a query":        {WithBaseURL("https://x/?a=CANARY"), "query"},
		"an empty query": {WithBaseURL("https://x/?"), "query"},
		"two slashes":    {WithBaseURL("https://x//api/v1/"), "two slashes"},
		"a fragment":     {WithBaseURL("https://x/#CANARY"), "fragment"},
		"no URL":         {WithBaseURL("https://CANARY\x00"), "cannot be read"},
		"empty":          {WithBaseURL(""), "must start with"},
		"no client":      {WithHTTPClient(nil), "nil"},
		"no rate":        {WithRate(0, time.Minute), "0 requests in 1m0s"},
		"no limiter":     {WithLimiter(nil), "nil"},
		"no agent":       {WithUserAgent(""), "user agent"},
		"a bad agent":    {WithUserAgent("a\nb"), "user agent"},
		"no logger":      {WithLogger(nil), "nil"},
		"no timeout":     {WithTimeout(0), "must be positive, not 0s"},
		"no attempt":     {WithMaxAttempts(0), "at least one attempt"},
		"no 429":         {WithMaxRateLimited(0), "must be positive"},
		"no observer":    {WithObserver(nil), "nil"},
		"no scrub":       {WithScrub(nil), "nil"},
		"no jitter":      {WithJitter(nil), "nil"},
	} {
		c, err := New(testKey, tc.option)
		if err == nil || c != nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: the error shows too much: %v", name, err)
		}
	}
}

func TestBaseURLs(t *testing.T) {
	for base, want := range map[string]string{
		"http://127.0.0.1:8787/api/v1": "http://127.0.0.1:8787/api/v1/agents/a1/",
		"https://x.example/api/v1/":    "https://x.example/api/v1/agents/a1/",
		"https://x.example":            "https://x.example/agents/a1/",
		"https://x.example/a%2Fb":      "https://x.example/a%2Fb/agents/a1/",
		"http://[::1]:1/api/v1/":       "http://[::1]:1/api/v1/agents/a1/",
	} {
		var got string
		c := newClient(t, &fake{answer: func(_ int, r *http.Request) (*canned, error) {
			got = r.URL.String()
			return reply(200, oneAgent)
		}}, WithBaseURL(base))
		if _, err := c.Agents.Get(t.Context(), "a1"); err != nil || got != want {
			t.Errorf("%s: %s, %v", base, got, err)
		}
	}
	c, err := New(testKey)
	if err != nil || c.base.String() != DefaultBaseURL || c.Host() != "backend.wassist.app" {
		t.Errorf("%v, %v", c, err)
	}
}

func TestAClientIsNotPrinted(t *testing.T) {
	c := newClient(t, &fake{})
	c.AddSecrets("REGISTERED-CANARY")
	var shown bytes.Buffer
	for _, v := range []any{c, *c, c.Agents, *c.Agents, []any{c}, struct{ C *Client }{c}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			fmt.Fprintf(&shown, verb, v)
		}
	}
	slog.New(slog.NewJSONHandler(&shown, nil)).Info("m", "c", c)
	slog.New(slog.NewTextHandler(&shown, nil)).Info("m", "c", c)
	if strings.Contains(shown.String(), "CANARY") || strings.Contains(shown.String(), fmt.Sprintf("%x", "CANARY")) {
		t.Errorf("shown: %s", shown.String())
	}
	want := "wassist client of backend.wassist.app"
	if c.String() != want || fmt.Sprintf("%#v", c) != want || c.GoString() != want {
		t.Errorf("String() = %q", c)
	}
}

func TestAGivenHTTPClientIsLeftAlone(t *testing.T) {
	server := &fake{answer: always(200, oneAgent)}
	hc := &http.Client{Transport: server, Timeout: time.Nanosecond}
	c, err := New(testKey, WithHTTPClient(hc))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Agents.Get(t.Context(), "a1"); err != nil {
		t.Error(err)
	}
	if hc.Transport != server || hc.Timeout != time.Nanosecond || hc.CheckRedirect != nil || hc.Jar != nil {
		t.Error("the given client was changed")
	}
	c, err = New(testKey, WithHTTPClient(&http.Client{}))
	if err != nil || c.transport == nil || c.transport == http.DefaultTransport {
		t.Errorf("a client without a transport: %v, %v", c, err)
	}
}

func TestClientsCanShareALimiter(t *testing.T) {
	l, err := NewLimiter(7, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	a, b := newClient(t, &fake{answer: always(200, oneAgent)}, WithLimiter(l)), newClient(t, &fake{answer: always(200, oneAgent)}, WithLimiter(l))
	for range 3 {
		for _, c := range []*Client{a, b} {
			if _, err := c.Agents.Get(t.Context(), "a1"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if a.Limiter() != l || len(l.ledger.resting) != 6 || a.Requests() != 3 {
		t.Errorf("%d tokens rest, %d requests of the first client", len(l.ledger.resting), a.Requests())
	}
}
