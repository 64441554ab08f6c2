package sync

import (
	"regexp"
	"slices"
	"strings"

	"wassist-sync/spec"
)

// Variable is an environment variable that stands for a secret in definitions
// that were imported.
type Variable struct {
	Name      string
	Agent, ID string
	// Places are the paths of the fields that take it in.
	Places []string

	// value is the secret as Wassist stores it. It is for checking what was
	// made, and leaves this package nowhere.
	value string
}

// variables names the secrets of all agents of one import.
type variables struct {
	taken map[string]bool // names in use
	kept  func(name string) bool
}

// agentVariables names those of one agent. It is used twice: counting first, so
// that a secret which all tools of an agent share has one variable, called after
// the agent and the parameter alone.
type agentVariables struct {
	all   *variables
	agent *Agent
	// values counts the distinct values of each parameter.
	values map[string]map[string]bool
	naming bool
	made   []*Variable
	byUse  map[[2]string]*Variable // parameter and value
}

func (v *variables) of(a *Agent) *agentVariables {
	return &agentVariables{all: v, agent: a, values: map[string]map[string]bool{}, byUse: map[[2]string]*Variable{}}
}

// name gives the variable that stands for a secret. where tells it from others of
// its name: the tool that it belongs to.
func (v *agentVariables) name(parameter, where, place, value string) string {
	use := [2]string{strings.ToLower(parameter), value}
	if !v.naming {
		if v.values[use[0]] == nil {
			v.values[use[0]] = map[string]bool{}
		}
		v.values[use[0]][value] = true
		return "COUNTED"
	}
	if known := v.byUse[use]; known != nil {
		known.Places = append(known.Places, place)
		return known.Name
	}
	words := []string{v.agent.Name, where, parameter}
	// A part of a URL says nothing without what the URL is for.
	ofURL := slices.Contains([]string{secretUserinfo, secretQuery, secretFragment, secretWhole}, parameter)
	if len(v.values[use[0]]) == 1 && !ofURL {
		words = []string{v.agent.Name, parameter}
	}
	base := spec.VariableName(v.agent.ID, words...)
	name := base
	for n := 2; v.all.taken[name] || v.all.kept != nil && v.all.kept(name); n++ {
		name = spec.Numbered(base, "_", n)
	}
	v.all.taken[name] = true
	made := &Variable{Name: name, Agent: v.agent.Name, ID: v.agent.ID, Places: []string{place}, value: value}
	v.made, v.byUse[use] = append(v.made, made), made
	return name
}

// fixedTokens are all that a value consists of which Wassist fills in.
var fixedTokens = regexp.MustCompile(`^(%PHONE_NUMBER%|%IMAGE_URL%|%CALLBACK_URL%)+$`)

// plainTypes are the values of the headers Accept and Content-Type that are no
// secret, being the same for everybody.
var plainTypes = []string{"*/*", "application/json", "application/x-www-form-urlencoded", "text/plain", "text/html"}

// fixed declares a fixed value. It counts as a secret, unless it can be none: a
// token that Wassist fills in, true or false, nothing, or the type of what is sent.
func (d *declarer) fixed(v any, at spot) (*spec.Value, error) {
	text, ok := scalarText(v)
	header := strings.EqualFold(at.parameter, "Accept") || strings.EqualFold(at.parameter, "Content-Type")
	switch {
	case !ok:
		return nil, errNoScalar
	case text == "true" || text == "false":
		return &spec.Value{Kind: spec.Bool, Bool: text == "true"}, nil
	case text == "", fixedTokens.MatchString(text), header && slices.Contains(plainTypes, strings.ToLower(text)):
		return &spec.Value{Kind: spec.Text, Text: text}, nil
	}
	return d.secret(text, at.parameter, at)
}

// schemes are what stands before a credential in a header (RFC 9110, 11.4).
var schemes = []string{"Bearer", "Basic", "Token", "ApiKey", "Api-Key"}

// secret declares a text that a variable stands for. The scheme before a
// credential stays readable.
func (d *declarer) secret(text, parameter string, at spot) (*spec.Value, error) {
	scheme, rest, ok := strings.Cut(text, " ")
	if ok && slices.ContainsFunc(schemes, func(s string) bool { return strings.EqualFold(s, scheme) }) && rest != "" && strings.TrimSpace(rest) == rest {
		if strings.EqualFold(parameter, "Authorization") {
			parameter = "token" // what the variable holds is not the whole header
		}
		return d.env(scheme + " ${" + d.variables.name(parameter, at.entry, at.path, rest) + "}")
	}
	return d.env(d.variables.name(parameter, at.entry, at.path, text))
}

func (d *declarer) env(template string) (*spec.Value, error) {
	if v := spec.EnvValue(template); v != nil {
		return v, nil
	}
	return nil, errNoScalar
}

// onlyPlaceholders tells a query that says nothing but which parameters fill it.
var onlyPlaceholders = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]{0,39}=\{[A-Za-z0-9_.-]+\}(&[A-Za-z_][A-Za-z0-9_.-]{0,39}=\{[A-Za-z0-9_.-]+\})*$`)

// url declares a URL, its secret parts as variables.
func (d *declarer) url(text string, key bool, at spot) (*spec.Value, error) {
	pieces := cutURL(text)
	plain, whole := true, false
	for _, p := range pieces {
		switch {
		case p.secret == secretQuery && onlyPlaceholders.MatchString(p.text), p.text == "":
		case p.secret != "":
			plain = false
		case strings.Contains(p.text, "${"):
			whole = true
		}
	}
	switch {
	case plain:
		return &spec.Value{Kind: spec.Text, Text: text}, nil
	case key:
		return nil, errSecretKey
	case whole:
		return d.secret(text, secretWhole, at)
	}
	var template strings.Builder
	for _, p := range pieces {
		if p.secret == "" || p.text == "" || p.secret == secretQuery && onlyPlaceholders.MatchString(p.text) {
			template.WriteString(p.text)
			continue
		}
		template.WriteString("${" + d.variables.name(p.secret, at.entry, at.path, p.text) + "}")
	}
	return d.env(template.String())
}
