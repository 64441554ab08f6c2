package sync_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"wassist-sync/spec"
	"wassist-sync/sync"
	"wassist-sync/wassist/simulator"
)

// twoSides are the documents of two commits, each beginning with a label.
type twoSides struct{ base, head []string }

// drawSides makes some definitions, and what a change makes of them: kept,
// rewritten, renamed, removed, and new ones.
func drawSides(t *rapid.T, keeper string) twoSides {
	var s twoSides
	g := &generator{t: t, canary: canaryGit}
	byName := g.bool("connectors by name")
	side := func(what string, names map[string]string, kept map[string]map[string]any) map[string]map[string]any {
		out := map[string]map[string]any{}
		numbers := rapid.Permutation([]string{number1, number2}).Draw(t, what+" numbers")
		for _, label := range slices.Sorted(maps.Keys(names)) {
			g.names, g.ids = nil, []string{keeper}
			for _, other := range slices.Sorted(maps.Keys(names)) {
				if other != label {
					g.names = append(g.names, names[other])
				}
			}
			d := kept[label]
			if d == nil || g.bool(what+" rewritten") {
				d = g.agent()
				if configs, _ := d["mcpConfigs"].([]any); byName {
					for _, c := range configs {
						delete(c.(map[string]any), "connectorId")
						c.(map[string]any)["connector"] = "Stripe"
					}
				}
				if len(numbers) > 0 && g.bool(what+" deploys") {
					d["deploy"] = []any{map[string]any{"number": numbers[0]}}
					numbers = numbers[1:]
				}
			} else {
				d = maps.Clone(d)
				delete(d, "deploy")
				delete(d, "handoffTools") // it may name what has gone
			}
			d["name"] = names[label]
			out[label] = d
		}
		return out
	}
	names := map[string]string{}
	for _, label := range g.some("base", "A", "B", "C", "D") {
		names[label] = label
	}
	base := side("base", names, nil)
	names = map[string]string{}
	for _, label := range g.some("head", "A", "B", "C", "D", "E") {
		names[label] = label
		if g.pick("renamed", "no", "no", "yes") == "yes" {
			names[label] = label + " new"
		}
	}
	head := side("head", names, base)
	for _, label := range slices.Sorted(maps.Keys(base)) {
		s.base = append(s.base, "# "+label+"\n"+asYAML(t, base[label]))
	}
	for _, label := range slices.Sorted(maps.Keys(head)) {
		s.head = append(s.head, "# "+label+"\n"+asYAML(t, head[label]))
	}
	return s
}

// offline plans from one side to the other, paired by their labels as their
// place and likeness would.
func (s twoSides) offline(t tester, o sync.Options) *sync.Plan {
	t.Helper()
	base, head := load(t, nil, s.base...), load(t, nil, s.head...)
	b := sync.Base{Agents: base.Agents, Commit: hash(1), Of: map[*spec.Agent]*spec.Agent{}}
	label := func(def *spec.Agent) string { return strings.TrimSuffix(def.Name, " new") }
	for _, def := range head.Agents {
		for _, old := range base.Agents {
			if label(old) == label(def) {
				b.Of[def] = old
			}
		}
	}
	p, err := sync.Offline(t.Context(), head, b, o)
	if err != nil {
		t.Fatalf("planning offline: %v", err)
	}
	return p
}

// An offline plan says what a plan says on a Wassist that the base was applied
// to and that nobody touched. Known to differ, and left out here: what the base
// does not declare, which is unread offline, and what Wassist adds to values
// that go as a whole.
func TestOfflineIsThePlan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, simulator.Options{})
		keeper := w.server.AddAgent(map[string]any{"name": "Keeper"})
		s := drawSides(t, keeper)
		// What no definition names by name has none offline.
		named := strings.NewReplacer(keeper, "Keeper", seedConnector, "Stripe")
		if len(s.base) > 0 {
			before := repo{commits: []commit{{10, s.base}}}.open(t)
			w.settle(t, before.set, before.options())
		}
		after := repo{commits: []commit{{10, s.base}, {1 << 30, s.head}}}.open(t)
		online := w.plan(t, after.set, after.options())
		offline := s.offline(t, sync.Options{Source: sync.Source{Path: "agents"}})

		if d := cmp.Diff(ruleSet(online), ruleSet(offline)); d != "" {
			t.Errorf("refused (-online +offline):\n%s", d)
		}
		unknown := map[string]bool{}
		for _, c := range offline.Changes {
			for _, f := range c.Fields {
				if f.Unread {
					unknown[c.Agent+" "+named.Replace(f.Path)] = true
				}
			}
			if c.Digest != "" || (c.ID != "" && !strings.Contains(strings.Join(s.base, ""), c.ID)) {
				t.Errorf("%s %s has the id %q and the digest %q", c.Action, c.Agent, c.ID, c.Digest)
			}
		}
		want, got := fieldsOf(online, unknown, named), fieldsOf(offline, unknown, named)
		if d := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))); d != "" {
			t.Fatalf("changes (-online +offline):\n%s\n%q\n%q", d, s.base, s.head)
		}
		for key, f := range want {
			if !within(got[key].Before, f.Before) || !reflect.DeepEqual(got[key].After, f.After) {
				t.Errorf("%s: online %v → %v, offline %v → %v", key, f.Before, f.After, got[key].Before, got[key].After)
			}
		}
		if text := fmt.Sprintf("%+v", offline.Changes); strings.Contains(text, canaryGit) {
			t.Errorf("it shows a secret")
		}
	})
}

// Where nothing changed, nothing is planned.
func TestOfflineOfTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawSides(t, fakeID(1))
		s.base = s.head
		if p := s.offline(t, sync.Options{}); !p.Empty() || len(p.Refused)+len(p.Held)+len(p.Unmanaged) > 0 || p.Unchanged != len(s.head) {
			t.Errorf("%v, refused %v, held %v, %d unchanged", describe(p), p.Refused, p.Held, p.Unchanged)
		}
	})
}

func ruleSet(p *sync.Plan) []string {
	var out []string
	for _, r := range p.Refused {
		out = append(out, r.Rule+" "+r.Agent)
	}
	slices.Sort(out)
	return out
}

// fieldsOf lists what a plan changes, by action, agent, number and path.
func fieldsOf(p *sync.Plan, unknown map[string]bool, named *strings.Replacer) map[string]sync.Field {
	out := map[string]sync.Field{}
	for _, c := range p.Changes {
		key := fmt.Sprintf("%s %s %s", c.Action, c.Agent, c.Number)
		if c.Action == sync.Deploy || c.Action == sync.Delete {
			out[key] = sync.Field{}
			continue
		}
		for _, f := range c.Fields {
			if !unknown[c.Agent+" "+named.Replace(f.Path)] {
				out[fmt.Sprintf("%s %s %t", key, named.Replace(f.Path), f.Sensitive)] = f
			}
		}
	}
	return out
}

// within tells whether all that a value holds, the other one holds as well; who
// an entry leads to may be said by name in one and by id in the other.
func within(part, whole any) bool {
	switch part := part.(type) {
	case map[string]any:
		all, ok := whole.(map[string]any)
		for key, v := range part {
			if key == "agent" || key == "connector" {
				continue
			}
			ok = ok && within(v, all[key])
		}
		return ok
	case []any:
		all, ok := whole.([]any)
		ok = ok && len(all) == len(part)
		for i := range part {
			ok = ok && within(part[i], all[i])
		}
		return ok
	}
	return reflect.DeepEqual(part, whole)
}
