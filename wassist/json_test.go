package wassist

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func sample(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func canonical(t interface{ Fatalf(string, ...any) }, data []byte) string {
	v := jsontext.Value(bytes.Clone(data))
	if err := v.Canonicalize(jsontext.CanonicalizeRawInts(false), jsontext.CanonicalizeRawFloats(false)); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, data)
	}
	return string(v)
}

// pass decodes data into a T, encodes that, and returns both the value and what was lost or invented.
func pass[T any](t interface{ Fatalf(string, ...any) }, data []byte) (v T, difference string) {
	if err := Unmarshal(data, &v); err != nil {
		t.Fatalf("decoding %T: %v\n%s", v, err, data)
	}
	out, err := Marshal(v)
	if err != nil {
		t.Fatalf("encoding %T: %v", v, err)
	}
	return v, cmp.Diff(canonical(t, data), canonical(t, out))
}

// unknown returns the members that ended in an Extra anywhere below v.
func unknown(v reflect.Value) (names []string) {
	switch v.Kind() {
	case reflect.Struct:
		for _, f := range v.Fields() {
			names = append(names, unknown(f)...)
		}
	case reflect.Slice:
		for i := range v.Len() {
			names = append(names, unknown(v.Index(i))...)
		}
	case reflect.Map:
		for iter := v.MapRange(); iter.Next(); {
			if v.Type() == reflect.TypeFor[Extra]() {
				names = append(names, iter.Key().String())
			} else {
				names = append(names, unknown(iter.Value())...)
			}
		}
	}
	slices.Sort(names)
	return names
}

func elements(t *testing.T, data []byte) (items []jsontext.Value) {
	t.Helper()
	var page Page[Raw]
	if err := Unmarshal(data, &page); err != nil {
		t.Fatal(err)
	}
	for _, item := range page.Items {
		items = append(items, jsontext.Value(item))
	}
	return items
}

func TestSamplesSurviveARoundTrip(t *testing.T) {
	check := func(name string, one func(data []byte) (any, string), extra ...string) {
		t.Run(name, func(t *testing.T) {
			data := sample(t, name)
			items := []jsontext.Value{data}
			if bytes.Contains(data, []byte(`"results"`)) || bytes.Contains(data, []byte(`"data"`)) || data[0] == '[' {
				items = elements(t, data)
			}
			if len(items) == 0 {
				t.Fatal("no items")
			}
			for _, item := range items {
				v, diff := one(item)
				if diff != "" {
					t.Errorf("lost or invented:\n%s", diff)
				}
				if got := unknown(reflect.ValueOf(v)); !reflect.DeepEqual(got, extra) {
					t.Errorf("members without a field: %q, want %q", got, extra)
				}
			}
		})
	}
	agent := func(data []byte) (any, string) { v, d := pass[Agent](t, data); return v, d }
	check("agent.json", agent)
	check("agent-new.json", agent)
	check("agent-byoa.json", agent)
	check("agents-list-page1.json", agent)
	check("agents-list-page2.json", agent)
	check("agent-patch-request.json", func(data []byte) (any, string) { v, d := pass[AgentUpdate](t, data); return v, d })
	check("whatsapp-accounts-list.json", func(data []byte) (any, string) { v, d := pass[WhatsAppAccount](t, data); return v, d })
	check("whatsapp-account-phone-numbers.json", func(data []byte) (any, string) { v, d := pass[AccountPhoneNumber](t, data); return v, d })
	check("connectors-list.json", func(data []byte) (any, string) { v, d := pass[Connector](t, data); return v, d },
		"description", "logo")
	t.Run("phone-numbers-list.json", func(t *testing.T) {
		for _, item := range elements(t, sample(t, "phone-numbers-list.json")) {
			n, diff := pass[PhoneNumber](t, item)
			if diff != "" {
				t.Error(diff)
			}
			if _, ok := n.Extra["analyticsEnabled"]; !ok || len(n.Extra) != 1 {
				t.Errorf("Extra = %v", n.Extra)
			}
		}
	})
}

// A parameter that is null is neither absent nor an empty one, and is written back so.
func TestANullParameter(t *testing.T) {
	schema, diff := pass[APISchema](t, []byte(`{"path_params":{"order_id":null,"region":{}}}`))
	if diff != "" {
		t.Error(diff)
	}
	if p, there := schema.PathParams.Value["order_id"]; p != nil || !there {
		t.Errorf("order_id = %v, %v", p, there)
	}
}

