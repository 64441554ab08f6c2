package spec

// Type is the type of a field in a definition.
type Type uint8

// The types of fields.
const (
	TypeText    Type = iota + 1 // a string
	TypeBool                    // true or false
	TypeNumber                  // a number of 0 or more
	TypeScalar                  // a text, unless the parameter's own type says number, integer or boolean
	TypeTexts                   // a list of strings
	TypeEntries                 // a list of objects, told apart by their natural key
	TypeObject                  // an object with fixed keys
	TypeMap                     // a map whose keys are the user's own; all of its values are of one type
)

// Field describes one key of a definition: the only table of the format. The
// loader, the diff, the documentation and the JSON Schema all read it.
// Facts about the API are from the vendor's OpenAPI list of 2026-09-29 and SDK.
type Field struct {
	// Name is the API's own name of the field, and the YAML key.
	Name string
	Type Type
	// Required keys must be there when their object is.
	Required bool
	// Key marks the natural key of a TypeEntries list's entries.
	Key bool
	// Nullable fields are cleared by null on Wassist itself; other texts are
	// cleared by the empty string, and lists by [].
	Nullable bool
	// Sensitive fields hold secrets whatever their source: printed nowhere.
	Sensitive bool
	// URL texts must be absolute http or https URLs; their userinfo and query are secret.
	URL bool
	// Unordered lists of texts are sets: their order is not compared.
	Unordered bool
	// Default is what the API assumes when the key is left out: true or 0; nil for none.
	Default any
	// Enum lists the only values allowed; empty for any.
	Enum []string
	// MaxLength bounds a text, in characters; 0 for no bound.
	MaxLength int
	// Alias is a second key that names the same thing by name: agent for
	// childAgentId, connector for connectorId. Exactly one of the two is given.
	Alias string
	// AliasDoc is Doc for Alias.
	AliasDoc string
	// Whole objects are replaced, not merged, when declared (an input: its
	// keys depend on its type).
	Whole bool
	// Fields are the keys of a TypeObject, or of the entries of a TypeEntries.
	Fields []Field
	// ReadOnly are keys that the API shows beside Fields and that Wassist alone
	// sets: a definition copied from an answer holds them.
	ReadOnly []string
	// Elem is the type of a TypeMap's values.
	Elem *Field
	// Doc says in a sentence or two what the field is for.
	Doc string
}

// Lookup finds a key among fields, or nil.
func Lookup(fields []Field, name string) *Field {
	for i := range fields {
		if fields[i].Name == name {
			return &fields[i]
		}
	}
	return nil
}

// KeyField returns the natural key of a TypeEntries field.
func (f *Field) KeyField() *Field {
	for i := range f.Fields {
		if f.Fields[i].Key {
			return &f.Fields[i]
		}
	}
	return nil
}

// MaxNameLength is the longest name that the API takes, in characters.
const MaxNameLength = 255

// MaxIcebreakers is how many icebreakers WhatsApp shows; more are only a warning.
const MaxIcebreakers = 4

var parameter = Field{
	Type: TypeObject,
	Doc:  "One parameter of a call: its type, and where its value comes from.",
	Fields: []Field{
		{Name: "type", Type: TypeText, Doc: "JSON type of the value: string, number, integer or boolean. Headers may leave it out."},
		{Name: "input", Type: TypeObject, Required: true, Whole: true, Doc: "Where the value comes from.", Fields: []Field{
			{Name: "type", Type: TypeText, Required: true, Enum: []string{"description", "value"}, Doc: "description: the model fills the value in from the conversation. value: it is fixed."},
			{Name: "description", Type: TypeText, Doc: "What the model should fill in; goes with type description."},
			{Name: "value", Type: TypeScalar, Sensitive: true, Doc: "The fixed value; goes with type value. It may hold the tokens %PHONE_NUMBER%, %IMAGE_URL% and %CALLBACK_URL%. Never printed."},
		}},
	},
}

func parameters(name, doc string) Field {
	elem := parameter
	return Field{Name: name, Type: TypeMap, Elem: &elem, Doc: doc}
}

