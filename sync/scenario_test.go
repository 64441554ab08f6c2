package sync_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"wassist-sync/spec"
	"wassist-sync/sync"
	"wassist-sync/wassist/simulator"
)

// scenario is a random organization with random definitions for it.
type scenario struct {
	*world
	options     sync.Options
	definitions []map[string]any // in the order of drawing
	documents   []string
	set         *spec.Set
	before      map[string]map[string]any // stored agents by id
}

// conditions are the ways in which APIs may differ.
var conditions = map[string]simulator.Options{
	"current":           {},
	"documented":        {Profile: simulator.ProfileDocumented},
	"PUT resets":        {Profile: simulator.ProfileDocumented, PutResets: true},
	"lists need PUT":    {DropListsOnPatch: true, PutResets: true},
	"defaults filled":   {FillDefaults: true},
	"defaults left out": {OmitDefaults: true},
	"texts trimmed":     {TrimText: true},
	"everything":        {Profile: simulator.ProfileDocumented, PutResets: true, FillDefaults: true, OmitDefaults: true, TrimText: true, PageMax: 2},
}

func drawScenario(t *rapid.T, o simulator.Options) *scenario {
	s := &scenario{world: newWorld(t, o), options: sync.Options{Host: "api.example"}, before: map[string]map[string]any{}}
	keeper := s.server.AddAgent(map[string]any{"name": "Keeper"}) // no definition names it
	names := []string{"A", "B", "C", "D"}
	stored := map[string]string{}
	g := &generator{t: t, stored: true, canary: canaryStored, ids: []string{keeper}}
	for _, name := range slices.Concat(names, []string{"Unmanaged"}) {
		if !g.bool(name + " exists") {
			continue
		}
		fields := g.agent()
		g.undeclarable(fields)
		fields["name"] = name
		stored[name] = s.server.AddAgent(fields)
		g.ids = append(g.ids, stored[name])
	}
	g = &generator{t: t, canary: canaryGit, connectors: o.Profile != simulator.ProfileDocumented}
	defined := rapid.Permutation(names).Draw(t, "defined")[:rapid.IntRange(1, 4).Draw(t, "definitions")]
	numbers := rapid.Permutation([]string{number1, number2}).Draw(t, "numbers")
	for _, name := range defined {
		g.names, g.ids = nil, []string{keeper}
		for _, other := range defined {
			if other != name {
				g.names = append(g.names, other)
			}
		}
		d := g.agent()
		d["name"] = name
		if len(numbers) > 0 && g.bool("deploys") {
			d["deploy"] = []any{map[string]any{"number": numbers[0], "applyToExisting": g.bool("existing")}}
			numbers = numbers[1:]
		}
		if id := stored[name]; id != "" && g.bool("pinned") {
			d["id"] = id
		}
		s.definitions = append(s.definitions, d)
		s.documents = append(s.documents, asYAML(t, d))
	}
	s.set = load(t, nil, s.documents...)
	if g.bool("prune") {
		s.options.Prune, s.options.ConfirmOrganization = sync.PruneAll, simulator.DefaultOrganization
	}
	for _, a := range s.server.Agents() {
		s.before[a["id"].(string)] = a
	}
	return s
}

// natural keys by list, in the test's own words.
var naturalKeys = map[string]string{
	"tools": "name", "websiteTools": "url", "handoffTools": "childAgentId", "mcpConfigs": "connectorId", "imageGenerateTools": "name",
	"wakeUpConfigs": "description", "memoryKeys": "key", "outboundTriggers": "templateName",
}

// computed fields are Wassist's own.
var computed = []string{"phoneNumbers", "parentAgentId", "childAgentName", "connectorName", "connectUrl"}

// userMaps are whole when they are declared; so is an input.
var userMaps = []string{"request_headers", "path_params", "properties", "input"}

