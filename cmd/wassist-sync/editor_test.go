package main

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/spec"
)

// editor is a yaml-language-server with the settings that init writes for a
// folder of definitions, over the schemas as they lie here: the published ones
// are those of another version, and tests have no network.
func editor(t *testing.T, folder string) (s *languageServer, top string) {
	t.Helper()
	if *languageServerPath == "" {
		t.Skip("needs -yaml-language-server PATH; .ci/editor installs it")
	}
	top = t.TempDir()
	var settings map[string]any
	text := settingsFor(begun("", "settings.json").content, folder)
	if err := json.Unmarshal([]byte(local(t, string(text))), &settings); err != nil {
		t.Fatal(err)
	}
	// Neither is needed, and both ask the network.
	maps.Copy(settings, map[string]any{"yaml.schemaStore.enable": false, "yaml.kubernetesCRDStore.enable": false})
	// What an editor says when nobody set it.
	maps.Copy(settings, map[string]any{"yaml.validate": true, "yaml.hover": true, "yaml.completion": true})
	return startLanguageServer(t, top, settings), top
}

// local names the schemas of this tree in place of the published ones.
func local(t *testing.T, text string) string {
	t.Helper()
	here, err := filepath.Abs(filepath.Join("..", "..", "schema"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range spec.SchemaNames {
		text = strings.ReplaceAll(text, spec.SchemaAddress(name), fileURI(filepath.Join(here, name+".schema.json")))
	}
	return text
}

// No example is wrong in an editor, and its modeline alone tells it the schema.
func TestEditorTakesExamples(t *testing.T) {
	s, top := editor(t, "agents")
	const wrong = "\nfavouriteColour: red\n"
	documents := 0
	files := map[string]string{"init.yaml": string(begun("", "first-agent.yaml").content)}
	examples := filepath.Join("..", "..", "agents.example")
	err := filepath.WalkDir(examples, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.HasSuffix(name, ".yaml") {
			text, err := os.ReadFile(name)
			files[strings.TrimPrefix(name, examples)] = string(text)
			return err
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		text = local(t, text)
		if marks := s.open(filepath.Join(top, "elsewhere", name), text); len(marks) > 0 {
			t.Errorf("%s: %s", name, strings.Join(marks, "\n"))
		}
		for i, document := range strings.Split(text, "\n---\n") {
			documents++
			marks := s.open(filepath.Join(top, "elsewhere", "wrong", name, string(rune('a'+i))+".yaml"), document+wrong)
			if len(marks) != 1 || !strings.Contains(marks[0], "Property favouriteColour is not allowed.") {
				t.Errorf("%s, document %d, with a wrong key: %q", name, i+1, marks)
			}
		}
	}
	if documents < 8 {
		t.Errorf("%d documents were looked at", documents)
	}
}

// What the documentation shows of definitions is right in an editor.
func TestEditorTakesDocumentation(t *testing.T) {
	s, top := editor(t, "agents")
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "definitions.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?ms)^```yaml\n(.*?)^```").FindAllStringSubmatch(string(text), -1)
	looked := 0
	for _, block := range blocks {
		content := block[1]
		if !regexp.MustCompile(`(?m)^(name|tools|[a-z]+[A-Z][A-Za-z]+|deploy|lifecycle):`).MatchString(content) {
			continue // a part of one
		}
		if !strings.Contains(content, "\nname:") && !strings.HasPrefix(content, "name:") {
			content = "name: An agent\n" + content
		}
		looked++
		if marks := s.open(filepath.Join(top, "agents", string(rune('a'+looked))+".yaml"), content); len(marks) > 0 {
			t.Errorf("%s\n%s", strings.Join(marks, "\n"), content)
		}
	}
	if looked < 12 {
		t.Errorf("%d blocks were looked at", looked)
	}
}

// What is wrong is marked, in its place and in words that help. By the settings
// alone an editor knows which file is what.
func TestEditorMarks(t *testing.T) {
	s, top := editor(t, "agents")
	for name, c := range map[string]struct {
		file, text string
		want       []string
	}{
		"a wrong key":         {"agents/x.yaml", "name: A\nsytemPrompt: x\n", []string{"2: Property sytemPrompt is not allowed."}},
		"a key below":         {"agents/sub/x.yml", "name: A\nlifecycle:\n  prevent: true\n", []string{"3: Property prevent is not allowed."}},
		"no name":             {"agents/x.yaml", "description: B\n", []string{`1: Missing property "name".`}},
		"in a later document": {"agents/x.yaml", "name: A\n---\nname: B\nnumber: 1\n", []string{"4: Property number is not allowed."}},
		"a word for a switch": {"agents/x.yaml", "name: A\nlifecycle: {preventDestroy: yes}\n", []string{`2: Incorrect type. Expected "boolean".`}},
		"a word of a few": {"agents/x.yaml", "name: A\npaywallConfig: {paywallAction: stop}\n",
			[]string{`2: Value is not accepted. Valid values: "none", "purchase_link", "terminal".`}},
		"a list for a text":  {"agents/x.yaml", "name: A\nfirstMessage: [Hello]\n", []string{"2: Incorrect type. Expected one of string, number, null."}},
		"a URL":              {"agents/x.yaml", "name: A\nwebsiteTools: [{url: example.com, prompt: x}]\n", []string{"2: Write an absolute URL, with http:// or https://."}},
		"an id":              {"agents/x.yaml", "name: A\nid: 12ab\n", []string{"2: Write the id as Wassist shows it, such as 3f0c8a52-6d1e-4f0b-9a57-2f1f6f0f7c11."}},
		"null for a guard":   {"agents/x.yaml", "name: A\nprevioiusNames: null\npreviousNames: null\n", []string{`2: Property previoiusNames is not allowed.`, `3: Incorrect type. Expected "array".`}},
		"a handoff nowhere":  {"agents/x.yaml", "name: A\nhandoffTools:\n  - description: x\n", []string{`3: Missing property "agent".`}},
		"a handoff twice":    {"agents/x.yaml", "name: A\nhandoffTools:\n  - description: x\n    agent: B\n    childAgentId: !var ID\n", []string{"4: Property agent is not allowed."}},
		"an input's other":   {"agents/x.yaml", tool("{type: value, description: x}"), []string{`9: Missing property "value".`, "9: Property description is not allowed."}},
		"an unknown tag":     {"agents/x.yaml", "name: A\ndescription: !secret x\n", []string{"2: Unresolved tag: !secret"}},
		"no tool":            {"agents/x.yaml", "name: A\nmcpConfigs: [{connector: x, toolWhitelist: []}]\n", []string{"2: Array has too few items. Expected 1 or more."}},
		"a negative number":  {"agents/x.yaml", "name: A\ncreditSettings: {initialCredits: -1}\n", []string{"2: Value is below the minimum of 0."}},
		"settings":           {"agents/wassist-sync.yaml", "prune: manage\nname: x\nmaxDeletes: lots\n", []string{`1: Value is not accepted. Valid values: "none", "managed", "all".`, "2: Property name is not allowed.", "3: Write a number such as 5, or a share such as 20%."}},
		"settings, in order": {"agents/wassist-sync.yaml", "organization: Harbour Bakery\nunmanaged: [Old *]\nprune: all\nmaxDeletes: 20%\nonDrift: keep\nrate: 100/1m\napiKeyEnv: SHOP_KEY\nexclude: [Draft]\n", nil},
		"an environment":     {"agents/environments/x.yaml", "vars: {SHOP: Leeds, N: 1, LIST: [a]}\nprune: none\napiKeyEnv: STAGING_KEY\nexclude: [Old *]\nsystemPrompt: x\n", []string{"1: Incorrect type. Expected one of string, number.", "5: Property systemPrompt is not allowed."}},
		"none of ours":       {"agents/.hidden/x.yaml", "anything: goes\n", nil},
		"not below agents":   {"deploy/x.yaml", "anything: goes\n", nil},
		"tags": {"agents/x.yaml", strings.Join([]string{
			"name: !var \"${SHOP} desk\"", "id: !var ID", "description: !var DESCRIPTION", "systemPrompt: !file prompts/a.md", "previousNames: []", "icebreakers: [!var FIRST, !env SECOND]",
			"deploy: [{number: !var NUMBER, applyToExisting: !var MOVE}]", "creditSettings: {creditGrantPassword: !env \"${PASSWORD}\", creditGrantAmount: !var AMOUNT}",
			"websiteTools: [{url: !var \"https://${HOST}/\", prompt: !file a.md, active: !var \"${active:-true}\"}]", "llmModel: null", "",
		}, "\n"), nil},
		"numbers for texts": {"agents/x.yaml", "name: 12\noutboundTriggers: [{templateName: 1, templateId: 118022}]\ndescription: 2026-01-01\nfirstMessage: on\n", nil},
		"a fixed value":     {"agents/x.yaml", tool("{type: value, value: true}"), nil},
	} {
		path := filepath.Join(top, strings.ReplaceAll(name, " ", "-"))
		got := s.open(filepath.Join(path, c.file), c.text)
		slices.Sort(got)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// tool is a definition with an input in line 9.
func tool(input string) string {
	return "name: A\ntools:\n  - name: t\n    description: d\n    apiSchema:\n      method: GET\n      url: https://example.com\n      request_headers:\n        A: {input: " + input + "}\n"
}

// Definitions at the top of a repository: nothing else in it is taken for one.
func TestEditorAtTheTop(t *testing.T) {
	s, top := editor(t, ".")
	if got := s.open(filepath.Join(top, "x.yaml"), "nam: A\n"); len(got) != 2 {
		t.Errorf("a definition: %q", got)
	}
	for _, name := range []string{".github/workflows/wassist.yml", ".hidden.d/x.yaml"} {
		if got := s.open(filepath.Join(top, name), "on: push\n"); len(got) > 0 {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := s.open(filepath.Join(top, "wassist-sync.yaml"), "prune: none\n"); len(got) > 0 {
		t.Errorf("the settings: %q", got)
	}
}

// An editor explains every key with the words of the field table.
func TestEditorExplains(t *testing.T) {
	s, top := editor(t, "agents")
	path := filepath.Join(top, "agents", "x.yaml")
	text := tool("{type: value, value: !env TOKEN}") + "handoffTools:\n  - agent: B\n    description: x\n"
	if marks := s.open(path, text); len(marks) > 0 {
		t.Fatalf("%q", marks)
	}
	fieldsOf := func(list string) []spec.Field { return spec.Lookup(spec.AgentFields, list).Fields }
	for _, c := range []struct {
		key  string
		want string
	}{
		{"name: A", spec.NameField.Doc},
		{"tools:", spec.Lookup(spec.AgentFields, "tools").Doc},
		{"description: d", spec.Lookup(fieldsOf("tools"), "description").Doc},
		{"value: !env", "Never printed."},
		{"agent: B", spec.Lookup(fieldsOf("handoffTools"), "childAgentId").AliasDoc},
	} {
		before := text[:strings.Index(text, c.key)]
		got := s.hover(path, strings.Count(before, "\n"), len(before)-strings.LastIndex(before, "\n"))
		if got = strings.ReplaceAll(got, `\`, ""); !strings.Contains(got, c.want) {
			t.Errorf("%s: the editor says %q, and should say %q", c.key, got, c.want)
		}
	}
}

// An editor proposes keys with their texts, and the values of a field with few.
func TestEditorCompletes(t *testing.T) {
	s, top := editor(t, "agents")
	tags := []string{"!env", "!file", "!var"}
	for i, c := range []struct {
		text string // § is the cursor
		want []string
		doc  string // of the first
		not  string
	}{
		{"name: A\nsystem§\n", []string{"systemPrompt", "deploy"}, spec.Lookup(spec.AgentFields, "systemPrompt").Doc, "apiSchema"},
		{"name: A\ntools:\n  - name: t\n    §\n", []string{"apiSchema", "creditCost"}, "The call itself.", "systemPrompt"},
		{"name: A\ntools:\n  - name: t\n    active: §\n", []string{"true", "false"}, "", ""},
		{"name: A\nlifecycle:\n  §\n", []string{"preventDestroy"}, "Refuses every plan that would delete the agent. Default: false.", "name"},
		{"name: A\nmemoryKeys:\n  - type: §\n", []string{"string", "number", "boolean", "json"}, "", "true"},
		{"name: A\nfirstMessage: §\n", tags, "", "true"},
		{"name: A\nhandoffTools:\n  - §\n", []string{"agent", "childAgentId", "description"}, "The name of the definition to hand over to.", ""},
	} {
		path := filepath.Join(top, "agents", string(rune('a'+i))+".yaml")
		before, after, _ := strings.Cut(c.text, "§")
		s.open(path, before+after)
		got := s.complete(path, strings.Count(before, "\n"), len(before)-strings.LastIndex(before, "\n")-1)
		for _, label := range c.want {
			if _, ok := got[label]; !ok {
				t.Errorf("%q: %s is not proposed, but %q", c.text, label, slices.Sorted(maps.Keys(got)))
			}
		}
		if doc := got[c.want[0]]; !strings.Contains(doc, c.doc) {
			t.Errorf("%q: %s is explained as %q", c.text, c.want[0], doc)
		}
		if _, ok := got[c.not]; ok && c.not != "" {
			t.Errorf("%q: %s is proposed", c.text, c.not)
		}
	}
}