var required = Field{Name: "required", Type: TypeTexts, Unordered: true, Doc: "Names of the properties that must be given."}

var active = Field{Name: "active", Type: TypeBool, Default: true, Doc: "Whether the agent may use it. Default: true."}

// AgentFields are the fields that a definition may set on Wassist, besides
// name, in the canonical order of writing.
var AgentFields = []Field{
	{Name: "description", Type: TypeText, Doc: "A note for your team about what the agent is for."},
	{Name: "systemPrompt", Type: TypeText, Doc: "The instructions that the agent follows. Long ones read best in a file of their own: !file prompts/NAME.md."},
	{Name: "firstMessage", Type: TypeText, Doc: "What the agent says first."},
	{Name: "icebreakers", Type: TypeTexts, Doc: "Suggested first questions; WhatsApp shows at most 4."},
	{Name: "llmModel", Type: TypeText, Nullable: true, Doc: "The language model, such as openai/gpt-5.4-mini. Any text is passed through; null means Wassist's default."},
	{Name: "reasoningEffort", Type: TypeText, Nullable: true, Doc: "How hard the model thinks: none to xhigh, as far as the model knows them. null means the default."},
	{Name: "tools", Type: TypeEntries, Doc: "HTTP calls that the agent may make.", ReadOnly: []string{"id"}, Fields: []Field{
		{Name: "name", Type: TypeText, Required: true, Key: true, Doc: "What the model calls the tool; unique within the agent."},
		{Name: "description", Type: TypeText, Required: true, Doc: "When and how to use the tool, for the model."},
		{Name: "apiSchema", Type: TypeObject, Required: true, Doc: "The call itself.", Fields: []Field{
			{Name: "method", Type: TypeText, Required: true, Enum: []string{"GET", "POST", "PUT", "PATCH", "DELETE"}, Doc: "The HTTP method."},
			{Name: "url", Type: TypeText, Required: true, URL: true, Doc: "An absolute http or https URL; each {placeholder} is filled from path_params."},
			parameters("path_params", "What fills the URL's {placeholders}, by name."),
			{Name: "query_params", Type: TypeObject, Doc: "The query string.", Fields: []Field{required, parameters("properties", "Query parameters by name.")}},
			parameters("request_headers", "Headers by name. Take secrets from the environment with !env."),
			{Name: "request_body", Type: TypeObject, Doc: "The JSON body.", Fields: []Field{
				{Name: "type", Type: TypeText, Enum: []string{"object"}, Default: "object", Doc: "Always object."},
				required, parameters("properties", "The body's properties by name."),
			}},
		}},
		active,
		{Name: "creditCost", Type: TypeNumber, Default: 0, Doc: "Credits that one use costs the customer. Default: 0."},
	}},
	{Name: "websiteTools", Type: TypeEntries, Doc: "Web pages that the agent may read.", ReadOnly: []string{"id"}, Fields: []Field{
		{Name: "url", Type: TypeText, Required: true, Key: true, URL: true, Doc: "The page's absolute http or https URL; unique within the agent."},
		{Name: "prompt", Type: TypeText, Required: true, Doc: "What the page is good for."},
		active,
	}},
	{Name: "handoffTools", Type: TypeEntries, Doc: "Agents that this agent may hand a conversation to.", ReadOnly: []string{"id", "parentAgentId", "childAgentName"}, Fields: []Field{
		{Name: "childAgentId", Type: TypeText, Required: true, Key: true, Alias: "agent", AliasDoc: "The name of the definition to hand over to.", Doc: "The id of an agent that Git does not manage. For a definition write agent: and its name instead."},
		{Name: "description", Type: TypeText, Required: true, Doc: "When to hand over."},
		active,
	}},
	{Name: "mcpConfigs", Type: TypeEntries, Doc: "MCP connectors that the agent may use.", ReadOnly: []string{"id", "connectorName"}, Fields: []Field{
		{Name: "connectorId", Type: TypeText, Required: true, Key: true, Alias: "connector", AliasDoc: "The connector's name on Wassist, where it is unique.", Doc: "The connector's id. Write connector: and its name instead where the name is unique."},
		{Name: "toolWhitelist", Type: TypeTexts, Required: true, Unordered: true, Doc: "The connector's tools that the agent may call; at least one."},
	}},
	{Name: "imageGenerateTools", Type: TypeEntries, Doc: "Image generators that the agent may use.", ReadOnly: []string{"id"}, Fields: []Field{
		{Name: "name", Type: TypeText, Required: true, Key: true, Doc: "What the model calls the tool; unique within the agent."},
		{Name: "description", Type: TypeText, Required: true, Doc: "When to use it."},
		{Name: "prompt", Type: TypeText, Required: true, Doc: "How the picture shall look."},
		active,
		{Name: "creditCost", Type: TypeNumber, Default: 0, Doc: "Credits that one use costs the customer. Default: 0."},
	}},
	{Name: "wakeUpConfigs", Type: TypeEntries, Doc: "Occasions on which the agent writes first.", ReadOnly: []string{"id"}, Fields: []Field{
		{Name: "description", Type: TypeText, Required: true, Key: true, Doc: "When and why the agent wakes up; unique within the agent."},
		{Name: "enabled", Type: TypeBool, Default: true, Doc: "Whether it is on. Default: true."},
		{Name: "forceMessage", Type: TypeBool, Default: false, Doc: "Whether a message must be sent at each wake-up. Default: false."},
	}},
	{Name: "memoryKeys", Type: TypeEntries, Doc: "What the agent remembers about each customer. The API's write support is doubtful: apply says so when it does not stick.", ReadOnly: []string{"id"}, Fields: []Field{
		{Name: "key", Type: TypeText, Required: true, Key: true, Doc: "The name of the memory; unique within the agent."},
		{Name: "type", Type: TypeText, Required: true, Enum: []string{"string", "number", "boolean", "json"}, Doc: "What kind of value it holds."},
		{Name: "initialValue", Type: TypeText, Required: true, Doc: "The value before anything is remembered, as text."},
		{Name: "whenToUpdate", Type: TypeText, Required: true, Doc: "When the agent shall update it."},
	}},
	{Name: "outboundTriggers", Type: TypeEntries, Doc: "Message templates that other systems may trigger. Wassist makes each trigger's URL and secret; they are kept and never printed.", ReadOnly: []string{"id", "url", "secret"}, Fields: []Field{
		{Name: "templateName", Type: TypeText, Required: true, Key: true, Doc: "The WhatsApp template's name; unique within the agent."},
		{Name: "templateId", Type: TypeText, Required: true, Doc: "The WhatsApp template's id."},
		{Name: "enabled", Type: TypeBool, Default: true, Doc: "Whether it is on. Default: true."},
	}},
	{Name: "paywallConfig", Type: TypeObject, Nullable: true, Doc: "When and how customers are asked to pay. null removes the paywall.", Fields: []Field{
		{Name: "messageLimit", Type: TypeNumber, Nullable: true, Doc: "Free messages before the paywall."},
		{Name: "paywallAction", Type: TypeText, Enum: []string{"none", "purchase_link", "terminal"}, Doc: "What happens at the limit."},
		{Name: "paywallUrl", Type: TypeText, Nullable: true, URL: true, Doc: "Where customers pay: an absolute http or https URL."},
		{Name: "ctaButtonText", Type: TypeText, Nullable: true, Doc: "The text of the button."},
		{Name: "terminalStateMessage", Type: TypeText, Nullable: true, Doc: "The last message, with paywallAction terminal."},
	}},
	{Name: "creditSettings", Type: TypeObject, Nullable: true, Doc: "Credits that customers start with and can be granted. null removes the settings.", Fields: []Field{
		{Name: "initialCredits", Type: TypeNumber, Nullable: true, Doc: "Credits that a new customer has."},
		{Name: "creditGrantPassword", Type: TypeText, Nullable: true, Sensitive: true, Doc: "The password that grants credits. Take it from the environment with !env; it is never printed."},
		{Name: "creditGrantAmount", Type: TypeNumber, Nullable: true, Doc: "Credits that one grant gives."},
	}},
}

