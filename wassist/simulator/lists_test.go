package simulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"wassist-sync/wassist/simulator"
)

var nestedLists = []string{
	"tools", "websiteTools", "handoffTools", "mcpConfigs", "imageGenerateTools", "wakeUpConfigs", "memoryKeys", "outboundTriggers",
}

// fullAgent has a value in every writable field.
func fullAgent(a *api) map[string]any {
	return map[string]any{
		"name": "full", "description": "d", "systemPrompt": "p", "firstMessage": "f", "icebreakers": []string{"i"},
		"llmModel": "openai/gpt-5.4", "reasoningEffort": "low",
		"tools": []any{map[string]any{"name": "t", "description": "d", "apiSchema": map[string]any{
			"url": "https://x.example", "method": "GET",
			"request_headers": map[string]any{"X": map[string]any{"input": map[string]any{"type": "value", "value": "s3cret"}}},
		}}},
		"websiteTools":       []any{map[string]any{"url": "https://x.example/a", "prompt": "A"}},
		"handoffTools":       []any{map[string]any{"childAgentId": a.s.AddAgent(map[string]any{"name": "child"}), "description": "d"}},
		"mcpConfigs":         []any{map[string]any{"connectorId": connectorID, "toolWhitelist": []any{"list_invoices"}}},
		"imageGenerateTools": []any{map[string]any{"name": "n", "description": "d", "prompt": "p"}},
		"wakeUpConfigs":      []any{map[string]any{"description": "d"}},
		"memoryKeys":         []any{map[string]any{"key": "k", "type": "json", "initialValue": "", "whenToUpdate": "w"}},
		"outboundTriggers":   []any{map[string]any{"templateId": "t1", "templateName": "n1"}},
		"paywallConfig":      map[string]any{"messageLimit": 3},
		"creditSettings":     map[string]any{"initialCredits": 5, "creditGrantPassword": "pw"},
		"documents":          []any{map[string]any{"id": "d1", "name": "allergens.pdf"}},
		"voiceCallConfig":    map[string]any{"voice": "x"},
	}
}

const connectorID = "9a000000-0000-4000-8000-000000000001"

// TestEntryDefaults: what an entry may leave out, and what the server makes.
func TestEntryDefaults(t *testing.T) {
	t.Parallel()
	const sent = `{
	  "tools": [{"name":"t","description":"","apiSchema":{}}],
	  "websiteTools": [{"url":"u","prompt":"p"}],
	  "handoffTools": [{"childAgentId":"CHILD","description":"d"}],
	  "mcpConfigs": [{"connectorId":"` + connectorID + `"}],
	  "imageGenerateTools": [{"name":"n","description":"d","prompt":"p"}],
	  "wakeUpConfigs": [{"description":"d"}],
	  "memoryKeys": [{"key":"k","type":"string","initialValue":"","whenToUpdate":"w"}],
	  "outboundTriggers": [{"templateId":"t","templateName":"n"}],
	  "paywallConfig": {},
	  "creditSettings": {}
	}`
	const full = `{
	  "tools": [{"name":"t","description":"","apiSchema":{},"active":true,"creditCost":0}],
	  "websiteTools": [{"url":"u","prompt":"p","active":true}],
	  "handoffTools": [{"childAgentId":"CHILD","childAgentName":"child","parentAgentId":"PARENT","description":"d","active":true}],
	  "mcpConfigs": [{"connectorId":"` + connectorID + `","connectorName":"Stripe","toolWhitelist":[]}],
	  "imageGenerateTools": [{"name":"n","description":"d","prompt":"p","active":true,"creditCost":0}],
	  "wakeUpConfigs": [{"description":"d","enabled":true,"forceMessage":false}],
	  "memoryKeys": [{"key":"k","type":"string","initialValue":"","whenToUpdate":"w"}],
	  "outboundTriggers": [{"templateId":"t","templateName":"n","enabled":true}],
	  "paywallConfig": {"messageLimit":null,"paywallAction":"none","paywallUrl":null,"ctaButtonText":"","terminalStateMessage":""},
	  "creditSettings": {"initialCredits":0,"creditGrantPassword":null,"creditGrantAmount":0}
	}`
	for _, method := range []string{"PATCH", "PUT"} {
		a := inProcess(t, simulator.Options{})
		child, parent := a.create("child"), a.create("parent")
		ids := strings.NewReplacer("CHILD", child, "PARENT", parent)
		body := ids.Replace(sent)
		if method == "PUT" {
			body = `{"name":"parent",` + body[1:]
		}
		got := a.want(200, method, "agents/"+parent+"/", body)
		shown := map[string]any{}
		for _, key := range append([]string{"paywallConfig", "creditSettings"}, nestedLists...) {
			shown[key] = got[key]
			entries := list(got[key])
			if m, ok := got[key].(map[string]any); ok {
				entries = append(entries, m)
			}
			if key == "outboundTriggers" {
				if u, s := entries[0]["url"].(string), entries[0]["secret"].(string); !strings.HasPrefix(u, "https://") || len(s) < 16 {
					t.Errorf("trigger with url %q and secret %q", u, s)
				}
				delete(entries[0], "url")
				delete(entries[0], "secret")
			}
			if id, _ := entries[0]["id"].(string); len(id) != 36 {
				t.Errorf("%s: no id was made: %v", key, entries[0])
			}
			delete(entries[0], "id")
		}
		same(t, method, shown, ids.Replace(full))
	}
}

