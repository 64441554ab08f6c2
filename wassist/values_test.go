package wassist

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const canary = "CANARY-7f3a9"

// carriers are values of every type that may hold a secret, each with the canary in it.
func carriers() map[string]any {
	c := Secret(canary)
	input := Input{Type: Some(InputValue), Value: Raw(`"` + canary + `"`)}
	parameter := Parameter{Input: Some(input)}
	set := ParameterSet{Properties: Some(map[string]*Parameter{"p": &parameter})}
	schema := APISchema{
		PathParams: Some(map[string]*Parameter{"p": &parameter}), RequestHeaders: Some(map[string]*Parameter{"h": &parameter}),
		QueryParams: Some(set), RequestBody: Some(set), Extra: Extra{"x": Raw(`"` + canary + `"`)},
	}
	tool := Tool{Name: "t", APISchema: Some(schema)}
	trigger := OutboundTrigger{URL: Some(c), Secret: Some(c)}
	credit := CreditSettings{CreditGrantPassword: Some(c)}
	agent := Agent{
		Name: "n", Tools: Some([]Tool{tool}), OutboundTriggers: Some([]OutboundTrigger{trigger}), CreditSettings: Some(credit),
		Documents: Raw(`["` + canary + `"]`), Extra: Extra{"x": Raw(`"` + canary + `"`)},
	}
	webhook := Webhook{URL: Some(c)}
	return map[string]any{
		"Secret": c, "Raw": Raw(`"` + canary + `"`), "Optional": Some(c), "Extra": agent.Extra, "Input": input, "Parameter": parameter,
		"ParameterSet": set, "APISchema": schema, "Tool": tool, "OutboundTrigger": trigger, "CreditSettings": credit,
		"Agent": agent, "*Agent": &agent, "Connector": Connector{URL: Some(c)}, "Webhook": webhook,
		"PhoneNumber": PhoneNumber{DefaultWebhook: Some(webhook)}, "Optional list": agent.Tools,
		"AgentUpdate": AgentUpdate{Tools: agent.Tools, CreditSettings: agent.CreditSettings, OutboundTriggers: agent.OutboundTriggers},
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	for name, v := range carriers() {
		t.Run(name, func(t *testing.T) {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
				if got := fmt.Sprintf(verb, v); leaks(got) {
					t.Errorf("%s shows the secret: %s", verb, got)
				}
			}
			if got := fmt.Sprintln(v, []any{v}); leaks(got) {
				t.Errorf("Sprintln shows the secret: %s", got)
			}
			var log bytes.Buffer
			slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "v", v, slog.Group("g", slog.Any("v", v)))
			slog.New(slog.NewTextHandler(&log, nil)).Info("m", "v", v, "list", []any{v})
			if leaks(log.String()) {
				t.Errorf("slog shows the secret: %s", log.String())
			}
		})
	}
}

// leaks looks for the canary as text and in hexadecimal.
func leaks(text string) bool {
	lower := strings.ToLower(text)
	return strings.Contains(text, canary) || strings.Contains(lower, fmt.Sprintf("%x", canary))
}

func TestSecretsAreEncodedInClear(t *testing.T) {
	for name, v := range carriers() {
		if name == "Secret" || name == "Agent" || name == "Connector" || name == "AgentUpdate" {
			if out, err := Marshal(v); err != nil || !bytes.Contains(out, []byte(canary)) {
				t.Errorf("%s: %s, %v", name, out, err)
			}
		}
	}
}

func TestMarkers(t *testing.T) {
	for want, v := range map[string]any{
		"(secret)":        Secret("x"),
		"(JSON, 3 bytes)": Raw(`"x"`),
		"(absent)":        Raw(""),
	} {
		if got := fmt.Sprint(v); got != want {
			t.Errorf("%T prints %q, want %q", v, got, want)
		}
		if got := v.(fmt.Stringer).String(); got != want {
			t.Errorf("%T.String() = %q, want %q", v, got, want)
		}
		if got := v.(fmt.GoStringer).GoString(); got != want {
			t.Errorf("%T.GoString() = %q, want %q", v, got, want)
		}
	}
	for want, o := range map[string]Optional[string]{"(absent)": {}, "null": Null[string](), "x": Some("x")} {
		if o.String() != want {
			t.Errorf("%q, want %q", o, want)
		}
	}
}

func TestOptional(t *testing.T) {
	if v, ok := Some(3).Get(); v != 3 || !ok {
		t.Error("Get of a value")
	}
	if _, ok := Null[int]().Get(); ok {
		t.Error("Get of null")
	}
	if (Optional[int]{}).Or(7) != 7 || Null[int]().Or(7) != 7 || Some(3).Or(7) != 3 {
		t.Error("Or")
	}
	if out, _ := Marshal(Optional[int]{}); string(out) != "null" {
		t.Errorf("an absent value outside of an object is %s", out)
	}
	// What was there before must not shine through.
	o := Some(map[string]int{"old": 1})
	if err := Unmarshal([]byte(`{"new":2}`), &o); err != nil || len(o.Value) != 1 || o.Value["new"] != 2 {
		t.Errorf("%v, %v", o, err)
	}
	if err := Unmarshal([]byte(`"text"`), &o); err == nil {
		t.Error("a text was read as a map")
	}
}

func TestRawAndNumber(t *testing.T) {
	r, err := RawOf(map[string]any{"a": []int{1}})
	if err != nil || r != `{"a":[1]}` || r.IsNull() {
		t.Errorf("%s, %v", string(r), err)
	}
	var back struct{ A []int }
	if err := Raw(`{"A":[1]}`).Decode(&back); err != nil || len(back.A) != 1 {
		t.Errorf("%v, %v", back, err)
	}
	if _, err := RawOf(make(chan int)); err == nil {
		t.Error("a channel was encoded")
	}
	for in, want := range map[Raw]string{`"a\n\u00e9"`: "a\né", `""`: ""} {
		if got, ok := in.Text(); !ok || got != want {
			t.Errorf("Text of %s = %q, %v", string(in), got, ok)
		}
	}
	for _, in := range []Raw{"", "null", "1", "[]", "{}", "true"} {
		if got, ok := in.Text(); ok {
			t.Errorf("Text of %s = %q", string(in), got)
		}
	}
	for in, want := range map[Number]float64{"1.50": 1.5, `"0.50"`: 0.5, "-3": -3, NumberOf(0.1): 0.1, NumberOf(1e21): 1e21} {
		if got, ok := in.Float(); !ok || got != want {
			t.Errorf("Float of %q = %v, %v", in, got, ok)
		}
	}
	for _, in := range []Number{"", "null", `"many"`} {
		if got, ok := in.Float(); ok {
			t.Errorf("Float of %q = %v", in, got)
		}
	}
	if !Number("null").IsNull() || !Raw("null").IsNull() || Number("0").IsNull() {
		t.Error("IsNull")
	}
	for _, bad := range []string{"{}", "[]", "true", "", "nul"} {
		var n Number
		if err := Unmarshal([]byte(bad), &n); err == nil {
			t.Errorf("%q was read as the number %q", bad, n)
		}
	}
	for _, v := range []any{Raw(""), Number("")} {
		if out, err := Marshal([]any{v}); err != nil || string(out) != "[null]" {
			t.Errorf("an empty %T: %s, %v", v, out, err)
		}
	}
}
