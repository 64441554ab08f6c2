package gitsrc

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"log/slog"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const canary = "ghs_canary0Secret"

// server is a real git http-backend behind basic authentication.
type server struct {
	*httptest.Server
	all      atomic.Int64 // requests
	requests atomic.Int64 // those to git-upload-pack: packs asked for
	received atomic.Int64 // bytes of all answers
}

type counted struct {
	http.ResponseWriter
	n *atomic.Int64
}

func (c counted) Write(p []byte) (int, error) {
	c.n.Add(int64(len(p)))
	return c.ResponseWriter.Write(p)
}

func serve(t *testing.T, root string) *server {
	t.Helper()
	exe, err := exec.LookPath("git")
	if err != nil {
		t.Skip("no git")
	}
	s := &server{}
	backend := &cgi.Handler{Path: exe, Args: []string{"http-backend"}, Env: []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*"}, Stderr: io.Discard}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.all.Add(1)
		user, password, _ := r.BasicAuth()
		switch {
		case password == "":
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			w.WriteHeader(http.StatusUnauthorized)
		case user != "x-access-token" || password != canary:
			http.Error(w, "no entry for "+password, http.StatusUnauthorized)
		default:
			if strings.HasSuffix(r.URL.Path, "/git-upload-pack") {
				s.requests.Add(1)
			}
			backend.ServeHTTP(counted{w, &s.received}, r)
		}
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func (s *server) remote(name string) Remote {
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	return Remote{URL: s.URL + "/" + name, Token: canary, CABundle: ca}
}

// source makes a repository with enough weight to tell a whole fetch from a small one.
func source(t *testing.T) (root, work string) {
	t.Helper()
	root = t.TempDir()
	work = worktree(t, files{"agents/a.yaml": agent("A"), "heavy": run(t, root, "", "--exec-path") + strings.Repeat("x", 10)})
	noise := strings.Builder{}
	for i := range 20_000 {
		fmt.Fprintf(&noise, "%d %d\n", i, i*i*7919%1_000_003)
	}
	write(t, work, files{"heavy": noise.String()})
	run(t, work, "", "commit", "-q", "-a", "-m", "heavy")
	run(t, work, "", "clone", "-q", "--bare", work, filepath.Join(root, "repo.git"))
	run(t, work, "", "remote", "add", "origin", filepath.Join(root, "repo.git"))
	return root, work
}

// follow is the scenario that every transport has to pass: clone, new commit,
// forced push, deleted branch, pull request.
func follow(t *testing.T, work string, remote Remote) {
	t.Helper()
	ctx := context.Background()
	cache := t.TempDir()
	head := func() string { return run(t, work, "", "rev-parse", "HEAD") }
	fetched := func() *Repository {
		t.Helper()
		r, err := Fetch(ctx, remote, cache)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { shut(t, r) })
		return r
	}
	r := fetched()
	first := head()
	if c := mustResolve(t, r, "HEAD"); c.Hash.String() != first {
		t.Errorf("HEAD is %s, want %s", c.Hash, first)
	}
	if shallow, err := r.Shallow(); shallow || err != nil {
		t.Errorf("shallow %v %v", shallow, err)
	}
	if l := walked(t, r, mustResolve(t, r, "main").Hash, "main"); !l.Whole() || len(l.Named("A")) != 1 {
		t.Error("the history is not whole")
	}
	if err := r.Keep(ctx, mustResolve(t, r, "main").Hash); err != nil {
		t.Fatal(err)
	}

	write(t, work, files{"agents/a.yaml": agent("B")})
	run(t, work, "", "commit", "-q", "-a", "-m", "second")
	run(t, work, "", "push", "-q", "origin", "main", "HEAD:refs/heads/topic", "HEAD:refs/pull/7/merge")
	second := head()
	if err := r.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	for _, ref := range []string{"main", "topic"} {
		if c := mustResolve(t, r, ref); c.Hash.String() != second {
			t.Errorf("%s is %s, want %s", ref, c.Hash, second)
		}
	}
	if err := r.Keep(ctx, mustResolve(t, r, "main").Hash); err != nil {
		t.Fatal(err)
	}

	run(t, work, "", "reset", "-q", "--hard", first)
	run(t, work, "", "push", "-q", "--force", "origin", "main")
	run(t, work, "", "push", "-q", "origin", ":topic")
	remote.Refs = []string{"refs/pull/7/merge"}
	r = fetched()
	if c := mustResolve(t, r, "main"); c.Hash.String() != first {
		t.Errorf("after a forced push main is %s, want %s", c.Hash, first)
	}
	if _, err := r.Resolve("topic"); !errors.Is(err, ErrUnknownRef) {
		t.Errorf("a deleted branch is still there: %v", err)
	}
	if c := mustResolve(t, r, "refs/pull/7/merge"); c.Hash.String() != second {
		t.Errorf("the pull request is %s, want %s", c.Hash, second)
	}
	// What was applied once is kept, so the later name is still known.
	if l := walked(t, r, mustResolve(t, r, "main").Hash, "main"); len(l.Named("B")) != 1 {
		t.Error("the forced push lost the later name")
	}
}

func TestFetchHTTPS(t *testing.T) {
	root, work := source(t)
	follow(t, work, serve(t, root).remote("repo.git"))
}

func TestFetchFile(t *testing.T) {
	for _, prefix := range []string{"file://", ""} {
		root, work := source(t)
		follow(t, work, Remote{URL: prefix + filepath.Join(root, "repo.git")})
	}
}

// TestFetchFileNeedsNoGit also takes a work tree for a source, packed and loose.
func TestFetchFileNeedsNoGit(t *testing.T) {
	_, work := source(t)
	run(t, work, "", "gc", "-q")
	write(t, work, files{"agents/a.yaml": agent("Loose")})
	run(t, work, "", "commit", "-q", "-a", "-m", "loose")
	t.Setenv("PATH", t.TempDir())
	cache := t.TempDir()
	r, err := Fetch(context.Background(), Remote{URL: "file://" + work}, cache)
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, r)
	if l := walked(t, r, mustResolve(t, r, "main").Hash, "main"); len(l.Named("Loose")) != 1 || !l.Whole() {
		t.Error("the loose commit is missing")
	}
	for _, bad := range []string{"file:///nowhere/at/all", t.TempDir()} {
		if _, err := Fetch(context.Background(), Remote{URL: bad}, cache); !errors.Is(err, ErrNoRemote) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestSecondFetchTakesOnlyWhatIsNew(t *testing.T) {
	root, work := source(t)
	s := serve(t, root)
	cache := t.TempDir()
	fetch := func() (packs, bytes int64) {
		t.Helper()
		packs, bytes = s.requests.Load(), s.received.Load()
		r, err := Fetch(context.Background(), s.remote("repo.git"), cache)
		if err != nil {
			t.Fatal(err)
		}
		shut(t, r)
		return s.requests.Load() - packs, s.received.Load() - bytes
	}
	packs, whole := fetch()
	if packs != 1 || whole < 50_000 {
		t.Fatalf("the first run asked for %d packs and got %d bytes", packs, whole)
	}
	before := s.all.Load()
	if packs, bytes := fetch(); packs != 0 || bytes > 2_000 || s.all.Load() != before+1 {
		t.Errorf("with nothing new %d packs were asked for, %d bytes received, in %d requests; want one request", packs, bytes, s.all.Load()-before)
	}
	write(t, work, files{"agents/a.yaml": agent("B")})
	run(t, work, "", "commit", "-q", "-a", "-m", "second")
	run(t, work, "", "push", "-q", "origin", "main")
	if packs, bytes := fetch(); packs != 1 || bytes > 5_000 {
		t.Errorf("for one commit %d packs were asked for, %d bytes received", packs, bytes)
	}
}

// A host that answers something else than Git is quoted by its status alone.
func TestHostThatIsDown(t *testing.T) {
	for code, want := range map[int]string{503: "the host answered 503 Service Unavailable", 429: "the host answered 429 Too Many Requests", 599: "the host answered 599"} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			_, _ = w.Write([]byte("<html>canary</html>"))
		}))
		_, err := Fetch(context.Background(), Remote{URL: s.URL + "/x.git?canary"}, t.TempDir())
		s.Close()
		if err == nil || err.Error() != "fetch "+s.URL+"/x.git: "+want {
			t.Errorf("%d: %v", code, err)
		}
	}
}

