package simulator_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/wassist/simulator"
)

func fixedClock() func() time.Time {
	return func() time.Time { return time.Date(2026, 9, 20, 16, 2, 44, 120003999, time.UTC) }
}

// newAgentWithout is a new agent's answer but for its id and connectUrl.
const newAgentWithout = `{
  "name": "bakery-wholesale", "description": "", "systemPrompt": "", "firstMessage": "", "profilePicture": null,
  "icebreakers": [], "llmModel": null, "reasoningEffort": null, "tools": [], "documents": [], "memoryKeys": [],
  "wakeUpConfigs": [], "outboundTriggers": [], "websiteTools": [], "imageGenerateTools": [], "handoffTools": [],
  "mcpConfigs": [], "supportTools": [], "shopifyStores": [], "appInstallations": [], "paywallConfig": null,
  "adConfig": null, "creditSettings": null, "voiceCallConfig": null,
  "organization": {"id": "0b6f1c2d-9e38-4a71-8f55-c0ffee000001", "name": "Harbour Bakery", "isPersonal": false},
  "phoneNumbers": [], "totalMessages": 0, "totalSessions": 0, "createdAt": "2026-09-20T16:02:44.120003Z"
}`

func TestCreate(t *testing.T) {
	t.Parallel()
	bothWays(t, simulator.Options{Now: fixedClock()}, func(t *testing.T, a *api) {
		// Under the current API everything but the name is ignored.
		got := a.want(201, "POST", "agents/", `{"name":"bakery-wholesale","systemPrompt":"ignored","tools":"ignored"}`)
		id := got["id"].(string)
		if want := "https://wa.me/447700900999?text=/connect:" + id; got["connectUrl"] != want {
			t.Errorf("connectUrl %v, want %s", got["connectUrl"], want)
		}
		same(t, "read again", a.want(200, "GET", "agents/"+id+"/", ""), encode(t, got))
		same(t, "read with an upper case id", a.want(200, "GET", "agents/"+strings.ToUpper(id)+"/", ""), encode(t, got))
		delete(got, "id")
		delete(got, "connectUrl")
		same(t, "new agent", got, newAgentWithout)

		// Nothing makes names unique.
		if other := a.create("bakery-wholesale"); other == id {
			t.Error("two creates, one agent")
		}
		if n := len(a.s.Agents()); n != 2 {
			t.Errorf("%d agents, want 2", n)
		}
	})
}

func TestNameRules(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{})
	id := a.create("x")
	tests := []struct{ name, want string }{
		{`""`, "This field may not be blank."},
		{`" \t"`, "This field may not be blank."},
		{`null`, "This field may not be null."},
		{`true`, "Not a valid string."},
		{`["x"]`, "Not a valid string."},
		{quote(strings.Repeat("é", 256)), "Ensure this field has no more than 255 characters."},
		{`"a\u0000b"`, "Null characters are not allowed."},
		{quote(strings.Repeat("é", 255)), ""},
		{`7`, ""}, // DRF's CharField takes numbers
	}
	for _, tt := range tests {
		for _, call := range [][2]string{{"POST", "agents/"}, {"PATCH", "agents/" + id + "/"}, {"PUT", "agents/" + id + "/"}} {
			res := a.do(call[0], call[1], `{"name":`+tt.name+`}`)
			switch {
			case tt.want == "" && res.status >= 300:
				t.Errorf("%s with name %.20s: status %d: %s", call[0], tt.name, res.status, res.body)
			case tt.want != "" && res.status != 400:
				t.Errorf("%s with name %.20s: status %d, want 400", call[0], tt.name, res.status)
			case tt.want != "":
				same(t, call[0]+" "+tt.name, res.body, `{"name":[`+quote(tt.want)+`]}`)
			}
		}
	}
	if got := a.s.Agent(id)["name"]; got != "7" {
		t.Errorf("name %v, want the text 7", got)
	}
}

func TestPaging(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{})
	for i := range 25 {
		a.create(fmt.Sprint(i))
	}
	const base = "https://backend.wassist.app/api/v1/agents/?"
	tests := []struct {
		query          string
		first, n       int
		next, previous any
	}{
		{"", 24, 20, base + "limit=20&offset=20", nil},
		{"?limit=10", 24, 10, base + "limit=10&offset=10", nil},
		{"?limit=10&offset=10", 14, 10, base + "limit=10&offset=20", base + "limit=10"},
		{"?limit=10&offset=20", 4, 5, nil, base + "limit=10&offset=10"},
		{"?limit=25", 24, 25, nil, nil},
		{"?limit=5&offset=25", 0, 0, nil, base + "limit=5&offset=20"},
		{"?limit=0", 24, 20, base + "limit=20&offset=20", nil},
		{"?limit=-1&offset=-1", 24, 20, base + "limit=20&offset=20", nil},
		{"?limit=x&offset=y", 24, 20, base + "limit=20&offset=20", nil},
		{"?limit=1000", 24, 25, nil, nil},
		{"?limit=3&x=1", 24, 3, base + "limit=3&offset=3&x=1", nil},
	}
	for _, tt := range tests {
		got := a.want(200, "GET", "agents/"+tt.query, "")
		results := list(got["results"])
		if got["count"] != 25.0 || len(results) != tt.n || got["next"] != tt.next || got["previous"] != tt.previous {
			t.Errorf("%s: count %v, %d results, next %v, previous %v; want 25, %d, %v, %v",
				tt.query, got["count"], len(results), got["next"], got["previous"], tt.n, tt.next, tt.previous)
		}
		if tt.n > 0 && results[0]["name"] != fmt.Sprint(tt.first) {
			t.Errorf("%s: first is %v, want %d", tt.query, results[0]["name"], tt.first)
		}
	}
	small := inProcess(t, simulator.Options{PageDefault: 2, PageMax: 3})
	for i := range 5 {
		small.create(fmt.Sprint(i))
	}
	if n := len(list(small.want(200, "GET", "agents/", "")["results"])); n != 2 {
		t.Errorf("default page %d, want 2", n)
	}
	if n := len(list(small.want(200, "GET", "agents/?limit=100", "")["results"])); n != 3 {
		t.Errorf("largest page %d, want 3", n)
	}
}

