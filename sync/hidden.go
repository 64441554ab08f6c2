package sync

import (
	"regexp"
	"slices"

	"wassist-sync/spec"
)

// A value that was a secret once may still be stored. Where an earlier version
// of a definition took a value from the environment, a plan shows neither what
// stands there now nor what shall.

// hiddenPlace is the path of such a value: its text, and the paths above it.
type hiddenPlace struct {
	above []string // the paths of the list, the entry, the object… that it is in
	parts []string // the keys that lead from each of these to the next
	path  string
}

// hiddenPlaces finds the sensitive values of a definition's version.
func hiddenPlaces(def *spec.Agent, refs *references) []hiddenPlace {
	var out []hiddenPlace
	var walk func(f *spec.Field, v *spec.Value, at hiddenPlace)
	inside := func(f *spec.Field, v *spec.Value, at hiddenPlace, path, part string) {
		walk(f, v, hiddenPlace{
			above: append(at.above[:len(at.above):len(at.above)], at.path), parts: append(at.parts[:len(at.parts):len(at.parts)], part), path: path,
		})
	}
	walk = func(f *spec.Field, v *spec.Value, at hiddenPlace) {
		if v.Sensitive || hasSensitiveText(v) {
			out = append(out, at)
			return
		}
		switch f.Type {
		case spec.TypeEntries:
			for _, entry := range v.Items {
				_, label := refs.entryKey(f, entry)
				for _, m := range entry.Members {
					if sub := spec.Lookup(f.Fields, m.Key); sub != nil {
						walk(sub, m.Value, hiddenPlace{above: []string{at.path, at.path + "[" + label + "]"}, parts: []string{label, m.Key}, path: at.path + "[" + label + "]." + m.Key})
					}
				}
			}
		case spec.TypeObject:
			for _, m := range v.Members {
				if sub := spec.Lookup(f.Fields, m.Key); sub != nil {
					inside(sub, m.Value, at, at.path+"."+m.Key, m.Key)
				}
			}
		case spec.TypeMap:
			for _, m := range v.Members {
				inside(f.Elem, m.Value, at, at.path+"."+m.Key, m.Key)
			}
		}
	}
	for _, m := range def.Fields.Members {
		if f := schemaField(m.Key); f != nil {
			walk(f, m.Value, hiddenPlace{path: m.Key})
		}
	}
	return out
}

// hide makes places of a definition hidden.
func (r *references) hide(pos spec.Position, places []hiddenPlace) {
	for _, h := range places {
		if !slices.ContainsFunc(r.hidden[pos], func(o hiddenPlace) bool { return o.path == h.path }) {
			r.hidden[pos] = append(r.hidden[pos], h)
		}
	}
}

// hide takes hidden values out of differences.
func hide(fields []Field, hidden []hiddenPlace) {
	for i := range fields {
		f := &fields[i]
		path := unnumbered(f.Path)
		if isHidden(path, hidden) {
			f.Sensitive, f.Before, f.After = true, nil, nil
			continue
		}
		for _, h := range hidden {
			for j, above := range h.above {
				if path == unnumbered(above) {
					f.Before, f.After = redact(f.Before, h.parts[j:]), redact(f.After, h.parts[j:])
				}
			}
		}
	}
}

var entryNumber = regexp.MustCompile(`#[0-9]+\]`)

// unnumbered takes entries whose labels are the same for one: tools[find#2] is
// a second tools[find], and may be the one that the secret was in.
func unnumbered(path string) string { return entryNumber.ReplaceAllString(path, "]") }

// isHidden tells whether a path is that of a hidden value.
func isHidden(path string, hidden []hiddenPlace) bool {
	path = unnumbered(path)
	return slices.ContainsFunc(hidden, func(h hiddenPlace) bool {
		place := unnumbered(h.path)
		return path == place || below(path, place)
	})
}

// meets tells whether a difference is at a hidden place, inside it, or around it.
func (h hiddenPlace) meets(f Field) bool {
	path, place := unnumbered(f.Path), unnumbered(h.path)
	return path == place || below(path, place) || below(place, path)
}

// redact replaces what lies at the end of a path inside a printed value.
func redact(v any, parts []string) any {
	switch {
	case v == nil:
		return nil
	case len(parts) == 0:
		return Redacted{}
	}
	if object, ok := v.(map[string]any); ok {
		if inner, ok := object[parts[0]]; ok {
			object[parts[0]] = redact(inner, parts[1:])
		}
	}
	return v
}
