package spec

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// show writes a value with its kinds, so that nothing hides in a comparison.
func show(v *Value) string {
	switch {
	case v == nil:
		return "absent"
	case v.Kind == List:
		parts := make([]string, len(v.Items))
		for i, item := range v.Items {
			parts[i] = show(item)
		}
		return "[" + strings.Join(parts, " ") + "]"
	case v.Kind == Object:
		parts := make([]string, len(v.Members))
		for i, m := range v.Members {
			parts[i] = m.Key + "=" + show(m.Value)
		}
		return "{" + strings.Join(parts, " ") + "}"
	case v.Kind == Bool:
		return fmt.Sprint(v.Bool)
	case v.Kind == Number:
		return "#" + v.Text
	case v.Kind == Null:
		return "null"
	}
	return fmt.Sprintf("%q", v.Text)
}

func TestTextsStayWhatWasWritten(t *testing.T) {
	for written, want := range map[string]string{
		"447700900111":        "447700900111",
		"+44 7700 900111":     "+44 7700 900111",
		"0755":                "0755",
		"0x1F":                "0x1F",
		"1_000":               "1_000",
		"1.0":                 "1.0",
		"1e3":                 "1e3",
		".inf":                ".inf",
		"yes":                 "yes",
		"No":                  "No",
		"on":                  "on",
		"true":                "true",
		"2024-01-01":          "2024-01-01",
		"2024-01-01 10:00:00": "2024-01-01 10:00:00",
		"12:30:45":            "12:30:45",
		"=":                   "=",
		"!!str 007":           "007",
		"'~'":                 "~",
		`"null"`:              "null",
		`"a\tb"`:              "a\tb",
		"a ? b":               "a ? b",
		"a # comment":         "a",
		"|\n  a\n  b\n":       "a\nb\n",
		"|-\n  a\n":           "a",
		">\n  a\n  b\n":       "a b\n",
		`""`:                  "",
		"|\r\n  a\r\n  b\r\n": "a\nb\n",
		"a\r\n  b":            "a b",
		"${HOME} $$ ${X:-y}":  "${HOME} $$ ${X:-y}",
	} {
		v := one(t, "name: A\ndescription: "+written).Fields.Get("description")
		if v.Kind != Text || v.Text != want || v.Sensitive || v.Unresolved() {
			t.Errorf("%q reads as %s %q, want text %q", written, v.Kind, v.Text, want)
		}
	}
}

func TestAbsentNullAndEmpty(t *testing.T) {
	a := one(t, `
name: A
description: ""
systemPrompt:
icebreakers: []
tools: ~
websiteTools:
  - {url: https://x.example/, prompt: ""}
paywallConfig: {}
creditSettings: {initialCredits: null}
`)
	want := `{description="" systemPrompt=null icebreakers=[] tools=null websiteTools=[{url="https://x.example/" prompt=""}] paywallConfig={} creditSettings={initialCredits=null}}`
	if got := show(a.Fields); got != want {
		t.Errorf("fields\n%s, want\n%s", got, want)
	}
	if a.Fields.Get("firstMessage") != nil || a.PreviousNames != nil || a.Deploy != nil || a.ID != "" || a.PreventDestroy {
		t.Errorf("something absent is there: %+v", a)
	}

	a = one(t, "name: A\npreviousNames: []\ndeploy: []\nlifecycle: {}\n")
	if a.PreviousNames == nil || len(a.PreviousNames) != 0 || a.Deploy == nil || len(a.Deploy) != 0 || a.PreventDestroy {
		t.Errorf("declared empty lists: %#v %#v", a.PreviousNames, a.Deploy)
	}
	if a.Fields == nil || a.Fields.Kind != Object || len(a.Fields.Members) != 0 {
		t.Errorf("fields of a bare definition: %v, want an empty object", a.Fields)
	}
}