// lost lists what an apply took away that the definition does not declare:
// this is the test's own idea of it, independent of the schema.
func lost(path string, declared, before, after map[string]any) (out []string) {
	for key, was := range before {
		place := path + "." + key
		now := after[key]
		want, isDeclared := declared[key]
		switch {
		case slices.Contains(computed, key):
		case !isDeclared:
			if !reflect.DeepEqual(was, now) {
				out = append(out, fmt.Sprintf("%s: %v became %v", place, was, now))
			}
		case want == nil || slices.Contains(userMaps, key):
		default:
			switch want := want.(type) {
			case map[string]any:
				wasObject, _ := was.(map[string]any)
				nowObject, _ := now.(map[string]any)
				out = append(out, lost(place, want, wasObject, nowObject)...)
			case []any:
				if naturalKeys[key] != "" {
					out = append(out, lostEntries(place, naturalKeys[key], want, was, now)...)
				}
			}
		}
	}
	return out
}

func lostEntries(path, key string, declared []any, before, after any) (out []string) {
	byKey := func(list any) map[string]map[string]any {
		m := map[string]map[string]any{}
		entries, _ := list.([]any)
		for _, e := range entries {
			entry := e.(map[string]any)
			m[fmt.Sprint(entry[key])] = entry
		}
		return m
	}
	want, was, now := byKey(declared), byKey(before), byKey(after)
	entries, _ := after.([]any)
	if len(now) != len(entries) || len(now) != len(declared) {
		out = append(out, fmt.Sprintf("%s: %d entries with %d keys, declared are %d", path, len(entries), len(now), len(declared)))
	}
	for k, entry := range was {
		d, isDeclared := want[k]
		if !isDeclared {
			continue // by name, or to be deleted
		}
		if now[k]["id"] != entry["id"] {
			out = append(out, fmt.Sprintf("%s[%s]: id %v became %v", path, k, entry["id"], now[k]["id"]))
		}
		out = append(out, lost(path+"["+k+"]", d, entry, now[k])...)
	}
	return out
}

// checkNothingLost compares every agent with what it was before.
func (s *scenario) checkNothingLost(t tester, p *sync.Plan) {
	t.Helper()
	byName := map[string]map[string]any{}
	for _, d := range s.definitions {
		resolved := map[string]any{}
		for k, v := range d {
			resolved[k] = v
		}
		for list, alias := range map[string]string{"handoffTools": "agent", "mcpConfigs": "connector"} {
			entries, ok := d[list].([]any)
			if !ok {
				continue
			}
			var out []any
			for _, e := range entries {
				entry := map[string]any{}
				for k, v := range e.(map[string]any) {
					entry[k] = v
				}
				if name, ok := entry[alias].(string); ok {
					entry[naturalKeys[list]] = s.idCalled(name)
				}
				out = append(out, entry)
			}
			resolved[list] = out
		}
		byName[d["name"].(string)] = resolved
	}
	deleted := map[string]bool{}
	for _, c := range p.Changes {
		if c.Action == sync.Delete {
			deleted[c.ID] = true
		}
	}
	for id, before := range s.before {
		after := s.server.Agent(id)
		if (after == nil) != deleted[id] {
			t.Fatalf("%s: deleted in the plan %t, gone %t", before["name"], deleted[id], after == nil)
		}
		if after == nil {
			continue
		}
		for _, what := range lost(before["name"].(string), byName[before["name"].(string)], before, after) {
			t.Errorf("lost: %s", what)
		}
	}
}

func (s *scenario) idCalled(name string) string {
	if name == "Stripe" {
		return seedConnector
	}
	for _, a := range s.server.Agents() {
		if a["name"] == name {
			return a["id"].(string)
		}
	}
	return ""
}

// acceptAll plans, and lifts what may be lifted.
func (s *scenario) acceptAll(t tester) *sync.Plan {
	t.Helper()
	p := s.accepted(t, s.set, s.options)
	if len(p.Refused) > 0 {
		t.Fatalf("refused: %s", strings.Join(refusals(p), "; "))
	}
	return p
}
