package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/sync"
)

// hostile are texts that mean something to somebody who reads a report: to
// GitHub, to a browser, to a terminal or to a CI runner.
func hostile() []string {
	return []string{
		"</details>", "</details>\n\n<details>", "</summary>", "<!--", "-->", "<![CDATA[", "<?php", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</style><script>", "\" onclick=\"x", "' autofocus onfocus='x",
		"```", "````", "\n```\nout", " ```", "   ```\n# out", "~~~", "`", "``", " `x` ", "` `` ```", strings.Repeat("`", 31), strings.Repeat("`", 79) + "x", strings.Repeat("`", 90), strings.Repeat("`", 300) + "\n" + strings.Repeat("`", 300),
		"@everyone", "@octocat", "@github/security", "a@b.example", "mail @octocat. Now",
		"#1", "GH-1", "gh-12", "octo/repo#1", "octo/repo@1a2b3c4", "JIRA-12", "https://github.com/octo/repo/issues/1",
		"[x](javascript:alert(1))", "![](http://evil.example/p.png)", "[x]: http://evil.example", "[^1]", "<http://evil.example>", "www.evil.example", "see www.evil.example.", "https://evil.example", "http://evil.example/?a=b&c=d", "ftp://evil.example", "mailto:a@b.example", "xmpp:a@b.example", "javascript:alert(1)",
		"|", "a|b", "\\|", "\\\\|", "|||", "| a | b |", "a\n|---|\n", "\\", "\\`",
		"\x1b[31m", "\x1b]0;x\x07", "\u202eabc\u2069", "\u2066", "\u200b", "\ufeff", "\u2028", "\x00", "\u009b31m", "\xff\xfe",
		"::error::x", "::add-mask::a", "\n::stop-commands::x", "  ::set-output name=a::b", "##[add-mask]e", "a ##[error]x",
		"&lt;", "&#64;everyone", "&amp;lt;", "&copy", "<", ">", "&", "\"", "'",
		"# heading", "\n# heading", "- item", "1. item", "+ item", "* item", "> quote", "---", "===", "    code", "\ttab", "***", "_x_", "*x*", "**x**", "~~x~~", "~x~", ":tada:", "$x$", "$$x$$", "$`x`$", "@@ -1 +1 @@", "---\na: b\n---",
		"{{.}}", "{{template \"x\"}}", "%s %d %!", "`${x}`", "", " ", "  ", "\n", "\n\n\n", "\r\n", "a\nb", "a  \nb",
		"😀", "👨\u200d👩\u200d👧", "漢字かな交じり文", "مرحبا", "e\u0301", strings.Repeat("😀", 300),
		longHostile[:10_000],
	}
}

// longHostile has a mebibyte.
var longHostile = strings.Repeat("<script>|`@octocat #1 https://evil.example\n```\n::error::x\n", hostileBytes/58)

// hostilePlan says a text wherever a plan takes one from people.
func hostilePlan(s string) *sync.Plan {
	return &sync.Plan{
		Source:    sync.Source{Path: s, Commit: s, Dirty: true, History: s},
		Target:    sync.Target{Host: s, Organization: s, Environment: s},
		Notes:     []string{s, "note " + s},
		Held:      []sync.Held{{Action: sync.Update, Agent: s, ID: s, Reason: s}},
		Refused:   []sync.Refusal{{Rule: s, Agent: s, Reason: s, Liftable: true}, {Rule: "expect", Reason: "because " + s}},
		Unmanaged: []sync.Unmanaged{{Agent: s, ID: s}},
		Digest:    s,
		Changes: []sync.Change{
			{Action: sync.Create, Agent: s, ID: s, Pos: at(s, 1), Reason: s, Digest: s, Fields: []sync.Field{
				{Path: "systemPrompt", After: "one\n" + s + "\nthree"},
				{Path: s, After: s},
			}},
			{Action: sync.Update, Agent: "a " + s + " b", ID: id, Pos: at("a/"+s+".yaml", 1), Reason: "renamed from " + s, Fields: []sync.Field{
				{Path: s, Before: s, After: s + "x", Cause: sync.CauseGit, Commit: s},
				{Path: "tools[" + s + "].x", Before: []any{s, "x"}, After: []any{"x", s}, Cause: sync.CauseWassist},
				{Path: "systemPrompt", Before: "one\ntwo " + s + " three\n" + s, After: "one\ntwo " + s + " four\n" + s},
				{Path: "firstMessage", Before: s + "\n" + s, After: s + "\nsomething else\n" + s},
				{Path: "description", Before: "long\n" + s, After: ""},
				{Path: "m", Before: map[string]any{s: s, "list": []any{s}}, After: map[string]any{
					"m": map[string]any{"input": map[string]any{"type": "description", "description": s}, "type": s},
				}},
				{Path: s, Sensitive: true},
			}},
			{Action: sync.Deploy, Agent: s, Number: numberOr(s), Reason: s, Fields: []sync.Field{{Path: s, Before: s, After: "x" + s}}},
			{Action: sync.Undeploy, Agent: s, Number: "+447700900111"},
			{Action: sync.Delete, Agent: s, ID: s, Reason: s},
		},
	}
}

