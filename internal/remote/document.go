package remote

import (
	"bytes"
	stdjson "encoding/json"
	"strings"
	"time"

	"wassist-sync/sync"
	"wassist-sync/wassist"
)

// document is a stored agent, whose fields are turned into plain values when
// they are asked for: a plan looks only at what a definition declares.
type document struct{ agent *wassist.Agent }

// agent turns the API's agent into package sync's.
func agent(a *wassist.Agent, readAt time.Time) sync.Agent {
	out := sync.Agent{
		ID: a.ID, Name: a.Name, CreatedAt: a.CreatedAt.Value, ConnectURL: a.ConnectURL.Value,
		Stored: document{a}, Offset: -1, ReadAt: readAt,
	}
	if o, ok := a.Organization.Get(); ok {
		out.Organization = sync.Organization{ID: o.ID, Name: o.Name.Value}
	}
	for _, n := range a.PhoneNumbers.Value {
		if digits := strings.TrimPrefix(n.PhoneNumber.Value, "+"); digits != "" {
			out.Numbers = append(out.Numbers, "+"+digits)
		}
	}
	return out
}

// Field gives a stored field as nil, string, bool, json.Number, []any or map.
func (d document) Field(name string) any {
	a := d.agent
	switch name {
	case "description":
		return text(a.Description)
	case "systemPrompt":
		return text(a.SystemPrompt)
	case "firstMessage":
		return text(a.FirstMessage)
	case "llmModel":
		return text(a.LLMModel)
	case "reasoningEffort":
		return text(a.ReasoningEffort)
	case "icebreakers":
		return plain(a.Icebreakers)
	case "tools":
		return plain(a.Tools)
	case "websiteTools":
		return plain(a.WebsiteTools)
	case "handoffTools":
		return plain(a.HandoffTools)
	case "mcpConfigs":
		return plain(a.MCPConfigs)
	case "imageGenerateTools":
		return plain(a.ImageGenerateTools)
	case "wakeUpConfigs":
		return plain(a.WakeUpConfigs)
	case "memoryKeys":
		return plain(a.MemoryKeys)
	case "outboundTriggers":
		return plain(a.OutboundTriggers)
	case "paywallConfig":
		return plain(a.PaywallConfig)
	case "creditSettings":
		return plain(a.CreditSettings)
	}
	return nil
}

func text(o wassist.Optional[string]) any {
	if s, ok := o.Get(); ok {
		return s
	}
	return nil
}

// plain turns a typed value into maps and slices by way of its JSON, in which
// unknown members of the API stand too.
func plain[T any](o wassist.Optional[T]) any {
	v, ok := o.Get()
	if !ok {
		return nil
	}
	b, err := wassist.Marshal(v)
	if err != nil {
		return nil // it was decoded from JSON: it cannot fail to encode
	}
	decoder := stdjson.NewDecoder(bytes.NewReader(b))
	decoder.UseNumber()
	var out any
	if decoder.Decode(&out) != nil {
		return nil
	}
	return out
}

// encode turns plain values into the typed body of an update.
func encode(fields map[string]any) (wassist.AgentUpdate, error) {
	var update wassist.AgentUpdate
	b, err := stdjson.Marshal(fields)
	if err != nil {
		return update, err
	}
	return update, wassist.Unmarshal(b, &update)
}
