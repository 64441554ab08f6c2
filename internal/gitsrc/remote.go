package gitsrc

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"

	git "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/transport"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"
	gitssh "github.com/go-git/go-git/v5/plumbing/transport/ssh"
)

// Secret is a text that is printed nowhere: not by %v or %#v, not by slog, and
// not as JSON.
type Secret string

const masked = "(secret)"

// String gives a mask, for %v and %s.
func (s Secret) String() string { return masked }

// GoString gives the mask for %#v.
func (s Secret) GoString() string { return masked }

// LogValue gives the mask to slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText gives the mask to JSON and other encodings; the error is always nil.
func (s Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }

// Remote is a repository to clone, and how to be let in.
type Remote struct {
	// URL is https://…, ssh://…, user@host:path, file://… or a local path.
	URL string
	// Token goes with https as the password of x-access-token, which GitHub,
	// GitLab and Gitea take. It is sent over plain http to this machine only.
	Token Secret
	// KeyFile holds an ssh key, KeyPassphrase opens it. Without one the ssh agent is
	// asked.
	KeyFile       string
	KeyPassphrase Secret
	// KnownHosts are the files that hold the keys of ssh hosts; without any
	// those of $SSH_KNOWN_HOSTS, or else of the user and the system. A host that
	// they do not know is refused.
	KnownHosts []string
	// CABundle holds certificates in PEM form to trust besides the system's.
	CABundle []byte
	// Refs are fetched besides all branches and tags: full names such as
	// refs/pull/7/merge.
	Refs []string
}

var userinfo = regexp.MustCompile(`://[^/]*@`)

// String gives the URL without its userinfo and query.
func (r Remote) String() string {
	shown, _, _ := strings.Cut(userinfo.ReplaceAllString(r.URL, "://"), "?")
	return shown
}

// GoString is String: %#v must not show a secret either.
func (r Remote) GoString() string { return r.String() }

// target is a Remote after its URL was read.
type target struct {
	url   string // without userinfo: fit for every eye
	local string // the folder of a file:// URL or path
	auth  transport.AuthMethod
	// secrets are masked in errors.
	secrets []string
}

var scpLike = regexp.MustCompile(`^(?:([^@/:]+)@)?([^/:]+):([^/].*|/.*)$`)

// read takes a URL apart. Nothing of its userinfo is in an error.
func (r Remote) read() (target, error) {
	var user, password, scheme, rest string
	switch at := strings.Index(r.URL, "://"); {
	case at >= 0:
		u, err := url.Parse(r.URL)
		if err != nil { // its text holds the URL
			return target{}, badURL("the repository's URL cannot be read; write https://HOST/PATH, ssh://USER@HOST/PATH or file:///PATH")
		}
		scheme = strings.ToLower(u.Scheme)
		if u.User != nil {
			user = u.User.Username()
			password, _ = u.User.Password()
		}
		bare := *u
		bare.User, bare.RawQuery, bare.Fragment = nil, "", ""
		rest = bare.String()
		if scheme == "file" {
			return target{url: rest, local: filepath.FromSlash(u.Path)}, nil
		}
		if u.Hostname() == "" {
			return target{}, badURL("the repository's URL %s names no host", rest)
		}
		if scheme == "http" && (r.Token != "" || password != "") && !loopback(u.Hostname()) {
			return target{}, fmt.Errorf("a token is not sent to %s over plain http; use https", rest)
		}
	case scpLike.MatchString(r.URL) && !filepath.IsAbs(r.URL):
		m := scpLike.FindStringSubmatch(r.URL)
		scheme, user, rest = "ssh", m[1], m[2]+":"+m[3]
	case r.URL == "":
		return target{}, badURL("the repository's URL is empty")
	default:
		return target{url: r.URL, local: r.URL}, nil
	}
	t := target{url: rest}
	for _, s := range []string{string(r.Token), string(r.KeyPassphrase), password} {
		if s != "" {
			t.secrets = append(t.secrets, s, url.QueryEscape(s), url.PathEscape(s))
		}
	}
	switch scheme {
	case "https", "http":
		switch {
		case r.Token != "":
			t.auth = &githttp.BasicAuth{Username: "x-access-token", Password: string(r.Token)}
		case password != "":
			t.auth = &githttp.BasicAuth{Username: user, Password: password}
		case user != "": // a token alone, as https://TOKEN@host/
			t.secrets = append(t.secrets, user)
			t.auth = &githttp.BasicAuth{Username: user, Password: "x-oauth-basic"} //nolint:gosec // a fixed word that stands where no password is
		}
		return t, nil
	case "ssh":
		var err error
		t.auth, err = r.sshAuth(user, rest)
		return t, err
	}
	return target{}, badURL("%s repositories are not supported; use https, ssh or file", scheme)
}

