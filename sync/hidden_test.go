package sync_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/internal/report"
	"wassist-sync/sync"
	"wassist-sync/wassist/simulator"
)

// retired is a secret that definitions took from the environment once. It is
// not there any more, so that only history knows where it may still stand.
const retired = "rEtIrEd-4c1d"

// checkShowsNot looks for a text in everything that a plan says.
func checkShowsNot(t tester, p *sync.Plan, secret string) {
	t.Helper()
	var text bytes.Buffer
	fmt.Fprintf(&text, "%+v %+v %+v %+v %#v", p.Changes, p.Held, p.Notes, p.Refused, p.Changes)
	for _, c := range p.Changes {
		fmt.Fprintf(&text, "%+v %#v", c, c.Fields)
	}
	if err := report.PlanJSON(&text, p); err != nil {
		t.Fatalf("as JSON: %v", err)
	}
	if err := report.PlanText(&text, p, report.TextOptions{}); err != nil {
		t.Fatalf("as text: %v", err)
	}
	if before, after, found := strings.Cut(text.String(), secret); found {
		t.Errorf("the secret is shown: %s>>>here<<<%s", before[max(0, len(before)-200):], after[:min(len(after), 200)])
	}
}

// differences lists what a plan changes: path: before -> after.
func differences(p *sync.Plan) []string {
	out := []string{}
	for _, c := range p.Changes {
		for _, f := range c.Fields {
			if f.Sensitive {
				out = append(out, f.Path+": sensitive")
				continue
			}
			out = append(out, fmt.Sprintf("%s: %v -> %v", f.Path, f.Before, f.After))
		}
	}
	return out
}

