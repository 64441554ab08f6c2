package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
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
