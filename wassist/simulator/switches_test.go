package simulator_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/wassist/simulator"
)

// TestDroppedLists: nested lists are ignored without a look at them, and all
// else is written.
func TestDroppedLists(t *testing.T) {
	t.Parallel()
	const lists = `"name":"n","description":"new","icebreakers":["i"],"paywallConfig":{},"tools":"nonsense","websiteTools":[{"url":"new","prompt":""}]`
	tests := []struct {
		name    string
		o       simulator.Options
		method  string
		dropped bool
	}{
		{"patch drops", simulator.Options{DropListsOnPatch: true}, "PATCH", true},
		{"put drops", simulator.Options{DropListsOnPut: true}, "PUT", true},
		{"put does not drop what patch drops", simulator.Options{DropListsOnPatch: true}, "PUT", false},
		{"patch does not drop what put drops", simulator.Options{DropListsOnPut: true}, "PATCH", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := inProcess(t, tt.o)
			id := a.s.AddAgent(map[string]any{"name": "x", "websiteTools": []any{map[string]any{"url": "old", "prompt": ""}}})
			if !tt.dropped {
				a.want(400, tt.method, "agents/"+id+"/", `{`+lists+`}`)
				return
			}
			got := a.want(200, tt.method, "agents/"+id+"/", `{`+lists+`}`)
			if urls := column(got["websiteTools"], "url"); !cmp.Equal(urls, []any{"old"}) {
				t.Errorf("sites %v, want the old one", urls)
			}
			if got["description"] != "new" || got["paywallConfig"] == nil || len(got["icebreakers"].([]any)) != 1 {
				t.Errorf("fields besides nested lists were dropped: %v", got)
			}
		})
	}
}

// TestPut: what a PUT does to the fields that it leaves out.
func TestPut(t *testing.T) {
	t.Parallel()
	for _, resets := range []bool{false, true} {
		a := inProcess(t, simulator.Options{PutResets: resets})
		id := a.s.AddAgent(fullAgent(a))
		before := a.s.Agent(id)

		// A PUT of the whole document, read-only fields and all, changes nothing.
		same(t, "PUT of what was read", a.want(200, "PUT", "agents/"+id+"/", encode(t, before)), encode(t, before))

		got := a.want(200, "PUT", "agents/"+id+"/", `{"name":"full","firstMessage":"new"}`)
		want := before
		if resets {
			want = a.s.Agent(a.s.AddAgent(map[string]any{"name": "full"}))
			for _, k := range []string{"id", "createdAt", "connectUrl"} {
				want[k] = before[k]
			}
		}
		want["firstMessage"] = "new"
		same(t, "PUT of two fields", got, encode(t, want))

		want["description"] = "patched"
		same(t, "PATCH never resets", a.want(200, "PATCH", "agents/"+id+"/", `{"description":"patched"}`), encode(t, want))
	}
}

// TestPutIgnores: fields that the PUT body does not have are neither written
// nor reset.
func TestPutIgnores(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{PutResets: true, PutIgnores: []string{"memoryKeys", "reasoningEffort"}})
	id := a.s.AddAgent(fullAgent(a))
	got := a.want(200, "PUT", "agents/"+id+"/", `{"name":"full","memoryKeys":"nonsense","reasoningEffort":"high"}`)
	if keys := column(got["memoryKeys"], "key"); !cmp.Equal(keys, []any{"k"}) || got["reasoningEffort"] != "low" || got["llmModel"] != nil {
		t.Errorf("keys %v, effort %v, model %v; want k, low, none", keys, got["reasoningEffort"], got["llmModel"])
	}
}

// TestPutOnlyFields: PATCH ignores the fields that only the PUT body lists.
func TestPutOnlyFields(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{})
	path := "agents/" + a.create("x") + "/"
	const body = `{"name":"x","documents":[{"id":"d"}],"adConfig":{"a":1}}`
	if got := a.want(200, "PATCH", path, body); len(list(got["documents"])) != 0 || got["adConfig"] != nil {
		t.Errorf("PATCH wrote %v, %v", got["documents"], got["adConfig"])
	}
	if got := a.want(200, "PUT", path, body); len(list(got["documents"])) != 1 || got["adConfig"] == nil {
		t.Errorf("PUT did not write: %v, %v", got["documents"], got["adConfig"])
	}
	same(t, "documents", a.want(400, "PUT", path, `{"name":"x","documents":{}}`),
		`{"documents":{"non_field_errors":["Expected a list of items but got type \"dict\"."]}}`)
}

