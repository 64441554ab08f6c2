package source_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"
)

// This file holds what must be true of every apply, whatever a plan says:
// found out from the agents before and after, from the names and ids that
// definitions ever had, and from what each operation did to which document.

// wrote checks each agent that an apply created, changed or deleted.
func (r *run) wrote() error {
	before, after := map[string]agent{}, map[string]agent{}
	deleted := 0
	for _, a := range r.before {
		before[a.id] = a
	}
	now := r.w.agents()
	for _, a := range now {
		after[a.id] = a
	}
	for _, a := range now {
		if _, old := before[a.id]; !old {
			if err := r.mayCreate(a, after); err != nil {
				return fmt.Errorf("%s was created: %w", a.name, err)
			}
		}
	}
	for _, a := range r.before {
		now, there := after[a.id]
		var err error
		if !there {
			deleted++
			err = r.mayDelete(a)
		}
		if err == nil && !reflect.DeepEqual(now.all, a.all) {
			err = r.mayWrite(a)
		}
		if err != nil {
			return fmt.Errorf("%s %s was written or deleted: %w", a.name, a.id, err)
		}
		if !r.ever(a) {
			r.w.tally["agents that nothing ever named"]++
		} else if !r.names(a) && !r.heldOn(a) {
			r.w.tally["agents made after their name had left"]++
		}
	}
	if most := r.w.pending.deletes; !r.accepted && (deleted > 0 && len(r.l.stands[r.k]) == 0 || most >= 0 && deleted > most) {
		return fmt.Errorf("%d agents were deleted, --max-deletes %d, with %d definitions", deleted, most, len(r.l.stands[r.k]))
	}
	return nil
}

// names tells whether a definition that is applied names the agent.
func (r *run) names(a agent) bool {
	return slices.ContainsFunc(r.l.stands[r.k], func(d placed) bool {
		return d.id == a.id || d.name == a.name || slices.Contains(d.previousNames(), a.name)
	})
}

// ever tells whether a definition of the line ever named the agent.
func (r *run) ever(a agent) bool {
	for _, all := range r.l.stands {
		for _, d := range all {
			if d.id == a.id || d.name == a.name || slices.Contains(d.previousNames(), a.name) {
				return true
			}
		}
	}
	return false
}

// heldOn tells whether the agent's name stood, or its id was pinned, on the
// line at a time when the agent was there, whoever bore it.
func (r *run) heldOn(a agent) bool {
	stands := func(i int) bool {
		return slices.ContainsFunc(r.l.stands[i], func(d placed) bool { return d.name == a.name })
	}
	for i, all := range r.l.stands {
		if slices.ContainsFunc(all, func(d placed) bool { return d.id == a.id }) {
			return true
		}
		if stands(i) && (i == len(r.l.stands)-1 || !stands(i+1) && a.created.Before(time.Unix(r.l.earliest[i+1], 0)) && !a.created.IsZero()) {
			return true
		}
	}
	return false
}

// mayWrite says what is wrong with an agent's being written at all.
func (r *run) mayWrite(a agent) error {
	if r.names(a) {
		return nil
	}
	if !r.ever(a) {
		return errors.New("no definition ever named it")
	}
	if !r.heldOn(a) {
		return errors.New("it was made when its name had left already, and no definition names it")
	}
	return nil
}

// mayDelete says what is wrong with an agent's being deleted.
func (r *run) mayDelete(a agent) error {
	if r.shallow {
		return errors.New("the history is cut off")
	}
	if err := r.mayWrite(a); err != nil {
		return err
	}
	tip := len(r.l.stands) - 1
	for _, i := range []int{r.k, tip} {
		for _, d := range r.l.stands[i] {
			if d.id == a.id || i == r.k && d.name == a.name {
				return fmt.Errorf("%s names it", d.path)
			}
			if r.w.home[d.who] == a.id && r.reaches(d.who, i, a) {
				return fmt.Errorf("its document %d stands (%s)", d.who, d.path)
			}
		}
	}
	for _, i := range r.l.related(a) {
		if last(r.l.lineages[i]).protect {
			return errors.New("its definition said preventDestroy to the last")
		}
	}
	return nil
}

// mayCreate says what is wrong with an agent's being made: that the same
// document's agent is still there, and had to be found.
func (r *run) mayCreate(a agent, after map[string]agent) error {
	var def *placed
	for i, d := range r.l.stands[r.k] {
		if d.name == a.name && d.id == "" {
			def = &r.l.stands[r.k][i]
		}
	}
	if def == nil {
		return errors.New("no definition without an id has this name")
	}
	// An agent that no definition leads to is as it was.
	if r.shallow && def.previous != "[]" && !r.accepted {
		for _, old := range r.before {
			if !r.names(old) && reflect.DeepEqual(after[old.id], old) {
				return fmt.Errorf("it may be a rename of %s, the clone is cut off", old.name)
			}
		}
	}
	for _, old := range r.before {
		if old.name == def.name {
			return fmt.Errorf("%s has its name already", old.id)
		}
		if old.id != r.w.home[def.who] {
			continue
		}
		r.w.tally["creates beside the document's earlier agent"]++
		claimed := slices.ContainsFunc(r.l.stands[r.k], func(d placed) bool {
			return d.id == old.id || d.name == old.name || d.who != def.who && slices.Contains(d.previousNames(), old.name)
		})
		if !claimed && !r.shallow && def.previous != "[]" && r.reaches(def.who, r.k, old) {
			return fmt.Errorf("the agent of its document %d is still there: %s %s", def.who, old.name, old.id)
		}
	}
	return nil
}

// reaches tells whether history leads from a document, as it stands at a
// commit, to an agent: through steps that the design follows, to a version that
// bore the agent's name and was given up after the agent was made.
func (r *run) reaches(who, from int, a agent) bool {
	if r.l.murky {
		return false
	}
	leads := func(i int) bool {
		return slices.ContainsFunc(r.l.stands[i], func(d placed) bool {
			return d.who == who && d.name == a.name && (d.id == "" || d.id == a.id)
		})
	}
	tip := len(r.l.stands) - 1
	reached := func(i int) bool {
		return leads(i) && (i == tip || !leads(i+1) && !a.created.IsZero() && a.created.Before(time.Unix(r.l.earliest[i+1], 0)))
	}
	for i := from; ; i-- {
		if reached(i) {
			return true
		}
		if i == 0 || !r.l.followed[i][who] {
			break
		}
	}
	for i := from + 1; i <= tip && r.l.followed[i][who]; i++ {
		if reached(i) {
			return true
		}
	}
	return false
}
