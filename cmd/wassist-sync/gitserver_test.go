package main

import (
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// gitToken lets a script into its https server. It is a canary: see quiet.
const gitToken = "ghs_canary-token"

// gitServer is a real git http-backend behind TLS and basic authentication.
type (
	gitServerKey struct{}
	gitServer    struct {
		backend  http.Handler
		mu       sync.Mutex
		requests []string
		bytes    int
	}
)

// ServeHTTP repeats a wrong token in its answer, as servers do that hope to help.
func (s *gitServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r.Method+" "+r.URL.Path)
	switch user, password, _ := r.BasicAuth(); {
	case password == "":
		w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
		w.WriteHeader(http.StatusUnauthorized)
	case user != "x-access-token" || password != gitToken:
		http.Error(w, "no entry for "+user+" with "+password, http.StatusUnauthorized)
	default:
		s.backend.ServeHTTP(&counted{w, &s.bytes}, r)
	}
}

type counted struct {
	http.ResponseWriter
	n *int
}

func (c *counted) Write(p []byte) (int, error) {
	*c.n += len(p)
	return c.ResponseWriter.Write(p)
}

const gitServerUsage = `usage: gitserver start FOLDER | requests | sent MIN MAX
start     serves the repositories below a folder, sets GIT_HOST, and has this test's programs trust it
requests  prints what arrived since the last time
sent      wants that so many bytes went out since the last time`

func gitServerCommand(ts *testscript.TestScript, neg bool, args []string) {
	s, _ := ts.Value(gitServerKey{}).(*gitServer)
	switch {
	case !neg && len(args) == 2 && args[0] == "start":
		s.start(ts, args[1])
	case !neg && len(args) == 1 && args[0] == "requests":
		s.mu.Lock()
		defer s.mu.Unlock()
		out := ts.Stdout() // also when nothing is printed
		for _, r := range s.requests {
			fmt.Fprintln(out, r)
		}
		s.requests = nil
	case !neg && len(args) == 3 && args[0] == "sent":
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.bytes < number(ts, args[1]) || s.bytes > number(ts, args[2]) {
			ts.Fatalf("%d bytes were sent", s.bytes)
		}
		s.bytes = 0
	default:
		ts.Fatalf("%s", gitServerUsage)
	}
}

func (s *gitServer) start(ts *testscript.TestScript, folder string) {
	git, err := exec.LookPath("git")
	ts.Check(err)
	s.backend = &cgi.Handler{
		Path: git, Args: []string{"http-backend"}, Stderr: io.Discard,
		Env: []string{
			"GIT_PROJECT_ROOT=" + ts.MkAbs(folder), "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_GLOBAL=" + os.DevNull,
			"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*",
		},
	}
	web := httptest.NewUnstartedServer(s)
	web.Config.ErrorLog = log.New(io.Discard, "", 0)
	web.StartTLS()
	ts.Defer(web.Close)
	certificate := ts.MkAbs("certificate.pem")
	ts.Check(os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw}), 0o600))
	ts.Setenv("SSL_CERT_FILE", certificate)
	ts.Setenv("GIT_HOST", strings.TrimPrefix(web.URL, "https://"))
}
