package sync_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"wassist-sync/spec"
	"wassist-sync/sync"
	"wassist-sync/wassist/simulator"
)

// odd are pieces of texts that something between the API, YAML and a file system
// may trip over.
var odd = []string{
	"word", "two words", " ", "  ", "\n", "\n\n", "\r\n", "\r", "\r\r\n", "\t", "---", "...", "\n---\n", "\n...\n", "# no comment", " #", ": ", ":", "- ", "? ", "?",
	"'", `"`, `\`, `\n`, "&a", "*a", "!tag", "!env X", "!file x", "|", ">", "%", "@", "`", "{", "}", "[", "]", ",", "<<", "=", "~", "null", "true", "yes", "No", "0x1F",
	"0755", "1e3", ".inf", ".NaN", "-1", "+1", "12:30:45", "2024-01-01", "2001-12-14 21:59:43", "${x}", "${", "$", "👋🏽", "👨‍👩‍👧", "😀", "مرحبا", "שלום", "\u200f", "\u202e",
	"\u2028", "\u2029", "\u0085", "\u00a0", "\ufeff", "\ue000", "\uf8ff", "\ufffd", "\uffff", "\U0010ffff", "\x01", "\x1b[31m", "\x7f", "e\u0301", "é", "日本語", "::error::", "-",
}

func oddText(t *rapid.T, label string) string {
	var b strings.Builder
	for range rapid.IntRange(0, 6).Draw(t, label+" pieces") {
		b.WriteString(rapid.SampledFrom(odd).Draw(t, label))
	}
	if rapid.IntRange(0, 40).Draw(t, label+" long") == 0 {
		return strings.Repeat(b.String()+"x", 50_000/(len([]rune(b.String()))+1))
	}
	return b.String()
}

var oddNames = []string{
	"Order desk", "order desk", "ORDER-DESK", "Order desk.", "Con", "nul", "wassist-sync", "environments", "_drafts", ".hidden", "prompts", "../up", "a/b", `a\b`, "C:", "😀", "👋🏽 Hello",
	"مكتب الطلبات", "שירות", "Grüße", "Ærø", "日本", "null", "yes", "123", "-", "---", "GitHub actions", "Wassist API", "x y z " + strings.Repeat("long ", 40), "Ends in dot.", "\"quoted\"", "'s", "# hash", "a: b", "&x", "%",
}

