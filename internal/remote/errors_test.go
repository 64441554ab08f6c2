package remote_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wassist-sync/internal/remote"
	"wassist-sync/sync"
	"wassist-sync/wassist"
	"wassist-sync/wassist/simulator"
)

// calls are all that can fail, each against one agent and one number.
func calls(w *world, base sync.Agent, n sync.PhoneNumber) (reads, writes map[string]func(context.Context) error) {
	reads = map[string]func(context.Context) error{
		"Agents":     func(ctx context.Context) error { _, err := w.api.Agents(ctx); return err },
		"Page":       func(ctx context.Context) error { _, err := w.api.Page(ctx, 0); return err },
		"Agent":      func(ctx context.Context) error { _, err := w.api.Agent(ctx, base.ID); return err },
		"Numbers":    func(ctx context.Context) error { _, err := w.api.Numbers(ctx); return err },
		"Connectors": func(ctx context.Context) error { _, err := w.api.Connectors(ctx); return err },
	}
	fields := map[string]any{"description": "Other"}
	writes = map[string]func(context.Context) error{
		"CreateAgent":      func(ctx context.Context) error { _, err := w.api.CreateAgent(ctx, "New"); return err },
		"UpdateAgent":      func(ctx context.Context) error { _, err := w.api.UpdateAgent(ctx, base, fields, false); return err },
		"UpdateWholeAgent": func(ctx context.Context) error { _, err := w.api.UpdateAgent(ctx, base, fields, true); return err },
		"DeleteAgent":      func(ctx context.Context) error { return w.api.DeleteAgent(ctx, base.ID) },
		"ConnectNumber":    func(ctx context.Context) error { return w.api.ConnectNumber(ctx, n, base.ID, false) },
		"DisconnectNumber": func(ctx context.Context) error { return w.api.DisconnectNumber(ctx, n) },
	}
	return reads, writes
}

func TestErrorKinds(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault simulator.Fault
		read  []error // kinds when it hits a read
		write []error // kinds when it hits a write
	}{
		{"401", simulator.Fault{Kind: simulator.Status, Code: 401}, []error{sync.ErrUnauthorized}, []error{sync.ErrUnauthorized}},
		{"403", simulator.Fault{Kind: simulator.Status, Code: 403}, nil, nil},
		{"400", simulator.Fault{Kind: simulator.Status, Code: 400}, nil, nil},
		{"409", simulator.Fault{Kind: simulator.Status, Code: 409}, nil, nil},
		{"500 before", simulator.Fault{Kind: simulator.Status, Code: 500}, nil, []error{sync.ErrOutcomeUnknown}},
		{"502 page", simulator.Fault{Kind: simulator.HTML}, nil, []error{sync.ErrOutcomeUnknown}},
		{"502 after", simulator.Fault{Kind: simulator.StatusAfter, Code: 502}, nil, []error{sync.ErrOutcomeUnknown}},
		{"dropped before", simulator.Fault{Kind: simulator.DropBefore}, nil, []error{sync.ErrOutcomeUnknown}},
		{"dropped after", simulator.Fault{Kind: simulator.DropAfter}, nil, []error{sync.ErrOutcomeUnknown}},
		{"truncated", simulator.Fault{Kind: simulator.TruncateBody}, nil, []error{sync.ErrOutcomeUnknown}},
		{"redirect", simulator.Fault{Kind: simulator.Redirect}, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{}, "key")
			base := w.base(t, w.AddAgent(map[string]any{"name": "Desk"}))
			d, err := w.api.Numbers(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			reads, writes := calls(w, base, find(t, d, "+447700900111"))
			w.Fault(tt.fault)
			for name, call := range reads {
				t.Run(name, func(t *testing.T) { wantKinds(t, call(t.Context()), tt.read...) })
			}
			for name, call := range writes {
				if name == "DeleteAgent" && tt.fault.Kind == simulator.TruncateBody {
					continue // a 204 has no body
				}
				t.Run(name, func(t *testing.T) { wantKinds(t, call(t.Context()), tt.write...) })
			}
		})
	}
}

