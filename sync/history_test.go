package sync_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing/fstest"
	"time"

	"wassist-sync/spec"
	"wassist-sync/sync"
)

// commit is one commit of a test's history: when it was made, in seconds, and
// the documents of the folder after it. Documents of two commits are one
// definition by id, then by name, then by the label that a document may begin
// with, in a line "# label".
type commit struct {
	at   int
	docs []string
}

// repo describes a repository with one folder of definitions, which lie in one
// file, one after the other.
type repo struct {
	commits []commit // the oldest first
	behind  int      // how many commits the applied one lies behind the tip
	cut     int      // how many of the oldest commits a shallow clone lacks
	dirty   []string // the documents of the work tree, if it differs
	env     map[string]string
	outside []sync.Standing // definitions outside the folder
	notes   []string
}

// docs reads better than the type that it stands for.
func docs(documents ...string) []string { return append([]string{}, documents...) }

// at is the moment that tests call by its seconds.
func at(seconds int) time.Time {
	return time.Date(2026, 3, 1, 0, 0, seconds, 0, time.UTC)
}

// hash names the commits 1, 2, 3 … so that their short forms are 1000000, 2000000 …
func hash(n int) string { return fmt.Sprintf("%d%039d", n, 0) }

// document is one definition of one commit.
type documentAt struct {
	def         *spec.Agent
	text, label string
	lineage     *sync.Lineage
}

// read parses the documents of a commit. As in a real history, the values of
// the environment are all there or all left out.
func (r repo) read(t tester, texts []string) []*documentAt {
	t.Helper()
	set, err := spec.Load(fstest.MapFS{"agents/.keep": {}, "agents/a.yaml": {Data: []byte(strings.Join(texts, "\n---\n"))}}, "agents")
	if len(texts) == 0 {
		return nil
	}
	if err != nil || len(set.Agents) != len(texts) {
		t.Fatalf("the test's definitions are wrong: %v\n%q", err, texts)
	}
	agents := slices.SortedFunc(slices.Values(set.Agents), func(a, b *spec.Agent) int { return a.Pos.Line - b.Pos.Line })
	out := make([]*documentAt, len(agents))
	for i, a := range agents {
		label, _, _ := strings.Cut(texts[i], "\n")
		if !strings.HasPrefix(label, "# ") {
			label = ""
		}
		_ = (&spec.Set{Agents: []*spec.Agent{a}}).ResolveEnv(r.lookup) // or it stays unresolved
		out[i] = &documentAt{def: a, text: texts[i], label: label}
	}
	return out
}

func (r repo) lookup(name string) (string, bool) { v, ok := r.env[name]; return v, ok }

// follow finds out which of the documents before are which of those after; what
// is left over on either side has left or come in.
func follow(before, after []*documentAt) (left, entered []*documentAt) {
	left = slices.Clone(before)
	for _, key := range []func(*documentAt) string{
		func(d *documentAt) string { return d.def.ID }, func(d *documentAt) string { return d.def.Name }, func(d *documentAt) string { return d.label },
	} {
		for _, d := range after {
			i := slices.IndexFunc(left, func(o *documentAt) bool { return key(o) != "" && key(o) == key(d) })
			if d.lineage == nil && i >= 0 {
				d.lineage = left[i].lineage
				left = slices.Delete(left, i, i+1)
			}
		}
	}
	return left, slices.DeleteFunc(slices.Clone(after), func(d *documentAt) bool { return d.lineage != nil })
}

// comeback is the lineage that left last under a document's id or else its name.
func comeback(gone []*sync.Lineage, def *spec.Agent) *sync.Lineage {
	for _, same := range []func(*sync.Version) bool{
		func(v *sync.Version) bool { return v.ID != "" && v.ID == def.ID }, func(v *sync.Version) bool { return v.Name == def.Name },
	} {
		for _, l := range slices.Backward(gone) {
			if same(l.Versions[0]) {
				return l
			}
		}
	}
	return nil
}

// history is the sync.History of a repo.
type history struct {
	repo
	t        tester
	set      *spec.Set // the planned definitions
	lineages []*sync.Lineage
	of       map[*spec.Agent]*sync.Lineage
	opened   bool
	asked    []sync.Wanted // what was looked for elsewhere
}

