package remote_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/internal/remote"
	"wassist-sync/sync"
	"wassist-sync/wassist"
	"wassist-sync/wassist/simulator"
)

// The same demands on every API that this package can speak to: what package
// sync's ports promise, whichever way it has to be done.

type world struct {
	*simulator.Server
	api    *remote.API
	client *wassist.Client
}

func newWorld(t *testing.T, o simulator.Options, key string) *world {
	t.Helper()
	o.RateLimit, o.Seed = -1, 1
	server, err := simulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	client, err := wassist.New(key,
		wassist.WithBaseURL("http://simulator/api/v1/"), wassist.WithRate(100_000, time.Minute), wassist.WithMaxAttempts(1),
		wassist.WithHTTPClient(&http.Client{Transport: server.RoundTripper()}))
	if err != nil {
		t.Fatal(err)
	}
	return &world{Server: server, api: remote.New(client), client: client}
}

// profiles runs a test against every generation of the API.
func profiles(t *testing.T, test func(t *testing.T, w *world, whole bool)) {
	for _, profile := range []string{simulator.ProfileCurrent, simulator.ProfileDocumented} {
		for _, resets := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, PUT resets %v", profile, resets), func(t *testing.T) {
				o := simulator.Options{Profile: profile, PutResets: resets, PageMax: 10}
				test(t, newWorld(t, o, "key"), profile == simulator.ProfileDocumented || resets)
			})
		}
	}
}

func fullAgent(t *testing.T) map[string]any {
	t.Helper()
	b, err := os.ReadFile("testdata/agent.json")
	if err != nil {
		t.Fatal(err)
	}
	var agent map[string]any
	if err := json.Unmarshal(b, &agent); err != nil {
		t.Fatal(err)
	}
	return agent
}

// addFull stores the full agent and the one that it hands over to.
func (w *world) addFull(t *testing.T) (id string) {
	t.Helper()
	w.AddAgent(map[string]any{"id": "5d9be1f0-2a44-4b6d-8c1f-77a0c3e2d902", "name": "bakery-wholesale"})
	return w.AddAgent(fullAgent(t))
}

func (w *world) log() []string {
	var out []string
	for _, r := range w.Requests() {
		out = append(out, r.Method+" "+strings.TrimPrefix(r.Path, "/api/v1"))
	}
	return out
}