func TestSampleValues(t *testing.T) {
	a, _ := pass[Agent](t, sample(t, "agent.json"))
	header := a.Tools.Value[0].APISchema.Value.RequestHeaders.Value["X-Shop-Key"]
	if got, _ := header.Input.Value.Value.Text(); got != "SAMPLE-NOT-A-REAL-SECRET" {
		t.Errorf("header value = %q", got)
	}
	if got, ok := a.Tools.Value[0].CreditCost.Float(); !ok || got != 0 {
		t.Errorf("creditCost = %v, %v", got, ok)
	}
	if a.HandoffTools.Value[0].ChildAgentID != "5d9be1f0-2a44-4b6d-8c1f-77a0c3e2d902" {
		t.Error("childAgentId was not read")
	}
	if string(a.OutboundTriggers.Value[0].Secret.Value) != "SAMPLE-NOT-A-REAL-SECRET" {
		t.Error("the trigger's secret was not read")
	}
	if !a.ReasoningEffort.Null || !a.PaywallConfig.Null || a.ProfilePicture != "null" {
		t.Error("null was not kept")
	}
	created, err := a.Created()
	if err != nil || created.UTC().Format("2006-01-02T15:04:05.000000Z") != "2026-09-14T08:30:12.004517Z" {
		t.Errorf("Created() = %v, %v", created, err)
	}
	for _, text := range []Optional[string]{{}, Null[string](), Some("yesterday")} {
		a.CreatedAt = text
		if _, err := a.Created(); err == nil {
			t.Errorf("Created() of %v succeeded", text)
		}
	}
}

// object draws a JSON object: each known member absent, null or one of its values, beside unknown members.
func object(known map[string]*rapid.Generator[string]) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		var b bytes.Buffer
		b.WriteByte('{')
		member := func(name, value string) {
			if b.Len() > 1 {
				b.WriteByte(',')
			}
			quoted, _ := json.Marshal(name)
			b.Write(quoted)
			b.WriteByte(':')
			b.WriteString(value)
		}
		for name, value := range known {
			if rapid.Bool().Draw(t, "has "+name) {
				member(name, value.Draw(t, name))
			}
		}
		for i := range rapid.IntRange(0, 2).Draw(t, "unknown") {
			member([]string{"futureField", "Über <b>"}[i], anyJSON.Draw(t, "future"))
		}
		b.WriteByte('}')
		return b.String()
	})
}

var (
	anyJSON  = rapid.SampledFrom([]string{`null`, `""`, `"x"`, `0`, `1.50`, `-1e400`, `12345678901234567890`, `true`, `[]`, `{}`, `[null,{"a":null}]`, `{"deep":{"er":[1.0]}}`})
	text     = rapid.SampledFrom([]string{`null`, `""`, `"x"`, `"line\nbreak"`, `"\u0000\ud83d\ude00"`, `"<&>"`})
	word     = rapid.SampledFrom([]string{`"a"`, `"b c"`})
	boolean  = rapid.SampledFrom([]string{`null`, `true`, `false`})
	number   = rapid.SampledFrom([]string{`null`, `0`, `1`, `1.50`, `-3`, `12345678901234567890`, `"0.50"`})
	textList = rapid.SampledFrom([]string{`null`, `[]`, `["a","a",""]`})
)

func orNull(g *rapid.Generator[string]) *rapid.Generator[string] {
	return rapid.OneOf(rapid.Just(`null`), g)
}

func list(g *rapid.Generator[string]) *rapid.Generator[string] {
	return orNull(rapid.Custom(func(t *rapid.T) string {
		return "[" + string(bytes.Join(asBytes(rapid.SliceOfN(g, 0, 3).Draw(t, "items")), []byte(","))) + "]"
	}))
}

func dict(g *rapid.Generator[string]) *rapid.Generator[string] {
	return orNull(rapid.Custom(func(t *rapid.T) string {
		var parts []string
		for _, name := range []string{"order_id", "X-Key", ""}[:rapid.IntRange(0, 3).Draw(t, "size")] {
			quoted, _ := json.Marshal(name)
			parts = append(parts, string(quoted)+":"+g.Draw(t, "entry"))
		}
		return "{" + string(bytes.Join(asBytes(parts), []byte(","))) + "}"
	}))
}

