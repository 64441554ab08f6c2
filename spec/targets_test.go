package spec

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const wholeTargets = `targets:
  - name: shop
    repo: https://git.example/shop.git
    ref: main
    path: agents
    keyEnv: SHOP_KEY
    gitTokenEnv: SHOP_GIT_TOKEN
    schedule: "*/15 * * * *"
    timezone: Europe/London
    jitter: 30s
    mode: plan
    prune: none
    maxDeletes: 20%
    onDrift: keep
    rate: 50/1m
    apiUrl: https://api.example/api/v1/
  - name: bakery
    repo: git@git.example:bakery.git
    keyFile: /run/secrets/bakery
    schedule: "@every 1h"
`

func TestParseTargets(t *testing.T) {
	targets, err := ParseTargets("t.yaml", []byte(wholeTargets))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, target := range targets {
		got = append(got, target.Name.Text+" "+target.Pos.String())
		keys := slices.Sorted(func(yield func(string) bool) {
			for key := range target.Values {
				if !yield(key) {
					return
				}
			}
		})
		for _, key := range keys {
			got = append(got, key+"="+target.Text(key))
		}
	}
	want := []string{"shop t.yaml:2:5", "apiUrl=https://api.example/api/v1/", "gitTokenEnv=SHOP_GIT_TOKEN", "jitter=30s", "keyEnv=SHOP_KEY", "maxDeletes=20%", "mode=plan", "onDrift=keep", "path=agents",
		"prune=none", "rate=50/1m", "ref=main", "repo=https://git.example/shop.git", "schedule=*/15 * * * *", "timezone=Europe/London",
		"bakery t.yaml:17:5", "keyFile=/run/secrets/bakery", "repo=git@git.example:bakery.git", "schedule=@every 1h"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got := targets[1].Text("mode"); got != "" {
		t.Errorf("an absent key says %q", got)
	}
}

func TestTargetsProblems(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"nothing", "", "t.yaml: lists no target; write targets: and below it one entry a target, each with - name:"},
		{"no target", "targets: []\n", "t.yaml:1:10: targets: lists no target; list one at least, each with - name:"},
		{"a list alone", "- name: a\n", "t.yaml:1:1: the file is a list, must be a mapping; write targets: and below it one entry a target"},
		{"no name", "targets: [{repo: x}]\n", "t.yaml:1:11: targets[0].name: is missing; add name"},
		{"an unknown key", "targets:\n- name: a\n  shedule: x\n", "t.yaml:3:3: targets[a].shedule: is not a known key; did you mean schedule?"},
		{"an unknown mode", "targets: [{name: a, mode: aply}]\n", "t.yaml:1:27: targets[a].mode: is \"aply\", must be one of apply, plan; write apply"},
		{"two of one name", "targets:\n- name: a\n- name: a\n", "t.yaml:3:9: targets[a]: two targets are called \"a\", the first in line 2; give each its own name"},
		{"a bad rate", "targets: [{name: a, rate: fast}]\n", "t.yaml:1:27: targets[a].rate: is \"fast\", must be N/DURATION; write the number of requests and the time they are counted over, such as 100/1m"},
		{"a bad bound", "targets: [{name: a, maxDeletes: 200%}]\n", "t.yaml:1:33: targets[a].maxDeletes: is \"200%\", must be a number of agents, or a share from 0% to 100%; write a number such as 5, or a share such as 20%"},
		{"a key where its variable belongs", "targets: [{name: a, keyEnv: sk-canary-1}]\n", "t.yaml:1:29: targets[a].keyEnv: is not the name of a variable; write the variable's name, and never what it holds"},
		{"two keys", "targets:\n- name: a\n  keyEnv: A\n  keyFile: f\n", "t.yaml:4:12: targets[a].keyFile: stands beside keyEnv, which says the same; keep one of them"},
		{"two tokens", "targets:\n- name: a\n  gitTokenEnv: A\n  gitTokenFile: f\n", "t.yaml:4:17: targets[a].gitTokenFile: stands beside gitTokenEnv, which says the same; keep one of them"},
		{"empty", "targets: [{name: a, ref: ''}]\n", "t.yaml:1:26: targets[a].ref: is empty; write a value, or leave ref out"},
		{"a second document", "targets: [{name: a}]\n---\ntargets: [{name: b}]\n", "t.yaml:2:1: starts a second document; write all targets in one list, without --- between them"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseTargets("t.yaml", []byte(c.src))
			var problems Problems
			if !errors.As(err, &problems) {
				t.Fatalf("error %v", err)
			}
			if d := cmp.Diff(c.want, err.Error()); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if strings.Contains(err.Error(), "canary") {
				t.Error("a key that stands in the wrong place is repeated")
			}
		})
	}
	for _, src := range []string{"targets: [{name: !env A}]\n", "targets: [{name: &a b}, *a]\n", "targets:\n\t- name: a\n", "targets: [{name: a, repo: null}]\n"} {
		if _, err := ParseTargets("t.yaml", []byte(src)); err == nil || !strings.Contains(err.Error(), "t.yaml:") {
			t.Errorf("%q: error %v", src, err)
		}
	}
}

func FuzzTargets(f *testing.F) {
	for _, src := range []string{wholeTargets, "", "targets:", "targets: [a]", "targets: [{name: a}, {name: a}]", "targets: [{name: }]", "targets: [{name: [a]}]", "\xff", "<<: {a: b}"} {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		targets, err := ParseTargets("t.yaml", src)
		if (len(targets) == 0) == (err == nil) {
			t.Fatalf("%d targets with error %v", len(targets), err)
		}
		for _, target := range targets {
			if target.Name == nil || target.Name.Text == "" {
				t.Fatal("a target without a name")
			}
		}
	})
}
