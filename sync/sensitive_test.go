package sync

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/spec"
)

// secretDefinition and secretAgent hold the canary in every place in which a
// secret can stand, declared and stored.
const secretDefinition = `
description: !env D
systemPrompt: !env "before ${S} after"
firstMessage: shown
icebreakers: [!env I, shown]
llmModel: !env M
tools:
  - name: changed
    description: !env T
    active: false
    apiSchema:
      method: GET
      url: https://ann:cAnArY-7f3e@api.example/v1?key=cAnArY-7f3e#cAnArY-7f3e
      request_headers:
        Kept: {type: string, input: {type: value, value: cAnArY-7f3e}}
        Added: {type: string, input: {type: value, value: cAnArY-7f3e}}
        FromEnv: {type: string, input: {type: value, value: !env H}}
      request_body:
        properties:
          fixed: {type: string, input: {type: value, value: cAnArY-7f3e}}
  - name: added
    description: !env T
    apiSchema:
      method: POST
      url: https://cAnArY-7f3e@api.example/v1?key=cAnArY-7f3e
      query_params:
        properties:
          fixed: {type: string, input: {type: value, value: !env "Bearer ${Q}"}}
websiteTools:
  - {url: "https://ann:cAnArY-7f3e@shop.example/a?t=cAnArY-7f3e", prompt: new}
  - {url: "https://shop.example/b?t=cAnArY-7f3e", prompt: added}
outboundTriggers: [{templateName: ready, templateId: "2", enabled: false}]
paywallConfig: {paywallUrl: "https://pay.example/?t=cAnArY-7f3e", ctaButtonText: !env C}
creditSettings: {creditGrantPassword: !env P, initialCredits: 5}
`

const secretAgent = `{
"description":"cAnArY-7f3e old","systemPrompt":"cAnArY-7f3e","firstMessage":"old","icebreakers":["cAnArY-7f3e","old"],"llmModel":"cAnArY-7f3e!",
"tools":[
 {"id":"1","name":"changed","description":"cAnArY-7f3e old","apiSchema":{"method":"GET","url":"https://ann:old-cAnArY-7f3e@api.example/v2?key=cAnArY-7f3e",
  "request_headers":{"Kept":{"type":"string","input":{"type":"value","value":"old-cAnArY-7f3e"}},"Gone":{"type":"string","input":{"type":"value","value":"cAnArY-7f3e"}},"Odd":"cAnArY-7f3e"},
  "request_body":{"properties":{"fixed":{"input":{"type":"description","description":"told","value":"cAnArY-7f3e"}}}}}},
 {"id":"2","name":"removed","description":"shown","apiSchema":{"method":"GET","url":"https://x:cAnArY-7f3e@api.example/?k=cAnArY-7f3e",
  "request_headers":{"A":{"input":{"type":"value","value":"cAnArY-7f3e"}}},"unknown":"cAnArY-7f3e"}}],
"websiteTools":[{"id":"3","url":"https://ann:cAnArY-7f3e@shop.example/a?t=cAnArY-7f3e","prompt":"old"},{"id":"4","url":"https://shop.example/c?t=cAnArY-7f3e","prompt":"removed"}],
"outboundTriggers":[{"id":"5","url":"https://o.example/cAnArY-7f3e","secret":"cAnArY-7f3e","templateName":"ready","templateId":"1"},{"id":"6","url":"cAnArY-7f3e","secret":"cAnArY-7f3e","templateName":"gone","templateId":"1"}],
"paywallConfig":{"paywallUrl":"https://pay.example/?t=old-cAnArY-7f3e","ctaButtonText":"cAnArY-7f3e old"},
"creditSettings":{"creditGrantPassword":"old-cAnArY-7f3e","initialCredits":1}}`

func TestNoSecretInADifference(t *testing.T) {
	t.Parallel()
	for _, stored := range []string{secretAgent, `{}`} {
		fields := diffAgent(define(t, secretDefinition), "Desk", NewDocument(decodeJSON(t, stored)), testReferences())
		if len(fields) < 10 {
			t.Fatalf("only %d differences: the test looks at nothing", len(fields))
		}
		for _, f := range fields {
			b, err := json.Marshal([]any{f.Path, f.Before, f.After})
			if err != nil {
				t.Fatal(err)
			}
			if text := string(b) + fmt.Sprintf("%v %+v %#v %s", f.Before, f.After, f.After, f.Path); strings.Contains(text, canary) {
				t.Errorf("the secret stands in %s:\n%s", f.Path, text)
			}
		}
	}
}

