package sync

import (
	"context"
	"slices"
	"time"

	"wassist-sync/spec"
)

// History tells what the repository's history says of the definitions of one
// folder. It is read backwards along the first-parent line of the applied
// commit's branch, and only when a plan has something to prove.
//
// What it hands out is not changed by its callers. A History belongs to one
// goroutine at a time.
type History interface {
	// Read reads all of the history. Until then nothing else may be asked.
	// It may be called again, and then costs nothing. Only a repository that
	// cannot be read is an error, or ctx when it is done.
	Read(ctx context.Context) error
	// Whole tells that the history reaches back to its first commit.
	Whole() bool
	// Of gives the lineage of a definition of the planned set; nil for one that
	// no commit holds, nor one that is like it.
	Of(def *spec.Agent) *Lineage
	// Lineages are all of them, in an order that is always the same.
	Lineages() []*Lineage
	// Elsewhere looks through the repository, outside the folder, at the
	// applied commit for definitions that bear one of these names or ids.
	Elsewhere(ctx context.Context, wanted []Wanted) ([]Standing, error)
	// Notes say what a reader of a plan should know about the history.
	Notes() []string
}

// Lineage is one definition through the history: its versions are paired commit
// by commit, through renames and moves.
type Lineage struct {
	// Versions are the newest first.
	Versions []*Version
	// Stays are the times for which it stood without a break, the newest first.
	Stays []Stay
	// Standing tells that it stands at the applied commit.
	Standing bool
	// Current is the version at the applied commit; nil when it does not stand there.
	Current *Version
	// Excluded tells of a definition that left whether the settings left it out to
	// the last, or may have: then its agent was nobody's to touch. Nil is no.
	Excluded func() (bool, error)
}

// Version is what a definition said from one commit to another.
type Version struct {
	File string // inside the repository
	Line int    // where the document starts, from 1
	Name string
	// ID is the pinned id in lower case; empty without one.
	ID             string
	Numbers        []string // that it deploys, in E.164 form
	PreventDestroy bool
	// Plain versions surely take nothing from the environment.
	Plain bool
	// Since brought the version; nil when history does not reach that far.
	Since *Commit
	// Until replaced or removed it; nil while it stands.
	Until *Commit
	// Later versions came in after the applied commit.
	Later bool
	// Definition reads what it said, with those !env values that are set. The
	// caller does not change it.
	Definition func() (*spec.Agent, error)
}

// Stay is a time for which a definition stood on the line without a break.
type Stay struct {
	Since *Commit // by which it came in; nil when history does not reach that far
	Left  *Commit // by which it left; nil while it stands
}

// Commit is a commit of the line that did something.
type Commit struct {
	Hash string // 40 hex digits
	// Earliest is the earliest of the times of the commit and of all that follow
	// it: whatever the clocks said, it had happened by then.
	Earliest time.Time
	// Latest is the latest of the times of the commit and of all before it: from
	// then on it had surely happened. It is zero when history does not reach
	// back to the first commit.
	Latest time.Time

	called string // in reasons, in place of its hash
}

// Wanted is a name or an id (in lower case) to look for; an empty one is not.
type Wanted struct{ Name, ID string }

// Standing is a definition that stands outside the folder.
type Standing struct {
	File string // inside the repository
	Line int
	Name string
	ID   string
	// Organization is what the settings nearest above the file expect: a name or
	// an id; empty when they name none, or none in one of their environments.
	Organization string
	// Others are further organizations that environments of theirs expect.
	Others []string
}

// foreign tells whether a definition surely stands for other organizations only.
func (s *Standing) foreign(org Organization) bool {
	return s.Organization != "" && org != (Organization{}) && !slices.ContainsFunc(append([]string{s.Organization}, s.Others...), org.is)
}

// Left is the commit by which the definition left for good; nil while it stands
// at the tip of the line.
func (l *Lineage) Left() *Commit {
	if len(l.Stays) == 0 {
		return nil
	}
	return l.Stays[0].Left
}

// The forms of Source.History.
const (
	HistoryFull    = "full"    // down to the first commit
	HistoryShallow = "shallow" // a clone that is cut off
	HistoryNone    = "none"    // no Git repository
)
