package remote_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"wassist-sync/internal/remote"
	"wassist-sync/wassist"
	"wassist-sync/wassist/simulator"
)

// A server that complains repeats what it was sent, whole or in part. What is
// secret in that is not in the error, what is not stays readable.
func TestErrorsHideSecrets(t *testing.T) {
	secret := map[string]any{
		"systemPrompt": "Plain words stay readable",
		"websiteTools": []any{map[string]any{"url": "https://canary-user:canary-pass@site.example/path?token=canary%20query&x=canary-x#canary-fragment", "prompt": "p"}},
		"tools": []any{map[string]any{"name": "t", "description": "d", "apiSchema": map[string]any{
			"url": "https://canary-toolpass@tool.example/?k=canary-toolquery", "method": "GET",
			"request_headers": map[string]any{
				"Authorization": map[string]any{"input": map[string]any{"type": "value", "value": "Bearer canary-bearer"}},
				"X-Link":        map[string]any{"input": map[string]any{"type": "value", "value": "https://canary-link@x.example/"}},
				"X-Model":       map[string]any{"input": map[string]any{"type": "description", "description": "The model fills it in"}},
			},
		}}},
		"outboundTriggers": []any{map[string]any{"templateName": "n", "templateId": "1", "url": "https://outbound.example/canary-trigger", "secret": "canary-secret"}},
		"creditSettings":   map[string]any{"creditGrantPassword": "canary-password"},
	}
	said := []string{
		"canary-user", "canary-pass", "canary query", "canary%20query", "canary-x", "canary-fragment", "canary-toolpass", "canary-toolquery",
		"Bearer canary-bearer", "canary-bearer", "canary-link", "https://outbound.example/canary-trigger", "canary-secret", "canary-password",
	}
	readable := []string{"Plain words stay readable", "site.example/path", "tool.example", "The model fills it in"}
	var message string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]any{"detail": message})
	}))
	defer server.Close()
	for _, whole := range []bool{false, true} {
		w := newWorld(t, simulator.Options{}, "key")
		stored := map[string]any{"name": "Desk"}
		fields := map[string]any{"description": "Other"}
		if whole { // secrets that only Wassist knows are sent back with a PUT
			for k, v := range secret {
				stored[k] = v
			}
		} else {
			fields = secret
		}
		base := w.base(t, w.AddAgent(stored))
		client, err := wassist.New("key", wassist.WithBaseURL(server.URL+"/api/v1/"))
		if err != nil {
			t.Fatal(err)
		}
		api := remote.New(client)
		for _, text := range append(append([]string{}, said...), readable...) {
			message = "Not a valid value: '" + text + "'."
			_, err := api.UpdateAgent(t.Context(), base, fields, whole)
			if err == nil {
				t.Fatal("no error")
			}
			hidden := !strings.Contains(err.Error(), text)
			if want := strings.Contains(text, "canary"); hidden != want {
				t.Errorf("whole %v: %q is hidden: %v, in %q", whole, text, hidden, err)
			}
			if strings.Contains(err.Error(), "canary") {
				t.Errorf("whole %v: a part of %q is in %q", whole, text, err)
			}
		}
	}
}