// TestWrongTokenIsOneReadableError holds also that no secret is in any error.
func TestWrongTokenIsOneReadableError(t *testing.T) {
	root, _ := source(t)
	s := serve(t, root)
	for name, test := range map[string]struct {
		change func(*Remote)
		want   string
		is     error
	}{
		"wrong token":         {func(r *Remote) { r.Token = "ghs_wrongCanary" }, "refused: the token is wrong, has expired, or may not read it", ErrRefused},
		"no token":            {func(r *Remote) { r.Token = "" }, "refused: it wants a token", ErrRefused},
		"in the URL":          {func(r *Remote) { r.Token = ""; r.URL = strings.Replace(r.URL, "://", "://me:ghs_wrongCanary@", 1) }, "refused: the token is wrong", ErrRefused},
		"no repository":       {func(r *Remote) { r.URL += "x" }, "repository not found", ErrNoRemote},
		"untrusted":           {func(r *Remote) { r.CABundle = nil }, "certificate", nil},
		"plain http":          {func(r *Remote) { r.URL = "http://git.example.com/x" }, "a token is not sent to http://git.example.com/x over plain http", nil},
		"unreadable URL":      {func(r *Remote) { r.URL = "https://me:ghs_wrongCanary@[::1/x" }, "URL cannot be read", nil},
		"no host":             {func(r *Remote) { r.URL = "https:///x" }, "names no host", nil},
		"unknown scheme":      {func(r *Remote) { r.URL = "ftp://me:ghs_wrongCanary@h/x" }, "ftp repositories are not supported", nil},
		"nothing":             {func(r *Remote) { r.URL = "" }, "URL is empty", nil},
		"nobody answers":      {func(r *Remote) { r.URL = "https://me:ghs_wrongCanary@127.0.0.1:1/x"; r.Token = "" }, "connection refused", nil},
		"no key":              {func(r *Remote) { r.URL, r.KeyFile = "ssh://git@127.0.0.1:1/x", "/nowhere/key" }, "cannot use the ssh key /nowhere/key", nil},
		"no known_hosts":      {func(r *Remote) { r.URL, r.KnownHosts = "git@127.0.0.1:x", []string{"/nowhere/hosts"} }, "read known_hosts", nil},
		"no reference":        {func(r *Remote) { r.Refs = []string{"refs/pull/8/merge"} }, `"refs/pull/8/merge"; check its name`, ErrUnknownRef},
		"a query is a secret": {func(r *Remote) { r.URL += "?private_token=ghs_wrongCanary" }, "", errors.ErrUnsupported},
	} {
		t.Run(name, func(t *testing.T) {
			remote := s.remote("repo.git")
			test.change(&remote)
			_, err := Fetch(context.Background(), remote, t.TempDir())
			if errors.Is(test.is, errors.ErrUnsupported) {
				if err != nil && strings.Contains(err.Error(), "Canary") {
					t.Errorf("the secret is in %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("error %v, want %q in one line", err, test.want)
			}
			if test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("%v is no %v", err, test.is)
			}
			all := fmt.Sprintf("%v %+v %#v %s", err, err, err, remoteText(remote))
			for _, secret := range []string{"Canary", canary} {
				if strings.Contains(all, secret) {
					t.Errorf("the secret is in %s", all)
				}
			}
		})
	}
}

// remoteText prints a Remote's secrets in every way that a log may.
func remoteText(r Remote) string {
	j, _ := json.Marshal(r.Token)
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "token", r.Token, "phrase", r.KeyPassphrase)
	whole := fmt.Sprintf("%v %+v %#v %s", r, r, r, &r)
	return whole + fmt.Sprintf("%v %+v %#v %s %q", r.Token, r.Token, r.Token, r.Token, r.Token) + string(j) + log.String()
}

