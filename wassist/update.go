package wassist

import (
	"log/slog"
	"reflect"
	"strings"
)

// AgentUpdate is the body of a PATCH: any subset of the writable members. Each is absent (left as it is), null,
// or a value. A list that is sent replaces the stored one: entries with a known id are updated, entries
// without one are created, stored entries left out are deleted.
type AgentUpdate struct {
	Name            Optional[string]   `json:"name,omitzero"`
	Description     Optional[string]   `json:"description,omitzero"`
	SystemPrompt    Optional[string]   `json:"systemPrompt,omitzero"`
	FirstMessage    Optional[string]   `json:"firstMessage,omitzero"`
	Icebreakers     Optional[[]string] `json:"icebreakers,omitzero"`
	LLMModel        Optional[string]   `json:"llmModel,omitzero"`
	ReasoningEffort Optional[string]   `json:"reasoningEffort,omitzero"`

	Tools              Optional[[]Tool]              `json:"tools,omitzero"`
	WebsiteTools       Optional[[]WebsiteTool]       `json:"websiteTools,omitzero"`
	HandoffTools       Optional[[]HandoffTool]       `json:"handoffTools,omitzero"`
	MCPConfigs         Optional[[]MCPConfig]         `json:"mcpConfigs,omitzero"`
	ImageGenerateTools Optional[[]ImageGenerateTool] `json:"imageGenerateTools,omitzero"`
	WakeUpConfigs      Optional[[]WakeUpConfig]      `json:"wakeUpConfigs,omitzero"`
	MemoryKeys         Optional[[]MemoryKey]         `json:"memoryKeys,omitzero"`
	OutboundTriggers   Optional[[]OutboundTrigger]   `json:"outboundTriggers,omitzero"`

	PaywallConfig  Optional[PaywallConfig]  `json:"paywallConfig,omitzero"`
	CreditSettings Optional[CreditSettings] `json:"creditSettings,omitzero"`
}

// Fields returns the names of the members that the update holds, as the API spells them, in the order of the
// struct. No field means that the update changes nothing.
func (u AgentUpdate) Fields() []string {
	var names []string
	v := reflect.ValueOf(u)
	for f, value := range v.Fields() {
		if !value.Interface().(interface{ IsZero() bool }).IsZero() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			names = append(names, name)
		}
	}
	return names
}

// LogValue shows which members the update holds, and no value.
func (u AgentUpdate) LogValue() slog.Value {
	return slog.StringValue(strings.Join(u.Fields(), " "))
}

// Apply returns the agent with the update laid over it: what a PUT must carry to do what the PATCH would do.
// A null name is ignored, because an agent must have one.
func (a Agent) Apply(u AgentUpdate) Agent {
	if name, ok := u.Name.Get(); ok {
		a.Name = name
	}
	lay(&a.Description, u.Description)
	lay(&a.SystemPrompt, u.SystemPrompt)
	lay(&a.FirstMessage, u.FirstMessage)
	lay(&a.Icebreakers, u.Icebreakers)
	lay(&a.LLMModel, u.LLMModel)
	lay(&a.ReasoningEffort, u.ReasoningEffort)
	lay(&a.Tools, u.Tools)
	lay(&a.WebsiteTools, u.WebsiteTools)
	lay(&a.HandoffTools, u.HandoffTools)
	lay(&a.MCPConfigs, u.MCPConfigs)
	lay(&a.ImageGenerateTools, u.ImageGenerateTools)
	lay(&a.WakeUpConfigs, u.WakeUpConfigs)
	lay(&a.MemoryKeys, u.MemoryKeys)
	lay(&a.OutboundTriggers, u.OutboundTriggers)
	lay(&a.PaywallConfig, u.PaywallConfig)
	lay(&a.CreditSettings, u.CreditSettings)
	return a
}

func lay[T any](stored *Optional[T], update Optional[T]) {
	if update.Set {
		*stored = update
	}
}
