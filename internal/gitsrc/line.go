package gitsrc

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"
)

// Line is the history of the definitions in one folder, read backwards along
// first parents, and only as far as it is asked for: Walk goes on while a
// question is open. Merged branches count as what their merge did.
//
// When the commit that it is read for lies behind the tip of its branch, the
// commits up to the tip are read first, for the names that documents bear later.
//
// A Line belongs to one goroutine.
type Line struct {
	r      *Repository
	dir    string
	env    string
	commit header
	tips   []Tip
	cut    map[Hash]bool

	started   bool
	main      *fold
	walker    *walker // where steps are made; nil until one has to be
	front     header  // the commit whose step comes next
	done      bool
	whole     bool
	partial   bool // later commits could not be read
	documents []*Document
	byName    map[string][]*Document
	byID      map[string][]*Document
	notes     []string
	noted     map[string]bool
	later     [][]header // above the commit, each from the tip down
	latest    map[Hash]int64
}

// Line starts the history of a folder, a path inside the repository, for a
// commit and the tips of its branch as Tips gives them. It reads nothing yet.
// A folder that is a symlink at the commit is read where it leads.
func (r *Repository) Line(commit Hash, tips []Tip, dir string) (*Line, error) {
	return r.LineIn(commit, tips, dir, "")
}

// LineIn is Line in one of the folder's environments; empty for none. At each
// commit, !var means what the environment says at that commit. A file that needs
// a variable which it does not have there is one that does not parse.
func (r *Repository) LineIn(commit Hash, tips []Tip, dir, env string) (*Line, error) {
	c, err := r.header(commit)
	if err != nil {
		return nil, err
	}
	cut, err := r.boundary()
	if err != nil {
		return nil, err
	}
	l := &Line{
		r: r, commit: c, tips: tips, env: env, dir: (&treeFS{trees: r.trees, root: c.tree}).place(dir), cut: cut,
		byName: map[string][]*Document{}, byID: map[string][]*Document{}, noted: map[string]bool{},
	}
	return l, nil
}

// Walk reads on while enough says no; nil is never enough. It may be called
// again. Only a repository that cannot be read is an error, or ctx when it is done.
func (l *Line) Walk(ctx context.Context, enough func() bool) error {
	if !l.started {
		if err := l.start(ctx); err != nil {
			return err
		}
		l.started = true
	}
	for !l.done && (enough == nil || !enough()) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := l.back(); err != nil {
			return err
		}
	}
	return nil
}

// Done tells that there is nothing more to read.
func (l *Line) Done() bool { return l.done }

// Whole tells that the line was read down to its first commit. When it is Done
// and not Whole, the clone leaves the rest out.
func (l *Line) Whole() bool { return l.whole && !l.partial }

// Documents are those that the walk has seen so far: first those that stand at
// the line's tip, then others in the order in which the walk came to them.
func (l *Line) Documents() []*Document { return l.documents }

// Named gives the documents that bore a name in a version seen so far.
func (l *Line) Named(name string) []*Document { return l.byName[name] }

// Pinned gives the documents that pinned an id (in lower case) in a version
// seen so far.
func (l *Line) Pinned(id string) []*Document { return l.byID[id] }

// Notes say what a reader of a plan should know about the history, each once.
func (l *Line) Notes() []string { return l.notes }

// start reads the state at the commit, and the commits between it and the tips.
func (l *Line) start(ctx context.Context) error {
	l.main = &fold{line: l, current: map[key]*Document{}, earliest: math.MaxInt64}
	var folds []*fold
	for _, tip := range l.tips {
		if tip.Commit == l.commit.hash {
			continue
		}
		f, err := l.descend(ctx, tip)
		var lost *MissingError
		if errors.As(err, &lost) {
			l.partial = true
			l.noteOnce("", fmt.Sprintf("what comes later on %s is not read: the clone lacks a part of it (%s); fetch it whole (git fetch --refetch --no-filter)", tip.Ref, short(lost.Object)))
			continue
		}
		if err != nil {
			return err
		}
		if f != nil {
			folds = append(folds, f)
			l.main.earliest = min(l.main.earliest, f.earliest)
		}
	}
	l.front = l.commit
	if len(folds) == 0 {
		w, err := newWalker(l.r, l.dir, l.env, l.cut, l.commit)
		if err != nil {
			return err
		}
		l.walker = w
		for _, file := range sortedKeys(w.files) {
			for _, d := range w.files[file].counts.documents() {
				l.main.stand(d)
			}
		}
	} else {
		l.join(folds)
	}
	for _, d := range l.main.current {
		d.Standing = true
	}
	return nil
}

