package sync

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

type diffCase struct {
	name    string
	declare string // YAML fields of the definition
	stored  string // JSON of the stored agent, without its name
	want    []string
}

func checkDiffs(t *testing.T, tests []diffCase) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			stored := tt.stored
			if stored == "" {
				stored = "{}"
			}
			got := render(t, diffAgent(define(t, tt.declare), "Desk", NewDocument(decodeJSON(t, stored)), testReferences()))
			if tt.want == nil {
				tt.want = []string{}
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("differences (-want +got):\n%s", d)
			}
		})
	}
}

func TestDiffName(t *testing.T) {
	t.Parallel()
	def := define(t, "")
	for _, tt := range []struct {
		stored string
		want   []string
	}{
		{"Desk", []string{}},
		{" Desk\r\n", []string{}},
		{"desk", []string{`name: "desk" -> "Desk"`}},
		{"", []string{`name: null -> "Desk"`}}, // a new agent
	} {
		if d := cmp.Diff(tt.want, render(t, diffAgent(def, tt.stored, nil, newReferences()))); d != "" {
			t.Errorf("stored name %q (-want +got):\n%s", tt.stored, d)
		}
	}
}

func TestDiffTexts(t *testing.T) {
	t.Parallel()
	checkDiffs(t, []diffCase{
		{"absent is unmanaged", ``, `{"description":"by hand","systemPrompt":"x","llmModel":"m","icebreakers":["a"],"tools":[{"name":"a"}],"paywallConfig":{"messageLimit":1}}`, nil},
		{"same", `description: a`, `{"description":"a"}`, nil},
		{"changed", `description: a`, `{"description":"b"}`, []string{`description: "b" -> "a"`}},
		{"added", `firstMessage: Hello`, `{"firstMessage":""}`, []string{`firstMessage: null -> "Hello"`}},
		{"added over null", `firstMessage: Hello`, `{"firstMessage":null}`, []string{`firstMessage: null -> "Hello"`}},
		{"added over absent", `firstMessage: Hello`, `{}`, []string{`firstMessage: null -> "Hello"`}},
		{"emptied", `systemPrompt: ""`, `{"systemPrompt":"x"}`, []string{`systemPrompt: "x" -> ""`}},
		{"cleared by null", `systemPrompt: null`, `{"systemPrompt":"x"}`, []string{`systemPrompt: "x" -> null`}},
		{"null equals empty", `systemPrompt: null`, `{"systemPrompt":""}`, nil},
		{"null equals absent", `systemPrompt: null`, `{}`, nil},
		{"empty equals null", `systemPrompt: ""`, `{"systemPrompt":null}`, nil},
		{"line ends", `systemPrompt: "a\nb\n"`, `{"systemPrompt":"a\r\nb"}`, nil},
		{"surrounding space", `systemPrompt: a`, `{"systemPrompt":"  a \n"}`, nil},
		{"inner space counts", `systemPrompt: a  b`, `{"systemPrompt":"a b"}`, []string{`systemPrompt: "a b" -> "a  b"`}},
		{"case counts", `systemPrompt: A`, `{"systemPrompt":"a"}`, []string{`systemPrompt: "a" -> "A"`}},
		{"a number in place of a text", `systemPrompt: "1"`, `{"systemPrompt":2}`, []string{`systemPrompt: 2 -> "1"`}},
		{"model cleared", `llmModel: null`, `{"llmModel":"openai/gpt-4.1"}`, []string{`llmModel: "openai/gpt-4.1" -> null`}},
		{"model emptied", `llmModel: ""`, `{"llmModel":"openai/gpt-4.1"}`, []string{`llmModel: "openai/gpt-4.1" -> ""`}},
		{"model null and empty", "llmModel: null\nreasoningEffort: \"\"", `{"llmModel":"","reasoningEffort":null}`, nil},
		{"effort", `reasoningEffort: low`, `{"reasoningEffort":"high"}`, []string{`reasoningEffort: "high" -> "low"`}},
		{"order of the schema", "firstMessage: b\ndescription: a", `{}`, []string{`description: null -> "a"`, `firstMessage: null -> "b"`}},

		{"texts same", `icebreakers: [a, b]`, `{"icebreakers":["a","b "]}`, nil},
		{"texts in another order", `icebreakers: [a, b]`, `{"icebreakers":["b","a"]}`, []string{`icebreakers: ["b","a"] -> ["a","b"]`}},
		{"texts emptied", `icebreakers: []`, `{"icebreakers":["a"]}`, []string{`icebreakers: ["a"] -> []`}},
		{"texts cleared", `icebreakers: null`, `{"icebreakers":["a"]}`, []string{`icebreakers: ["a"] -> null`}},
		{"texts empty and null", `icebreakers: []`, `{"icebreakers":null}`, nil},
		{"texts null and empty", `icebreakers: null`, `{"icebreakers":[]}`, nil},
		{"texts added", `icebreakers: [a]`, `{}`, []string{`icebreakers: null -> ["a"]`}},
		{"texts of another type", `icebreakers: [a]`, `{"icebreakers":[{"text":"a"}]}`, []string{`icebreakers: null -> ["a"]`}},
		{"texts that are none", `icebreakers: [a]`, `{"icebreakers":"a"}`, []string{`icebreakers: null -> ["a"]`}},
	})
}

