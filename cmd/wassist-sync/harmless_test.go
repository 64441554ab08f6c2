package main

import (
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/net/html"
)

// harmless NAME... wants documents, .md and .html, in which no text of an agent
// means anything: nothing but our own markup stands outside of code.
func harmless(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: harmless FILE...")
	}
	for _, name := range args {
		text := ts.ReadFile(name)
		var broken string
		if strings.HasSuffix(name, ".html") {
			broken = liveHTML(text)
		} else {
			broken = liveMarkdown(text)
		}
		if broken != "" {
			ts.Fatalf("%s: something means more than its letters: %.300q", name, broken)
		}
	}
}

var (
	fenceBegins = regexp.MustCompile("^(`{3,})diff$")
	codeHTML    = regexp.MustCompile(`<code>[^<>]*</code>`)
	ourTag      = regexp.MustCompile(`</?(details|summary)>`)
	liveSign    = regexp.MustCompile("[<>@`\\[\\]]|://|^::")
)

// liveMarkdown gives a line in which something stands outside of code that
// GitHub would follow, or where a block does not end.
func liveMarkdown(text string) string {
	fence, open := "", 0
	for l := range strings.SplitSeq(text, "\n") {
		if fence != "" {
			if l == fence {
				fence = ""
			} else if strings.HasPrefix(strings.TrimLeft(l, " "), fence) {
				return l
			}
			continue
		}
		if m := fenceBegins.FindStringSubmatch(l); m != nil {
			fence = m[1]
			continue
		}
		rest := codeHTML.ReplaceAllString(withoutCode(l), "")
		open += strings.Count(rest, "<details>") - strings.Count(rest, "</details>")
		if liveSign.MatchString(ourTag.ReplaceAllString(rest, "")) || open < 0 {
			return l
		}
	}
	if fence != "" || open != 0 {
		return "the end of the text"
	}
	return ""
}

// withoutCode takes the code between equal runs of backticks out of a line.
func withoutCode(l string) string {
	var rest strings.Builder
	for {
		i := strings.IndexByte(l, '`')
		if i < 0 {
			return rest.String() + l
		}
		mark := l[i : len(l)-len(strings.TrimLeft(l[i:], "`"))]
		_, after, found := strings.Cut(l[i+len(mark):], mark)
		if !found || strings.HasPrefix(after, "`") {
			return rest.String() + l
		}
		rest.WriteString(l[:i])
		l = after
	}
}

// liveHTML gives an element that loads, runs or leads anywhere.
func liveHTML(text string) string {
	styles := 0
	for tokens := html.NewTokenizer(strings.NewReader(text)); ; {
		switch tokens.Next() {
		case html.ErrorToken:
			return ""
		case html.CommentToken:
			return tokens.Token().String()
		case html.StartTagToken, html.SelfClosingTagToken:
			tag := tokens.Token()
			if tag.Data == "style" {
				styles++
			}
			if styles > 1 || strings.Contains(" script img iframe object embed form input link base svg video audio ", " "+tag.Data+" ") {
				return tag.String()
			}
			for _, a := range tag.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "href" && !strings.HasPrefix(a.Val, "#") {
					return tag.String()
				}
			}
		}
	}
}