// OwnFields are the keys of a definition that are ours and not the API's,
// besides name. Only the loader reads them.
var OwnFields = []Field{
	{Name: "id", Type: TypeText, Doc: "Pins the remote agent; needed when its name is not unique."},
	{Name: "previousNames", Type: TypeTexts, Doc: "Names that the agent bore earlier, so that a new name is a rename and not a new agent. [] says that it is not a rename."},
	{Name: "deploy", Type: TypeEntries, Doc: "WhatsApp numbers that this agent shall answer. Absent leaves numbers alone.", Fields: []Field{
		{Name: "number", Type: TypeText, Required: true, Key: true, Doc: "The number in international form; spaces and dashes are allowed. Quote it."},
		{Name: "applyToExisting", Type: TypeBool, Default: false, Doc: "Also moves running conversations to this agent, which clears their sessions. Default: false."},
	}},
	{Name: "lifecycle", Type: TypeObject, Doc: "Guards of this agent.", Fields: []Field{
		{Name: "preventDestroy", Type: TypeBool, Default: false, Doc: "Refuses every plan that would delete the agent. Default: false."},
	}},
}

// NameField describes name, which every definition has.
var NameField = Field{Name: "name", Type: TypeText, Required: true, MaxLength: MaxNameLength, Doc: "What the agent is called on Wassist, at most 255 characters, without surrounding space, line breaks or control characters."}