func TestDiffEntries(t *testing.T) {
	t.Parallel()
	page := `{url: https://shop.example/a, prompt: hours}`
	checkDiffs(t, []diffCase{
		{"same", `websiteTools: [` + page + `]`, `{"websiteTools":[{"id":"1","url":"https://shop.example/a","prompt":"hours","active":true}]}`, nil},
		{"default left out by the server", `websiteTools: [{url: https://shop.example/a, prompt: p, active: true}]`, `{"websiteTools":[{"url":"https://shop.example/a","prompt":"p"}]}`, nil},
		{"default null on the server", `websiteTools: [{url: https://shop.example/a, prompt: p, active: true}]`, `{"websiteTools":[{"url":"https://shop.example/a","prompt":"p","active":null}]}`, nil},
		{"not the default", `websiteTools: [{url: https://shop.example/a, prompt: p, active: false}]`, `{"websiteTools":[{"url":"https://shop.example/a","prompt":"p"}]}`, []string{`websiteTools[https://shop.example/a].active: null -> false`}},
		{"undeclared key of an entry", `websiteTools: [` + page + `]`, `{"websiteTools":[{"url":"https://shop.example/a","prompt":"hours","active":false}]}`, nil},
		{"order", `websiteTools: [{url: https://b.example/, prompt: b}, {url: https://a.example/, prompt: a}]`,
			`{"websiteTools":[{"url":"https://a.example/","prompt":"a"},{"url":"https://b.example/","prompt":"b"}]}`, nil},
		{"changed", `websiteTools: [` + page + `]`, `{"websiteTools":[{"url":"https://shop.example/a","prompt":"old"}]}`, []string{`websiteTools[https://shop.example/a].prompt: "old" -> "hours"`}},
		{"key in other white space", `websiteTools: [` + page + `]`, `{"websiteTools":[{"url":" https://shop.example/a\r\n","prompt":"hours"}]}`, nil},
		{"added and removed", `websiteTools: [` + page + `]`, `{"websiteTools":[{"id":"1","url":"https://shop.example/b","prompt":"old","active":false}]}`, []string{
			`websiteTools[https://shop.example/a]: null -> {"prompt":"hours","url":"https://shop.example/a"}`,
			`websiteTools[https://shop.example/b]: {"active":false,"prompt":"old","url":"https://shop.example/b"} -> null`,
		}},
		{"emptied", `websiteTools: []`, `{"websiteTools":[{"url":"https://shop.example/b","prompt":"old"}]}`, []string{
			`websiteTools[https://shop.example/b]: {"prompt":"old","url":"https://shop.example/b"} -> null`,
		}},
		{"cleared by null", `websiteTools: null`, `{"websiteTools":[{"url":"https://shop.example/b","prompt":"old"}]}`, []string{
			`websiteTools[https://shop.example/b]: {"prompt":"old","url":"https://shop.example/b"} -> null`,
		}},
		{"empty, null and absent", "websiteTools: []\ntools: null\nmcpConfigs: []", `{"websiteTools":null,"tools":[]}`, nil},
		{"two stored of one key", `websiteTools: [` + page + `]`,
			`{"websiteTools":[{"id":"1","url":"https://shop.example/a","prompt":"hours"},{"id":"2","url":"https://shop.example/a","prompt":"twin"}]}`, []string{
				`websiteTools[https://shop.example/a#2]: {"prompt":"twin","url":"https://shop.example/a"} -> null`,
			}},
		{"three stored of one key, none declared", `websiteTools: []`,
			`{"websiteTools":[{"url":"https://x.example/","prompt":"1"},{"url":"https://x.example/","prompt":"2"},{"url":"https://x.example/","prompt":"3"}]}`, []string{
				`websiteTools[https://x.example/]: {"prompt":"1","url":"https://x.example/"} -> null`,
				`websiteTools[https://x.example/#2]: {"prompt":"2","url":"https://x.example/"} -> null`,
				`websiteTools[https://x.example/#3]: {"prompt":"3","url":"https://x.example/"} -> null`,
			}},
		{"stored without a key", `websiteTools: []`, `{"websiteTools":[{"prompt":"1"}]}`, []string{`websiteTools[]: {"prompt":"1"} -> null`}},

		{"image tool", `imageGenerateTools: [{name: cake, description: d, prompt: p, creditCost: 0}]`, `{"imageGenerateTools":[{"name":"cake","description":"d","prompt":"p","creditCost":"0.00"}]}`, nil},
		{"cost left out by the server", `imageGenerateTools: [{name: cake, description: d, prompt: p, creditCost: 0}]`, `{"imageGenerateTools":[{"name":"cake","description":"d","prompt":"p"}]}`, nil},
		{"cost", `imageGenerateTools: [{name: cake, description: d, prompt: p, creditCost: 2}]`, `{"imageGenerateTools":[{"name":"cake","description":"d","prompt":"p","creditCost":2.5}]}`, []string{`imageGenerateTools[cake].creditCost: 2.5 -> 2`}},
		{"cost over the default", `imageGenerateTools: [{name: cake, description: d, prompt: p, creditCost: 2}]`, `{"imageGenerateTools":[{"name":"cake","description":"d","prompt":"p"}]}`, []string{`imageGenerateTools[cake].creditCost: null -> 2`}},
		{"wake-up", `wakeUpConfigs: [{description: next day, enabled: true, forceMessage: false}]`, `{"wakeUpConfigs":[{"description":"next day"}]}`, nil},
		{"wake-up changed", `wakeUpConfigs: [{description: next day, enabled: false, forceMessage: true}]`, `{"wakeUpConfigs":[{"description":"next day","enabled":true,"forceMessage":false}]}`, []string{
			`wakeUpConfigs[next day].enabled: true -> false`, `wakeUpConfigs[next day].forceMessage: false -> true`,
		}},
		{"memory", `memoryKeys: [{key: cake, type: string, initialValue: "", whenToUpdate: now}]`, `{"memoryKeys":[{"key":"cake","type":"json","initialValue":null,"whenToUpdate":"now"}]}`, []string{`memoryKeys[cake].type: "json" -> "string"`}},
		{"trigger", `outboundTriggers: [{templateName: ready, templateId: t2}]`, `{"outboundTriggers":[{"id":"1","url":"https://o.example/1","secret":"s","enabled":false,"templateId":"t1","templateName":"ready"}]}`, []string{`outboundTriggers[ready].templateId: "t1" -> "t2"`}},
	})
}