// descend reads from a tip down to the commit, which is left out; nil when the
// tip's line does not hold the commit.
func (l *Line) descend(ctx context.Context, tip Tip) (*fold, error) {
	chain, err := l.r.above(ctx, tip.Commit, l.commit.hash, l.cut)
	if err != nil || chain == nil {
		return nil, err
	}
	l.later = append(l.later, chain)
	f := &fold{line: l, later: true, current: map[key]*Document{}, earliest: math.MaxInt64}
	w, err := newWalker(l.r, l.dir, l.env, l.cut, chain[0])
	if err != nil {
		return nil, err
	}
	for _, file := range sortedKeys(w.files) {
		for _, d := range w.files[file].counts.documents() {
			f.stand(d)
		}
	}
	l.walker = w
	for i, c := range chain {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		before := l.commit
		if i+1 < len(chain) {
			before = chain[i+1]
		}
		s, err := l.stepOf(c, &before)
		if err != nil {
			return nil, err
		}
		f.step(c, s)
	}
	return f, nil
}

// join makes the folds of several tips one at the commit where they meet.
func (l *Line) join(folds []*fold) {
	for _, f := range folds {
		for k, d := range f.current {
			v := d.oldest()
			v.Later = false
			first := l.main.current[k]
			if first == nil {
				l.main.current[k] = d
				continue
			}
			// What the other branch says of the same document comes behind what
			// the first says, and before what both share.
			shared := len(first.Versions) - 1
			first.Versions = append(first.Versions[:shared:shared], append(d.Versions[:len(d.Versions)-1:len(d.Versions)-1], first.Versions[shared])...)
			for _, v := range d.Versions {
				l.index(first, v)
			}
			l.forget(d)
			if d.Left() == nil && first.Left() != nil {
				first.Stays[0].Left = nil
				first.oldest().Until = v.Until
			}
		}
		l.main.waiting = append(l.main.waiting, f.waiting...)
	}
}

// back reads the front's step and goes to its parent.
func (l *Line) back() error {
	before, err := (&walker{r: l.r, cut: l.cut}).parent(l.front)
	if errors.Is(err, errBoundary) {
		l.done = true
		if l.cut[l.front.hash] {
			return nil // Shallow tells
		}
		l.noteOnce("", fmt.Sprintf("the history ends at commit %s: the clone leaves the rest out; fetch it whole (fetch-depth: 0, or git fetch --unshallow)", short(l.front.hash)))
		return nil
	}
	if err != nil {
		return err
	}
	s, err := l.stepOf(l.front, before)
	var lost *MissingError
	if errors.As(err, &lost) {
		l.done = true
		l.noteOnce("", fmt.Sprintf("the history ends at commit %s: the clone lacks what came before (%s); fetch it whole (git fetch --refetch --no-filter)", short(l.front.hash), short(lost.Object)))
		return nil
	}
	if err != nil {
		return err
	}
	l.main.step(l.front, s)
	if before == nil {
		l.done, l.whole = true, true
		return nil
	}
	l.front = *before
	return nil
}

// stepOf makes the step of a commit, or recalls it. The walker stays behind
// while steps are recalled, and is set up anew when one has to be made.
func (l *Line) stepOf(c header, before *header) (*step, error) {
	k := stepKey{l.dir, l.env, c.hash}
	if s, ok := l.r.memory.step(k); ok {
		return s, nil
	}
	if l.walker == nil || l.walker.at.hash != c.hash {
		w, err := newWalker(l.r, l.dir, l.env, l.cut, c)
		if err != nil {
			return nil, err
		}
		l.walker = w
	}
	s, err := l.walker.back(before)
	if err != nil {
		return nil, err
	}
	if len(l.cut) == 0 { // what a shallow clone does not know, it may learn
		l.r.memory.keepStep(k, s)
	}
	return s, nil
}

// Entered is the time from which a document surely stood: the latest of the
// times of the commit by which it came in and of all commits before that one,
// since a clock may have been late. It is false when history does not reach
// back to the first commit, or the walk has not come to where the stay began.
func (l *Line) Entered(s Stay) (time.Time, bool, error) {
	if s.Since == nil {
		return time.Time{}, false, nil
	}
	if l.latest == nil {
		if err := l.readLatest(); err != nil {
			return time.Time{}, false, err
		}
	}
	at, ok := l.latest[s.Since.Commit]
	return time.Unix(at, 0).UTC(), ok, nil
}

// readLatest reads the times of the whole line. Where it is cut off, nothing is known.
func (l *Line) readLatest() error {
	var chain []header
	w := &walker{r: l.r, cut: l.cut}
	latest := map[Hash]int64{}
	for c := &l.commit; c != nil; {
		chain = append(chain, *c)
		before, err := w.parent(*c)
		if errors.Is(err, errBoundary) {
			l.latest = latest
			return nil
		}
		if err != nil {
			return err
		}
		c = before
	}
	most := int64(math.MinInt64)
	for i := len(chain) - 1; i >= 0; i-- {
		most = max(most, chain[i].seconds)
		latest[chain[i].hash] = most
	}
	for _, later := range l.later {
		most := latest[l.commit.hash]
		for i := len(later) - 1; i >= 0; i-- {
			most = max(most, later[i].seconds)
			latest[later[i].hash] = most
		}
	}
	l.latest = latest
	return nil
}