// AgentReadOnly are the keys of an agent that the API shows and no definition
// may set. documents, profilePicture, supportTools, adConfig and
// voiceCallConfig are in the OpenAPI list's PUT body, in shapes or with upload
// flows that are not documented.
var AgentReadOnly = []string{
	"createdAt", "connectUrl", "phoneNumbers", "totalMessages", "totalSessions", "organization", "shopifyStores",
	"appInstallations", "documents", "profilePicture", "supportTools", "adConfig", "voiceCallConfig",
}

// SettingsFields are the keys of a settings file, which has no others. Each may
// be left out.
var SettingsFields = []Field{
	{Name: "organization", Type: TypeText, Doc: "Name or id of the organization that the key must belong to; with any other key every plan is refused."},
	{Name: "unmanaged", Type: TypeTexts, Doc: "Names or ids of agents that are never touched, whatever else is said. Globs are allowed: * for any characters, ? for one, [a-z] for one of these; a backslash before one of them takes it literally. A glob for ids starts with at least eight digits of an id."},
	{Name: "prune", Type: TypeText, Enum: []string{"none", "managed", "all"}, Doc: "Which agents without a definition are deleted: none, managed (those that Git defined and has removed), or all. Default: managed."},
	{Name: "maxDeletes", Type: TypeScalar, Doc: "How many agents one plan may delete: a number such as 5, or a share such as 20%."},
	{Name: "onDrift", Type: TypeText, Enum: []string{"overwrite", "keep", "fail"}, Doc: "What becomes of a field that somebody edited on Wassist: overwrite (Git wins), keep, or fail. Default: overwrite."},
	{Name: "rate", Type: TypeText, Doc: "How many requests are made in which time, such as 100/1m."},
	{Name: "apiKeyEnv", Type: TypeText, Doc: "The name of the variable that holds the API key. Default: WASSIST_API_KEY."},
	{Name: "exclude", Type: TypeTexts, Doc: "Names or ids of definitions that are left out: they stand, and their agents are never touched. Globs are allowed, as in unmanaged."},
}

// EnvironmentFields are the keys of an environment file, environments/NAME.yaml,
// which has no others. Each may be left out.
var EnvironmentFields = append([]Field{
	{Name: "vars", Type: TypeMap, Elem: &Field{Type: TypeText}, Doc: "Values for !var, by name. They are not secret: take secrets from !env."},
}, SettingsFields...)