func asBytes(texts []string) (out [][]byte) {
	for _, s := range texts {
		out = append(out, []byte(s))
	}
	return out
}

type members = map[string]*rapid.Generator[string]

func agentJSON() *rapid.Generator[string] {
	input := object(members{"type": text, "description": text, "value": anyJSON})
	parameter := object(members{"type": text, "input": orNull(input)})
	set := object(members{"type": text, "required": textList, "properties": dict(parameter)})
	schema := object(members{
		"url": text, "method": text, "path_params": dict(parameter), "query_params": orNull(set),
		"request_headers": dict(parameter), "request_body": orNull(set),
	})
	tool := object(members{"id": word, "name": word, "description": text, "active": boolean, "creditCost": number, "apiSchema": orNull(schema)})
	return object(members{
		"id": word, "name": word, "description": text, "systemPrompt": text, "firstMessage": text, "icebreakers": textList,
		"llmModel": text, "reasoningEffort": text, "tools": list(tool),
		"websiteTools":       list(object(members{"id": word, "url": text, "prompt": text, "active": boolean})),
		"handoffTools":       list(object(members{"id": word, "childAgentId": word, "description": text, "active": boolean, "childAgentName": text, "parentAgentId": text})),
		"mcpConfigs":         list(object(members{"id": word, "connectorId": word, "toolWhitelist": textList, "connectorName": text})),
		"imageGenerateTools": list(object(members{"id": word, "name": word, "description": text, "prompt": text, "active": boolean, "creditCost": number})),
		"wakeUpConfigs":      list(object(members{"id": word, "description": text, "enabled": boolean, "forceMessage": boolean})),
		"memoryKeys":         list(object(members{"id": word, "key": word, "type": text, "initialValue": anyJSON, "whenToUpdate": text})),
		"outboundTriggers":   list(object(members{"id": word, "templateId": text, "templateName": text, "enabled": boolean, "url": text, "secret": text})),
		"paywallConfig":      orNull(object(members{"messageLimit": number, "paywallAction": text, "paywallUrl": text, "ctaButtonText": text, "terminalStateMessage": text})),
		"creditSettings":     orNull(object(members{"initialCredits": number, "creditGrantPassword": text, "creditGrantAmount": number})),
		"documents":          anyJSON, "profilePicture": anyJSON, "supportTools": anyJSON, "adConfig": anyJSON, "voiceCallConfig": anyJSON,
		"shopifyStores": anyJSON, "appInstallations": anyJSON, "totalMessages": number, "totalSessions": number,
		"organization": orNull(object(members{"id": word, "name": text, "isPersonal": boolean})),
		"phoneNumbers": list(object(members{"whatsappPhoneNumberId": text, "phoneNumber": text, "wabaId": text})),
		"connectUrl":   text, "createdAt": text,
	})
}

func TestAnyAgentSurvivesARoundTrip(t *testing.T) {
	g := agentJSON()
	rapid.Check(t, func(t *rapid.T) {
		data := []byte(g.Draw(t, "agent"))
		if _, diff := pass[Agent](t, data); diff != "" {
			t.Fatalf("lost or invented:\n%s", diff)
		}
	})
}

func TestInvalidUTF8BecomesAReplacementCharacter(t *testing.T) {
	var a Agent
	if err := Unmarshal([]byte("{\"id\":\"1\",\"description\":\"a\xffb\",\"x\":\"\xff\",\"tools\":[{\"apiSchema\":{\"path_params\":{\"p\":{\"input\":{\"value\":\"\xff\"}}}}}]}"), &a); err != nil {
		t.Fatal(err)
	}
	if a.Description.Value != "a\uFFFDb" {
		t.Errorf("description = %q", a.Description.Value)
	}
	if out, err := Marshal(a); err != nil || bytes.ContainsRune(out, '\xff') && !bytes.ContainsRune(out, '\uFFFD') {
		t.Errorf("encoding: %v %q", err, out)
	}
}

