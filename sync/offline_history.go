package sync

import (
	"context"
	"strings"
	"time"

	"wassist-sync/spec"
)

// twoCommits is a History of the base, and of one commit after it that makes its
// definitions the planned ones.
type twoCommits struct {
	lineages []*Lineage
	of       map[*spec.Agent]*Lineage
	// elsewhere looks through the rest of the repository; nil without one.
	elsewhere History
}

// thisChange is what reasons call the difference of the two commits: the merge
// that will make it has no hash yet.
const thisChange = "this change"

func newTwoCommits(set *spec.Set, base Base, elsewhere History) *twoCommits {
	before := &Commit{Hash: base.Commit, Earliest: whileItStood.Add(-time.Hour), Latest: whileItStood.Add(-time.Hour)}
	change := &Commit{called: thisChange, Earliest: whileItStood.Add(time.Hour), Latest: whileItStood.Add(time.Hour)}
	h := &twoCommits{of: map[*spec.Agent]*Lineage{}, elsewhere: elsewhere}
	lineages := map[*spec.Agent]*Lineage{}
	for _, def := range base.Agents {
		v := versionOf(def, before)
		v.Until = change
		l := &Lineage{Versions: []*Version{v}, Stays: []Stay{{Since: before, Left: change}}}
		lineages[def] = l
		h.lineages = append(h.lineages, l)
	}
	for _, def := range set.Agents {
		v := versionOf(def, change)
		l := lineages[base.Of[def]]
		if l == nil {
			l = &Lineage{Stays: []Stay{{Since: change}}}
			h.lineages = append(h.lineages, l)
		}
		l.Versions = append([]*Version{v}, l.Versions...)
		l.Stays[0].Left = nil
		l.Standing, l.Current = true, v
		h.of[def] = l
	}
	return h
}

func versionOf(def *spec.Agent, since *Commit) *Version {
	v := &Version{
		File: def.Pos.File, Line: def.Pos.Line, Name: def.Name, ID: strings.ToLower(def.ID), PreventDestroy: def.PreventDestroy, Since: since,
		Definition: func() (*spec.Agent, error) { return def, nil },
	}
	for _, d := range def.Deploy {
		v.Numbers = append(v.Numbers, d.Number)
	}
	return v
}

func (h *twoCommits) Read(ctx context.Context) error { return ctx.Err() }
func (h *twoCommits) Whole() bool                    { return true }
func (h *twoCommits) Of(def *spec.Agent) *Lineage    { return h.of[def] }
func (h *twoCommits) Lineages() []*Lineage           { return h.lineages }
func (h *twoCommits) Notes() []string                { return nil }
func (h *twoCommits) Elsewhere(ctx context.Context, wanted []Wanted) ([]Standing, error) {
	if h.elsewhere == nil {
		return nil, nil
	}
	return h.elsewhere.Elsewhere(ctx, wanted)
}
