package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/internal/gitsrc"
	"wassist-sync/sync"
)

const canary = "ghs_canary0Secret"

func TestRepo(t *testing.T) {
	r := newRepo(t,
		files{"agents/a.yaml": agent("A", "systemPrompt: !file ../p.md\n"), "p.md": "p", "b/b.yaml": agent("In b"), "b/c/c.yaml": agent("In c")},
		files{"agents/a.yaml": agent("B", "systemPrompt: !file ../p.md\n"), "agents/wassist-sync.yaml": "organization: Ours\n"},
	)
	r.git("checkout", "-q", "-b", "topic")
	r.commit(files{"agents/a.yaml": agent("C")})
	r.git("update-ref", "refs/pull/7/merge", r.commits[2])
	r.git("checkout", "-q", "main")
	r.git("branch", "-q", "-D", "topic")
	r.write(files{"agents/a.yaml": agent("Uncommitted")})
	cache := t.TempDir()
	url := "file://" + r.dir
	for _, test := range []struct {
		path, ref string
		commit    int
		want      []string
	}{
		{"agents", "", 1, []string{"B@agents/a.yaml:1"}},
		{"./agents/", "main", 1, []string{"B@agents/a.yaml:1"}},
		{"agents", "main~1", 0, []string{"A@agents/a.yaml:1"}},
		{"agents", "refs/pull/7/merge", 2, []string{"C@agents/a.yaml:1"}},
		{"agents", "refs/pull/7/merge~1", 1, []string{"B@agents/a.yaml:1"}},
		{"agents", "refs/heads/main", 1, []string{"B@agents/a.yaml:1"}},
		{"b/c/../../b", "", 1, []string{"In b@b/b.yaml:1", "In c@b/c/c.yaml:1"}},
	} {
		o := open(t, Request{Path: test.path, Ref: test.ref, Repo: url, CacheDir: cache})
		want := sync.Source{Path: shown(test.path), Commit: r.commits[test.commit], History: sync.HistoryFull}
		if diff := cmp.Diff(want, o.Source); diff != "" {
			t.Errorf("%s of %s: %s", test.path, test.ref, diff)
		}
		if diff := cmp.Diff(test.want, names(o.Set)); diff != "" {
			t.Errorf("%s of %s: %s", test.path, test.ref, diff)
		}
	}
	top := newRepo(t, files{"a.yaml": agent("A"), "wassist-sync.yaml": "organization: Ours\n"})
	o := open(t, Request{Path: ".", Repo: top.dir, CacheDir: cache})
	if diff := cmp.Diff([]string{"A@a.yaml:1"}, names(o.Set)); diff != "" || o.Settings.Organization.Text != "Ours" || o.Source.Path != "." {
		t.Errorf("%s %+v %+v", diff, o.Settings, o.Source)
	}
	o = open(t, Request{Path: "agents", Repo: url, CacheDir: cache})
	if diff := cmp.Diff([]string{"B@agents/a.yaml 1..- current, A@agents/a.yaml 0..1 [0..-] standing = B"}, r.lineages(o)); diff != "" || o.Settings.Organization.Text != "Ours" {
		t.Errorf("%s %+v", diff, o.Settings)
	}
}

