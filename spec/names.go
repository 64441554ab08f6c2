package spec

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// nearest returns the known name that was probably meant, or "". Case, dashes
// and underscores do not count, so system_prompt finds systemPrompt. Beyond
// that a third of the letters may differ, at least one and at most three.
func nearest(name string, known []string) string {
	want := foldName(name)
	limit := min(max(len(want)/3, 1), 3)
	best := ""
	for _, k := range known {
		have := foldName(k)
		if max(len(have)-len(want), len(want)-len(have)) > limit {
			continue
		}
		if d := distance(want, have); d <= limit && d < max(len(want), 1) {
			best, limit = k, d-1
		}
	}
	return best
}

func foldName(s string) []rune {
	return []rune(strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(s)))
}

// distance counts insertions, deletions, substitutions and swaps of neighbours
// (optimal string alignment).
func distance(a, b []rune) int {
	before, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
		}
		before, prev, cur = prev, cur, before
	}
	return prev[len(b)]
}

// didYouMean is the remedy for an unknown name.
func didYouMean(name string, known []string) string {
	if n := nearest(name, known); n != "" {
		return "did you mean " + n + "?"
	}
	return "known keys are " + strings.Join(known, ", ")
}

// join appends a key to a field path.
func join(path, key string) string {
	if path == "" {
		return label(key)
	}
	return path + "." + label(key)
}

// Bounds of what a message shows of the user's own words, in characters.
const (
	maxLabel = 40 // in a field path
	maxQuote = 80
)

// label makes a user's own name fit for a field path: one line, and short.
func label(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.IndexFunc(s, isControl); i >= 0 {
		s = strings.TrimSpace(s[:i]) + "…"
	}
	return shorten(s, maxLabel)
}

func shorten(s string, limit int) string {
	if r := []rune(s); len(r) > limit {
		return string(r[:limit-1]) + "…"
	}
	return s
}

// isControl tells the characters that a one-line name may not hold: control
// characters and line breaks, though Unicode counts U+2028 and U+2029 elsewhere.
func isControl(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }

// quote shows a text in a message: quoted, one line, and short.
func quote(s string) string {
	return strconv.Quote(shorten(s, maxQuote))
}

// keyLabel is how a list entry's natural key stands in a field path; "" when it
// may not be shown. The userinfo and query of a URL are secret, and in what is
// no URL nobody can tell where they are.
func keyLabel(f *Field, text string) string {
	if !f.URL {
		return label(text)
	}
	u, err := url.Parse(text)
	if problem, _ := urlProblem(text); problem != "" || err != nil {
		return ""
	}
	return label((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String())
}

// entryPath is the path of a list's entry: by natural key where it is known, else by index.
func entryPath(path, key string, index int) string {
	if key == "" {
		key = strconv.Itoa(index)
	}
	return path + "[" + key + "]"
}
