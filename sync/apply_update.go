package sync

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"wassist-sync/spec"
)

// update writes the difference between a definition and its agent, and
// believes only the answer. base is the freshest reading.
func (r *run) update(ctx context.Context, c *Change, base Agent) error {
	var last error
	var sent []Field
	for attempt := 1; ; attempt++ {
		fields, err := r.remaining(ctx, c, &base, sent)
		if err != nil {
			return err
		}
		if len(fields) == 0 {
			return nil
		}
		if attempt > r.attempts() {
			return last
		}
		last, sent = r.write(ctx, c, base, fields), fields
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
// after the plan was made: nobody saw what writing over it would do. Where an
// earlier write of this change was under way, sent is what it carried: what the
// server made of that is no one else's.
func (r *run) remaining(ctx context.Context, c *Change, base *Agent, sent []Field) ([]Field, error) {
	fields := diffAgent(c.definition, base.Name, base.Stored, r.refs)
	if len(fields) > 0 && (r.whole || replacesStored(fields)) {
		if err := r.fresh(ctx, c, base); err != nil {
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
		if !planned(c.Fields, f) && !echo(sent, f) {
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

// echo tells whether a difference lies where a write of ours went: at a place
// that it changed to the same end, or inside an entry that it added.
func echo(sent []Field, f Field) bool {
	return slices.ContainsFunc(sent, func(s Field) bool {
		if s.Path == f.Path {
			return s.Sensitive == f.Sensitive && reflect.DeepEqual(s.After, f.After)
		}
		return *s.stored == nil && below(f.Path, s.Path)
	})
}

// below tells whether a path lies inside another one.
func below(path, of string) bool {
	rest, ok := strings.CutPrefix(path, of)
	return ok && (strings.HasPrefix(rest, ".") || strings.HasPrefix(rest, "["))
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

// fresh makes sure that base is young when the next request is sent: the limit
// may hold a write back for a window, and a reading does not keep that long.
func (r *run) fresh(ctx context.Context, c *Change, base *Agent) error {
	if err := r.Reader.Ready(ctx, 1); err != nil {
		return err
	}
	if !stale(base.ReadAt) {
		return nil
	}
	// Room for the reading and for the write that stands on it.
	if err := r.Reader.Ready(ctx, 2); err != nil {
		return err
	}
	return r.refresh(ctx, c, base)
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
		r.misplaced(base.Offset)
	}
	if base.Offset < 0 && r.waitingCreated() >= 3 {
		// Agents of this run were on no page yet: one listing shows them all.
		if _, _, err := r.relist(ctx); err != nil {
			return fmt.Errorf("reading again before writing: %w", err)
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

// waitingCreated counts the creates whose fields are still to be written and
// whose reading has become stale since.
func (r *run) waitingCreated() int {
	n := 0
	for i, a := range r.created {
		if r.results[i] == nil && stale(r.reading(a.ID).ReadAt) {
			n++
		}
	}
	return n
}

// waiting counts the updates and deletes to come, this one included, whose agents
// were read with the page that begins at offset and have become stale since.
func (r *run) waiting(offset int) int {
	n := 0
	for i := range r.plan.Changes {
		c := &r.plan.Changes[i]
		if r.results[i] != nil || !r.standsOnReading(c) {
			continue
		}
		if a := r.reading(c.ID); a.Offset == offset && stale(a.ReadAt) {
			n++
		}
	}
	return n
}

// standsOnReading tells whether a change of an agent that exists needs a young
// reading of it.
func (r *run) standsOnReading(c *Change) bool {
	return c.Action == Delete || c.Action == Update && (r.whole || replacesStored(c.Fields))
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
			return r.wholeFrom(ctx, c, base, nil)
		case errors.Is(err, ErrNotFound):
			// A missing method answers 404 too. Only reading tells.
			fresh, readErr := r.Reader.Agent(ctx, base.ID)
			if readErr != nil {
				return gone(readErr)
			}
			r.remember(fresh)
			return r.wholeFrom(ctx, c, fresh, nil)
		}
	}
	if err != nil {
		return gone(err)
	}
	left, lost := r.judge(c, fields, answer)
	if len(lost) > 0 {
		// The answer to a write may be partial: only a reading condemns, and only
		// a reading may be the base of a whole write.
		if answer, err = r.Reader.Agent(ctx, base.ID); err != nil {
			return fmt.Errorf("reading again after writing: %w", gone(err))
		}
		left, lost = r.judge(c, fields, answer)
	}
	if !r.whole && slices.ContainsFunc(lost, isList) {
		return r.wholeFrom(ctx, c, answer, fields)
	}
	if r.whole {
		if err := r.damage(c, base, answer, fields); err != nil {
			return err
		}
	}
	if len(lost) > 0 {
		return fmt.Errorf("%s: %w: Wassist holds what was there before", strings.Join(lost, ", "), ErrNotStored)
	}
	for _, f := range left {
		r.note("%s: Wassist stored %s in another form than it was sent; the next plan may show it again", c.Agent, f.Path)
	}
	return nil
}

// judge compares an agent with what was sent: what is still different in the
// fields that were written, and which of these were not stored at all. Other
// fields are somebody else's doing, for the next plan.
func (r *run) judge(c *Change, sent []Field, got Agent) (left []Field, lost []string) {
	r.remember(got)
	written := tops(sent)
	left = diffAgent(c.definition, got.Name, got.Stored, r.refs)
	left = slices.DeleteFunc(left, func(f Field) bool { return !written[f.top] })
	return left, unstored(sent, left)
}

// damage finds what a whole write changed besides the fields that were to change.
func (r *run) damage(c *Change, base, answer Agent, sent []Field) error {
	written := tops(sent)
	for _, f := range diffAgent(c.definition, answer.Name, answer.Stored, r.refs) {
		if !written[f.top] {
			return fmt.Errorf("%s: %w: it was right before the whole agent was written; look at the agent on Wassist", f.Path, ErrNotStored)
		}
	}
	if name := undeclaredLoss(c.definition, base, answer); name != "" {
		return fmt.Errorf("%s: %w: no definition declares it, and writing the whole agent changed it; look at the agent on Wassist", name, ErrNotStored)
	}
	return nil
}

// undeclaredLoss names a field that the definition leaves alone and that is not
// the same any more after a whole write; empty when there is none.
func undeclaredLoss(def *spec.Agent, before, after Agent) string {
	for i := range spec.AgentFields {
		f := &spec.AgentFields[i]
		if def.Fields.Get(f.Name) == nil && !sameField(f, before.Stored.Field(f.Name), after.Stored.Field(f.Name)) {
			return f.Name
		}
	}
	return ""
}

// wholeFrom goes on with whole documents, for this agent and all later ones.
func (r *run) wholeFrom(ctx context.Context, c *Change, base Agent, sent []Field) error {
	r.whole = true
	fields, err := r.remaining(ctx, c, &base, sent)
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
		if slices.ContainsFunc(sent, func(s Field) bool { return notStored(s, f) }) {
			out = append(out, f.top)
		}
	}
	return out
}

// notStored tells whether what was sent at s is still not there at f: the same
// place, as it was before; or a part of a new entry that came back empty or as
// the server's default.
func notStored(s, f Field) bool {
	switch {
	case s.Path == f.Path:
		return s.removed || sameStored(*s.stored, *f.stored)
	case *s.stored == nil && below(f.Path, s.Path):
		return isEmpty(*f.stored) || sameStored(f.standard, *f.stored)
	}
	return false
}

func tops(fields []Field) map[string]bool {
	out := map[string]bool{}
	for _, f := range fields {
		out[f.top] = true
	}
	return out
}