// What was taken from the environment in any version is shown in none, neither
// as it is stored nor as it shall be.
func TestHiddenByHistory(t *testing.T) {
	t.Parallel()
	tool := func(schema string) string {
		return "tools: [{name: t, description: d, apiSchema: {method: GET, url: https://a.example/" + schema + "}}]"
	}
	storedTool := func(schema string) map[string]any {
		return map[string]any{"tools": []any{map[string]any{"name": "t", "description": "d", "active": true, "creditCost": 0, "apiSchema": object(t, `{"method":"GET","url":"https://a.example/"`+schema+`}`)}}}
	}
	page := func(prompt string) string { return "websiteTools: [{url: https://w.example/, prompt: " + prompt + "}]" }
	storedPage := func(url, prompt string) map[string]any { return map[string]any{"url": url, "prompt": prompt} }
	const header = `, request_headers: {H: {type: string, input: {type: description, description: %s}}}`
	storedHeader := `,"request_headers":{"H":{"type":"string","input":{"type":"description","description":"` + retired + `"}}}`
	for _, tt := range []struct {
		name   string
		before string         // an earlier version
		now    string         // the definition
		stored map[string]any // nil: no such agent
		want   []string
	}{
		{"a field", "description: !env X", "description: new", map[string]any{"description": retired}, []string{"description: sensitive"}},
		{"a field with a text around it", `description: !env "a ${X} b"`, "description: new", map[string]any{"description": "a " + retired + " b"}, []string{"description: sensitive"}},
		{"a field, cleared", "description: !env X", `description: ""`, map[string]any{"description": retired}, []string{"description: sensitive"}},
		{"a field, written out", "description: !env X", "description: new " + retired, map[string]any{"description": retired}, []string{"description: sensitive"}},
		{"other fields are shown", "description: !env X", "description: new\nfirstMessage: hi", map[string]any{"description": retired, "firstMessage": "ho"}, []string{"description: sensitive", "firstMessage: ho -> hi"}},
		{"a list of texts", "icebreakers: [a, !env X]", "icebreakers: [a]", map[string]any{"icebreakers": []any{"a", retired}}, []string{"icebreakers: sensitive"}},
		{"a part of an object", "paywallConfig: {ctaButtonText: !env X}", "paywallConfig: {ctaButtonText: Pay}", map[string]any{"paywallConfig": map[string]any{"ctaButtonText": retired}}, []string{"paywallConfig.ctaButtonText: sensitive"}},
		{"an object that is cleared", "paywallConfig: {messageLimit: 5, ctaButtonText: !env X}", "paywallConfig: null", map[string]any{"paywallConfig": map[string]any{"messageLimit": 5, "ctaButtonText": retired}},
			[]string{"paywallConfig: map[ctaButtonText:(sensitive) messageLimit:5 paywallAction:none] -> <nil>"}},
		{"a part of an entry", page("!env X"), page("new"), map[string]any{"websiteTools": []any{storedPage("https://w.example/", retired)}}, []string{"websiteTools[https://w.example/].prompt: sensitive"}},
		{"a part of an entry that goes", page("!env X"), "websiteTools: []", map[string]any{"websiteTools": []any{storedPage("https://w.example/", retired)}},
			[]string{"websiteTools[https://w.example/]: map[active:true prompt:(sensitive) url:https://w.example/] -> <nil>"}},
		{"a part of an entry that comes", page("!env X"), page(retired), map[string]any{}, []string{"websiteTools[https://w.example/]: <nil> -> map[prompt:(sensitive) url:https://w.example/]"}},
		{"a part of an entry that is there twice", page("!env X"), page("new"), map[string]any{"websiteTools": []any{storedPage("https://w.example/", retired), storedPage("https://w.example/", retired+"2")}},
			[]string{"websiteTools[https://w.example/].prompt: sensitive", "websiteTools[https://w.example/#2]: map[active:true prompt:(sensitive) url:https://w.example/] -> <nil>"}},
		{"a part of two entries whose keys look alike", "websiteTools: [{url: https://w.example/?a, prompt: !env X}, {url: https://w.example/?b, prompt: !env X}]", "websiteTools: [{url: https://w.example/?a, prompt: new}, {url: https://w.example/?b, prompt: new}]",
			map[string]any{"websiteTools": []any{storedPage("https://w.example/?a", retired), storedPage("https://w.example/?b", retired)}},
			[]string{"websiteTools[https://w.example/?(sensitive)].prompt: sensitive", "websiteTools[https://w.example/?(sensitive)#2].prompt: sensitive"}},
		{"a URL inside an entry", "tools: [{name: t, description: d, apiSchema: {method: GET, url: !env \"https://a.example/${X}\"}}]", tool(""), storedToolURL(), []string{"tools[t].apiSchema.url: sensitive"}},
		{"a part of a key", tool(fmt.Sprintf(header, "!env X")), tool(fmt.Sprintf(header, "new")), storedTool(storedHeader), []string{"tools[t].apiSchema.request_headers.H.input.description: sensitive"}},
		{"a part of a key that goes", tool(fmt.Sprintf(header, "!env X")), tool(", request_headers: {}"), storedTool(storedHeader),
			[]string{"tools[t].apiSchema.request_headers.H: map[input:map[description:(sensitive) type:description] type:string] -> <nil>"}},
		{"a part of a key that comes", tool(fmt.Sprintf(header, "!env X")), tool(fmt.Sprintf(header, retired)), storedTool(""),
			[]string{"tools[t].apiSchema.request_headers.H: <nil> -> map[input:map[description:(sensitive) type:description] type:string]"}},
		{"a part of a key deep in an entry that goes", tool(fmt.Sprintf(header, "!env X")), "tools: []", storedTool(storedHeader),
			[]string{"tools[t]: map[active:true apiSchema:map[method:GET request_headers:map[H:map[input:map[description:(sensitive) type:description] type:string]] url:https://a.example/] creditCost:0 description:d name:t] -> <nil>"}},
		{"a part of an object in an entry that is cleared", tool(", request_body: {properties: {p: {type: string, input: {type: description, description: !env X}}}}"), tool(", request_body: null"),
			storedTool(`,"request_body":{"properties":{"p":{"type":"string","input":{"type":"description","description":"` + retired + `"}}}}`),
			[]string{"tools[t].apiSchema.request_body: map[properties:map[p:map[input:map[description:(sensitive) type:description] type:string]]] -> <nil>"}},
		{"a new agent", "description: !env X\n" + page("!env X"), "description: " + retired + "\n" + page(retired), nil,
			[]string{"name: <nil> -> Desk", "description: sensitive", "websiteTools[https://w.example/]: <nil> -> map[prompt:(sensitive) url:https://w.example/]"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, simulator.Options{})
			if tt.stored != nil {
				tt.stored["name"], tt.stored["createdAt"] = "Desk", madeAt(12)
				w.server.AddAgent(tt.stored)
			}
			for name, commits := range map[string][]commit{"the version before": grows(tt.before, tt.now), "a version long before": grows(tt.before, "firstMessage: hm", tt.now)} {
				h := repo{commits: commits}.open(t)
				p := w.plan(t, h.set, h.options())
				checkShowsNot(t, p, retired)
				if d := cmp.Diff(tt.want, differences(p)); d != "" {
					t.Errorf("%s: differences (-want +got):\n%s", name, d)
				}
			}
			// What is hidden in the plan is hidden in the apply, which compares anew.
			h := repo{commits: grows(tt.before, tt.now)}.open(t)
			for _, o := range []sync.OnDrift{sync.DriftFail, sync.DriftKeep} {
				options := h.options()
				options.OnDrift = o
				p := w.plan(t, h.set, options)
				checkShowsNot(t, p, retired)
				if o == sync.DriftKeep {
					if err := w.apply(t, p).Err(); err != nil {
						t.Errorf("applying with --on-drift keep: %v", err)
					}
				}
			}
			w.settle(t, h.set, h.options())
		})
	}
}

