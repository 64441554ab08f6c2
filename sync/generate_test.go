package sync_test

import (
	"encoding/json"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// Everything secret that is generated holds one of these.
const (
	canaryGit    = "cAnArY-git"
	canaryStored = "cAnArY-stored"
)

// generator makes agents in the shape of a definition: as definitions, with
// references by name and only some fields, or as stored agents, with ids and
// with what no definition can declare. Names and keys come from small pools, so
// that the two meet.
type generator struct {
	t      *rapid.T
	stored bool
	canary string
	// names are the agents that a definition may hand over to by name, ids those
	// that may be named by id.
	names, ids []string
	// connectors: the API can list connectors, so that they go by name too.
	connectors bool
}

func (g *generator) bool(label string) bool { return rapid.Bool().Draw(g.t, label) }

func (g *generator) pick(label string, from ...string) string {
	return rapid.SampledFrom(from).Draw(g.t, label)
}

func (g *generator) some(label string, from ...string) []string {
	picked := rapid.Permutation(from).Draw(g.t, label)
	return picked[:rapid.IntRange(0, len(picked)).Draw(g.t, label+" count")]
}

// text is stored as it is; a definition's may come with noise around it.
func (g *generator) text(label string) any {
	if g.stored {
		return g.pick(label, "", "a", "b", "two\nlines", "Grüße")
	}
	return g.pick(label, "", "a", "b", " a\n", "two\nlines", "two\r\nlines", "Grüße", "${x}")
}

func (g *generator) filled(label string) string { return g.pick(label, "a", "b", "two\nlines") }

// orNull makes a definition clear things, too.
func (g *generator) orNull(label string, v any) any {
	if !g.stored && rapid.IntRange(0, 5).Draw(g.t, label+" null") == 0 {
		return nil
	}
	return v
}

// set adds a key most of the time.
func (g *generator) set(m map[string]any, key string, v func() any) {
	if rapid.IntRange(0, 2).Draw(g.t, key+" declared") > 0 {
		m[key] = v()
	}
}

func (g *generator) parameter(label string) map[string]any {
	m := map[string]any{}
	g.set(m, "type", func() any { return "string" })
	if g.bool(label + " fixed") {
		m["input"] = map[string]any{"type": "value", "value": g.pick(label, "1", "2") + g.canary}
	} else {
		m["input"] = map[string]any{"type": "description", "description": g.filled(label)}
	}
	return m
}

func (g *generator) parameters(label string, names ...string) map[string]any {
	m := map[string]any{}
	for _, name := range g.some(label, names...) {
		m[name] = g.parameter(label)
	}
	return m
}

func (g *generator) url(label string) string {
	return g.pick(label, "https://api.example/v1", "https://api.example/v2", "https://ann:"+g.canary+"@api.example/v1", "https://api.example/v1?key="+g.canary)
}

func (g *generator) call() map[string]any {
	m := map[string]any{"method": g.pick("method", "GET", "POST"), "url": g.url("url")}
	g.set(m, "path_params", func() any { return g.orNull("path_params", map[string]any{}) })
	g.set(m, "request_headers", func() any { return g.orNull("request_headers", g.parameters("headers", "X-A", "X-B")) })
	for _, key := range []string{"query_params", "request_body"} {
		g.set(m, key, func() any {
			properties := g.parameters(key, "p", "q")
			inner := map[string]any{"properties": properties, "required": []any{}}
			for name := range properties {
				inner["required"] = append(inner["required"].([]any), name)
			}
			slices.SortFunc(inner["required"].([]any), func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
			if key == "request_body" && (g.stored || g.bool("body type")) {
				inner["type"] = "object"
			}
			return g.orNull(key, inner)
		})
	}
	if g.stored {
		m["undeclarable"] = []any{"kept", g.canary}
	}
	return m
}

// entries makes a list whose natural keys are distinct.
func (g *generator) entries(list string, keys []string, entry func(key string, m map[string]any)) any {
	out := []any{}
	for _, key := range g.some(list, keys...) {
		m := map[string]any{}
		entry(key, m)
		if g.stored {
			m["undeclarable"] = map[string]any{"kept": g.canary}
		}
		out = append(out, m)
	}
	return g.orNull(list, out)
}

func (g *generator) flag(m map[string]any, key string) {
	g.set(m, key, func() any { return g.bool(key) })
}

func (g *generator) cost(m map[string]any, key string) {
	g.set(m, key, func() any { return rapid.IntRange(0, 2).Draw(g.t, key) })
}

// agent makes the fields of an agent, without its name.
func (g *generator) agent() map[string]any {
	m := map[string]any{}
	for _, key := range []string{"description", "systemPrompt", "firstMessage"} {
		g.set(m, key, func() any { return g.orNull(key, g.text(key)) })
	}
	for _, key := range []string{"llmModel", "reasoningEffort"} {
		g.set(m, key, func() any { return g.orNull(key, g.text(key)) })
	}
	g.set(m, "icebreakers", func() any { return g.orNull("icebreakers", g.some("icebreakers", "a", "b", "c")) })
	g.set(m, "tools", func() any {
		return g.entries("tools", []string{"find", "book", "pay"}, func(key string, e map[string]any) {
			e["name"], e["description"], e["apiSchema"] = key, g.text("tool"), g.call()
			g.flag(e, "active")
			g.cost(e, "creditCost")
		})
	})
	g.set(m, "websiteTools", func() any {
		return g.entries("websiteTools", []string{"https://a.example/", "https://b.example/?t=cAnArY-key", "https://b.example/?t=cAnArY-key2"}, func(key string, e map[string]any) {
			e["url"], e["prompt"] = key, g.text("page")
			g.flag(e, "active")
		})
	})
	g.set(m, "handoffTools", func() any {
		return g.entries("handoffTools", slices.Concat(g.names, g.ids), func(key string, e map[string]any) {
			e["description"] = g.text("handoff")
			if slices.Contains(g.names, key) {
				e["agent"] = key
			} else {
				e["childAgentId"] = key
			}
			g.flag(e, "active")
		})
	})
	g.set(m, "mcpConfigs", func() any {
		return g.entries("mcpConfigs", []string{seedConnector}, func(key string, e map[string]any) {
			e["toolWhitelist"] = append([]string{"list"}, g.some("whitelist", "b", "c")...)
			if !g.stored && g.connectors && g.bool("connector by name") {
				e["connector"] = "Stripe"
			} else {
				e["connectorId"] = key
			}
		})
	})
	g.set(m, "imageGenerateTools", func() any {
		return g.entries("imageGenerateTools", []string{"cake", "card"}, func(key string, e map[string]any) {
			e["name"], e["description"], e["prompt"] = key, g.text("image"), g.text("image prompt")
			g.flag(e, "active")
			g.cost(e, "creditCost")
		})
	})
	g.set(m, "wakeUpConfigs", func() any {
		return g.entries("wakeUpConfigs", []string{"next day", "next week"}, func(key string, e map[string]any) {
			e["description"] = key
			g.flag(e, "enabled")
			g.flag(e, "forceMessage")
		})
	})
	g.set(m, "memoryKeys", func() any {
		return g.entries("memoryKeys", []string{"cake", "size"}, func(key string, e map[string]any) {
			e["key"], e["type"], e["initialValue"], e["whenToUpdate"] = key, g.pick("memory type", "string", "json"), g.text("initial"), g.text("when")
		})
	})
	g.set(m, "outboundTriggers", func() any {
		return g.entries("outboundTriggers", []string{"ready", "late"}, func(key string, e map[string]any) {
			e["templateName"], e["templateId"] = key, g.pick("template", "t1", "t2")
			g.flag(e, "enabled")
			if g.stored {
				e["url"], e["secret"] = "https://o.example/"+g.canary+key, g.canary
			}
		})
	})
	g.set(m, "paywallConfig", func() any {
		c := map[string]any{}
		g.set(c, "messageLimit", func() any { return g.orNull("limit", rapid.IntRange(0, 2).Draw(g.t, "limit")) })
		g.set(c, "paywallAction", func() any { return g.pick("action", "none", "terminal") })
		g.set(c, "paywallUrl", func() any { return g.orNull("pay", g.url("pay")) })
		g.set(c, "ctaButtonText", func() any { return g.filled("button") })
		return g.orNull("paywall", c)
	})
	g.set(m, "creditSettings", func() any {
		c := map[string]any{}
		g.cost(c, "initialCredits")
		g.cost(c, "creditGrantAmount")
		g.set(c, "creditGrantPassword", func() any { return g.orNull("password", g.pick("password", "1", "2")+g.canary) })
		return g.orNull("credits", c)
	})
	return m
}

// undeclarable is what a stored agent holds beyond a definition's fields.
func (g *generator) undeclarable(m map[string]any) {
	m["documents"] = []any{map[string]any{"id": "d1", "name": "allergens.pdf"}}
	m["supportTools"] = []any{map[string]any{"x": 1}}
	m["profilePicture"] = "https://files.example/" + g.canary
	m["adConfig"] = map[string]any{"campaign": "spring"}
	m["voiceCallConfig"] = map[string]any{"voice": "alto"}
	m["tomorrowsField"] = map[string]any{"deep": []any{1, "two", nil}}
}

// asYAML writes a definition as JSON, which is YAML too.
func asYAML(t tester, definition map[string]any) string {
	t.Helper()
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(definition); err != nil {
		t.Fatalf("the test's definition is wrong: %v", err)
	}
	return b.String()
}