func TestDamagedCacheIsMadeAnew(t *testing.T) {
	root, _ := source(t)
	s := serve(t, root)
	for name, harm := range map[string]func(t *testing.T, clone string){
		"a pack cut off": func(t *testing.T, clone string) {
			packs, _ := filepath.Glob(filepath.Join(clone, "objects/pack/*.pack"))
			if err := errors.Join(os.Chmod(packs[0], 0o600), os.Truncate(packs[0], 1000)); err != nil {
				t.Fatal(err)
			}
		},
		"an index missing": func(t *testing.T, clone string) {
			indexes, _ := filepath.Glob(filepath.Join(clone, "objects/pack/*.idx"))
			if err := os.Remove(indexes[0]); err != nil {
				t.Fatal(err)
			}
		},
		"no packs":      func(t *testing.T, clone string) { remove(t, filepath.Join(clone, "objects/pack")) },
		"an odd config": func(t *testing.T, clone string) { write(t, clone, files{"config": "[core"}) },
		"a reference to nothing": func(t *testing.T, clone string) {
			write(t, clone, files{"refs/heads/main": strings.Repeat("1", 40) + "\n"})
		},
		"an empty folder": func(t *testing.T, clone string) {
			remove(t, clone)
			if err := os.Mkdir(clone, 0o700); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			cache := t.TempDir()
			r, err := Fetch(context.Background(), s.remote("repo.git"), cache)
			if err != nil {
				t.Fatal(err)
			}
			shut(t, r)
			harm(t, r.git)
			if err := os.Mkdir(r.git+".new-123", 0o700); err != nil { // what a killed clone leaves
				t.Fatal(err)
			}
			if r, err = Fetch(context.Background(), s.remote("repo.git"), cache); err != nil {
				t.Fatal(err)
			}
			defer shut(t, r)
			if l := walked(t, r, mustResolve(t, r, "main").Hash, "main"); !l.Whole() || len(l.Named("A")) != 1 {
				t.Error("the new clone is not whole")
			}
			if _, err := os.Stat(r.git + ".new-123"); !errors.Is(err, fs.ErrNotExist) {
				t.Error("the leftover is still there")
			}
		})
	}
	// An error of the remote's must not throw the clone away.
	cache := t.TempDir()
	r, err := Fetch(context.Background(), s.remote("repo.git"), cache)
	if err != nil {
		t.Fatal(err)
	}
	shut(t, r)
	wrong := s.remote("repo.git")
	wrong.Token = "ghs_wrongCanary"
	if _, err := Fetch(context.Background(), wrong, cache); !errors.Is(err, ErrRefused) {
		t.Errorf("error %v", err)
	}
	if _, err := open("", r.git); err != nil {
		t.Errorf("a wrong token threw the clone away: %v", err)
	}
}

func TestFetchWaitsForItsTurn(t *testing.T) {
	root, _ := source(t)
	remote := Remote{URL: "file://" + filepath.Join(root, "repo.git")}
	cache := t.TempDir()
	r, err := Fetch(context.Background(), remote, cache)
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, r)
	unlock, err := lock(context.Background(), r.git+".lock")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := Fetch(ctx, remote, cache); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "another process") {
		t.Errorf("error %v", err)
	}
	unlock()
	second, err := Fetch(context.Background(), remote, cache)
	if err != nil {
		t.Fatal(err)
	}
	shut(t, second)
	if err := openedAt(t, worktree(t, nil)).Refresh(context.Background()); err == nil {
		t.Error("a repository that was not fetched was refreshed")
	}
}