// TestAt reads the same repository again and again, and leaves it open.
func TestAt(t *testing.T) {
	r := newRepo(t, files{"agents/a.yaml": agent("A")}, files{"agents/a.yaml": agent("B")})
	repository, err := gitsrc.Fetch(t.Context(), gitsrc.Remote{URL: r.dir}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := repository.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, want := range []string{"B", "C"} {
		o, err := At(t.Context(), repository, "", "agents", "", nil)
		if err != nil {
			t.Fatal(err)
		}
		if o.Set.Agents[0].Name != want || o.Source.Path != "agents" {
			t.Errorf("%s %+v, want %s", o.Set.Agents[0].Name, o.Source, want)
		}
		o.Close()
		r.commit(files{"agents/a.yaml": agent("C")})
		if err := repository.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := At(t.Context(), repository, "", "/agents", "", nil); !errors.Is(err, ErrUsage) {
		t.Errorf("error %v", err)
	}
}

func TestCacheFolder(t *testing.T) {
	r := newRepo(t, files{"agents/a.yaml": agent("A")})
	home := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", filepath.Join(home, "cache"))
	open(t, Request{Path: "agents", Repo: r.dir})
	info, err := os.Stat(filepath.Join(home, "cache", "wassist-sync"))
	if err != nil || info.Mode() != fs.ModeDir|0o700 {
		t.Errorf("the cache folder is %v %v", info, err)
	}
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("HOME", "")
	if err := fails(t, Request{Path: "agents", Repo: r.dir}); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "$XDG_CACHE_HOME") || !strings.Contains(err.Error(), "or name a cache folder") {
		t.Errorf("error %v", err)
	}
	file := filepath.Join(home, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := fails(t, Request{Path: "agents", Repo: r.dir, CacheDir: filepath.Join(file, "below")}); errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "name another cache folder") {
		t.Errorf("error %v", err)
	}
}

func TestRepoThatCannotBeMeant(t *testing.T) {
	r := newRepo(t, files{"agents/a.yaml": agent("A")})
	headless := newRepo(t, files{"agents/a.yaml": agent("A")})
	headless.git("symbolic-ref", "HEAD", "refs/heads/nowhere")
	cache := t.TempDir()
	for _, test := range []struct {
		repo, path, ref, want string
		is                    error
	}{
		{r.dir, "/agents", "", "is no path inside the repository", ErrNoFolder},
		{r.dir, "../agents", "", "is no path inside the repository", ErrNoFolder},
		{r.dir, "agents/../..", "", "is no path inside the repository", ErrNoFolder},
		{r.dir, "", "", "is no path inside the repository", ErrNoFolder},
		{"ftp://example.com/x", "agents", "", "not supported", gitsrc.ErrURL},
		{"https:///x", "agents", "", "names no host", gitsrc.ErrURL},
		{"https://[::1/x", "agents", "", "cannot be read", gitsrc.ErrURL},
		{r.dir, "bots", "", "no commit of its branch has definitions there", ErrNoFolder},
		{r.dir, "agents/a.yaml", "", "is not a folder", ErrNoFolder},
		{r.dir, "agents", "nothing", "is no branch, tag or commit", gitsrc.ErrUnknownRef},
		{r.dir, "agents", "refs/pull/7/merge", "is no branch, tag or commit", gitsrc.ErrUnknownRef},
		{headless.dir, "agents", "", "leads to no commit; name a branch of it", gitsrc.ErrUnknownRef},
	} {
		err := fails(t, Request{Path: test.path, Ref: test.ref, Repo: test.repo, CacheDir: cache})
		if !errors.Is(err, ErrUsage) || !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s of %s: %v, want %q", test.path, test.ref, err, test.want)
		}
	}
	// A path that cannot be meant costs no clone.
	if err := fails(t, Request{Path: "/agents", Repo: "https://127.0.0.1:1/x", CacheDir: cache}); !errors.Is(err, ErrUsage) {
		t.Errorf("error %v", err)
	}
	if err := fails(t, Request{Path: "agents", Repo: "/nowhere/at/all", CacheDir: cache}); !errors.Is(err, gitsrc.ErrNoRemote) {
		t.Errorf("error %v", err)
	}
}

// TestNoSecretIsInAnyError holds for printed requests too.
func TestNoSecretIsInAnyError(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		http.Error(w, "no entry for "+password, http.StatusUnauthorized)
	}))
	defer s.Close()
	userinfo := strings.Replace(s.URL, "://", "://me:"+canary+"@", 1)
	for name, q := range map[string]Request{
		"a wrong token":      {Repo: s.URL + "/x", Token: canary},
		"userinfo":           {Repo: userinfo + "/x"},
		"a query":            {Repo: s.URL + "/x?token=" + canary, Token: canary},
		"nobody answers":     {Repo: "http://me:" + canary + "@127.0.0.1:1/x", Token: canary},
		"plain http":         {Repo: "http://me:" + canary + "@git.example.com/x"},
		"a key":              {Repo: "ssh://git@127.0.0.1:1/x", KeyFile: "/nowhere/key", KeyPassphrase: canary},
		"an unreadable URL":  {Repo: "https://me:" + canary + "@[::1/x"},
		"a reference's name": {Repo: userinfo + "/x", Ref: "refs/pull/7/merge"},
	} {
		q.Path, q.CacheDir = "agents", t.TempDir()
		err := fails(t, q)
		var log strings.Builder
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "request", q, "error", err)
		if all := fmt.Sprintf("%v %+v %#v %s %v %+v %#v", q, q, q, q, err, err, err) + log.String(); strings.Contains(all, canary) {
			t.Errorf("%s: the secret is in %s", name, all)
		}
	}
}

func TestRepoCancelled(t *testing.T) {
	r := newRepo(t, files{"agents/a.yaml": agent("A")})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, Request{Path: "agents", Repo: r.dir, CacheDir: t.TempDir()}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
