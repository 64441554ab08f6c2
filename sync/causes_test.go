package sync_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// grows is a definition called Desk that said one thing after the other, at 10,
// 20, 30 …
func grows(fields ...string) []commit {
	var out []commit
	for i, f := range fields {
		out = append(out, commit{10 * (i + 1), docs("# desk\nname: Desk\n" + f)})
	}
	return out
}

// causeCase is a definition's history, what is stored, and what a plan says of
// each difference.
type causeCase struct {
	name    string
	commits []commit
	stored  string
	want    []string
}

func checkCauses(t *testing.T, cases []causeCase) {
	t.Helper()
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := repo{commits: tt.commits}.open(t)
			f := organize(t, []there{{n: 1, name: "Desk", at: 12, fields: tt.stored}})
			if d := cmp.Diff(tt.want, causes(f.plan(t, h.set, h.options()))); d != "" {
				t.Errorf("causes (-want +got):\n%s", d)
			}
		})
	}
}

// A definition that declared a field as "one", then as "two"; and one that has
// declared it as "three" since its commit 3000000.
func TestCausesOfFields(t *testing.T) {
	t.Parallel()
	checkCauses(t, []causeCase{
		{"as the version before", grows("description: one", "description: two"), `{"description":"one"}`, []string{"description: git 1000000"}},
		{"as an old version", grows("description: one", "description: two", "description: three"), `{"description":"one"}`, []string{"description: git 1000000"}},
		{"as the newest of two versions", grows("description: one", "description: two", "description: one", "description: three"), `{"description":"one"}`, []string{"description: git 3000000"}},
		{"as a version whose other fields were otherwise", grows("description: one\nfirstMessage: a", "description: two\nfirstMessage: b"), `{"description":"one","firstMessage":"b"}`, []string{"description: git 1000000"}},
		{"as a version, white space aside", grows("description: one", "description: two"), `{"description":" one\r\n"}`, []string{"description: git 1000000"}},
		{"as no version", grows("description: one", "description: two"), `{"description":"edited"}`, []string{"description: wassist"}},
		{"each field has its own", grows("description: one\nfirstMessage: a\nsystemPrompt: s", "description: two\nfirstMessage: b\nsystemPrompt: t"), `{"description":"one","firstMessage":"edited","systemPrompt":null}`,
			[]string{"description: git 1000000", "systemPrompt: unknown", "firstMessage: wassist"}},
		{"never declared before", grows("firstMessage: a", "description: two\nfirstMessage: a"), `{"description":"by hand","firstMessage":"a"}`, []string{"description: unknown"}},
		{"declared once, and not any more in between", grows("description: one", "firstMessage: a", "description: two"), `{"description":"edited"}`, []string{"description: wassist"}},
		{"empty on Wassist", grows("description: one", "description: two"), `{"description":""}`, []string{"description: unknown"}},
		{"empty on Wassist, as a version said", grows(`description: ""`, "description: two"), `{"description":null}`, []string{"description: git 1000000"}},
		{"cleared by Git", grows("description: one", `description: ""`), `{"description":"one"}`, []string{"description: git 1000000"}},
		{"cleared by Git, and edited", grows("description: one", `description: ""`), `{"description":"edited"}`, []string{"description: wassist"}},
		{"a boolean", grows("tools: [{name: a, description: d, active: true, apiSchema: {method: GET, url: https://a.example/}}]", "tools: [{name: a, description: d, active: false, apiSchema: {method: GET, url: https://a.example/}}]"),
			`{"tools":[{"name":"a","description":"d","apiSchema":{"method":"GET","url":"https://a.example/"}}]}`, []string{"tools[a].active: git 1000000"}},
		{"a number", grows("paywallConfig: {messageLimit: 5}", "paywallConfig: {messageLimit: 6}"), `{"paywallConfig":{"messageLimit":5.0}}`, []string{"paywallConfig.messageLimit: git 1000000"}},
		{"a number, edited", grows("paywallConfig: {messageLimit: 5}", "paywallConfig: {messageLimit: 6}"), `{"paywallConfig":{"messageLimit":7}}`, []string{"paywallConfig.messageLimit: wassist"}},
		{"a list of texts", grows("icebreakers: [a, b]", "icebreakers: [c]"), `{"icebreakers":["a","b"]}`, []string{"icebreakers: git 1000000"}},
		{"a list of texts, edited", grows("icebreakers: [a, b]", "icebreakers: [c]"), `{"icebreakers":["b","a"]}`, []string{"icebreakers: wassist"}},
		{"an object to be cleared", grows("paywallConfig: {messageLimit: 5}", "paywallConfig: null"), `{"paywallConfig":{"messageLimit":5,"ctaButtonText":""}}`, []string{"paywallConfig: git 1000000"}},
		{"an object to be cleared, edited", grows("paywallConfig: {messageLimit: 5}", "paywallConfig: null"), `{"paywallConfig":{"messageLimit":6}}`, []string{"paywallConfig: wassist"}},
		{"an object to be cleared, never declared", grows("description: d", "description: d\npaywallConfig: null"), `{"description":"d","paywallConfig":{"messageLimit":6}}`, []string{"paywallConfig: unknown"}},
	})
}