func storedToolURL() map[string]any {
	return map[string]any{"tools": []any{map[string]any{"name": "t", "description": "d", "apiSchema": map[string]any{"method": "GET", "url": "https://a.example/" + retired}}}}
}

// object decodes a JSON object.
func object(t tester, text string) map[string]any {
	t.Helper()
	fields, _ := storedAgent(t, 0, "", text).Stored.(document)
	return fields
}

// Hidden is a place, whatever its definition, its child or its agent was
// called, and whichever version says so.
func TestHiddenUnderOtherNames(t *testing.T) {
	t.Parallel()
	child := func(name, told string) string {
		return "\nhandoffTools: [{agent: " + name + ", description: " + told + "}]"
	}
	for _, tt := range []struct {
		name string
		repo repo
		want []string
	}{
		{"the definition was called otherwise", repo{commits: []commit{{10, docs("# d\nname: Orders\ndescription: !env X", "# c\nname: Child")}, {20, docs("# d\nname: Desk\ndescription: new", "# c\nname: Child")}}},
			[]string{"description: sensitive"}},
		{"the child was called otherwise", repo{commits: []commit{{10, docs("name: Desk"+child("Kid", "!env X"), "# c\nname: Kid")}, {20, docs("name: Desk"+child("Child", "new"), "# c\nname: Child")}}},
			[]string{"handoffTools[Child].description: sensitive"}},
		{"the child is another definition now, by previousNames", repo{commits: []commit{{10, docs("name: Desk"+child("Old child", "!env X"), "name: Old child")}, {20, docs("name: Desk"+child("Child", "new"), "name: Child\npreviousNames: [Old child]")}}},
			[]string{"handoffTools[Child].description: sensitive"}},
		{"a later version says so", repo{commits: []commit{{10, docs("name: Desk\ndescription: new", "name: Child")}, {20, docs("name: Desk\ndescription: !env X", "name: Child")}}, behind: 1},
			[]string{"description: sensitive"}},
		{"the last commit says so, and the work tree not any more", repo{commits: []commit{{10, docs("name: Desk\ndescription: !env X", "name: Child")}}, dirty: docs("name: Desk\ndescription: new", "name: Child")},
			[]string{"description: sensitive"}},
		{"another definition says so, which pinned the agent", repo{commits: []commit{{10, docs("name: Orders\nid: "+fakeID(1)+"\ndescription: !env X", "name: Child")}, {20, docs("name: Child")}, {30, docs("name: Desk\ndescription: new", "name: Child")}}},
			[]string{"description: sensitive"}},
		{"another definition says so, which bore its name before the agent was made", repo{commits: []commit{{5, docs("# o\nname: Desk\ndescription: !env X", "name: Child")}, {8, docs("# o\nname: Till\ndescription: d", "name: Child")}, {20, docs("# d\nname: Desk\ndescription: new", "name: Child")}}},
			[]string{"description: sensitive"}},
		{"another definition says so, which bore a name of previousNames", repo{commits: []commit{{10, docs("name: Orders\ndescription: !env X", "name: Child")}, {20, docs("name: Child")}, {30, docs("name: Desk\npreviousNames: [Orders]\ndescription: new", "name: Child")}}},
			[]string{"description: sensitive"}},
		{"another definition says so, whose agent was renamed when this one pinned it", repo{commits: []commit{{10, docs("name: Orders\ndescription: !env X", "name: Child")}, {20, docs("name: Desk\nid: "+fakeID(1), "name: Child")}, {30, docs("name: Desk\nid: "+fakeID(1)+"\ndescription: new", "name: Child")}}},
			[]string{"description: sensitive"}},
		{"another definition says so, whose agent was renamed by hand", repo{commits: []commit{{10, docs("name: Orders\ndescription: !env X", "name: Child")}, {20, docs("name: Child")}, {30, docs("name: Desk\ndescription: new", "name: Child")}}},
			[]string{"description: sensitive"}},
		{"the environment has it still", repo{commits: []commit{{10, docs("name: Desk\ndescription: !env X", "name: Child")}, {20, docs("name: Desk\ndescription: new", "name: Child")}}, env: map[string]string{"X": retired}},
			[]string{"description: sensitive"}},
		{"a clone that is cut off says so", repo{commits: []commit{{5, docs("name: Child")}, {10, docs("name: Desk\ndescription: !env X", "name: Child")}, {20, docs("name: Desk\ndescription: new", "name: Child")}}, cut: 1},
			[]string{"description: sensitive"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, simulator.Options{})
			kid := w.server.AddAgent(map[string]any{"name": "Child", "createdAt": madeAt(12)})
			w.server.AddAgent(map[string]any{"id": fakeID(1), "name": "Desk", "createdAt": madeAt(12), "description": retired, "handoffTools": []any{map[string]any{"childAgentId": kid, "description": retired}}})
			h := tt.repo.open(t)
			p := w.plan(t, h.set, h.options())
			checkShowsNot(t, p, retired)
			if d := cmp.Diff(tt.want, differences(p)); d != "" {
				t.Errorf("differences (-want +got):\n%s", d)
			}
			w.settle(t, h.set, h.options())
		})
	}
}