func TestTrimText(t *testing.T) {
	t.Parallel()
	const body = `{"name":" n ","systemPrompt":"\n a b \n","llmModel":null,"icebreakers":[" i "],
	  "tools":[{"name":" t ","description":"d ","apiSchema":{"url":" u "}}],"paywallConfig":{"ctaButtonText":" c "}}`
	for _, trims := range []bool{false, true} {
		a := inProcess(t, simulator.Options{TrimText: trims})
		got := a.want(200, "PATCH", "agents/"+a.create("x")+"/", body)
		tool, paywall := list(got["tools"])[0], got["paywallConfig"].(map[string]any)
		shown := []any{
			got["name"], got["systemPrompt"], got["icebreakers"].([]any)[0], tool["name"], tool["description"], paywall["ctaButtonText"],
		}
		want := []any{" n ", "\n a b \n", " i ", " t ", "d ", " c "}
		if trims {
			for i := range want {
				want[i] = strings.TrimSpace(want[i].(string))
			}
		}
		if diff := cmp.Diff(want, shown); diff != "" {
			t.Errorf("trims %v (-want +got):\n%s", trims, diff)
		}
		same(t, "a schema is no text", tool["apiSchema"], `{"url":" u "}`)
	}
}

func TestFillDefaults(t *testing.T) {
	t.Parallel()
	const (
		empty = `{"required":[],"properties":{}}`
		body  = `{"tools":[
		  {"name":"get","description":"","apiSchema":{"url":"u","method":"GET"}},
		  {"name":"post","description":"","apiSchema":{"url":"u","method":"POST","query_params":{"required":["a"]},"path_params":null}}]}`
	)
	a := inProcess(t, simulator.Options{FillDefaults: true})
	got := list(a.want(200, "PATCH", "agents/"+a.create("x")+"/", body)["tools"])
	same(t, "GET", got[0]["apiSchema"], `{"url":"u","method":"GET","path_params":{},"request_headers":{},"query_params":`+empty+`}`)
	same(t, "POST", got[1]["apiSchema"], `{"url":"u","method":"POST","path_params":{},"request_headers":{},
	  "query_params":{"required":["a"],"properties":{}},"request_body":{"type":"object","required":[],"properties":{}}}`)

	plain := inProcess(t, simulator.Options{})
	got = list(plain.want(200, "PATCH", "agents/"+plain.create("x")+"/", body)["tools"])
	same(t, "stored as it was sent", got[1]["apiSchema"], `{"url":"u","method":"POST","query_params":{"required":["a"]},"path_params":null}`)
}

func TestOmitDefaults(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{OmitDefaults: true})
	got := a.want(200, "PATCH", "agents/"+a.create("x")+"/", `{
	  "imageGenerateTools":[{"name":"n","description":"","prompt":""},{"name":"m","description":"","prompt":"","active":false,"creditCost":2}],
	  "wakeUpConfigs":[{"description":"d"},{"description":"e","enabled":false}]}`)
	for _, e := range append(list(got["imageGenerateTools"]), list(got["wakeUpConfigs"])...) {
		delete(e, "id")
	}
	same(t, "images", got["imageGenerateTools"], `[{"name":"n","description":"","prompt":""},{"name":"m","description":"","prompt":"","active":false,"creditCost":2}]`)
	same(t, "wake ups", got["wakeUpConfigs"], `[{"description":"d","forceMessage":false},{"description":"e","enabled":false,"forceMessage":false}]`)
}

func TestEnvelopes(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"phone-numbers/", "whatsapp-accounts/", "integrations/connectors/", "whatsapp-link-sessions/"} {
		if _, bare := parse(t, inProcess(t, simulator.Options{}).do("GET", path+"?limit=1", "").body).([]any); !bare {
			t.Errorf("%s: no bare array", path)
		}
		got := inProcess(t, simulator.Options{Shapes: simulator.ShapesEnvelope}).want(200, "GET", path, "")
		if _, ok := got["results"].([]any); !ok || got["count"] != float64(len(list(got["results"]))) {
			t.Errorf("%s: no envelope: %v", path, got)
		}
	}
	a := inProcess(t, simulator.Options{})
	if n := len(list(parse(t, a.do("GET", "phone-numbers/?limit=1&offset=1", "").body))); n != 3 {
		t.Errorf("a bare array was paged: %d numbers, want 3", n)
	}
	b := inProcess(t, simulator.Options{Shapes: simulator.ShapesEnvelope})
	if n := len(list(b.want(200, "GET", "phone-numbers/?limit=1&offset=1", "")["results"])); n != 1 {
		t.Errorf("an envelope was not paged: %d numbers, want 1", n)
	}
}