// What a definition clears or takes out may be a secret too.
func TestNoSecretInAClearing(t *testing.T) {
	t.Parallel()
	for _, declare := range []string{
		"creditSettings: null\npaywallConfig: null\ntools: []\nwebsiteTools: null\noutboundTriggers: []",
		"creditSettings: {creditGrantPassword: null}\npaywallConfig: {paywallUrl: null}\ntools: [{name: changed, description: d, apiSchema: {method: GET, url: https://x.example/, request_headers: null, request_body: null}}]",
	} {
		// Texts that are tagged nowhere are no secrets.
		stored := strings.ReplaceAll(secretAgent, canary+" old", "old")
		fields := diffAgent(define(t, declare), "Desk", NewDocument(decodeJSON(t, stored)), testReferences())
		if len(fields) < 5 {
			t.Fatalf("only %d differences", len(fields))
		}
		for _, f := range fields {
			if strings.Contains(compact(t, []any{f.Path, f.Before, f.After}), canary) {
				t.Errorf("the secret stands in %s", f.Path)
			}
		}
	}
}

func TestDiffSensitive(t *testing.T) {
	t.Parallel()
	checkDiffs(t, []diffCase{
		{"environment, same", `description: !env D`, `{"description":"` + canary + `"}`, nil},
		{"environment, changed", `description: !env D`, `{"description":"x"}`, []string{`description: sensitive`}},
		{"environment in a list of texts hides what was there, too", `icebreakers: [!env A, b]`, `{"icebreakers":["` + canary + `","a"]}`, []string{`icebreakers: sensitive`}},
		{"fixed value", `tools: [{name: a, description: d, apiSchema: {method: GET, url: https://x.example/, request_headers: {H: {input: {type: value, value: new}}}}}]`,
			`{"tools":[{"name":"a","description":"d","apiSchema":{"method":"GET","url":"https://x.example/","request_headers":{"H":{"input":{"type":"value","value":"old"}}}}}]}`,
			[]string{`tools[a].apiSchema.request_headers.H.input.value: sensitive`}},
		{"fixed value, in a new map entry", `tools: [{name: a, description: d, apiSchema: {method: GET, url: https://x.example/, request_headers: {H: {input: {type: value, value: new}}}}}]`,
			`{"tools":[{"name":"a","description":"d","apiSchema":{"method":"GET","url":"https://x.example/"}}]}`,
			[]string{`tools[a].apiSchema.request_headers.H: null -> {"input":{"type":"value","value":null}}`}},
		{"password", `creditSettings: {creditGrantPassword: new}`, `{"creditSettings":{"creditGrantPassword":"old"}}`, []string{`creditSettings.creditGrantPassword: sensitive`}},
		{"password cleared", `creditSettings: {creditGrantPassword: null}`, `{"creditSettings":{"creditGrantPassword":"old"}}`, []string{`creditSettings.creditGrantPassword: sensitive`}},
		{"password added", `creditSettings: {creditGrantPassword: new}`, `{"creditSettings":null}`, []string{`creditSettings.creditGrantPassword: sensitive`}},
		{"URL, path changed", `paywallConfig: {paywallUrl: "https://u:p@pay.example/b?t=1"}`, `{"paywallConfig":{"paywallUrl":"https://u:q@pay.example/a?t=2#f"}}`,
			[]string{`paywallConfig.paywallUrl: "https://(sensitive)@pay.example/a?(sensitive)#(sensitive)" -> "https://(sensitive)@pay.example/b?(sensitive)"`}},
		{"URL, query changed", `paywallConfig: {paywallUrl: "https://pay.example/b?t=1"}`, `{"paywallConfig":{"paywallUrl":"https://pay.example/b?t=2"}}`, []string{`paywallConfig.paywallUrl: sensitive`}},
		{"URL, query added", `paywallConfig: {paywallUrl: "https://pay.example/b?t=1"}`, `{"paywallConfig":{"paywallUrl":"https://pay.example/b"}}`, []string{`paywallConfig.paywallUrl: "https://pay.example/b" -> "https://pay.example/b?(sensitive)"`}},
		{"URL from the environment", `paywallConfig: {paywallUrl: !env "https://pay.example/${P}"}`, `{"paywallConfig":{"paywallUrl":"https://pay.example/old"}}`, []string{`paywallConfig.paywallUrl: sensitive`}},
		{"natural keys that differ in their secrets", "websiteTools:\n- {url: 'https://x.example/?a=1', prompt: p}\n- {url: 'https://x.example/?a=2', prompt: p}", `{"websiteTools":[{"url":"https://x.example/?a=2","prompt":"old"}]}`, []string{
			`websiteTools[https://x.example/?(sensitive)]: null -> {"prompt":"p","url":"https://x.example/?(sensitive)"}`,
			`websiteTools[https://x.example/?(sensitive)#2].prompt: "old" -> "p"`,
		}},
	})
}

