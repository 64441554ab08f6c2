package sync_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/spec"
	"wassist-sync/sync"
)

// tagged reads definitions as an offline plan gets them: !env unresolved.
func tagged(t tester, texts []string) *spec.Set {
	t.Helper()
	files := fstest.MapFS{"agents/.keep": {}, "agents/a.yaml": {Data: []byte(strings.Join(texts, "\n---\n"))}}
	if len(texts) == 0 {
		delete(files, "agents/a.yaml")
	}
	set, err := spec.Load(files, "agents")
	if err != nil {
		t.Fatalf("the test's definitions are wrong: %v", err)
	}
	return set
}

// planOffline pairs definitions by id, name and label, and plans.
func planOffline(t tester, base, head []string, o sync.Options) *sync.Plan {
	t.Helper()
	from, to := tagged(t, base), tagged(t, head)
	b := sync.Base{Agents: from.Agents, Commit: hash(1), Of: map[*spec.Agent]*spec.Agent{}}
	label := func(set *spec.Set, texts []string, def *spec.Agent) string {
		inOrder := slices.SortedFunc(slices.Values(set.Agents), func(a, b *spec.Agent) int { return a.Pos.Line - b.Pos.Line })
		first, _, _ := strings.Cut(texts[slices.Index(inOrder, def)], "\n")
		return first
	}
	taken := map[*spec.Agent]bool{}
	for _, same := range []func(old, def *spec.Agent) bool{
		func(old, def *spec.Agent) bool { return old.ID != "" && old.ID == def.ID },
		func(old, def *spec.Agent) bool { return old.Name == def.Name },
		func(old, def *spec.Agent) bool {
			l := label(from, base, old)
			return strings.HasPrefix(l, "# ") && l == label(to, head, def)
		},
	} {
		for _, def := range to.Agents {
			for _, old := range from.Agents {
				if b.Of[def] == nil && !taken[old] && same(old, def) {
					b.Of[def], taken[old] = old, true
				}
			}
		}
	}
	p, err := sync.Offline(t.Context(), to, b, o)
	if err != nil {
		t.Fatalf("planning: %v", err)
	}
	return p
}

