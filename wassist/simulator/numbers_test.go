package simulator_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/wassist/simulator"
)

const (
	free    = "447700900111"
	onHook  = "447700900112"
	sandbox = "447700900999"
	account = "7c2f5e18-3d90-4f0b-b6a4-0d1e2f3a4b55"
)

// TestSeed: the numbers, account and connector that a new simulator has, in the
// API's shapes.
func TestSeed(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{})
	const owner = `"whatsappBusinessAccount":{"id":"` + account + `","name":"Harbour Bakery Ltd","waId":"200000000000001"}`
	same(t, "numbers", a.do("GET", "phone-numbers/", "").body, `[
	  {"id":"11000000-0000-4000-8000-000000000001","number":"447700900111","whatsappPhoneNumberId":"100000000000001",`+owner+`,
	   "activeAgent":null,"defaultRouting":null,"defaultWebhook":null,"isSandbox":false,"analyticsEnabled":true},
	  {"id":"11000000-0000-4000-8000-000000000002","number":"447700900112","whatsappPhoneNumberId":"100000000000002",`+owner+`,
	   "activeAgent":null,"defaultRouting":"webhook","isSandbox":false,"analyticsEnabled":true,
	   "defaultWebhook":{"id":"22000000-0000-4000-8000-000000000001","name":"crm","url":"https://crm.bakery.example/hook"}},
	  {"id":"11000000-0000-4000-8000-000000000009","number":"447700900999","whatsappPhoneNumberId":"100000000000009",
	   "whatsappBusinessAccount":null,"activeAgent":null,"defaultRouting":null,"defaultWebhook":null,"isSandbox":true,"analyticsEnabled":true}]`)
	const waba = `"waba":{"id":"` + account + `","name":"Harbour Bakery Ltd"}`
	const accountJSON = `{"id":"` + account + `","name":"Harbour Bakery Ltd","waId":"200000000000001","templatesUrl":"https://business.example/templates",
	  "phoneNumbers":[{"id":"11000000-0000-4000-8000-000000000001","number":"447700900111","bot":null,` + waba + `},
	  {"id":"11000000-0000-4000-8000-000000000002","number":"447700900112","bot":null,` + waba + `}]}`
	same(t, "accounts", a.do("GET", "whatsapp-accounts/", "").body, `[`+accountJSON+`]`)
	same(t, "account", a.do("GET", "whatsapp-accounts/"+account+"/", "").body, accountJSON)
	connectors := list(parse(t, a.do("GET", "integrations/connectors/", "").body))
	if len(connectors) != 1 || connectors[0]["name"] != "Stripe" || connectors[0]["status"] != "CONNECTED" {
		t.Fatalf("connectors %v", connectors)
	}
	if got := column(connectors[0]["knownTools"], "name"); !cmp.Equal(got, []any{"list_invoices", "create_payment_link", "create_refund"}) {
		t.Errorf("known tools %v", got)
	}

	empty := inProcess(t, simulator.Options{Empty: true, Organization: "Other Shop"})
	for _, path := range []string{"phone-numbers/", "whatsapp-accounts/", "integrations/connectors/"} {
		same(t, path, empty.do("GET", path, "").body, `[]`)
	}
	org := empty.want(201, "POST", "agents/", `{"name":"x"}`)["organization"].(map[string]any)
	if org["name"] != "Other Shop" || org["id"] == "0b6f1c2d-9e38-4a71-8f55-c0ffee000001" || len(org["id"].(string)) != 36 {
		t.Errorf("organization %v", org)
	}
}

