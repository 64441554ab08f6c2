package gitsrc

import "time"

// Event is a commit of the first-parent line that did something.
type Event struct {
	Commit Hash
	// Time is when the commit was made, by its committer's clock.
	Time time.Time
	// Earliest is the earliest of the times of the commit and of all commits
	// that follow it on the line: whatever the clocks said, it had happened by then.
	Earliest time.Time
}

// Version is what a document said from one commit of the line to another.
type Version struct {
	// File is the path inside the repository, Line where the document starts.
	File string
	Line int
	Name string
	// ID is the pinned id, in lower case; empty without one.
	ID string
	// Numbers are those that it deploys, in E.164 form.
	Numbers        []string
	PreventDestroy bool
	// Plain versions take nothing from the environment.
	Plain bool
	// Since is the commit that brought the version; nil when the walk has not
	// come to it, or history does not reach that far.
	Since *Event
	// Until is the commit that replaced or removed it; nil while it stands.
	Until *Event
	// Later versions came in after the commit that the Line is read for.
	Later bool

	r     *Repository
	dir   string
	env   string
	facts *docFacts
}

// Stay is a time for which a document stood on the line without a break.
type Stay struct {
	// Since is the commit by which it came in; nil when the walk has not come
	// to it, or history does not reach that far. Line.Entered tells the time
	// from which it surely stood.
	Since *Event
	// Left is the commit by which it left; nil while it stands.
	Left *Event
}

// Document is one definition through the history of the line: its versions are
// paired commit by commit. A definition that left and came back, by a revert
// for instance, is one document with two stays: by leaving it gave up nothing
// that it took up again. (A document that leaves is the one that comes in next
// under its id or its name; of one commit, under its id rather.)
type Document struct {
	// ID tells the documents of one Line apart. It does not change as the walk
	// goes on, but means nothing to another Line.
	ID int
	// Versions are the newest first, as far as the walk has come.
	Versions []*Version
	// Stays are the newest first; the last may still grow backwards.
	Stays []Stay
	// Standing tells that it stands at the commit that the Line is read for.
	Standing bool
}

// Left is the commit by which the document left the line for good; nil while it
// stands at the line's tip. A document may stand at the commit that the Line is
// read for and have left later, or the other way round.
func (d *Document) Left() *Event { return d.Stays[0].Left }

// Current is the version at the commit that the Line is read for; nil when the
// document does not stand there.
func (d *Document) Current() *Version {
	if !d.Standing {
		return nil
	}
	for _, v := range d.Versions {
		if !v.Later {
			return v
		}
	}
	return nil
}

// oldest is the version that the walk came to last.
func (d *Document) oldest() *Version { return d.Versions[len(d.Versions)-1] }

// entered is the commit by which it came in, as far as the walk has come.
func (d *Document) entered() *Event { return d.Stays[len(d.Stays)-1].Since }

// comesBackAs tells whether a document that left is this one, which came in later.
func (d *Document) comesBackAs(key func(*docFacts) string, left *docFacts) bool {
	return key(left) != "" && key(left) == key(d.oldest().facts)
}