// numberOr gives a number for a deploy, which has one.
func numberOr(s string) string {
	if s == "" {
		return "+447700900111"
	}
	return s
}

func hostileReport(p *sync.Plan, s string) *sync.Report {
	return &sync.Report{
		Plan: p, Notes: []string{s}, Refused: &sync.Refusal{Rule: "organization", Agent: s, Reason: s},
		Results: []sync.Result{
			{Action: sync.Update, Agent: s, ID: s, Outcome: sync.Failed, Err: errors.New(s)},
			{Action: sync.Deploy, Agent: s, Number: s, Outcome: sync.Skipped, Err: fmt.Errorf("400: %s", s)},
			{Action: sync.Create, Agent: s, Outcome: sync.Applied},
		},
	}
}

// No text of somebody breaks out of its place, in any form.
func TestHostileTexts(t *testing.T) {
	for _, s := range hostile() {
		t.Run(fmt.Sprintf("%.30q", s), func(t *testing.T) {
			p := hostilePlan(s)
			r := hostileReport(p, s)
			checkText(t, p, r)
			checkJSON(t, s, p, r)
			scanMarkdown(t, planMarkdown(t, p, MarkdownOptions{Title: s, Digests: true}))
			scanMarkdown(t, reportMarkdown(t, r, MarkdownOptions{Title: s, More: "More."}))
			scanHTML(t, planHTML(t, p, HTMLOptions{Title: s}))
			scanHTML(t, reportHTML(t, r, HTMLOptions{Title: s}))
		})
	}
}

// A long prompt breaks out as little as a short one.
func TestHostilePrompt(t *testing.T) {
	p := manyChanges(1, "x")
	p.Changes[0].Fields = []sync.Field{
		{Path: "systemPrompt", Before: longHostile, After: "a " + strings.ReplaceAll(longHostile, "#1", "#2")},
		{Path: "firstMessage", Before: "", After: longHostile},
		{Path: "description", Before: strings.ReplaceAll(longHostile, "\n", " "), After: strings.ReplaceAll(longHostile[:hostileBytes/4], "\n", " ")},
	}
	checkText(t, p, &sync.Report{Plan: p})
	scanMarkdown(t, planMarkdown(t, p, MarkdownOptions{}))
	scanMarkdown(t, planMarkdown(t, p, MarkdownOptions{Limit: 65_535}))
	scanHTML(t, planHTML(t, p, HTMLOptions{}))
}

func checkText(t tester, p *sync.Plan, r *sync.Report) {
	t.Helper()
	var b bytes.Buffer
	if err := errors.Join(PlanText(&b, p, TextOptions{}), ReportText(&b, r, TextOptions{})); err != nil {
		t.Fatal(err)
	}
	if i := strings.IndexFunc(b.String(), steers); i >= 0 {
		t.Errorf("a character that steers: %q", b.String()[i:min(b.Len(), i+20)])
	}
	if command := ciCommand(b.String()); command != "" {
		t.Errorf("a CI runner obeys %q", command)
	}
}

