package report

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"wassist-sync/sync"
)

func planHTML(t tester, p *sync.Plan, o HTMLOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := PlanHTML(&b, p, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func reportHTML(t tester, r *sync.Report, o HTMLOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := ReportHTML(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// allowed are the elements of a page, with the attributes that each may have.
var allowed = map[string][]string{
	"html": {"lang"}, "head": {}, "meta": {"charset", "http-equiv", "content", "name"}, "title": {}, "style": {}, "body": {"class"},
	"header": {}, "nav": {"aria-label"}, "main": {"id", "tabindex"}, "section": {"aria-labelledby"}, "div": {"class", "id"},
	"h1": {}, "h2": {"id"}, "h3": {}, "p": {"class"}, "ul": {"class"}, "li": {}, "dl": {"class"}, "dt": {}, "dd": {}, "a": {"class", "href"},
	"table": {"role"}, "thead": {"role"}, "tbody": {"role"}, "tr": {"role"}, "th": {"scope", "role"}, "td": {"role"},
	"details": {"class", "open"}, "summary": {}, "pre": {}, "code": {}, "bdi": {}, "strong": {}, "span": {"class", "aria-hidden"}, "del": {}, "ins": {},
}

// page is what scanHTML found.
type page struct {
	ids, hrefs, headings []string
	elements             map[string]int
	text                 string // of the body, white space folded
	body                 strings.Builder
	policy, title, lang  string
}

// scanHTML reads a page as a browser does, and refuses whatever the templates do
// not write: a text that broke out would be that.
func scanHTML(t tester, text string) *page {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	p := &page{elements: map[string]int{}}
	p.walk(t, root, "")
	if i := strings.IndexFunc(text, steers); i >= 0 {
		t.Errorf("a character that steers: %q", text[i:min(len(text), i+20)])
	}
	if command := ciCommand(text); command != "" {
		t.Errorf("a CI runner obeys %.200q", command)
	}
	for _, href := range p.hrefs {
		if !strings.HasPrefix(href, "#") || !slices.Contains(p.ids, href[1:]) {
			t.Errorf("a link leads to %q", href)
		}
	}
	slices.Sort(p.ids)
	if n := len(slices.Compact(slices.Clone(p.ids))); n != len(p.ids) {
		t.Errorf("an id twice: %v", p.ids)
	}
	p.text = strings.Join(strings.Fields(p.body.String()), " ")
	return p
}

func (p *page) walk(t tester, n *html.Node, in string) {
	t.Helper()
	switch n.Type {
	case html.TextNode:
		switch in {
		case "style":
			if n.Data != stylesheetIn(t, n.Data) {
				t.Errorf("the style sheet is another: %.300s", n.Data)
			}
		case "title":
			p.title += n.Data
		default:
			p.body.WriteString(n.Data)
		}
	case html.CommentNode:
		t.Errorf("a comment: %.300s", n.Data)
	case html.ElementNode:
		p.element(t, n)
		in = n.Data
		if slices.Contains([]string{"h1", "h2", "h3", "p", "li", "dt", "dd", "td", "th"}, n.Data) {
			p.body.WriteByte(' ')
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		p.walk(t, c, in)
	}
}

// stylesheetIn is the style sheet without comments and space at its ends, as the
// templates write it.
func stylesheetIn(t tester, got string) string {
	t.Helper()
	want := string(Stylesheet())
	_, want, _ = strings.Cut(want, "*/")
	if strings.TrimSpace(want) == strings.TrimSpace(got) {
		return got
	}
	return want
}

func (p *page) element(t tester, n *html.Node) {
	t.Helper()
	p.elements[n.Data]++
	attributes, ok := allowed[n.Data]
	if !ok || n.Namespace != "" {
		t.Errorf("an element <%s>", n.Data)
	}
	given := map[string]string{}
	for _, a := range n.Attr {
		if !slices.Contains(attributes, a.Key) {
			t.Errorf("an attribute of <%s>: %s=%.100q", n.Data, a.Key, a.Val)
		}
		given[a.Key] = a.Val
	}
	switch n.Data {
	case "html":
		p.lang = given["lang"]
	case "meta":
		if given["http-equiv"] == "Content-Security-Policy" {
			p.policy = given["content"]
		}
	case "h1", "h2", "h3":
		p.headings = append(p.headings, n.Data)
	case "th":
		if given["scope"] == "" {
			t.Errorf("a <th> without scope")
		}
	}
	if id := given["id"]; id != "" {
		p.ids = append(p.ids, id)
	}
	if href, ok := given["href"]; ok {
		p.hrefs = append(p.hrefs, href)
	}
}

func TestPlanHTML(t *testing.T) {
	for name, text := range map[string]string{
		"everything.html": planHTML(t, everything(), HTMLOptions{Title: "Agents on staging"}),
		"refused.html":    planHTML(t, refusedPlan(), HTMLOptions{}),
		"empty.html":      planHTML(t, &sync.Plan{Source: source, Target: target, Unchanged: 5, Requests: sync.Requests{Planned: 1}}, HTMLOptions{}),
		"quiet.html":      planHTML(t, quietPlan(), HTMLOptions{}),
		"offline.html":    planHTML(t, offlinePlan(), HTMLOptions{}),
		"results.html":    reportHTML(t, results(), HTMLOptions{}),
	} {
		t.Run(name, func(t *testing.T) {
			_, body, ok := strings.Cut(text, "</style>")
			if !ok {
				t.Fatal("no style sheet")
			}
			golden(t, name, body) // the style sheet is a file of its own
			p := scanHTML(t, text)
			if p.policy != "default-src 'none'; style-src 'unsafe-inline'" {
				t.Errorf("policy %q", p.policy)
			}
			if p.lang != "en" || p.title == "" || p.elements["h1"] != 1 || p.elements["main"] != 1 {
				t.Errorf("lang %q, title %q, %d h1, %d main", p.lang, p.title, p.elements["h1"], p.elements["main"])
			}
			if len(p.hrefs) == 0 || p.hrefs[0] != "#plan" {
				t.Errorf("the first link does not skip to the content: %v", p.hrefs)
			}
			for i, h := range p.headings {
				if i > 0 && h[1] > p.headings[i-1][1]+1 || i == 0 && h != "h1" {
					t.Errorf("the headings skip a level: %v", p.headings)
				}
			}
		})
	}
}

// The page says all that the plan holds.
func TestHTMLSaysEverything(t *testing.T) {
	plan := refusedPlan()
	p := scanHTML(t, planHTML(t, plan, HTMLOptions{Title: "My title"}))
	want := []string{
		"My title", plan.Source.Commit, "backend.wassist.app", "Harbour Bakery", "staging", "with changes that are not committed", plan.Digest,
		"230 requests, about 2 min under the limit", "1 to create, 1 to update, 2 to deploy, 1 to undeploy, 1 to delete. 3 unchanged, 1 not defined here, 1 held, 2 refused.",
		"can be lifted once", "edited on Wassist", "as of " + plan.Source.Commit, "as of 1a2b3c4d5e6f", "replaces 2 edits made on Wassist",
		"99 characters → 101 characters", `"Desk" → "Front desk"`, "nobody → Front desk", "webhook crm → Front desk", "Old desk → nobody", "(sensitive)",
		"Line 5.", `Authorization: fixed: (sensitive)`, "agents/front.yaml:10",
	}
	for _, r := range plan.Refused {
		want = append(want, r.Rule, r.Agent, r.Reason)
	}
	for i := range plan.Changes {
		c := &plan.Changes[i]
		want = append(want, c.Agent, c.ID, c.Reason, c.Digest, c.Number)
		for _, f := range shownFields(c) {
			want = append(want, f.Path)
		}
	}
	for _, h := range plan.Held {
		want = append(want, string(h.Action)+" "+h.Agent, h.Reason)
	}
	want = append(want, plan.Notes...)
	want = append(want, plan.Unmanaged[0].Agent+" "+plan.Unmanaged[0].ID)
	for _, s := range want {
		if !strings.Contains(p.text, s) {
			t.Errorf("the page does not say %q", s)
		}
	}

	r := results()
	r.Refused = &sync.Refusal{Rule: "organization", Reason: "of somebody else"}
	p = scanHTML(t, reportHTML(t, r, HTMLOptions{}))
	for _, s := range []string{"Applied: 1 created, 1 undeployed; 2 failed; 1 skipped; 1 not attempted.", "9 requests in 1.2 s", "400 Bad Request", "update Front desk failed", "no reason given", "+447700900114: Old desk", r.Notes[0], r.Plan.Notes[0], "of somebody else", "Line six."} {
		if !strings.Contains(p.text, s) {
			t.Errorf("the report does not say %q", s)
		}
	}
	if failed, applied := strings.Index(p.text, "no reason given"), strings.Index(p.text, "applied"); failed > applied {
		t.Error("what failed does not come first")
	}
}

// An offline plan has no host and no digest, and shows no empty ones.
func TestHTMLOffline(t *testing.T) {
	p := scanHTML(t, planHTML(t, offlinePlan(), HTMLOptions{}))
	if !strings.Contains(p.text, "Host offline") || strings.Contains(p.text, "Digest") || strings.Contains(p.text, "Organization") {
		t.Errorf("%.600s", p.text)
	}
}

// A fragment begins below the page's own heading, and two fit one page.
func TestHTMLBody(t *testing.T) {
	plan, err := PlanHTMLBody(everything(), HTMLOptions{ID: "one", Title: "unused"})
	if err != nil {
		t.Fatal(err)
	}
	report, err := ReportHTMLBody(results(), HTMLOptions{ID: "two"})
	if err != nil {
		t.Fatal(err)
	}
	whole := "<!doctype html><html lang=en><title>x</title>" + string(plan) + string(report)
	p := scanHTML(t, whole)
	if p.elements["h1"] != 0 || p.elements["main"] != 0 || p.elements["style"] != 0 || p.headings[0] != "h2" {
		t.Errorf("a fragment has %v", p.elements)
	}
	for _, id := range p.ids {
		if !strings.HasPrefix(id, "one-") && !strings.HasPrefix(id, "two-") {
			t.Errorf("the id %q could be the page's", id)
		}
	}
	if n := strings.Count(whole, `<div class="wassist-plan">`); n != 2 {
		t.Errorf("%d fragments carry the class that styles them, want 2", n)
	}
}

// A fragment that shows the first entries says how many it leaves out, and its
// verdict counts all.
func TestHTMLMost(t *testing.T) {
	plan := manyChanges(30, "x")
	for i := range 9 {
		plan.Held = append(plan.Held, sync.Held{Action: sync.Delete, Agent: fmt.Sprintf("held %d", i)})
		plan.Notes = append(plan.Notes, fmt.Sprintf("note %d", i))
		plan.Refused = append(plan.Refused, sync.Refusal{Rule: "rule", Reason: fmt.Sprintf("refusal %d", i)})
		plan.Unmanaged = append(plan.Unmanaged, sync.Unmanaged{Agent: fmt.Sprintf("other %d", i)})
	}
	r := &sync.Report{Plan: plan}
	for i := range 9 {
		r.Results = append(r.Results, sync.Result{Action: sync.Update, Agent: fmt.Sprintf("result %d", i), Outcome: sync.Applied})
	}
	body, err := ReportHTMLBody(r, HTMLOptions{Most: 4})
	if err != nil {
		t.Fatal(err)
	}
	text := string(body)
	for _, s := range []string{"held ", "note ", "other ", "result "} {
		if !strings.Contains(text, s+"3<") || strings.Contains(text, s+"4<") {
			t.Errorf("%q: not the first four", s)
		}
	}
	if n := strings.Count(text, `<details class="change"`); n != 4 {
		t.Errorf("%d changes, want 4", n)
	}
	for left, times := range map[int]int{26: 1, 5: 5} { // changes; refusals, results, held, notes, unmanaged
		if n := strings.Count(text, fmt.Sprintf("… and %d more that this page leaves out.", left)); n != times {
			t.Errorf("%d left out is said %d times, want %d", left, n, times)
		}
	}
	if !strings.Contains(text, "<summary>9 agents</summary>") {
		t.Error("the agents that are left alone are not all counted")
	}
	body, err = PlanHTMLBody(plan, HTMLOptions{Most: 4})
	if err != nil || !strings.Contains(string(body), "30 to ") || !strings.Contains(string(body), "refusal 3") || strings.Contains(string(body), "refusal 4") {
		t.Errorf("%v, %.600s", err, body)
	}
	whole := planHTML(t, plan, HTMLOptions{Most: 4})
	if n := strings.Count(whole, `<details class="change"`); n != 30 || strings.Contains(whole, "leaves out") {
		t.Errorf("a page shows %d changes, want all", n)
	}
}

// Many changes are folded, and a few are not.
func TestHTMLFolds(t *testing.T) {
	for n, open := range map[int]int{1: 1, openChanges: openChanges, openChanges + 1: 0} {
		if got := strings.Count(planHTML(t, manyChanges(n, "x"), HTMLOptions{}), `<details class="change" open>`); got != open {
			t.Errorf("%d changes: %d open, want %d", n, got, open)
		}
	}
}

// What differs in a prompt is set off word by word, and what does not is not.
func TestHTMLWords(t *testing.T) {
	p := &sync.Plan{Source: source, Changes: []sync.Change{{Action: sync.Update, Agent: "Desk", Fields: []sync.Field{
		{Path: "systemPrompt", Before: "Be kind to every customer.\nAnswer in English.", After: "Be kind to each customer.\nAnswer in English."},
		{Path: "firstMessage", Before: "Hello there my friend\nand all", After: "Quite another greeting\nand all"},
	}}}}
	text := planHTML(t, p, HTMLOptions{})
	for _, want := range []string{"Be kind to <del>every</del> customer.", "Be kind to <ins>each</ins> customer.", ">Answer in English.\n", ">Hello there my friend\n", ">Quite another greeting\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in %s", want, text[strings.Index(text, "<dl class=\"fields"):])
		}
	}
	if n := strings.Count(text, "<del>") + strings.Count(text, "<ins>"); n != 2 {
		t.Errorf("%d words are set off, want 2", n)
	}
}

// A page that cannot be written says so.
func TestWriteErrorsMarkup(t *testing.T) {
	for name, err := range map[string]error{
		"PlanMarkdown":   PlanMarkdown(brokenWriter{}, everything(), MarkdownOptions{}),
		"ReportMarkdown": ReportMarkdown(brokenWriter{}, results(), MarkdownOptions{}),
		"PlanHTML":       PlanHTML(brokenWriter{}, everything(), HTMLOptions{}),
		"ReportHTML":     ReportHTML(brokenWriter{}, results(), HTMLOptions{}),
	} {
		if fmt.Sprint(err) != "file already closed" {
			t.Errorf("%s: %v, want the writer's error", name, err)
		}
	}
}

func FuzzHTML(f *testing.F) {
	for _, s := range hostile() {
		if len(s) < 1000 {
			f.Add(s)
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		p := hostilePlan(s)
		r := hostileReport(p, s)
		harmless := hostilePlan("x")
		for _, pages := range [][2]string{
			{planHTML(t, p, HTMLOptions{Title: s}), planHTML(t, harmless, HTMLOptions{Title: "x"})},
			{reportHTML(t, r, HTMLOptions{Title: s}), reportHTML(t, hostileReport(harmless, "x"), HTMLOptions{Title: "x"})},
		} {
			got, want := scanHTML(t, pages[0]), scanHTML(t, pages[1])
			// Texts add rows and pieces of rows; what holds them stays the same.
			for _, element := range []string{"section", "h1", "h2", "h3", "table", "tr", "td", "details", "summary", "style", "main"} {
				if s != "" && element != "details" && element != "summary" && got.elements[element] != want.elements[element] {
					t.Errorf("%d <%s>, want %d", got.elements[element], element, want.elements[element])
				}
			}
			if name := strings.Join(strings.Fields(line(s)), " "); !strings.Contains(got.text, name) {
				t.Errorf("the page does not show %q", name)
			}
		}
	})
}