func TestDiffReferences(t *testing.T) {
	t.Parallel()
	checkDiffs(t, []diffCase{
		{"by name", `handoffTools: [{agent: Billing, description: d}]`, `{"handoffTools":[{"id":"1","childAgentId":"` + billingID + `","description":"d"}]}`, nil},
		{"by name, id in upper case", `handoffTools: [{agent: Billing, description: d}]`, `{"handoffTools":[{"childAgentId":"B1000000-0000-4000-8000-000000000001","description":"d"}]}`, nil},
		{"by id", `handoffTools: [{childAgentId: ` + orphanID + `, description: d}]`, `{"handoffTools":[{"childAgentId":"` + orphanID + `","description":"old"}]}`, []string{`handoffTools[Orphan].description: "old" -> "d"`}},
		{"by id, stored in upper case", `handoffTools: [{childAgentId: ` + billingID + `, description: d}]`, `{"handoffTools":[{"childAgentId":"B1000000-0000-4000-8000-000000000001","description":"d"}]}`, nil},
		{"by name, not created yet", `handoffTools: [{agent: Sales, description: d}]`, `{"handoffTools":[]}`, []string{`handoffTools[Sales]: null -> {"agent":"Sales","description":"d"}`}},
		{"a name beside an unknown id", `handoffTools: [{agent: Billing, description: d}]`, `{"handoffTools":[{"childAgentId":"` + salesID + `","description":"e"}]}`, []string{
			`handoffTools[Billing]: null -> {"agent":"Billing","description":"d"}`,
			`handoffTools[` + salesID + `]: {"childAgentId":"` + salesID + `","description":"e"} -> null`,
		}},
		{"connector by name", `mcpConfigs: [{connector: Stripe, toolWhitelist: [b, a]}]`, `{"mcpConfigs":[{"id":"1","connectorId":"` + stripeID + `","toolWhitelist":["a","b","a"]}]}`, nil},
		{"connector by id, whitelist changed", `mcpConfigs: [{connectorId: ` + stripeID + `, toolWhitelist: [a]}]`, `{"mcpConfigs":[{"connectorId":"` + stripeID + `","toolWhitelist":["b","a"]}]}`, []string{`mcpConfigs[Stripe].toolWhitelist: ["a","b"] -> ["a"]`}},
	})
}

