package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	gosync "sync"
	"time"

	gh "github.com/google/go-github/v87/github"
)

// Options say whom the Client speaks to. The zero value of all but the first
// four is right for a program.
type Options struct {
	Token       string
	APIURL      string
	Owner, Repo string
	UserAgent   string

	// Transport sends requests; nil is net/http's own.
	Transport http.RoundTripper
	// Sleep waits between attempts, and Now tells the time.
	Sleep func(context.Context, time.Duration) error
	Now   func() time.Time
	// Timeout is how long the beginning of an answer may take; 0 is 30 seconds.
	Timeout time.Duration
}

// Client speaks to GitHub about one repository.
type Client struct {
	api         *gh.Client
	owner, repo string
	token       string
	pause       func(context.Context, time.Duration) error

	mu   gosync.Mutex
	self *account // who the token is, once asked
}

// wholeCall bounds one call with all its attempts and pauses.
const wholeCall = 5 * time.Minute

// New makes a client; it sends nothing.
func New(o Options) (*Client, error) {
	if o.Token == "" {
		return nil, errors.New("there is no GITHUB_TOKEN")
	}
	if o.Owner == "" || o.Repo == "" {
		return nil, errors.New("GITHUB_REPOSITORY does not name a repository")
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	base := o.Transport
	if base == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.ResponseHeaderTimeout = cmp.Or(o.Timeout, 30*time.Second)
		base = t
	}
	httpClient := &http.Client{
		Transport:     &patience{next: base, sleep: o.Sleep, now: o.Now},
		Timeout:       wholeCall,
		CheckRedirect: sameHost,
	}
	api, err := gh.NewClient(gh.WithHTTPClient(httpClient), gh.WithAuthToken(o.Token), gh.WithEnterpriseURLs(o.APIURL, o.APIURL),
		gh.WithUserAgent(o.UserAgent), gh.WithDisableRateLimitCheck())
	if err != nil {
		return nil, errors.New("GITHUB_API_URL is not an address such as https://api.github.com")
	}
	return &Client{api: api, owner: o.Owner, repo: o.Repo, token: o.Token, pause: o.Sleep}, nil
}

// sameHost keeps the token from servers that a redirect names.
func sameHost(req *http.Request, via []*http.Request) error {
	if first := via[0].URL; req.URL.Host != first.Host || req.URL.Scheme != first.Scheme {
		return errors.New("GitHub's answer leads to another server; it is not followed")
	}
	if len(via) > 5 {
		return errors.New("GitHub's answer leads around in circles")
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// String names the repository, and not the token.
func (c *Client) String() string { return fmt.Sprintf("GitHub client of %s/%s", c.owner, c.repo) }

// GoString is String: %#v must not show the token either.
func (c *Client) GoString() string { return c.String() }
