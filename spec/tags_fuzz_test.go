package spec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"
)

// tagPlaces are definitions with one value open, and whether a tag may stand there.
var tagPlaces = []struct {
	text  string
	texts bool // a free text: !file and !env may stand there
}{
	{"name: A\nsystemPrompt: %s\n", true},
	{"name: A\nicebreakers:\n- %s\n", true},
	{"name: A\ncreditSettings:\n  creditGrantPassword: %s\n", true},
	{"name: A\nmemoryKeys:\n- key: k\n  type: string\n  initialValue: %s\n  whenToUpdate: w\n", true},
	{"name: A\ntools:\n- name: t\n  description: d\n  apiSchema:\n    method: GET\n    url: https://x.example/\n    request_headers:\n      H:\n        input:\n          type: value\n          value: %s\n", true},
	{"name: %s\n", false},
	{"name: A\nid: %s\n", false},
	{"name: A\npreviousNames:\n- %s\n", false},
	{"name: A\ndeploy:\n- number: %s\n", false},
	{"name: A\ntools:\n- name: %s\n  description: d\n  apiSchema:\n    method: GET\n    url: https://x.example/\n", false},
	{"name: A\nmcpConfigs:\n- connector: %s\n  toolWhitelist: [a]\n", false},
	{"name: A\nicebreakers: %s\n", false},
	{"name: A\ncreditSettings:\n  initialCredits: %s\n", false},
	{"name: A\nlifecycle:\n  preventDestroy: %s\n", false},
	{"name: A\n%s: x\n", false},
	{"%s", false},
}

// expand is what a template means, in a second implementation.
func expand(template string, lookup func(string) string) string {
	if regexp.MustCompile(`^[A-Za-z_]\w*$`).MatchString(template) {
		return lookup(template)
	}
	return regexp.MustCompile(`\$\{(\w+)(:-[^}]*)?\}`).ReplaceAllStringFunc(template, func(part string) string {
		name, fallback, _ := strings.Cut(part[2:len(part)-1], ":-")
		if value := lookup(name); value != "" {
			return value
		}
		return fallback
	})
}

// guardedFS fails a test that opens what no definition may read.
type guardedFS struct {
	fstest.MapFS
	t *testing.T
}

func (g guardedFS) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) || slices.Contains(strings.Split(strings.ToLower(name), "/"), ".git") {
		g.t.Errorf("opened %q", name)
	}
	return g.MapFS.Open(name)
}

// Whatever stands after a tag, and wherever the tag stands: !file gives a file of
// the repository as it is, or a problem; !env gives what its template says, and
// never where it is to be shown; every other tag is a problem.
func FuzzTags(f *testing.F) {
	for place := range tagPlaces {
		f.Add(uint8(place), "!file", "p.md", "text", "p.md", "value")
		f.Add(uint8(place), "!env", "Bearer ${TOKEN:-none}", "text", "p.md", "value")
		f.Add(uint8(place), "!var", "NAME", "", "", "")
	}
	for _, value := range []string{"../docs/d.md", "../../etc/passwd", "/etc/passwd", "link", "../.git/config", "./x/../p.md", "C:\\p.md", "p.md\x00", "", "~/p.md", "%2e%2e/p.md"} {
		f.Add(uint8(0), "!file", value, "\ufefftext\r\n", "../.git/config", "")
	}
	for _, target := range []string{"../../out", "/etc/passwd", "link", "../docs", ".", "a\\..\\..\\..\\x", "C:x"} {
		f.Add(uint8(0), "!file", "link", "text", target, "")
	}
	for _, template := range []string{"A", "${A}", "${A:-${B}}", "${A", "$A", "$${A}", "${A:?}", "${}", "a}${A}{", "${a:-}b${c:-:-}"} {
		f.Add(uint8(2), "!env", template, "", "", "\xffvalue")
	}
	for _, tag := range []string{"", "!", "!!str", "!!binary", "!!int", "!!merge", "!!null", "!!timestamp", "!<!env>", "!<tag:yaml.org,2002:str>", "!file!", "!FILE", "!e%6ev", "!env,2024", "&a", "*a", "? "} {
		f.Add(uint8(0), tag, "A", "", "", "")
	}
	f.Fuzz(func(t *testing.T, at uint8, tag, value, text, target, variable string) {
		place := tagPlaces[int(at)%len(tagPlaces)]
		var quoted bytes.Buffer
		e := json.NewEncoder(&quoted)
		e.SetEscapeHTML(false)
		if err := e.Encode(value); err != nil {
			t.Fatal(err)
		}
		fsys := guardedFS{fstest.MapFS{
			"agents/a.yaml": {Data: fmt.Appendf(nil, place.text, tag+" "+strings.TrimSpace(quoted.String()))},
			"agents/p.md":   {Data: []byte(text)},
			"agents/link":   {Data: []byte(target), Mode: fs.ModeSymlink},
			"docs/d.md":     {Data: []byte(text)},
			".git/config":   {Data: []byte("canary")},
		}, t}
		set, err := Load(fsys, "agents")
		checkLoad(t, set, err)
		if err != nil {
			return
		}
		set, err = Load(fsys, "agents") // checkLoad has resolved the first one
		if err != nil {
			t.Fatalf("the second time: %v", err)
		}
		lookup := func(string) string { return variable }
		plain := tag == "!file" || tag == "!env"
		if plain && !place.texts {
			t.Fatalf("%s stands where it may not:\n%s", tag, fsys.MapFS["agents/a.yaml"].Data)
		}
		for _, a := range set.Agents {
			walk(a.Fields, func(v *Value) { checkTagged(t, fsys.MapFS, v) })
		}
		if err := set.ResolveEnv(func(name string) (string, bool) { return lookup(name), true }); err != nil {
			return
		}
		for _, a := range set.Agents {
			walk(a.Fields, func(v *Value) {
				if tag == "!env" && v.Sensitive && v.File() == "" && v.Kind == Text && utf8.ValidString(value) && v.Text != expand(value, lookup) {
					t.Errorf("%q gives %q, want %q", value, v.Text, expand(value, lookup))
				}
			})
		}
	})
}

// checkTagged holds what is true of each loaded value.
func checkTagged(t *testing.T, fsys fstest.MapFS, v *Value) {
	if v.Unresolved() {
		if shown := fmt.Sprintf("%v %+v %#v", v, v, v); v.Text != "" || !v.Sensitive || strings.ReplaceAll(shown, "(sensitive)", "") != "  " {
			t.Errorf("before it is resolved it is %q, shown as %s", v.Text, shown)
		}
	}
	if v.File() == "" {
		return
	}
	if !fs.ValidPath(v.File()) {
		t.Fatalf("the text comes from %q", v.File())
	}
	name := v.File()
	for hops := 0; fsys[name] != nil && fsys[name].Mode&fs.ModeSymlink != 0 && hops < maxLinks; hops++ {
		name = path.Join(path.Dir(name), strings.ReplaceAll(string(fsys[name].Data), `\`, "/"))
	}
	file := fsys[name]
	if file == nil || !file.Mode.IsRegular() || strings.HasPrefix(name, ".git/") {
		t.Fatalf("the text comes from %q, which is %q", v.File(), name)
	}
	if want := strings.ReplaceAll(strings.TrimPrefix(string(file.Data), "\ufeff"), "\r\n", "\n"); v.Text != want {
		t.Errorf("%s gives %q, want %q", v.File(), v.Text, want)
	}
}