func TestAgents(t *testing.T) {
	profiles(t, func(t *testing.T, w *world, _ bool) {
		ctx := t.Context()
		var want []string
		for i := range 25 {
			want = append(want, w.AddAgent(map[string]any{"name": fmt.Sprintf("Agent %d", i)}))
		}
		before := time.Now()
		list, err := w.api.Agents(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if list.Requests != 3 || list.ReadAt.Before(before) || list.ReadAt.After(time.Now()) {
			t.Errorf("%d requests, read at %v; want 3, now", list.Requests, list.ReadAt)
		}
		var got []string
		for _, a := range list.Agents {
			got = append(got, a.ID)
			if a.Name == "" || a.CreatedAt == "" || !a.ReadAt.Equal(list.ReadAt) || a.Organization.Name != simulator.DefaultOrganization || a.Organization.ID == "" {
				t.Errorf("incomplete: %+v", a)
			}
			if !strings.Contains(a.ConnectURL, a.ID) {
				t.Errorf("connectUrl %q", a.ConnectURL)
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("ids (-want +got):\n%s", diff)
		}

		// The page that an agent says it was on holds it.
		for _, a := range list.Agents {
			page, err := w.api.Page(ctx, a.Offset)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(page, func(b sync.Agent) bool { return b.ID == a.ID })
			if i < 0 {
				t.Fatalf("%s is not on the page that begins at %d", a.Name, a.Offset)
			}
			if page[i].Offset != a.Offset || page[i].ReadAt.Before(list.ReadAt) {
				t.Errorf("read again: offset %d, read at %v", page[i].Offset, page[i].ReadAt)
			}
		}
	})
}

func TestAgent(t *testing.T) {
	profiles(t, func(t *testing.T, w *world, _ bool) {
		id := w.AddAgent(fullAgent(t))
		a, err := w.api.Agent(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if a.ID != id || a.Name != "bakery-front-desk" || a.Offset != -1 {
			t.Errorf("got %+v", a)
		}
		// Every field as plain values: what is absent or null is nil.
		for field, want := range map[string]any{
			"description":        "Greets customers and answers order questions",
			"systemPrompt":       "You answer for Harbour Bakery.\nKeep replies short.",
			"firstMessage":       "Hello! What can I do for you?",
			"llmModel":           "openai/gpt-4.1-mini",
			"reasoningEffort":    nil,
			"paywallConfig":      nil,
			"icebreakers":        []any{"Opening hours", "Where is my order?"},
			"imageGenerateTools": []any{},
			"documents":          nil, // no definition can hold it
			"nothing":            nil,
			"wakeUpConfigs": []any{map[string]any{
				"id": "e1000000-0000-4000-8000-000000000001", "description": "Ask for feedback a day after pick-up", "enabled": false, "forceMessage": false,
			}},
			"websiteTools": []any{map[string]any{
				"id": "b0000000-0000-4000-8000-000000000001", "url": "https://bakery.example/hours", "prompt": "Opening hours and holidays", "active": true,
			}},
			"creditSettings": map[string]any{"id": "e3000000-0000-4000-8000-000000000001", "initialCredits": json.Number("5"), "creditGrantPassword": "SAMPLE-NOT-A-REAL-SECRET", "creditGrantAmount": json.Number("10")},
		} {
			if diff := cmp.Diff(want, a.Stored.Field(field)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", field, diff)
			}
		}
		for _, field := range []string{"tools", "handoffTools", "mcpConfigs", "memoryKeys", "outboundTriggers"} {
			if list, ok := a.Stored.Field(field).([]any); !ok || len(list) == 0 {
				t.Errorf("%s: %v", field, a.Stored.Field(field))
			}
		}
		if strings.Contains(fmt.Sprintf("%v %+v %#v", a, a, a), "SAMPLE-NOT-A-REAL-SECRET") {
			t.Error("printing an agent shows its secrets")
		}
		_, err = w.api.Agent(t.Context(), "00000000-0000-4000-8000-000000000000")
		wantKinds(t, err, sync.ErrNotFound)
	})
}

// kinds are all that package sync tells apart.
var kinds = map[string]error{
	"not found": sync.ErrNotFound, "partial": sync.ErrPartialUnsupported, "unknown": sync.ErrOutcomeUnknown, "unauthorized": sync.ErrUnauthorized,
}

// wantKinds wants an error of these kinds and of no other.
func wantKinds(t *testing.T, err error, want ...error) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for name, kind := range kinds {
		if is, should := errors.Is(err, kind), slices.Contains(want, kind); is != should {
			t.Errorf("%s: %v, want %v: %v", name, is, should, err)
		}
	}
}

func TestCreateAgent(t *testing.T) {
	profiles(t, func(t *testing.T, w *world, _ bool) {
		a, err := w.api.CreateAgent(t.Context(), "New")
		if err != nil {
			t.Fatal(err)
		}
		stored := w.Agent(a.ID)
		if stored == nil || stored["name"] != "New" || a.Name != "New" || a.Offset != -1 {
			t.Errorf("got %+v, stored %v", a, stored)
		}
		requests := w.Requests()
		if len(requests) != 1 || string(requests[0].Body) != `{"name":"New"}` {
			t.Errorf("sent %s", requests[0].Body)
		}
	})
}

// base reads an agent for a write.
func (w *world) base(t *testing.T, id string) sync.Agent {
	t.Helper()
	a, err := w.api.Agent(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	w.ResetLog()
	return a
}

func TestUpdateAgent(t *testing.T) {
	profiles(t, func(t *testing.T, w *world, whole bool) {
		id := w.addFull(t)
		base := w.base(t, id)
		before := w.Agent(id)
		fields := map[string]any{"description": "Other", "llmModel": nil, "icebreakers": []any{}}
		got, err := w.api.UpdateAgent(t.Context(), base, fields, whole)
		if err != nil {
			t.Fatal(err)
		}
		if got.Stored.Field("description") != "Other" || got.Stored.Field("llmModel") != nil || got.ReadAt.Before(base.ReadAt) {
			t.Errorf("the answer is %v", got.Stored)
		}
		method := "PATCH"
		if whole {
			method = "PUT"
		}
		if diff := cmp.Diff([]string{method + " /agents/" + id + "/"}, w.log()); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
		// Nothing else moved: no id, no field that only the API knows, no key
		// inside an entry that this program has never heard of.
		want := w.Agent(id)
		if want["description"] != "Other" || want["llmModel"] != nil {
			t.Errorf("stored: %v, %v", want["description"], want["llmModel"])
		}
		for _, field := range []string{"description", "llmModel", "icebreakers"} {
			delete(before, field)
			delete(want, field)
		}
		if diff := cmp.Diff(before, want); diff != "" {
			t.Errorf("stored (-before +after):\n%s", diff)
		}
		if base.Stored.Field("description") != "Greets customers and answers order questions" {
			t.Error("the write changed the reading that it was based on")
		}
	})
}

// A list's entries are written with their ids, and keep what they do not declare.
func TestUpdateList(t *testing.T) {
	profiles(t, func(t *testing.T, w *world, whole bool) {
		id := w.addFull(t)
		base := w.base(t, id)
		tools := base.Stored.Field("tools").([]any)
		kept := tools[0].(map[string]any)
		kept["description"] = "Changed"
		if _, err := w.api.UpdateAgent(t.Context(), base, map[string]any{"tools": []any{kept}}, whole); err != nil {
			t.Fatal(err)
		}
		stored := w.Agent(id)["tools"].([]any)
		if len(stored) != 1 {
			t.Fatalf("%d tools", len(stored))
		}
		want := fullAgent(t)["tools"].([]any)[0].(map[string]any)
		want["description"] = "Changed"
		if diff := cmp.Diff(asJSON(t, want), asJSON(t, stored[0])); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func asJSON(t *testing.T, v any) any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDeleteAgent(t *testing.T) {
	profiles(t, func(t *testing.T, w *world, _ bool) {
		id := w.AddAgent(map[string]any{"name": "Goes"})
		if err := w.api.DeleteAgent(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if w.Agent(id) != nil {
			t.Error("it is still there")
		}
		wantKinds(t, w.api.DeleteAgent(t.Context(), id), sync.ErrNotFound)
	})
}
