package simulator_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/wassist/simulator"
)

// TestAddAgent: what is given stays as it is, what is missing is made.
func TestAddAgent(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{})
	const agent = "3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b61"
	id := a.s.AddAgent(map[string]any{
		"id": agent, "createdAt": "2026-09-14T08:30:12.004517Z", "name": "x", "totalMessages": 318, "futureField": map[string]any{"a": 1},
		"connectUrl": "ignored", "organization": "ignored",
		"tools":            []map[string]any{{"id": "a0000000-0000-4000-8000-000000000001", "name": "t", "futureKey": 1}},
		"outboundTriggers": []any{map[string]any{"templateId": "t", "templateName": "n", "url": "https://o.example", "secret": "s"}},
	})
	if id != agent {
		t.Fatalf("id %s", id)
	}
	got := a.want(200, "GET", "agents/"+agent+"/", "")
	if got["createdAt"] != "2026-09-14T08:30:12.004517Z" || got["totalMessages"] != 318.0 || got["connectUrl"] == "ignored" || got["systemPrompt"] != "" {
		t.Errorf("agent %v", got)
	}
	same(t, "unknown field", got["futureField"], `{"a":1}`)
	same(t, "tools", got["tools"], `[{"id":"a0000000-0000-4000-8000-000000000001","name":"t","description":null,"apiSchema":null,"active":true,"creditCost":0,"futureKey":1}]`)
	trigger := list(got["outboundTriggers"])[0]
	if trigger["url"] != "https://o.example" || trigger["secret"] != "s" || trigger["enabled"] != true || trigger["id"] == nil {
		t.Errorf("trigger %v", trigger)
	}

	// Keys that the API does not know survive writes, in the agent and in entries.
	for _, call := range [][2]string{
		{"PATCH", `{"tools":[{"id":"a0000000-0000-4000-8000-000000000001","name":"t2","description":"","apiSchema":{}}]}`},
		{"PUT", `{"name":"y"}`},
	} {
		got = a.want(200, call[0], "agents/"+agent+"/", call[1])
		if list(got["tools"])[0]["futureKey"] != 1.0 || got["futureField"] == nil {
			t.Errorf("%s lost a key: %v", call[0], got)
		}
	}
	if n := len(a.s.Requests()); n != 3 {
		t.Errorf("%d requests logged, want 3: direct calls are none", n)
	}
}

func TestAgentsAreCopies(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{})
	id := a.s.AddAgent(fullAgent(a))
	before := encode(t, a.s.Agent(id))
	got := a.s.Agents()[0]
	got["tools"].([]any)[0].(map[string]any)["name"] = "changed"
	got["name"] = "changed"
	a.s.Numbers()[1]["defaultWebhook"].(map[string]any)["name"] = "changed"
	same(t, "agent", a.s.Agent(id), before)
	if name := a.s.Number(onHook)["defaultWebhook"].(map[string]any)["name"]; name != "crm" {
		t.Errorf("webhook %v", name)
	}
	if a.s.Agent(noSuch) != nil || a.s.Number("1") != nil {
		t.Error("something was found that is not there")
	}
}

func TestEditAndRemove(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{DropListsOnPatch: true})
	id := a.create("x")
	// A person's edit is no PATCH: its lists are not dropped.
	if err := a.s.EditAgent(id, map[string]any{"tools": []any{map[string]any{"name": "t", "description": "", "apiSchema": map[string]any{}}}}); err != nil {
		t.Fatal(err)
	}
	if n := len(list(a.want(200, "GET", "agents/"+id+"/", "")["tools"])); n != 1 {
		t.Errorf("%d tools, want 1", n)
	}
	if err := a.s.EditAgent(id, map[string]any{"name": ""}); err == nil || !strings.Contains(err.Error(), "This field may not be blank.") {
		t.Errorf("a bad edit: %v", err)
	}
	if err := a.s.EditAgent(noSuch, nil); err == nil || !strings.Contains(err.Error(), noSuch) {
		t.Errorf("an edit of nobody: %v", err)
	}
	if err := a.s.SetNumber(free, map[string]any{"activeAgent": id}); err != nil {
		t.Fatal(err)
	}
	if !a.s.RemoveAgent(id) || a.s.RemoveAgent(id) {
		t.Error("RemoveAgent must tell whether there was one")
	}
	a.want(404, "GET", "agents/"+id+"/", "")
	if got := a.s.Number(free)["activeAgent"]; got != nil {
		t.Errorf("the number still has %v", got)
	}
}