// TestListsAreDiffedByID: update by id, create without one, delete what is left
// out, leave alone what is not sent.
func TestListsAreDiffedByID(t *testing.T) {
	t.Parallel()
	bothWays(t, simulator.Options{}, func(t *testing.T, a *api) {
		id := a.create("x")
		path := "agents/" + id + "/"
		first := a.want(200, "PATCH", path, `{
		  "websiteTools":[{"url":"a","prompt":"1","active":false},{"url":"b","prompt":"2"},{"url":"c","prompt":"3"}],
		  "outboundTriggers":[{"templateId":"t","templateName":"n"}]}`)
		sites, trigger := list(first["websiteTools"]), list(first["outboundTriggers"])[0]

		second := a.want(200, "PATCH", path, fmt.Sprintf(`{"websiteTools":[
		  {"url":"new","prompt":"0"},{"id":%q,"url":"c2","prompt":"33"},{"id":%q,"url":"a","prompt":"1"}]}`, sites[2]["id"], sites[0]["id"]))
		now := list(second["websiteTools"])
		if got, want := column(second["websiteTools"], "url"), []any{"new", "c2", "a"}; !cmp.Equal(got, want) {
			t.Fatalf("urls %v, want %v", got, want)
		}
		if now[1]["id"] != sites[2]["id"] || now[2]["id"] != sites[0]["id"] {
			t.Error("known entries lost their ids")
		}
		if slices.Contains(column(first["websiteTools"], "id"), now[0]["id"]) {
			t.Error("a new entry has an old id")
		}
		if now[2]["active"] != true {
			t.Error("an entry is written whole: active left out is true again")
		}
		same(t, "list not sent", second["outboundTriggers"], encode(t, first["outboundTriggers"]))

		// A trigger keeps what the server made while it keeps its id, whatever is sent.
		third := a.want(200, "PATCH", path, fmt.Sprintf(
			`{"outboundTriggers":[{"id":%q,"templateId":"t2","templateName":"n2","url":"mine","secret":"mine"}]}`, trigger["id"]))
		kept := list(third["outboundTriggers"])[0]
		if kept["url"] != trigger["url"] || kept["secret"] != trigger["secret"] || kept["templateName"] != "n2" {
			t.Errorf("trigger %v, want the url and secret of %v with its new name", kept, trigger)
		}
		again := a.want(200, "PATCH", path, `{"outboundTriggers":[{"templateId":"t2","templateName":"n2"}]}`)
		if made := list(again["outboundTriggers"])[0]; made["url"] == trigger["url"] || made["secret"] == trigger["secret"] {
			t.Error("a trigger without its id kept its url or secret")
		}
		if got := a.want(200, "PATCH", path, `{"websiteTools":[]}`)["websiteTools"]; len(list(got)) != 0 {
			t.Errorf("cleared list is %v", got)
		}
		// The old id is gone for good.
		same(t, "deleted id", a.want(400, "PATCH", path, fmt.Sprintf(`{"websiteTools":[{"id":%q,"url":"c","prompt":""}]}`, sites[2]["id"])),
			fmt.Sprintf(`{"websiteTools":[{"id":["Invalid pk \"%s\" - object does not exist."]}]}`, sites[2]["id"]))
	})
}