// open works out what the history says, going forward from the first commit.
func (r repo) open(t tester) *history {
	t.Helper()
	h := &history{repo: r, t: t, of: map[*spec.Agent]*sync.Lineage{}}
	applied := len(r.commits) - 1 - r.behind
	var standing, current []*documentAt
	var gone []*sync.Lineage // the last to leave stands last
	for i := r.cut; i < len(r.commits); i++ {
		by := r.event(i)
		if i == r.cut && r.cut > 0 {
			by = nil // it stood there already, as far as the clone tells
		}
		now := r.read(t, r.commits[i].docs)
		text := map[*sync.Lineage]string{}
		for _, d := range standing {
			text[d.lineage] = d.text
		}
		left, entered := follow(standing, now)
		for _, d := range left {
			d.lineage.Versions[0].Until, d.lineage.Stays[0].Left = by, by
			gone = append(gone, d.lineage)
		}
		for _, d := range entered {
			if d.lineage = comeback(gone, d.def); d.lineage == nil {
				d.lineage = &sync.Lineage{}
				h.lineages = append(h.lineages, d.lineage)
			}
			gone = slices.DeleteFunc(gone, func(l *sync.Lineage) bool { return l == d.lineage })
			d.lineage.Stays = slices.Insert(d.lineage.Stays, 0, sync.Stay{Since: by})
		}
		for _, d := range now {
			was, stood := text[d.lineage]
			if stood && was == d.text {
				continue
			}
			if stood {
				d.lineage.Versions[0].Until = by
			}
			d.lineage.Versions = slices.Insert(d.lineage.Versions, 0, version(d, by, i > applied))
		}
		if i == applied {
			current = now
			for _, d := range now {
				d.lineage.Standing, d.lineage.Current = true, d.lineage.Versions[0]
			}
		}
		standing = now
	}
	h.plan(current, applied)
	return h
}

// plan reads the planned definitions, and pairs them with those of the applied
// commit, or else with one that left before.
func (h *history) plan(current []*documentAt, applied int) {
	texts := h.commits[applied].docs
	if h.dirty != nil {
		texts = h.dirty
	}
	h.set = load(h.t, h.env, texts...)
	planned := h.read(h.t, texts)
	_, entered := follow(current, planned)
	var gone []*sync.Lineage
	for _, l := range h.lineages {
		if !l.Standing && !l.Versions[0].Later {
			gone = append(gone, l)
		}
	}
	for _, d := range entered {
		d.lineage = comeback(gone, d.def)
	}
	for _, d := range planned {
		for _, def := range h.set.Agents {
			if def.Pos == d.def.Pos && d.lineage != nil {
				h.of[def] = d.lineage
			}
		}
	}
}

func version(d *documentAt, by *sync.Commit, later bool) *sync.Version {
	v := &sync.Version{
		File: d.def.Pos.File, Line: d.def.Pos.Line, Name: d.def.Name, ID: d.def.ID, PreventDestroy: d.def.PreventDestroy,
		Since: by, Later: later, Definition: func() (*spec.Agent, error) { return d.def, nil },
	}
	for _, n := range d.def.Deploy {
		v.Numbers = append(v.Numbers, n.Number)
	}
	return v
}

// event is a commit as a history tells of it: with the bounds of when it
// happened, whatever the clocks said.
func (r repo) event(i int) *sync.Commit {
	seconds := func(c commit) int { return c.at }
	c := &sync.Commit{Hash: hash(i + 1), Earliest: at(least(r.commits[i:], seconds))}
	if r.cut == 0 {
		c.Latest = at(-least(r.commits[:i+1], func(c commit) int { return -c.at }))
	}
	return c
}

func least(commits []commit, of func(commit) int) int {
	return of(slices.MinFunc(commits, func(a, b commit) int { return of(a) - of(b) }))
}

// options are those of a plan of the applied commit.
func (h *history) options() sync.Options {
	form := sync.HistoryFull
	if h.cut > 0 {
		form = sync.HistoryShallow
	}
	return sync.Options{Host: "api.example", History: h, Source: sync.Source{
		Path: "agents", Commit: hash(len(h.commits) - h.behind), Dirty: h.dirty != nil, History: form,
	}}
}

func (h *history) Read(ctx context.Context) error { h.opened = true; return ctx.Err() }

// ready checks that nothing is asked before the history was read.
func (h *history) ready() {
	h.t.Helper()
	if !h.opened {
		h.t.Errorf("the history is asked before it is read")
	}
}

func (h *history) Whole() bool               { h.ready(); return h.cut == 0 }
func (h *history) Lineages() []*sync.Lineage { h.ready(); return h.lineages }
func (h *history) Notes() []string           { h.ready(); return h.notes }

func (h *history) Of(def *spec.Agent) *sync.Lineage { h.ready(); return h.of[def] }

func (h *history) Elsewhere(ctx context.Context, wanted []sync.Wanted) ([]sync.Standing, error) {
	h.ready()
	h.asked = append(h.asked, wanted...)
	found := slices.DeleteFunc(slices.Clone(h.outside), func(s sync.Standing) bool {
		return !slices.Contains(wanted, sync.Wanted{Name: s.Name}) && !slices.Contains(wanted, sync.Wanted{ID: s.ID})
	})
	return found, ctx.Err()
}
