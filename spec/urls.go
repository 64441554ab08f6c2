package spec

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// urlProblem tells why a text is no absolute http or https URL with a host;
// "" when it is one. It never shows the URL: userinfo and query are secret.
func urlProblem(s string) (problem, remedy string) {
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || isControl(r) }) {
		return "holds white space or a control character", "remove it, or write %20 for a space"
	}
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
		return "is not an absolute http or https URL", "start it with https://"
	}
	host := rest
	if i := strings.IndexAny(rest, `/?#\`); i >= 0 {
		host = rest[:i]
	}
	if strings.ContainsAny(host, "{}") {
		return "has a placeholder in its host", "write the host out; placeholders belong in the path or the query"
	}
	u, err := url.Parse(s)
	if err != nil {
		return "is not a valid URL", "check its host, its port and its % escapes"
	}
	if u.Hostname() == "" {
		return "has no host", "write https://HOST/PATH"
	}
	return "", ""
}

var placeholderName = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

// placeholders lists the names in a URL's {braces}, each once and in order.
// It is not ok when the braces do not pair or hold no name.
func placeholders(s string) (names []string, ok bool) {
	for {
		before, after, found := strings.Cut(s, "{")
		if strings.Contains(before, "}") {
			return nil, false
		}
		if !found {
			return names, true
		}
		name, rest, closed := strings.Cut(after, "}")
		if !closed || !placeholderName.MatchString(name) {
			return nil, false
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
		s = rest
	}
}
