package spec

import (
	"testing"
)

// TestRules covers contents beyond types.
func TestRules(t *testing.T) {
	runProblems(t, []problemCase{
		{"method in lower case", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: get
      url: https://x.example/
`, []string{
			"agents/a.yaml:6:15: tools[t].apiSchema.method: is \"get\", must be one of GET, POST, PUT, PATCH, DELETE; write GET",
		}},
		{"unknown method", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: HEAD
      url: https://x.example/
`, []string{
			"agents/a.yaml:6:15: tools[t].apiSchema.method: is \"HEAD\", must be one of GET, POST, PUT, PATCH, DELETE; write one of these",
		}},
		{"body type", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      request_body: {type: array}
`, []string{
			"agents/a.yaml:8:28: tools[t].apiSchema.request_body.type: is \"array\", must be object; write object",
		}},
		{"paywall action", `name: A
paywallConfig: {paywallAction: purchase-link}
`, []string{
			"agents/a.yaml:2:32: paywallConfig.paywallAction: is \"purchase-link\", must be one of none, purchase_link, terminal; write purchase_link",
		}},
		{"memory type", `name: A
memoryKeys: [{key: k, type: text, initialValue: "", whenToUpdate: w}]
`, []string{
			"agents/a.yaml:2:29: memoryKeys[k].type: is \"text\", must be one of string, number, boolean, json; write one of these",
		}},
		{"empty whitelist", `name: A
mcpConfigs: [{connector: S, toolWhitelist: []}, {connector: T, toolWhitelist: [a, ""]}]
`, []string{
			"agents/a.yaml:2:44: mcpConfigs[S].toolWhitelist: is empty; list at least one tool, or remove the connector",
			"agents/a.yaml:2:83: mcpConfigs[T].toolWhitelist[1]: is empty; write a name, or remove the entry",
		}},
		{"required names a property", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      query_params: {required: [p], properties: {p: {input: {type: value, value: v}}}}
`, nil},
		{"required without properties", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      query_params: {required: [p]}
`, nil},
		{"required names no property", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      query_params: {required: [pages, x], properties: {page: {input: {type: value, value: v}}}}
      request_body: {required: [p], properties: {}}
`, []string{
			"agents/a.yaml:8:33: tools[t].apiSchema.query_params.required[0]: \"pages\" is not among properties; did you mean page?",
			"agents/a.yaml:8:40: tools[t].apiSchema.query_params.required[1]: \"x\" is not among properties; add it to properties, or remove it here",
			"agents/a.yaml:9:33: tools[t].apiSchema.request_body.required[0]: \"p\" is not among properties; add it to properties, or remove it here",
		}},
		{"input type", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      query_params:
        properties:
          p: {input: {type: fixed, value: v}}
`, []string{
			"agents/a.yaml:10:29: tools[t].apiSchema.query_params.properties.p.input.type: is \"fixed\", must be one of description, value; write one of these",
		}},
		{"input without description", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      query_params:
        properties:
          p: {input: {type: description}}
`, []string{
			"agents/a.yaml:10:22: tools[t].apiSchema.query_params.properties.p.input.description: is missing, and type: description needs it; add description",
		}},
		{"input without value", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      query_params:
        properties:
          p: {input: {type: value}}
`, []string{
			"agents/a.yaml:10:22: tools[t].apiSchema.query_params.properties.p.input.value: is missing, and type: value needs it; add value",
		}},
		{"input with both", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      query_params:
        properties:
          p: {input: {type: value, value: v, description: d}}
`, []string{
			"agents/a.yaml:10:46: tools[t].apiSchema.query_params.properties.p.input.description: does not go with type: value; leave it out, or write type: description",
		}},
		{"input with the wrong one", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      query_params:
        properties:
          p: {input: {type: description, value: v}}
`, []string{
			"agents/a.yaml:10:22: tools[t].apiSchema.query_params.properties.p.input.description: is missing, and type: description needs it; add description",
			"agents/a.yaml:10:42: tools[t].apiSchema.query_params.properties.p.input.value: does not go with type: description; leave it out, or write type: value",
		}},
		{"typed values", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      query_params: {properties: {a: {type: integer, input: {type: value, value: 5}}, b: {type: number, input: {type: value, value: -1.5}}, c: {type: boolean, input: {type: value, value: true}}, d: {type: string, input: {type: value, value: 5}}, e: {type: integer, input: {type: value, value: "%PHONE_NUMBER%"}}}}
`, nil},
		{"value is no integer", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      query_params:
        properties:
          p: {type: integer, input: {type: value, value: 1.5}}
`, []string{
			"agents/a.yaml:10:58: tools[t].apiSchema.query_params.properties.p.input.value: must be an integer, since the parameter's type is integer; write an integer, or another type",
		}},
		{"value is no number", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      query_params:
        properties:
          p: {type: number, input: {type: value, value: 1_000}}
`, []string{
			"agents/a.yaml:10:57: tools[t].apiSchema.query_params.properties.p.input.value: must be a number, since the parameter's type is number; write a number, or another type",
		}},
		{"value is no boolean", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      query_params:
        properties:
          p: {type: boolean, input: {type: value, value: yes}}
`, []string{
			"agents/a.yaml:10:58: tools[t].apiSchema.query_params.properties.p.input.value: must be true or false, since the parameter's type is boolean; write true or false, or another type",
		}},
		{"value is quoted", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      query_params:
        properties:
          p: {type: number, input: {type: value, value: "5"}}
`, []string{
			"agents/a.yaml:10:57: tools[t].apiSchema.query_params.properties.p.input.value: is text, and the parameter's type is number; write it without quotes, or write type: string",
		}},
		{"value is a list", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      query_params:
        properties:
          p: {type: number, input: {type: value, value: [5]}}
`, []string{
			"agents/a.yaml:10:57: tools[t].apiSchema.query_params.properties.p.input.value: is a list, must be text; write one text, in quotes if it starts with [ or { or holds \": \"",
		}},
		{"header name", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      request_headers:
        X Shop Key: {input: {type: value, value: a}}
`, []string{
			"agents/a.yaml:9:9: tools[t].apiSchema.request_headers.X Shop Key: is no header name; use letters, digits and -",
		}},
		{"header name with a colon", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      request_headers:
        "X-Key:": {input: {type: value, value: a}}
`, []string{
			"agents/a.yaml:9:9: tools[t].apiSchema.request_headers.X-Key:: is no header name; use letters, digits and -",
		}},
		{"empty header name", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      request_headers:
        "": {input: {type: value, value: a}}
`, []string{
			"agents/a.yaml:9:9: tools[t].apiSchema.request_headers: has the key \"\"; write a name in one line",
		}},
		{"header value with a line break", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      request_headers:
        X-Key: {input: {type: value, value: "a\r\nHost: evil"}}
`, []string{
			"agents/a.yaml:9:45: tools[t].apiSchema.request_headers.X-Key.input.value: holds a line break or control character, which a header cannot; remove it",
		}},
		{"header value that ends in one", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      request_headers:
        X-Key: {input: {type: value, value: "a\n"}}
`, []string{
			"agents/a.yaml:9:45: tools[t].apiSchema.request_headers.X-Key.input.value: ends in a line break, which a header cannot hold; remove it where the value is set: nothing is trimmed here",
		}},
		{"header value with a control character", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      request_headers:
        X-Key: {input: {type: value, value: "a\u007f"}}
`, []string{
			"agents/a.yaml:9:45: tools[t].apiSchema.request_headers.X-Key.input.value: holds a line break or control character, which a header cannot; remove it",
		}},
		{"header value with a tab", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      request_headers:
        X-Key: {input: {type: value, value: "a\tb"}}
`, nil},
		{"child id", `name: A
handoffTools: [{childAgentId: Billing, description: d}, {childAgentId: "", description: d}]
`, []string{
			"agents/a.yaml:2:31: handoffTools[Billing].childAgentId: is \"Billing\", must be a UUID such as 3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b61; write the agent's id; for a definition write agent: and its name instead",
			"agents/a.yaml:2:72: handoffTools[1].childAgentId: is empty; write a value: entries are told apart by it",
		}},
		{"connector and template ids", `name: A
mcpConfigs: [{connectorId: "a\nb", toolWhitelist: [a]}, {connectorId: " ", toolWhitelist: [a]}]
outboundTriggers: [{templateName: n, templateId: ""}, {templateName: m, templateId: "a\tb"}]
`, []string{
			"agents/a.yaml:2:28: mcpConfigs[a…].connectorId: holds a line break or control character; write it in one line",
			"agents/a.yaml:2:71: mcpConfigs[1].connectorId: is empty; write a value: entries are told apart by it",
			"agents/a.yaml:3:50: outboundTriggers[n].templateId: is empty; write the id",
			"agents/a.yaml:3:85: outboundTriggers[m].templateId: holds a line break or control character; write it in one line",
		}},
		{"empty natural keys", `name: A
wakeUpConfigs: [{description: ""}]
memoryKeys: [{key: " ", type: json, initialValue: "", whenToUpdate: ""}]
`, []string{
			"agents/a.yaml:2:31: wakeUpConfigs[0].description: is empty; write a value: entries are told apart by it",
			"agents/a.yaml:3:20: memoryKeys[0].key: is empty; write a value: entries are told apart by it",
		}},
		{"duplicate natural keys", `name: A
websiteTools: [{url: https://x.example/, prompt: p}, {url: " https://x.example/", prompt: p}]
wakeUpConfigs:
  - description: a
  - description: |
      a
  - description: b
  - {description: a, enabled: false}
`, []string{
			"agents/a.yaml:2:60: websiteTools[1].url: holds white space or a control character; remove it, or write %20 for a space",
			"agents/a.yaml:2:60: websiteTools[1].url: is the same as in the entry in line 2; remove one, or give it another url",
			"agents/a.yaml:5:18: wakeUpConfigs[a].description: is the same as in the entry in line 4; remove one, or give it another description",
			"agents/a.yaml:8:19: wakeUpConfigs[a].description: is the same as in the entry in line 4; remove one, or give it another description",
		}},
		{"duplicate tools", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
  - {name: t, description: d, apiSchema: {method: GET, url: https://x.example/}}
`, []string{
			"agents/a.yaml:8:12: tools[t].name: is the same as in the entry in line 3; remove one, or give it another name",
		}},
		{"duplicate connectors", `name: A
mcpConfigs: [{connector: S, toolWhitelist: [a]}, {connectorId: S, toolWhitelist: [a]}, {connector: S, toolWhitelist: [b]}]
`, []string{
			"agents/a.yaml:2:100: mcpConfigs[S].connector: is the same as in the entry in line 2; remove one, or give it another connector",
		}},
	})
}
