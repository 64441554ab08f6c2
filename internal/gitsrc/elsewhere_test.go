package gitsrc

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestElsewhere(t *testing.T) {
	dir := t.TempDir()
	pinned := strings.TrimSpace(strings.TrimPrefix(id1, "id: "))
	hashes := build(t, dir, linear(files{
		"agents/a.yaml":              agent("Order desk"),
		"bots/b.yaml":                agent("Other") + "---\n" + agent("Order desk"),
		"bots/escaped.yaml":          "name: \"\\u004frder desk\"\n",
		"bots/folded.yaml":           "name: Order\n  desk\n",
		"bots/wassist-sync.yaml":     "organization: Theirs\n",
		"top.yml":                    agent("Order desk"),
		"pins/p.yaml":                agent("P", strings.ToUpper(id1[:5])[:0]+"id: "+strings.ToUpper(pinned)+"\n"),
		"bots/_draft.yaml":           agent("Order desk"),
		"bots/.hidden/x.yaml":        agent("Order desk"),
		"bots/note.txt":              agent("Order desk"),
		"k8s/deploy.yaml":            "kind: Deployment\nname: Order desk\n",
		".github/workflows/x.yaml":   "name: Order desk\non: push\n",
		"broken/x.yaml":              "Order desk: [",
		"mentions/x.yaml":            agent("Z", "description: Ask the Order desk\n"),
		"bots/sub/wassist-sync.yaml": "organization: Ours\n",
		"bots/sub/c.yaml":            agent("Order desk"),
	}))
	r := opened(t, dir)
	for _, test := range []struct {
		wanted Wanted
		want   []string
	}{
		{Wanted{Name: "Order desk"}, []string{
			"bots/.hidden/x.yaml:1 bots/wassist-sync.yaml organization: Theirs",
			"bots/b.yaml:3 bots/wassist-sync.yaml organization: Theirs", "bots/escaped.yaml:1 bots/wassist-sync.yaml organization: Theirs", "bots/folded.yaml:1 bots/wassist-sync.yaml organization: Theirs",
			"bots/sub/c.yaml:1 bots/sub/wassist-sync.yaml organization: Ours",
			"k8s/deploy.yaml:1  ", // no definition, but nobody can tell
			"top.yml:1  ",
		}},
		{Wanted{ID: pinned}, []string{"pins/p.yaml:1  "}},
		{Wanted{Name: "Nobody"}, nil},
		{Wanted{Name: "Order desks"}, nil},
	} {
		found, err := r.Elsewhere(context.Background(), hashes[0], "agents", []Wanted{test.wanted})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range found {
			got = append(got, fmt.Sprintf("%s:%d %s %s", s.File, s.Line, s.Settings, strings.TrimSpace(string(s.SettingsText))))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%+v:\n%s", test.wanted, diff)
		}
	}
	if found, err := r.Elsewhere(context.Background(), hashes[0], ".", []Wanted{{Name: "Order desk"}}); err != nil || found != nil {
		t.Errorf("nothing lies outside the top: %v %v", found, err)
	}
	// Files that cannot hold what is wanted are not parsed.
	fresh := opened(t, dir)
	if _, err := fresh.Elsewhere(context.Background(), hashes[0], "agents", []Wanted{{Name: "Zzz"}}); err != nil {
		t.Fatal(err)
	}
	if n := fresh.memory.files; n != 1 { // the one with an escape
		t.Errorf("%d files were parsed, want 1", n)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := r.Elsewhere(ctx, hashes[0], "agents", []Wanted{{Name: "A"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
