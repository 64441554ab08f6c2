package spec

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// env is a lookup over a map.
func env(vars map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		v, ok := vars[name]
		return v, ok
	}
}

func TestResolveEnv(t *testing.T) {
	vars := map[string]string{"TOKEN": "s3cret", "EMPTY": "", "X_1": "one", "_x": "two", "MULTI": "a\nb${TOKEN}"}
	for template, want := range map[string]string{
		`TOKEN`:                         "s3cret",
		`"${TOKEN}"`:                    "s3cret",
		`"Bearer ${TOKEN}!"`:            "Bearer s3cret!",
		`"${X_1}${_x} $TOKEN $$ $"`:     "onetwo $TOKEN $$ $",
		`"${NONE:-default}"`:            "default",
		`"${EMPTY:-default}"`:           "default",
		`"${TOKEN:-default}"`:           "s3cret",
		`"${NONE:-}"`:                   "",
		`"${NONE:-a:-b $x {}"`:          "a:-b $x {",
		`"${NONE:-a}}"`:                 "a}",
		`EMPTY`:                         "",
		`MULTI`:                         "a\nb${TOKEN}",
		"|\n  ${X_1}\n  ${_x:-\n  a}\n": "one\ntwo\n",
	} {
		set := mustLoad(t, files("agents/a.yaml", "name: A\ndescription: !env "+template))
		v := set.Agents[0].Fields.Get("description")
		if !v.Unresolved() || !v.Sensitive || v.Kind != Text || v.Text != "" {
			t.Errorf("%s before: unresolved %v, sensitive %v, %s %q", template, v.Unresolved(), v.Sensitive, v.Kind, v.Text)
		}
		if err := set.ResolveEnv(env(vars)); err != nil {
			t.Errorf("%s: %v", template, err)
			continue
		}
		if v.Unresolved() || !v.Sensitive || v.Text != want {
			t.Errorf("%s after: unresolved %v, sensitive %v, %q; want %q", template, v.Unresolved(), v.Sensitive, v.Text, want)
		}
	}
}

