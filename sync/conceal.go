package sync

import "strings"

// A value from the environment can also stand where nobody tagged it: in the
// entry that the tagged one replaces, or written out in a definition. Whatever
// a plan would print is searched for the values that this run knows.

// minConcealed is how long, in bytes, a value must be to be searched for: a
// shorter one stands in many a text by chance, and is no secret worth the name.
const minConcealed = 8

func concealable(secrets []string) []string {
	var out []string
	for _, s := range secrets {
		if len(strings.TrimSpace(s)) >= minConcealed {
			out = append(out, strings.TrimSpace(s))
		}
	}
	return out
}

// conceal replaces every text that holds a known secret by Redacted.
func (r *references) conceal(v any) any {
	if len(r.secrets) == 0 {
		return v
	}
	switch v := v.(type) {
	case string:
		for _, s := range r.secrets {
			if strings.Contains(v, s) {
				return Redacted{}
			}
		}
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

// hideIn takes known secrets out of a path, whose labels are natural keys.
func (r *references) hideIn(path string) string {
	for _, s := range r.secrets {
		path = strings.ReplaceAll(path, s, sensitiveMark)
	}
	return path
}
