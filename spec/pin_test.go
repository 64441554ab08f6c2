package spec_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/spec"
)

// An id is added or corrected, and every other byte stays.
func TestPin(t *testing.T) {
	const id, old = "3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b61", "AAAAAAAA-7b1e-4c55-9d0a-1f2e3d4c5b61"
	// «» marks what is put in, and what it takes the place of stands in ‹›.
	for name, marked := range map[string]string{
		"plain":                    "# head\nname: Desk # comment\n«id: ID\n»description: x\n",
		"first key is another":     "description: x\n\nname: Desk\n«id: ID\n»\n# about the prompt\nsystemPrompt: y\n",
		"CRLF":                     "name: Desk\r\n«id: ID\r\n»description: x\r\n",
		"no final newline":         "description: x\nname: Desk«\nid: ID»",
		"one line, no newline":     "name: Desk«\nid: ID»",
		"CRLF, no final newline":   "description: x\r\nname: Desk«\r\nid: ID»",
		"byte order mark":          "\ufeffname: Desk\n«id: ID\n»",
		"double quotes":            "name: \"Desk\"\n«id: ID\n»firstMessage: 'a'\n",
		"single quotes":            "name: 'Desk''s'\n«id: ID\n»",
		"folded name":              "description: x\n«id: ID\n»name: >-\n  Front\n  desk\n",
		"name in two lines":        "«id: ID\n»name: Front\n  desk\n",
		"quoted name in two lines": "«id: ID\n»name: \"Front\n  desk\"\n",
		"indented":                 "  name: Desk\n«  id: ID\n»  description: x\n",
		"document marker":          "---\nname: Desk\n«id: ID\n»...\n",
		"second document":          "name: Other\n---\n# two\nname: Desk\n«id: ID\n»\n---\nname: Third\n",
		"flow":                     "{«id: ID, »name: Desk, description: x}\n",
		"JSON":                     "{«\"id\": \"ID\", »\"name\": \"Desk\", \"icebreakers\": [\"a\"]}\n",
		"JSON over lines":          "{\n  \"description\": \"x\",\n  «\"id\": \"ID\", »\"name\": \"Desk\"\n}\n",
		"quoted key":               "\"name\": Desk\n«id: ID\n»",
		"!file and !env":           "name: Desk\n«id: ID\n»systemPrompt: !file ../nowhere.md\ncreditSettings:\n  creditGrantPassword: !env P\n",
		"emoji before":             "{description: \"👋\", «id: ID, »name: Desk}\n",
		"correct":                  "name: Desk\nid: ‹" + old + "›«ID» # comment\n",
		"correct, quoted":          "id: \"‹" + old + "›«ID»\"\nname: Desk\n",
		"correct, flow":            "{name: Desk, id: ‹" + old + "›«ID»}",
		"correct, CRLF":            "name: Desk\r\nid: '‹" + old + "›«ID»'\r\n",
		"anchored name":            "«id: ID\n»name: &n Desk\ndescription: *n\n",
	} {
		t.Run(name, func(t *testing.T) {
			before := strings.NewReplacer("‹", "", "›", "").Replace(cut(marked, "«", "»"))
			after := strings.NewReplacer("«", "", "»", "", "ID", id).Replace(cut(marked, "‹", "›"))
			set, err := spec.LoadFiles(map[string][]byte{"a/b.yaml": []byte(strings.NewReplacer("!file ../nowhere.md", "x").Replace(before))})
			if err != nil {
				t.Fatal(err)
			}
			var at spec.Position
			for _, a := range set.Agents {
				if a.Name != "Other" && a.Name != "Third" {
					at = a.Pos
				}
			}
			got, err := spec.Pin([]byte(before), at, id)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(after, string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// cut takes the first part between two marks out.
func cut(s, from, to string) string {
	before, rest, found := strings.Cut(s, from)
	if !found {
		return s
	}
	_, after, _ := strings.Cut(rest, to)
	return before + after
}

// What cannot be changed safely is left alone.
func TestPinNot(t *testing.T) {
	const id = "3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b61"
	for name, tt := range map[string]struct {
		text string
		at   spec.Position
	}{
		"an alias for an id": {"firstMessage: &x aaaaaaaa-7b1e-4c55-9d0a-1f2e3d4c5b61\nname: Desk\nid: *x\n", spec.Position{Line: 1, Column: 1}},
		"another place":      {"name: Desk\n", spec.Position{Line: 3, Column: 1}},
		"no YAML":            {"name: [\n", spec.Position{Line: 1, Column: 1}},
		"no text":            {"name: \x00\n", spec.Position{Line: 1, Column: 1}},
		"no definition":      {"description: x\n", spec.Position{Line: 1, Column: 1}},
	} {
		if got, err := spec.Pin([]byte(tt.text), tt.at, id); !errors.Is(err, spec.ErrNotPinned) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// A definition that takes values from its environment is read again in it.
func TestPinInAnEnvironment(t *testing.T) {
	const id = "3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b61"
	env, err := spec.ParseEnvironment("live", "e.yaml", []byte("vars: {N: Desk, ON: true, I: aaaaaaaa-7b1e-4c55-9d0a-1f2e3d4c5b61}\n"))
	if err != nil {
		t.Fatal(err)
	}
	for before, want := range map[string]string{
		"name: Desk\nlifecycle: {preventDestroy: !var ON} # on\n": "name: Desk\nid: ID\nlifecycle: {preventDestroy: !var ON} # on\n",
		"name: !var \"${N} 2\" # n\ndescription: d\n":             "id: ID\nname: !var \"${N} 2\" # n\ndescription: d\n",
		"name: !var N\n---\nname: !var NONE\n":                    "",
		"name: Desk\nid: !var I\n":                                "",
	} {
		at := spec.Position{File: "a.yaml", Line: 1, Column: 1}
		got, err := spec.PinIn([]byte(before), at, id, env)
		if want = strings.ReplaceAll(want, "ID", id); string(got) != want || errors.Is(err, spec.ErrNotPinned) != (want == "") {
			t.Errorf("%q gives %q, want %q, %v", before, got, want, err)
		}
		if strings.Contains(before, "!var") {
			if _, err := spec.Pin([]byte(before), at, id); !errors.Is(err, spec.ErrNotPinned) {
				t.Errorf("%q without the environment: %v", before, err)
			}
		}
	}
}