// A missing method is told by 405. A 404 is not: it may be the agent that is gone.
func TestPartialUnsupported(t *testing.T) {
	w := newWorld(t, simulator.Options{Profile: simulator.ProfileDocumented}, "key")
	base := w.base(t, w.AddAgent(map[string]any{"name": "Desk"}))
	_, err := w.api.UpdateAgent(t.Context(), base, map[string]any{"description": "x"}, false)
	wantKinds(t, err, sync.ErrPartialUnsupported)
	w.RemoveAgent(base.ID)
	_, err = w.api.UpdateAgent(t.Context(), base, map[string]any{"description": "x"}, true)
	wantKinds(t, err, sync.ErrNotFound)

	w = newWorld(t, simulator.Options{}, "key")
	base = w.base(t, w.AddAgent(map[string]any{"name": "Desk"}))
	w.RemoveAgent(base.ID)
	_, err = w.api.UpdateAgent(t.Context(), base, map[string]any{"description": "x"}, false)
	wantKinds(t, err, sync.ErrNotFound)

	// 405 on a whole write is no partial update that is missing
	w = newWorld(t, simulator.Options{}, "key")
	base = w.base(t, w.AddAgent(map[string]any{"name": "Desk"}))
	w.Fault(simulator.Fault{Method: http.MethodPut, Kind: simulator.Status, Code: 405})
	_, err = w.api.UpdateAgent(t.Context(), base, map[string]any{"description": "x"}, true)
	wantKinds(t, err)
}

func TestWholeWriteNeedsAReading(t *testing.T) {
	w := newWorld(t, simulator.Options{}, "key")
	id := w.AddAgent(map[string]any{"name": "Desk"})
	base := sync.Agent{ID: id, Name: "Desk", Stored: sync.NewDocument(map[string]any{})}
	_, err := w.api.UpdateAgent(t.Context(), base, map[string]any{"description": "x"}, true)
	if err == nil || len(w.Requests()) != 0 {
		t.Errorf("%v, %d requests: a whole write would have dropped what was not read", err, len(w.Requests()))
	}
}

func TestWrongKey(t *testing.T) {
	w := newWorld(t, simulator.Options{Key: "right"}, "wrong-key-canary")
	_, err := w.api.Agents(t.Context())
	wantKinds(t, err, sync.ErrUnauthorized)
	if strings.Contains(err.Error(), "canary") {
		t.Errorf("the key is in %q", err)
	}
	if strings.Contains(err.Error(), sync.ErrUnauthorized.Error()) {
		t.Errorf("%q says the same twice", err)
	}
}

// A route that was accepted and is not in the answer is a failure; an answer that does not tell is no proof.
func TestConnectNumberBelievesTheAnswer(t *testing.T) {
	const agent = "3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b61"
	for body, want := range map[string]struct{ connected, disconnected error }{
		`{"number": "447700900111", "activeAgent": {"id": "` + strings.ToUpper(agent) + `"}}`: {nil, sync.ErrNotStored},
		`{"number": "447700900111", "activeAgent": {"id": "other", "name": "Other"}}`:         {sync.ErrNotStored, sync.ErrNotStored},
		`{"number": "447700900111", "activeAgent": null}`:                                     {sync.ErrNotStored, nil},
		`{"number": "447700900111"}`:                                                          {sync.ErrOutcomeUnknown, sync.ErrOutcomeUnknown},
		`{"detail": "Not found."}`:                                                            {sync.ErrOutcomeUnknown, sync.ErrOutcomeUnknown},
	} {
		client := answering(t, body)
		err := remote.New(client).ConnectNumber(t.Context(), sync.PhoneNumber{Number: "+447700900111"}, agent, false)
		if !errors.Is(err, want.connected) {
			t.Errorf("%s: %v, want %v", body, err, want.connected)
		}
		err = remote.New(client).DisconnectNumber(t.Context(), sync.PhoneNumber{Number: "+447700900111"})
		if !errors.Is(err, want.disconnected) {
			t.Errorf("undeploying, %s: %v, want %v", body, err, want.disconnected)
		}
	}
}

