package simulator

import (
	"fmt"
	"slices"
	"time"
)

// Profiles: the two generations of the API that exist on paper.
const (
	// ProfileCurrent is the API of the published OpenAPI operation list.
	ProfileCurrent = "current"
	// ProfileDocumented is what the API introduction alone describes.
	ProfileDocumented = "documented"
)

// Forms of a 429 answer, for Options.RetryAfter and Fault.RetryAfter.
const (
	RetryAfterHeader = "header" // Retry-After in seconds, nothing in the body
	RetryAfterDate   = "date"   // Retry-After as an HTTP date (RFC 9110, 10.2.3)
	RetryAfterBody   = "body"   // no header, retry_after in the body
	RetryAfterBoth   = "both"   // Retry-After in seconds and retry_after
	RetryAfterNone   = "none"   // neither
)

// ShapesEnvelope is the value of Options.Shapes that pages the lists which
// are bare arrays otherwise.
const ShapesEnvelope = "envelope"

// Defaults of Options.
const (
	DefaultRateLimit    = 100
	DefaultRateWindow   = time.Minute
	DefaultPageSize     = 20
	DefaultPageMax      = 100
	DefaultOrganization = "Harbour Bakery"
	// MaxBody is the size in bytes of the largest request body that is read;
	// a larger one is answered 413.
	MaxBody = 10 << 20
)

// Options configure a Server. The zero value is the current API with the
// default seed, kept in memory, open to any key.
type Options struct {
	// Key is the only key accepted in X-API-Key; "" accepts any that is not empty.
	Key string
	// Profile is ProfileCurrent ("" too) or ProfileDocumented. Under the latter
	// PATCH on an agent answers 405, phone numbers, connectors, simulations,
	// byoa and duplicate are unknown paths, POST /agents/ takes a whole agent, and
	// deploy, share and unshare of an agent exist.
	Profile string
	// StateFile is read by New if it exists, and replaced (temporary file and
	// rename, mode 0600) after each request that changed something. "" keeps the
	// state in memory. It holds secrets in clear.
	StateFile string

	// RateLimit is the number of requests allowed in RateWindow for one key;
	// 0 means DefaultRateLimit, a negative number switches the throttle off.
	RateLimit int
	// RateWindow is the throttle's window; 0 means DefaultRateWindow.
	RateWindow time.Duration
	// RetryAfter is the form of a 429; "" means RetryAfterHeader.
	RetryAfter string

	// PageDefault is the page size when a request names none (0: 20), PageMax the
	// largest page that a request can get (0: 100).
	PageDefault, PageMax int
	// Shapes is "" for bare arrays where the API has them, or ShapesEnvelope.
	Shapes string

	// DropListsOnPatch and DropListsOnPut: nested lists in a PATCH or PUT are
	// silently ignored, as DRF does with read-only fields; the answer is 200.
	DropListsOnPatch, DropListsOnPut bool
	// PutResets: a PUT resets the fields that it leaves out to their defaults.
	// Otherwise they keep their values.
	PutResets bool
	// PutIgnores names fields that PUT silently ignores. The OpenAPI file's PUT
	// body lacks memoryKeys and reasoningEffort, for example.
	PutIgnores []string
	// TrimText: texts lose surrounding white space when they are saved.
	TrimText bool
	// FillDefaults: empty wrappers that an apiSchema leaves out are added on save.
	FillDefaults bool
	// OmitDefaults: answers leave out active, enabled and creditCost where they
	// have their default values.
	OmitDefaults bool
	// DeleteKeepsNumbers: the numbers of a deleted agent go on naming it.
	// Otherwise their activeAgent becomes null and their routing stays "agent".
	DeleteKeepsNumbers bool

	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Seed makes ids and secrets repeatable when it is not zero.
	Seed int64
	// Empty starts without the default numbers, account and connector.
	Empty bool
	// Organization is the name of the organization that the key belongs to; ""
	// means DefaultOrganization. Its id follows from its name. A state file that
	// exists decides instead.
	Organization string
}

// withDefaults fills in what is zero and refuses what is unknown.
func (o Options) withDefaults() (Options, error) {
	set := func(p *int, v int) {
		if *p == 0 {
			*p = v
		}
	}
	set(&o.RateLimit, DefaultRateLimit)
	set(&o.PageDefault, DefaultPageSize)
	set(&o.PageMax, DefaultPageMax)
	if o.RateWindow == 0 {
		o.RateWindow = DefaultRateWindow
	}
	if o.Profile == "" {
		o.Profile = ProfileCurrent
	}
	if o.RetryAfter == "" {
		o.RetryAfter = RetryAfterHeader
	}
	if o.Organization == "" {
		o.Organization = DefaultOrganization
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if err := oneOf("profile", o.Profile, ProfileCurrent, ProfileDocumented); err != nil {
		return o, err
	}
	if err := oneOf("form of a 429", o.RetryAfter, retryForms...); err != nil {
		return o, err
	}
	if err := oneOf("list shape", o.Shapes, "", ShapesEnvelope); err != nil {
		return o, err
	}
	if o.PageDefault < 0 || o.PageMax < 0 || o.RateWindow < 0 {
		return o, fmt.Errorf("simulator: page sizes and the rate window cannot be negative")
	}
	return o, nil
}

var retryForms = []string{RetryAfterHeader, RetryAfterDate, RetryAfterBody, RetryAfterBoth, RetryAfterNone}

func oneOf(what, got string, known ...string) error {
	if slices.Contains(known, got) {
		return nil
	}
	return fmt.Errorf("simulator: unknown %s %q; known: %q", what, got, known)
}
