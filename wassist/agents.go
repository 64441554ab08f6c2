package wassist

import (
	"context"
	"iter"
	"net/http"
	"strings"
	"time"
)

// AgentsService is the agents of the key's organization.
type AgentsService struct{ client *Client }

// AgentListing is all agents, read in a walk that found no contradiction.
type AgentListing struct {
	Agents  []Agent
	Pages   int       // requests that this read took, without retries and earlier reads
	Started time.Time // when this read began: nothing in it is older
}

func agentID(a Agent) string { return a.ID }

// List returns one page of agents, with all their nested lists. The order is not documented. Where 100 were too much
// for one answer in an earlier walk, the zero limit means what a walk asks for by now.
func (s *AgentsService) List(ctx context.Context, o ListOptions) (Page[Agent], error) {
	if o.Limit <= 0 {
		o.Limit = s.client.pageSize()
	}
	r := get("agents")
	r.query = o.query()
	return fetch[Page[Agent]](ctx, s.client, r)
}

// All yields every agent, page by page. An agent that comes twice, or a count that does not fit, ends the
// sequence with [ErrListChanged]; what was yielded before it may be incomplete. Any error ends the sequence.
func (s *AgentsService) All(ctx context.Context) iter.Seq2[Agent, error] {
	return func(yield func(Agent, error) bool) {
		w := newWalk(s.client, agentID, get("agents"))
		for end := false; !end; {
			var agents []Agent
			var err error
			if agents, end, err = w.next(ctx); err != nil {
				yield(Agent{}, err)
				return
			}
			for _, a := range agents {
				if !yield(a, nil) {
					return
				}
			}
		}
	}
}

// Walk returns every agent. When the list changes while it is read, it is read again, three times in all; after
// that the error is [ErrListChanged].
func (s *AgentsService) Walk(ctx context.Context) (AgentListing, error) {
	l, err := readAll(ctx, s.client, agentID, "agents")
	return AgentListing{Agents: l.items, Pages: l.pages, Started: l.started}, err
}

// Get returns an agent.
func (s *AgentsService) Get(ctx context.Context, id string) (Agent, error) {
	return s.one(ctx, get("agents", id))
}

// Create makes an agent that has a name and nothing else, as the current API wants it. It is never repeated:
// after an error for which [OutcomeUnknown] is true, list the agents to see whether it exists.
func (s *AgentsService) Create(ctx context.Context, name string) (Agent, error) {
	return s.one(ctx, post(Agent{Name: name}, "agents"))
}

// CreateWhole makes an agent with everything that a holds, as the API introduction documents it; members that are never
// written are left out. The current API keeps the name only. It is never repeated; see Create.
func (s *AgentsService) CreateWhole(ctx context.Context, a Agent) (Agent, error) {
	return s.one(ctx, post(a.Writable(), "agents"))
}

// CreateBYOA makes an agent whose answers come from a webhook ("bring your own agent"). It is never repeated;
// see Create.
func (s *AgentsService) CreateBYOA(ctx context.Context, webhookURL string) (Agent, error) {
	body := struct {
		WebhookURL Secret `json:"webhookUrl"`
	}{Secret(webhookURL)}
	return s.one(ctx, post(body, "agents", "byoa"))
}

// Duplicate makes a copy of an agent. It is never repeated; see Create.
func (s *AgentsService) Duplicate(ctx context.Context, id string) (Agent, error) {
	return s.one(ctx, post(nil, "agents", id, "duplicate"))
}

// Update changes members of an agent (PATCH) and returns it as it is stored then. A server may drop a list
// silently: compare the answer with what was sent. [ErrMethodNotAllowed] means that the API does not know
// PATCH. It is repeated after a fault only when told [Repeatable].
func (s *AgentsService) Update(ctx context.Context, id string, u AgentUpdate, opts ...CallOption) (Agent, error) {
	r := request{method: http.MethodPatch, segments: []string{"agents", id}, body: u}
	return s.one(ctx, r.apply(opts))
}

// Replace writes a whole agent (PUT) and returns it as it is stored then. What a leaves out may be reset: a should be the
// freshest read with changes laid over it ([Agent.Apply]). Members that are never written are left out by
// Replace. It is repeated after a fault only when told [Repeatable].
func (s *AgentsService) Replace(ctx context.Context, id string, a Agent, opts ...CallOption) (Agent, error) {
	r := request{method: http.MethodPut, segments: []string{"agents", id}, body: a.Writable()}
	return s.one(ctx, r.apply(opts))
}

// Delete removes an agent: it stops answering at once, and its history is kept. A repetition after a lost
// answer finds nothing more to delete and returns [ErrNotFound]. The API answers with an empty body (its OpenAPI list);
// the agent itself is believed too, and anything else, such as a gateway's page, is [ErrBadAnswer].
func (s *AgentsService) Delete(ctx context.Context, id string) error {
	r := request{method: http.MethodDelete, segments: []string{"agents", id}}
	resp, err := s.client.do(ctx, r)
	if err != nil || len(resp.Body) == 0 {
		return err
	}
	var a Agent
	if err := s.client.decode(&r, resp, &a); err != nil {
		return err
	}
	if !strings.EqualFold(a.ID, id) {
		return s.client.badAnswer(&r, resp, "the answer is neither empty nor the agent, so that it does not tell whether it was deleted")
	}
	return nil
}

// Deploy calls POST /agents/{id}/deploy/, which the API introduction names without a body and without an answer.
// It names no number; [PhoneNumbersService.ConnectAgent] and [WhatsAppAccountsService.DeployAgent] do.
func (s *AgentsService) Deploy(ctx context.Context, id string) (*Response, error) {
	return s.client.do(ctx, post(nil, "agents", id, "deploy"))
}

// Share gives the WhatsApp user of a phone number access to an agent. The answer is not documented.
func (s *AgentsService) Share(ctx context.Context, id, userPhoneNumber string) (*Response, error) {
	return s.share(ctx, id, userPhoneNumber, "share")
}

// Unshare takes back what Share gave. The answer is not documented.
func (s *AgentsService) Unshare(ctx context.Context, id, userPhoneNumber string) (*Response, error) {
	return s.share(ctx, id, userPhoneNumber, "unshare")
}

func (s *AgentsService) share(ctx context.Context, id, userPhoneNumber, verb string) (*Response, error) {
	body := struct {
		UserPhoneNumber string `json:"userPhoneNumber"`
	}{userPhoneNumber}
	return s.client.do(ctx, post(body, "agents", id, verb))
}

// one makes a call that answers with an agent. An agent without an id could not be written to.
func (s *AgentsService) one(ctx context.Context, r request) (Agent, error) {
	resp, err := s.client.do(ctx, r)
	if err != nil {
		return Agent{}, err
	}
	var a Agent
	if err := s.client.decode(&r, resp, &a); err != nil {
		return Agent{}, err
	}
	if a.ID == "" {
		return Agent{}, s.client.badAnswer(&r, resp, "the answer holds no agent: it has no id")
	}
	return a, nil
}
