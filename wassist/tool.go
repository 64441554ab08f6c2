package wassist

import "log/slog"

// Tool is an API tool of an agent: an HTTP request that the model may make. Name is its natural key.
type Tool struct {
	ID          string              `json:"id,omitzero"` // made by the server; absent in a new entry
	Name        string              `json:"name,omitzero"`
	Description Optional[string]    `json:"description,omitzero"`
	Active      Optional[bool]      `json:"active,omitzero"`     // true when left out
	CreditCost  Number              `json:"creditCost,omitzero"` // 0 when left out
	APISchema   Optional[APISchema] `json:"apiSchema,omitzero"`
	Extra       Extra               `json:",embed"`
}

// APISchema describes the request of a [Tool]. Its keys are in snake case, unlike all others. Its maps hold pointers, since
// they are small as a rule and a map makes room for eight values at once; nil is null.
type APISchema struct {
	URL            Optional[string]                `json:"url,omitzero"`         // {name} is filled from path_params
	Method         Optional[string]                `json:"method,omitzero"`      // GET, POST, PUT, PATCH or DELETE
	PathParams     Optional[map[string]*Parameter] `json:"path_params,omitzero"` // by name
	QueryParams    Optional[ParameterSet]          `json:"query_params,omitzero"`
	RequestHeaders Optional[map[string]*Parameter] `json:"request_headers,omitzero"` // by header name
	RequestBody    Optional[ParameterSet]          `json:"request_body,omitzero"`    // type "object"
	Extra          Extra                           `json:",embed"`
}

// ParameterSet is the query or the body of a request.
type ParameterSet struct {
	Type       Optional[string]                `json:"type,omitzero"` // "object" in a body, absent in a query
	Required   Optional[[]string]              `json:"required,omitzero"`
	Properties Optional[map[string]*Parameter] `json:"properties,omitzero"`
	Extra      Extra                           `json:",embed"`
}

// Parameter is one value of a request. Header entries may come without a type.
type Parameter struct {
	Type  Optional[string] `json:"type,omitzero"`
	Input Optional[Input]  `json:"input,omitzero"`
	Extra Extra            `json:",embed"`
}

// Kinds of [Input].
const (
	InputDescription = "description" // the model fills it in from the conversation
	InputValue       = "value"       // fixed
)

// Input tells where a parameter's value comes from.
type Input struct {
	Type        Optional[string] `json:"type,omitzero"` // InputDescription or InputValue
	Description Optional[string] `json:"description,omitzero"`
	// Value is fixed, and any scalar. It comes back in clear though it may be a credential. The API replaces
	// the tokens %PHONE_NUMBER%, %IMAGE_URL% and %CALLBACK_URL% in it.
	Value Raw   `json:"value,omitzero"`
	Extra Extra `json:",embed"`
}

// LogValue shows which tool it is and nothing of its request, which may hold secrets.
func (t Tool) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", t.ID), slog.String("name", t.Name))
}

// LogValue shows what kind of request it is; parameters may hold secrets.
func (s APISchema) LogValue() slog.Value {
	return slog.GroupValue(slog.String("method", s.Method.Value))
}

// LogValue shows how many properties there are; their values may be secrets.
func (s ParameterSet) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("properties", len(s.Properties.Value)))
}

// LogValue shows the parameter's type; its value may be a secret.
func (p Parameter) LogValue() slog.Value { return slog.StringValue(p.Type.String()) }

// LogValue shows the input's type; its value may be a secret.
func (i Input) LogValue() slog.Value { return slog.StringValue(i.Type.String()) }