func TestConnectAgent(t *testing.T) {
	t.Parallel()
	bothWays(t, simulator.Options{}, func(t *testing.T, a *api) {
		one, two := a.create("one"), a.create("two")
		a.want(200, "PATCH", "agents/"+one+"/", `{"icebreakers":["Hi"]}`)
		got := a.want(200, "POST", "phone-numbers/"+onHook+"/connect-agent/", `{"agentId":"`+one+`","applyToExisting":false}`)
		same(t, "agent", got["activeAgent"], `{"id":"`+one+`","name":"one","icebreakers":["Hi"]}`)
		if got["defaultRouting"] != "agent" || got["defaultWebhook"] != nil {
			t.Errorf("routing %v, webhook %v; want agent and none", got["defaultRouting"], got["defaultWebhook"])
		}
		same(t, "read again", a.do("GET", "phone-numbers/"+onHook+"/", "").body, encode(t, got))
		same(t, "the agent's numbers", a.want(200, "GET", "agents/"+one+"/", "")["phoneNumbers"], `[{"whatsappPhoneNumberId":"100000000000002",
		  "whatsappBusinessAccountId":"200000000000001","wabaId":"`+account+`","phoneNumber":"`+onHook+`"}]`)

		// One number has one agent, an agent may hold several numbers.
		a.want(200, "POST", "phone-numbers/"+onHook+"/connect-agent/", `{"agentId":"`+two+`","applyToExisting":true}`)
		a.want(200, "POST", "phone-numbers/"+free+"/connect-agent/", `{"agentId":"`+two+`"}`)
		same(t, "moved away", a.s.Agent(one)["phoneNumbers"], `[]`)
		if n := len(list(parse(t, encode(t, a.s.Agent(two)["phoneNumbers"])))); n != 2 {
			t.Errorf("%d numbers, want 2", n)
		}
		got = a.want(200, "POST", "phone-numbers/"+onHook+"/unsubscribe/", `{"applyToExisting":false}`)
		if got["activeAgent"] != nil || got["defaultRouting"] != nil || got["defaultWebhook"] != nil {
			t.Errorf("after unsubscribe: %v", got)
		}

		yes, no := true, false
		want := []simulator.Routing{
			{Call: "connect-agent", Number: onHook, AgentID: one, ApplyToExisting: &no},
			{Call: "connect-agent", Number: onHook, AgentID: two, ApplyToExisting: &yes, SessionsCleared: 2},
			{Call: "connect-agent", Number: free, AgentID: two, SessionsCleared: 3}, // left out is true
			{Call: "unsubscribe", Number: onHook, ApplyToExisting: &no},
		}
		if diff := cmp.Diff(want, a.s.Routings()); diff != "" {
			t.Errorf("routings (-want +got):\n%s", diff)
		}
	})
}

