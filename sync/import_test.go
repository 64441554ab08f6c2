package sync_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/spec"
	"wassist-sync/sync"
	"wassist-sync/wassist/simulator"
)

// importAll imports everything of a simulated organization beside what is defined.
func importAll(t *testing.T, w *world, o sync.ImportOptions, documents ...string) *sync.Import {
	t.Helper()
	if len(o.Agents) == 0 {
		o.All = true
	}
	got, err := (&sync.Importer{Reader: w.api, Options: o}).Import(t.Context(), load(t, nil, documents...))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// body is a definition's text below its name.
func body(t *testing.T, got *sync.Import, name string) string {
	t.Helper()
	for _, made := range got.Imported {
		if made.Agent == name {
			_, text, _ := strings.Cut(string(made.YAML), "name: "+name+"\n")
			return text
		}
	}
	t.Fatalf("%s is not imported: %+v", name, got.Notes)
	return ""
}

func noteTexts(got *sync.Import) []string {
	var out []string
	for _, n := range got.Notes {
		out = append(out, n.Agent+"|"+n.Field+"|"+n.Text)
	}
	return out
}

const (
	otherID = "0a000000-0000-4000-8000-000000000001"
	thirdID = "0b000000-0000-4000-8000-000000000002"
)

// What single stored values become.
func TestImportedValues(t *testing.T) {
	t.Parallel()
	tool := func(url string, more string) string {
		return `{"tools": [{"name": "t", "description": "d", "apiSchema": {"method": "GET", "url": "` + url + `"` + more + `}}]}`
	}
	header := func(name, value string) string {
		return tool("https://a.example/", `, "request_headers": {"`+name+`": {"input": {"type": "value", "value": `+value+`}}}`)
	}
	for name, tt := range map[string]struct{ stored, want, note string }{
		"nothing":                {`{"description": null, "icebreakers": [], "paywallConfig": null, "reasoningEffort": "", "tools": []}`, "", ""},
		"defaults":               {`{"wakeUpConfigs": [{"description": "d", "enabled": true, "forceMessage": false}]}`, "- description: d\n", ""},
		"not the defaults":       {`{"imageGenerateTools": [{"name": "n", "description": "", "prompt": "p", "active": false, "creditCost": 2}]}`, "    active: false\n    creditCost: 2\n", ""},
		"CRLF":                   {`{"firstMessage": "a\r\nb\r\n"}`, "firstMessage: |\n  a\n  b\n", ""},
		"white space":            {`{"firstMessage": "  Hello \n"}`, "firstMessage: Hello\n", ""},
		"three lines":            {`{"systemPrompt": "a\nb\nc"}`, "systemPrompt: |-\n  a\n  b\n  c\n", ""},
		"four lines":             {`{"systemPrompt": "a\nb\nc\nd"}`, "systemPrompt: !file prompts/desk.md\n", ""},
		"prompt no file can be":  {`{"systemPrompt": "a\nb\nc\rd\ne"}`, `systemPrompt: "a\nb\nc\rd\ne"` + "\n", ""},
		"bearer":                 {header("Authorization", `"Bearer canary"`), `value: !env "Bearer ${DESK_TOKEN}"`, ""},
		"bearer elsewhere":       {header("X-Auth", `"bearer canary"`), `value: !env "bearer ${DESK_X_AUTH}"`, ""},
		"no scheme":              {header("Authorization", `"canary"`), "value: !env DESK_AUTHORIZATION\n", ""},
		"content type":           {header("Content-Type", `"application/json"`), "value: application/json\n", ""},
		"other content type":     {header("Content-Type", `"application/canary"`), "value: !env DESK_CONTENT_TYPE\n", ""},
		"token of Wassist":       {header("X-Phone", `"%PHONE_NUMBER%"`), `value: "%PHONE_NUMBER%"`, ""},
		"part of a token":        {header("X-Phone", `"%PHONE_NUMBER%canary"`), "value: !env DESK_X_PHONE\n", ""},
		"boolean":                {header("X-On", "true"), "value: true\n", ""},
		"number":                 {header("X-N", "42"), "value: !env DESK_X_N\n", ""},
		"fixed object":           {header("X-N", `{"a": 1}`), "", "Desk|tools|tools[t].apiSchema.request_headers.X-N.input.value holds a fixed value that is neither a text nor a number, true or false"},
		"query":                  {tool("https://a.example/x?key=canary", ""), `url: !env "https://a.example/x?${DESK_T_QUERY}"`, ""},
		"query of placeholders":  {tool("https://a.example/x?q={q}", `, "path_params": {"q": {"input": {"type": "description", "description": ""}}}`), "url: https://a.example/x?q={q}\n", ""},
		"user":                   {tool("https://canary:x@a.example/", ""), `url: !env "https://${DESK_T_USERINFO}@a.example/"`, ""},
		"fragment":               {tool("https://a.example/#canary", ""), `url: !env "https://a.example/#${DESK_T_FRAGMENT}"`, ""},
		"dollar in a secret URL": {tool("https://a.example/${x}?k=canary", ""), "", "Desk|tools|tools[t].apiSchema.url has a placeholder that path_params does not fill"},
		"no placeholder for it":  {tool("https://a.example/{x}", ""), "", "Desk|tools|tools[t].apiSchema.url has the placeholder {x}, which path_params does not fill"},
		"password":               {`{"creditSettings": {"creditGrantPassword": "canary"}}`, "creditGrantPassword: !env DESK_CREDIT_GRANT_PASSWORD\n", ""},
		"trigger":                {`{"outboundTriggers": [{"templateName": "name", "templateId": "1", "url": "https://x.example/canary", "secret": "canary"}]}`, "- templateName: name\n    templateId: \"1\"\n", ""},
		"memory as JSON":         {`{"memoryKeys": [{"key": "k", "type": "json", "initialValue": {"a": [1, "x"]}, "whenToUpdate": "w"}]}`, `initialValue: '{"a":[1,"x"]}'`, ""},
		"empty whitelist":        {`{"mcpConfigs": [{"connectorId": "` + seedConnector + `", "toolWhitelist": []}]}`, "", "Desk|mcpConfigs|mcpConfigs[Stripe].toolWhitelist is empty"},
		"unknown connector":      {`{"mcpConfigs": [{"connectorId": "x1", "toolWhitelist": ["a"]}]}`, "connectorId: x1\n", ""},
		"to itself":              {`{"handoffTools": [{"childAgentId": "` + otherID + `", "description": "d"}]}`, "", "Desk|handoffTools|handoffTools[Desk].agent hands over to the agent itself"},
		"to nobody":              {`{"handoffTools": [{"childAgentId": "` + thirdID + `", "description": "d"}]}`, "childAgentId: " + thirdID + "\n", ""},
		"twins":                  {`{"wakeUpConfigs": [{"description": "d"}, {"description": " d\n"}]}`, "", `Desk|wakeUpConfigs|has two entries whose description is "d", and a definition tells entries apart by it`},
		"secret key":             {`{"websiteTools": [{"url": "https://a.example/?canary", "prompt": "p"}]}`, "", "Desk|websiteTools|websiteTools[https://a.example/?(sensitive)].url holds a URL with a user, a query or a fragment, which may be secret, and entries are told apart by it: !env cannot stand there"},
		"unknown form":           {`{"icebreakers": "text"}`, "", "Desk|icebreakers|has a form that this version does not know"},
		"NUL":                    {`{"firstMessage": "a\u0000"}`, "", "Desk|firstMessage|holds the character NUL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{agents: []sync.Agent{storedAgent(t, 1, "Desk", tt.stored)}, connectors: []sync.Connector{{ID: seedConnector, Name: "Stripe"}}}
			f.agents[0].ID = otherID
			got, err := (&sync.Importer{Reader: f, Options: sync.ImportOptions{All: true}}).Import(t.Context(), &spec.Set{})
			if err != nil {
				t.Fatal(err)
			}
			text := body(t, got, "Desk")
			if tt.want == "" && strings.TrimSpace(text) != "" || !strings.Contains(text, tt.want) {
				t.Errorf("written:\n%s\nwant:\n%s", text, tt.want)
			}
			if diff := cmp.Diff(strings.Fields(tt.note), strings.Fields(strings.Join(noteTexts(got), "\n"))); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
			if strings.Contains(text+strings.Join(noteTexts(got), ""), "canary") {
				t.Errorf("a secret in:\n%s\n%v", text, noteTexts(got))
			}
			for _, call := range f.calls {
				if !strings.HasPrefix(call, "list") && !strings.HasPrefix(call, "numbers") && !strings.HasPrefix(call, "connectors") {
					t.Errorf("an import called %s", call)
				}
			}
		})
	}
}

