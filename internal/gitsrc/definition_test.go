package gitsrc

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"wassist-sync/spec"
)

// TestVersionIsReadAsItsFileIs: a document that is read alone says what it says
// among the others, at the same positions.
func TestVersionIsReadAsItsFileIs(t *testing.T) {
	tools := "tools:\n  - name: &n find\n    description: d\n    apiSchema: {method: GET, url: \"https://x.example/{a}\", path_params: {a: {type: string, input: {type: value, value: !env \"K ${KEY}\"}}}}\n" +
		"deploy: [{number: \"+44 7700 900111\"}]\n"
	for name, all := range map[string]files{
		"one":                {"agents/a.yaml": agent("A", tools)},
		"several":            {"agents/a.yaml": agent("A", tools) + "---\n" + agent("B", tools) + "---\n" + agent("C", tools)},
		"comments and gaps":  {"agents/a.yaml": "# first\n\n" + agent("A") + "\n# about B\n--- # B\n\n# more\n" + agent("B", tools) + "...\n# end\n---\n---\n" + agent("C") + "# last\n"},
		"on the marker line": {"agents/a.yaml": "--- {name: A}\n--- {name: B, description: x}\n---   {name: C}"},
		"a directive": {"agents/a.yaml": "%TAG !f! !\n---\n" + agent("A", "description: !f!env KEY\n") + "...\n%TAG !e! !\n---\n" +
			agent("B", "description: !e!env KEY\n") + "...\n" + "---\n" + agent("C")},
		"an anchor":                {"agents/a.yaml": agent("A", "description: &x one\nfirstMessage: *x\n") + "---\n" + agent("B", "description: &x two\nfirstMessage: *x\n")},
		"CRLF and a byte order":    {"agents/a.yaml": "\ufeff" + strings.ReplaceAll(agent("A", tools)+"---\n"+agent("B", "description: |\n  one\n\n  two\n"), "\n", "\r\n")},
		"a text with odd lines":    {"agents/a.yaml": agent("A", "description: |\n  text\n  # no comment\n\n\n") + "---\n" + agent("B", "description: \"x\n# still text\n%d\"\n") + "---\n" + agent("C")},
		"behind a link":            {"agents/a.yaml": "-> ../shared.yaml", "shared.yaml": agent("A") + "---\n" + agent("B", "systemPrompt: !file p.md\n"), "agents/p.md": "prompt"},
		"a text that is the file":  {"agents/a.yaml": agent("A") + "---\n" + agent("B", "systemPrompt: !file a.yaml\n")},
		"a question among [ ] { }": {"agents/a.yaml": agent("A") + "---\n" + agent("B", "icebreakers: [Where is it?, What?]\n")},
	} {
		t.Run(name, func(t *testing.T) {
			l, hashes := history(t, linear(all))
			fsys, err := l.r.FS(hashes[0])
			if err != nil {
				t.Fatal(err)
			}
			want, err := spec.LoadFile(fsys, "agents/a.yaml")
			if err != nil {
				t.Fatal(err)
			}
			if len(want) != len(l.Documents()) {
				t.Fatalf("%d documents, want %d", len(l.Documents()), len(want))
			}
			for i, d := range l.Documents() {
				got, err := d.Versions[0].Agent()
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(got, want[i]) {
					t.Errorf("document %d: %s at %v, name at %v\nwant %s at %v, name at %v\n%#v\n%#v", i, got.Name, got.Pos, got.NamePos, want[i].Name, want[i].Pos, want[i].NamePos, got.Fields, want[i].Fields)
				}
			}
		})
	}
}

// TestReadingAVersionTakesAsLongAsItIs: what stands beside a document in its
// file is not parsed with it.
func TestReadingAVersionTakesAsLongAsItIs(t *testing.T) {
	dir := t.TempDir()
	var many []string
	for i := range 500 {
		many = append(many, agent(fmt.Sprint("Many ", i), body(fmt.Sprint(i))))
	}
	hashes := build(t, dir, linear(files{"agents/one.yaml": agent("One", body("one")), "agents/many.yaml": strings.Join(many, "---\n")}))
	l := walked(t, opened(t, dir), hashes[0], "main")
	cost := func(name string) float64 {
		v := l.Named(name)[0].Versions[0]
		return testing.AllocsPerRun(5, func() {
			if _, err := v.Agent(); err != nil {
				t.Fatal(err)
			}
		})
	}
	if one, amongMany := cost("One"), cost("Many 250"); amongMany > 3*one {
		t.Errorf("one of 500 documents costs %v allocations, a document alone %v", amongMany, one)
	}
}

// TestLinesAreKeptAndBounded: a file of many documents is split into lines once.
func TestLinesAreKeptAndBounded(t *testing.T) {
	dir := t.TempDir()
	hashes := build(t, dir, linear(files{"agents/a.yaml": agent("A") + "---\n" + agent("B")}))
	r := opened(t, dir)
	l := walked(t, r, hashes[0], "main")
	blob := l.Documents()[0].Versions[0].facts.blob
	before := r.objects.reads
	for range 10 {
		if _, err := r.lines(blob); err != nil {
			t.Fatal(err)
		}
	}
	if r.objects.reads != before {
		t.Errorf("the file was read %d times more", r.objects.reads-before)
	}
	m := newMemory()
	for i := range 5 {
		m.keepLines(number(i), []string{"x"}, maxLines/3)
	}
	if _, ok := m.linesOf(number(4)); !ok || len(m.lines) > 3 || m.bytes > maxLines {
		t.Errorf("%d files of %d bytes are kept", len(m.lines), m.bytes)
	}
}

// TestDocumentsOfAFileThatBecameShorter: the text of a work tree may have
// changed since it was parsed.
func TestDocumentsOfAFileThatBecameShorter(t *testing.T) {
	agents := []*spec.Agent{{Name: "A", Pos: spec.Position{Line: 1}}, {Name: "B", Pos: spec.Position{Line: 40}}, {Name: "C", Pos: spec.Position{Line: 80}}}
	text := []string{"name: A", "x: y"}
	for _, d := range documents("a.yaml", agents, text) {
		if got := d.within(text); len(got) > 0 && d.name != "A" {
			t.Errorf("%s is %q", d.name, got)
		}
	}
}
