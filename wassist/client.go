package wassist

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
)

// Client speaks to the API with one key. It is safe for concurrent use. Its services stand for the API's
// resources.
type Client struct {
	Agents           *AgentsService
	PhoneNumbers     *PhoneNumbersService
	WhatsAppAccounts *WhatsAppAccountsService
	LinkSessions     *LinkSessionsService
	Connectors       *ConnectorsService
	Simulations      *SimulationsService

	base        *url.URL // its path ends in a slash
	transport   http.RoundTripper
	authorize   func(http.Header) // holds the key, which a printed Client must not show
	limiter     *Limiter
	userAgent   string
	logger      *slog.Logger
	observe     func(Event)
	scrub       *scrubber
	timeout     time.Duration
	maxAttempts int
	max429      int
	maxAnswer   int            // bytes of a 2xx body
	jitter      func() float64 // in [0, 1)
	requests    *atomic.Int64
	halvings    *atomic.Int32 // of pageSize; see smallerPages
}

// errNoKey and errBadKey do not show the key.
var (
	errNoKey  = errors.New("the API key is empty: set WASSIST_API_KEY")
	errBadKey = errors.New("the API key holds a space, a line break or another character that no key has: check WASSIST_API_KEY")
)

// New returns a client for the given API key. It makes no request. It fails when the key is empty or cannot
// be a header, or when an option is not valid; no error shows the key.
func New(key string, opts ...Option) (*Client, error) {
	if key == "" {
		return nil, errNoKey
	}
	for i := range len(key) {
		if key[i] <= ' ' || key[i] > '~' {
			return nil, errBadKey
		}
	}
	s, err := newSettings(opts)
	if err != nil {
		return nil, err
	}
	c := &Client{
		base:        s.base,
		transport:   s.transport,
		authorize:   func(h http.Header) { h.Set("X-API-Key", key) },
		limiter:     s.limiter,
		userAgent:   s.userAgent,
		logger:      s.logger,
		observe:     s.observe,
		scrub:       &scrubber{custom: s.scrub},
		timeout:     s.timeout,
		maxAttempts: s.maxAttempts,
		max429:      s.max429,
		maxAnswer:   maxAnswer,
		jitter:      s.jitter,
		requests:    new(atomic.Int64),
		halvings:    new(atomic.Int32),
	}
	c.scrub.add(key)
	c.Agents = &AgentsService{c}
	c.PhoneNumbers = &PhoneNumbersService{c}
	c.WhatsAppAccounts = &WhatsAppAccountsService{c}
	c.LinkSessions = &LinkSessionsService{c}
	c.Connectors = &ConnectorsService{c}
	c.Simulations = &SimulationsService{c}
	return c, nil
}

// Requests returns how many requests were sent so far, retries included.
func (c *Client) Requests() int64 { return c.requests.Load() }

// Limiter returns the limiter that every request passes.
func (c *Client) Limiter() *Limiter { return c.limiter }

// Host returns host and port of the API, for a person to see.
func (c *Client) Host() string { return c.base.Host }

// Secure reports whether the API is spoken to over TLS.
func (c *Client) Secure() bool { return c.base.Scheme == "https" }

// AddSecrets registers texts that are replaced in the errors of all later calls, since the server repeats what it was
// sent. The API key and the secrets inside a call's own body need no registering. Texts of fewer than 4
// bytes are not replaced: they stand in nearly every message by chance.
func (c *Client) AddSecrets(secrets ...string) { c.scrub.add(secrets...) }

// String names the host only. Like the methods below it has a value receiver: a copy must not show more.
func (c Client) String() string { return "wassist client of " + c.base.Host }

// GoString names the host only.
func (c Client) GoString() string { return c.String() }

// Format names the host only, for every verb and flag.
func (c Client) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue names the host only.
func (c Client) LogValue() slog.Value { return slog.StringValue(c.String()) }
