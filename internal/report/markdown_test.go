package report

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"wassist-sync/sync"
)

func planMarkdown(t tester, p *sync.Plan, o MarkdownOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := PlanMarkdown(&b, p, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func reportMarkdown(t tester, r *sync.Report, o MarkdownOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := ReportMarkdown(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// refusedPlan is a plan with everything, and two guards against it.
func refusedPlan() *sync.Plan {
	p := everything()
	p.Refused = []sync.Refusal{
		{Rule: "max-deletes", Reason: "4 agents would be deleted, and at most 3 may be (the default). Raise --max-deletes, or --accept sha256:abab", Liftable: true},
		{Rule: "ambiguous-name", Agent: "Billing", Reason: "2 agents on Wassist are called \"Billing\""},
	}
	return p
}

// quietPlan has no change, but held ones and notes.
func quietPlan() *sync.Plan {
	return &sync.Plan{
		Source: source, Target: target, Unchanged: 5, Requests: sync.Requests{Planned: 1}, Digest: "sha256:00",
		Held: everything().Held, Notes: everything().Notes,
	}
}

// offlinePlan knows no host and has no digests.
func offlinePlan() *sync.Plan {
	p := everything()
	p.Target, p.Digest = sync.Target{}, ""
	for i := range p.Changes {
		p.Changes[i].Digest = ""
	}
	return p
}

func TestPlanMarkdown(t *testing.T) {
	const more = "All of it is in [the summary](https://ci.example/1)."
	for name, text := range map[string]string{
		"everything.md":   planMarkdown(t, everything(), MarkdownOptions{Title: "Agents on staging", Digests: true}),
		"refused.md":      planMarkdown(t, refusedPlan(), MarkdownOptions{Limit: 4000, Title: "a|b #1", More: more}),
		"empty.md":        planMarkdown(t, &sync.Plan{Source: source, Target: target, Unchanged: 5, Requests: sync.Requests{Planned: 1}, Digest: "sha256:00"}, MarkdownOptions{More: "none", Limit: 1000}),
		"quiet.md":        planMarkdown(t, quietPlan(), MarkdownOptions{}),
		"offline.md":      planMarkdown(t, offlinePlan(), MarkdownOptions{Digests: true}),
		"results.md":      reportMarkdown(t, results(), MarkdownOptions{Title: "Applied to staging", Limit: 65_536}),
		"results-none.md": reportMarkdown(t, &sync.Report{Plan: quietPlan(), RequestsMade: 1}, MarkdownOptions{}),
	} {
		t.Run(name, func(t *testing.T) {
			golden(t, name, text)
			scanMarkdown(t, strings.Replace(text, more, "", 1))
		})
	}
}

// A plan without an organization, a commit or a digest says nothing of them.
func TestMarkdownLeavesOutWhatIsEmpty(t *testing.T) {
	text := planMarkdown(t, offlinePlan(), MarkdownOptions{Digests: true})
	for _, word := range []string{"(empty)", "digest", "Digest", "``"} {
		if i := strings.Index(strings.ReplaceAll(text, "```", ""), word); i >= 0 {
			t.Errorf("%q stands in %s", word, text)
		}
	}
	if !strings.Contains(text, "→ offline, from") {
		t.Errorf("the head does not say offline: %s", text)
	}
}

// What stopped an apply after all is among the refusals.
func TestReportMarkdownRefused(t *testing.T) {
	r := results()
	r.Results, r.Refused = nil, &sync.Refusal{Rule: "organization", Agent: "Billing", Reason: "the key belongs to somebody else"}
	text := reportMarkdown(t, r, MarkdownOptions{})
	if !strings.Contains(text, "- **organization** `Billing`: the key belongs to somebody else\n") {
		t.Error(text)
	}
}

func TestMarkdownTooSmallALimit(t *testing.T) {
	for _, limit := range []int{-1, 1, 999} {
		var b bytes.Buffer
		err := PlanMarkdown(&b, everything(), MarkdownOptions{Limit: limit})
		var limitError *LimitError
		if !errors.As(err, &limitError) || limitError.Limit != limit || !strings.Contains(err.Error(), "1000") || b.Len() > 0 {
			t.Errorf("limit %d: %v, and %d bytes", limit, err, b.Len())
		}
	}
}

// manyChanges is a plan of n changes that each say something else.
func manyChanges(n int, text string) *sync.Plan {
	p := &sync.Plan{Source: source, Target: target}
	for i := range n {
		p.Changes = append(p.Changes, sync.Change{
			Action: sync.Update, Agent: fmt.Sprintf("Agent %d", i+1), ID: id, Reason: "matched by name", Pos: at("a.yaml", i+1),
			Fields: []sync.Field{{Path: "systemPrompt", Before: prompt(20, nil), After: prompt(20, map[int]string{i%20 + 1: text})}},
		})
	}
	return p
}

// huge are plans that no comment holds.
func huge() map[string]*sync.Plan {
	mebibyte := strings.Repeat("All work and no play makes Jack a dull boy. ", 1<<20/44)
	var manyLines strings.Builder
	for i := range 30_000 {
		fmt.Fprintf(&manyLines, "Line %d of a long prompt.\n", i)
	}
	deep := map[string]any{}
	for i := range 500 {
		deep[fmt.Sprintf("key%03d", i)] = strings.Repeat("x", 190)
	}
	wide := everything()
	wide.Changes = wide.Changes[1:2]
	for range 60 {
		wide.Changes[0].Fields = append(wide.Changes[0].Fields, sync.Field{Path: "tools[x]", After: deep})
	}
	wide.Changes = append(wide.Changes, manyChanges(2, "x").Changes...)
	refused, held := manyChanges(3, "x"), manyChanges(3, "x")
	for i := range 10_000 {
		refused.Refused = append(refused.Refused, sync.Refusal{Rule: "preventDestroy", Agent: fmt.Sprint("Agent ", i), Reason: strings.Repeat("the reason ", 20)})
		held.Held = append(held.Held, sync.Held{Action: sync.Delete, Agent: fmt.Sprint("Agent ", i), Reason: "it answers a number"})
		held.Notes = append(held.Notes, fmt.Sprint("note ", i, ": something was not as it should be"))
	}
	name := mebibyte[:50_000]
	names := manyChanges(10, "x")
	names.Target = sync.Target{Host: name, Organization: name, Environment: name}
	names.Source = sync.Source{Path: name, Commit: name}
	names.Digest = name
	for i := range names.Changes {
		c := &names.Changes[i]
		c.Agent, c.Reason, c.ID, c.Pos.File, c.Digest = name, name, name, name, name
		c.Fields[0].Path = name
		c.Fields = append(c.Fields, sync.Field{Path: "list", Before: []any{name, name}, After: []any{name}})
	}
	return map[string]*sync.Plan{
		"ten thousand changes":     manyChanges(10_000, "x"),
		"ten thousand refusals":    refused,
		"ten thousand held, notes": held,
		"prompts of a mebibyte":    manyChanges(3, mebibyte),
		"a prompt of 30,000 lines": {Source: source, Target: target, Changes: []sync.Change{{
			Action: sync.Update, Agent: "Desk", Fields: []sync.Field{
				{Path: "systemPrompt", Before: manyLines.String(), After: strings.ReplaceAll(manyLines.String(), "long", "short")},
				{Path: "firstMessage", Before: "a", After: "b"},
			},
		}, manyChanges(1, "y").Changes[0]}},
		"a change of 60 objects": wide,
		"names of 50,000 bytes":  names,
		"backticks":              manyChanges(300, strings.Repeat("`", 30)+"x"),
		"four-byte characters":   manyChanges(300, strings.Repeat("😀", 500)),
	}
}

var (
	moreChanges = regexp.MustCompile(`(?m)^\| \| and ([0-9,]+) more changes? \| \| \|$`)
	moreDetails = regexp.MustCompile(`(?m)^The details of ([0-9,]+) more changes? are left out\.$`)
	tableRow    = regexp.MustCompile(`(?m)^\| (create|update|deploy|undeploy|delete) \|`)
	oneDetail   = regexp.MustCompile(`(?m)^<details>\n<summary>(create|update|deploy|undeploy|delete) `)
)

// shownAndMore counts what is shown and what the text says is left out.
func shownAndMore(t tester, text string, shown, more *regexp.Regexp) (n, left int) {
	t.Helper()
	n = len(shown.FindAllString(text, -1))
	if m := more.FindStringSubmatch(text); m != nil {
		var err error
		if left, err = strconv.Atoi(strings.ReplaceAll(m[1], ",", "")); err != nil {
			t.Fatal(err)
		}
	}
	return n, left
}

func TestMarkdownLimit(t *testing.T) {
	const more = "See [everything](https://ci.example/42)."
	for name, p := range huge() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := planMarkdown(t, p, MarkdownOptions{Title: "Plan", More: more, Digests: true})
			for _, limit := range []int{1000, 1500, 4000, 20_000, 65_535} {
				text := planMarkdown(t, p, MarkdownOptions{Limit: limit, Title: "Plan", More: more, Digests: true})
				if len(text) > limit {
					t.Errorf("limit %d: %d bytes", limit, len(text))
				}
				scanMarkdown(t, strings.Replace(text, more, "", 1))
				if !strings.Contains(text, "**To do:** "+todo(p.Summary())+".") {
					t.Errorf("limit %d: no verdict in %.300s", limit, text)
				}
				if cut := text != all; cut != strings.HasSuffix(text, "\n**This is not all of it:** it was cut to fit. "+more+"\n") {
					t.Errorf("limit %d: cut %v, and ends with %s", limit, cut, text[max(0, len(text)-300):])
				}
				if limit < 20_000 {
					continue // there may be no table at all
				}
				if n, left := shownAndMore(t, text, tableRow, moreChanges); n == 0 || n+left != len(p.Changes) {
					t.Errorf("limit %d: %d rows and %d more, want %d", limit, n, left, len(p.Changes))
				}
				if n, left := shownAndMore(t, text, oneDetail, moreDetails); left > 0 && n+left != len(p.Changes) {
					t.Errorf("limit %d: %d details and %d more, want %d", limit, n, left, len(p.Changes))
				}
			}
		})
	}
}

// What matters more is not crowded out by what matters less.
func TestMarkdownPrecedence(t *testing.T) {
	p := manyChanges(100, "x")
	p.Refused = refusedPlan().Refused
	text := planMarkdown(t, p, MarkdownOptions{Limit: 12_000})
	if n := len(tableRow.FindAllString(text, -1)); n != 100 {
		t.Errorf("%d of 100 rows, although details could go", n)
	}
	if n, left := shownAndMore(t, text, oneDetail, moreDetails); n == 0 || n+left != 100 {
		t.Errorf("%d details and %d more: want some of them, and 100 in all", n, left)
	}
	if !strings.Contains(text, "**max-deletes**") || !strings.Contains(text, "**ambiguous-name**") {
		t.Errorf("refusals are missing: %.800s", text)
	}
	refused, table := strings.Index(text, "#### Refused"), strings.Index(text, "| Action |")
	if refused < 0 || table < refused || !strings.HasPrefix(text, "**The plan is refused: nothing will be written.** ") {
		t.Errorf("the verdict, the refusals and the table are not in this order: %.800s", text)
	}

	// One change that is too long for all the room leaves room for others.
	p = huge()["a prompt of 30,000 lines"]
	text = planMarkdown(t, p, MarkdownOptions{Limit: 20_000})
	for _, want := range []string{"- `firstMessage`: `\"a\"` → `\"b\"`\n", "<summary>update <code>Agent 1</code>", " more lines @@\n```\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
}

// Nothing is said about cutting when nothing was cut.
func TestMarkdownUncut(t *testing.T) {
	all := planMarkdown(t, everything(), MarkdownOptions{More: "MORE"})
	for _, limit := range []int{len(all), len(all) + 200, 65_536} {
		text := planMarkdown(t, everything(), MarkdownOptions{More: "MORE", Limit: limit})
		if whole := text == all; whole == strings.Contains(text, "MORE") {
			t.Errorf("limit %d: whole %v, and says where the rest is: %v", limit, whole, !whole)
		}
		if limit > len(all)+150 && text != all {
			t.Errorf("limit %d of %d: cut without need", limit, len(all))
		}
	}
}

// The limit holds for every plan, and a text is never broken by it.
func TestMarkdownLimitProperty(t *testing.T) {
	short := slices.DeleteFunc(hostile(), func(s string) bool { return len(s) > 1000 })
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom(short)
		p := hostilePlan(text.Draw(t, "text"))
		for range rapid.IntRange(0, 12).Draw(t, "changes") {
			p.Changes = append(p.Changes, hostilePlan(text.Draw(t, "more")).Changes...)
		}
		limit := rapid.IntRange(minLimit, 30_000).Draw(t, "limit")
		for _, said := range []string{
			planMarkdown(t, p, MarkdownOptions{Limit: limit, Title: "T", Digests: true}),
			reportMarkdown(t, hostileReport(p, "x"), MarkdownOptions{Limit: limit, Title: "T"}),
		} {
			if len(said) > limit {
				t.Errorf("%d bytes, limit %d", len(said), limit)
			}
			scanMarkdown(t, said)
		}
	})
}

