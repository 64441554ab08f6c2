package sync

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUpdateFields(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, declare, stored string
		tops                  []string
		want                  string
	}{
		{"only what is asked for", "description: a\nfirstMessage: b", `{}`, []string{"description"}, `{"description":"a"}`},
		{"never what is not declared", "description: a", `{"tools":[{"id":"1"}]}`, []string{"description", "tools", "paywallConfig"}, `{"description":"a"}`},
		{"name", "", `{}`, []string{"name"}, `{"name":"Desk"}`},
		{"texts are sent as written", `systemPrompt: " a\nb "`, `{"systemPrompt":"x"}`, []string{"systemPrompt"}, `{"systemPrompt":" a\nb "}`},
		{"null for each type", "description: null\nllmModel: null\nreasoningEffort: null\nicebreakers: null\ntools: null\npaywallConfig: null\ncreditSettings: null",
			`{"description":"x","llmModel":"m","icebreakers":["a"],"tools":[{"id":"1"}],"paywallConfig":{"messageLimit":1},"creditSettings":{"initialCredits":1}}`,
			[]string{"description", "llmModel", "reasoningEffort", "icebreakers", "tools", "paywallConfig", "creditSettings"},
			`{"description":"","llmModel":null,"reasoningEffort":null,"icebreakers":[],"tools":[],"paywallConfig":null,"creditSettings":null}`},
		{"empty for each type", "description: \"\"\nllmModel: \"\"\nicebreakers: []\nwebsiteTools: []", `{}`, []string{"description", "llmModel", "icebreakers", "websiteTools"},
			`{"description":"","llmModel":null,"icebreakers":[],"websiteTools":[]}`},
		{"lists of texts are whole", "icebreakers: [b, c]", `{"icebreakers":["a","b"]}`, []string{"icebreakers"}, `{"icebreakers":["b","c"]}`},
		{"entries keep ids and other keys, new ones have none, undeclared ones go",
			"websiteTools:\n- {url: https://new.example/, prompt: n}\n- {url: https://a.example/, prompt: p}",
			`{"websiteTools":[{"id":"1","url":"https://a.example/","prompt":"old","active":false,"unknown":{"x":[1]}},{"id":"2","url":"https://gone.example/","prompt":"q"}]}`,
			[]string{"websiteTools"},
			`{"websiteTools":[{"url":"https://new.example/","prompt":"n"},{"id":"1","url":"https://a.example/","prompt":"p","active":false,"unknown":{"x":[1]}}]}`},
		{"of two stored entries of one key the first stays", "websiteTools: [{url: https://a.example/, prompt: p}]",
			`{"websiteTools":[{"id":"1","url":"https://a.example/","prompt":"one"},{"id":"2","url":"https://a.example/","prompt":"two"}]}`,
			[]string{"websiteTools"}, `{"websiteTools":[{"id":"1","url":"https://a.example/","prompt":"p"}]}`},
		{"triggers keep their URL and secret", "outboundTriggers: [{templateName: ready, templateId: new}]",
			`{"outboundTriggers":[{"id":"1","url":"https://o.example/1","secret":"s","enabled":false,"templateId":"old","templateName":"ready"}]}`,
			[]string{"outboundTriggers"}, `{"outboundTriggers":[{"id":"1","url":"https://o.example/1","secret":"s","enabled":false,"templateId":"new","templateName":"ready"}]}`},
		{"references become ids", "handoffTools: [{agent: Billing, description: d, active: true}]\nmcpConfigs: [{connector: Stripe, toolWhitelist: [a]}]",
			`{"handoffTools":[],"mcpConfigs":[{"id":"1","connectorId":"` + stripeID + `","toolWhitelist":["b"],"connectorName":"Stripe"}]}`,
			[]string{"handoffTools", "mcpConfigs"},
			`{"handoffTools":[{"childAgentId":"` + billingID + `","description":"d","active":true}],"mcpConfigs":[{"id":"1","connectorId":"` + stripeID + `","toolWhitelist":["a"],"connectorName":"Stripe"}]}`},
		{"references by id", "handoffTools: [{childAgentId: " + orphanID + ", description: d}]", `{"handoffTools":[{"id":"1","childAgentId":"` + orphanID + `","parentAgentId":"p","description":"e"}]}`,
			[]string{"handoffTools"}, `{"handoffTools":[{"id":"1","childAgentId":"` + orphanID + `","parentAgentId":"p","description":"d"}]}`},
		{"an unknown key that is called as our alias", "handoffTools: [{agent: Billing, description: d}]\nmcpConfigs: [{connector: Stripe, toolWhitelist: [a]}]",
			`{"handoffTools":[{"id":"1","childAgentId":"` + billingID + `","description":"e","agent":{"x":1}}],"mcpConfigs":[{"id":"2","connectorId":"` + stripeID + `","toolWhitelist":["b"],"connector":"kept"}]}`,
			[]string{"handoffTools", "mcpConfigs"},
			`{"handoffTools":[{"id":"1","childAgentId":"` + billingID + `","description":"d","agent":{"x":1}}],"mcpConfigs":[{"id":"2","connectorId":"` + stripeID + `","toolWhitelist":["a"],"connector":"kept"}]}`},
		{"calls merge, maps and inputs are whole",
			`tools: [{name: find, description: d, apiSchema: {method: POST, url: https://x.example/, request_headers: {B: {input: {type: value, value: v}}, C: {input: {type: description, description: c}}}, request_body: {properties: {n: {type: integer, input: {type: value, value: 7}}}}}}]`,
			`{"tools":[{"id":"1","name":"find","description":"old","active":false,"creditCost":3,"unknown":1,"apiSchema":{"method":"GET","url":"https://x.example/","unknown":2,"query_params":{"required":["kept"]},
			  "request_headers":{"A":{"input":{}},"B":{"type":"string","unknown":3,"input":{"type":"description","description":"gone","unknown":4}}},
			  "request_body":{"type":"object","required":["kept"],"unknown":5,"properties":{"old":{}}}}}]}`,
			[]string{"tools"},
			`{"tools":[{"id":"1","name":"find","description":"d","active":false,"creditCost":3,"unknown":1,"apiSchema":{"method":"POST","url":"https://x.example/","unknown":2,"query_params":{"required":["kept"]},
			  "request_headers":{"B":{"type":"string","unknown":3,"input":{"type":"value","value":"v","unknown":4}},"C":{"input":{"type":"description","description":"c"}}},
			  "request_body":{"type":"object","required":["kept"],"unknown":5,"properties":{"n":{"type":"integer","input":{"type":"value","value":7}}}}}}]}`},
		{"a new body says its type", `tools: [{name: find, description: d, apiSchema: {method: POST, url: https://x.example/, request_body: {properties: {}}}}]`, `{}`, []string{"tools"},
			`{"tools":[{"name":"find","description":"d","apiSchema":{"method":"POST","url":"https://x.example/","request_body":{"type":"object","properties":{}}}}]}`},
		{"parts of a call cleared", `tools: [{name: find, description: d, apiSchema: {method: GET, url: https://x.example/, path_params: null, query_params: null, request_headers: {}}}]`,
			`{"tools":[{"id":"1","name":"find","apiSchema":{"path_params":{"a":{}},"query_params":{"required":["a"]},"request_headers":{"H":{}}}}]}`, []string{"tools"},
			`{"tools":[{"id":"1","name":"find","description":"d","apiSchema":{"method":"GET","url":"https://x.example/","path_params":{},"query_params":{},"request_headers":{}}}]}`},
		{"objects merge", "paywallConfig: {messageLimit: null, paywallAction: none}\ncreditSettings: {creditGrantPassword: new}",
			`{"paywallConfig":{"id":"1","messageLimit":5,"paywallAction":"terminal","ctaButtonText":"kept","unknown":true},"creditSettings":null}`, []string{"paywallConfig", "creditSettings"},
			`{"paywallConfig":{"id":"1","messageLimit":null,"paywallAction":"none","ctaButtonText":"kept","unknown":true},"creditSettings":{"creditGrantPassword":"new"}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tops := map[string]bool{}
			for _, top := range tt.tops {
				tops[top] = true
			}
			stored := decodeJSON(t, tt.stored)
			got := updateFields(define(t, tt.declare), NewDocument(stored), testReferences(), tops)
			b, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(decodeJSON(t, tt.want), decodeJSON(t, string(b))); d != "" {
				t.Errorf("written (-want +got):\n%s", d)
			}
			if d := cmp.Diff(decodeJSON(t, tt.stored), stored); d != "" {
				t.Errorf("the stored agent was changed in place:\n%s", d)
			}
		})
	}
}

// What updateFields makes leaves no difference: the two walk the same schema.
func TestUpdateFieldsSettlesTheDifference(t *testing.T) {
	t.Parallel()
	for _, stored := range []string{secretAgent, `{}`} {
		def, refs := define(t, secretDefinition), testReferences()
		agent := decodeJSON(t, stored)
		fields := diffAgent(def, "Desk", NewDocument(agent), refs)
		for key, value := range updateFields(def, NewDocument(agent), refs, tops(fields)) {
			agent[key] = value
		}
		if left := render(t, diffAgent(def, "Desk", NewDocument(agent), refs)); len(left) > 0 {
			t.Errorf("left after writing: %v", left)
		}
	}
}