func TestCausesOfEntries(t *testing.T) {
	t.Parallel()
	page := func(url, prompt string) string { return "{url: https://" + url + ".example/, prompt: " + prompt + "}" }
	stored := func(url, prompt string) string {
		return `{"id":"` + url + `","url":"https://` + url + `.example/","prompt":"` + prompt + `"}`
	}
	pages := func(list string) string { return "websiteTools: [" + list + "]" }
	tool := func(headers string) string {
		return "tools: [{name: t, description: d, apiSchema: {method: GET, url: https://a.example/, request_headers: {" + headers + "}}}]"
	}
	header := func(name, told string) string {
		return name + ": {type: string, input: {type: description, description: " + told + "}}"
	}
	storedTool := func(headers string) string {
		return `{"tools":[{"id":"t","name":"t","description":"d","apiSchema":{"method":"GET","url":"https://a.example/","request_headers":{` + headers + `}}}]}`
	}
	storedHeader := func(name, told string) string {
		return `"` + name + `":{"type":"string","input":{"type":"description","description":"` + told + `"}}`
	}
	const a, b = "websiteTools[https://a.example/]", "websiteTools[https://b.example/]"
	const headers = "tools[t].apiSchema.request_headers"
	checkCauses(t, []causeCase{
		{"a leaf, as a version", grows(pages(page("a", "one")), pages(page("a", "two"))), `{"websiteTools":[` + stored("a", "one") + `]}`, []string{a + ".prompt: git 1000000"}},
		{"a leaf, edited", grows(pages(page("a", "one")), pages(page("a", "two"))), `{"websiteTools":[` + stored("a", "edited") + `]}`, []string{a + ".prompt: wassist"}},
		{"a leaf of an entry that Git has just brought", grows(pages(""), pages(page("a", "two"))), `{"websiteTools":[` + stored("a", "by hand") + `]}`, []string{a + ".prompt: unknown"}},
		{"added by Git", grows(pages(page("a", "one")), pages(page("a", "one")+", "+page("b", "one"))), `{"websiteTools":[` + stored("a", "one") + `]}`, []string{b + ": git 1000000"}},
		{"added by Git, its key in brackets", grows(pages(page("a", "one")), pages(page("a", "one")+`, {url: "https://b.example/[1]", prompt: p}`)), `{"websiteTools":[` + stored("a", "one") + `]}`, []string{"websiteTools[https://b.example/[1]]: git 1000000"}},
		{"added by Git with the list", grows("description: d", "description: d\n"+pages(page("b", "one"))), `{"description":"d"}`, []string{b + ": unknown"}},
		{"taken away on Wassist", grows(pages(page("a", "one") + ", " + page("b", "one"))), `{"websiteTools":[` + stored("a", "one") + `]}`, []string{b + ": unknown"}},
		{"removed by Git", grows(pages(page("a", "one")+", "+page("b", "one")), pages(page("a", "one"))), `{"websiteTools":[` + stored("a", "one") + "," + stored("b", "one") + `]}`, []string{b + ": git 1000000"}},
		{"removed by Git, and edited", grows(pages(page("a", "one")+", "+page("b", "one")), pages(page("a", "one"))), `{"websiteTools":[` + stored("a", "one") + "," + stored("b", "edited") + `]}`, []string{b + ": wassist"}},
		{"all removed by Git", grows(pages(page("b", "one")), "websiteTools: []"), `{"websiteTools":[` + stored("b", "one") + `]}`, []string{b + ": git 1000000"}},
		{"all removed by Git with null", grows(pages(page("b", "one")), "websiteTools: null"), `{"websiteTools":[` + stored("b", "one") + `]}`, []string{b + ": git 1000000"}},
		{"added on Wassist", grows(pages(page("a", "one")), pages(page("a", "two"))), `{"websiteTools":[` + stored("a", "two") + "," + stored("b", "by hand") + `]}`, []string{b + ": wassist"}},
		{"added on Wassist to what has one version", grows(pages(page("a", "one"))), `{"websiteTools":[` + stored("a", "one") + "," + stored("b", "by hand") + `]}`, []string{b + ": wassist"}},
		{"there before Git declared the list", grows("description: d", "description: d\n"+pages(page("a", "one"))), `{"description":"d","websiteTools":[` + stored("b", "by hand") + `]}`, []string{a + ": unknown", b + ": unknown"}},
		{"a second one of the same key", grows(pages(page("a", "one"))), `{"websiteTools":[` + stored("a", "one") + "," + stored("a", "two") + `]}`, []string{"websiteTools[https://a.example/#2]: wassist"}},

		{"a key added by Git", grows(tool(header("A", "one")), tool(header("A", "one")+", "+header("B", "one"))), storedTool(storedHeader("A", "one")), []string{headers + ".B: git 1000000"}},
		{"a key added by Git with the map", grows("tools: [{name: t, description: d, apiSchema: {method: GET, url: https://a.example/}}]", tool(header("B", "one"))), storedTool(""), []string{headers + ".B: unknown"}},
		{"a key taken away on Wassist", grows(tool(header("A", "one") + ", " + header("B", "one"))), storedTool(storedHeader("A", "one")), []string{headers + ".B: unknown"}},
		{"a key removed by Git", grows(tool(header("A", "one")+", "+header("B", "one")), tool(header("A", "one"))), storedTool(storedHeader("A", "one") + "," + storedHeader("B", "one")), []string{headers + ".B: git 1000000"}},
		{"a key removed by Git, and edited", grows(tool(header("A", "one")+", "+header("B", "one")), tool(header("A", "one"))), storedTool(storedHeader("A", "one") + "," + storedHeader("B", "edited")), []string{headers + ".B: wassist"}},
		{"a key added on Wassist", grows(tool(header("A", "one"))), storedTool(storedHeader("A", "one") + "," + storedHeader("B", "by hand")), []string{headers + ".B: wassist"}},
		{"a key with a dot, added by Git", grows(tool(header("A", "one")), tool(header("A", "one")+", "+header("B.c", "one"))), storedTool(storedHeader("A", "one")), []string{headers + ".B.c: git 1000000"}},
		{"a leaf of a key", grows(tool(header("A", "one")), tool(header("A", "two"))), storedTool(storedHeader("A", "one")), []string{headers + ".A.input.description: git 1000000"}},
		{"a leaf of a key, edited", grows(tool(header("A", "one")), tool(header("A", "two"))), storedTool(storedHeader("A", "edited")), []string{headers + ".A.input.description: wassist"}},
	})
}

