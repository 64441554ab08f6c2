package remote_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/sync"
	"wassist-sync/wassist"
	"wassist-sync/wassist/simulator"
)

func find(t *testing.T, d sync.Directory, number string) sync.PhoneNumber {
	t.Helper()
	for _, n := range d.Numbers {
		if n.Number == number {
			return n
		}
	}
	t.Fatalf("no %s in %+v", number, d.Numbers)
	return sync.PhoneNumber{}
}

func TestNumbers(t *testing.T) {
	profiles(t, func(t *testing.T, w *world, _ bool) {
		ctx := t.Context()
		documented := w.documented()
		id := w.AddAgent(map[string]any{"name": "Desk"})
		read := func(requests int) sync.Directory {
			t.Helper()
			w.ResetLog()
			d, err := w.api.Numbers(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if d.Requests != requests || len(w.Requests()) != requests || d.ReadAt.IsZero() || d.CanDisconnect == documented {
				t.Errorf("%d requests told and %d made, want %d; read at %v, can disconnect %v", d.Requests, len(w.Requests()), requests, d.ReadAt, d.CanDisconnect)
			}
			return d
		}
		first, later := 1, 1
		if documented {
			first = 2 // it has to be found out, once
		}
		d := read(first)
		n := find(t, d, "+447700900111")
		if n.ID == "" || n.Account == "" || n.AgentID != "" || n.Sandbox {
			t.Errorf("got %+v", n)
		}
		if !documented {
			if hook := find(t, d, "+447700900112"); hook.Webhook != "crm" || strings.Contains(fmt.Sprintf("%+v", hook), "://") {
				t.Errorf("the webhook is told as %+v", hook)
			}
			if !find(t, d, "+447700900999").Sandbox {
				t.Error("the sandbox number is not told apart")
			}
		}
		if err := w.api.ConnectNumber(ctx, n, id, false); err != nil {
			t.Fatal(err)
		}
		if n = find(t, read(later), "+447700900111"); n.AgentID != id || n.AgentName != "Desk" || n.Webhook != "" {
			t.Errorf("after deploying: %+v", n)
		}
		if documented {
			return
		}
		if err := w.api.DisconnectNumber(ctx, n); err != nil {
			t.Fatal(err)
		}
		if n = find(t, read(later), "+447700900111"); n.AgentID != "" {
			t.Errorf("after undeploying: %+v", n)
		}
		if err := w.api.ConnectNumber(ctx, find(t, d, "+447700900999"), id, false); err == nil {
			t.Error("the sandbox number was routed")
		}
	})
}

// documented tells by asking, without the log or the throttle noticing.
func (w *world) documented() bool {
	_, err := w.client.PhoneNumbers.List(context.Background())
	return errors.Is(err, wassist.ErrNotFound)
}

func TestConnectNumberSaysWhatMoves(t *testing.T) {
	w := newWorld(t, simulator.Options{}, "key")
	id := w.AddAgent(map[string]any{"name": "Desk"})
	d, err := w.api.Numbers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, existing := range []bool{false, true} {
		w.ResetLog()
		if err := w.api.ConnectNumber(t.Context(), find(t, d, "+447700900111"), id, existing); err != nil {
			t.Fatal(err)
		}
		var body map[string]any
		if err := json.Unmarshal(w.Requests()[0].Body, &body); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]any{"agentId": id, "applyToExisting": existing}, body); diff != "" {
			t.Errorf("body (-want +got):\n%s", diff)
		}
	}
	w.ResetLog()
	if err := w.api.DisconnectNumber(t.Context(), find(t, d, "+447700900111")); err != nil {
		t.Fatal(err)
	}
	if body := string(w.Requests()[0].Body); body != `{"applyToExisting":false}` {
		t.Errorf("undeploying sent %s: running conversations must stay", body)
	}
}

func TestConnectors(t *testing.T) {
	w := newWorld(t, simulator.Options{}, "key")
	got, err := w.api.Connectors(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []sync.Connector{{ID: "9a000000-0000-4000-8000-000000000001", Name: "Stripe"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	w = newWorld(t, simulator.Options{Profile: simulator.ProfileDocumented}, "key")
	_, err = w.api.Connectors(t.Context())
	wantKinds(t, err, sync.ErrNotFound)
}
