package sync_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/sync"
	"wassist-sync/wassist/simulator"
)

// bare takes out of a stored value what the server made of itself.
func bare(v any) any {
	switch v := v.(type) {
	case []any:
		out := []any{}
		for _, item := range v {
			out = append(out, bare(item))
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for key, value := range v {
			switch key {
			case "id", "active", "creditCost", "childAgentName", "parentAgentId":
			default:
				out[key] = bare(value)
			}
		}
		return out
	}
	return v
}

// asJSON writes a stored value as JSON does, keys in order.
func asJSON(t tester, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("the simulator stores what JSON cannot say: %v", err)
	}
	return string(b)
}

// Texts that drift tests share.
const (
	pageA = `{"url":"https://a.example/","prompt":"one"}`
	pageB = `{"url":"https://b.example/","prompt":"one"}`
)

// driftCase is a definition that was applied, then edited on Wassist, and says
// something else now.
type driftCase struct {
	name     string
	was, now string            // the definition before and after; now empty: the same
	edit     string            // fields that somebody writes, as JSON
	held     string            // the paths that are kept; empty for none
	changes  []string          // what is done all the same
	stored   map[string]string // fields afterwards, as JSON
}

var driftCases = []driftCase{
	{"a text", "description: one", "description: two", `{"description":"edited"}`, "description", nil, map[string]string{"description": `"edited"`}},
	{"a text, with nothing new in Git", "description: one", "", `{"description":"edited"}`, "description", nil, map[string]string{"description": `"edited"`}},
	{"a text beside another that Git changed", "description: one\nfirstMessage: hi", "description: two\nfirstMessage: ho", `{"description":"edited"}`, "description", []string{"update Desk firstMessage"}, map[string]string{"description": `"edited"`, "firstMessage": `"ho"`}},
	{"a text that Git cleared", "description: one", `description: ""`, `{"description":"edited"}`, "description", nil, map[string]string{"description": `"edited"`}},
	{"a text that was emptied on Wassist", "description: one", "", `{"description":""}`, "", []string{"update Desk description"}, map[string]string{"description": `"one"`}},
	{"a list of texts", "icebreakers: [a, b]", "icebreakers: [a, b, c]\ndescription: d", `{"icebreakers":["b"]}`, "icebreakers", []string{"update Desk description"}, map[string]string{"icebreakers": `["b"]`, "description": `"d"`}},
	{"a part of an object", "paywallConfig: {messageLimit: 5, ctaButtonText: Pay}", "paywallConfig: {messageLimit: 6, ctaButtonText: Pay now}", `{"paywallConfig":{"messageLimit":7}}`, "paywallConfig.messageLimit", []string{"update Desk paywallConfig.ctaButtonText"},
		map[string]string{"paywallConfig": `{"ctaButtonText":"Pay now","messageLimit":7,"paywallAction":"none","paywallUrl":null,"terminalStateMessage":""}`}},
	{"an object that Git cleared", "paywallConfig: {messageLimit: 5}", "paywallConfig: null", `{"paywallConfig":{"messageLimit":7}}`, "paywallConfig", nil,
		map[string]string{"paywallConfig": `{"ctaButtonText":"","messageLimit":7,"paywallAction":"none","paywallUrl":null,"terminalStateMessage":""}`}},

	{"a part of an entry", "websiteTools: [{url: https://a.example/, prompt: one}]", "websiteTools: [{url: https://a.example/, prompt: two}]", `{"websiteTools":[{"url":"https://a.example/","prompt":"edited"}]}`, "websiteTools[https://a.example/].prompt", nil,
		map[string]string{"websiteTools": `[{"prompt":"edited","url":"https://a.example/"}]`}},
	{"a part of an entry, another part of which Git changed", "tools: [{name: t, description: one, apiSchema: {method: GET, url: https://a.example/1}}]", "tools: [{name: t, description: two, apiSchema: {method: GET, url: https://a.example/2}}]",
		`{"tools":[{"name":"t","description":"edited","apiSchema":{"method":"GET","url":"https://a.example/1"}}]}`, "tools[t].description", []string{"update Desk tools[t].apiSchema.url"},
		map[string]string{"tools": `[{"apiSchema":{"method":"GET","url":"https://a.example/2"},"description":"edited","name":"t"}]`}},
	{"a part of an entry, with others that come and go in Git", "websiteTools: [" + pageA + ", " + pageB + "]", `websiteTools: [{url: https://a.example/, prompt: two}, {url: https://c.example/, prompt: one}]`,
		`{"websiteTools":[{"url":"https://a.example/","prompt":"edited"},` + pageB + `]}`, "websiteTools[https://a.example/].prompt", []string{"update Desk websiteTools[https://b.example/] websiteTools[https://c.example/]"},
		map[string]string{"websiteTools": `[{"prompt":"edited","url":"https://a.example/"},{"prompt":"one","url":"https://c.example/"}]`}},
	{"an entry that was added", "websiteTools: [" + pageA + "]", "websiteTools: [{url: https://a.example/, prompt: two}]", `{"websiteTools":[` + pageA + "," + pageB + `]}`, "websiteTools[https://b.example/]", []string{"update Desk websiteTools[https://a.example/].prompt"},
		map[string]string{"websiteTools": `[{"prompt":"two","url":"https://a.example/"},{"prompt":"one","url":"https://b.example/"}]`}},
	{"an entry that was added to an empty list", "websiteTools: []", "websiteTools: []\ndescription: d", `{"websiteTools":[` + pageB + `]}`, "websiteTools[https://b.example/]", []string{"update Desk description"}, map[string]string{"websiteTools": `[{"prompt":"one","url":"https://b.example/"}]`}},
	{"an entry that Git removed and somebody edited", "websiteTools: [" + pageA + ", " + pageB + "]", "websiteTools: [" + pageA + "]", `{"websiteTools":[` + pageA + `,{"url":"https://b.example/","prompt":"edited"}]}`, "websiteTools[https://b.example/]", nil,
		map[string]string{"websiteTools": `[{"prompt":"one","url":"https://a.example/"},{"prompt":"edited","url":"https://b.example/"}]`}},
	{"an entry that was removed on Wassist", "websiteTools: [" + pageA + ", " + pageB + "]", "", `{"websiteTools":[` + pageA + `]}`, "", []string{"update Desk websiteTools[https://b.example/]"},
		map[string]string{"websiteTools": `[{"prompt":"one","url":"https://a.example/"},{"prompt":"one","url":"https://b.example/"}]`}},
	{"a second entry of the same key", "websiteTools: [" + pageA + "]", "websiteTools: [" + pageA + "]\ndescription: d", `{"websiteTools":[` + pageA + `,{"url":"https://a.example/","prompt":"again"}]}`, "websiteTools[https://a.example/#2]", []string{"update Desk description"},
		map[string]string{"websiteTools": `[{"prompt":"one","url":"https://a.example/"},{"prompt":"again","url":"https://a.example/"}]`}},
	{"a second entry of the same key, whose first one Git changed", "websiteTools: [" + pageA + "]", "websiteTools: [{url: https://a.example/, prompt: two}]", `{"websiteTools":[` + pageA + `,{"url":"https://a.example/","prompt":"again"}]}`, "websiteTools[https://a.example/#2]", nil,
		map[string]string{"websiteTools": `[{"prompt":"one","url":"https://a.example/"},{"prompt":"again","url":"https://a.example/"}]`}},
	{"two entries of one key that were added", "websiteTools: [" + pageA + "]", "websiteTools: [" + pageA + "]\ndescription: d", `{"websiteTools":[` + pageA + `,` + pageB + `,{"url":"https://b.example/","prompt":"again"}]}`, "websiteTools[https://b.example/], websiteTools[https://b.example/#2]", []string{"update Desk description"},
		map[string]string{"websiteTools": `[{"prompt":"one","url":"https://a.example/"},{"prompt":"one","url":"https://b.example/"},{"prompt":"again","url":"https://b.example/"}]`}},

	{"a key that was added", tellingTool("A: one"), tellingTool("A: two"), storedTellingTool("A: one", "B: by hand"), "tools[t].apiSchema.request_headers.B", []string{"update Desk tools[t].apiSchema.request_headers.A.input.description"},
		map[string]string{"tools": expectedTool("A: two", "B: by hand")}},
	{"a key whose value was edited", tellingTool("A: one", "B: one"), tellingTool("A: two", "B: two"), storedTellingTool("A: edited", "B: one"), "tools[t].apiSchema.request_headers.A.input.description", []string{"update Desk tools[t].apiSchema.request_headers.B.input.description"},
		map[string]string{"tools": expectedTool("A: edited", "B: two")}},
	{"a key whose name is the beginning of another", tellingTool("A: one"), tellingTool("A: two"), storedTellingTool("A: one", "A.b: by hand"), "tools[t].apiSchema.request_headers.A.b", []string{"update Desk tools[t].apiSchema.request_headers.A.input.description"},
		map[string]string{"tools": expectedTool("A: two", "A.b: by hand")}},
	{"a key whose value was edited, and whose name goes on after that of another", tellingTool("A.b: one", "A: one"), tellingTool("A.b: two", "A: two"), storedTellingTool("A: one", "A.b: edited"), "tools[t].apiSchema.request_headers.A.b.input.description", []string{"update Desk tools[t].apiSchema.request_headers.A.input.description"},
		map[string]string{"tools": expectedTool("A: two", "A.b: edited")}},
	{"a fixed value, which is a secret and no drift", fixedTool("one"), fixedTool("two"), `{"tools":` + expectedFixed("edited") + `}`, "", []string{"update Desk tools[t].apiSchema.request_headers.H.input.value"},
		map[string]string{"tools": expectedFixed("two")}},
	{"a key that was added, beside tools that come in Git", tellingTool("A: one"), tellingTool("A: one") + "\n- {name: u, description: d, apiSchema: {method: GET, url: https://u.example/}}", storedTellingTool("A: one", "B: by hand"), "tools[t].apiSchema.request_headers.B", []string{"update Desk tools[u]"},
		map[string]string{"tools": strings.TrimSuffix(expectedTool("A: one", "B: by hand"), "]") + `,{"apiSchema":{"method":"GET","url":"https://u.example/"},"description":"d","name":"u"}]`}},
}

