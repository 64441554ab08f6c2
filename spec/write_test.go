package spec_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"wassist-sync/spec"
)

func text(s string) *spec.Value { return &spec.Value{Kind: spec.Text, Text: s} }

func object(pairs ...any) *spec.Value {
	v := &spec.Value{Kind: spec.Object}
	for i := 0; i < len(pairs); i += 2 {
		v.Members = append(v.Members, spec.Member{Key: pairs[i].(string), Value: pairs[i+1].(*spec.Value)})
	}
	return v
}

func list(items ...*spec.Value) *spec.Value { return &spec.Value{Kind: spec.List, Items: items} }

const modeline = "# yaml-language-server: $schema=" + spec.SchemaURL + "\n"

// What Write makes of a definition, character by character.
func TestWrite(t *testing.T) {
	prompt := text("unused")
	prompt.SetFile("prompts/desk.md")
	input := object("type", text("value"), "value", spec.EnvValue("Bearer ${DESK_TOKEN}"))
	tool := func(name string) *spec.Value {
		return object("name", text(name), "description", text("Use it: often"), "apiSchema", object(
			"method", text("GET"), "url", text("https://a.example/{id}"), "path_params", object("id", object("type", text("string"),
				"input", object("type", text("description"), "description", text("Its number")))),
			"request_headers", object("Authorization", object("input", input)),
			"query_params", object("required", list(text("a"), text("b")))))
	}
	a := &spec.Agent{
		Name: "Desk", ID: "3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b61",
		Fields: object("systemPrompt", prompt, "firstMessage", text("Hello 👋\nاهلا\n"), "icebreakers", list(text("Where is it?"), text("yes")),
			"llmModel", text("openai/gpt-5.4-mini"), "tools", list(tool("find"), tool("book")),
			"creditSettings", object("initialCredits", &spec.Value{Kind: spec.Number, Text: "5"}, "creditGrantPassword", spec.EnvValue("PASSWORD"))),
		Deploy: []spec.Deployment{{Number: "+447700900111"}, {Number: "+447700900112", ApplyToExisting: true}}, PreventDestroy: true,
	}
	oneTool := func(name string) string {
		return `  - name: ` + name + `
    description: "Use it: often"
    apiSchema:
      method: GET
      url: https://a.example/{id}
      path_params:
        id:
          type: string
          input:
            type: description
            description: Its number
      request_headers:
        Authorization:
          input:
            type: value
            value: !env "Bearer ${DESK_TOKEN}"
      query_params:
        required: [a, b]
`
	}
	want := modeline + `name: Desk
id: 3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b61
systemPrompt: !file prompts/desk.md

firstMessage: |
  Hello 👋
  اهلا

icebreakers:
  - Where is it?
  - "yes"

llmModel: openai/gpt-5.4-mini

tools:
` + oneTool("find") + "\n" + oneTool("book") + `
creditSettings:
  initialCredits: 5
  creditGrantPassword: !env PASSWORD

deploy:
  - number: "+447700900111"
  - number: "+447700900112"
    applyToExisting: true

lifecycle:
  preventDestroy: true
`
	got, err := spec.Write(a)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	again, err := spec.LoadFiles(map[string][]byte{"desk.yaml": got, "prompts/desk.md": []byte("Text of the file.\n")})
	if err != nil {
		t.Fatal(err)
	}
	if a := again.Agents[0]; a.Fields.Get("systemPrompt").Text != "Text of the file.\n" || !a.PreventDestroy || !a.Deploy[1].ApplyToExisting {
		t.Errorf("read back: %v", a.Fields)
	}
	if diff := cmp.Diff([]string{"DESK_TOKEN", "DESK_TOKEN", "PASSWORD"}, again.Agents[0].Variables()); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
}

// How single texts are written.
func TestWriteText(t *testing.T) {
	for in, want := range map[string]string{
		"Hello":               "Hello",
		"Hello, world (now)!": "Hello, world (now)!",
		"":                    `""`,
		"yes":                 `"yes"`,
		"Null":                `"Null"`,
		"0755":                `"0755"`,
		"2024-01-01":          `"2024-01-01"`,
		"12:30":               `"12:30"`,
		"3 days later":        "3 days later",
		"a: b":                `"a: b"`,
		"a #b":                `"a #b"`,
		"a#b":                 "a#b",
		"ends:":               `"ends:"`,
		"- no list":           `"- no list"`,
		`say "hi"`:            `say "hi"`,
		`"hi" to all`:         `'"hi" to all'`,
		`"hi" it's`:           `"\"hi\" it's"`,
		"👋 Hello":             "👋 Hello",
		"مرحبا":               "مرحبا",
		" spaced":             `" spaced"`,
		"tab\there":           `"tab\there"`,
		"nel\u0085":           `"nel\N"`,
		"line\u2028sep":       `"line\Lsep"`,
		"bom\ufeff":           `"bom\uFEFF"`,
		"bell\a":              `"bell\a"`,
		"cr\rlf":              `"cr\rlf"`,
		"😀: x":                `"😀: x"`,
		"\ue000 and 😀":        "\ue000 and 😀",
		"a\nb":                "|-\n  a\n  b",
		"a\nb\n":              "|\n  a\n  b",
		"a\n---\nb":           "|-\n  a\n  ---\n  b",
		"a\n  b\n\nc":         "|-\n  a\n    b\n\n  c",
		"a \nb":               `"a \nb"`,
		" a\nb":               `" a\nb"`,
		"a\nb\n\n":            `"a\nb\n\n"`,
	} {
		got, err := spec.Write(&spec.Agent{Name: "N", Fields: object("firstMessage", text(in))})
		if err != nil {
			t.Errorf("%q: %v", in, err)
			continue
		}
		_, got2, _ := strings.Cut(string(got), "firstMessage: ")
		if got2 != want+"\n" {
			t.Errorf("%q is written %s, want %s", in, got2, want)
		}
	}
}

