package spec

import (
	"testing"
)

// TestNull covers where null clears, and where it is refused.
func TestNull(t *testing.T) {
	runProblems(t, []problemCase{
		{"allowed", `name: A
description:
systemPrompt: null
icebreakers: ~
tools: Null
paywallConfig:
creditSettings: {initialCredits: , creditGrantPassword: ~, creditGrantAmount: null}
`, nil},
		{"allowed below", `name: A
paywallConfig: {messageLimit: ~, paywallUrl: null, ctaButtonText: }
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      path_params:
      query_params: ~
      request_headers: null
      request_body: {required: ~, properties: ~}
`, nil},
		{"name", "name:\n", []string{
			"agents/a.yaml:1:6: name: is null; write a value",
		}},
		{"id", `name: A
id: ~
`, []string{
			"agents/a.yaml:2:5: id: is null; write a value, or leave id out",
		}},
		{"previousNames", `name: A
previousNames:
`, []string{
			"agents/a.yaml:2:15: previousNames: is null; write [] for an empty list, or leave previousNames out",
		}},
		{"deploy", `name: A
deploy: null
`, []string{
			"agents/a.yaml:2:9: deploy: is null; write [] for an empty list, or leave deploy out",
		}},
		{"lifecycle", `name: A
lifecycle:
`, []string{
			"agents/a.yaml:2:11: lifecycle: is null; write a value, or leave lifecycle out",
		}},
		{"preventDestroy", `name: A
lifecycle: {preventDestroy: }
`, []string{
			"agents/a.yaml:2:29: lifecycle.preventDestroy: is null; write true or false, or leave preventDestroy out",
		}},
		{"deploy entry", `name: A
deploy: [~]
`, []string{
			"agents/a.yaml:2:10: deploy[0]: is null; write a value",
		}},
		{"number", `name: A
deploy: [{number: null, applyToExisting: null}]
`, []string{
			"agents/a.yaml:2:19: deploy[0].number: is null; write a value",
			"agents/a.yaml:2:42: deploy[0].applyToExisting: is null; write true or false, or leave applyToExisting out",
		}},
		{"list items", `name: A
icebreakers: [a, ~]
tools: [null]
previousNames: [~]
`, []string{
			"agents/a.yaml:2:18: icebreakers[1]: is null; write a value",
			"agents/a.yaml:3:9: tools[0]: is null; write a value",
			"agents/a.yaml:4:17: previousNames[0]: is null; write a value",
		}},
		{"required and natural keys", `name: A
tools: [{name: , description: , apiSchema: }]
`, []string{
			"agents/a.yaml:2:16: tools[0].name: is null; write a value",
			"agents/a.yaml:2:31: tools[0].description: is null; write a value",
			"agents/a.yaml:2:44: tools[0].apiSchema: is null; write a value",
		}},
		{"aliases of natural keys", `name: A
handoffTools: [{agent: , description: d}]
mcpConfigs: [{connector: ~, toolWhitelist: ~}]
`, []string{
			"agents/a.yaml:2:24: handoffTools[0].agent: is null; write a value",
			"agents/a.yaml:3:26: mcpConfigs[0].connector: is null; write a value",
			"agents/a.yaml:3:44: mcpConfigs[0].toolWhitelist: is null; write a value",
		}},
		{"booleans and numbers", `name: A
imageGenerateTools: [{name: a, description: b, prompt: c, active: ~, creditCost: ~}]
`, []string{
			"agents/a.yaml:2:67: imageGenerateTools[a].active: is null; write true or false, or leave active out",
			"agents/a.yaml:2:82: imageGenerateTools[a].creditCost: is null; write a number, or leave creditCost out",
		}},
		{"parameter", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      request_headers: {X: }
`, []string{
			"agents/a.yaml:8:28: tools[t].apiSchema.request_headers.X: is null; write a value",
		}},
		{"fixed value", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      query_params:
        properties:
          p: {input: {type: value, value: }}
`, []string{
			"agents/a.yaml:10:43: tools[t].apiSchema.query_params.properties.p.input.value: is null; write a value; the word null in quotes, and \"\" for an empty text",
		}},
		{"described value", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      query_params:
        properties:
          p: {input: {type: description, description: ~}}
`, []string{
			"agents/a.yaml:10:55: tools[t].apiSchema.query_params.properties.p.input.description: is null; write a value; the word null in quotes, and \"\" for an empty text",
		}},
		{"quoted null is a text", `name: A
description: "null"
firstMessage: !!str null
`, nil},
	})
}