// What history knows besides what the definition said at other times.
func TestCausesAndTime(t *testing.T) {
	t.Parallel()
	one, two := "description: one", "description: two"
	for _, tt := range []struct {
		name  string
		repo  repo
		agent there
		want  []string
	}{
		{"one version, and the agent was made after it", repo{commits: grows(one)}, there{at: 12, fields: `{"description":"edited"}`}, []string{"description: wassist"}},
		{"one version, and the agent was made at that time", repo{commits: grows(one)}, there{at: 10, fields: `{"description":"edited"}`}, []string{"description: wassist"}},
		{"one version, and the agent is older", repo{commits: grows(one)}, there{at: 9, fields: `{"description":"edited"}`}, []string{"description: unknown"}},
		{"one version, and nobody knows when the agent was made", repo{commits: grows(one)}, there{created: "?", fields: `{"description":"edited"}`}, []string{"description: unknown"}},
		{"one version, after a clock that was ahead", repo{commits: then([]commit{{15, docs()}}, grows(one)...)}, there{at: 12, fields: `{"description":"edited"}`}, []string{"description: unknown"}},
		{"two versions, and the agent is older than both", repo{commits: grows(one, two)}, there{at: 1, fields: `{"description":"edited"}`}, []string{"description: wassist"}},
		{"the field came in with the last version, after which the agent was made", repo{commits: grows("firstMessage: a", "firstMessage: a\n"+one)}, there{at: 22, fields: `{"firstMessage":"a","description":"edited"}`}, []string{"description: wassist"}},

		{"not committed; as the last commit says", repo{commits: grows(one), dirty: grows(two)[0].docs}, there{at: 12, fields: `{"description":"one"}`}, []string{"description: git 1000000"}},
		{"not committed, and edited", repo{commits: grows(one), dirty: grows(two)[0].docs}, there{at: 12, fields: `{"description":"edited"}`}, []string{"description: wassist"}},
		{"not committed, and the agent may never have been applied to", repo{commits: grows(one), dirty: grows(two)[0].docs}, there{at: 1, fields: `{"description":"edited"}`}, []string{"description: unknown"}},
		{"not committed, never declared before", repo{commits: grows("firstMessage: a"), dirty: grows(two)[0].docs}, there{at: 12, fields: `{"description":"edited"}`}, []string{"description: unknown"}},
		{"not committed at all", repo{commits: []commit{{10, docs()}}, dirty: grows(two)[0].docs}, there{at: 12, fields: `{"description":"edited"}`}, []string{"description: unknown"}},
		{"not committed elsewhere in the definition; the agent is older", repo{commits: grows(one + "\nfirstMessage: a"), dirty: grows(one + "\nfirstMessage: b")[0].docs}, there{at: 1, fields: `{"description":"edited","firstMessage":"a"}`}, []string{"description: unknown", "firstMessage: git 1000000"}},

		{"shallow; as a version", repo{commits: grows(one, two, "description: three"), cut: 1}, there{at: 12, fields: `{"description":"two"}`}, []string{"description: git"}},
		{"shallow; as a version whose commit the clone has", repo{commits: grows(one, two, "description: three", "description: four"), cut: 1}, there{at: 12, fields: `{"description":"three"}`}, []string{"description: git 3000000"}},
		{"shallow; as no version that the clone has", repo{commits: grows(one, two, "description: three"), cut: 1}, there{at: 12, fields: `{"description":"one"}`}, []string{"description: unknown"}},
		{"shallow; edited", repo{commits: grows(one, two), cut: 1}, there{at: 22, fields: `{"description":"edited"}`}, []string{"description: unknown"}},

		{"behind the tip; as a later version", repo{commits: grows(one, two), behind: 1}, there{at: 12, fields: `{"description":"two"}`}, []string{"description: git 2000000"}},
		{"behind the tip; as no version", repo{commits: grows(one, two), behind: 1}, there{at: 12, fields: `{"description":"edited"}`}, []string{"description: wassist"}},

		{"the name, as Git said", repo{commits: []commit{{10, docs("# d\nname: Orders")}, {20, docs("# d\nname: Desk")}}}, there{name: "Orders", at: 12}, []string{"name: git 1000000"}},
		{"the name, as previousNames says", repo{commits: []commit{{10, docs("name: Desk\npreviousNames: [Orders]")}}}, there{name: "Orders", at: 1}, []string{"name: unknown"}},
		{"the name, as previousNames says, of an agent that was made under this definition", repo{commits: []commit{{10, docs("name: Desk\npreviousNames: [Orders]")}}}, there{name: "Orders", at: 12}, []string{"name: unknown"}},
		{"a pinned agent that was not adopted by its name", repo{commits: []commit{{5, docs("# d\nname: Orders\nid: " + fakeID(1) + "\n" + one)}, {10, docs("# d\nname: Desk\nid: " + fakeID(1) + "\n" + two)}}}, there{at: 3, fields: `{"description":"edited"}`}, []string{"description: wassist"}},
		{"the name of a pinned agent, edited", repo{commits: []commit{{10, docs("name: Desk\nid: " + fakeID(1))}, {20, docs("name: Desk\nid: " + fakeID(1) + "\ndescription: d")}}}, there{name: "Edited", at: 1, fields: `{"description":"d"}`}, []string{"name: wassist"}},
		{"the name of an agent that was pinned just now", repo{commits: []commit{{10, docs("name: Desk\nid: " + fakeID(1))}}}, there{name: "By hand", at: 1}, []string{"name: unknown"}},

		{"from the environment", repo{commits: grows("description: !env D"), env: map[string]string{"D": "one"}}, there{at: 12, fields: `{"description":"edited"}`}, []string{"description: unknown"}},
		{"a new agent", repo{commits: grows(one, two)}, there{n: 2, name: "Other"}, []string{"name: unknown", "description: unknown"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := tt.repo.open(t)
			if tt.agent.n == 0 {
				tt.agent.n = 1
			}
			if tt.agent.name == "" {
				tt.agent.name = "Desk"
			}
			p := organize(t, []there{tt.agent}).plan(t, h.set, h.options())
			if d := cmp.Diff(tt.want, causes(p)); d != "" {
				t.Errorf("causes (-want +got):\n%s", d)
			}
		})
	}
}

