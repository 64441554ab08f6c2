package wassist

import "log/slog"

// Entries of an agent's lists. An entry that exists carries its id; one without an id is created when the list
// is written, and a stored entry that the written list leaves out is deleted.

// WebsiteTool is a web page that an agent may read. URL is its natural key.
type WebsiteTool struct {
	ID     string           `json:"id,omitzero"`
	URL    Optional[string] `json:"url,omitzero"`
	Prompt Optional[string] `json:"prompt,omitzero"`
	Active Optional[bool]   `json:"active,omitzero"` // true when left out
	Extra  Extra            `json:",embed"`
}

// HandoffTool passes a conversation on to another agent. ChildAgentID is its natural key; the child must exist.
type HandoffTool struct {
	ID             string           `json:"id,omitzero"`
	ParentAgentID  Optional[string] `json:"parentAgentId,omitzero"` // read only
	ChildAgentID   string           `json:"childAgentId,omitzero"`
	ChildAgentName Optional[string] `json:"childAgentName,omitzero"` // read only
	Description    Optional[string] `json:"description,omitzero"`
	Active         Optional[bool]   `json:"active,omitzero"` // true when left out
	Extra          Extra            `json:",embed"`
}

// MCPConfig gives an agent tools of a connector. ConnectorID is its natural key.
type MCPConfig struct {
	ID            string             `json:"id,omitzero"`
	ConnectorID   string             `json:"connectorId,omitzero"`
	ConnectorName Optional[string]   `json:"connectorName,omitzero"` // read only
	ToolWhitelist Optional[[]string] `json:"toolWhitelist,omitzero"` // whether empty means all or none is not known
	Extra         Extra              `json:",embed"`
}

// ImageGenerateTool lets an agent make pictures. Name is its natural key.
type ImageGenerateTool struct {
	ID          string           `json:"id,omitzero"`
	Name        string           `json:"name,omitzero"`
	Description Optional[string] `json:"description,omitzero"`
	Prompt      Optional[string] `json:"prompt,omitzero"`
	Active      Optional[bool]   `json:"active,omitzero"`     // true when left out
	CreditCost  Number           `json:"creditCost,omitzero"` // 0 when left out
	Extra       Extra            `json:",embed"`
}

// WakeUpConfig tells when an agent writes by itself. Description is its natural key.
type WakeUpConfig struct {
	ID           string           `json:"id,omitzero"`
	Description  Optional[string] `json:"description,omitzero"`
	Enabled      Optional[bool]   `json:"enabled,omitzero"` // true when left out
	ForceMessage Optional[bool]   `json:"forceMessage,omitzero"`
	Extra        Extra            `json:",embed"`
}

// MemoryKey is a fact that an agent remembers of a user. Key is its natural key.
type MemoryKey struct {
	ID           string           `json:"id,omitzero"`
	Key          string           `json:"key,omitzero"`
	Type         Optional[string] `json:"type,omitzero"` // string, number, boolean or json
	InitialValue Raw              `json:"initialValue,omitzero"`
	WhenToUpdate Optional[string] `json:"whenToUpdate,omitzero"`
	Extra        Extra            `json:",embed"`
}

// OutboundTrigger lets another system start a conversation. TemplateName is its natural key. The server makes
// url and secret; an entry that is written without its id would get new ones.
type OutboundTrigger struct {
	ID           string           `json:"id,omitzero"`
	URL          Optional[Secret] `json:"url,omitzero"`
	Secret       Optional[Secret] `json:"secret,omitzero"`
	Enabled      Optional[bool]   `json:"enabled,omitzero"` // true when left out
	TemplateID   Optional[string] `json:"templateId,omitzero"`
	TemplateName Optional[string] `json:"templateName,omitzero"`
	Extra        Extra            `json:",embed"`
}

// LogValue shows which trigger it is, without its URL and secret.
func (t OutboundTrigger) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", t.ID), slog.String("templateName", t.TemplateName.Value))
}