// Names stand for ids where they are unambiguous, and only there.
func TestImportedNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{})
	billing := w.server.AddAgent(map[string]any{"name": "Billing"})
	w.server.AddAgent(map[string]any{"name": "Twin", "createdAt": "2026-01-01T00:00:00.000000Z"})
	twin := w.server.AddAgent(map[string]any{"name": "Twin", "createdAt": "2026-01-02T00:00:00.000000Z"})
	bad := w.server.AddAgent(map[string]any{"name": "Two\nlines"})
	w.server.AddConnector(map[string]any{"name": "Same", "id": otherID})
	w.server.AddConnector(map[string]any{"name": "Same", "id": thirdID})
	handoffs := []any{}
	for _, id := range []string{billing, twin, bad} {
		handoffs = append(handoffs, map[string]any{"childAgentId": id, "description": "d"})
	}
	desk := w.server.AddAgent(map[string]any{"name": "Desk", "handoffTools": handoffs, "mcpConfigs": []any{
		map[string]any{"connectorId": seedConnector, "toolWhitelist": []any{"a"}}, map[string]any{"connectorId": otherID, "toolWhitelist": []any{"a"}}}})
	if err := w.server.SetNumber("447700900111", map[string]any{"activeAgent": desk}); err != nil {
		t.Fatal(err)
	}
	got := importAll(t, w, sync.ImportOptions{})
	want := `
handoffTools:
  - agent: Billing
    description: d
  - childAgentId: ` + twin + `
    description: d
  - childAgentId: ` + bad + `
    description: d

mcpConfigs:
  - connector: Stripe
    toolWhitelist: [a]
  - connectorId: ` + otherID + `
    toolWhitelist: [a]

deploy:
  - number: "+447700900111"
`
	if diff := cmp.Diff(want, body(t, got, "Desk")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("id: "+twin+"\n", body(t, &sync.Import{Imported: got.Imported[3:]}, "Twin")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if notes := noteTexts(got); len(notes) != 1 || !strings.HasPrefix(notes[0], "Two\nlines||is not imported: name holds a line break") {
		t.Errorf("notes: %q", notes)
	}
	// one agent alone: nobody else has a definition to be named by
	got = importAll(t, w, sync.ImportOptions{Agents: []string{desk}})
	if text := body(t, got, "Desk"); strings.Contains(text, "agent: ") {
		t.Errorf("a handoff by name to an agent without a definition:\n%s", text)
	}
	// Billing's definition stands, under another name
	got = importAll(t, w, sync.ImportOptions{Agents: []string{"Desk"}}, "name: Invoices\nid: "+billing)
	if text := body(t, got, "Desk"); !strings.Contains(text, "- agent: Invoices\n") {
		t.Errorf("not handed over by the definition's name:\n%s", text)
	}
}

// Variables are shared where the secret is, and never where it is not.
func TestImportedVariables(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{})
	tools := func(first, second string) []any {
		var out []any
		for i, token := range []string{first, second} {
			out = append(out, map[string]any{"name": []string{"find", "book"}[i], "description": "d", "apiSchema": map[string]any{"method": "GET", "url": "https://a.example/",
				"request_headers": map[string]any{"X-Key": map[string]any{"input": map[string]any{"type": "value", "value": token}}}}})
		}
		return out
	}
	w.server.AddAgent(map[string]any{"name": "Same", "tools": tools("1", "1")})
	w.server.AddAgent(map[string]any{"name": "Differs", "tools": tools("1", "2")})
	w.server.AddAgent(map[string]any{"name": "same!", "tools": tools("3", "3")})
	standing, err := spec.LoadFiles(map[string][]byte{"a.yaml": []byte("name: Other\ncreditSettings: {creditGrantPassword: !env DIFFERS_BOOK_X_KEY}")})
	if err != nil {
		t.Fatal(err)
	}
	// what is left out here takes its variables elsewhere
	standing.LeaveOut(&spec.Settings{Exclude: []*spec.Value{{Kind: spec.Text, Text: "Other"}}})
	kept := func(name string) bool { return name == "SAME_X_KEY_2" } // it holds an API key
	got, err := (&sync.Importer{Reader: w.api, Options: sync.ImportOptions{All: true, Kept: kept}}).Import(t.Context(), standing)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, made := range got.Imported {
		for _, v := range made.Variables {
			names = append(names, v.Name+"="+v.Secret())
		}
	}
	if diff := cmp.Diff([]string{"DIFFERS_FIND_X_KEY=1", "DIFFERS_BOOK_X_KEY_2=2", "SAME_X_KEY=1", "SAME_X_KEY_3=3"}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A definition that is left out gets no id of this organization: it would replace
// the one of another, or break every other environment.
func TestImportPinsNothingLeftOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{})
	w.server.AddAgent(map[string]any{"name": "Desk"})
	w.server.AddAgent(map[string]any{"name": "Till"})
	set := load(t, nil, "name: Desk\nid: "+thirdID, "name: Till")
	set.LeaveOut(&spec.Settings{Exclude: []*spec.Value{{Kind: spec.Text, Text: "*"}}})
	got, err := (&sync.Importer{Reader: w.api, Options: sync.ImportOptions{All: true, Pin: true}}).Import(t.Context(), set)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Defined) != 2 || got.Defined[0].Pin || got.Defined[1].Pin || len(got.Imported) > 0 || len(got.Notes) > 0 {
		t.Errorf("%+v, %q", got, noteTexts(got))
	}
}

