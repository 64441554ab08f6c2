package serve

import (
	"context"
	"time"

	"wassist-sync/internal/gitsrc"
	"wassist-sync/spec"
	"wassist-sync/sync"
)

// The modes of a target.
const (
	ModeApply = "apply"
	ModePlan  = "plan" // only report what differs
)

// Config is what one target is about. The functions are called at the beginning
// of each run, so that keys and tokens in files may change meanwhile.
type Config struct {
	// Name is unique among the targets.
	Name string
	// Ref is the branch, tag or commit; empty for the remote's default branch.
	Ref string
	// Path is the folder of the definitions inside the repository.
	Path string
	// Env is the environment of that folder; empty for none.
	Env      string
	Mode     string
	Schedule *Schedule
	// URL is that of the repository. What is shown of it has no secret in it.
	URL string
	// Remote says how to reach the repository.
	Remote func() (gitsrc.Remote, error)
	// KeyOrigin says where the API key is read from, such as "the variable
	// SHOP_API_KEY"; it may be empty.
	KeyOrigin string
	// CacheDir keeps the clone.
	CacheDir string
	// Connect opens the way to Wassist, and says how to plan: from flags, and from
	// the settings that lie with the definitions.
	Connect func(ctx context.Context, settings *spec.Settings) (*Connection, error)
	// LookupEnv is what !env values are taken from.
	LookupEnv func(string) (string, bool)
	// Withheld are variables that no definition may name: those that hold secrets
	// of any target, or of the process. LookupEnv does not give them either.
	Withheld func(string) bool
}

// Connection is one run's way to Wassist.
type Connection struct {
	// API reads and writes.
	API interface {
		sync.Reader
		sync.Writer
	}
	// Options steer the plan; where its definitions and their history come from
	// is filled in here.
	Options sync.Options
	// Conceal registers what is secret in definitions, so that no error repeats it.
	Conceal func(set *spec.Set)
	// Traffic tells what was sent so far.
	Traffic func() Traffic
}

// Traffic counts the requests of a run.
type Traffic struct {
	// Requests is how many were made, TooMany how many of them were answered 429.
	Requests, TooMany int64
	// Waited is how long they waited for the limit.
	Waited time.Duration
}

// shown is the repository's URL without what may be secret in it.
func (c *Config) shown() string { return gitsrc.Remote{URL: c.URL}.String() }

// branch is how the ref is called in messages.
func (c *Config) branch() string {
	if c.Ref == "" {
		return "the default branch"
	}
	return c.Ref
}