// checkJSON looks for signs that steer, and whether the texts came through: the
// same program text must be read as the same value.
func checkJSON(t tester, s string, p *sync.Plan, r *sync.Report) {
	t.Helper()
	var b bytes.Buffer
	if err := ReportJSON(&b, r); err != nil {
		t.Fatal(err)
	}
	if i := strings.IndexFunc(b.String(), steers); i >= 0 {
		t.Errorf("a character that steers: %q", b.String()[i:min(b.Len(), i+20)])
	}
	if command := ciCommand(b.String()); command != "" {
		t.Errorf("a CI runner obeys %.200q", command)
	}
	var got struct {
		Changes []struct{ Agent, Reason string }
		Notes   []string
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	s = string([]rune(s)) // as JSON has it, which is UTF-8 throughout
	want := []string{s, "a " + s + " b", s, s, s}
	var agents []string
	for _, c := range got.Changes {
		agents = append(agents, c.Agent)
	}
	if diff := cmp.Diff(want, agents); diff != "" {
		t.Errorf("agents in JSON (-want +got):\n%.1000s", diff)
	}
	if diff := cmp.Diff([]string{s, "note " + s, s}, got.Notes); diff != "" {
		t.Errorf("notes in JSON (-want +got):\n%.1000s", diff)
	}
}

// The scanner itself must refuse what it is there for.
func TestScanMarkdown(t *testing.T) {
	for _, bad := range []string{
		"a @octocat", "a #1", "a [x](y)", "a <b>", "a www.evil.example", "a https://evil.example", "a :tada: b", "a GH-1", "a _b_", "a *b*", "a &lt;", "a `b", "a ``b`", "a \\@b", "a | b `c", "a **b",
		"1. a", "    a", "> a", "# a", "---", "- - a", "- 1. a", "<script>", "<!-- a", "</details>", "<details>\n\na\n</details>", "<details>\n<summary>a</summary>\nb\n</details>",
		"<details>\n<summary><code></code></summary></code></summary>\n\n</details>", "<details>\n<summary>@a</summary>\n\n</details>", "<details>\n<summary>a</summary>\n\nb",
		"```diff\n+a\n```\nb\n```", "```diff\na", "```\na\n```", "| a | b |\n|---|---|\n| a |", "| a | `b\\\\| c` |\n", "a " + strings.Repeat("`", 81) + "b" + strings.Repeat("`", 81),
		"| a |\n|---|\n| @a |", strings.Repeat("`", 300) + "diff\n" + strings.Repeat("`", 300),
	} {
		if scan(bad+"\n") == nil {
			t.Errorf("accepted: %s", bad)
		}
	}
	for _, good := range []string{
		"", "a `@octocat` b", "a ``b ` c``", "**a:** b, c. (d)", "- `a`: b", "### a", "| a | b |\n|---|---|\n| `a\\|b` | |", "````diff\n+```\n ```\n````", "<details>\n<summary>a <code>&lt;b</code></summary>\n\n- `x`: y\n\n</details>",
	} {
		if err := scan(good + "\n"); err != nil {
			t.Errorf("refused: %s: %v", good, err)
		}
	}
}

func FuzzMarkdown(f *testing.F) {
	for i, s := range hostile() {
		if len(s) < 1000 {
			f.Add(s, i*100)
		}
	}
	f.Fuzz(func(t *testing.T, s string, limit int) {
		o := MarkdownOptions{Title: s, Digests: true}
		if limit >= minLimit {
			o.Limit = limit
		}
		p := hostilePlan(s)
		for _, text := range []string{planMarkdown(t, p, o), reportMarkdown(t, hostileReport(p, s), o)} {
			scanMarkdown(t, text)
			if o.Limit > 0 && len(text) > o.Limit {
				t.Errorf("%d bytes, limit %d", len(text), o.Limit)
			}
		}
		if content, after, err := scanCode(code(s)); s != "" && backticks(s) <= longSpan && (err != nil || after != "" || content != clip(line(s))) {
			t.Errorf("code(%q) is read as %q, %q, %v", s, content, after, err)
		}
		checkText(t, p, hostileReport(p, s))
		checkJSON(t, s, p, hostileReport(p, s))
	})
}

// Nothing sensitive is shown, even if a plan held it where it must not.
func TestSensitive(t *testing.T) {
	const canary = "cAnArY-7f3a"
	p := everything()
	change := &p.Changes[1]
	change.Fields = slices.Concat(change.Fields, []sync.Field{
		{Path: "a", Before: canary, After: canary + "x", Sensitive: true, Cause: sync.CauseWassist},
		{Path: "b", Before: map[string]any{"k": canary}, After: map[string]any{"k": canary}, Sensitive: true},
		{Path: "c", Before: "one\n" + canary, After: "two\n" + canary, Sensitive: true},
		{Path: "d", Before: sync.Redacted{}, After: map[string]any{"x": sync.Redacted{}, "y": []any{sync.Redacted{}}}},
	})
	p.Changes[0].Fields = append(p.Changes[0].Fields, sync.Field{Path: "e", After: canary, Sensitive: true})
	r := &sync.Report{Plan: p}
	var text, encoded bytes.Buffer
	if err := errors.Join(PlanText(&text, p, TextOptions{}), PlanJSON(&encoded, p)); err != nil {
		t.Fatal(err)
	}
	body, err := PlanHTMLBody(p, HTMLOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for name, out := range map[string]string{
		"text": text.String(), "Markdown": planMarkdown(t, p, MarkdownOptions{}), "Markdown report": reportMarkdown(t, r, MarkdownOptions{}),
		"HTML": planHTML(t, p, HTMLOptions{}), "HTML body": string(body), "HTML report": reportHTML(t, r, HTMLOptions{}), "JSON": encoded.String(),
	} {
		if before, after, found := strings.Cut(out, canary); found {
			t.Errorf("%s shows it: %s>>>here<<<%.100s", name, before[max(0, len(before)-200):], after)
		}
		if n := strings.Count(out, sensitive); name != "JSON" && name != "Markdown report" && n < 8 {
			t.Errorf("%s says %s %d times, want each of 8", name, sensitive, n)
		}
	}
}