// deploy-agent's answer is not documented: if it is the account, it is checked, and all else is no proof.
func TestDeployAgentBelievesTheAnswer(t *testing.T) {
	const agent = "3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b61"
	number := sync.PhoneNumber{Number: "+447700900111", ID: "n1", Account: "a1"}
	for body, want := range map[string]error{
		`{"id": "a1", "phoneNumbers": [{"id": "n1", "number": "447700900111", "bot": {"id": "` + agent + `", "name": "Desk"}}]}`: nil,
		`{"id": "a1", "phoneNumbers": [{"id": "n1", "number": "447700900111", "bot": {"id": "x", "name": "Other"}}]}`:            sync.ErrNotStored,
		`{"id": "a1", "phoneNumbers": [{"id": "n1", "number": "447700900111", "bot": null}]}`:                                    sync.ErrNotStored,
		`{"id": "a1", "phoneNumbers": [{"id": "n2", "number": "447700900112", "bot": null}]}`:                                    sync.ErrOutcomeUnknown,
		`{"status": "ok"}`: sync.ErrOutcomeUnknown,
		`[]`:               sync.ErrOutcomeUnknown,
	} {
		api := remote.New(answering(t, body))
		if _, err := api.Numbers(t.Context()); err != nil {
			t.Fatal(err)
		}
		err := api.ConnectNumber(t.Context(), number, agent, false)
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", body, err, want)
		}
	}
}

// answering is a client of an API that has no list of numbers, no account, and
// one answer to every write.
func answering(t *testing.T, body string) *wassist.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.Method != http.MethodGet:
			_, _ = io.WriteString(w, body)
		case strings.HasSuffix(r.URL.Path, "/phone-numbers/"):
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"detail": "Not found."}`)
		default:
			_, _ = io.WriteString(w, `[]`)
		}
	}))
	t.Cleanup(server.Close)
	client, err := wassist.New("key", wassist.WithBaseURL(server.URL+"/api/v1/"))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// A write that was sent is finished although the run was cancelled; a read, and
// a write that was not sent, are not.
func TestCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, "key")
		base := w.base(t, w.AddAgent(map[string]any{"name": "Desk"}))
		w.Fault(simulator.Fault{Delay: 5 * time.Second})
		during := func(call func(context.Context) error) (time.Duration, error) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			time.AfterFunc(time.Second, cancel)
			start := time.Now()
			err := call(ctx)
			return time.Since(start), err
		}
		took, err := during(func(ctx context.Context) error {
			_, err := w.api.UpdateAgent(ctx, base, map[string]any{"description": "Other"}, false)
			return err
		})
		if err != nil || took != 5*time.Second || w.Agent(base.ID)["description"] != "Other" {
			t.Errorf("a write: %v after %v", err, took)
		}
		took, err = during(func(ctx context.Context) error { _, err := w.api.Agents(ctx); return err })
		if !errors.Is(err, context.Canceled) || took != time.Second {
			t.Errorf("a read: %v after %v", err, took)
		}
		w.ResetLog()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := w.api.CreateAgent(ctx, "New"); !errors.Is(err, context.Canceled) || len(w.Requests()) != 0 {
			t.Errorf("a write that was not sent: %v, %d requests", err, len(w.Requests()))
		}
		// but not for ever: ten seconds after the cancelling
		w.ClearFaults()
		w.Fault(simulator.Fault{Kind: simulator.Hang})
		took, err = during(func(ctx context.Context) error {
			_, err := w.api.UpdateAgent(ctx, base, map[string]any{"description": "Third"}, false)
			return err
		})
		if !errors.Is(err, sync.ErrOutcomeUnknown) || took != time.Second+10*time.Second {
			t.Errorf("a write that hangs: %v after %v", err, took)
		}
	})
}

// An agent whose name cannot be read would be created once more, or deleted as
// one that nobody defines: the listing is refused as a whole.
func TestAgentWithoutAName(t *testing.T) {
	for _, name := range []string{`null`, `""`, `" "`} {
		client, err := wassist.New("key", wassist.WithHTTPClient(&http.Client{Transport: fixed(`{"count":1,"next":null,"results":[{"id":"a1","name":` + name + `}]}`)}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := remote.New(client).Agents(t.Context()); !errors.Is(err, wassist.ErrBadAnswer) {
			t.Errorf("name %s: %v", name, err)
		}
	}
}

// fixed answers every request with the same body.
type fixed string

func (f fixed) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(string(f))), Request: r}, nil
}
