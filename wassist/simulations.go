package wassist

import "context"

// Simulation is a test chat with an agent, without a phone. Its shape is not documented.
type Simulation struct {
	ID    string `json:"id,omitzero"`
	Extra Extra  `json:",embed"`
}

// SimulationMessage is a message of a test chat. Its shape is not documented beyond these members.
type SimulationMessage struct {
	ID          string           `json:"id,omitzero"`
	Content     Raw              `json:"content,omitzero"`
	MessageType Optional[string] `json:"messageType,omitzero"`
	Extra       Extra            `json:",embed"`
}

// SimulationsService runs agents without a phone. Only the current API has it.
type SimulationsService struct{ client *Client }

// Create starts a test chat with an agent. It is never repeated.
func (s *SimulationsService) Create(ctx context.Context, agentID string) (Simulation, error) {
	body := struct {
		Agent string `json:"agent"`
	}{agentID}
	return fetch[Simulation](ctx, s.client, post(body, "simulations").with(agentID))
}

// SendMessage says something in a test chat; messageType is the API's, such as text. It is never repeated.
func (s *SimulationsService) SendMessage(ctx context.Context, id, text, messageType string) (SimulationMessage, error) {
	type content struct {
		Body string `json:"body"`
	}
	body := struct {
		Content     content `json:"content"`
		MessageType string  `json:"messageType"`
	}{content{text}, messageType}
	return fetch[SimulationMessage](ctx, s.client, post(body, "simulations", id, "messages"))
}

// Messages returns the messages of a test chat, at most the first 100: neither their order nor their ids are
// documented, so that a longer list could not be walked.
func (s *SimulationsService) Messages(ctx context.Context, id string) ([]SimulationMessage, error) {
	r := get("simulations", id, "messages")
	r.query = ListOptions{}.query()
	page, err := fetch[Page[SimulationMessage]](ctx, s.client, r)
	return page.Items, err
}
