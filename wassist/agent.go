package wassist

import (
	"errors"
	"log/slog"
	"time"
)

// Agent is an AI agent as the API returns it. The empty ID, Name, Raw or Number stands for an absent member.
//
// Values returned by the methods share memory with the agent: treat lists as read only, or copy them.
type Agent struct {
	ID              string             `json:"id,omitzero"`
	Name            string             `json:"name,omitzero"` // at most 255 characters; not unique
	Description     Optional[string]   `json:"description,omitzero"`
	SystemPrompt    Optional[string]   `json:"systemPrompt,omitzero"`
	FirstMessage    Optional[string]   `json:"firstMessage,omitzero"`
	ProfilePicture  Raw                `json:"profilePicture,omitzero"`
	Icebreakers     Optional[[]string] `json:"icebreakers,omitzero"` // WhatsApp shows at most four
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

	// Listed among the writable members, but their shapes are not documented: written back as they were read.
	Documents       Raw `json:"documents,omitzero"`
	SupportTools    Raw `json:"supportTools,omitzero"`
	AdConfig        Raw `json:"adConfig,omitzero"`
	VoiceCallConfig Raw `json:"voiceCallConfig,omitzero"`

	// Made by the server, never written.
	ShopifyStores    Raw                          `json:"shopifyStores,omitzero"`
	AppInstallations Raw                          `json:"appInstallations,omitzero"`
	Organization     Optional[Organization]       `json:"organization,omitzero"`
	PhoneNumbers     Optional[[]AgentPhoneNumber] `json:"phoneNumbers,omitzero"`
	TotalMessages    Number                       `json:"totalMessages,omitzero"`
	TotalSessions    Number                       `json:"totalSessions,omitzero"`
	ConnectURL       Optional[string]             `json:"connectUrl,omitzero"` // opens a sandbox chat with the agent
	CreatedAt        Optional[string]             `json:"createdAt,omitzero"`  // as sent; see Created

	Extra Extra `json:",embed"`
}

// Organization is the owner of an agent.
type Organization struct {
	ID         string           `json:"id,omitzero"`
	Name       Optional[string] `json:"name,omitzero"`
	IsPersonal Optional[bool]   `json:"isPersonal,omitzero"`
	Extra      Extra            `json:",embed"`
}

// AgentPhoneNumber is a number that an agent answers, as the agent itself shows it.
type AgentPhoneNumber struct {
	WhatsAppPhoneNumberID     Optional[string] `json:"whatsappPhoneNumberId,omitzero"`
	WhatsAppBusinessAccountID Optional[string] `json:"whatsappBusinessAccountId,omitzero"`
	WABAID                    Optional[string] `json:"wabaId,omitzero"`
	PhoneNumber               Optional[string] `json:"phoneNumber,omitzero"` // digits
	Extra                     Extra            `json:",embed"`
}

// errNoTime tells that an agent bears no time of creation.
var errNoTime = errors.New("the agent has no createdAt")

// Created returns the time at which the agent was created. It fails when createdAt is absent, null, or not in
// the form of RFC 3339.
func (a Agent) Created() (time.Time, error) {
	text, ok := a.CreatedAt.Get()
	if !ok {
		return time.Time{}, errNoTime
	}
	return time.Parse(time.RFC3339Nano, text)
}

// LogValue shows which agent it is and nothing of its content, which may hold secrets.
func (a Agent) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", a.ID), slog.String("name", a.Name))
}

// Writable returns the body of a PUT: everything that is writable or unknown, without what the server alone
// makes (id, createdAt, organization, phoneNumbers, totals, connectUrl, shopifyStores, appInstallations).
func (a Agent) Writable() Agent {
	a.ID = ""
	a.CreatedAt = Optional[string]{}
	a.Organization = Optional[Organization]{}
	a.PhoneNumbers = Optional[[]AgentPhoneNumber]{}
	a.TotalMessages, a.TotalSessions = "", ""
	a.ConnectURL = Optional[string]{}
	a.ShopifyStores, a.AppInstallations = "", ""
	return a
}
