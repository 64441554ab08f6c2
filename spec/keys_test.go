package spec

import (
	"testing"
)

// TestKeys covers what may be written for a key.
func TestKeys(t *testing.T) {
	runProblems(t, []problemCase{
		{"misspelt", `name: A
sytemPrompt: x
`, []string{
			"agents/a.yaml:2:1: sytemPrompt: is not a known key; did you mean systemPrompt?",
		}},
		{"case", `name: A
SYSTEMPROMPT: x
`, []string{
			"agents/a.yaml:2:1: SYSTEMPROMPT: is not a known key; did you mean systemPrompt?",
		}},
		{"snake case", `name: A
first_message: x
`, []string{
			"agents/a.yaml:2:1: first_message: is not a known key; did you mean firstMessage?",
		}},
		{"long", `name: A
description of everything that this agent does: x
`, []string{
			"agents/a.yaml:2:1: description of everything that this age…: is not a known key; known keys are name, id, previousNames, deploy, lifecycle, description, systemPrompt, firstMessage, icebreakers, llmModel, reasoningEffort, tools, websiteTools, handoffTools, mcpConfigs, imageGenerateTools, wakeUpConfigs, memoryKeys, outboundTriggers, paywallConfig, creditSettings",
		}},
		{"nothing near", `name: A
colour: x
`, []string{
			"agents/a.yaml:2:1: colour: is not a known key; known keys are name, id, previousNames, deploy, lifecycle, description, systemPrompt, firstMessage, icebreakers, llmModel, reasoningEffort, tools, websiteTools, handoffTools, mcpConfigs, imageGenerateTools, wakeUpConfigs, memoryKeys, outboundTriggers, paywallConfig, creditSettings",
		}},
		{"nested", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      request_heders: {}
`, []string{
			"agents/a.yaml:8:7: tools[t].apiSchema.request_heders: is not a known key; did you mean request_headers?",
		}},
		{"in an entry without its key", `name: A
tools:
  - description: d
    apiSchema: {method: GET, url: https://x.example/}
`, []string{
			"agents/a.yaml:3:5: tools[0].name: is missing; add name",
		}},
		{"alias of the key", `name: A
mcpConfigs: [{conector: S, toolWhitelist: [a]}]
`, []string{
			"agents/a.yaml:2:14: mcpConfigs[0].connector: is missing; add connector or connectorId",
			"agents/a.yaml:2:15: mcpConfigs[0].conector: is not a known key; did you mean connector?",
		}},
		{"own field", `name: A
lifecycle: {preventdestroy: true}
`, []string{
			"agents/a.yaml:2:13: lifecycle.preventdestroy: is not a known key; did you mean preventDestroy?",
		}},
		{"managed by Wassist", `name: A
createdAt: x
connectUrl: x
phoneNumbers: x
totalMessages: x
totalSessions: x
organization: x
shopifyStores: x
appInstallations: x
documents: x
profilePicture: x
supportTools: x
adConfig: x
voiceCallConfig: x
`, []string{
			"agents/a.yaml:2:1: createdAt: is managed by Wassist; leave it out",
			"agents/a.yaml:3:1: connectUrl: is managed by Wassist; leave it out",
			"agents/a.yaml:4:1: phoneNumbers: is managed by Wassist; leave it out",
			"agents/a.yaml:5:1: totalMessages: is managed by Wassist; leave it out",
			"agents/a.yaml:6:1: totalSessions: is managed by Wassist; leave it out",
			"agents/a.yaml:7:1: organization: is managed by Wassist; leave it out",
			"agents/a.yaml:8:1: shopifyStores: is managed by Wassist; leave it out",
			"agents/a.yaml:9:1: appInstallations: is managed by Wassist; leave it out",
			"agents/a.yaml:10:1: documents: is managed by Wassist; leave it out",
			"agents/a.yaml:11:1: profilePicture: is managed by Wassist; leave it out",
			"agents/a.yaml:12:1: supportTools: is managed by Wassist; leave it out",
			"agents/a.yaml:13:1: adConfig: is managed by Wassist; leave it out",
			"agents/a.yaml:14:1: voiceCallConfig: is managed by Wassist; leave it out",
		}},
		{"managed by Wassist in entries", `name: A
tools: [{id: 1, name: t, description: d, apiSchema: {method: GET, url: https://x.example/, id: 1}}]
websiteTools: [{id: 1, url: https://x.example/, prompt: p}]
handoffTools: [{id: 1, parentAgentId: 1, childAgentName: n, childAgentId: 3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b61, description: d}]
mcpConfigs: [{id: 1, connectorName: n, connectorId: c, toolWhitelist: [a]}]
imageGenerateTools: [{id: 1, name: i, description: d, prompt: p}]
wakeUpConfigs: [{id: 1, description: d}]
memoryKeys: [{id: 1, key: k, type: json, initialValue: "", whenToUpdate: w}]
outboundTriggers: [{id: 1, url: u, secret: s, templateName: n, templateId: t}]
`, []string{
			"agents/a.yaml:2:10: tools[t].id: is managed by Wassist; leave it out",
			"agents/a.yaml:2:92: tools[t].apiSchema.id: is not a known key; known keys are method, url, path_params, query_params, request_headers, request_body",
			"agents/a.yaml:3:17: websiteTools[https://x.example/].id: is managed by Wassist; leave it out",
			"agents/a.yaml:4:17: handoffTools[3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b61].id: is managed by Wassist; leave it out",
			"agents/a.yaml:4:24: handoffTools[3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b61].parentAgentId: is managed by Wassist; leave it out",
			"agents/a.yaml:4:42: handoffTools[3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b61].childAgentName: is managed by Wassist; leave it out",
			"agents/a.yaml:5:15: mcpConfigs[c].id: is managed by Wassist; leave it out",
			"agents/a.yaml:5:22: mcpConfigs[c].connectorName: is managed by Wassist; leave it out",
			"agents/a.yaml:6:23: imageGenerateTools[i].id: is managed by Wassist; leave it out",
			"agents/a.yaml:7:18: wakeUpConfigs[d].id: is managed by Wassist; leave it out",
			"agents/a.yaml:8:15: memoryKeys[k].id: is managed by Wassist; leave it out",
			"agents/a.yaml:9:21: outboundTriggers[n].id: is managed by Wassist; leave it out",
			"agents/a.yaml:9:28: outboundTriggers[n].url: is managed by Wassist; leave it out",
			"agents/a.yaml:9:36: outboundTriggers[n].secret: is managed by Wassist; leave it out",
		}},
		{"written twice", `name: A
description: a
description: b
name: B
`, []string{
			"agents/a.yaml:3:1: description: is written twice, first in line 2; keep one of them",
			"agents/a.yaml:4:1: name: is written twice, first in line 1; keep one of them",
		}},
		{"written twice in a map", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      request_headers:
        X: {input: {type: value, value: a}}
        X: {input: {type: value, value: b}}
`, []string{
			"agents/a.yaml:10:9: tools[t].apiSchema.request_headers.X: is written twice, first in line 9; keep one of them",
		}},
		{"alias beside its key", `name: A
handoffTools: [{agent: B, childAgentId: 3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b61, description: d}]
`, []string{
			"agents/a.yaml:2:24: handoffTools[B].agent: no definition is called \"B\"; define it, or write childAgentId for an agent that Git does not manage",
			"agents/a.yaml:2:27: handoffTools[B].childAgentId: stands beside agent, which names the same thing; keep one of them",
		}},
		{"neither alias nor key", `name: A
handoffTools: [{description: d}]
mcpConfigs: [{toolWhitelist: [a]}]
`, []string{
			"agents/a.yaml:2:16: handoffTools[0].agent: is missing; add agent or childAgentId",
			"agents/a.yaml:3:14: mcpConfigs[0].connector: is missing; add connector or connectorId",
		}},
		{"merge key", `name: A
x: &x {a: b}
<<: *x
`, []string{
			"agents/a.yaml:2:1: x: is not a known key; known keys are name, id, previousNames, deploy, lifecycle, description, systemPrompt, firstMessage, icebreakers, llmModel, reasoningEffort, tools, websiteTools, handoffTools, mcpConfigs, imageGenerateTools, wakeUpConfigs, memoryKeys, outboundTriggers, paywallConfig, creditSettings",
			"agents/a.yaml:3:1: uses a merge key (<<), which is not supported; write the keys out, or share a whole value with & and *",
		}},
		{"quoted merge key is a key", `name: A
"<<": a
`, []string{
			"agents/a.yaml:2:1: <<: is not a known key; known keys are name, id, previousNames, deploy, lifecycle, description, systemPrompt, firstMessage, icebreakers, llmModel, reasoningEffort, tools, websiteTools, handoffTools, mcpConfigs, imageGenerateTools, wakeUpConfigs, memoryKeys, outboundTriggers, paywallConfig, creditSettings",
		}},
		{"list as key", `name: A
? [a]
: b
`, []string{
			"agents/a.yaml:2:3: has a list for a key, must be text; put the key in quotes, or check for an unquoted { or [",
		}},
		{"placeholder as key", `name: A
{x}: b
`, []string{
			"agents/a.yaml:2:1: has a mapping for a key, must be text; put the key in quotes, or check for an unquoted { or [",
		}},
		{"tag on a key", `name: A
!!int 1: b
`, []string{
			"agents/a.yaml:2:1: has the tag !!int before a key; write the key without a tag",
		}},
		{"alias as key", `&n name: A
description: *n
*n : B
`, []string{
			"agents/a.yaml:3:1: name: is written twice, first in line 1; keep one of them",
		}},
		{"empty and odd keys in maps", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      query_params: {properties: {"": {input: {type: value, value: a}}, "a\nb": {input: {type: value, value: a}}}}
`, []string{
			"agents/a.yaml:8:35: tools[t].apiSchema.query_params.properties: has the key \"\"; write a name in one line",
			"agents/a.yaml:8:73: tools[t].apiSchema.query_params.properties: has the key \"a\\nb\"; write a name in one line",
		}},
		{"required", `name: A
tools: [{}]
websiteTools: [{}]
imageGenerateTools: [{}]
wakeUpConfigs: [{}]
memoryKeys: [{}]
outboundTriggers: [{}]
deploy: [{}]
`, []string{
			"agents/a.yaml:2:9: tools[0].name: is missing; add name",
			"agents/a.yaml:2:9: tools[0].description: is missing; add description",
			"agents/a.yaml:2:9: tools[0].apiSchema: is missing; add apiSchema",
			"agents/a.yaml:3:16: websiteTools[0].url: is missing; add url",
			"agents/a.yaml:3:16: websiteTools[0].prompt: is missing; add prompt",
			"agents/a.yaml:4:22: imageGenerateTools[0].name: is missing; add name",
			"agents/a.yaml:4:22: imageGenerateTools[0].description: is missing; add description",
			"agents/a.yaml:4:22: imageGenerateTools[0].prompt: is missing; add prompt",
			"agents/a.yaml:5:17: wakeUpConfigs[0].description: is missing; add description",
			"agents/a.yaml:6:14: memoryKeys[0].key: is missing; add key",
			"agents/a.yaml:6:14: memoryKeys[0].type: is missing; add type",
			"agents/a.yaml:6:14: memoryKeys[0].initialValue: is missing; add initialValue",
			"agents/a.yaml:6:14: memoryKeys[0].whenToUpdate: is missing; add whenToUpdate",
			"agents/a.yaml:7:20: outboundTriggers[0].templateName: is missing; add templateName",
			"agents/a.yaml:7:20: outboundTriggers[0].templateId: is missing; add templateId",
			"agents/a.yaml:8:10: deploy[0].number: is missing; add number",
		}},
		{"required below", `name: A
tools: [{name: t, description: d, apiSchema: {query_params: {properties: {p: {}, q: {input: {}}}}}}]
`, []string{
			"agents/a.yaml:2:46: tools[t].apiSchema.method: is missing; add method",
			"agents/a.yaml:2:46: tools[t].apiSchema.url: is missing; add url",
			"agents/a.yaml:2:78: tools[t].apiSchema.query_params.properties.p.input: is missing; add input",
			"agents/a.yaml:2:93: tools[t].apiSchema.query_params.properties.q.input.type: is missing; add type",
		}},
	})
}
