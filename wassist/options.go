package wassist

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// DefaultBaseURL is where the API lives.
const DefaultBaseURL = "https://backend.wassist.app/api/v1/"

// Defaults of the options of the same names.
const (
	DefaultTimeout        = 30 * time.Second
	DefaultMaxAttempts    = 5
	DefaultMaxRateLimited = 10
)

// idleTimeout closes connections that were not used for a while before the server does: a request on a
// connection that the server is just closing fails without an answer, and the limiter makes long pauses.
const idleTimeout = 20 * time.Second

// Option changes how a [Client] works. Options are validated by [New].
type Option func(*settings) error

type settings struct {
	base        *url.URL
	transport   http.RoundTripper
	limiter     *Limiter
	userAgent   string
	logger      *slog.Logger
	observe     func(Event)
	scrub       func(string) string
	timeout     time.Duration
	maxAttempts int
	max429      int
	jitter      func() float64
}

func newSettings(opts []Option) (*settings, error) {
	s := &settings{
		userAgent:   "wassist-go",
		logger:      slog.New(slog.DiscardHandler),
		observe:     func(Event) {},
		timeout:     DefaultTimeout,
		maxAttempts: DefaultMaxAttempts,
		max429:      DefaultMaxRateLimited,
		jitter:      rand.Float64,
	}
	for _, option := range opts {
		if err := option(s); err != nil {
			return nil, err
		}
	}
	if s.base == nil {
		if err := WithBaseURL(DefaultBaseURL)(s); err != nil {
			return nil, err
		}
	}
	if s.transport == nil {
		s.transport = defaultTransport()
	}
	if s.limiter == nil {
		if err := WithRate(DefaultLimit, DefaultWindow)(s); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func defaultTransport() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok { // the program has put its own transport there
		return http.DefaultTransport
	}
	t = t.Clone()
	t.IdleConnTimeout = idleTimeout
	return t
}

// WithBaseURL sets where the API lives. The URL is absolute, http or https, without user, query and fragment; a
// missing slash at its end is added. Its parts are not shown in errors but for the scheme, as it may hold a password.
func WithBaseURL(base string) Option {
	return func(s *settings) error {
		u, err := url.Parse(base)
		switch {
		case err != nil: // url.Error shows the URL
			return errors.New("the base URL cannot be read as a URL")
		case u.Scheme != "http" && u.Scheme != "https":
			return fmt.Errorf("the base URL must start with https:// or http://, not with %q", bounded(visible(u.Scheme), 20))
		case u.Hostname() == "":
			return errors.New("the base URL has no host")
		case u.User != nil:
			return errors.New("the base URL must not hold a user or a password: the key goes into a header")
		case strings.Contains(u.Path, "//"):
			return errors.New("the base URL must not hold two slashes in a row after the host")
		case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
			return errors.New("the base URL must not hold a query or a fragment")
		}
		if !strings.HasSuffix(u.Path, "/") {
			u = u.JoinPath("/")
		}
		s.base = u
		return nil
	}
}

// WithHTTPClient makes the client use the given client's transport. Nothing of it is changed, and nothing
// else of it is used: this package follows no redirect, keeps no cookie, and sets its own timeouts.
func WithHTTPClient(hc *http.Client) Option {
	return func(s *settings) error {
		if hc == nil {
			return errors.New("the HTTP client is nil")
		}
		s.transport = hc.Transport
		return nil
	}
}

// WithRate sets the limit, by default 100 requests a minute. Clients of one key should share one limiter: see
// [WithLimiter].
func WithRate(limit int, window time.Duration) Option {
	return func(s *settings) (err error) {
		s.limiter, err = NewLimiter(limit, window)
		return err
	}
}

// WithLimiter makes the client share a limiter with other clients of the same key.
func WithLimiter(l *Limiter) Option {
	return func(s *settings) error {
		if l == nil {
			return errors.New("the limiter is nil")
		}
		s.limiter = l
		return nil
	}
}

// WithUserAgent sets the User-Agent header: printable ASCII, not empty.
func WithUserAgent(agent string) Option {
	return func(s *settings) error {
		if agent == "" || strings.ContainsFunc(agent, func(r rune) bool { return r < ' ' || r > '~' }) {
			return errors.New("the user agent must be printable ASCII and not empty")
		}
		s.userAgent = agent
		return nil
	}
}

// WithLogger logs one debug line for each attempt: method, path, status, duration, time waited before it. Neither the key
// nor a body nor the values of a query are ever logged.
func WithLogger(logger *slog.Logger) Option {
	return func(s *settings) error {
		if logger == nil {
			return errors.New("the logger is nil")
		}
		s.logger = logger
		return nil
	}
}

// WithTimeout bounds one attempt, from sending the request to the last byte of the answer; waiting for the
// limiter is not in it. The default is 30 s.
func WithTimeout(perAttempt time.Duration) Option {
	return func(s *settings) error {
		if perAttempt <= 0 {
			return fmt.Errorf("the timeout must be positive, not %v", perAttempt)
		}
		s.timeout = perAttempt
		return nil
	}
}

// WithMaxAttempts bounds how often one call is attempted when the server fails or the network does, the first
// attempt included. The default is 5; 1 means no retry.
func WithMaxAttempts(n int) Option {
	return func(s *settings) error {
		if n < 1 {
			return fmt.Errorf("at least one attempt is needed, not %d", n)
		}
		s.maxAttempts = n
		return nil
	}
}

// WithMaxRateLimited bounds how many 429 answers one call takes before it fails. The default is 10; 1 means that
// the first fails the call.
func WithMaxRateLimited(n int) Option {
	return func(s *settings) error {
		if n < 1 {
			return fmt.Errorf("the number of 429 answers must be positive, not %d", n)
		}
		s.max429 = n
		return nil
	}
}

// WithObserver calls f for each [Event]: one after the other during one call, on the goroutine that makes the
// request, which need not be the caller's. f must return quickly, and be safe for concurrent use when the client is used so.
func WithObserver(f func(Event)) Option {
	return func(s *settings) error {
		if f == nil {
			return errors.New("the observer is nil")
		}
		s.observe = f
		return nil
	}
}

// WithScrub passes every text that comes from outside through f before it becomes part of an error. It
// comes after the replacement of the key and of the secrets given to [Client.AddSecrets]. f must be safe for concurrent use.
func WithScrub(f func(string) string) Option {
	return func(s *settings) error {
		if f == nil {
			return errors.New("the scrub function is nil")
		}
		s.scrub = f
		return nil
	}
}

// WithJitter replaces the source of randomness that spreads retries; f returns numbers in [0, 1). For tests.
func WithJitter(f func() float64) Option {
	return func(s *settings) error {
		if f == nil {
			return errors.New("the jitter function is nil")
		}
		s.jitter = f
		return nil
	}
}