// What an offline plan did not read is not said to be empty, in any form.
func TestUnread(t *testing.T) {
	p := &sync.Plan{Changes: []sync.Change{
		{Action: sync.Update, Agent: "Desk", Fields: []sync.Field{{Path: "llmModel", After: "a", Unread: true}, {Path: "icebreakers", After: []any{}, Unread: true}}},
		{Action: sync.Deploy, Agent: "Desk", Number: "+447700900111", Fields: []sync.Field{{Path: "number:+447700900111", After: "Desk", Unread: true}}},
	}}
	var text bytes.Buffer
	if err := PlanText(&text, p, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	page := scanHTML(t, planHTML(t, p, HTMLOptions{})).text
	for name, out := range map[string]string{"text": text.String(), "Markdown": planMarkdown(t, p, MarkdownOptions{}), "HTML": page} {
		if strings.Contains(out, "nobody") || !strings.Contains(out, "unknown → ") || strings.Count(out, "what stands there is not known") != 2 {
			t.Errorf("%s: %s", name, out)
		}
	}
	if !strings.Contains(text.String(), "    ~ llmModel ") {
		t.Errorf("it looks new: %s", text.String())
	}
	var encoded bytes.Buffer
	if err := PlanJSON(&encoded, p); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"host": null`, `"digest": null`, `"before": null`} {
		if !strings.Contains(encoded.String(), want) {
			t.Errorf("JSON lacks %s: %s", want, encoded.String())
		}
	}
}

// What follows words in a sentence is no part of them.
func TestMarkdownTextKeepsSignsOutOfCode(t *testing.T) {
	text := MarkdownText("Take it over into agents/a.yaml:1:1, or @ask: say #1 (#2).")
	if want := "Take it over into `agents/a.yaml:1:1`, or `@ask`: say `#1 (#2)`."; text != want {
		t.Errorf("%s\nis not\n%s", text, want)
	}
}