// A secret that was rotated, or that the environment does not hold any more,
// says nothing about who changed the entry around it.
func TestCausesAroundASecret(t *testing.T) {
	t.Parallel()
	tool := func(told string) string {
		return "tools: [{name: t, description: " + told + ", apiSchema: {method: GET, url: https://a.example/, request_headers: {H: {input: {type: value, value: !env TOKEN}}}}}]"
	}
	stored := func(told string) string {
		return `{"tools":[{"id":"t","name":"t","description":"` + told + `","apiSchema":{"method":"GET","url":"https://a.example/","request_headers":{"H":{"input":{"type":"value","value":"secret"}}}}}]}`
	}
	for _, tt := range []struct {
		name, stored string
		env          map[string]string
		want         []string
	}{
		{"as it was", stored("d"), map[string]string{"TOKEN": "secret"}, []string{"tools[t]: git 1000000"}},
		{"rotated", stored("d"), map[string]string{"TOKEN": "another"}, []string{"tools[t]: unknown"}},
		{"gone with the tool", stored("d"), nil, []string{"tools[t]: unknown"}},
		{"edited besides", stored("edited"), map[string]string{"TOKEN": "secret"}, []string{"tools[t]: wassist"}},
		{"edited besides, and rotated", stored("edited"), map[string]string{"TOKEN": "another"}, []string{"tools[t]: wassist"}},
	} {
		h := repo{commits: grows(tool("d"), "tools: []"), env: tt.env}.open(t)
		p := organize(t, []there{{n: 1, name: "Desk", at: 12, fields: tt.stored}}).plan(t, h.set, h.options())
		if d := cmp.Diff(tt.want, causes(p)); d != "" {
			t.Errorf("%s: causes (-want +got):\n%s", tt.name, d)
		}
	}
}

