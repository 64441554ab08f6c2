package sync

import (
	"cmp"
	"slices"
	"strings"
)

// A value from the environment can also stand where nobody tagged it: in the
// entry that the tagged one replaces, or written out in a definition. Whatever
// a plan would print is searched for the values that this run knows.

// minConcealed is how long, in bytes, a value must be to be searched for: a
// shorter one stands in many a text by chance, and is no secret worth the name.
const minConcealed = 6

// concealable picks the values to search for, the longest first, so that one
// inside another leaves nothing of it.
func concealable(secrets []string) []string {
	var out []string
	for _, s := range secrets {
		if s = strings.TrimSpace(s); len(s) >= minConcealed && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	return out
}

// conceal replaces known secrets in every text of a printed value. The rest of
// the text stays: it is to be reviewed, and counts in the digest.
func (r *references) conceal(v any) any {
	switch v := v.(type) {
	case string:
		return r.concealText(v)
	case []any:
		for i := range v {
			v[i] = r.conceal(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = r.conceal(v[key])
		}
	}
	return v
}

func (r *references) concealText(text string) string {
	for _, s := range r.secrets {
		text = strings.ReplaceAll(text, s, sensitiveMark)
	}
	return text
}
