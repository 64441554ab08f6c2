package remote

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"wassist-sync/sync"
	"wassist-sync/wassist"
)

// API is one key's side of Wassist.
type API struct {
	client *wassist.Client
	// accounts is set once /phone-numbers/ turned out to be missing: numbers
	// are then read and deployed through the WhatsApp accounts.
	accounts bool
	hidden   map[string]bool // secrets that the client was told
}

var (
	_ sync.Reader = (*API)(nil)
	_ sync.Writer = (*API)(nil)
)

// New makes an API that speaks through client.
func New(client *wassist.Client) *API { return &API{client: client, hidden: map[string]bool{}} }

// Ready waits until n requests could be sent without waiting for the limit.
func (a *API) Ready(ctx context.Context, n int) error { return a.client.Ready(ctx, n) }

// Agents lists all agents; see wassist.AgentsService.Walk for how it is verified.
func (a *API) Agents(ctx context.Context) (sync.Listing, error) {
	list, err := a.client.Agents.Walk(ctx)
	if err != nil {
		return sync.Listing{}, translate(err)
	}
	out := sync.Listing{Requests: list.Pages, ReadAt: list.Started, Agents: make([]sync.Agent, len(list.Agents))}
	// Where a page began matters only for reading its neighbourhood again, so
	// that an even share is exact enough.
	share := (len(list.Agents) + max(list.Pages, 1) - 1) / max(list.Pages, 1)
	for i := range list.Agents {
		if strings.TrimSpace(list.Agents[i].Name) == "" {
			// Taken as it is, every definition would make a second agent.
			return sync.Listing{}, fmt.Errorf("GET /agents/: agent %s has no name: %w", list.Agents[i].ID, wassist.ErrBadAnswer)
		}
		out.Agents[i] = agent(&list.Agents[i], list.Started)
		out.Agents[i].Offset = i / share * share
	}
	return out, nil
}

// Page reads the page that begins at the offset again.
func (a *API) Page(ctx context.Context, offset int) ([]sync.Agent, error) {
	started := time.Now()
	page, err := a.client.Agents.List(ctx, wassist.ListOptions{Offset: offset})
	if err != nil {
		return nil, translate(err)
	}
	out := make([]sync.Agent, len(page.Items))
	for i := range page.Items {
		out[i] = agent(&page.Items[i], started)
		out[i].Offset = offset
	}
	return out, nil
}

// Agent reads one agent.
func (a *API) Agent(ctx context.Context, id string) (sync.Agent, error) {
	started := time.Now()
	got, err := a.client.Agents.Get(ctx, id)
	if err != nil {
		return sync.Agent{}, translate(err)
	}
	return agent(&got, started), nil
}

// Connectors reads all MCP connectors.
func (a *API) Connectors(ctx context.Context) ([]sync.Connector, error) {
	list, err := a.client.Connectors.List(ctx)
	if err != nil {
		return nil, translate(err)
	}
	out := make([]sync.Connector, len(list))
	for i, c := range list {
		out[i] = sync.Connector{ID: c.ID, Name: c.Name}
	}
	return out, nil
}

// CreateAgent makes an agent that has a name only.
func (a *API) CreateAgent(ctx context.Context, name string) (sync.Agent, error) {
	started := time.Now()
	got, err := a.client.Agents.Create(ctx, name)
	if err != nil {
		return sync.Agent{}, translate(err)
	}
	return agent(&got, started), nil
}

// UpdateAgent sends a PATCH of the fields, or, when whole is set, a PUT of base
// with the fields laid over it.
func (a *API) UpdateAgent(ctx context.Context, base sync.Agent, fields map[string]any, whole bool) (sync.Agent, error) {
	update, err := encode(fields)
	if err != nil {
		return sync.Agent{}, err
	}
	a.hide(fields)
	started := time.Now()
	var got wassist.Agent
	if whole {
		stored, ok := base.Stored.(document)
		if !ok {
			return sync.Agent{}, errors.New("a whole agent can only be written over one that was read here")
		}
		a.hide(plain(wassist.Some(stored.agent)))
		got, err = a.client.Agents.Replace(ctx, base.ID, writable(stored.agent.Apply(update)))
	} else {
		got, err = a.client.Agents.Update(ctx, base.ID, update)
	}
	if err != nil {
		err = translate(err)
		if !whole && errors.Is(err, wassist.ErrMethodNotAllowed) {
			return sync.Agent{}, fmt.Errorf("%w: %w", sync.ErrPartialUnsupported, err)
		}
		return sync.Agent{}, err
	}
	return agent(&got, started), nil
}

// writable turns the texts that the API gives as null into empty ones: null is
// tolerated in an answer, and refused in a request.
func writable(a wassist.Agent) wassist.Agent {
	for _, text := range []*wassist.Optional[string]{&a.Description, &a.SystemPrompt, &a.FirstMessage} {
		if text.Null {
			*text = wassist.Some("")
		}
	}
	return a
}

// DeleteAgent deletes an agent.
func (a *API) DeleteAgent(ctx context.Context, id string) error {
	return translate(a.client.Agents.Delete(ctx, id))
}

// translate wraps an error of the client in the kinds that package sync knows.
func translate(err error) error {
	if err == nil {
		return nil
	}
	c := &classified{err: err}
	if wassist.OutcomeUnknown(err) {
		c.kinds = append(c.kinds, sync.ErrOutcomeUnknown)
	}
	if errors.Is(err, wassist.ErrNotFound) {
		c.kinds = append(c.kinds, sync.ErrNotFound)
	}
	if errors.Is(err, wassist.ErrUnauthorized) {
		c.kinds = append(c.kinds, sync.ErrUnauthorized)
	}
	return c
}

// classified is a client's error with the kinds that package sync knows it by.
// It reads as the client's error alone, which says more.
type classified struct {
	err   error
	kinds []error
}

func (c *classified) Error() string   { return c.err.Error() }
func (c *classified) Unwrap() []error { return append([]error{c.err}, c.kinds...) }