const wholeDefinition = `
creditSettings: {creditGrantAmount: 2.5, creditGrantPassword: pw, initialCredits: 3}
lifecycle: {preventDestroy: true}
deploy:
  - {applyToExisting: true, number: (44) 7700-900.111}
  - number: +1 202 555 0123
paywallConfig: {terminalStateMessage: bye, ctaButtonText: Pay, paywallUrl: https://pay.example/, paywallAction: terminal, messageLimit: 0}
outboundTriggers: [{enabled: false, templateId: t1, templateName: ready}]
memoryKeys: [{whenToUpdate: w, initialValue: 5, type: number, key: k}]
wakeUpConfigs: [{forceMessage: true, enabled: false, description: d}]
imageGenerateTools: [{creditCost: 1, active: false, prompt: p, description: d, name: n}]
mcpConfigs: [{toolWhitelist: [b, a], connector: S}, {toolWhitelist: [c], connectorId: 9a}]
handoffTools:
  - {active: false, description: d, childAgentId: 5D9BE1F0-2a44-4b6d-8c1f-77a0c3e2d902}
  - {description: e, agent: B}
websiteTools: [{active: true, prompt: p, url: http://x.example}]
tools:
  - creditCost: 0
    active: true
    apiSchema:
      request_body: {properties: {z: {input: {type: value, value: "%PHONE_NUMBER%"}, type: string}, a: {input: {description: d, type: description}}}, required: [z], type: object}
      request_headers: {X-B: {input: {value: 1, type: value}}, X-A: {input: {type: value, value: ""}}}
      query_params: {properties: {n: {input: {value: 1.50, type: value}, type: number}, b: {type: boolean, input: {type: value, value: false}}}, required: []}
      path_params: {id: {input: {description: d, type: description}, type: string}}
      url: https://x.example/{id}
      method: PUT
    description: d
    name: t
reasoningEffort: none
llmModel: ~
icebreakers: [yes, 007]
firstMessage: f
systemPrompt: s
description: d
previousNames: [Old, Older]
id: 3F0C8A52-7b1e-4c55-9d0a-1f2e3d4c5b61
name: A
---
name: B
`

// Every field of the format, written in reverse: the order of the table comes
// out, but maps keep the order of their author.
func TestEveryField(t *testing.T) {
	set := mustLoad(t, files("agents/a.yaml", wholeDefinition))
	a := set.Agents[0]
	want := `{description="d" systemPrompt="s" firstMessage="f" icebreakers=["yes" "007"] llmModel=null reasoningEffort="none"` +
		` tools=[{name="t" description="d" apiSchema={method="PUT" url="https://x.example/{id}"` +
		` path_params={id={type="string" input={type="description" description="d"}}}` +
		` query_params={required=[] properties={n={type="number" input={type="value" value=#1.50}} b={type="boolean" input={type="value" value=false}}}}` +
		` request_headers={X-B={input={type="value" value="1"}} X-A={input={type="value" value=""}}}` +
		` request_body={type="object" required=["z"] properties={z={type="string" input={type="value" value="%PHONE_NUMBER%"}} a={input={type="description" description="d"}}}}}` +
		` active=true creditCost=#0}]` +
		` websiteTools=[{url="http://x.example" prompt="p" active=true}]` +
		` handoffTools=[{childAgentId="5d9be1f0-2a44-4b6d-8c1f-77a0c3e2d902" description="d" active=false} {agent="B" description="e"}]` +
		` mcpConfigs=[{connector="S" toolWhitelist=["b" "a"]} {connectorId="9a" toolWhitelist=["c"]}]` +
		` imageGenerateTools=[{name="n" description="d" prompt="p" active=false creditCost=#1}]` +
		` wakeUpConfigs=[{description="d" enabled=false forceMessage=true}]` +
		` memoryKeys=[{key="k" type="number" initialValue="5" whenToUpdate="w"}]` +
		` outboundTriggers=[{templateName="ready" templateId="t1" enabled=false}]` +
		` paywallConfig={messageLimit=#0 paywallAction="terminal" paywallUrl="https://pay.example/" ctaButtonText="Pay" terminalStateMessage="bye"}` +
		` creditSettings={initialCredits=#3 creditGrantPassword="pw" creditGrantAmount=#2.5}}`
	if diff := cmp.Diff(strings.ReplaceAll(want, " ", "\n"), strings.ReplaceAll(show(a.Fields), " ", "\n")); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if a.ID != "3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b61" || !a.PreventDestroy {
		t.Errorf("id %s, preventDestroy %v", a.ID, a.PreventDestroy)
	}
	if diff := cmp.Diff([]string{"Old", "Older"}, a.PreviousNames); diff != "" {
		t.Errorf("previousNames (-want +got):\n%s", diff)
	}
	deploy := []Deployment{
		{Number: "+447700900111", ApplyToExisting: true, Pos: Position{"agents/a.yaml", 5, 37}},
		{Number: "+12025550123", Pos: Position{"agents/a.yaml", 6, 13}},
	}
	if diff := cmp.Diff(deploy, a.Deploy); diff != "" {
		t.Errorf("deploy (-want +got):\n%s", diff)
	}
	for _, f := range AgentFields { // so that a new field is not forgotten above
		if a.Fields.Get(f.Name) == nil {
			t.Errorf("%s is not in the test", f.Name)
		}
	}
}