// urlError is an ErrURL with a text of its own.
type urlError struct{ text string }

func (e *urlError) Error() string        { return e.text }
func (e *urlError) Is(target error) bool { return target == ErrURL }

func badURL(format string, args ...any) error { return &urlError{fmt.Sprintf(format, args...)} }

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (r Remote) sshAuth(user, shown string) (transport.AuthMethod, error) {
	if user == "" {
		user = "git"
	}
	var hosts gitssh.HostKeyCallbackHelper
	if len(r.KnownHosts) > 0 {
		callback, err := gitssh.NewKnownHostsCallback(r.KnownHosts...)
		if err != nil {
			return nil, fmt.Errorf("read known_hosts: %w", err)
		}
		hosts.HostKeyCallback = callback
	}
	if r.KeyFile != "" {
		keys, err := gitssh.NewPublicKeysFromFile(user, r.KeyFile, string(r.KeyPassphrase))
		if err != nil {
			return nil, fmt.Errorf("cannot use the ssh key %s: %s", r.KeyFile, scrub(err.Error(), string(r.KeyPassphrase)))
		}
		keys.HostKeyCallbackHelper = hosts
		return keys, nil
	}
	agent, err := gitssh.NewSSHAgentAuth(user)
	if err != nil {
		return nil, fmt.Errorf("no ssh agent answers for %s; start one (SSH_AUTH_SOCK), or name a key file", shown)
	}
	agent.HostKeyCallbackHelper = hosts
	return agent, nil
}

func scrub(text string, secrets ...string) string {
	for _, s := range secrets {
		if s != "" {
			text = strings.ReplaceAll(text, s, "***")
		}
	}
	return text
}

// Errors of Fetch that callers tell apart.
var (
	// ErrRefused says that the remote did not let us in.
	ErrRefused = errors.New("refused")
	// ErrURL says that the URL is none to fetch from.
	ErrURL = errors.New("no URL to fetch from")
	// ErrNoRemote says that there is no such repository, or none that we may see.
	ErrNoRemote = errors.New("not found")
)

// explain puts what a fetch failed with into words, without any secret.
func (t target) explain(err error) error {
	switch text := err.Error(); {
	case errors.Is(err, transport.ErrAuthenticationRequired), errors.Is(err, transport.ErrAuthorizationFailed):
		what := "it wants a token"
		if t.auth != nil {
			what = "the token is wrong, has expired, or may not read it"
		}
		return fmt.Errorf("fetch %s: %w: %s", t.url, ErrRefused, what)
	case errors.Is(err, transport.ErrRepositoryNotFound):
		return fmt.Errorf("fetch %s: repository %w; check the URL, and whether the token or key may read it", t.url, ErrNoRemote)
	case errors.Is(err, git.NoMatchingRefSpecError{}):
		return &fetchError{url: t.url, text: text + "; check its name", err: ErrUnknownRef}
	case errors.Is(err, transport.ErrEmptyRemoteRepository):
		return fmt.Errorf("fetch %s: the repository is empty; push a commit first", t.url)
	case strings.Contains(text, "knownhosts: key is unknown"):
		return fmt.Errorf("fetch %s: %w: the host's key is in no known_hosts file; add it (ssh-keyscan gives it, compare it with what the host publishes)", t.url, ErrRefused)
	case strings.Contains(text, "knownhosts: key mismatch"):
		return fmt.Errorf("fetch %s: %w: the host's key is another one than known_hosts says; somebody may be listening in", t.url, ErrRefused)
	case strings.Contains(text, "unable to authenticate"):
		return fmt.Errorf("fetch %s: %w: the host does not accept the ssh key", t.url, ErrRefused)
	case answeredCode(err) != 0:
		code := answeredCode(err)
		return &fetchError{url: t.url, text: strings.TrimSpace(fmt.Sprintf("the host answered %d %s", code, http.StatusText(code))), err: err}
	default:
		return &fetchError{url: t.url, text: scrub(text, t.secrets...), err: err}
	}
}

// answeredCode is the status with which an HTTP host answered instead of Git; 0
// when that is not what went wrong.
func answeredCode(err error) int {
	var unexpected *plumbing.UnexpectedError // has no Unwrap
	var answer *githttp.Err
	if !errors.As(err, &unexpected) || !errors.As(unexpected.Err, &answer) {
		return 0
	}
	return answer.StatusCode()
}

// fetchError shows a scrubbed text, and still lets errors.Is find a cause such
// as context.Canceled. Its cause is not handed out: it may hold a secret.
type fetchError struct {
	url, text string
	err       error
}

func (e *fetchError) Error() string        { return fmt.Sprintf("fetch %s: %s", e.url, e.text) }
func (e *fetchError) Is(target error) bool { return errors.Is(e.err, target) }
func (e *fetchError) GoString() string     { return e.Error() }
