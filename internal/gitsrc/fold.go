package gitsrc

import (
	"slices"
	"time"
)

// key finds a document at one commit.
type key struct {
	file  string
	index int
}

func keyOf(d *docFacts) key { return key{d.file, d.index} }

// fold turns steps, the newest first, into documents.
type fold struct {
	line  *Line
	later bool // above the commit that the Line is read for
	// current are the documents that stand before the last step.
	current map[key]*Document
	// waiting are documents that came in and may have left before; the earliest last.
	waiting []*Document
	// earliest is the least of the times of all commits up to the line's tip,
	// in seconds.
	earliest int64
}

func (f *fold) version(d *docFacts, until *Event) *Version {
	return &Version{
		File: d.file, Line: d.line, Name: d.name, ID: d.id, Numbers: slices.Clone(d.numbers), PreventDestroy: d.preventDestroy, Plain: d.plain,
		Until: until, Later: f.later, r: f.line.r, dir: f.line.dir, env: f.line.env, facts: d,
	}
}

// stand takes in a document that stands at the fold's start.
func (f *fold) stand(d *docFacts) {
	f.current[keyOf(d)] = f.line.newDocument(f.version(d, nil), Stay{})
}

// step goes over one commit.
func (f *fold) step(c header, s *step) {
	f.earliest = min(f.earliest, c.seconds)
	if s == nil {
		return
	}
	for _, u := range s.unparsable {
		f.line.noteOnce(u.file, u.note())
	}
	event := &Event{Commit: c.hash, Time: c.time(), Earliest: time.Unix(f.earliest, 0).UTC()}
	before := map[key]*Document{}
	for _, p := range s.pairs {
		d := f.take(p[1])
		if p[0].print != p[1].print || p[0].file != p[1].file {
			d.oldest().Since = event
			f.line.addVersion(d, f.version(p[0], event))
		} else {
			d.oldest().facts = p[0] // the same, at another place of the file
		}
		before[keyOf(p[0])] = d
	}
	for _, now := range s.entered {
		d := f.take(now)
		d.oldest().Since = event
		d.Stays[len(d.Stays)-1].Since = event
		f.waiting = append(f.waiting, d)
	}
	for _, old := range s.left {
		before[keyOf(old)] = f.leave(old, event)
	}
	for k, d := range before {
		f.current[k] = d
	}
}

func (f *fold) take(d *docFacts) *Document {
	k := keyOf(d)
	found := f.current[k]
	if found == nil { // only if the repository changed under its hashes
		return f.line.newDocument(f.version(d, nil), Stay{})
	}
	delete(f.current, k)
	return found
}

// identities are what tells one document by itself, the surest first.
var identities = []func(*docFacts) string{
	func(d *docFacts) string { return d.id },
	func(d *docFacts) string { return d.name },
}

// leave takes in a document that left: the next one that came in under its id
// or its name, or a new one.
func (f *fold) leave(old *docFacts, event *Event) *Document {
	i := f.comeback(old)
	if i < 0 {
		return f.line.newDocument(f.version(old, event), Stay{Left: event})
	}
	d := f.waiting[i]
	f.waiting = slices.Delete(f.waiting, i, i+1)
	f.line.addVersion(d, f.version(old, event))
	d.Stays = append(d.Stays, Stay{Left: event})
	return d
}

// comeback finds what a document that left came back as, or -1. The next commit
// that brings its id or its name decides, whichever of the two it is: if an id
// could be waited for, a later commit would change what a document was before.
func (f *fold) comeback(old *docFacts) int {
	found := -1
	for i, d := range slices.Backward(f.waiting) { // the earliest stands last
		if found >= 0 && d.entered().Commit != f.waiting[found].entered().Commit {
			break
		}
		for rank, by := range identities {
			switch {
			case !d.comesBackAs(by, old):
			case rank == 0:
				return i
			case found < 0:
				found = i
			}
		}
	}
	return found
}
