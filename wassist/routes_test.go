package wassist

import (
	"context"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every method's request, after the API introduction and the published OpenAPI operation list.
func TestRequests(t *testing.T) {
	const (
		agentBody  = oneAgent
		numberBody = `{"id":"n1","number":"447700900111"}`
		emptyPage  = `{"count":0,"next":null,"previous":null,"results":[]}`
	)
	cases := []struct {
		name, want, answer string
		call               func(ctx context.Context, c *Client) error
	}{
		{"list agents", "GET /api/v1/agents/?limit=100", emptyPage, func(ctx context.Context, c *Client) error {
			return second(c.Agents.List(ctx, ListOptions{}))
		}},
		{"list a page of agents", "GET /api/v1/agents/?limit=5&offset=10", emptyPage, func(ctx context.Context, c *Client) error {
			return second(c.Agents.List(ctx, ListOptions{Limit: 5, Offset: 10}))
		}},
		{"walk agents", "GET /api/v1/agents/?limit=100", emptyPage, func(ctx context.Context, c *Client) error {
			return second(c.Agents.Walk(ctx))
		}},
		{"get agent", "GET /api/v1/agents/a%2F1%3F%20x/", agentBody, func(ctx context.Context, c *Client) error {
			return second(c.Agents.Get(ctx, "a/1? x"))
		}},
		{"create agent", `POST /api/v1/agents/ {"name":"Order desk"}`, agentBody, func(ctx context.Context, c *Client) error {
			return second(c.Agents.Create(ctx, "Order desk"))
		}},
		{"create whole agent", `POST /api/v1/agents/ {"name":"Order desk","systemPrompt":"p"}`, agentBody, func(ctx context.Context, c *Client) error {
			return second(c.Agents.CreateWhole(ctx, Agent{ID: "x", Name: "Order desk", SystemPrompt: Some("p")}))
		}},
		{"create byoa", `POST /api/v1/agents/byoa/ {"webhookUrl":"https://bot.example/hook"}`, agentBody, func(ctx context.Context, c *Client) error {
			return second(c.Agents.CreateBYOA(ctx, "https://bot.example/hook"))
		}},
		{"duplicate", `POST /api/v1/agents/a1/duplicate/`, agentBody, func(ctx context.Context, c *Client) error {
			return second(c.Agents.Duplicate(ctx, "a1"))
		}},
		{"update", `PATCH /api/v1/agents/a1/ {"systemPrompt":"","llmModel":null}`, agentBody, func(ctx context.Context, c *Client) error {
			return second(c.Agents.Update(ctx, "a1", AgentUpdate{SystemPrompt: Some(""), LLMModel: Null[string]()}))
		}},
		{"replace", `PUT /api/v1/agents/a1/ {"name":"n","futureField":[1]}`, agentBody, func(ctx context.Context, c *Client) error {
			return second(c.Agents.Replace(ctx, "a1", Agent{ID: "a1", Name: "n", CreatedAt: Some("x"), Extra: Extra{"futureField": "[1]"}}))
		}},
		{"delete", "DELETE /api/v1/agents/a1/", "", func(ctx context.Context, c *Client) error {
			return c.Agents.Delete(ctx, "a1")
		}},
		{"deploy", "POST /api/v1/agents/a1/deploy/", "", func(ctx context.Context, c *Client) error {
			return second(c.Agents.Deploy(ctx, "a1"))
		}},
		{"share", `POST /api/v1/agents/a1/share/ {"userPhoneNumber":"447700900111"}`, "", func(ctx context.Context, c *Client) error {
			return second(c.Agents.Share(ctx, "a1", "447700900111"))
		}},
		{"unshare", `POST /api/v1/agents/a1/unshare/ {"userPhoneNumber":"447700900111"}`, "", func(ctx context.Context, c *Client) error {
			return second(c.Agents.Unshare(ctx, "a1", "447700900111"))
		}},
		{"list numbers", "GET /api/v1/phone-numbers/?limit=100", "[]", func(ctx context.Context, c *Client) error {
			return second(c.PhoneNumbers.List(ctx))
		}},
		{"get number", "GET /api/v1/phone-numbers/447700900111/", numberBody, func(ctx context.Context, c *Client) error {
			return second(c.PhoneNumbers.Get(ctx, "+44 7700 900-111"))
		}},
		{"connect agent", `POST /api/v1/phone-numbers/447700900111/connect-agent/ {"agentId":"a1","applyToExisting":false}`, numberBody, func(ctx context.Context, c *Client) error {
			return second(c.PhoneNumbers.ConnectAgent(ctx, "447700900111", "a1", false))
		}},
		{"unsubscribe", `POST /api/v1/phone-numbers/447700900111/unsubscribe/ {"applyToExisting":true}`, numberBody, func(ctx context.Context, c *Client) error {
			return second(c.PhoneNumbers.Unsubscribe(ctx, "447700900111", true))
		}},
		{"list accounts", "GET /api/v1/whatsapp-accounts/?limit=100", "[]", func(ctx context.Context, c *Client) error {
			return second(c.WhatsAppAccounts.List(ctx))
		}},
		{"get account", "GET /api/v1/whatsapp-accounts/w1/", `{"id":"w1"}`, func(ctx context.Context, c *Client) error {
			return second(c.WhatsAppAccounts.Get(ctx, "w1"))
		}},
		{"list an account's numbers", "GET /api/v1/whatsapp-accounts/w1/phone-numbers/?limit=100", `{"data":[]}`, func(ctx context.Context, c *Client) error {
			return second(c.WhatsAppAccounts.PhoneNumbers(ctx, "w1"))
		}},
		{"deploy agent", `POST /api/v1/whatsapp-accounts/w1/deploy-agent/ {"agentId":"a1","phoneNumberId":"n1"}`, "", func(ctx context.Context, c *Client) error {
			return second(c.WhatsAppAccounts.DeployAgent(ctx, "w1", "a1", "n1"))
		}},
		{"add number", `POST /api/v1/whatsapp-accounts/w1/add-number/ {"id":"100000000000004","name":"Shop"}`, `{"id":"w1"}`, func(ctx context.Context, c *Client) error {
			return second(c.WhatsAppAccounts.AddNumber(ctx, "w1", "100000000000004", "Shop"))
		}},
		{"proxy", `POST /api/v1/whatsapp-accounts/w1/proxy/100000000000001/messages/?fields=a%2Cb {"to":"1"}`, "", func(ctx context.Context, c *Client) error {
			return second(c.WhatsAppAccounts.Proxy(ctx, "w1", "POST", "100000000000001/messages?fields=a,b", []byte(`{"to":"1"}`), ""))
		}},
		{"create link session", `POST /api/v1/whatsapp-link-sessions/ {"returnUrl":"https://shop.example/back"}`, `{"id":"l1"}`, func(ctx context.Context, c *Client) error {
			return second(c.LinkSessions.Create(ctx, LinkSessionRequest{ReturnURL: Some("https://shop.example/back")}))
		}},
		{"list link sessions", "GET /api/v1/whatsapp-link-sessions/?limit=100", "[]", func(ctx context.Context, c *Client) error {
			return second(c.LinkSessions.List(ctx))
		}},
		{"get link session", "GET /api/v1/whatsapp-link-sessions/l1/", `{"id":"l1"}`, func(ctx context.Context, c *Client) error {
			return second(c.LinkSessions.Get(ctx, "l1"))
		}},
		{"list connectors", "GET /api/v1/integrations/connectors/?limit=100", "[]", func(ctx context.Context, c *Client) error {
			return second(c.Connectors.List(ctx))
		}},
		{"create simulation", `POST /api/v1/simulations/ {"agent":"a1"}`, `{"id":"s1"}`, func(ctx context.Context, c *Client) error {
			return second(c.Simulations.Create(ctx, "a1"))
		}},
		{"send message", `POST /api/v1/simulations/s1/messages/ {"content":{"body":"Hi"},"messageType":"text"}`, `{}`, func(ctx context.Context, c *Client) error {
			return second(c.Simulations.SendMessage(ctx, "s1", "Hi", "text"))
		}},
		{"list messages", "GET /api/v1/simulations/s1/messages/?limit=100", "[]", func(ctx context.Context, c *Client) error {
			return second(c.Simulations.Messages(ctx, "s1"))
		}},
		{"anything", "PATCH /api/v1/agents/a1/?x=1&y=2 {}", "", func(ctx context.Context, c *Client) error {
			return second(c.Do(ctx, "PATCH", "/agents/a1?y=2&x=1", []byte("{}")))
		}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			server := &fake{answer: always(200, tc.answer)}
			c := newClient(t, server, WithUserAgent("test/1"))
			if err := tc.call(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{tc.want}, server.requests); diff != "" {
				t.Error(diff)
			}
			h := server.headers[0]
			want := http.Header{"Accept": {"application/json"}, "User-Agent": {"test/1"}, "X-Api-Key": {testKey}}
			if tc.want[len(tc.want)-1] == '}' {
				want.Set("Content-Type", "application/json")
			}
			if diff := cmp.Diff(want, h); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// second drops a value.
func second[T any](_ T, err error) error { return err }

func TestAnswersAreRead(t *testing.T) {
	c := newClient(t, &fake{answer: func(_ int, r *http.Request) (*canned, error) {
		for path, name := range map[string]string{
			"/api/v1/agents/a1/": "agent.json", "/api/v1/phone-numbers/": "phone-numbers-list.json",
			"/api/v1/whatsapp-accounts/":                  "whatsapp-accounts-list.json",
			"/api/v1/whatsapp-accounts/w1/phone-numbers/": "whatsapp-account-phone-numbers.json",
			"/api/v1/integrations/connectors/":            "connectors-list.json",
		} {
			if r.URL.Path == path {
				return reply(200, string(sample(t, name)), "X-Request-Id", "r1")
			}
		}
		return reply(404, `{}`)
	}})
	ctx := t.Context()
	if a, err := c.Agents.Get(ctx, "a1"); err != nil || a.Name != "bakery-front-desk" || len(a.Tools.Value) != 2 {
		t.Errorf("%v, %v", a.Name, err)
	}
	numbers, err := c.PhoneNumbers.List(ctx)
	if err != nil || len(numbers) != 4 || !numbers[3].IsSandbox.Value || numbers[1].DefaultWebhook.Value.Name.Value != "crm" ||
		numbers[0].ActiveAgent.Value.ID != "3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b61" {
		t.Errorf("%v, %v", numbers, err)
	}
	accounts, err := c.WhatsAppAccounts.List(ctx)
	if err != nil || len(accounts) != 1 || accounts[0].PhoneNumbers.Value[0].Bot.Value.Name.Value != "bakery-front-desk" {
		t.Errorf("%v, %v", accounts, err)
	}
	metas, err := c.WhatsAppAccounts.PhoneNumbers(ctx, "w1")
	if err != nil || len(metas) != 2 || metas[0].DisplayPhoneNumber.Value != "+44 7700 900111" || metas[1].IsLinkedToWassist.Value {
		t.Errorf("%v, %v", metas, err)
	}
	connectors, err := c.Connectors.List(ctx)
	if err != nil || len(connectors) != 1 || connectors[0].KnownTools.Value[0].Name != "list_invoices" {
		t.Errorf("%v, %v", connectors, err)
	}
}

func TestFreeCallsReturnTheAnswerBesideAnError(t *testing.T) {
	c := newClient(t, &fake{answer: always(400, `{"error":"no"}`, "X-A", "b")})
	for name, call := range map[string]func() (*Response, error){
		"Do":    func() (*Response, error) { return c.Do(t.Context(), "POST", "agents/", []byte(`{}`)) },
		"Proxy": func() (*Response, error) { return c.WhatsAppAccounts.Proxy(t.Context(), "w1", "GET", "me", nil, "") },
	} {
		resp, err := call()
		if err == nil || resp == nil || resp.Status != 400 || string(resp.Body) != `{"error":"no"}` || resp.Header.Get("X-A") != "b" {
			t.Errorf("%s: %v, %v", name, resp, err)
		}
	}
}

// What is wrong before anything is sent is an error, and no request.
func TestRefusedBeforeSending(t *testing.T) {
	server := &fake{answer: always(200, oneAgent)}
	c := newClient(t, server)
	ctx := t.Context()
	cases := map[string]func() error{
		"GET /agents//: an id is empty":         func() error { return second(c.Agents.Get(ctx, "")) },
		"GET /agents/ /: an id is empty":        func() error { return second(c.Agents.Get(ctx, " ")) },
		`DELETE /agents/../: ".." is not an id`: func() error { return c.Agents.Delete(ctx, "..") },
		`GET /agents/a\nb/: the id "a\nb" holds a control character`: func() error {
			return second(c.Agents.Get(ctx, "a\nb"))
		},
		"POST /simulations/: an id is empty":                      func() error { return second(c.Simulations.Create(ctx, "")) },
		"POST /phone-numbers/1/connect-agent/: an id is empty":    func() error { return second(c.PhoneNumbers.ConnectAgent(ctx, "1", "", true)) },
		"POST /whatsapp-accounts/w/deploy-agent/: an id is empty": func() error { return second(c.WhatsAppAccounts.DeployAgent(ctx, "w", "a", "")) },
		"POST /whatsapp-accounts/w/add-number/: an id is empty":   func() error { return second(c.WhatsAppAccounts.AddNumber(ctx, "w", "", "n")) },
		"GET /whatsapp-accounts//proxy/: an id is empty":          func() error { return second(c.WhatsAppAccounts.Proxy(ctx, "", "GET", "x", nil, "")) },
		"POST /whatsapp-accounts/w/proxy/x/: the media type holds a line break": func() error {
			return second(c.WhatsAppAccounts.Proxy(ctx, "w", "POST", "x", []byte("x"), "a\r\nX-Evil: 1"))
		},
		`GET /phone-numbers/: "12x" is not a phone number: up to 15 digits, such as +44 7700 900111`: func() error {
			return second(c.PhoneNumbers.Get(ctx, "12x"))
		},
		`(method) /agents/: "FETCH\nX" is not one of GET, HEAD, POST, PUT, PATCH, DELETE`: func() error {
			return second(c.Do(ctx, "FETCH\nX", "agents", nil))
		},
	}
	for want, call := range cases {
		err := call()
		if err == nil {
			t.Errorf("%s: no error", want)
			continue
		}
		if got := err.Error(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if OutcomeUnknown(err) {
			t.Errorf("%s: nothing was sent, so the outcome is known", want)
		}
	}
	if server.count() > 0 {
		t.Errorf("sent: %q", server.requests)
	}
}

func TestPaths(t *testing.T) {
	for given, want := range map[string]string{
		"agents": "agents/", "/agents/": "agents/", "agents/?limit=5": "agents/?limit=5", "agents/a%2Fb": "agents/a%2Fb/",
		"agents/ä b": "agents/%C3%A4%20b/", "a:b/c": "a:b/c/", "x?": "x/", "x?u=http://y": "x/?u=http%3A%2F%2Fy",
	} {
		path, query, err := parsePath(given)
		if got := path; err != nil || len(query) > 0 && got+"?"+query.Encode() != want || len(query) == 0 && got != want {
			t.Errorf("parsePath(%q) = %q, %v, %v", given, path, query, err)
		}
	}
	for _, bad := range []string{
		"", "/", "?x=1", "//evil.example/x", "https://evil.example/x", "../x", "a/../b", "a/%2e%2E/b", "a/./b", `a\b`, "a%5Cb", "a#b",
		"a\nb", "a%0ab", "a%zz", "a/?x=%zz", "a?x=1;y", "///",
	} {
		if path, query, err := parsePath(bad); err == nil {
			t.Errorf("parsePath(%q) = %q, %v", bad, path, query)
		}
	}
}

func TestDigits(t *testing.T) {
	for in, want := range map[string]string{
		"+44 7700 900111": "447700900111", "447700900111": "447700900111", " +1-202-555-0100 ": "12025550100", "123456789012345": "123456789012345",
	} {
		if got, err := Digits(in); err != nil || got != want {
			t.Errorf("Digits(%q) = %q, %v", in, got, err)
		}
	}
	for _, bad := range []string{"", "+", "++1", "1+2", "1234567890123456", "12a", "١٢", "1/../2"} {
		if got, err := Digits(bad); err == nil {
			t.Errorf("Digits(%q) = %q", bad, got)
		}
	}
}