// TestProfiles: which calls each generation of the API knows.
func TestProfiles(t *testing.T) {
	t.Parallel()
	const id = "{id}"
	tests := []struct {
		method, path, body  string
		current, documented int
	}{
		{"GET", "agents/", "", 200, 200},
		{"GET", "agents/" + id + "/", "", 200, 200},
		{"PUT", "agents/" + id + "/", `{"name":"x"}`, 200, 200},
		{"PATCH", "agents/" + id + "/", `{}`, 200, 405},
		{"POST", "agents/byoa/", `{"webhookUrl":"https://x.example"}`, 201, 405}, // documented: an agent's path, which has no POST
		{"POST", "agents/" + id + "/duplicate/", "", 201, 404},
		{"POST", "agents/" + id + "/deploy/", "", 404, 200},
		{"POST", "agents/" + noSuch + "/deploy/", "", 404, 404},
		{"POST", "agents/" + id + "/share/", `{"userPhoneNumber":"447700900200"}`, 404, 200},
		{"POST", "agents/" + id + "/share/", `{}`, 404, 400},
		{"POST", "agents/" + noSuch + "/share/", `{}`, 404, 404},
		{"POST", "agents/" + id + "/unshare/", `{"userPhoneNumber":"447700900200"}`, 404, 200},
		{"GET", "phone-numbers/", "", 200, 404},
		{"GET", "phone-numbers/447700900111/", "", 200, 404},
		{"POST", "phone-numbers/447700900111/connect-agent/", `{"agentId":"` + id + `"}`, 200, 404},
		{"POST", "phone-numbers/447700900111/unsubscribe/", `{}`, 200, 404},
		{"GET", "integrations/connectors/", "", 200, 404},
		{"POST", "simulations/", `{"agent":"` + id + `"}`, 201, 404},
		{"GET", "whatsapp-accounts/", "", 200, 200},
		{"GET", "whatsapp-link-sessions/", "", 200, 200},
		{"POST", "whatsapp-link-sessions/", `{}`, 201, 201},
	}
	for _, profile := range []string{simulator.ProfileCurrent, simulator.ProfileDocumented} {
		a := inProcess(t, simulator.Options{Profile: profile})
		agent := a.create("x")
		for _, tt := range tests {
			want := tt.current
			if profile == simulator.ProfileDocumented {
				want = tt.documented
			}
			res := a.do(tt.method, strings.ReplaceAll(tt.path, id, agent), strings.ReplaceAll(tt.body, id, agent))
			if res.status != want {
				t.Errorf("%s: %s %s: %d, want %d: %s", profile, tt.method, tt.path, res.status, want, res.body)
			}
		}
	}
}

// TestDocumentedCreate takes the whole agent in one call.
func TestDocumentedCreate(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{Profile: simulator.ProfileDocumented})
	body := fullAgent(a)
	got := a.want(201, "POST", "agents/", encode(t, body))
	if got["systemPrompt"] != "p" || len(list(got["tools"])) != 1 || len(list(got["memoryKeys"])) != 1 || got["voiceCallConfig"] == nil {
		t.Errorf("created %v", got)
	}
	same(t, "invalid", a.want(400, "POST", "agents/", `{"tools":[{}]}`), `{"name":["This field is required."],
	  "tools":[{"name":["This field is required."],"description":["This field is required."],"apiSchema":["This field is required."]}]}`)
	same(t, "PATCH", a.want(405, "PATCH", "agents/"+got["id"].(string)+"/", `{}`), `{"detail":"Method \"PATCH\" not allowed."}`)
}

// TestShare: sharing twice is sharing once, and unsharing ends it.
func TestShare(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{Profile: simulator.ProfileDocumented})
	path := "agents/" + a.create("x") + "/"
	shared := func() bool { return strings.Contains(string(a.s.State()), `"shared":["447700900200"]`) }
	for range 2 {
		a.want(200, "POST", path+"share/", `{"userPhoneNumber":"447700900200"}`)
	}
	if !shared() {
		t.Errorf("not shared once: %s", a.s.State())
	}
	a.want(200, "POST", path+"unshare/", `{"userPhoneNumber":"447700900200"}`)
	if shared() {
		t.Error("still shared")
	}
}
