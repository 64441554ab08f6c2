package spec

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const wholeSettings = `# Settings of the shop's agents.
organization: Acme Ltd
unmanaged:
  - Legacy bot
  - "test/*"
prune: none
maxDeletes: 5
onDrift: keep
rate: 50/1m
`

// outline is each value of settings with its key, kind and place.
func outline(s *Settings) []string {
	out := []string{"file " + s.File}
	add := func(key string, v *Value) {
		if v != nil {
			out = append(out, key+" "+v.Kind.String()+" "+v.String()+" "+v.Pos.String())
		}
	}
	add("organization", s.Organization)
	if s.Unmanaged != nil {
		out = append(out, "unmanaged")
	}
	for _, v := range s.Unmanaged {
		add("-", v)
	}
	add("prune", s.Prune)
	add("maxDeletes", s.MaxDeletes)
	add("onDrift", s.OnDrift)
	add("rate", s.Rate)
	add("apiKeyEnv", s.APIKeyEnv)
	if s.Exclude != nil {
		out = append(out, "exclude")
	}
	for _, v := range s.Exclude {
		add("-", v)
	}
	return out
}

func TestParseSettings(t *testing.T) {
	for _, c := range []struct {
		name, src string
		want      []string
	}{
		{"everything", wholeSettings, []string{
			`organization text "Acme Ltd" s.yaml:2:15`, "unmanaged", `- text "Legacy bot" s.yaml:4:5`, `- text "test/*" s.yaml:5:5`,
			`prune text "none" s.yaml:6:8`, "maxDeletes a number 5 s.yaml:7:13", `onDrift text "keep" s.yaml:8:10`, `rate text "50/1m" s.yaml:9:7`,
		}},
		{"in any order", "rate: 1/s\nprune: all\n", []string{`prune text "all" s.yaml:2:8`, `rate text "1/s" s.yaml:1:7`}},
		{"in braces, after a marker", "--- # first\n{prune: managed, maxDeletes: 0}\n...\n", []string{`prune text "managed" s.yaml:2:9`, "maxDeletes a number 0 s.yaml:2:30"}},
		{"a list that is declared and empty", "unmanaged: []\n", []string{"unmanaged"}},
		{"a share, and a number in quotes", "maxDeletes: 20%\n", []string{`maxDeletes text "20%" s.yaml:1:13`}},
		{"a number in quotes", "maxDeletes: '7'\n", []string{`maxDeletes text "7" s.yaml:1:13`}},
		{"all", "maxDeletes: 100%\n", []string{`maxDeletes text "100%" s.yaml:1:13`}},
		{"texts that look like something else", "organization: 12345\nunmanaged: [true, 0755, 2024-01-01, Where?, !!str no]\n", []string{
			`organization text "12345" s.yaml:1:15`, "unmanaged", `- text "true" s.yaml:2:13`, `- text "0755" s.yaml:2:19`,
			`- text "2024-01-01" s.yaml:2:25`, `- text "Where?" s.yaml:2:37`, `- text "no" s.yaml:2:45`,
		}},
		{"saved on Windows", "\ufeffprune: all\r\nonDrift: fail\r\n", []string{`prune text "all" s.yaml:1:8`, `onDrift text "fail" s.yaml:2:10`}},
		{"an empty file", "", nil},
		{"comments only", "# later\n\n  # prune: all\n", nil},
		{"an empty document", "---\n", nil},
		{"empty documents around", "---\n---\nprune: all\n---\n# end\n", []string{`prune text "all" s.yaml:3:8`}},
		{"no key", "{}\n", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := ParseSettings("s.yaml", []byte(c.src))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(append([]string{"file s.yaml"}, c.want...), outline(s)); diff != "" {
				t.Errorf("settings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSettingsProblems(t *testing.T) {
	const (
		known = "known keys are organization, unmanaged, prune, maxDeletes, onDrift, rate, apiKeyEnv, exclude"
		spare = ", which settings do not have; "
		oneOf = "; write the number of requests and the time they are counted over, such as 100/1m"
	)
	for _, c := range []struct {
		name, src string
		want      []string
	}{
		{"all at once", "organization: ''\nunmanaged: x\npurne: all\nprune: some\nmaxDeletes: many\nonDrift: [keep]\nrate: 100\n", []string{
			"1:15: organization: is empty; write the organization's name or id, or leave organization out",
			"2:12: unmanaged: is text, must be a list; write a list, with - before each entry",
			"3:1: purne: is not a known key; did you mean prune?",
			`4:8: prune: is "some", must be one of none, managed, all; write one of these`,
			`5:13: maxDeletes: is "many", must be a number of agents, or a share from 0% to 100%; write a number such as 5, or a share such as 20%`,
			`6:10: onDrift: is a list, must be text; write one text, in quotes if it starts with [ or { or holds ": "`,
			`7:7: rate: is "100", must be N/DURATION` + oneOf,
		}},
		{"keys as flags are written", "max-deletes: 5\non_drift: keep\nOrganization: x\nname: A\n", []string{
			"1:1: max-deletes: is not a known key; did you mean maxDeletes?",
			"2:1: on_drift: is not a known key; did you mean onDrift?",
			"3:1: Organization: is not a known key; did you mean organization?",
			"4:1: name: is not a known key; " + known,
		}},
		{"a key twice", "prune: all\nprune: all\n", []string{"2:1: prune: is written twice, first in line 1; keep one of them"}},
		{"null", "organization:\nunmanaged: ~\nprune: null\nmaxDeletes:\nonDrift:\nrate:\n", []string{
			"1:14: organization: is null; write a value, or leave organization out",
			"2:12: unmanaged: is null; write [] for an empty list, or leave unmanaged out",
			"3:8: prune: is null; write a value, or leave prune out",
			"4:12: maxDeletes: is null; write a value, or leave maxDeletes out",
			"5:9: onDrift: is null; write a value, or leave onDrift out",
			"6:6: rate: is null; write a value, or leave rate out",
		}},
		{"not a mapping", "- prune: all\n", []string{"1:1: the settings are a list, must be a mapping; write its keys below it: organization, unmanaged, prune, maxDeletes, onDrift, rate, apiKeyEnv, exclude"}},
		{"a null", "null\n", []string{"1:1: the settings are null, must be a mapping; write its keys below it: organization, unmanaged, prune, maxDeletes, onDrift, rate, apiKeyEnv, exclude"}},
		{"organization", "organization: ' Acme'\n", []string{`1:15: organization: has white space around it: " Acme"; remove it`}},
		{"organization in two lines", "organization: \"a\\nb\"\n", []string{`1:15: organization: holds a line break or control character: "a\nb"; write it in one line`}},
		{"entries", "unmanaged:\n  - ''\n  - 'a '\n  - \"a\\tb\"\n  - [a]\n  - {a: b}\n  -\n  - a\n  - a\n", []string{
			"2:5: unmanaged[0]: is empty; write a name, an id or a glob, or remove the entry",
			`3:5: unmanaged[1]: has white space around it: "a "; remove it`,
			`4:5: unmanaged[2]: holds a line break or control character: "a\tb"; write it in one line`,
			`5:5: unmanaged[3]: is a list, must be text; write one text, in quotes if it starts with [ or { or holds ": "`,
			`6:5: unmanaged[4]: is a mapping, must be text; write one text, in quotes if it starts with [ or { or holds ": "`,
			"7:4: unmanaged[5]: is null; write a value",
			`9:5: unmanaged[7]: "a" is listed twice, first in line 8; remove one of them`,
		}},
		{"globs", "unmanaged: ['a[', 'a[]', 'a[b', '[^]', '[a-]', '[-a]', 'a\\', '[\\']\n", []string{
			`1:13: unmanaged[0]: has a [ that starts no set of characters: "a["; write a set such as [abc] or [a-z], or \[ for the character itself`,
			`1:19: unmanaged[1]: has a [ that starts no set of characters: "a[]"; write a set such as [abc] or [a-z], or \[ for the character itself`,
			`1:26: unmanaged[2]: has a [ that starts no set of characters: "a[b"; write a set such as [abc] or [a-z], or \[ for the character itself`,
			`1:33: unmanaged[3]: has a [ that starts no set of characters: "[^]"; write a set such as [abc] or [a-z], or \[ for the character itself`,
			`1:40: unmanaged[4]: has a [ that starts no set of characters: "[a-]"; write a set such as [abc] or [a-z], or \[ for the character itself`,
			`1:48: unmanaged[5]: has a [ that starts no set of characters: "[-a]"; write a set such as [abc] or [a-z], or \[ for the character itself`,
			`1:56: unmanaged[6]: ends in a \ that nothing follows: "a\\"; write \\ for the character itself`,
			`1:62: unmanaged[7]: has a [ that starts no set of characters: "[\\"; write a set such as [abc] or [a-z], or \[ for the character itself`,
		}},
		{"choices", "prune: Managed\nonDrift: ''\n", []string{
			`1:8: prune: is "Managed", must be one of none, managed, all; write managed`,
			`2:10: onDrift: is "", must be one of overwrite, keep, fail; write one of these`,
		}},
		{"tags", "organization: !env ORG\nunmanaged: [!file x, !draft y]\nprune: !!str all\nmaxDeletes: !!int 5\nonDrift: !x [keep]\nrate: !var R\n", []string{
			"1:15: organization: has the tag !env" + spare + "write the value itself; put a text that starts with ! in quotes",
			"2:13: unmanaged[0]: has the tag !file" + spare + "write the value itself; put a text that starts with ! in quotes",
			"2:22: unmanaged[1]: has the tag !draft" + spare + "write the value itself; put a text that starts with ! in quotes",
			"4:13: maxDeletes: has the tag !!int" + spare + "write the value itself; put a text that starts with ! in quotes",
			"5:10: onDrift: has the tag !x" + spare + "write the value itself; put a text that starts with ! in quotes",
			"6:7: rate: has the tag !var" + spare + "write the value itself; put a text that starts with ! in quotes",
		}},
		{"a tag on everything", "!settings\nprune: all\n", []string{"1:1: the settings have the tag !settings; leave the tag out"}},
		{"a tag on a key", "!!str prune: all\n!x rate: 1/s\n", []string{"2:1: has the tag !x before a key; write the key without a tag"}},
		{"anchors and aliases", "&k organization: &o Acme\nunmanaged: &u [&n a, *n, *u]\n*k : b\n", []string{
			"1:1: has the anchor &k" + spare + "leave it out, or put a text that starts with & in quotes",
			"1:18: organization: has the anchor &o" + spare + "leave it out, or put a text that starts with & in quotes",
			"2:12: unmanaged: has the anchor &u" + spare + "leave it out, or put a text that starts with & in quotes",
			"2:16: unmanaged[0]: has the anchor &n" + spare + "leave it out, or put a text that starts with & in quotes",
			"2:22: unmanaged[1]: is the alias *n" + spare + "write the value out, or put a text that starts with * in quotes",
			"2:26: unmanaged[2]: is the alias *u" + spare + "write the value out, or put a text that starts with * in quotes",
			"3:1: is the alias *k" + spare + "write the value out, or put a text that starts with * in quotes",
		}},
		{"an anchor on everything", "&a\nprune: all\n", []string{"1:1: has the anchor &a" + spare + "leave it out, or put a text that starts with & in quotes"}},
		{"a merge key", "<<: {prune: all}\n", []string{"1:1: uses a merge key (<<), which is not supported; write the keys out"}},
		{"an alias of a value that contains it", "prune: &p [*p]\n", []string{
			"1:8: prune: has the anchor &p" + spare + "leave it out, or put a text that starts with & in quotes",
			`1:8: prune: is a list, must be text; write one text, in quotes if it starts with [ or { or holds ": "`,
		}},
		{"a glob without quotes", "unmanaged:\n  - *-test\n", []string{"2:3: is not valid YAML: unknown anchor '-test' referenced; put a text that starts with * in quotes"}},
		{"another glob without quotes", "unmanaged:\n  - *\n", []string{"2:3: is not valid YAML: did not find expected alphabetic or numeric character; put a text that starts with * or & in quotes"}},
		{"several documents", "prune: all\n# more\n---\nprune: some\n...\nrate: 1\n---\n\"\n", []string{
			"3:1: starts a second document; write all settings in one document, without --- between them",
			`4:8: prune: is "some", must be one of none, managed, all; write one of these`,
			`6:7: rate: is "1", must be N/DURATION` + oneOf,
			"8:1: is not valid YAML: found unexpected end of stream; close the quote that is opened here",
		}},
		{"not UTF-8", "prune: all\nrate: a\xff\n", []string{"2:8: holds the byte 0xFF, which is not UTF-8; save it as UTF-8"}},
		{"UTF-16", "\xff\xfep\x00", []string{"1:1: is UTF-16, must be UTF-8; save it as UTF-8"}},
		{"a control character", "prune: a\x00ll\n", []string{"1:9: holds the control character U+0000; remove it, or write it as an escape in double quotes"}},
		{"a tab", "unmanaged:\n\t- a\n", []string{"2:1: is indented with a tab, which YAML does not allow; use spaces"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := ParseSettings("s.yaml", []byte(c.src))
			if s != nil {
				t.Errorf("settings %v beside an error", outline(s))
			}
			var want []string
			for _, w := range c.want {
				want = append(want, "s.yaml:"+w)
			}
			if diff := cmp.Diff(want, lines(t, err)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSettingsBounds(t *testing.T) {
	for name, c := range map[string]struct{ src, want string }{
		"size":      {"#" + strings.Repeat("x", maxFileSize), "s.yaml: is larger than 4 MiB; shorten it: settings are a few lines"},
		"documents": {strings.Repeat("---\n", maxDocuments+1), "s.yaml: holds more than 10000 documents; write all settings in one document, without --- between them"},
	} {
		_, err := ParseSettings("s.yaml", []byte(c.src))
		if got := lines(t, err); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if _, err := ParseSettings("s.yaml", []byte("#"+strings.Repeat("x", maxFileSize-1))); err != nil {
		t.Errorf("a file of exactly the limit: %v", err)
	}
	_, err := ParseSettings("s.yaml", []byte(strings.Repeat("x: 1\n", 1002)))
	if got := lines(t, err); len(got) != 1001 || got[1000] != "s.yaml: 2 more problems are left out of this list; mend the ones above first" {
		t.Errorf("%d lines, the last %q", len(got), got[len(got)-1])
	}
}

// Each key of the table reaches Settings, and is documented.
func TestSettingsTable(t *testing.T) {
	values := map[string]string{"unmanaged": "[a]", "exclude": "[a]", "prune": "all", "maxDeletes": "1", "onDrift": "fail", "rate": "1/s"}
	for _, f := range SettingsFields {
		value := values[f.Name]
		if value == "" {
			value = "a"
		}
		s, err := ParseSettings("s.yaml", []byte(f.Name+": "+value+"\n"))
		if err != nil {
			t.Errorf("%s: %v", f.Name, err)
			continue
		}
		if got := outline(s); len(got) < 2 || !strings.HasPrefix(got[1], f.Name) {
			t.Errorf("%s does not reach the settings: %q", f.Name, got)
		}
		if !strings.HasSuffix(f.Doc, ".") {
			t.Errorf("%s has no sentence of documentation", f.Name)
		}
	}
}