// TestListItemsAreFull: a list item is the same as the agent read by itself.
func TestListItemsAreFull(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{})
	id := a.s.AddAgent(fullAgent(a))
	item := list(a.want(200, "GET", "agents/", "")["results"])[0]
	same(t, "list item", item, encode(t, a.want(200, "GET", "agents/"+id+"/", "")))
}

func TestDelete(t *testing.T) {
	t.Parallel()
	for _, keeps := range []bool{false, true} {
		a := inProcess(t, simulator.Options{DeleteKeepsNumbers: keeps})
		parent, id := a.create("parent"), a.create("gone")
		a.want(200, "PATCH", "agents/"+parent+"/", `{"handoffTools":[{"childAgentId":"`+id+`","description":"d"}]}`)
		a.want(200, "POST", "phone-numbers/447700900111/connect-agent/", `{"agentId":"`+id+`"}`)

		res := a.do("DELETE", "agents/"+id+"/", "")
		if res.status != 204 || res.body != "" {
			t.Errorf("status %d, body %q; want 204 and none", res.status, res.body)
		}
		for _, method := range []string{"GET", "PATCH", "PUT", "DELETE"} {
			if got := a.do(method, "agents/"+id+"/", "").status; got != 404 {
				t.Errorf("%s after the delete: %d, want 404", method, got)
			}
		}
		if n := a.want(200, "GET", "agents/", "")["count"]; n != 1.0 {
			t.Errorf("count %v, want 1", n)
		}
		number := a.want(200, "GET", "phone-numbers/447700900111/", "")
		if names := number["activeAgent"] != nil; names != keeps || number["defaultRouting"] != "agent" {
			t.Errorf("number after the delete (keeps: %v): agent %v, routing %v", keeps, number["activeAgent"], number["defaultRouting"])
		}
		// The handoff stays and its name with it, but cannot be written any more.
		handoffs := a.s.Agent(parent)["handoffTools"]
		if got := column(handoffs, "childAgentName"); !cmp.Equal(got, []any{"gone"}) {
			t.Errorf("handoff to %v, want gone", got)
		}
		a.want(400, "PATCH", "agents/"+parent+"/", `{"handoffTools":`+encode(t, handoffs)+`}`)
	}
}

func TestByoaAndDuplicate(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{})
	got := a.want(201, "POST", "agents/byoa/", `{"webhookUrl":"https://bot.bakery.example/hook"}`)
	sample, err := os.ReadFile("testdata/byoa-tool.json")
	if err != nil {
		t.Fatal(err)
	}
	tool := list(got["tools"])[0]
	delete(tool, "id")
	same(t, "byoa tool", tool, string(sample))
	same(t, "no URL", a.want(400, "POST", "agents/byoa/", `{"webhookUrl":"bot"}`), `{"webhookUrl":["Enter a valid URL."]}`)
	same(t, "nothing", a.want(400, "POST", "agents/byoa/", `{}`), `{"webhookUrl":["This field is required."]}`)

	id := a.s.AddAgent(fullAgent(a))
	a.want(200, "POST", "phone-numbers/447700900111/connect-agent/", `{"agentId":"`+id+`"}`)
	was, copied := a.s.Agent(id), a.want(201, "POST", "agents/"+id+"/duplicate/", "")
	if copied["name"] != "full (Copy)" || copied["systemPrompt"] != was["systemPrompt"] {
		t.Errorf("copy is %v with prompt %v", copied["name"], copied["systemPrompt"])
	}
	if n := len(list(copied["phoneNumbers"])); n != 0 {
		t.Errorf("the copy answers %d numbers, want 0", n)
	}
	for _, key := range nestedLists {
		before, after := list(was[key]), list(copied[key])
		if len(before) == 0 || len(before) != len(after) {
			t.Fatalf("%s: %d entries, copied %d", key, len(before), len(after))
		}
		for _, made := range []string{"id", "url", "secret"} {
			if made == "url" && key != "outboundTriggers" {
				continue
			}
			if v := before[0][made]; v != nil && v == after[0][made] {
				t.Errorf("%s: the copy shares %s", key, made)
			}
		}
	}
	same(t, "original", a.s.Agent(id), encode(t, was))
	a.want(404, "POST", "agents/"+noSuch+"/duplicate/", "")
}
