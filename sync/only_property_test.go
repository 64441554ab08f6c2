package sync_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"wassist-sync/sync"
	"wassist-sync/wassist/simulator"
)

// Applying a part and then the rest ends where one apply of all ends, whatever
// the part is that can be made alone.
func TestOnlyThenTheRest(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		s := drawScenario(t, simulator.Options{})
		if slices.Contains(rules(s.plan(t, s.set, s.options)), "handoff-target") {
			return // what stays hands over to what goes, so that one order works and the other does not
		}
		whole := s.acceptAll(t)
		var names []string
		for _, c := range whole.Changes {
			if !slices.Contains(names, c.Agent) {
				names = append(names, c.Agent)
			}
		}
		if len(names) < 2 {
			return
		}
		names = rapid.Permutation(names).Draw(t, "names")
		n := rapid.IntRange(1, len(names)-1).Draw(t, "first")
		first, rest := names[:n], names[n:]
		other := twin(t, s.world, folder)

		o := s.options
		o.Only = only(t, first...)
		p := s.accepted(t, s.set, o)
		checkPart(t, whole, p)
		if slices.Contains(rules(p), "only") {
			before := s.server.State()
			if _, err := (&sync.Applier{Reader: s.api, Writer: s.api}).Apply(t.Context(), p); err == nil {
				t.Fatalf("a refused plan was applied")
			}
			if d := cmp.Diff(string(before), string(s.server.State())); d != "" {
				t.Errorf("a refused plan wrote (-before +after):\n%s", d)
			}
			return
		}
		if err := s.apply(t, p).Err(); err != nil {
			t.Fatalf("applying %v: %v", first, err)
		}
		for _, c := range s.accepted(t, s.set, s.options).Changes {
			if slices.Contains(first, c.Agent) {
				t.Errorf("%s %s is left after applying it", c.Action, c.Agent)
			}
		}
		o.Only = only(t, rest...)
		p = s.accepted(t, s.set, o)
		if got := rules(p); len(got) > 0 {
			t.Fatalf("the rest is refused: %v", refusals(p))
		}
		if err := s.apply(t, p).Err(); err != nil {
			t.Fatalf("applying %v: %v", rest, err)
		}
		if left := s.plan(t, s.set, s.options); !left.Empty() {
			t.Errorf("left after both: %v", describe(left))
		}
		s.checkNothingLost(t, whole)

		if err := other.apply(t, other.accepted(t, s.set, s.options)).Err(); err != nil {
			t.Fatalf("applying all at once: %v", err)
		}
		if d := cmp.Diff(other.byName(), s.byName()); d != "" {
			t.Errorf("(-one apply +two applies):\n%s", d)
		}
	})
}

// twin is a second organization with the same agents and numbers.
func twin(t tester, w *world, folder string) *world {
	t.Helper()
	file := filepath.Join(folder, "state.json")
	if err := os.WriteFile(file, w.server.State(), 0o600); err != nil {
		t.Fatalf("%v", err)
	}
	return newWorld(t, simulator.Options{StateFile: file})
}

// byName is what an organization stores, without what differs between two of
// them: ids that the server makes, and times.
func (w *world) byName() map[string]any {
	names := map[string]string{}
	for _, a := range w.server.Agents() {
		names[a["id"].(string)] = a["name"].(string)
	}
	out := map[string]any{}
	for _, a := range w.server.Agents() {
		out[a["name"].(string)] = withoutIDs(a, names)
	}
	for _, n := range w.server.Numbers() {
		out[n["number"].(string)] = withoutIDs(n, names)
	}
	return out
}

func withoutIDs(v any, names map[string]string) any {
	switch v := v.(type) {
	case map[string]any:
		out := maps.Clone(v)
		for _, key := range []string{"id", "createdAt", "secret", "connectUrl"} {
			delete(out, key)
		}
		for key := range out {
			if key == "url" && v["templateName"] != nil {
				delete(out, key) // the server makes it
				continue
			}
			out[key] = withoutIDs(out[key], names)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = withoutIDs(v[i], names)
		}
		slices.SortFunc(out, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		return out
	case string:
		if name, ok := names[v]; ok {
			return "agent " + name
		}
	}
	return v
}