// tellingTool is a definition of a tool whose headers the model fills in.
func tellingTool(headers ...string) string {
	var list []string
	for _, h := range headers {
		name, told, _ := strings.Cut(h, ": ")
		list = append(list, name+": {type: string, input: {type: description, description: "+told+"}}")
	}
	return "tools:\n- {name: t, description: d, apiSchema: {method: GET, url: https://a.example/, request_headers: {" + strings.Join(list, ", ") + "}}}"
}

func storedTellingTool(headers ...string) string {
	return `{"tools":` + expectedTool(headers...) + "}"
}

func expectedTool(headers ...string) string {
	var list []string
	for _, h := range headers {
		name, told, _ := strings.Cut(h, ": ")
		list = append(list, `"`+name+`":{"input":{"description":"`+told+`","type":"description"},"type":"string"}`)
	}
	return `[{"apiSchema":{"method":"GET","request_headers":{` + strings.Join(list, ",") + `},"url":"https://a.example/"},"description":"d","name":"t"}]`
}

// fixedTool is a definition of a tool with one header of a fixed value.
func fixedTool(value string) string {
	return "tools: [{name: t, description: d, apiSchema: {method: GET, url: https://a.example/, request_headers: {H: {input: {type: value, value: " + value + "}}}}}]"
}

