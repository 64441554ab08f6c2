package spec

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// The rules that the table cannot hold, by path in the table.
var (
	objectRules = map[string]func(c *checker, v *Value, path string){
		"tools.apiSchema":              checkPlaceholders,
		"tools.apiSchema.query_params": checkRequired,
		"tools.apiSchema.request_body": checkRequired,
	}
	valueRules = map[string]func(c *checker, v *Value, path string){
		"icebreakers":                     checkIcebreakers,
		"tools.apiSchema.request_headers": checkHeaders,
		"handoffTools.childAgentId":       checkChild,
		"mcpConfigs.connectorId":          checkOpaque,
		"mcpConfigs.toolWhitelist":        checkWhitelist,
		"outboundTriggers.templateId":     checkOpaque,
	}
)

func checkIcebreakers(c *checker, v *Value, path string) {
	if len(v.Items) > MaxIcebreakers {
		c.warnf(v.Items[MaxIcebreakers].Pos, path, "keep the best ones", "are %d, of which WhatsApp shows %d at most", len(v.Items), MaxIcebreakers)
	}
}

// checkWhitelist: whether an empty list means all tools or none is not
// documented, so it is refused.
func checkWhitelist(c *checker, v *Value, path string) {
	if len(v.Items) == 0 {
		c.addf(v.Pos, path, "list at least one tool, or remove the connector", "is empty")
	}
}

// checkOpaque checks an id whose form is not documented.
func checkOpaque(c *checker, v *Value, path string) {
	switch {
	case strings.TrimSpace(v.Text) == "":
		if !strings.HasPrefix(path, "mcpConfigs") { // a natural key, reported as such
			c.addf(v.Pos, path, "write the id", "is empty")
		}
	case strings.ContainsFunc(v.Text, isControl):
		c.addf(v.Pos, path, "write it in one line", "holds a line break or control character")
	}
}

func checkChild(c *checker, v *Value, path string) {
	if strings.HasSuffix(path, ".childAgentId") && v.Text != "" {
		c.checkUUID(v, path, "write the agent's id; for a definition write agent: and its name instead")
	}
}

// checkPlaceholders compares a URL's placeholders with path_params. A
// definition must be complete here, though an undeclared path_params would
// keep what is stored: nothing else can be checked offline.
func checkPlaceholders(c *checker, v *Value, path string) {
	u, params := v.Get("url"), v.Get("path_params")
	if !known(u) || u.Kind != Text || params != nil && params.Kind == invalid {
		return
	}
	names, ok := placeholders(u.Text)
	if !ok {
		c.addf(u.Pos, join(path, "url"), "write {name} with letters, digits, _, . or -", "has braces that hold no placeholder")
		return
	}
	for _, name := range names {
		if params.Get(name) != nil {
			continue
		}
		if u.Sensitive {
			c.addf(u.Pos, join(path, "url"), "add it to path_params", "has a placeholder that path_params does not fill")
			continue
		}
		c.addf(u.Pos, join(path, "url"), "add "+label(name)+" to path_params", "has the placeholder {%s}, which path_params does not fill", label(name))
	}
	if params == nil {
		return
	}
	for _, m := range params.Members {
		if !slices.Contains(names, m.Key) {
			c.addf(m.Pos(), join(join(path, "path_params"), m.Key), "add {"+label(m.Key)+"} to the URL, or remove it here", "fills no placeholder of the URL")
		}
	}
}

// checkRequired compares required with properties where both are declared.
func checkRequired(c *checker, v *Value, path string) {
	required, properties := v.Get("required"), v.Get("properties")
	if required == nil || properties == nil || properties.Kind != Object {
		return
	}
	var names []string
	for _, m := range properties.Members {
		names = append(names, m.Key)
	}
	for i, item := range required.Items {
		if !known(item) || properties.Get(item.Text) != nil || strings.TrimSpace(item.Text) == "" {
			continue
		}
		remedy := "add it to properties, or remove it here"
		if n := nearest(item.Text, names); n != "" {
			remedy = "did you mean " + label(n) + "?"
		}
		c.addf(item.Pos, entryPath(join(path, "required"), "", i), remedy, "%s is not among properties", quote(item.Text))
	}
}