var safeFile = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*\.yaml$`)

// What is imported is what is stored: whatever an organization holds, a plan right
// after an import finds nothing to do, and what could not be written was said.
func TestImportedIsStored(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, simulator.Options{OmitDefaults: rapid.Bool().Draw(t, "omit defaults")})
		stored := oddOrganization(t, w)
		w.server.ResetLog()
		got, err := (&sync.Importer{Reader: w.api, Options: sync.ImportOptions{All: true, Pin: rapid.Bool().Draw(t, "pin")}}).Import(t.Context(), &spec.Set{})
		if err != nil {
			t.Fatal(err)
		}
		if wrote := writes(w.log()); len(wrote) > 0 {
			t.Fatalf("an import wrote on Wassist: %v", wrote)
		}
		files := map[string][]byte{}
		values := map[string]string{}
		said := strings.Builder{}
		for _, made := range got.Imported {
			if !safeFile.MatchString(made.File) || files[made.File] != nil {
				t.Fatalf("%q has the file name %q", made.Agent, made.File)
			}
			files[made.File] = made.YAML
			if made.Prompt != "" {
				files[made.Prompt] = made.PromptText
			}
			for _, v := range made.Variables {
				if _, twice := values[v.Name]; twice {
					t.Fatalf("%s is two secrets", v.Name)
				}
				values[v.Name] = v.Secret()
				said.WriteString(v.Name + strings.Join(v.Places, "\n"))
			}
		}
		for _, note := range got.Notes {
			said.WriteString(note.Text)
		}
		for name, text := range files {
			if strings.Contains(string(text), canaryStored) {
				t.Fatalf("%s holds a secret:\n%s", name, text)
			}
		}
		if strings.Contains(said.String(), canaryStored) {
			t.Fatalf("a secret is in what is said: %s", said.String())
		}
		set, err := spec.LoadFiles(files)
		if err != nil {
			t.Fatalf("what was imported is not valid: %v", err)
		}
		nothingMissing(t, got, set, stored)
		if err := set.ResolveEnv(func(name string) (string, bool) { v, ok := values[name]; return v, ok }); err != nil {
			t.Fatal(err)
		}
		p := w.plan(t, set, sync.Options{})
		if !p.Empty() || len(p.Refused)+len(p.Held) > 0 {
			for name, text := range files {
				t.Logf("%s:\n%s", name, text)
			}
			t.Fatalf("a plan after the import is not empty: %v, refused %v, held %v", describe(p), p.Refused, p.Held)
		}
	})
}

// nothingMissing wants every stored field that says something to be declared, or
// a note about it.
func nothingMissing(t *rapid.T, got *sync.Import, set *spec.Set, stored map[string]map[string]any) {
	noted := func(id, field string) bool {
		return slices.ContainsFunc(got.Notes, func(n sync.ImportNote) bool { return n.ID == id && (n.Field == field || n.Field == "") })
	}
	byID := map[string]*spec.Agent{}
	for _, made := range got.Imported {
		for _, def := range set.Agents {
			if def.Pos.File == made.File {
				byID[made.ID] = def
			}
		}
	}
	for id, fields := range stored {
		for _, f := range spec.AgentFields {
			if noted(id, f.Name) {
				continue
			}
			if byID[id] == nil {
				t.Fatalf("agent %s (%q) is not imported, and nothing is said of it", id, fields["name"])
			}
			text, isText := fields[f.Name].(string)
			list, isList := fields[f.Name].([]any)
			if (isText && strings.TrimSpace(text) != "" || isList && len(list) > 0) && byID[id].Fields.Get(f.Name) == nil {
				t.Fatalf("%s of %q is left out, and nothing is said of it", f.Name, fields["name"])
			}
		}
	}
}

// oddOrganization fills a simulator, and gives what it put there by id.
func oddOrganization(t *rapid.T, w *world) map[string]map[string]any {
	if rapid.Bool().Draw(t, "two connectors of one name") {
		w.server.AddConnector(map[string]any{"name": "Stripe"})
	}
	g := &generator{t: t, stored: true, canary: canaryStored}
	stored := map[string]map[string]any{}
	for range rapid.IntRange(1, 4).Draw(t, "agents") {
		fields := g.agent()
		odds(t, fields)
		fields["name"] = rapid.SampledFrom(oddNames).Draw(t, "name")
		if len(g.ids) > 0 && rapid.IntRange(0, 4).Draw(t, "twin") == 0 {
			fields["name"] = stored[g.ids[0]]["name"]
		}
		if rapid.IntRange(0, 9).Draw(t, "any name") == 0 {
			fields["name"] = "x" + oddText(t, "name")
		}
		if rapid.IntRange(0, 9).Draw(t, "twin entries") == 0 {
			if tools, ok := fields["tools"].([]any); ok && len(tools) > 0 {
				fields["tools"] = append(tools, tools[0])
			}
		}
		g.undeclarable(fields)
		id := w.server.AddAgent(fields)
		stored[id] = w.server.Agent(id)
		g.ids = append(g.ids, id)
	}
	for _, number := range []string{number1, number2} {
		if rapid.Bool().Draw(t, "routed") && len(g.ids) > 0 {
			if err := w.server.SetNumber(strings.TrimPrefix(number, "+"), map[string]any{"activeAgent": rapid.SampledFrom(g.ids).Draw(t, "by")}); err != nil {
				t.Fatal(errors.Join(errors.New("routing"), err))
			}
		}
	}
	return stored
}

// odds puts odd texts in the place of some.
func odds(t *rapid.T, v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(mapKeys(v)) {
			text, isText := v[key].(string)
			if isText && !strings.Contains(text, canaryStored) && slices.Contains(oddFields, key) && rapid.IntRange(0, 2).Draw(t, key+" odd") == 0 {
				v[key] = oddText(t, key)
				continue
			}
			odds(t, v[key])
		}
	case []any:
		for _, item := range v {
			odds(t, item)
		}
	}
}

var oddFields = []string{"description", "systemPrompt", "firstMessage", "llmModel", "prompt", "name", "key", "initialValue", "whenToUpdate", "templateName", "templateId", "ctaButtonText", "terminalStateMessage"}

func mapKeys(m map[string]any) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}
