package spec

import (
	"regexp"
	"strings"
)

// startsLikeID is what a glob for ids starts with: the first group of a UUID.
// A glob for names would hit ids by chance otherwise, as a* does one in sixteen.
var startsLikeID = regexp.MustCompile(`^[0-9A-Fa-f]{8}`)

// IsUnmanaged tells whether an entry of unmanaged stands for the agent of that
// name and id. An entry stands for the name or id that it is, whatever
// characters these hold, and for those that it matches as a glob: names in
// their case and as a whole, ids in any case if it starts with eight of their
// digits.
func (s *Settings) IsUnmanaged(name, id string) bool {
	for _, entry := range s.Unmanaged {
		if text := entry.Text; text == name || strings.EqualFold(text, id) || globStandsFor(text, name, id) {
			return true
		}
	}
	return false
}

func globStandsFor(text, name, id string) bool {
	if !strings.ContainsAny(text, `*?[\`) {
		return false
	}
	g, problem, _ := parseGlob(text)
	if problem != "" {
		return false
	}
	return g.match(name, false) || startsLikeID.MatchString(text) && g.match(id, true)
}
