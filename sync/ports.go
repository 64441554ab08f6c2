package sync

import (
	"context"
	"errors"
	"time"

	"wassist-sync/spec"
)

// Errors that adapters wrap, so that this package can tell them apart without
// knowing HTTP.
var (
	// ErrNotFound means that the agent does not exist (any more).
	ErrNotFound = errors.New("not found")
	// ErrPartialUnsupported means that the API has no partial update: the
	// whole document must be written instead.
	ErrPartialUnsupported = errors.New("the API has no partial update")
	// ErrOutcomeUnknown means that a write may have taken effect although it
	// failed: a timeout, a reset connection, a 5xx answer.
	ErrOutcomeUnknown = errors.New("the outcome is unknown")
	// ErrUnauthorized means that no further request can succeed with this key.
	ErrUnauthorized = errors.New("not authorized")
)

// Document gives the stored value of an agent's field: nil (absent or null),
// string, bool, json.Number, []any or map[string]any. The caller does not
// change what it gets.
type Document interface {
	Field(name string) any
}

// Organization is the owner of a key's agents.
type Organization struct{ ID, Name string }

// Agent is one remote agent as it was read.
type Agent struct {
	ID, Name     string
	CreatedAt    string // as the API gave it (ISO 8601)
	ConnectURL   string // the link that starts a chat through the sandbox number
	Organization Organization
	// Numbers are those that it answers, as the reading of the agent says, in
	// E.164 form with a plus. The Directory knows better.
	Numbers []string
	Stored  Document
	// Offset is where the page that held the agent began; -1 for an agent
	// that was read alone.
	Offset int
	// ReadAt is when the answer that held the agent arrived.
	ReadAt time.Time
}

// Listing is every remote agent of the key's organization.
type Listing struct {
	Agents []Agent
	// Requests is how many requests the listing took: one a page.
	Requests int
	ReadAt   time.Time
}

// PhoneNumber is one WhatsApp number of the organization.
type PhoneNumber struct {
	Number  string // E.164 with a plus: +447700900111
	ID      string // Wassist's uuid
	Account string // the WhatsApp account's id, where the API told it
	// AgentID and AgentName tell who answers; empty when no agent does.
	AgentID, AgentName string
	// Webhook is the name (never the URL) of the webhook that gets the
	// number's messages; empty when none does.
	Webhook string
	Sandbox bool
}

// Directory is every number of the organization.
type Directory struct {
	Numbers []PhoneNumber
	// CanDisconnect tells whether this API can take an agent off a number.
	CanDisconnect bool
	// CanMoveConversations tells whether a deploy can say what becomes of
	// running conversations.
	CanMoveConversations bool
	// Requests is how many requests the reading took.
	Requests int
	ReadAt   time.Time
}

// Connector is one MCP connector of the organization. Its URL is a secret and
// does not come in here.
type Connector struct{ ID, Name string }

// Reader reads the remote side. Its errors wrap the sentinels above.
type Reader interface {
	// Ready waits until n requests could be sent without waiting for the limit.
	Ready(ctx context.Context, n int) error
	// Agents lists all agents, verified: no agent twice, none left out.
	Agents(ctx context.Context) (Listing, error)
	// Page reads the one page that begins at the offset again.
	Page(ctx context.Context, offset int) ([]Agent, error)
	// Agent reads one agent; ErrNotFound when it is gone.
	Agent(ctx context.Context, id string) (Agent, error)
	// Numbers reads all numbers and who answers them.
	Numbers(ctx context.Context) (Directory, error)
	// Connectors reads all MCP connectors.
	Connectors(ctx context.Context) ([]Connector, error)
}

// Writer writes the remote side. Each method makes one write; errors wrap the
// sentinels above. Nothing is repeated behind the caller's back unless
// repeating cannot do harm.
type Writer interface {
	// CreateAgent makes an agent that has a name and nothing else.
	CreateAgent(ctx context.Context, name string) (Agent, error)
	// UpdateAgent writes the given fields of base, which must be the freshest
	// reading: only those when whole is false, and the whole document with
	// them laid over it when whole is true. It returns the agent as the
	// answer tells it.
	UpdateAgent(ctx context.Context, base Agent, fields map[string]any, whole bool) (Agent, error)
	// DeleteAgent deletes; ErrNotFound when it was gone already.
	DeleteAgent(ctx context.Context, id string) error
	// ConnectNumber makes the agent answer the number.
	ConnectNumber(ctx context.Context, number PhoneNumber, agentID string, applyToExisting bool) error
	// DisconnectNumber takes the number's agent away.
	DisconnectNumber(ctx context.Context, number PhoneNumber) error
}

// mapDocument is a Document over decoded JSON. It is used through a pointer, so
// that printing an Agent or a Change does not print what is stored.
type mapDocument struct{ fields map[string]any }

func (d *mapDocument) Field(name string) any { return d.fields[name] }

// NewDocument wraps decoded JSON as a Document.
func NewDocument(fields map[string]any) Document { return &mapDocument{fields} }

func schemaField(name string) *spec.Field { return spec.Lookup(spec.AgentFields, name) }
