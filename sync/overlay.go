package sync

import (
	"encoding/json"
	"maps"

	"wassist-sync/spec"
)

// updateFields builds what has to be written so that the given top-level
// fields of the agent say what the definition says. Entries keep their ids and
// the keys that are not declared; unknown keys of the API stay as they are.
func updateFields(def *spec.Agent, stored Document, refs *references, tops map[string]bool) map[string]any {
	out := map[string]any{}
	if tops["name"] {
		out["name"] = def.Name
	}
	for i := range spec.AgentFields {
		f := &spec.AgentFields[i]
		if !tops[f.Name] {
			continue
		}
		if declared := def.Fields.Get(f.Name); declared != nil {
			out[f.Name] = overlay(refs, f, declared, stored.Field(f.Name))
		}
	}
	return out
}

// overlay lays a declared value over a stored one.
func overlay(refs *references, f *spec.Field, declared *spec.Value, stored any) any {
	switch f.Type {
	case spec.TypeEntries:
		return overlayEntries(refs, f, declared, stored)
	case spec.TypeObject:
		if declared.Kind == spec.Null {
			return cleared(f)
		}
		object, _ := stored.(map[string]any)
		return overlayMembers(refs, f, declared, object)
	case spec.TypeMap:
		object, _ := stored.(map[string]any)
		out := make(map[string]any, len(declared.Members))
		for _, m := range declared.Members {
			out[m.Key] = overlay(refs, f.Elem, m.Value, object[m.Key])
		}
		return out
	}
	switch declared.Kind {
	case spec.Text:
		if declared.Text == "" && f.Nullable {
			return nil
		}
		return declared.Text
	case spec.Bool:
		return declared.Bool
	case spec.Number:
		return json.Number(declared.Text)
	case spec.List:
		out := make([]any, len(declared.Items))
		for i, item := range declared.Items {
			out[i] = item.Text
		}
		return out
	}
	return cleared(f)
}

// cleared is what null means on the wire: the API takes null only where the
// schema says so, else the empty value of the type.
func cleared(f *spec.Field) any {
	if f.Nullable {
		return nil
	}
	switch f.Type {
	case spec.TypeText:
		return ""
	case spec.TypeTexts, spec.TypeEntries:
		return []any{}
	case spec.TypeMap, spec.TypeObject:
		return map[string]any{}
	}
	return nil
}

func overlayEntries(refs *references, f *spec.Field, declared *spec.Value, stored any) any {
	out := make([]any, 0, len(declared.Items))
	for _, p := range pairEntries(refs, f, declared, stored) {
		if p.declared == nil {
			continue // stored and not declared: leaving it out deletes it
		}
		entry := overlayMembers(refs, f, p.declared, p.stored)
		if k := f.KeyField(); k.Alias != "" && p.declared.Get(k.Alias) != nil {
			entry[k.Name] = refs.idOf(k.Alias, p.declared.Get(k.Alias).Text)
		}
		out = append(out, entry)
	}
	return out
}

// idOf gives the remote id that a reference by name stands for.
func (r *references) idOf(alias, name string) string {
	if alias == "agent" {
		return r.agents[name]
	}
	return r.connectors[name]
}

func overlayMembers(refs *references, f *spec.Field, declared *spec.Value, stored map[string]any) map[string]any {
	out := maps.Clone(stored)
	if out == nil {
		out = map[string]any{}
	}
	for i := range f.Fields {
		sub := &f.Fields[i]
		value := declared.Get(sub.Name)
		if value == nil {
			if f.Whole {
				delete(out, sub.Name)
			} else if text, ok := sub.Default.(string); ok && isEmpty(out[sub.Name]) {
				// request_body.type: the API wants it, and there is one value.
				out[sub.Name] = text
			}
			continue
		}
		out[sub.Name] = overlay(refs, sub, value, out[sub.Name])
	}
	return out
}
