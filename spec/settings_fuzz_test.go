package spec

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gopkg.in/yaml.v3"
)

// written is a settings file that says the same in another form.
func written(t *testing.T, s *Settings) []byte {
	node := func(v *Value) *yaml.Node {
		if v.Kind == Number {
			return &yaml.Node{Kind: yaml.ScalarNode, Value: v.Text, Tag: "!!int"}
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Value: v.Text, Style: yaml.DoubleQuotedStyle}
	}
	root := &yaml.Node{Kind: yaml.MappingNode}
	add := func(key string, n *yaml.Node) {
		root.Content = append(root.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, n)
	}
	for key, v := range map[string]*Value{"organization": s.Organization, "prune": s.Prune, "maxDeletes": s.MaxDeletes, "onDrift": s.OnDrift, "rate": s.Rate} {
		if v != nil {
			add(key, node(v))
		}
	}
	if s.Unmanaged != nil {
		list := &yaml.Node{Kind: yaml.SequenceNode}
		for _, v := range s.Unmanaged {
			list.Content = append(list.Content, node(v))
		}
		add("unmanaged", list)
	}
	text, err := yaml.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func FuzzSettings(f *testing.F) {
	for _, src := range []string{
		wholeSettings, "", "---\n", "\ufeffprune: all\r\n", "{}", "null", "- a", "<<: {a: b}\n", "&a {*a : b}\n", "unmanaged: ['[a-z]*', \"a\\\\\"]\n", "unmanaged: [*a]\n",
		"rate: !env R\n", "maxDeletes: 100%\n", "maxDeletes: '7'\n", "prune: all\n---\nrate: 1/s\n", "organization: \"\\ud800\"\n", "unmanaged:\n\t- a\n", "\xff\xfe",
	} {
		f.Add([]byte(src), "name")
	}
	f.Fuzz(func(t *testing.T, src []byte, name string) {
		s, err := ParseSettings("s.yaml", src)
		if (s == nil) == (err == nil) {
			t.Fatalf("settings %v with error %v: exactly one of them must be nil", s, err)
		}
		if err != nil {
			var problems Problems
			if !errors.As(err, &problems) || len(problems) == 0 || len(problems) > maxProblems+1 {
				t.Fatalf("error %T with %d problems", err, len(problems))
			}
			for _, p := range problems {
				if p.Pos.File != "s.yaml" || p.Message == "" || p.Remedy == "" || strings.Contains(p.Error(), "\n") || (p.Pos.Line == 0) != (p.Pos.Column == 0) {
					t.Fatalf("problem %#v", p)
				}
			}
			return
		}
		for _, entry := range s.Unmanaged {
			if !s.IsUnmanaged(entry.Text, "") || !s.IsUnmanaged("", strings.ToUpper(entry.Text)) && strings.EqualFold(entry.Text, strings.ToUpper(entry.Text)) {
				t.Fatalf("%s does not stand for itself", entry)
			}
		}
		s.IsUnmanaged(name, name)
		again, err := ParseSettings("s.yaml", written(t, s))
		if err != nil {
			t.Fatalf("written in another form: %v\n%s", err, written(t, s))
		}
		if diff := cmp.Diff(s, again, cmpopts.IgnoreTypes(Position{}), cmpopts.IgnoreUnexported(Value{}, Member{})); diff != "" {
			t.Fatalf("written in another form it says something else (-first +second):\n%s", diff)
		}
	})
}