func TestOffline(t *testing.T) {
	t.Parallel()
	const other = "b0000000-0000-4000-8000-000000000001"
	header := func(value string) string {
		return "name: Desk\ntools: [{name: t, description: d, apiSchema: {method: GET, url: https://a.example/, request_headers: {H: {input: {type: value, value: " + value + "}}}}}]"
	}
	body := func(value string) string {
		return "name: Desk\ntools: [{name: t, description: d, apiSchema: {method: POST, url: https://a.example/, request_body: " + value + "}}]"
	}
	for _, tt := range []struct {
		name       string
		base, head []string
		options    sync.Options
		changes    []string // action, agent, number, reason
		fields     []string // path, mark of what is not read, secret, or both values
		held       []string
		refused    []string
	}{
		{name: "nothing", base: docs("name: Desk"), head: docs("name: Desk")},
		{name: "everything is new", head: docs("name: Desk\ndescription: d"),
			changes: []string{"create Desk: not defined at 1000000"}, fields: []string{"name: <nil> → Desk", "description: <nil> → d"}},
		{name: "an edit", base: docs("name: Desk\ndescription: one"), head: docs("name: Desk\ndescription: two"),
			changes: []string{"update Desk: matched by name"}, fields: []string{"description: one → two (git 1000000)"}},
		{name: "a rename", base: docs("# x\nname: Desk"), head: docs("# x\nname: Front desk"),
			changes: []string{"update Front desk: taken for a rename of Desk, with this change"}, fields: []string{"name: Desk → Front desk (git 1000000)"}},
		{name: "a rename by previousNames", base: docs("name: Desk"), head: docs("name: Front desk\npreviousNames: [Desk]"),
			changes: []string{"update Front desk: taken for a rename of Desk (previousNames)"}, fields: []string{"name: Desk → Front desk"}},
		{name: "no rename", base: docs("# x\nname: Desk"), head: docs("# x\nname: Front desk\npreviousNames: []"),
			changes: []string{"create Front desk: not defined at 1000000"}, fields: []string{"name: <nil> → Front desk"},
			held: []string{`delete Desk: the definition that led to it stands (agents/a.yaml:2:1, "Front desk") and leads elsewhere now. Only the leaving of a definition deletes: delete the agent on Wassist, or list it under unmanaged:`}},
		{name: "swapped names", base: docs("# x\nname: A\ndescription: a", "# y\nname: B\ndescription: b"), head: docs("# x\nname: B\ndescription: a", "# y\nname: A\ndescription: b"),
			changes: []string{"update A: matched by name", "update B: matched by name"}, fields: []string{"description: a → b (git 1000000)", "description: b → a (git 1000000)"}},
		{name: "a deletion", base: docs("name: Desk", "name: Old\ndescription: d"), head: docs("name: Desk"),
			changes: []string{`delete Old: its definition agents/a.yaml:3 ("Old") left with this change`}},
		{name: "a deletion, with --prune none", base: docs("name: Desk", "name: Old"), head: docs("name: Desk"), options: sync.Options{Prune: sync.PruneNone},
			held: []string{`delete Old: its definition agents/a.yaml:3 ("Old") left with this change, and --prune is none`}},
		{name: "a deletion, and prune: all in the settings", base: docs("name: Desk", "name: Old"), head: docs("name: Desk"), options: sync.Options{Prune: sync.PruneAll},
			changes: []string{`delete Old: its definition agents/a.yaml:3 ("Old") left with this change`}},
		{name: "a deletion of what is not managed", base: docs("name: Desk", "name: Old"), head: docs("name: Desk"),
			options: sync.Options{Unmanaged: func(name, id string) bool { return name == "Old" && id == "" }}},
		{name: "a protected agent", base: docs("name: Desk", "name: Old\nlifecycle: {preventDestroy: true}"), head: docs("name: Desk"),
			changes: []string{`delete Old: its definition agents/a.yaml:3 ("Old") left with this change`}, refused: []string{"prevent-destroy"}},
		{name: "too many deletions", base: docs("name: A", "name: B", "name: C", "name: D", "name: E"), head: docs("name: E"), options: sync.Options{MaxDeletes: maxDeletes(t, "2")},
			changes: []string{`delete A: its definition agents/a.yaml:1 ("A") left with this change`, `delete B: its definition agents/a.yaml:3 ("B") left with this change`, `delete C: its definition agents/a.yaml:5 ("C") left with this change`, `delete D: its definition agents/a.yaml:7 ("D") left with this change`},
			refused: []string{"max-deletes"}},
		{name: "no definition any more", base: docs("name: A\ndescription: a"),
			changes: []string{`delete A: its definition agents/a.yaml:1 ("A") left with this change`}, refused: []string{"empty-definitions"}},
		{name: "a child goes with the handoff to it", base: docs("name: Desk\nhandoffTools: [{agent: Old, description: d}]", "name: Old"), head: docs("name: Desk\nhandoffTools: []"),
			changes: []string{"update Desk: matched by name", `delete Old: its definition agents/a.yaml:4 ("Old") left with this change`},
			fields:  []string{"handoffTools[Old]: map[agent:Old description:d] → <nil> (git 1000000)"}},
		{name: "a child goes, and somebody still hands over to it", base: docs("name: Desk\nhandoffTools: [{agent: Old, description: d}]", "name: Old"), head: docs("name: Desk"),
			changes: []string{`delete Old: its definition agents/a.yaml:4 ("Old") left with this change`}, refused: []string{"handoff-target"}},
		{name: "a child is renamed", base: docs("name: Desk\nhandoffTools: [{agent: Old, description: d}]", "# x\nname: Old"), head: docs("name: Desk\nhandoffTools: [{agent: New, description: d}]", "# x\nname: New"),
			changes: []string{"update New: taken for a rename of Old, with this change"}, fields: []string{"name: Old → New (git 1000000)"}},
		{name: "a handoff to an agent that Git does not know", base: docs("name: Desk\ndescription: d"), head: docs("name: Desk\nhandoffTools: [{childAgentId: " + other + ", description: d}]"),
			changes: []string{"update Desk: matched by name"}, fields: []string{"handoffTools[" + other + "]: unread → map[childAgentId:" + other + " description:d]"}},
		{name: "a connector goes", base: docs("name: Desk\nmcpConfigs: [{connector: Stripe, toolWhitelist: [a]}]"), head: docs("name: Desk\nmcpConfigs: []"),
			changes: []string{"update Desk: matched by name"}, fields: []string{"mcpConfigs[Stripe]: map[connector:Stripe toolWhitelist:[a]] → <nil> (git 1000000)"}},
		{name: "what head does not name", base: docs("name: Desk\ndescription: d\nicebreakers: [a]"), head: docs("name: Desk")},
		{name: "what base does not name", base: docs("name: Desk"), head: docs("name: Desk\ndescription: \"\"\nicebreakers: []\npaywallConfig: {messageLimit: 5}\ncreditSettings: {}"),
			changes: []string{"update Desk: matched by name"}, fields: []string{"description: unread → ", "icebreakers: unread → []", "paywallConfig.messageLimit: unread → 5"}},
		{name: "a key that base does not name", base: docs("name: Desk\nwakeUpConfigs: [{description: w}]"), head: docs("name: Desk\nwakeUpConfigs: [{description: w, enabled: true}]"),
			changes: []string{"update Desk: matched by name"}, fields: []string{"wakeUpConfigs[w].enabled: unread → true"}},
		{name: "an object of empty values goes, of which there may be none", base: docs("name: Desk\npaywallConfig: {paywallUrl: null, ctaButtonText: \"\"}"), head: docs("name: Desk\npaywallConfig: null"),
			changes: []string{"update Desk: matched by name"}, fields: []string{"paywallConfig: unread → <nil> (git 1000000)"}},
		{name: "a body of empty values goes, in which there may be more", base: docs(body("{required: []}")), head: docs(body("null")),
			changes: []string{"update Desk: matched by name"}, fields: []string{"tools[t].apiSchema.request_body: unread → <nil> (git 1000000)"}},
		{name: "a body of empty values goes, in which there is nothing", base: docs(body("{required: [], properties: {}}")), head: docs(body("null"))},
		{name: "an object goes", base: docs("name: Desk\npaywallConfig: {messageLimit: 0, ctaButtonText: null}"), head: docs("name: Desk\npaywallConfig: null"),
			changes: []string{"update Desk: matched by name"}, fields: []string{"paywallConfig: map[messageLimit:0] → <nil> (git 1000000)"}},
		{name: "the same !env", base: docs(header("!env TOKEN")), head: docs(header(`!env "${TOKEN}"`))},
		{name: "another variable", base: docs(header("!env TOKEN")), head: docs(header("!env OTHER")),
			changes: []string{"update Desk: matched by name"}, fields: []string{"tools[t].apiSchema.request_headers.H.input.value: secret"}},
		{name: "another default", base: docs(header(`!env "${TOKEN:-a}"`)), head: docs(header(`!env "${TOKEN:-b}"`)),
			changes: []string{"update Desk: matched by name"}, fields: []string{"tools[t].apiSchema.request_headers.H.input.value: secret"}},
		{name: "a text becomes !env", base: docs("name: Desk\ndescription: ${CANARY}"), head: docs(`{name: Desk, description: !env CANARY}`),
			changes: []string{"update Desk: matched by name"}, fields: []string{"description: secret"}},
		{name: "!env becomes a text", base: docs(`{name: Desk, description: !env CANARY}`), head: docs("name: Desk\ndescription: canary"),
			changes: []string{"update Desk: matched by name"}, fields: []string{"description: secret"}},
		{name: "!env in a list", base: docs(`{name: Desk, icebreakers: [a, !env CANARY]}`), head: docs(`{name: Desk, icebreakers: [b, !env CANARY]}`),
			changes: []string{"update Desk: matched by name"}, fields: []string{"icebreakers: secret"}},
		{name: "!env in a list, the same", base: docs(`{name: Desk, icebreakers: [a, !env CANARY]}`), head: docs(`{name: Desk, icebreakers: [a, !env CANARY]}`)},
		{name: "a tool with !env goes", base: docs(header("!env CANARY")), head: docs("name: Desk\ntools: []"),
			changes: []string{"update Desk: matched by name"},
			fields:  []string{"tools[t]: map[apiSchema:map[method:GET request_headers:map[H:map[input:map[type:value value:(sensitive)]]] url:https://a.example/] description:d name:t] → <nil> (git 1000000)"}},
		{name: "numbers", base: docs("name: A\ndeploy: [{number: +447700900111}, {number: +447700900112}]", "name: B"), head: docs("name: A\ndeploy: [{number: +447700900113}]", "name: B\ndeploy: [{number: +447700900111}]"),
			changes: []string{"deploy A +447700900113: no definition deployed the number, and who answers it now is not known", "deploy B +447700900111: another agent answers the number", "undeploy A +447700900112: deploy does not list it any more, since this change"},
			fields:  []string{"number:+447700900113: unread → A", "number:+447700900111: A → B (git 1000000)", "number:+447700900112: A → <nil> (git 1000000)"}},
		{name: "deploy is not named any more", base: docs("name: A\ndeploy: [{number: +447700900111}]"), head: docs("name: A")},
		{name: "an id is pinned", base: docs("name: A\ndescription: one"), head: docs("name: A\nid: " + other + "\ndescription: two"),
			changes: []string{"update A " + other + ": pinned by id"}, fields: []string{"description: one → two (git 1000000)"}},
		{name: "a pinned agent is renamed", base: docs("name: A\nid: " + other), head: docs("name: B\nid: " + other),
			changes: []string{"update B " + other + ": pinned by id"}, fields: []string{"name: A → B (git 1000000)"}},
		{name: "an agent is taken over", head: docs("name: A\nid: " + other + "\ndescription: two"),
			changes: []string{"update A " + other + ": pinned by id"}, fields: []string{"description: unread → two"}},
		{name: "another organization", base: docs("name: A"), head: docs("name: A"), options: sync.Options{Organization: "Harbour Bakery"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := planOffline(t, tt.base, tt.head, tt.options)
			if d := cmp.Diff(tt.changes, offlineChanges(p), cmpEmpty); d != "" {
				t.Errorf("changes (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tt.fields, offlineFields(p), cmpEmpty); d != "" {
				t.Errorf("fields (-want +got):\n%s", d)
			}
			held := []string{}
			for _, h := range p.Held {
				held = append(held, string(h.Action)+" "+h.Agent+h.ID+": "+h.Reason)
			}
			if d := cmp.Diff(tt.held, held, cmpEmpty); d != "" {
				t.Errorf("held (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tt.refused, rules(p), cmpEmpty); d != "" {
				t.Errorf("refused (-want +got):\n%s", d)
			}
			if p.Digest != "" || p.Target.Host != "" {
				t.Errorf("it has a digest or a host: %q, %q", p.Digest, p.Target.Host)
			}
		})
	}
}

// cmpEmpty takes no list for an empty one.
var cmpEmpty = cmp.Transformer("list", func(list []string) string { return strings.Join(list, "\n") })

func maxDeletes(t tester, s string) sync.MaxDeletes {
	t.Helper()
	m, err := sync.ParseMaxDeletes(s)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return m
}

func offlineChanges(p *sync.Plan) []string {
	var out []string
	for _, c := range p.Changes {
		title := string(c.Action) + " " + c.Agent
		for _, part := range []string{c.Number, c.ID} {
			if part != "" {
				title += " " + part
			}
		}
		out = append(out, title+": "+c.Reason)
	}
	return out
}

func offlineFields(p *sync.Plan) []string {
	var out []string
	for _, c := range p.Changes {
		for _, f := range c.Fields {
			out = append(out, offlineField(f))
		}
	}
	return out
}

func offlineField(f sync.Field) string {
	text := fmt.Sprintf("%s: %v → %v", f.Path, f.Before, f.After)
	switch {
	case f.Sensitive:
		text = f.Path + ": secret"
	case f.Unread:
		text = fmt.Sprintf("%s: unread → %v", f.Path, f.After)
	}
	if f.Cause != sync.CauseUnknown {
		text += fmt.Sprintf(" (%s %.7s)", f.Cause, f.Commit)
	}
	return text
}

// What an offline plan does not know, it says once, and it is the same for as
// long as the definitions are.
func TestOfflineNotes(t *testing.T) {
	t.Parallel()
	base, head := docs("name: A\ndeploy: [{number: +447700900111}]", "name: Old"), docs("name: A", "name: New")
	p := planOffline(t, base, head, sync.Options{Source: sync.Source{Path: "agents", History: sync.HistoryShallow}})
	want := []string{
		"A (agents/a.yaml:1:1) has no deploy: any more, so that +447700900111 stays with it; write deploy: [] to take it off",
		"offline: compared with 1000000; what people changed on Wassist since is not seen",
		"this change removed Old and added New. If that was a rename, write previousNames: [Old] in agents/a.yaml:3:1",
	}
	if d := cmp.Diff(want, p.Notes); d != "" {
		t.Errorf("notes (-want +got):\n%s", d)
	}
	if p.Source.History != sync.HistoryShallow || len(p.Refused) > 0 {
		t.Errorf("the source's history is %q, refused: %v", p.Source.History, p.Refused)
	}
	again := planOffline(t, base, head, sync.Options{Source: p.Source})
	if d := cmp.Diff(offlineChanges(p), offlineChanges(again)); d != "" {
		t.Errorf("another time (-want +got):\n%s", d)
	}
}