// A text comes back as it was, wherever it stands: as a value, in a list, as a key.
func TestWriteReadsBack(t *testing.T) {
	pieces := []string{"a", " ", "\n", "\t", "\r", "\r\n", "#", ":", "-", "?", "'", `"`, `\`, "---", "\n--- ", "...", "|", ">", "%", "{", "}", "[", "]", ",", "&", "*", "!", "0x1", "~", "null", "👋", "\u2028", "\u0085", "\ufeff", "\ue000", "\uffff", "\U0010ffff", "\x01", "é", "مر", "\u202e", "<<", "=", strings.Repeat("long ", 60)}
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 8).Draw(t, label), "")
		}
		first, item, key := draw("first"), draw("item"), "k"+draw("key")
		if strings.ContainsAny(key, "\t\r\n\x01\u0085\u2028") {
			key = "k"
		}
		parameter := object("input", object("type", text("description"), "description", text(draw("deep"))))
		a := &spec.Agent{Name: "N", Fields: object("firstMessage", text(first), "icebreakers", list(text(item), text("x")), "tools", list(object("name", text("t"), "description", text(item),
			"apiSchema", object("method", text("GET"), "url", text("https://a.example/"), "query_params", object("properties", object(key, parameter))))))}
		got, err := spec.Write(a)
		if err != nil {
			t.Fatal(err)
		}
		set, err := spec.LoadFiles(map[string][]byte{"n.yaml": got})
		if err != nil {
			t.Fatalf("%v\n%s", err, got)
		}
		if want, back := a.Fields.String(), set.Agents[0].Fields.String(); want != back {
			t.Fatalf("read back:\n%s\nwant:\n%s\nfrom:\n%s", back, want, got)
		}
	})
}

func TestEnvValue(t *testing.T) {
	for _, bad := range []string{"", "no variable", "${", "${1}", "a${b"} {
		if v := spec.EnvValue(bad); v != nil {
			t.Errorf("%q is taken", bad)
		}
	}
	if v := spec.EnvValue("NAME"); !v.Unresolved() || !v.Sensitive {
		t.Errorf("NAME gives %v", v)
	}
}

func TestFileText(t *testing.T) {
	for in, want := range map[string]string{
		"a\nb": "a\nb\n", "a\n": "a\n", "a\tb": "a\tb\n", "": "-", "a\rb": "-", "\ufeffa": "-", "a\x00": "-", "a\u2028": "-", "a \nb": "a \nb\n", strings.Repeat("x", 1<<20): "-",
	} {
		got, ok := spec.FileText(in)
		if ok != (want != "-") || ok && string(got) != want {
			t.Errorf("%.20q gives %.20q, %v", in, got, ok)
		}
	}
}

func TestFileStem(t *testing.T) {
	const id = "3F0C8A52-7b1e-4c55-9d0a-1f2e3d4c5b61"
	for name, want := range map[string]string{
		"Order desk": "order-desk", "ORDER--desk.": "order-desk", "Grüße, Ærø & Łódź": "grusse-aero-lodz", "Cafe\u0301": "cafe", "Harbour's": "harbours",
		"Con": "agent-con", "COM1": "agent-com1", "com10": "com10", "wassist-sync": "agent-wassist-sync", "Environments": "agent-environments",
		"_x": "x", ".x": "x", "../../etc/passwd": "etc-passwd", "a/b\\c": "a-b-c", "C:": "c", "😀": "agent-3f0c8a52", "مكتب": "agent-3f0c8a52", "": "agent-3f0c8a52", "24/7": "24-7",
		strings.Repeat("word ", 30): "word-word-word-word-word-word-word-word-word-word-word-word", strings.Repeat("x", 300): strings.Repeat("x", 60),
	} {
		if got := spec.FileStem(name, id); got != want {
			t.Errorf("%q is called %q, want %q", name, got, want)
		}
	}
	if got := spec.FileStem("😀", "!"); got != "agent-unnamed" {
		t.Errorf("without an id: %q", got)
	}
}

func TestVariableName(t *testing.T) {
	const id = "3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b61"
	for want, words := range map[string][]string{
		"ORDER_DESK_FIND_ORDER_X_API_KEY": {"Order desk", "find_order", "X-Api-Key"}, "DESK_CREDIT_GRANT_PASSWORD": {"Desk", "creditGrantPassword"},
		"AGENT_3F0C8A52_KEY": {"😀", "", "key"}, "AGENT_24_7_KEY": {"24/7", "key"}, "AGENT_WASSIST_API_KEY": {"Wassist API", "key"}, "AGENT_GITHUB_TOKEN": {"GitHub", "token"},
		"AGENT_PATH": {"Path", "ключ"}, "AGENT_3F0C8A52": {"ключ"},
	} {
		if got := spec.VariableName(id, words...); got != want {
			t.Errorf("%q gives %s, want %s", words, got, want)
		}
	}
}