// A handoff that goes together with the definition that it led to is nobody's
// edit, whatever that one was called when it was written.
func TestCausesOfHandoffsToWhatLeft(t *testing.T) {
	t.Parallel()
	parent := func(list string) string { return "name: Desk\nhandoffTools: " + list }
	to := func(child string) string { return parent("[{agent: " + child + ", description: d}]") }
	stored := `{"handoffTools":[{"id":"h","childAgentId":"` + fakeID(2) + `","description":"d"}]}`
	byHand := there{n: 3, name: "Till", at: 25}
	for _, tt := range []struct {
		name    string
		commits []commit
		agents  []there
		want    string
	}{
		{"in one commit", []commit{{10, docs(to("Till"), "name: Till")}, {20, docs(parent("[]"))}}, nil, "handoffTools[Till]: git 1000000"},
		{"in two commits", []commit{{10, docs(to("Till"), "name: Till")}, {20, docs(to("Counter"), "name: Counter")}, {30, docs(parent("[]"))}}, nil, "handoffTools[Till]: git 1000000"},
		{"after a rename", []commit{{5, docs(to("Counter"), "# t\nname: Counter")}, {10, docs(to("Till"), "# t\nname: Till")}, {20, docs(parent("[]"))}}, nil, "handoffTools[Till]: git 1000000"},
		{"edited", []commit{{10, docs(to("Till"), "name: Till")}, {20, docs(parent("[{agent: Keeper, description: d}]"), keeper)}, {30, docs(parent("[]"), keeper)}}, []there{{n: 2, name: "Other", at: 12}}, "handoffTools[Other]: wassist"},
		{"to one of two of that name", []commit{{10, docs(to("Till"), "name: Till")}, {20, docs(parent("[]"))}}, []there{{n: 2, name: "Till", at: 12}, byHand}, "handoffTools[Till]: wassist"},
	} {
		h := repo{commits: tt.commits}.open(t)
		agents := []there{{n: 1, name: "Desk", at: 12, fields: stored}, {n: 9, name: "Keeper", at: 12}}
		if tt.agents == nil {
			agents = append(agents, there{n: 2, name: "Till", at: 12})
		}
		got := causes(organize(t, append(agents, tt.agents...)).plan(t, h.set, h.options()))
		if d := cmp.Diff([]string{tt.want}, got); d != "" {
			t.Errorf("%s: causes (-want +got):\n%s", tt.name, d)
		}
	}
}

// A handoff that goes together with the definition that it led to is nobody's edit.
func TestCauseOfAHandoffThatGoesWithItsChild(t *testing.T) {
	t.Parallel()
	desk := "# desk\nname: Desk\ndescription: d\nhandoffTools: "
	h := repo{commits: []commit{
		{10, docs(desk+"[{agent: Old, description: o}]", "name: Old\ndescription: o")}, {20, docs(desk + "[]")},
	}}.open(t)
	p := organize(t, []there{
		{n: 1, name: "Desk", at: 12, fields: `{"description":"d","handoffTools":[{"id":"h","childAgentId":"` + fakeID(2) + `","description":"o","active":true}]}`},
		{n: 2, name: "Old", at: 12, fields: `{"description":"o"}`},
	}).plan(t, h.set, h.options())
	if d := cmp.Diff([]string{"handoffTools[Old]: git 1000000"}, causes(p)); d != "" {
		t.Errorf("causes (-want +got):\n%s", d)
	}
}