// TestOneIDTwice: two entries with one id are one entry, the last one wins.
func TestOneIDTwice(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{})
	path := "agents/" + a.create("x") + "/"
	id := list(a.want(200, "PATCH", path, `{"wakeUpConfigs":[{"description":"a"}]}`)["wakeUpConfigs"])[0]["id"]
	got := a.want(200, "PATCH", path, fmt.Sprintf(`{"wakeUpConfigs":[{"id":%q,"description":"b"},{"id":%q,"description":"c"}]}`, id, id))
	if d := column(got["wakeUpConfigs"], "description"); !cmp.Equal(d, []any{"c"}) {
		t.Errorf("descriptions %v, want one, c", d)
	}
}

// TestEntriesOfOtherAgents: an id is known to its own agent only.
func TestEntriesOfOtherAgents(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{})
	one, two := a.create("one"), a.create("two")
	id := list(a.want(200, "PATCH", "agents/"+one+"/", `{"wakeUpConfigs":[{"description":"a"}]}`)["wakeUpConfigs"])[0]["id"]
	a.want(400, "PATCH", "agents/"+two+"/", fmt.Sprintf(`{"wakeUpConfigs":[{"id":%q,"description":"a"}]}`, id))
}

// TestPatchKeepsIDs is the property of nested lists: whatever subset of the
// stored entries is sent, in whatever order, with whatever new ones between, the
// stored list is then exactly that, with the ids that were sent.
func TestPatchKeepsIDs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		a := inProcess(t, simulator.Options{RateLimit: -1})
		path := "agents/" + a.create("x") + "/"
		for round := range rapid.IntRange(1, 4).Draw(rt, "rounds") {
			stored := list(a.s.Agents()[0]["memoryKeys"])
			var sent []map[string]any
			for _, e := range rapid.Permutation(stored).Draw(rt, "order") {
				if rapid.Bool().Draw(rt, "keep") {
					sent = append(sent, map[string]any{
						"id": e["id"], "key": e["key"], "type": "json", "initialValue": fmt.Sprint(round), "whenToUpdate": "w",
					})
				}
			}
			for i := range rapid.IntRange(0, 3).Draw(rt, "new") {
				e := map[string]any{"key": fmt.Sprint(round, i), "type": "string", "initialValue": "", "whenToUpdate": ""}
				at := rapid.IntRange(0, len(sent)).Draw(rt, "at")
				sent = slices.Insert(sent, at, e)
			}
			if sent == nil {
				sent = []map[string]any{}
			}
			got := list(a.want(200, "PATCH", path, encode(t, map[string]any{"memoryKeys": sent}))["memoryKeys"])
			if len(got) != len(sent) {
				rt.Fatalf("%d entries stored, %d sent", len(got), len(sent))
			}
			seen := map[any]bool{}
			for i, e := range got {
				if seen[e["id"]] {
					rt.Fatalf("id %v twice", e["id"])
				}
				seen[e["id"]] = true
				if sent[i]["id"] != nil && e["id"] != sent[i]["id"] || e["key"] != sent[i]["key"] || e["initialValue"] != sent[i]["initialValue"] {
					rt.Fatalf("entry %d is %v, sent %v", i, e, sent[i])
				}
				if sent[i]["id"] == nil && slices.ContainsFunc(stored, func(o map[string]any) bool { return o["id"] == e["id"] }) {
					rt.Fatalf("new entry %d took the id of a stored one", i)
				}
			}
		}
	})
}

// TestRecords: paywallConfig and creditSettings are written whole, keep their id
// while they exist, and are cleared by null.
func TestRecords(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{})
	path := "agents/" + a.create("x") + "/"
	first := a.want(200, "PATCH", path, `{"paywallConfig":{"messageLimit":5,"paywallAction":"terminal","terminalStateMessage":"bye"}}`)["paywallConfig"].(map[string]any)
	second := a.want(200, "PATCH", path, `{"paywallConfig":{"messageLimit":"6"}}`)["paywallConfig"].(map[string]any)
	if second["id"] != first["id"] || second["messageLimit"] != 6.0 || second["paywallAction"] != "none" || second["terminalStateMessage"] != "" {
		t.Errorf("second write gave %v after %v", second, first)
	}
	if got := a.want(200, "PATCH", path, `{"paywallConfig":null}`)["paywallConfig"]; got != nil {
		t.Errorf("cleared config is %v", got)
	}
	third := a.want(200, "PATCH", path, `{"paywallConfig":{}}`)["paywallConfig"].(map[string]any)
	if third["id"] == first["id"] {
		t.Error("a config made anew has the old id")
	}
}