func expectedFixed(value string) string {
	return `[{"apiSchema":{"method":"GET","request_headers":{"H":{"input":{"type":"value","value":"` + value + `"}}},"url":"https://a.example/"},"description":"d","name":"t"}]`
}

// edited applies the definition, makes the edit, and gives the repository as it is now.
func (tt *driftCase) edited(t tester, s *saga) repo {
	t.Helper()
	commits := grows(tt.was)
	s.settles(t, repo{commits: commits})
	if err := s.server.EditAgent(s.called(t, "Desk")["id"].(string), object(t, tt.edit)); err != nil {
		t.Fatalf("the test's edit is wrong: %v", err)
	}
	if tt.now != "" {
		commits = grows(tt.was, tt.now)
	}
	return repo{commits: commits}
}

// --on-drift keep writes what Git changed and leaves every edit as it is; after
// that nothing is left to do.
func TestKeepDrift(t *testing.T) {
	t.Parallel()
	for _, tt := range driftCases {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSaga(t, simulator.Options{})
			r := tt.edited(t, s)
			s.o = func(o *sync.Options) { o.OnDrift = sync.DriftKeep }
			_, p := s.next(t, r)
			if d := cmp.Diff(append([]string{}, tt.changes...), append([]string{}, describe(p)...)); d != "" {
				t.Errorf("changes (-want +got):\n%s", d)
			}
			want := []string{}
			if tt.held != "" {
				want = append(want, "update Desk "+s.called(t, "Desk")["id"].(string)+": edited on Wassist, and kept (--on-drift keep): "+tt.held)
			}
			if d := cmp.Diff(want, heldBack(p)); d != "" {
				t.Errorf("held (-want +got):\n%s", d)
			}
			if err := s.apply(t, p).Err(); err != nil {
				t.Errorf("applying: %v", err)
			}
			desk := s.called(t, "Desk")
			for field, value := range tt.stored {
				if d := cmp.Diff(value, asJSON(t, bare(desk[field]))); d != "" {
					t.Errorf("%s afterwards (-want +got):\n%s", field, d)
				}
			}
			_, again := s.next(t, r)
			if !again.Empty() || len(again.Refused) > 0 {
				t.Errorf("left to do: %v, refused %v", describe(again), refusals(again))
			}
			if d := cmp.Diff(want, heldBack(again)); d != "" {
				t.Errorf("held afterwards (-want +got):\n%s", d)
			}
		})
	}
}