func TestNumberErrors(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{})
	id := a.create("x")
	const sandboxText = `{"error":"Sandbox numbers cannot be routed with an API key."}`
	tests := []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "phone-numbers/447700900000/", "", 404, `{"detail":"Not found."}`},
		{"GET", "phone-numbers/+447700900111/", "", 404, ""},
		{"GET", "phone-numbers/1234567890123456/", "", 404, ""},
		{"POST", "phone-numbers/447700900000/connect-agent/", `{}`, 404, `{"detail":"Not found."}`},
		{"POST", "phone-numbers/" + sandbox + "/connect-agent/", `{"agentId":"` + id + `"}`, 400, sandboxText},
		{"POST", "phone-numbers/" + sandbox + "/unsubscribe/", `{}`, 400, sandboxText},
		{"POST", "phone-numbers/" + free + "/connect-agent/", `{}`, 400, `{"agentId":["This field is required."]}`},
		{"POST", "phone-numbers/" + free + "/connect-agent/", `{"agentId":"x","applyToExisting":"perhaps"}`, 400,
			`{"agentId":["Must be a valid UUID."],"applyToExisting":["Must be a valid boolean."]}`},
		{"POST", "phone-numbers/" + free + "/connect-agent/", `{"agentId":"` + noSuch + `"}`, 404, `{"error":"Agent not found","code":"not_found"}`},
		{"POST", "phone-numbers/" + free + "/connect-agent/", `{`, 400, ""},
		{"POST", "phone-numbers/" + free + "/unsubscribe/", `{"applyToExisting":null}`, 400, `{"applyToExisting":["This field may not be null."]}`},
		{"PATCH", "phone-numbers/" + free + "/", `{}`, 405, ""},
	}
	before := encode(t, a.s.Numbers())
	for _, tt := range tests {
		res := a.do(tt.method, tt.path, tt.body)
		if res.status != tt.status {
			t.Errorf("%s %s %s: %d, want %d: %s", tt.method, tt.path, tt.body, res.status, tt.status, res.body)
		} else if tt.want != "" {
			same(t, tt.path, res.body, tt.want)
		}
	}
	same(t, "numbers", a.s.Numbers(), before)
	if n := len(a.s.Routings()); n != 0 {
		t.Errorf("%d routings, want 0", n)
	}
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{})
	id := a.create("x")
	path := "whatsapp-accounts/" + account + "/"
	same(t, "Meta's numbers", a.want(200, "GET", path+"phone-numbers/", ""), `{"data":[
	  {"id":"100000000000001","display_phone_number":"+44 7700 900111","verified_name":"Harbour Bakery Ltd","isLinkedToWassist":true,
	   "wassistPhoneNumberId":"11000000-0000-4000-8000-000000000001"},
	  {"id":"100000000000002","display_phone_number":"+44 7700 900112","verified_name":"Harbour Bakery Ltd","isLinkedToWassist":true,
	   "wassistPhoneNumberId":"11000000-0000-4000-8000-000000000002"},
	  {"id":"100000000000004","display_phone_number":"+44 7700 900114","verified_name":"Harbour Bakery","isLinkedToWassist":false}]}`)

	got := a.want(200, "POST", path+"deploy-agent/", `{"agentId":"`+id+`","phoneNumberId":"11000000-0000-4000-8000-000000000002"}`)
	same(t, "bot", list(got["phoneNumbers"])[1]["bot"], `{"id":"`+id+`","name":"x"}`)
	if n := a.s.Number(onHook); n["defaultRouting"] != "agent" || n["defaultWebhook"] != nil {
		t.Errorf("number after deploy-agent: %v", n)
	}
	if r := a.s.Routings(); len(r) != 1 || r[0].Call != "deploy-agent" || r[0].AgentID != id || r[0].ApplyToExisting != nil {
		t.Errorf("routings %+v", r)
	}

	got = a.want(200, "POST", path+"add-number/", `{"id":"100000000000004","name":"Harbour Bakery"}`)
	if n := list(got["phoneNumbers"]); len(n) != 3 || n[2]["number"] != "447700900114" {
		t.Errorf("numbers after add-number: %v", n)
	}
	a.want(200, "GET", "phone-numbers/447700900114/", "")
	a.want(404, "POST", path+"add-number/", `{"id":"100000000000004","name":"again"}`)

	const missing = `["This field is required."]`
	same(t, "add nothing", a.want(400, "POST", path+"add-number/", `{}`), `{"id":`+missing+`,"name":`+missing+`}`)
	same(t, "deploy nothing", a.want(400, "POST", path+"deploy-agent/", `{}`), `{"agentId":`+missing+`,"phoneNumberId":`+missing+`}`)
	same(t, "deploy nobody", a.want(404, "POST", path+"deploy-agent/", `{"agentId":"`+noSuch+`","phoneNumberId":"`+noSuch+`"}`),
		`{"error":"Agent not found","code":"not_found"}`)
	same(t, "deploy nowhere", a.want(404, "POST", path+"deploy-agent/", `{"agentId":"`+id+`","phoneNumberId":"`+noSuch+`"}`),
		`{"error":"Phone number not found","code":"not_found"}`)
	other := a.s.AddAccount(map[string]any{"name": nil, "waId": "2"})
	a.want(404, "POST", "whatsapp-accounts/"+other+"/deploy-agent/", `{"agentId":"`+id+`","phoneNumberId":"11000000-0000-4000-8000-000000000002"}`)
	for _, call := range [][2]string{{"GET", ""}, {"GET", "phone-numbers/"}, {"POST", "deploy-agent/"}, {"POST", "add-number/"}, {"GET", "proxy/x"}} {
		same(t, call[1], a.want(404, call[0], "whatsapp-accounts/"+noSuch+"/"+call[1], ""), `{"detail":"Not found."}`)
	}
	for _, call := range []string{"deploy-agent/", "add-number/"} {
		a.want(400, "POST", path+call, `{`)
	}
}

