package main

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"wassist-sync/internal/serve"
)

func TestServeCheck(t *testing.T) {
	for _, tt := range []struct {
		code      int
		body      string
		out, want string
		exit      int
	}{
		{http.StatusOK, "ready\n", "ready\n", "", exitDone},
		{http.StatusServiceUnavailable, "not ready\nshop: no run has ended well yet\n", "", "not ready; shop: no run has ended well yet", exitFailed},
		{http.StatusNotFound, "", "", "it is not a serve", exitFailed},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/readyz" {
				t.Errorf("asks for %s", r.URL)
			}
			w.WriteHeader(tt.code)
			_, _ = w.Write([]byte(tt.body))
		}))
		var out bytes.Buffer
		err := runServeCheck(t.Context(), console{out: &out}, server.Listener.Addr().String())
		server.Close()
		said := ""
		if err != nil {
			said = err.Error()
		}
		if codeOf(err) != tt.exit || out.String() != tt.out || !strings.Contains(said, tt.want) || strings.Contains(said, "\n") {
			t.Errorf("%d: exit %d, %q, %q", tt.code, codeOf(err), out.String(), said)
		}
	}
}

// still is a core in which nothing happens.
type still struct{ asked []string }

func (*still) States() []serve.TargetState {
	good := serve.Run{Outcome: serve.OutcomeInSync, Started: time.Now(), Ended: time.Now()}
	return []serve.TargetState{{Name: "shop", Runs: []serve.Run{good}, LastGood: &good}}
}

func (s *still) Ask(target string, _ serve.Trigger) bool {
	s.asked = append(s.asked, target)
	return true
}

// The page is there from the flags, answers with the secrets of variable and file,
// and is gone after the end.
func TestServeHTTP(t *testing.T) {
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("a-token-of-a-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var flags httpFlags
	set := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	flags.add(set)
	if err := set.Parse([]string{"--listen", "127.0.0.1:0", "--run-token-file", token}); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	core := &still{}
	stop, err := flags.start(t.Context(), console{lookupEnv: func(name string) (string, bool) {
		return "a-secret-of-a-variable", name == "WASSIST_SYNC_HOOK_SECRET"
	}}, core, serve.NewMetrics("1"), slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(log.String(), "http://")
	addr, _, _ := strings.Cut(rest, "/")
	var out bytes.Buffer
	if err := runServeCheck(t.Context(), console{out: &out}, addr); err != nil || out.String() != "ready\n" {
		t.Errorf("%v, %q", err, out.String())
	}
	ask := func(path, bearer string) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+addr+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+bearer)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		_, _ = io.Copy(io.Discard, response.Body)
		return response.StatusCode
	}
	if code := ask("/run?target=shop", "a-token-of-a-file"); code != http.StatusAccepted || strings.Join(core.asked, " ") != "shop" {
		t.Errorf("a run: %d, asked %v", code, core.asked)
	}
	if code := ask("/hooks/github", ""); code != http.StatusUnauthorized {
		t.Errorf("an unsigned hook: %d, and 404 would mean that the secret was not read", code)
	}
	stop()
	if err := runServeCheck(t.Context(), console{out: &out}, addr); err == nil {
		t.Error("it answers after its end")
	}
	if strings.Contains(log.String(), "a-token-of") || strings.Contains(log.String(), "a-secret-of") {
		t.Errorf("a secret is logged: %s", log.String())
	}
}

func TestServeHTTPRefuses(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	nothing := func(string) (string, bool) { return "", false }
	for name, tt := range map[string]struct {
		flags httpFlags
		env   func(string) (string, bool)
		want  string
	}{
		"no file":      {httpFlags{listen: "127.0.0.1:0", hookSecretFile: empty + "x"}, nothing, "--hook-secret-file: "},
		"empty":        {httpFlags{listen: "127.0.0.1:0", runTokenFile: empty}, nothing, "is empty"},
		"short":        {httpFlags{listen: "127.0.0.1:0"}, func(string) (string, bool) { return "hunter2", true }, "needs 16 at least"},
		"no address":   {httpFlags{listen: "nowhere"}, nothing, `--listen "nowhere" is not HOST:PORT`},
		"off is quiet": {httpFlags{listen: "off", hookSecretFile: empty}, nothing, ""},
	} {
		stop, err := tt.flags.start(t.Context(), console{lookupEnv: tt.env}, &still{}, serve.NewMetrics("1"), slog.New(slog.DiscardHandler))
		switch {
		case tt.want == "" && err == nil:
			stop()
		case err == nil || !strings.Contains(err.Error(), tt.want) || codeOf(err) != exitUsage || strings.Contains(err.Error(), "hunter2"):
			t.Errorf("%s: %v, exit %d", name, err, codeOf(err))
		}
	}
}
