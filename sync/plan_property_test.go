package sync_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"wassist-sync/sync"
	"wassist-sync/wassist/simulator"
)

// shown writes everything that a plan shows, but for where definitions stand.
func shown(t tester, p *sync.Plan) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintln(&b, p.Digest, p.Summary(), p.Unmanaged, p.Held, p.Notes, p.Requests)
	for _, c := range p.Changes {
		fmt.Fprintln(&b, c.Action, c.Agent, c.ID, c.Number, c.ApplyToExisting, c.Reason, c.Digest)
		for _, f := range c.Fields {
			j, err := json.Marshal([]any{f.Before, f.After})
			if err != nil {
				t.Fatalf("%s holds what JSON cannot: %v", f.Path, err)
			}
			fmt.Fprintf(&b, "  %s %s %t %s\n", f.Path, j, f.Sensitive, f.Cause)
		}
	}
	for _, r := range p.Refused {
		fmt.Fprintln(&b, r.Rule, r.Agent, r.Reason, r.Liftable)
	}
	return b.String()
}

// shuffledYAML writes a definition with every map's keys, and every list whose
// entries are keyed, in a random order.
func shuffledYAML(t *rapid.T, v any, list string) string {
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		var parts []string
		for _, k := range rapid.Permutation(keys).Draw(t, "keys") {
			name, _ := json.Marshal(k)
			parts = append(parts, string(name)+": "+shuffledYAML(t, v[k], k))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		items := v
		if naturalKeys[list] != "" || list == "required" {
			items = rapid.Permutation(v).Draw(t, "entries")
		}
		var parts []string
		for _, item := range items {
			parts = append(parts, shuffledYAML(t, item, ""))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return strings.TrimSpace(string(mustJSON(v)))
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// No order that means nothing changes a plan: of files, of documents in them,
// of keys, of keyed entries, of remote agents and of their entries.
func TestPlanIsOrderless(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawScenario(t, simulator.Options{})
		want := shown(t, s.plan(t, s.set, s.options))
		if again := shown(t, s.plan(t, s.set, s.options)); again != want {
			t.Fatalf("planned twice (-first +second):\n%s", cmp.Diff(want, again))
		}
		files := fstest.MapFS{}
		for i, d := range rapid.Permutation(s.definitions).Draw(t, "definitions") {
			name := fmt.Sprintf("agents/%s%d.yaml", rapid.SampledFrom([]string{"x", "deep/y"}).Draw(t, "file"), i)
			files[name] = &fstest.MapFile{Data: []byte(shuffledYAML(t, d, ""))}
		}
		shuffled := &shuffledReader{Reader: s.api, t: t}
		p, err := (&sync.Planner{Reader: shuffled, Options: s.options}).Plan(t.Context(), loadFiles(t, nil, files))
		if err != nil {
			t.Fatalf("planning: %v", err)
		}
		if got := shown(t, p); got != want {
			t.Errorf("the order changed the plan (-want +got):\n%s", cmp.Diff(want, got))
		}
	})
}

// A secret's value stands nowhere in a plan, and makes no other plan: whoever
// knows the digest cannot test guesses.
func TestPlanHoldsNoSecret(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawScenario(t, simulator.Options{})
		p := s.plan(t, s.set, s.options)
		for what, text := range map[string]string{
			"what it shows":   shown(t, p),
			"%v":              fmt.Sprintf("%v %v", *p, p.Changes),
			"%+v":             fmt.Sprintf("%+v %+v", *p, p.Changes),
			"%#v":             fmt.Sprintf("%#v %#v", *p, p.Changes),
			"JSON of changes": string(mustJSON(p.Changes)),
		} {
			if i := strings.Index(text, "cAnArY"); i >= 0 {
				t.Errorf("a secret stands in %s: …%s…", what, text[max(i-60, 0):min(i+60, len(text))])
			}
		}
		var documents []string
		for _, d := range s.documents {
			documents = append(documents, strings.ReplaceAll(d, canaryGit, "another-secret"))
		}
		other := s.plan(t, load(t, nil, documents...), s.options)
		if d := cmp.Diff(shown(t, p), shown(t, other)); d != "" {
			t.Errorf("another secret makes another plan (-one +other):\n%s", d)
		}
	})
}

// shuffledReader gives agents and the entries of their keyed lists in another order.
type shuffledReader struct {
	sync.Reader
	t *rapid.T
}

func (r *shuffledReader) Agents(ctx context.Context) (sync.Listing, error) {
	l, err := r.Reader.Agents(ctx)
	l.Agents = rapid.Permutation(l.Agents).Draw(r.t, "agents")
	for i := range l.Agents {
		l.Agents[i].Stored = shuffledDocument{l.Agents[i].Stored, r.t}
	}
	return l, err
}

type shuffledDocument struct {
	sync.Document
	t *rapid.T
}

func (d shuffledDocument) Field(name string) any {
	v := d.Document.Field(name)
	if list, ok := v.([]any); ok && naturalKeys[name] != "" {
		return rapid.Permutation(list).Draw(d.t, name)
	}
	return v
}