func TestProxy(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{})
	path := "whatsapp-accounts/" + account + "/proxy/"
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		same(t, method, a.want(200, method, path+"v23.0/1/messages?fields=id", `{"a":[1]}`),
			`{"path":"v23.0/1/messages","method":"`+method+`","query":"fields=id","body":{"a":[1]}}`)
	}
	same(t, "not JSON", a.want(200, "POST", path+"media/", `--x`), `{"path":"media/","method":"POST","query":"","body":null}`)
}

func TestLinkSessions(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{})
	got := a.want(201, "POST", "whatsapp-link-sessions/", `{"returnUrl":"https://shop.example/back"}`)
	id := got["id"].(string)
	same(t, "session", got, `{"id":"`+id+`","successUrl":"","returnUrl":"https://shop.example/back","status":"PENDING","linkUrl":"https://wassist.app/link/`+id+`"}`)
	same(t, "read", a.want(200, "GET", "whatsapp-link-sessions/"+id+"/", ""), encode(t, got))
	newer := a.want(201, "POST", "whatsapp-link-sessions/", `{}`)["id"]
	if ids := column(parse(t, a.do("GET", "whatsapp-link-sessions/", "").body), "id"); !cmp.Equal(ids, []any{newer, id}) {
		t.Errorf("sessions %v, want the newer first", ids)
	}
	if s := a.want(200, "POST", "whatsapp-link-sessions/"+id+"/expire/", "")["status"]; s != "EXPIRED" {
		t.Errorf("status %v", s)
	}
	const bad = `["Enter a valid URL."]`
	same(t, "bad", a.want(400, "POST", "whatsapp-link-sessions/", `{"returnUrl":"x","successUrl":"ftp://a.example"}`), `{"returnUrl":`+bad+`,"successUrl":`+bad+`}`)
	a.want(400, "POST", "whatsapp-link-sessions/", `{`)
	a.want(404, "GET", "whatsapp-link-sessions/"+noSuch+"/", "")
	a.want(404, "POST", "whatsapp-link-sessions/"+noSuch+"/expire/", "")
}

func TestSimulations(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{Now: fixedClock()})
	agent := a.create("x")
	sim := a.want(201, "POST", "simulations/", `{"agent":"`+agent+`"}`)
	path := "simulations/" + sim["id"].(string) + "/"
	delete(sim, "id")
	same(t, "simulation", sim, `{"agentId":"`+agent+`","agentName":"x","title":"Test chat","messages":[],"isProcessing":false,"createdAt":"2026-09-20T16:02:44.120003Z"}`)

	mine := a.want(201, "POST", path+"messages/", `{"content":{"body":"Are you open?"},"messageType":"text"}`)
	if mine["role"] != "user" || mine["messageType"] != "text" {
		t.Errorf("message %v", mine)
	}
	messages := list(parse(t, a.do("GET", path+"messages/", "").body))
	if len(messages) != 2 || messages[0]["id"] != mine["id"] || messages[1]["role"] != "assistant" {
		t.Fatalf("messages %v", messages)
	}
	same(t, "answer", messages[1]["content"], `{"body":"You said: Are you open?"}`)
	same(t, "whole", a.want(200, "GET", path, "")["messages"], encode(t, messages))

	same(t, "nobody", a.want(400, "POST", "simulations/", `{"agent":"`+noSuch+`"}`), `{"agent":["Invalid pk \"`+noSuch+`\" - object does not exist."]}`)
	same(t, "empty", a.want(400, "POST", path+"messages/", `{"content":{"body":""}}`), `{"content":{"body":["This field may not be blank."]}}`)
	a.want(400, "POST", "simulations/", `{`)
	a.want(400, "POST", path+"messages/", `{`)
	for _, call := range [][2]string{{"GET", ""}, {"GET", "messages/"}, {"POST", "messages/"}} {
		a.want(404, call[0], "simulations/"+noSuch+"/"+call[1], "")
	}
}
