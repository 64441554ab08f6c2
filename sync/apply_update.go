package sync

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"wassist-sync/spec"
)

// update writes the difference between a definition and its agent, and
// believes only the answer. base is the freshest reading.
func (r *run) update(ctx context.Context, c *Change, base Agent) error {
	var last error
	for attempt := 1; ; attempt++ {
		fields, err := r.remaining(ctx, c, &base)
		if err != nil {
			return err
		}
		if len(fields) == 0 {
			return nil
		}
		if attempt > r.attempts() {
			return last
		}
		last = r.write(ctx, c, base, fields)
		if !errors.Is(last, ErrOutcomeUnknown) {
			return last
		}
		// Entries without an id would double if the write were just repeated.
		if base, err = r.reread(ctx, base.ID, last); err != nil {
			return err
		}
	}
}

// remaining computes what is left to write, from a reading that is young
// enough. A difference that the plan does not show is somebody else's edit
// after the plan was made: nobody saw what writing over it would do.
func (r *run) remaining(ctx context.Context, c *Change, base *Agent) ([]Field, error) {
	fields := diffAgent(c.definition, base.Name, base.Stored, r.refs)
	if (r.whole || replacesStored(fields)) && stale(base.ReadAt) {
		if err := r.refresh(ctx, c, base); err != nil {
			return nil, err
		}
		fields = diffAgent(c.definition, base.Name, base.Stored, r.refs)
	}
	if c.Action == Create {
		// The plan saw no agent; what the answer holds beyond the name is the
		// server's own default.
		return fields, nil
	}
	for _, f := range fields {
		if !planned(c.Fields, f) {
			return nil, fmt.Errorf("%s: %w; run again to see the new plan", f.Path, ErrChanged)
		}
	}
	return fields, nil
}

// planned tells whether the plan shows this very difference.
func planned(fields []Field, f Field) bool {
	return slices.ContainsFunc(fields, func(p Field) bool {
		if p.Sensitive && !sameStored(*p.stored, *f.stored) {
			return false // both look the same in a plan
		}
		return p.Path == f.Path && p.Sensitive == f.Sensitive && reflect.DeepEqual(p.Before, f.Before) && reflect.DeepEqual(p.After, f.After)
	})
}

// replacesStored tells whether writing the fields also writes back stored
// values that the definition does not declare: those of a list's entries, or
// of an object.
func replacesStored(fields []Field) bool {
	return slices.ContainsFunc(fields, func(f Field) bool {
		s := schemaField(f.top)
		return isList(f.top) || (s != nil && s.Type == spec.TypeObject)
	})
}

func isList(top string) bool {
	f := schemaField(top)
	return f != nil && (f.Type == spec.TypeEntries || f.Type == spec.TypeTexts)
}

// refresh reads an agent again: alone, or with the whole page it was on when
// three or more of the next changes stand on that page.
func (r *run) refresh(ctx context.Context, c *Change, base *Agent) error {
	if base.Offset >= 0 && r.waiting(base.Offset) >= 3 {
		page, err := r.Reader.Page(ctx, base.Offset)
		if err != nil {
			return fmt.Errorf("reading again before writing: %w", err)
		}
		for _, a := range page {
			r.remember(a)
		}
		if fresh := r.reading(base.ID); !stale(fresh.ReadAt) {
			*base = fresh
			return nil
		}
	}
	fresh, err := r.Reader.Agent(ctx, base.ID)
	if err != nil {
		return fmt.Errorf("reading again before writing: %w", gone(err))
	}
	r.remember(fresh)
	*base = fresh
	return nil
}

// waiting counts the updates to come, this one included, whose agents were
// read with the page that begins at offset and have become stale since.
func (r *run) waiting(offset int) int {
	n := 0
	for i := range r.plan.Changes {
		c := &r.plan.Changes[i]
		if c.Action != Update || r.results[i] != nil {
			continue
		}
		if a := r.reading(c.ID); a.Offset == offset && stale(a.ReadAt) && (r.whole || replacesStored(c.Fields)) {
			n++
		}
	}
	return n
}

func (r *run) reread(ctx context.Context, id string, cause error) (Agent, error) {
	fresh, err := r.Reader.Agent(ctx, id)
	if err != nil {
		return Agent{}, fmt.Errorf("it is not known whether the write took effect (%w), and reading again failed: %w; run again", cause, err)
	}
	r.remember(fresh)
	return fresh, nil
}

