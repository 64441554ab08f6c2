package simulator

import "encoding/json"

// kind is the type of a field, as DRF's serializer fields have it.
type kind int

const (
	textField    kind = iota
	flagField         // boolean
	numberField       // integer
	uuidField         // the id of something
	agentRef          // the id of an agent of this organization
	connectorRef      // the id of a connector of this organization
	wordsField        // list of texts
	objectField       // any JSON object, stored as it is
	entriesField      // nested list: entries are matched by id
	recordField       // nested object
	opaqueList        // a list of unknown shape: PUT only, stored as it is
	opaqueValue       // anything or null: PUT only, stored as it is
)

// field describes one writable field.
type field struct {
	name     string
	kind     kind
	required bool
	nullable bool
	filled   bool // "" is refused
	max      int  // code points; 0: any
	choices  []string
	def      any     // value when left out of a new object
	fields   []field // of entries and records
}

const zero = json.Number("0")

// agentFields is the writable part of an agent. Names, types and the choices
// of paywallAction and type are those of the OpenAPI operation list and the vendor's
// SDK.
var agentFields = []field{
	{name: "name", kind: textField, required: true, filled: true, max: 255},
	{name: "description", kind: textField, def: ""},
	{name: "systemPrompt", kind: textField, def: ""},
	{name: "firstMessage", kind: textField, def: ""},
	{name: "icebreakers", kind: wordsField, def: []any{}},
	{name: "llmModel", kind: textField, nullable: true},
	{name: "reasoningEffort", kind: textField, nullable: true},
	{name: "tools", kind: entriesField, def: []any{}, fields: []field{
		{name: "name", kind: textField, required: true, filled: true},
		{name: "description", kind: textField, required: true},
		{name: "apiSchema", kind: objectField, required: true},
		{name: "active", kind: flagField, def: true},
		{name: "creditCost", kind: numberField, def: zero},
	}},
	{name: "websiteTools", kind: entriesField, def: []any{}, fields: []field{
		{name: "url", kind: textField, required: true, filled: true},
		{name: "prompt", kind: textField, required: true},
		{name: "active", kind: flagField, def: true},
	}},
	{name: "handoffTools", kind: entriesField, def: []any{}, fields: []field{
		{name: "childAgentId", kind: agentRef, required: true},
		{name: "description", kind: textField, required: true},
		{name: "active", kind: flagField, def: true},
	}},
	{name: "mcpConfigs", kind: entriesField, def: []any{}, fields: []field{
		{name: "connectorId", kind: connectorRef, required: true},
		{name: "toolWhitelist", kind: wordsField, def: []any{}},
	}},
	{name: "imageGenerateTools", kind: entriesField, def: []any{}, fields: []field{
		{name: "name", kind: textField, required: true, filled: true},
		{name: "description", kind: textField, required: true},
		{name: "prompt", kind: textField, required: true},
		{name: "active", kind: flagField, def: true},
		{name: "creditCost", kind: numberField, def: zero},
	}},
	{name: "wakeUpConfigs", kind: entriesField, def: []any{}, fields: []field{
		{name: "description", kind: textField, required: true, filled: true},
		{name: "enabled", kind: flagField, def: true},
		{name: "forceMessage", kind: flagField, def: false},
	}},
	{name: "memoryKeys", kind: entriesField, def: []any{}, fields: []field{
		{name: "key", kind: textField, required: true, filled: true},
		{name: "type", kind: textField, required: true, choices: []string{"string", "number", "boolean", "json"}},
		{name: "initialValue", kind: textField, required: true},
		{name: "whenToUpdate", kind: textField, required: true},
	}},
	{name: "outboundTriggers", kind: entriesField, def: []any{}, fields: []field{
		{name: "templateId", kind: textField, required: true, filled: true},
		{name: "templateName", kind: textField, required: true, filled: true},
		{name: "enabled", kind: flagField, def: true},
	}},
	{name: "paywallConfig", kind: recordField, nullable: true, fields: []field{
		{name: "messageLimit", kind: numberField, nullable: true},
		{name: "paywallAction", kind: textField, choices: []string{"none", "purchase_link", "terminal"}, def: "none"},
		{name: "paywallUrl", kind: textField, nullable: true},
		{name: "ctaButtonText", kind: textField, def: ""},
		{name: "terminalStateMessage", kind: textField, def: ""},
	}},
	{name: "creditSettings", kind: recordField, nullable: true, fields: []field{
		{name: "initialCredits", kind: numberField, def: zero},
		{name: "creditGrantPassword", kind: textField, nullable: true},
		{name: "creditGrantAmount", kind: numberField, def: zero},
	}},
	{name: "documents", kind: opaqueList, def: []any{}},
	{name: "supportTools", kind: opaqueList, def: []any{}},
	{name: "profilePicture", kind: opaqueValue},
	{name: "adConfig", kind: opaqueValue},
	{name: "voiceCallConfig", kind: opaqueValue},
}

// readOnlyFields are what else an agent shows that nothing computes.
var readOnlyFields = map[string]any{
	"shopifyStores": []any{}, "appInstallations": []any{}, "totalMessages": zero, "totalSessions": zero,
}

// putOnly tells whether only PUT writes a field.
func (f field) putOnly() bool { return f.kind == opaqueList || f.kind == opaqueValue }

func fieldNamed(name string) (field, bool) {
	for _, f := range agentFields {
		if f.name == name {
			return f, true
		}
	}
	return field{}, false
}
