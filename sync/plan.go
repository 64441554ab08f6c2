package sync

import (
	"slices"
	"time"

	"wassist-sync/spec"
)

// Action is what a change does. The values are those of the JSON plan.
type Action string

// The actions, in the order in which they are applied.
const (
	Create   Action = "create"
	Update   Action = "update"
	Deploy   Action = "deploy"
	Undeploy Action = "undeploy"
	Delete   Action = "delete"
)

// Actions lists the actions in the order of applying: children exist before
// handoffs name them, a number moves before its old agent goes.
var Actions = []Action{Create, Update, Deploy, Undeploy, Delete}

// Cause says where a difference comes from.
type Cause string

// The causes of a difference.
const (
	CauseGit     Cause = "git"     // the remote value is an earlier version of the definition
	CauseWassist Cause = "wassist" // somebody edited it on Wassist
	CauseUnknown Cause = "unknown" // history cannot tell
)

// Field is one difference between a definition and its agent.
type Field struct {
	// Path names the place, list entries by their natural key:
	// tools[find_order].apiSchema.url.
	Path string
	// Before and After are nil, string, bool, json.Number, []any or
	// map[string]any. Both are nil for a sensitive field, and Redacted stands
	// for sensitive leaves inside a larger value: no secret is ever in a plan.
	Before, After any
	Sensitive     bool
	// Unread: an offline plan does not know what stands there; Before is nil.
	Unread bool
	Cause  Cause
	Commit string // full hash; empty when unknown

	top string // the top-level field that must be written
	// stored is the raw remote value, to tell whether a write stuck. It stands
	// behind a pointer, which no verb of fmt follows here: it may be a secret.
	stored *any
	// standard is what the API assumes where the field is left out.
	standard any
	// removed: the entry, or the key of a user's map, is to go as a whole.
	removed bool
	// in is the path of the list or map, for an entry or key that comes or goes.
	in string
}

// Change is one thing to do.
type Change struct {
	Action Action
	// Agent is the definition's name, or the remote name of an agent without one.
	Agent string
	// ID is the remote agent; empty until it exists.
	ID     string
	Pos    spec.Position // of the definition; zero without one
	Reason string        // for people; it steers nothing
	Digest string        // "sha256:…"; see digest.go
	Fields []Field
	// Number is the number of a deploy or undeploy, E.164 with a plus.
	Number string
	// ApplyToExisting goes with a deploy.
	ApplyToExisting bool

	definition *spec.Agent
	declared   *spec.Agent // the definition before anything was left out of it
	remote     Agent       // as it was read for the plan
	pinned     bool        // the definition names the id
}

// Held is a change that is not proposed, and why.
type Held struct {
	Action Action
	Agent  string
	ID     string
	Reason string
	// Contested: this process wrote it before, and it was changed back; see
	// Options.Written.
	Contested bool
	// LeftOut: it is one that --only does not select; see Options.Only.
	LeftOut bool
}

// Refusal is a guard that forbids the whole run.
type Refusal struct {
	Rule     string
	Agent    string // empty when it is about the plan as a whole
	Reason   string // the numbers that broke the rule, and the way out
	Liftable bool   // by --accept with this plan's digest
}

// Unmanaged is a remote agent that no definition names.
type Unmanaged struct{ Agent, ID string }

// Source says where the definitions were read.
type Source struct {
	Path    string
	Commit  string // 40 hex digits; empty when unknown
	Dirty   bool
	History string // full, shallow or none
}

// Target says where the plan would go.
type Target struct {
	Host         string
	Organization string // its name; empty when no agent told it
	Environment  string
}

// Requests is what a plan costs under the limit, counted from the start of the
// run as if requests took no time.
type Requests struct {
	Planned int
	Seconds float64
}

// Summary counts a plan's changes.
type Summary struct {
	Create, Update, Deploy, Undeploy, Delete int
	Unchanged, Unmanaged, Held               int
}

// Plan is what an apply would do: a finished value.
type Plan struct {
	Source    Source
	Target    Target
	Changes   []Change
	Held      []Held
	Refused   []Refusal
	Notes     []string
	Unmanaged []Unmanaged
	Unchanged int
	Requests  Requests
	Digest    string
	// Drifted counts the fields and numbers that somebody edited on Wassist,
	// whether the plan overwrites, keeps or refuses them. What is contested is not
	// among them.
	Drifted int
	// ReadAt is when the oldest reading that the plan stands on was made.
	ReadAt time.Time

	listing    Listing
	directory  Directory
	references *references
	// organization is the name or id that the first agent to be created must
	// turn out to belong to; empty when the listing has told, or none is expected.
	organization string
}

// Shown is the plan without what only applying it needs, which is a copy of the
// whole remote side: for keeping one to look at. It cannot be applied.
func (p *Plan) Shown() *Plan {
	out := *p
	out.listing, out.directory, out.references = Listing{}, Directory{}, nil
	out.Changes = make([]Change, len(p.Changes))
	for i, c := range p.Changes {
		c.definition, c.declared, c.remote = nil, nil, Agent{}
		c.Fields = slices.Clone(c.Fields)
		for j := range c.Fields {
			c.Fields[j].stored, c.Fields[j].standard = nil, nil
		}
		out.Changes[i] = c
	}
	return &out
}

// Empty tells whether there is nothing to do.
func (p *Plan) Empty() bool { return len(p.Changes) == 0 }

// Summary counts the plan's changes by action.
func (p *Plan) Summary() Summary {
	s := Summary{Unchanged: p.Unchanged, Unmanaged: len(p.Unmanaged), Held: len(p.Held)}
	for i := range p.Changes {
		switch p.Changes[i].Action {
		case Create:
			s.Create++
		case Update:
			s.Update++
		case Deploy:
			s.Deploy++
		case Undeploy:
			s.Undeploy++
		case Delete:
			s.Delete++
		}
	}
	return s
}