func gone(err error) error {
	if errors.Is(err, ErrNotFound) {
		return fmt.Errorf("the agent is gone from Wassist: %w: %w; run again to see the new plan", ErrChanged, err)
	}
	return err
}

// write sends the fields, partially or whole, and verifies the answer. An API
// without partial updates is learnt once per run.
func (r *run) write(ctx context.Context, c *Change, base Agent, fields []Field) error {
	body := updateFields(c.definition, base.Stored, r.refs, tops(fields))
	answer, err := r.Writer.UpdateAgent(ctx, base, body, r.whole)
	r.wrote = r.wrote || err == nil
	if !r.whole {
		switch {
		case errors.Is(err, ErrPartialUnsupported):
			return r.wholeFrom(ctx, c, base)
		case errors.Is(err, ErrNotFound):
			// A missing method answers 404 too. Only reading tells.
			fresh, readErr := r.Reader.Agent(ctx, base.ID)
			if readErr != nil {
				return gone(readErr)
			}
			r.remember(fresh)
			return r.wholeFrom(ctx, c, fresh)
		}
	}
	if err != nil {
		return gone(err)
	}
	r.remember(answer)
	left := diffAgent(c.definition, answer.Name, answer.Stored, r.refs)
	elsewhere := func(f Field) bool { return !tops(fields)[f.top] }
	if i := slices.IndexFunc(left, elsewhere); i >= 0 && r.whole {
		return fmt.Errorf("%s: %w: it was right before the whole agent was written; look at the agent on Wassist", left[i].Path, ErrNotStored)
	}
	if name := undeclaredLoss(c.definition, base, answer); name != "" && r.whole {
		return fmt.Errorf("%s: %w: no definition declares it, and writing the whole agent changed it; look at the agent on Wassist", name, ErrNotStored)
	}
	left = slices.DeleteFunc(left, elsewhere) // somebody else's, for the next plan
	if len(left) == 0 {
		return nil
	}
	lost := unstored(fields, left)
	if !r.whole && slices.ContainsFunc(lost, isList) {
		return r.wholeFrom(ctx, c, answer)
	}
	if len(lost) > 0 {
		return fmt.Errorf("%s: %w: the answer holds what was there before", strings.Join(lost, ", "), ErrNotStored)
	}
	for _, f := range left {
		r.note("%s: Wassist stored %s in another form than it was sent; the next plan may show it again", c.Agent, f.Path)
	}
	return nil
}

// undeclaredLoss names a field that the definition leaves alone and that is not
// the same any more after a whole write; empty when there is none.
func undeclaredLoss(def *spec.Agent, before, after Agent) string {
	for i := range spec.AgentFields {
		name := spec.AgentFields[i].Name
		if def.Fields.Get(name) == nil && !sameStored(withoutNames(before.Stored.Field(name)), withoutNames(after.Stored.Field(name))) {
			return name
		}
	}
	return ""
}

// withoutNames takes out of entries what the server computes from other
// objects, which may have been renamed meanwhile.
func withoutNames(stored any) any {
	list, ok := stored.([]any)
	if !ok {
		return stored
	}
	out := make([]any, len(list))
	for i, item := range list {
		entry, ok := item.(map[string]any)
		if !ok {
			out[i] = item
			continue
		}
		entry = maps.Clone(entry)
		delete(entry, "childAgentName")
		delete(entry, "connectorName")
		out[i] = entry
	}
	return out
}

// wholeFrom goes on with whole documents, for this agent and all later ones.
func (r *run) wholeFrom(ctx context.Context, c *Change, base Agent) error {
	r.whole = true
	fields, err := r.remaining(ctx, c, &base)
	if err != nil || len(fields) == 0 {
		return err
	}
	return r.write(ctx, c, base, fields)
}

// unstored lists the top-level fields in which a write left a place as it was
// before, value for value: the API took it and did not store it. What was to go
// and is still there was not stored either, whatever the server did to it.
func unstored(sent, left []Field) []string {
	var out []string
	for _, f := range left {
		if slices.Contains(out, f.top) {
			continue
		}
		if slices.ContainsFunc(sent, func(s Field) bool { return s.Path == f.Path && (s.removed || sameStored(*s.stored, *f.stored)) }) {
			out = append(out, f.top)
		}
	}
	return out
}

func tops(fields []Field) map[string]bool {
	out := map[string]bool{}
	for _, f := range fields {
		out[f.top] = true
	}
	return out
}