func TestWritableLeavesOutWhatTheServerMakes(t *testing.T) {
	a, _ := pass[Agent](t, sample(t, "agent.json"))
	a.Extra = Extra{"futureField": `{"a":1}`}
	out, err := Marshal(a.Writable())
	if err != nil {
		t.Fatal(err)
	}
	var got, all map[string]jsontext.Value
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(sample(t, "agent.json"), &all); err != nil {
		t.Fatal(err)
	}
	all["futureField"] = jsontext.Value(`{"a":1}`)
	for _, never := range []string{
		"id", "createdAt", "organization", "phoneNumbers", "totalMessages", "totalSessions",
		"connectUrl", "shopifyStores", "appInstallations",
	} {
		if _, ok := all[never]; !ok {
			t.Errorf("the sample has no %s, so this test shows nothing", never)
		}
		delete(all, never)
	}
	for name, value := range all {
		if canonical(t, got[name]) != canonical(t, value) {
			t.Errorf("%s = %s, want %s", name, got[name], value)
		}
		delete(got, name)
	}
	if len(got) > 0 {
		t.Errorf("invented: %v", got)
	}
	if a.ID == "" || a.ConnectURL.IsZero() {
		t.Error("Writable changed its receiver")
	}
}

func TestApplyLaysAnUpdateOver(t *testing.T) {
	before, _ := pass[Agent](t, sample(t, "agent.json"))
	if diff := cmp.Diff(before, before.Apply(AgentUpdate{})); diff != "" {
		t.Errorf("an empty update changed something:\n%s", diff)
	}
	// Every member of an update, set to null or a value, must arrive; found by reflection so that none is forgotten.
	u := AgentUpdate{
		Name: Some("n"), Description: Some("d"), SystemPrompt: Null[string](), FirstMessage: Some(""),
		Icebreakers: Some([]string{}), LLMModel: Null[string](), ReasoningEffort: Some("low"),
		Tools: Some([]Tool{{Name: "t"}}), WebsiteTools: Null[[]WebsiteTool](), HandoffTools: Some([]HandoffTool{}),
		MCPConfigs: Some([]MCPConfig{{ConnectorID: "c"}}), ImageGenerateTools: Some([]ImageGenerateTool{{Name: "i"}}),
		WakeUpConfigs: Some([]WakeUpConfig{}), MemoryKeys: Some([]MemoryKey{}), OutboundTriggers: Some([]OutboundTrigger{}),
		PaywallConfig: Some(PaywallConfig{MessageLimit: "3"}), CreditSettings: Null[CreditSettings](),
	}
	if got, all := len(u.Fields()), reflect.TypeFor[AgentUpdate]().NumField(); got != all {
		t.Fatalf("the test sets %d of %d members", got, all)
	}
	after := before.Apply(u)
	if after.Name != "n" {
		t.Errorf("name = %q", after.Name)
	}
	gotAgent, gotUpdate := reflect.ValueOf(after), reflect.ValueOf(u)
	for f, want := range gotUpdate.Fields() {
		if f.Name == "Name" {
			continue
		}
		if got := gotAgent.FieldByName(f.Name); !reflect.DeepEqual(got.Interface(), want.Interface()) {
			t.Errorf("%s = %v, want %v", f.Name, got, want)
		}
		if a, b := f.Tag.Get("json"), mustField(t, f.Name).Tag.Get("json"); a != b {
			t.Errorf("%s is called %s in an update and %s in an agent", f.Name, a, b)
		}
	}
	if after.ID != before.ID || after.Documents != before.Documents || len(after.Extra) != len(before.Extra) {
		t.Error("Apply touched what the update does not hold")
	}
	if got := before.Apply(AgentUpdate{Name: Null[string]()}).Name; got != before.Name {
		t.Errorf("a null name made the name %q", got)
	}
}

func mustField(t *testing.T, name string) reflect.StructField {
	t.Helper()
	f, ok := reflect.TypeFor[Agent]().FieldByName(name)
	if !ok {
		t.Fatalf("Agent has no %s", name)
	}
	return f
}

func TestFieldsOfAnUpdate(t *testing.T) {
	u := AgentUpdate{SystemPrompt: Some(""), LLMModel: Null[string](), MCPConfigs: Some([]MCPConfig(nil))}
	if diff := cmp.Diff([]string{"systemPrompt", "llmModel", "mcpConfigs"}, u.Fields()); diff != "" {
		t.Error(diff)
	}
	out, err := Marshal(u)
	if err != nil || string(out) != `{"systemPrompt":"","llmModel":null,"mcpConfigs":[]}` {
		t.Errorf("%s, %v", out, err)
	}
	if got := (AgentUpdate{}).Fields(); got != nil {
		t.Errorf("an empty update has the fields %q", got)
	}
}