// What stands in the way is skipped and said, and the rest is imported.
func TestImportBeside(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{})
	desk := w.server.AddAgent(map[string]any{"name": "Desk", "firstMessage": "a"})
	w.server.AddAgent(map[string]any{"name": "Other", "handoffTools": []any{map[string]any{"childAgentId": desk, "description": "d"}}})
	if err := w.server.SetNumber("447700900111", map[string]any{"activeAgent": desk}); err != nil {
		t.Fatal(err)
	}
	// a definition that stands wants the number
	got := importAll(t, w, sync.ImportOptions{}, "name: New\ndeploy: [{number: \"+447700900111\"}]")
	if text := body(t, got, "Desk"); strings.Contains(text, "deploy") || len(got.Notes) != 1 || got.Notes[0].Field != "deploy" || !strings.Contains(got.Notes[0].Text, "is deployed twice") {
		t.Errorf("%s\n%v", text, noteTexts(got))
	}
	// its name stands for another agent, and is handed over to
	other := w.called(t, "Other")["id"].(string)
	got = importAll(t, w, sync.ImportOptions{Agents: []string{desk}}, "name: Desk\nid: "+other, "name: Front\nhandoffTools: [{agent: Desk, description: d}]")
	if len(got.Imported) != 0 || len(got.Notes) != 1 || !strings.Contains(got.Notes[0].Text, "agents/a.yaml:5:24 hands over to another definition of this name") {
		t.Errorf("%v, %q", got.Imported, noteTexts(got))
	}
	// and is not: both are pinned
	got = importAll(t, w, sync.ImportOptions{Agents: []string{desk}}, "name: Desk\nid: "+other)
	if text := body(t, got, "Desk"); !strings.HasPrefix(text, "id: "+desk) {
		t.Errorf("not pinned:\n%s", text)
	}
	// file names that are taken
	taken := map[string]bool{"desk.yaml": true, "desk-2.yml": true, "prompts/desk-3.md": true}
	got = importAll(t, w, sync.ImportOptions{Agents: []string{"Desk"}, Taken: func(file string) bool { return taken[file] }})
	if got.Imported[0].File != "desk-4.yaml" {
		t.Errorf("called %s", got.Imported[0].File)
	}
	_, err := (&sync.Importer{Reader: w.api, Options: sync.ImportOptions{All: true, Organization: "Nobody's"}}).Import(t.Context(), &spec.Set{})
	if !errors.Is(err, sync.ErrOtherOrganization) {
		t.Errorf("another organization: %v", err)
	}
	_, err = (&sync.Importer{Reader: w.api, Options: sync.ImportOptions{Agents: []string{"Nobody"}}}).Import(t.Context(), &spec.Set{})
	if !errors.Is(err, sync.ErrUnknownAgent) {
		t.Errorf("an unknown agent: %v", err)
	}
}

