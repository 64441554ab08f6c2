package sync_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/sync"
	"wassist-sync/wassist/simulator"
)

// An API that does not list connectors cannot say which one a name means: that
// list is held, everything else of the definition goes on.
func TestConnectorsNotListed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{Profile: simulator.ProfileDocumented})
	id := w.server.AddAgent(map[string]any{"name": "Desk", "description": "old", "mcpConfigs": []any{map[string]any{"connectorId": seedConnector, "toolWhitelist": []any{"old"}}}})
	stored := fmt.Sprint(w.called(t, "Desk")["mcpConfigs"])
	config := "\nmcpConfigs: [{connector: Stripe, toolWhitelist: [a]}]"
	set := load(t, nil, "name: Desk\ndescription: new"+config+"\ndeploy: [{number: \""+number1+"\"}]", "name: New"+config, "name: By id\nmcpConfigs: [{connectorId: "+seedConnector+", toolWhitelist: [a]}]")
	o := sync.Options{Prune: sync.PruneAll} // nothing is deleted: nobody has to say whose
	p := w.plan(t, set, o)
	const reason = "mcpConfigs is left out: this API does not list connectors, so that their names mean nothing to it; write connectorId"
	held := []sync.Held{{Action: sync.Create, Agent: "New", Reason: reason}, {Action: sync.Update, Agent: "Desk", ID: id, Reason: reason}}
	if d := cmp.Diff(held, p.Held); d != "" {
		t.Errorf("held (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"create By id name mcpConfigs[" + seedConnector + "]", "create New name", "update Desk description", "deploy Desk number:" + number1}, describe(p)); d != "" {
		t.Errorf("changes (-want +got):\n%s", d)
	}
	if len(p.Refused) > 0 {
		t.Fatalf("refused: %v", refusals(p))
	}
	if err := w.apply(t, p).Err(); err != nil {
		t.Error(err)
	}
	if got := fmt.Sprint(w.called(t, "Desk")["mcpConfigs"]); got != stored {
		t.Errorf("the held list is %s now, was %s", got, stored)
	}
	if left := w.plan(t, set, o); !left.Empty() || len(left.Held) != 2 {
		t.Errorf("left: %v, held %v", describe(left), left.Held)
	}
}

// Why a run stopped before a change: a person who stopped it knows; a deadline
// does not speak for itself.
func TestStoppedSaysWhy(t *testing.T) {
	t.Parallel()
	f := &fake{agents: named("Desk")(t)}
	p := f.plan(t, load(t, nil, "name: Desk\ndescription: new"), sync.Options{})
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	for _, tt := range []struct {
		ctx  context.Context
		is   error
		want string
	}{
		{cancelled, context.Canceled, "the run was stopped before"},
		{late, context.DeadlineExceeded, "the run was stopped before: context deadline exceeded"},
	} {
		r, err := (&sync.Applier{Reader: f, Writer: f}).Apply(tt.ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Results[0].Err; err.Error() != tt.want || !errors.Is(err, tt.is) {
			t.Errorf("error %q, want %q", err, tt.want)
		}
	}
}