func TestCheckEnv(t *testing.T) {
	set := mustLoad(t, files("agents/a.yaml", "name: A\ndescription: !env \"a ${KEY:-x} ${TOKEN}\"\nicebreakers: [!env KEY, !env OTHER]\nsystemPrompt: ${KEY}\n"))
	err := set.CheckEnv(func(name string) bool { return name != "OTHER" })
	if diff := cmp.Diff([]string{
		"agents/a.yaml:2:14: description: names the environment variable KEY, which no definition may take in; give what the agent needs a variable of its own",
		"agents/a.yaml:2:14: description: names the environment variable TOKEN, which no definition may take in; give what the agent needs a variable of its own",
		"agents/a.yaml:3:15: icebreakers[0]: names the environment variable KEY, which no definition may take in; give what the agent needs a variable of its own",
	}, lines(t, err)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if err := set.CheckEnv(func(string) bool { return false }); err != nil {
		t.Errorf("nothing is withheld: %v", err)
	}
}

func TestResolveEnvLeavesResolvedAlone(t *testing.T) {
	set := mustLoad(t, files("agents/a.yaml", "name: A\ndescription: !env A\nicebreakers: [!env B]\nsystemPrompt: ${A}\n"))
	if err := set.ResolveEnv(env(map[string]string{"A": "a", "B": "b"})); err != nil {
		t.Fatal(err)
	}
	err := set.ResolveEnv(func(name string) (string, bool) {
		t.Errorf("looked up %s again", name)
		return "", false
	})
	if got := show(set.Agents[0].Fields); err != nil || got != `{description="a" systemPrompt="${A}" icebreakers=["b"]}` {
		t.Errorf("%v: %s", err, got)
	}
}

const envDefinition = `name: A
description: !env D
tools:
  - name: t
    description: d
    apiSchema:
      method: !env METHOD
      url: !env "${BASE}/v1/{id}"
      path_params: {id: {input: {type: description, description: d}}}
      request_headers:
        X-A: {input: {type: value, value: !env "Bearer ${TOKEN}"}}
        X-B: {type: integer, input: {type: value, value: !env COUNT}}
        X-C: {type: boolean, input: {type: value, value: !env FLAG}}
        X-D: {type: !env TYPE, input: {type: !env INPUT, value: "5"}}
paywallConfig: {paywallUrl: !env PAY}
`

var envVars = map[string]string{
	"D": "d", "METHOD": "GET", "BASE": "https://x.example", "TOKEN": "t", "COUNT": "5", "FLAG": "true",
	"TYPE": "string", "INPUT": "value", "PAY": "https://pay.example",
}

func TestResolveEnvReportsUnset(t *testing.T) {
	set := mustLoad(t, files("agents/a.yaml", envDefinition, "agents/b.yaml", "name: B\ndescription: !env \"${D} ${E}\"\n"))
	before := show(set.Agents[0].Fields)
	err := set.ResolveEnv(env(map[string]string{"METHOD": "canary", "D": "canary", "TOKEN": "canary", "COUNT": "canary", "TYPE": "canary", "INPUT": "canary"}))
	want := []string{
		"agents/a.yaml:8:12: tools[t].apiSchema.url: needs the environment variable BASE, which is not set; set it, or write ${BASE:-default}",
		"agents/a.yaml:13:58: tools[t].apiSchema.request_headers.X-C.input.value: needs the environment variable FLAG, which is not set; set it, or write ${FLAG:-default}",
		"agents/a.yaml:15:29: paywallConfig.paywallUrl: needs the environment variable PAY, which is not set; set it, or write ${PAY:-default}",
		"agents/b.yaml:2:14: description: needs the environment variable E, which is not set; set it, or write ${E:-default}",
	}
	if diff := cmp.Diff(want, lines(t, err)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if got := show(set.Agents[0].Fields); got != before || !set.Agents[0].Fields.Get("description").Unresolved() {
		t.Errorf("a failed ResolveEnv left %s, want %s", got, before)
	}
}

func TestResolveEnvChecksContents(t *testing.T) {
	for _, c := range []struct {
		name, value string
		want        string
	}{
		{"METHOD", "canary", "7:15: tools[t].apiSchema.method: must be one of GET, POST, PUT, PATCH, DELETE; write one of these"},
		{"BASE", "canary", "8:12: tools[t].apiSchema.url: is not an absolute http or https URL; start it with https://"},
		{"BASE", "https://canary canary", "8:12: tools[t].apiSchema.url: holds white space or a control character; remove it, or write %20 for a space"},
		{"BASE", "https://x/{canary}", "8:12: tools[t].apiSchema.url: has a placeholder that path_params does not fill; add it to path_params"},
		{"BASE", "https://x/{canary", "8:12: tools[t].apiSchema.url: has braces that hold no placeholder; write {name} with letters, digits, _, . or -"},
		{"TOKEN", "canary\n", "11:43: tools[t].apiSchema.request_headers.X-A.input.value: ends in a line break, which a header cannot hold; remove it where the value is set: nothing is trimmed here"},
		{"TOKEN", "canary\r\nX: y", "11:43: tools[t].apiSchema.request_headers.X-A.input.value: holds a line break or control character, which a header cannot; remove it"},
		{"COUNT", "canary", "12:58: tools[t].apiSchema.request_headers.X-B.input.value: must be an integer, since the parameter's type is integer; write an integer, or another type"},
		{"FLAG", "yes", "13:58: tools[t].apiSchema.request_headers.X-C.input.value: must be true or false, since the parameter's type is boolean; write true or false, or another type"},
		{"TYPE", "number", "14:65: tools[t].apiSchema.request_headers.X-D.input.value: is text, and the parameter's type is number; write it without quotes, or write type: string"},
		{"INPUT", "canary", "14:46: tools[t].apiSchema.request_headers.X-D.input.type: must be one of description, value; write one of these"},
		{"PAY", "canary", "15:29: paywallConfig.paywallUrl: is not an absolute http or https URL; start it with https://"},
		{"D", "canary\x00", "2:14: description: holds the character NUL; remove it"},
		{"D", "canary\xff", "2:14: description: takes a value from the environment that is not UTF-8; set the variable to UTF-8 text"},
	} {
		set := mustLoad(t, files("agents/a.yaml", envDefinition))
		vars := map[string]string{}
		for k, v := range envVars {
			vars[k] = v
		}
		vars[c.name] = c.value
		err := set.ResolveEnv(env(vars))
		if diff := cmp.Diff([]string{"agents/a.yaml:" + c.want}, lines(t, err)); diff != "" {
			t.Errorf("%s=%q (-want +got):\n%s", c.name, c.value, diff)
		}
		// The values can be put right and resolved again.
		if err := set.ResolveEnv(env(envVars)); err != nil {
			t.Errorf("%s put right: %v", c.name, err)
		}
	}
}

func TestResolveEnvGivesKinds(t *testing.T) {
	set := mustLoad(t, files("agents/a.yaml", envDefinition))
	if err := set.ResolveEnv(env(envVars)); err != nil {
		t.Fatal(err)
	}
	headers := set.Agents[0].Fields.Get("tools").Items[0].Get("apiSchema").Get("request_headers")
	want := `{X-A={input={type="value" value="Bearer t"}} X-B={type="integer" input={type="value" value=#5}} X-C={type="boolean" input={type="value" value=true}} X-D={type="string" input={type="value" value="5"}}}`
	if got := show(headers); got != want {
		t.Errorf("headers %s, want %s", got, want)
	}
	for _, m := range headers.Members {
		if v := m.Value.Get("input").Get("value"); !v.Sensitive || strings.Contains(fmt.Sprint(v), v.Text) && v.Text != "" {
			t.Errorf("%s is not sensitive any more, or prints its value: %v", m.Key, v)
		}
	}
}

func TestResolveEnvWarnsOfEmpty(t *testing.T) {
	set := mustLoad(t, files("agents/a.yaml", "name: A\ndescription: !env \"a ${D}\"\nfirstMessage: !env \"${D:-}\"\nicebreakers: [a, b, c, d, e]\n"))
	if err := set.ResolveEnv(env(map[string]string{"D": ""})); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"agents/a.yaml:2:14: description: takes the environment variable D, which is set but empty; set it, or write ${D:-} if it may be empty",
		"agents/a.yaml:4:27: icebreakers: are 5, of which WhatsApp shows 4 at most; keep the best ones",
	}
	if diff := cmp.Diff(want, lines(t, set.Warnings)); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestEnvSpreadsThroughAliases(t *testing.T) {
	set := mustLoad(t, files("agents/a.yaml", "name: A\ndescription: &d !env D\nfirstMessage: *d\n"))
	err := set.ResolveEnv(env(nil))
	if got := lines(t, err); len(got) != 2 || !strings.HasPrefix(got[1], "agents/a.yaml:3:15: firstMessage: ") {
		t.Errorf("problems %q, want one for each place", got)
	}
	if err := set.ResolveEnv(env(map[string]string{"D": "x"})); err != nil || show(set.Agents[0].Fields) != `{description="x" firstMessage="x"}` {
		t.Errorf("%v %s", err, show(set.Agents[0].Fields))
	}
}
