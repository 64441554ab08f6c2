package sync

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/spec"
)

// A secret that also stands where nobody tagged it is printed nowhere.
func TestKnownSecretsAreConcealed(t *testing.T) {
	t.Parallel()
	const secret = "sesame-4711"
	set, err := spec.Load(fstest.MapFS{"a.yaml": {Data: []byte(`name: A
description: !env "Bearer ${TOKEN}"
firstMessage: open sesame-4711
llmModel: sesame-4711
icebreakers: [a]
websiteTools:
  - {url: "https://new.example/", prompt: p}
`)}}, ".")
	if err != nil {
		t.Fatal(err)
	}
	if err := set.ResolveEnv(func(string) (string, bool) { return secret, true }); err != nil {
		t.Fatal(err)
	}
	refs := newReferences()
	refs.secrets = concealable(set.Secrets)
	fields := diffAgent(set.Agents[0], "A", NewDocument(map[string]any{
		"description": "x", "firstMessage": "y", "llmModel": "(sensitive)", "icebreakers": []any{"b"},
		"websiteTools": []any{map[string]any{"url": "https://old.example/" + secret, "prompt": "has " + secret}},
	}), refs)
	type line struct {
		Path          string
		Before, After any
		Sensitive     bool
	}
	var got []line
	for _, f := range fields {
		got = append(got, line{f.Path, f.Before, f.After, f.Sensitive})
	}
	want := []line{
		{"description", nil, nil, true},
		{"firstMessage", "y", "open (sensitive)", false},
		{"icebreakers", []any{"b"}, []any{"a"}, false},
		{"llmModel", nil, nil, true},
		{"websiteTools[https://new.example/]", nil, map[string]any{"url": "https://new.example/", "prompt": "p"}, false},
		{"websiteTools[https://old.example/(sensitive)]", map[string]any{"url": "https://old.example/(sensitive)", "prompt": "has (sensitive)"}, nil, false},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("fields (-want +got):\n%s", d)
	}
}

func TestShortValuesAreNotSearchedFor(t *testing.T) {
	t.Parallel()
	if got := concealable([]string{"prod", "", "  short  ", " long enough ", "longest of all", "long enough"}); !cmp.Equal(got, []string{"longest of all", "long enough"}) {
		t.Errorf("got %q", got)
	}
}