// However many definitions stand, the next one is checked with them.
func TestImportBesideMany(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("ten thousand definitions, and nothing that runs at once")
	}
	w := newWorld(t, simulator.Options{})
	w.server.AddAgent(map[string]any{"name": "Desk"})
	set := &spec.Set{}
	for i := range 10_500 {
		set.Agents = append(set.Agents, &spec.Agent{Name: fmt.Sprintf("Agent %d", i), Fields: &spec.Value{Kind: spec.Object}})
	}
	got, err := (&sync.Importer{Reader: w.api, Options: sync.ImportOptions{All: true}}).Import(t.Context(), set)
	if err != nil || len(got.Imported) != 1 || len(got.Notes) > 0 {
		t.Errorf("%v, %v", got, err)
	}
}

// An API that lists neither numbers nor connectors still gives its agents.
func TestImportFromLess(t *testing.T) {
	t.Parallel()
	f := &fake{agents: []sync.Agent{storedAgent(t, 1, "Desk", `{"mcpConfigs": [{"connectorId": "c", "toolWhitelist": ["a"]}]}`)}, errors: map[string][]error{
		"numbers": {sync.ErrNotFound}, "connectors": {sync.ErrNotFound}}}
	got, err := (&sync.Importer{Reader: f, Options: sync.ImportOptions{All: true}}).Import(t.Context(), &spec.Set{})
	if err != nil {
		t.Fatal(err)
	}
	if text := body(t, got, "Desk"); !strings.Contains(text, "connectorId: c") || len(got.Notes) != 1 || got.Notes[0].Field != "deploy" {
		t.Errorf("%s\n%q", text, noteTexts(got))
	}
	for _, call := range []string{"list", "numbers", "connectors"} {
		f.errors = map[string][]error{call: {errors.New("broken")}}
		if _, err := (&sync.Importer{Reader: f, Options: sync.ImportOptions{All: true}}).Import(t.Context(), &spec.Set{}); err == nil || !strings.Contains(err.Error(), "broken") {
			t.Errorf("%s: %v", call, err)
		}
	}
}