func TestDirectNumbers(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{})
	agent := a.s.AddAgent(map[string]any{"name": "x"})
	id := a.s.AddNumber(map[string]any{"number": "4915112345678", "activeAgent": map[string]any{"id": agent}, "conversations": 4, "analyticsEnabled": false})
	got := a.want(200, "GET", "phone-numbers/4915112345678/", "")
	if got["id"] != id || got["defaultRouting"] != "agent" || got["analyticsEnabled"] != false || got["whatsappPhoneNumberId"] != "14915112345678" {
		t.Errorf("number %v", got)
	}
	if owner := got["whatsappBusinessAccount"].(map[string]any)["id"]; owner != account {
		t.Errorf("owner %v", owner)
	}
	if r := a.want(200, "POST", "phone-numbers/4915112345678/unsubscribe/", `{}`); r["activeAgent"] != nil {
		t.Errorf("after unsubscribe: %v", r)
	}
	if r := a.s.Routings()[0]; r.SessionsCleared != 4 {
		t.Errorf("%d sessions cleared, want 4", r.SessionsCleared)
	}
	if err := a.s.SetNumber("4915112345678", map[string]any{
		"defaultRouting": "webhook", "defaultWebhook": map[string]any{"id": "w", "name": "shop", "url": "https://s.example"}, "conversations": "many",
	}); err != nil {
		t.Fatal(err)
	}
	same(t, "webhook", a.s.Number("4915112345678")["defaultWebhook"], `{"id":"w","name":"shop","url":"https://s.example"}`)
	if err := a.s.SetNumber("1", nil); err == nil || !strings.Contains(err.Error(), `"1"`) {
		t.Errorf("a number that is not there: %v", err)
	}

	// A number of another account, and a second sandbox.
	other := a.s.AddAccount(map[string]any{"name": nil, "waId": "77"})
	a.s.AddNumber(map[string]any{"number": "1", "whatsappBusinessAccount": other, "whatsappPhoneNumberId": "9"})
	a.s.AddNumber(map[string]any{"id": noSuch, "number": "2", "isSandbox": true})
	if got := a.want(200, "GET", "whatsapp-accounts/"+other+"/", ""); got["name"] != nil || !cmp.Equal(column(got["phoneNumbers"], "number"), []any{"1"}) {
		t.Errorf("account %v", got)
	}
	if d := list(a.want(200, "GET", "whatsapp-accounts/"+other+"/phone-numbers/", "")["data"])[0]["display_phone_number"]; d != "+1" {
		t.Errorf("displayed as %v", d)
	}
	if got := a.s.Number("2"); got["whatsappBusinessAccount"] != nil || got["id"] != noSuch {
		t.Errorf("sandbox %v", got)
	}
	a.want(400, "POST", "phone-numbers/2/connect-agent/", `{"agentId":"`+agent+`"}`)
}

func TestAddConnector(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{})
	id := a.s.AddConnector(map[string]any{"name": "Calendar"})
	agent := a.create("x")
	got := a.want(200, "PATCH", "agents/"+agent+"/", `{"mcpConfigs":[{"connectorId":"`+id+`","toolWhitelist":["a"]}]}`)
	if names := column(got["mcpConfigs"], "connectorName"); !cmp.Equal(names, []any{"Calendar"}) {
		t.Errorf("connector %v", names)
	}
	if n := len(list(parse(t, a.do("GET", "integrations/connectors/", "").body))); n != 2 {
		t.Errorf("%d connectors, want 2", n)
	}
}

// TestNotJSON: a value that no API could hold is a mistake in the test that
// gives it.
func TestNotJSON(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("a function was stored")
		}
	}()
	newServer(t, simulator.Options{}).AddAgent(map[string]any{"name": func() {}})
}
