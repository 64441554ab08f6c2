package serve

import (
	"context"
	"io"
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

	"wassist-sync/internal/gitsrc"
)

// A token that expires while serve runs fails the fetch with words of its own, and
// the next one is taken over without a start anew.
func TestTokenThatExpires(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("no git")
	}
	root := t.TempDir()
	settings := []string{"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_SYSTEM=" + os.DevNull, "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*"}
	run := func(stdin string, args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), git, args...)
		cmd.Env, cmd.Stdin = append(os.Environ(), settings...), strings.NewReader(stdin)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	folder := filepath.Join(root, "repo.git")
	run("", "init", "-q", "--bare", "-b", "main", folder)
	run("commit refs/heads/main\ncommitter A <a@example.com> 1 +0000\ndata 1\n.\nM 100644 inline a.yaml\ndata 8\nname: A\n\n", "--git-dir", folder, "fast-import", "--quiet")
	backend := &cgi.Handler{Path: git, Args: []string{"http-backend"}, Stderr: io.Discard, Env: append(settings, "GIT_PROJECT_ROOT="+root, "GIT_HTTP_EXPORT_ALL=1")}
	var wanted, given atomic.Value
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, token, _ := r.BasicAuth(); token != wanted.Load() {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		backend.ServeHTTP(w, r)
	}))
	defer web.Close()
	c := &clone{log: slog.New(slog.DiscardHandler)}
	defer c.close()
	config := &Config{URL: web.URL + "/repo.git", CacheDir: t.TempDir(), Remote: func() (gitsrc.Remote, error) {
		return gitsrc.Remote{URL: web.URL + "/repo.git", Token: gitsrc.Secret(given.Load().(string))}, nil
	}}
	for _, step := range []struct{ wanted, given, class string }{
		{"first-canary", "first-canary", ""},
		{"second-canary", "first-canary", classRefused},
		{"second-canary", "second-canary", ""},
	} {
		wanted.Store(step.wanted)
		given.Store(step.given)
		f := c.fetch(context.Background(), config)
		switch {
		case f == nil && step.class != "" || f != nil && f.class != step.class:
			t.Errorf("%s where %s is wanted: %v", step.given, step.wanted, f)
		case f != nil && (strings.Contains(f.text, "canary") || !strings.Contains(f.text, "which is read again for each run")):
			t.Errorf("it says %s", f.text)
		}
	}
	if _, _, f := c.resolve(context.Background(), config); f != nil {
		t.Error(f)
	}
}