func TestMaskURL(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ raw, want string }{
		{"", ""},
		{"https://api.example/v1/{id}", "https://api.example/v1/{id}"},
		{"https://api.example:8443/a@b", "https://api.example:8443/a@b"},
		{"https://[::1]:80/a@b", "https://[::1]:80/a@b"},
		{"https://u:p@api.example", "https://(sensitive)@api.example"},
		{"https://u@v:p@api.example/", "https://(sensitive)@api.example/"},
		{"https://api.example?k=1", "https://api.example?(sensitive)"},
		{"https://api.example/?k=1#f", "https://api.example/?(sensitive)#(sensitive)"},
		{"https://api.example/#f?k=1", "https://api.example/#(sensitive)"},
		{"https://api.example/?to=https://u:p@b.example/", "https://api.example/?(sensitive)"},
		{"no URL at all", "no URL at all"},
		// What people paste is not always a URL. What cannot be told apart is hidden.
		{"u:p@api.example/v1", "(sensitive)"},
		{"//u:p@api.example/v1", "(sensitive)"},
		{"https:/u:p@api.example/v1", "(sensitive)"},
		{"u:p@api.example/to://b", "(sensitive)"},
		{"api.example/v1?k=1", "(sensitive)"},
		{"https://u:p/q@api.example/v1", "https://(sensitive)"},
		{"https://u:p?q@api.example/v1", "https://(sensitive)"},
		{"https://u:p#q@api.example/v1", "https://(sensitive)"},
		{`https://u:p\q@api.example/v1`, "https://(sensitive)@api.example/v1"},
	} {
		if got := maskURL(tt.raw); got != tt.want {
			t.Errorf("maskURL(%q) = %q, want %q", tt.raw, got, tt.want)
		}
	}
}

func TestRedacted(t *testing.T) {
	t.Parallel()
	b, err := json.Marshal(map[string]any{"value": Redacted{}})
	if err != nil || string(b) != `{"value":null}` {
		t.Errorf("JSON %s, %v", b, err)
	}
	if got := fmt.Sprint(Redacted{}); got != "(sensitive)" {
		t.Errorf("text %q", got)
	}
}

// A field that holds secrets hides a value whatever its source, and a value
// that came from the environment is hidden whatever its field.
func TestPrintDeclared(t *testing.T) {
	t.Parallel()
	secret := schemaField("creditSettings").Fields[1]
	if secret.Name != "creditGrantPassword" {
		t.Fatalf("the test means creditGrantPassword, not %s", secret.Name)
	}
	plain := *schemaField("description")
	for _, tt := range []struct {
		field spec.Field
		value spec.Value
		want  any
	}{
		{secret, spec.Value{Kind: spec.Text, Text: canary}, Redacted{}},
		{secret, spec.Value{Kind: spec.Null}, nil},
		{plain, spec.Value{Kind: spec.Text, Text: canary, Sensitive: true}, Redacted{}},
		{plain, spec.Value{Kind: spec.Text, Text: "shown"}, "shown"},
	} {
		if got := printDeclared(&tt.field, &tt.value); got != tt.want {
			t.Errorf("%s, %v: %v, want %v", tt.field.Name, &tt.value, got, tt.want)
		}
	}
}

// Stored values come from outside: whatever their type, they are shown safely.
func TestPrintStoredOddTypes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		field, stored string
		want          any
	}{
		{"tools", `"` + canary + `"`, nil},
		{"tools", `["` + canary + `"]`, []any{}},
		{"paywallConfig", `["` + canary + `"]`, nil},
		{"icebreakers", `{"a":"` + canary + `"}`, nil},
		{"description", `{"a":"` + canary + `"}`, nil},
		{"description", `true`, true},
		{"description", `1.50`, json.Number("1.50")},
	} {
		v := decodeJSON(t, `{"v":`+tt.stored+`}`)["v"]
		if d := cmp.Diff(tt.want, printStored(schemaField(tt.field), v)); d != "" {
			t.Errorf("%s %s (-want +got):\n%s", tt.field, tt.stored, d)
		}
	}
	// Adapters may hand over Go's own numbers.
	if got := printStored(schemaField("description"), 1.5); got != json.Number("1.5") {
		t.Errorf("1.5 is shown as %v", got)
	}
}
