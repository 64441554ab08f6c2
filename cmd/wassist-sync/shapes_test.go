package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// shapeNames collide as file names, or are none.
var shapeNames = []string{
	"Order desk", "order desk", "Order-Desk", "Con", "wassist-sync", "_drafts", "../up", "a/b", "😀", "مكتب الطلبات", "Grüße & Co.", "environments", "Ends in a dot.", "C:",
	"null", "24/7", "Twin", "Twin", "GitHub helper", "# hash",
}

// shapeTexts are texts that YAML, Git and editors treat in ways of their own.
var shapeTexts = []string{
	"One line.", "Two lines.\nThe second.", "You are kind.\n\n# Rules\n\n- Never guess: ask.\n- Say \"hello\" first.\n\nUse ${name} as it is.\n", "Windows\r\nline\r\nends\r\nhere\r\n",
	"  leading\n\ttabs and trailing  \nspaces \n", "--- \n...\n---\n# not a comment\n%TAG\n", "مرحبا بكم\nאיך אפשר לעזור\n👋🏽 Hello\n\nBye 👨‍👩‍👧", "lone\rreturns\rand\u2028separators\u0085here",
	"yes", "0755", "2024-01-01", "12:30:45", "- no list", "a: b # c", "'single' and \"double\" \\ slash", "nul-like \x01 \x1b[31m \x7f", "\ufeffmark first", strings.Repeat("A long prompt of 50,000 characters. ", 1389),
	strings.Repeat("Many lines.\n", 1500), "::error::x\n##[group]\n",
}

// shapeAgents stores agents that between them have every field in every shape.
// Each secret holds the word canary.
func shapeAgents(ts *testscript.TestScript, s *simulated, args []string) {
	text := func(i int) string { return shapeTexts[i%len(shapeTexts)] }
	var ids []string
	for i := range number(ts, args[0]) {
		name := fmt.Sprintf("Agent %d", i)
		if i < len(shapeNames) {
			name = shapeNames[i]
		}
		a := map[string]any{
			"name": name, "description": text(i + 3), "systemPrompt": text(i), "firstMessage": text(i + 7), "llmModel": []any{nil, "openai/gpt-5.4-mini", ""}[i%3],
			"reasoningEffort": []any{nil, "low"}[i%2], "icebreakers": []any{[]any{}, []any{"Where is it?", text(i + 8)}, nil}[i%3],
			"documents": []any{map[string]any{"id": "d"}}, "adConfig": map[string]any{"canary": true}, "tomorrow": "canary",
		}
		if i%2 == 0 {
			a["tools"] = []any{
				shapeTool("find_order", i, "https://api.example/v1/{id}"), shapeTool("pay", i+1, fmt.Sprintf("https://canary-user-%d:x@api.example/pay/{id}?key=canary-query-%d", i, i)),
			}
		}
		if i%3 == 0 {
			a["websiteTools"] = []any{map[string]any{"url": "https://www.example/opening", "prompt": text(i + 1)}, map[string]any{"url": "http://www.example/b", "prompt": "p", "active": false}}
			a["mcpConfigs"] = []any{map[string]any{"connectorId": "9a000000-0000-4000-8000-000000000001", "toolWhitelist": []any{"list_invoices", "create_refund"}}}
		}
		if i%4 == 0 && len(ids) > 0 {
			a["handoffTools"] = []any{map[string]any{"childAgentId": ids[len(ids)/2], "description": text(i + 2)}, map[string]any{"childAgentId": ids[0], "description": "d", "active": false}}[:1+min(1, len(ids)/2)]
		}
		if i%5 == 0 {
			a["imageGenerateTools"] = []any{map[string]any{"name": "card", "description": text(i + 4), "prompt": text(i + 5), "creditCost": i}}
			a["wakeUpConfigs"] = []any{map[string]any{"description": "The next day: ask", "forceMessage": true}, map[string]any{"description": "Two\nlines", "enabled": false}}
			a["memoryKeys"] = []any{map[string]any{"key": "visits", "type": "number", "initialValue": "0", "whenToUpdate": text(i + 6)}}
		}
		if i%6 == 0 {
			a["outboundTriggers"] = []any{map[string]any{"templateName": "ready", "templateId": "118022", "url": "https://o.example/canary", "secret": "canary-trigger"}}
			a["paywallConfig"] = map[string]any{"messageLimit": i, "paywallAction": "purchase_link", "paywallUrl": fmt.Sprintf("https://pay.example/?t=canary-%d", i)}
			a["creditSettings"] = map[string]any{"initialCredits": 3, "creditGrantPassword": fmt.Sprintf("canary-password-%d", i)}
		}
		ids = append(ids, s.AddAgent(a))
	}
	ts.Check(s.SetNumber("447700900111", map[string]any{"activeAgent": ids[0]}))
}

func shapeTool(name string, i int, url string) map[string]any {
	value := func(v any) map[string]any {
		return map[string]any{"input": map[string]any{"type": "value", "value": v}}
	}
	ask := map[string]any{"type": "string", "input": map[string]any{"type": "description", "description": shapeTexts[i%len(shapeTexts)]}}
	typed := value(fmt.Sprint(i))
	typed["type"] = "integer"
	return map[string]any{
		"name": name, "description": shapeTexts[(i+9)%len(shapeTexts)], "active": i%3 != 0, "apiSchema": map[string]any{
			"method": "POST", "url": url, "path_params": map[string]any{"id": ask},
			"request_headers": map[string]any{"Authorization": value(fmt.Sprintf("Bearer canary-token-%d", i)), "Content-Type": value("application/json"), "X-Shared": value("canary-shared")},
			"query_params":    map[string]any{"required": []any{"phone"}, "properties": map[string]any{"phone": value("%PHONE_NUMBER%"), "limit": typed}},
			"request_body":    map[string]any{"type": "object", "required": []any{}, "properties": map[string]any{"why": ask, "null": ask}},
		},
	}
}

// secretsOf NAME FILE sets every variable that an import's JSON names to what the
// simulator stores there.
func secretsOf(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: secretsof NAME FILE")
	}
	s := ts.Value(simulatorsKey{}).(simulators)[args[0]]
	var told struct {
		Variables []struct {
			Name, Agent, ID string
			Fields          []string
		}
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &told))
	if len(told.Variables) == 0 {
		ts.Fatalf("%s names no variable", args[1])
	}
	for _, v := range told.Variables {
		stored, _ := storedAt(s.Agent(v.ID), v.Fields[0]).(string)
		if m := regexp.MustCompile(`^\w+://([^@/]*)@`).FindStringSubmatch(stored); m != nil && strings.Contains(v.Name, "_USERINFO") {
			stored = m[1]
		}
		if _, query, ok := strings.Cut(stored, "?"); ok && strings.Contains(v.Name, "_QUERY") {
			stored = query
		}
		ts.Setenv(v.Name, strings.TrimPrefix(stored, "Bearer "))
	}
}

var pathStep = regexp.MustCompile(`[^.\[\]]+|\[[^\]]*\]`)

// storedAt follows a field's path through an agent.
func storedAt(v any, path string) any {
	for _, step := range pathStep.FindAllString(path, -1) {
		if key, ok := strings.CutPrefix(step, "["); ok {
			key = strings.TrimSuffix(key, "]")
			list, _ := v.([]any)
			for _, item := range list {
				if m := item.(map[string]any); m["name"] == key {
					v = m
				}
			}
			continue
		}
		m, _ := v.(map[string]any)
		v = m[step]
	}
	return v
}