func TestDiffObjects(t *testing.T) {
	t.Parallel()
	tool := func(schema string) string {
		return "tools: [{name: find, description: d, apiSchema: {method: GET, url: https://api.example/v1" + schema + "}}]"
	}
	stored := func(schema string) string {
		return `{"tools":[{"id":"1","name":"find","description":"d","apiSchema":{"method":"GET","url":"https://api.example/v1"` + schema + `}}]}`
	}
	param := func(text string) string {
		return `{"type":"string","input":{"type":"description","description":"` + text + `"}}`
	}
	checkDiffs(t, []diffCase{
		{"undeclared parts of a call", tool(``), stored(`,"request_headers":{"X-A":` + param("a") + `},"query_params":{"required":["q"]}`), nil},
		{"empty wrappers", tool(`, request_headers: {}, query_params: {required: [], properties: {}}, request_body: null`), stored(``), nil},
		{"absent, null and empty wrappers", tool(`, request_headers: null, query_params: null, request_body: null`),
			stored(`,"request_headers":{},"query_params":{"required":[],"properties":{}},"request_body":{"type":"object","required":[],"properties":null}`), nil},
		{"body type left out by the server", tool(`, request_body: {type: object, required: [], properties: {}}`), stored(`,"request_body":{}`), nil},
		{"wrapper cleared", tool(`, query_params: null`), stored(`,"query_params":{"required":["q"],"properties":{"q":` + param("a") + `}}`), []string{
			`tools[find].apiSchema.query_params: {"properties":{"q":{"input":{"description":"a","type":"description"},"type":"string"}},"required":["q"]} -> null`,
		}},
		{"map is whole", tool(`, request_headers: {X-B: {input: {type: description, description: b}}}`), stored(`,"request_headers":{"X-A":` + param("a") + `,"X-B":` + param("old") + `}`), []string{
			`tools[find].apiSchema.request_headers.X-A: {"input":{"description":"a","type":"description"},"type":"string"} -> null`,
			`tools[find].apiSchema.request_headers.X-B.input.description: "old" -> "b"`,
		}},
		{"map emptied", tool(`, request_headers: {}`), stored(`,"request_headers":{"X-A":` + param("a") + `}`), []string{
			`tools[find].apiSchema.request_headers.X-A: {"input":{"description":"a","type":"description"},"type":"string"} -> null`,
		}},
		{"map cleared by null", tool(`, request_headers: null`), stored(`,"request_headers":{"X-A":` + param("a") + `}`), []string{
			`tools[find].apiSchema.request_headers.X-A: {"input":{"description":"a","type":"description"},"type":"string"} -> null`,
		}},
		{"map entry added", tool(`, query_params: {required: [q], properties: {q: {type: integer, input: {type: description, description: a}}}}`), stored(`,"query_params":{"required":[]}`), []string{
			`tools[find].apiSchema.query_params.required: [] -> ["q"]`,
			`tools[find].apiSchema.query_params.properties.q: null -> {"input":{"description":"a","type":"description"},"type":"integer"}`,
		}},
		{"required is a set", tool(`, query_params: {required: [a, b], properties: {a: {input: {type: description, description: a}}, b: {input: {type: description, description: b}}}}`),
			stored(`,"query_params":{"required":["b","a"],"properties":{"b":` + param("b") + `,"a":` + param("a") + `}}`), nil},
		{"input is whole", tool(`, request_headers: {X-A: {type: string, input: {type: value, value: v}}}`), stored(`,"request_headers":{"X-A":` + param("a") + `}`), []string{
			`tools[find].apiSchema.request_headers.X-A.input.type: "description" -> "value"`,
			`tools[find].apiSchema.request_headers.X-A.input.description: "a" -> null`,
			`tools[find].apiSchema.request_headers.X-A.input.value: sensitive`,
		}},
		{"undeclared type of a parameter", tool(`, request_headers: {X-A: {input: {type: description, description: a}}}`), stored(`,"request_headers":{"X-A":` + param("a") + `}`), nil},
		{"fixed values by value", tool(`, query_params: {properties: {n: {type: number, input: {type: value, value: 5}}, b: {type: boolean, input: {type: value, value: true}}, s: {type: string, input: {type: value, value: "7"}}}}`),
			stored(`,"query_params":{"properties":{"n":{"type":"number","input":{"type":"value","value":"5.0"}},"b":{"type":"boolean","input":{"type":"value","value":"true"}},"s":{"type":"string","input":{"type":"value","value":7}}}}`), nil},

		{"paywall", `paywallConfig: {messageLimit: 10, paywallAction: terminal}`, `{"paywallConfig":{"messageLimit":20,"paywallAction":"none","ctaButtonText":"kept"}}`, []string{
			`paywallConfig.messageLimit: 20 -> 10`, `paywallConfig.paywallAction: "none" -> "terminal"`,
		}},
		{"paywall over null", `paywallConfig: {messageLimit: 0}`, `{"paywallConfig":null}`, []string{`paywallConfig.messageLimit: null -> 0`}},
		{"zero is not null", `paywallConfig: {messageLimit: null}`, `{"paywallConfig":{"messageLimit":0}}`, []string{`paywallConfig.messageLimit: 0 -> null`}},
		{"zero in another form", `paywallConfig: {messageLimit: 0}`, `{"paywallConfig":{"messageLimit":"0.00"}}`, nil},
		{"paywall cleared", `paywallConfig: null`, `{"paywallConfig":{"id":"1","messageLimit":5,"paywallAction":"none","ctaButtonText":""}}`, []string{
			`paywallConfig: {"messageLimit":5,"paywallAction":"none"} -> null`,
		}},
		{"paywall of empty texts cleared", `paywallConfig: null`, `{"paywallConfig":{"ctaButtonText":""}}`, []string{`paywallConfig: {} -> null`}},
		{"paywall cleared already", "paywallConfig: null\ncreditSettings: null", `{"paywallConfig":null,"creditSettings":{}}`, nil},
		{"credits", `creditSettings: {initialCredits: 1, creditGrantAmount: 2}`, `{"creditSettings":{"initialCredits":1,"creditGrantAmount":3,"creditGrantPassword":"x"}}`, []string{`creditSettings.creditGrantAmount: 3 -> 2`}},
	})
}