func TestSecretsAreSensitive(t *testing.T) {
	a := mustLoad(t, files("agents/a.yaml", wholeDefinition)).Agents[0]
	header := a.Fields.Get("tools").Items[0].Get("apiSchema").Get("request_headers").Get("X-B").Get("input").Get("value")
	number := a.Fields.Get("tools").Items[0].Get("apiSchema").Get("query_params").Get("properties").Get("n").Get("input").Get("value")
	password := a.Fields.Get("creditSettings").Get("creditGrantPassword")
	if !header.Sensitive || !number.Sensitive || !password.Sensitive || a.Fields.Get("description").Sensitive {
		t.Errorf("sensitive: header %v, number %v, password %v, description %v", header.Sensitive, number.Sensitive, password.Sensitive, a.Fields.Get("description").Sensitive)
	}
	if got := fmt.Sprintf("%v %+v %#v", a.Fields, a.Fields, a.Fields); strings.Contains(got, `"pw"`) || strings.Contains(got, "1.50") || strings.Count(got, "(sensitive)") != 3*6 {
		t.Errorf("a printed value shows secrets: %s", got)
	}
}

func TestPositions(t *testing.T) {
	a := one(t, "# ü\nname: A\ntools:\n  - name: t\n    description: &d \"ü\"\n    apiSchema: {method: GET, url: 'https://x.example/ü'}\nicebreakers: [ü, *d]\n")
	tool := a.Fields.Get("tools").Items[0]
	for what, c := range map[string]struct {
		got       Position
		line, col int
	}{
		"document":  {a.Pos, 2, 1},
		"name":      {a.NamePos, 2, 7},
		"entry":     {tool.Pos, 4, 5},
		"key":       {tool.Members[0].Pos(), 4, 5},
		"anchor":    {tool.Get("description").Pos, 5, 18},
		"flow key":  {tool.Get("apiSchema").Members[1].Pos(), 6, 30},
		"url":       {tool.Get("apiSchema").Get("url").Pos, 6, 35},
		"list item": {a.Fields.Get("icebreakers").Items[1].Pos, 7, 18},
	} {
		if want := (Position{"agents/a.yaml", c.line, c.col}); c.got != want {
			t.Errorf("%s stands at %v, want %v", what, c.got, want)
		}
	}
	if got := a.Fields.Get("icebreakers").Items[1].Text; got != "ü" {
		t.Errorf("alias reads %q", got)
	}
}
