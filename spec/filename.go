package spec

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// maxStem is how long a file name may be, in bytes, before its ending.
const maxStem = 60

// latin spells letters of the Latin alphabet without their marks.
var latin = func() map[rune]string {
	table := map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'þ': "th", 'ĳ': "ij", 'ﬁ': "fi", 'ﬂ': "fl"}
	for base, marked := range map[string]string{
		"a": "àáâãäåāăąǎǻạảấầẩẫậắằẳẵặ", "c": "çćĉċč", "d": "ďđð", "e": "èéêëēĕėęěẹẻẽếềểễệ", "g": "ĝğġģǧ", "h": "ĥħ",
		"i": "ìíîïĩīĭįıǐỉị", "j": "ĵ", "k": "ķĸ", "l": "ĺļľŀł", "n": "ñńņňŉŋ", "o": "òóôõöøōŏőơǒọỏốồổỗộớờởỡợ", "r": "ŕŗř",
		"s": "śŝşšș", "t": "ţťŧț", "u": "ùúûüũūŭůűųưǔụủứừửữự", "w": "ŵẁẃẅ", "y": "ýÿŷỳỵỷỹ", "z": "źżž",
	} {
		for _, r := range marked {
			table[r] = base
		}
	}
	return table
}()

// reservedStems are names that a system or this tool keeps for itself, whatever
// their ending. See "Naming Files, Paths, and Namespaces" of Microsoft.
var reservedStems = regexp.MustCompile(`^(con|prn|aux|nul|com[0-9]|lpt[0-9]|conin|conout|clock|wassist-sync|environments)$`)

// FileStem makes a file's name, without its ending, of an agent's: of small
// letters a to z, digits and single dashes, so that it is one name on every file
// system. Where nothing of the name is left, it is made of the agent's id.
func FileStem(name, id string) string {
	stem := asciiWords(name, '-')
	if len(stem) > maxStem {
		stem = stem[:maxStem]
		if i := strings.LastIndexByte(stem, '-'); i > maxStem/2 {
			stem = stem[:i]
		}
		stem = strings.TrimRight(stem, "-")
	}
	switch {
	case stem == "":
		return "agent-" + shortID(id)
	case reservedStems.MatchString(stem):
		return "agent-" + stem
	}
	return stem
}

// VariableName makes the name of an environment variable of words, such as those
// of an agent, of a tool and of a header. id stands for the first of the words
// where nothing of it is left.
func VariableName(id string, words ...string) string {
	var parts []string
	for i, word := range words {
		part := strings.ToUpper(asciiWords(splitCamel(word), '_'))
		if len(part) > maxStem {
			part = strings.TrimRight(part[:maxStem], "_")
		}
		if part == "" && i == 0 {
			part = "AGENT_" + strings.ToUpper(shortID(id))
		}
		if part != "" {
			parts = append(parts, part)
		}
	}
	name := strings.Join(parts, "_")
	// One word alone is what systems call theirs: PATH, HOME, CI.
	alone := len(parts) == 1 && !strings.HasPrefix(name, "AGENT_")
	if alone || name[0] >= '0' && name[0] <= '9' || reservedVariables.MatchString(name) {
		return "AGENT_" + name
	}
	return name
}

// splitCamel puts a space before each word of a key such as creditGrantPassword. A
// name such as GitHub stays one word.
func splitCamel(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	var b strings.Builder
	last := ' '
	for _, r := range s {
		if r >= 'A' && r <= 'Z' && last >= 'a' && last <= 'z' {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		last = r
	}
	return b.String()
}

// reservedVariables mean something to this tool, to a CI system or to the loader
// of programs.
var reservedVariables = regexp.MustCompile(`^(WASSIST|GITHUB|ACTIONS|RUNNER|INPUT|CI|GIT|LD|DYLD|GO|SSH)_`)

// shortID is the beginning of an id that is surely safe in a name.
func shortID(id string) string {
	short := asciiWords(id, '-')
	if len(short) > 8 {
		short = strings.TrimRight(short[:8], "-")
	}
	if short == "" {
		return "unnamed"
	}
	return short
}

// asciiWords spells a text in small letters, digits and single separators.
func asciiWords(s string, separator byte) string {
	var b strings.Builder
	gap := false
	for _, r := range s {
		r = unicode.ToLower(r)
		word := latin[r]
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			word = string(r)
		}
		switch {
		case word != "":
			if gap && b.Len() > 0 {
				b.WriteByte(separator)
			}
			gap = false
			b.WriteString(word)
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’':
			// A mark belongs to the letter before it, and "Harbour's" is one word.
		default:
			gap = true
		}
	}
	return b.String()
}

// Numbered is the n-th name of those that would be the same: name, name-2, and so on.
func Numbered(name string, separator string, n int) string {
	if n < 2 {
		return name
	}
	return fmt.Sprintf("%s%s%d", name, separator, n)
}
