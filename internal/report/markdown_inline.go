package report

import (
	"fmt"
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A page on GitHub makes much of a text: markup and tags, mentions that send
// mail, references to issues, links. None of it is meant by a prompt or by the
// name of an agent, and nothing of it is looked for in code. So texts of people
// are code, and of sentences all words that could mean something.

// longProse is the length, in characters, from which a reason is cut in its
// middle: its end says what to do.
const longProse = 600

// longSpan is how many backticks in a row a span or a block of code may hold.
// Its own marks are longer, and GitHub knows spans with marks of up to 80 and
// blocks with marks of up to 255.
const longSpan = 32

// code shows a text as inline code, on one line and not too long.
func code(s string) string { return span(clip(line(s))) }

// span makes a line inline code.
func span(s string) string {
	if s == "" {
		return "(empty)"
	}
	s = fewBackticks(s)
	mark := strings.Repeat("`", backticks(s)+1)
	// One space on each side goes when it is read, if there is one on both.
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || strings.HasPrefix(s, " ") && strings.HasSuffix(s, " ") && strings.Trim(s, " ") != "" {
		s = " " + s + " "
	}
	return mark + s + mark
}

// prose shows a sentence, and as code those of its words that could mean more
// than their letters.
func prose(s string) string { return mixed(ends(line(s), longProse)) }

// brief shows the beginning of a sentence likewise.
func brief(s string) string { return mixed(clip(line(s))) }

func mixed(s string) string {
	if s == "" {
		return span(s)
	}
	var out, risky []string
	flush := func() {
		if len(risky) > 0 {
			out = append(out, spanOf(strings.Join(risky, " ")))
			risky = nil
		}
	}
	for i, w := range strings.Split(s, " ") {
		if !plain(w) || i == 0 && !begins(w) {
			risky = append(risky, w)
			continue
		}
		flush()
		out = append(out, w)
	}
	flush()
	return strings.Join(out, " ")
}

// spanOf makes code of words, without the one sign of the sentence that may
// follow them.
func spanOf(words string) string {
	if n := len(words) - 1; n > 0 && strings.IndexByte(",;:.", words[n]) >= 0 {
		return span(words[:n]) + words[n:]
	}
	return span(words)
}

// plain tells whether a word, somewhere within a line, means nothing but its
// letters: no markup, no mention, no reference, no link and no emoji's name.
func plain(w string) bool {
	runes := []rune(w)
	for i, r := range runes {
		last, next := ' ', ' '
		if i > 0 {
			last = runes[i-1]
		}
		if i+1 < len(runes) {
			next = runes[i+1]
		}
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
		case strings.ContainsRune(`"'()%+→·…—–`, r):
		case strings.ContainsRune(",;.:?!", r) && strings.ContainsRune(` "),`, next):
			// The end of a word: no www.example.com, https:// or :emoji:.
		case r == '.' && '0' <= last && last <= '9' && '0' <= next && next <= '9': // 1.5 s
		case r == '-' && !unicode.IsDigit(next): // no GH-1
		default:
			return false
		}
	}
	return true
}

// begins tells whether a word can begin a line without beginning a list or
// another block.
func begins(w string) bool {
	first, _ := utf8.DecodeRuneInString(w)
	return unicode.IsLetter(first) || unicode.IsDigit(first) && !strings.ContainsAny(w, ".)")
}

// cell makes inline text fit for a table: a pipe would end its cell. Readers
// differ in whether a backslash before a backslash counts, so their number
// before a pipe is odd.
func cell(s string) string {
	if !strings.Contains(s, "|") {
		return s
	}
	var b strings.Builder
	slashes := 0
	for _, r := range s {
		if r == '|' && slashes%2 == 0 {
			b.WriteByte('\\')
		}
		slashes++
		if r != '\\' {
			slashes = 0
		}
		b.WriteRune(r)
	}
	return b.String()
}

// htmlCode shows a text as code where Markdown is not read: inside of a tag.
func htmlCode(s string) string {
	s = clip(line(s))
	if s == "" {
		return "(empty)"
	}
	return "<code>" + html.EscapeString(s) + "</code>"
}

// fence is the mark around a block of code that holds the lines.
func fence(lines []string) string {
	longest := 2
	for _, l := range lines {
		longest = max(longest, backticks(l))
	}
	return strings.Repeat("`", longest+1)
}

// backticks is how many of them come in a row at most.
func backticks(s string) int {
	longest, n := 0, 0
	for i := range len(s) {
		if n++; s[i] != '`' {
			n = 0
		}
		longest = max(longest, n)
	}
	return longest
}

// fewBackticks shows backticks as escapes in a text with more of them in a row
// than a mark around them may have.
func fewBackticks(s string) string {
	if backticks(s) <= longSpan {
		return s
	}
	return strings.ReplaceAll(s, "`", `\x60`)
}

// ends shows both ends of a text that is longer than limit characters.
func ends(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	r := []rune(s)
	return fmt.Sprintf("%s … (%s characters) … %s", string(r[:limit/2]), thousands(len(r)-limit/2*2), string(r[len(r)-limit/2:]))
}
