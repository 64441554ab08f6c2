package spec

import (
	"regexp"
	"slices"
	"strings"
)

// startsLikeID is what a glob for ids starts with: the first group of a UUID.
// A glob for names would hit ids by chance otherwise, as a* does one in sixteen.
var startsLikeID = regexp.MustCompile(`^[0-9A-Fa-f]{8}`)

// IsUnmanaged tells whether an entry of unmanaged, or of exclude, stands for the
// agent of that name and id. An entry stands for the name or id that it is,
// whatever characters these hold, and for those that it matches as a glob: names
// in their case and as a whole, ids in any case if it starts with eight of their
// digits.
func (s *Settings) IsUnmanaged(name, id string) bool {
	return anyStandsFor(s.Unmanaged, name, id) || s.IsExcluded(name, id)
}

// IsExcluded tells whether an entry of exclude stands for the definition, or the
// agent, of that name and id; see IsUnmanaged.
func (s *Settings) IsExcluded(name, id string) bool { return anyStandsFor(s.Exclude, name, id) }

func anyStandsFor(entries []*Value, name, id string) bool {
	return slices.ContainsFunc(entries, func(entry *Value) bool { return standsFor(entry.Text, name, id) })
}

func standsFor(text, name, id string) bool {
	return text == name || strings.EqualFold(text, id) || globStandsFor(text, name, id)
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
