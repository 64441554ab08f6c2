package report

import (
	"fmt"
	"regexp"
	"strings"
)

// tester is what tests, fuzz targets and properties have in common.
type tester interface {
	Helper()
	Fatal(args ...any)
	Errorf(format string, args ...any)
}

// scanMarkdown reads a text as GitHub does, as far as our own markup goes, and
// refuses everything else: whatever a text of somebody smuggled in would be
// something else. It takes nothing from the code that it tests.
func scanMarkdown(t tester, text string) {
	t.Helper()
	if err := scan(text); err != nil {
		t.Errorf("%v\nin %.300s", err, text)
	}
	if i := strings.IndexFunc(text, steers); i >= 0 {
		t.Errorf("a character that steers: %q", text[i:min(len(text), i+20)])
	}
	if command := ciCommand(text); command != "" {
		t.Errorf("a CI runner obeys %q", command)
	}
}

var (
	fenceOpens = regexp.MustCompile("^(`{3,})diff$")
	fenceLine  = regexp.MustCompile("^ {0,3}(`{3,})[ \t]*$")
	summary    = regexp.MustCompile(`^<summary>(.*)</summary>$`)
	// htmlText is what a browser shows inside of code: no tag and no bare ampersand.
	htmlText = regexp.MustCompile(`<code>(?:[^<>&"']|&(?:amp|lt|gt|#34|#39);)*</code>`)
	own      = regexp.MustCompile(`^(?:[\p{L}\p{M}\p{N} "'()%+→·…—–,;.:?!-]|\*\*)*$`)
	word     = regexp.MustCompile(`[.:?!][^ ")*,.:?!]|:[^ ]*:|-[0-9]`)
	decimal  = regexp.MustCompile(`[0-9]\.[0-9]`)
	starts   = regexp.MustCompile("^(?:\\*\\*)?(?:[A-Za-z]|[^\\x00-\\x7f]|`|\\(empty\\)|[0-9]+(?:$|[^.)0-9]))") // blocks begin with ASCII only
)

// scan goes through the blocks.
func scan(text string) error {
	fence := 0 // how many backticks close the block
	folded, expectSummary, expectBlank := false, false, false
	columns := 0
	all := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, l := range all {
		bad := func(what string) error { return fmt.Errorf("line %d: %s: %.300q", i+1, what, l) }
		if fence > 0 {
			if m := fenceLine.FindStringSubmatch(l); m != nil && len(m[1]) >= fence {
				fence = 0
			} else if l != "" && !strings.ContainsRune("+- @", rune(l[0])) {
				return bad("no line of a difference")
			}
			continue
		}
		if expectBlank != (l == "") && expectBlank {
			return bad("a tag and Markdown without a blank line between")
		}
		expectBlank = false
		if m := summary.FindStringSubmatch(l); (m != nil) != expectSummary {
			return bad("details and summary do not come together")
		} else if m != nil {
			expectSummary, expectBlank = false, true
			if rest := htmlText.ReplaceAllString(m[1], ""); !own.MatchString(rest) || word.MatchString(rest) {
				return bad("a text outside of code")
			}
			continue
		}
		if !strings.HasPrefix(l, "|") {
			columns = 0
		}
		var err error
		switch {
		case l == "":
		case l == "<details>":
			if folded {
				return bad("nested")
			}
			folded, expectSummary = true, true
		case l == "</details>":
			if !folded {
				return bad("nothing to close")
			}
			folded, expectBlank = false, i+1 < len(all)
		case fenceOpens.MatchString(l):
			fence = len(fenceOpens.FindStringSubmatch(l)[1])
			if fence > 255 {
				return bad("a fence that is too long to be one")
			}
		case strings.HasPrefix(l, "|"):
			columns, err = scanRow(l, columns)
		case strings.HasPrefix(l, "### ") || strings.HasPrefix(l, "#### ") || strings.HasPrefix(l, "- "):
			_, rest, _ := strings.Cut(l, " ")
			if strings.HasPrefix(l, "- ") && !starts.MatchString(rest) {
				return bad("a block within an item")
			}
			err = scanInline(rest)
		default:
			if !starts.MatchString(l) {
				return bad("no paragraph of ours begins like this")
			}
			err = scanInline(l)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w: %.300q", i+1, err, l)
		}
	}
	if fence > 0 || folded || expectSummary {
		return fmt.Errorf("the text ends inside of a block")
	}
	return nil
}

// scanRow splits a row in both ways that are known: a pipe is escaped by a
// backslash before it, or by an odd number of them.
func scanRow(l string, columns int) (int, error) {
	var anyBackslash, odd []string
	start, startOdd, slashes := 1, 1, 0
	for i := 1; i < len(l); i++ {
		if l[i] == '|' && slashes == 0 {
			anyBackslash, start = append(anyBackslash, l[start:i]), i+1
		}
		if l[i] == '|' && slashes%2 == 0 {
			odd, startOdd = append(odd, l[startOdd:i]), i+1
		}
		slashes++
		if l[i] != '\\' {
			slashes = 0
		}
	}
	if start != len(l) || startOdd != len(l) || len(odd) != len(anyBackslash) || columns > 0 && columns != len(odd) {
		return 0, fmt.Errorf("%d or %d cells, want %d", len(anyBackslash), len(odd), columns)
	}
	for _, c := range odd {
		if strings.Trim(c, "-") == "" {
			continue // the line below the head
		}
		if err := scanInline(strings.ReplaceAll(c, `\|`, "|")); err != nil {
			return 0, err
		}
	}
	return len(odd), nil
}

// scanInline takes out the code, and looks at what is left.
func scanInline(s string) error {
	var rest strings.Builder
	for s != "" {
		i := strings.IndexByte(s, '`')
		if i < 0 {
			rest.WriteString(s)
			break
		}
		rest.WriteString(s[:i])
		_, after, err := scanCode(s[i:])
		if err != nil {
			return err
		}
		s = after
	}
	left := rest.String()
	switch {
	case !own.MatchString(left):
		return fmt.Errorf("a sign outside of code that could mean something in %.200q", left)
	case word.MatchString(decimal.ReplaceAllString(left, "0")):
		return fmt.Errorf("a link, an emoji or a reference outside of code in %.200q", left)
	case strings.Count(left, "**")%2 != 0:
		return fmt.Errorf("bold without an end in %.200q", left)
	}
	return nil
}

// scanCode reads the inline code that a text begins with.
func scanCode(s string) (content, after string, err error) {
	n := len(s) - len(strings.TrimLeft(s, "`"))
	if n > 80 {
		return "", "", fmt.Errorf("a mark of %d backticks is none on GitHub", n)
	}
	for i := n; i < len(s); {
		if s[i] != '`' {
			i++
			continue
		}
		m := len(s[i:]) - len(strings.TrimLeft(s[i:], "`"))
		if m != n {
			i += m
			continue
		}
		content = s[n:i]
		if strings.HasPrefix(content, " ") && strings.HasSuffix(content, " ") && strings.Trim(content, " ") != "" {
			content = content[1 : len(content)-1]
		}
		return content, s[i+n:], nil
	}
	return "", "", fmt.Errorf("code without an end in %.200q", s)
}

// ciCommand finds a line that GitHub's runner takes for a command when a job
// prints it, as its source reads one.
func ciCommand(text string) string {
	for l := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(strings.TrimSpace(l), "::") || strings.Contains(l, "##[") {
			return l
		}
	}
	return ""
}