// headerName is the token of RFC 9110 section 5.6.2.
var headerName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

// checkHeaders follows RFC 9110 section 5.5: a value holds no control
// characters but tabs. Nothing is trimmed: what would be sent is what was set.
func checkHeaders(c *checker, v *Value, path string) {
	for _, m := range v.Members {
		here := join(path, m.Key)
		if m.Key != "" && !headerName.MatchString(m.Key) {
			c.addf(m.Pos(), here, "use letters, digits and -", "is no header name")
		}
		value := m.Value.Get("input").Get("value")
		if !known(value) || value.Kind != Text {
			continue
		}
		bad := func(r rune) bool { return unicode.IsControl(r) && r != '\t' }
		switch text := strings.TrimRight(value.Text, "\r\n"); {
		case strings.ContainsFunc(text, bad):
			c.addf(value.Pos, here+".input.value", "remove it", "holds a line break or control character, which a header cannot")
		case text != value.Text:
			c.addf(value.Pos, here+".input.value", "remove it where the value is set: nothing is trimmed here", "ends in a line break, which a header cannot hold")
		}
	}
}

// parameter checks one entry of path_params, request_headers or properties.
func (c *checker) parameter(elem *Field, m Member, path string) {
	c.object(elem.Fields, m.Value, path, "parameter")
	input := m.Value.Get("input")
	kind := input.Get("type")
	if !known(kind) || kind.Kind != Text {
		return
	}
	here := join(path, "input")
	want, other := "description", "value"
	if kind.Text == other {
		want, other = other, want
	} else if kind.Text != want {
		return
	}
	for _, member := range input.Members {
		if member.Key == other {
			c.addf(member.Pos(), join(here, other), "leave it out, or write type: "+other, "does not go with type: %s", want)
		}
	}
	switch given := input.Get(want); {
	case given == nil:
		c.addf(input.Pos, join(here, want), "add "+want, "is missing, and type: %s needs it", want)
	case given.Kind == Null:
		c.addf(given.Pos, join(here, want), `write a value; the word null in quotes, and "" for an empty text`, "is null")
	case want == "value" && known(given):
		c.fixedValue(m.Value.Get("type"), given, join(here, want))
	}
}

// tokens stand in fixed values of any type; Wassist fills them in.
var tokens = []string{"%PHONE_NUMBER%", "%IMAGE_URL%", "%CALLBACK_URL%"}

// fixedValue gives a fixed value the kind that the parameter's type asks for.
// Texts from the environment count as plain ones. It never shows the value.
func (c *checker) fixedValue(typ, v *Value, path string) {
	if !known(typ) || typ.Kind != Text || v.Kind != Text || slices.ContainsFunc(tokens, func(t string) bool { return strings.Contains(v.Text, t) }) {
		return
	}
	var fits bool
	switch typ.Text {
	case "number":
		fits = jsonNumber.MatchString(v.Text)
	case "integer":
		fits = jsonInteger.MatchString(v.Text)
	case "boolean":
		fits = v.Text == "true" || v.Text == "false"
	default:
		return
	}
	article := map[string]string{"number": "a number", "integer": "an integer", "boolean": "true or false"}[typ.Text]
	switch {
	case !fits:
		c.addf(v.Pos, path, "write "+article+", or another type", "must be %s, since the parameter's type is %s", article, typ.Text)
	case !v.plain:
		c.addf(v.Pos, path, "write it without quotes, or write type: string", "is text, and the parameter's type is %s", typ.Text)
	case typ.Text == "boolean":
		v.Kind, v.Bool, v.Text = Bool, v.Text == "true", ""
	default:
		v.Kind = Number
	}
}