// An agent that is older than its definition may hold the secrets of any other:
// only what its own definition put there is shown.
func TestInheritedSecrets(t *testing.T) {
	t.Parallel()
	page := func(prompt string) string {
		return "\nwebsiteTools: [{url: https://w.example/, prompt: " + prompt + "}]"
	}
	desk := "name: Desk\nid: " + fakeID(1)
	for _, tt := range []struct {
		name    string
		commits []commit
		fields  string
		want    []string
	}{
		{"its own earlier text", []commit{{10, docs(keeper, "name: Orders\ndescription: !env X")}, {20, docs(keeper, desk+"\ndescription: one")}, {30, docs(keeper, desk+"\ndescription: two")}},
			`{"description":"one"}`, []string{"description: one -> two"}},
		{"a text of a definition that takes nothing from the environment", []commit{{10, docs(keeper, "name: Orders\ndescription: one")}, {20, docs(keeper, desk+"\ndescription: two")}},
			`{"description":"one"}`, []string{"description: one -> two"}},
		{"another field", []commit{{10, docs(keeper, "name: Orders\ndescription: !env X")}, {20, docs(keeper, desk+"\nfirstMessage: two")}},
			`{"firstMessage":"one"}`, []string{"firstMessage: one -> two"}},
		{"inside an entry that goes", []commit{{10, docs(keeper, "name: Orders"+page("!env X"))}, {20, docs(keeper, desk+"\nwebsiteTools: []")}},
			`{"websiteTools":[{"id":"1","url":"https://w.example/","prompt":"` + retired + `"}]}`, []string{"websiteTools[https://w.example/]: map[prompt:(sensitive) url:https://w.example/] -> <nil>"}},
	} {
		h := repo{commits: tt.commits}.open(t)
		p := organize(t, []there{{n: 1, name: "Desk", at: 12, fields: tt.fields}, {n: 9, name: "Keeper", at: 12}}).plan(t, h.set, h.options())
		if d := cmp.Diff(tt.want, differences(p)); d != "" {
			t.Errorf("%s: differences (-want +got):\n%s", tt.name, d)
		}
	}
}
