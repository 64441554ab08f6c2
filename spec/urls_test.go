package spec

import (
	"testing"
)

// TestURLs covers URLs and their placeholders.
func TestURLs(t *testing.T) {
	runProblems(t, []problemCase{
		{"sound", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://user:pw@x.example:8443/a/{id}/b?c={c}#f
      path_params: {id: {input: {type: description, description: d}}, c: {input: {type: value, value: v}}}
`, nil},
		{"relative", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: /v1/orders
`, []string{
			"agents/a.yaml:7:12: tools[t].apiSchema.url: is not an absolute http or https URL; start it with https://",
		}},
		{"no scheme", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: x.example/v1
`, []string{
			"agents/a.yaml:7:12: tools[t].apiSchema.url: is not an absolute http or https URL; start it with https://",
		}},
		{"other scheme", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: ftp://x.example/
`, []string{
			"agents/a.yaml:7:12: tools[t].apiSchema.url: is not an absolute http or https URL; start it with https://",
		}},
		{"upper case scheme", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: HTTPS://x.example/
`, nil},
		{"no host", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https:///v1
`, []string{
			"agents/a.yaml:7:12: tools[t].apiSchema.url: has no host; write https://HOST/PATH",
		}},
		{"only a port", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://:80/
`, []string{
			"agents/a.yaml:7:12: tools[t].apiSchema.url: has no host; write https://HOST/PATH",
		}},
		{"space", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/a b
`, []string{
			"agents/a.yaml:7:12: tools[t].apiSchema.url: holds white space or a control character; remove it, or write %20 for a space",
		}},
		{"control character", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: "https://x.example/\n"
`, []string{
			"agents/a.yaml:7:12: tools[t].apiSchema.url: holds white space or a control character; remove it, or write %20 for a space",
		}},
		{"bad port", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example:http/
`, []string{
			"agents/a.yaml:7:12: tools[t].apiSchema.url: is not a valid URL; check its host, its port and its % escapes",
		}},
		{"bad escape", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/%zz
`, []string{
			"agents/a.yaml:7:12: tools[t].apiSchema.url: is not a valid URL; check its host, its port and its % escapes",
		}},
		{"empty", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: ""
`, []string{
			"agents/a.yaml:7:12: tools[t].apiSchema.url: is not an absolute http or https URL; start it with https://",
		}},
		{"placeholder in the host", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://{host}/
      path_params: {host: {input: {type: value, value: v}}}
`, []string{
			"agents/a.yaml:7:12: tools[t].apiSchema.url: has a placeholder in its host; write the host out; placeholders belong in the path or the query",
		}},
		{"placeholder without parameter", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/{a}/{b}/{a}
      path_params: {b: {input: {type: value, value: v}}}
`, []string{
			"agents/a.yaml:7:12: tools[t].apiSchema.url: has the placeholder {a}, which path_params does not fill; add a to path_params",
		}},
		{"placeholders without path_params", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/{a}
`, []string{
			"agents/a.yaml:7:12: tools[t].apiSchema.url: has the placeholder {a}, which path_params does not fill; add a to path_params",
		}},
		{"placeholders with empty path_params", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/{a}
      path_params: {}
`, []string{
			"agents/a.yaml:7:12: tools[t].apiSchema.url: has the placeholder {a}, which path_params does not fill; add a to path_params",
		}},
		{"placeholders with null path_params", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/{a}
      path_params:
`, []string{
			"agents/a.yaml:7:12: tools[t].apiSchema.url: has the placeholder {a}, which path_params does not fill; add a to path_params",
		}},
		{"parameter without placeholder", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/
      path_params: {a: {input: {type: value, value: v}}}
`, []string{
			"agents/a.yaml:8:21: tools[t].apiSchema.path_params.a: fills no placeholder of the URL; add {a} to the URL, or remove it here",
		}},
		{"open brace", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/{a
`, []string{
			"agents/a.yaml:7:12: tools[t].apiSchema.url: has braces that hold no placeholder; write {name} with letters, digits, _, . or -",
		}},
		{"closing brace", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/a}
`, []string{
			"agents/a.yaml:7:12: tools[t].apiSchema.url: has braces that hold no placeholder; write {name} with letters, digits, _, . or -",
		}},
		{"empty braces", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/{}
`, []string{
			"agents/a.yaml:7:12: tools[t].apiSchema.url: has braces that hold no placeholder; write {name} with letters, digits, _, . or -",
		}},
		{"nested braces", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: https://x.example/{{a}}
`, []string{
			"agents/a.yaml:7:12: tools[t].apiSchema.url: has braces that hold no placeholder; write {name} with letters, digits, _, . or -",
		}},
		{"expression in braces", `name: A
tools:
  - name: t
    description: d
    apiSchema:
      method: GET
      url: "https://x.example/{a|b}"
`, []string{
			"agents/a.yaml:7:12: tools[t].apiSchema.url: has braces that hold no placeholder; write {name} with letters, digits, _, . or -",
		}},
		{"website", `name: A
websiteTools: [{url: x.example, prompt: p}, {url: "https://u:secret@y.example/p?token=secret", prompt: [p]}, {url: "http://[::1", prompt: [q]}, {url: "u:secret@z.example", prompt: [r]}]
`, []string{
			"agents/a.yaml:2:22: websiteTools[0].url: is not an absolute http or https URL; start it with https://",
			"agents/a.yaml:2:104: websiteTools[https://y.example/p].prompt: is a list, must be text; write one text, in quotes if it starts with [ or { or holds \": \"",
			"agents/a.yaml:2:116: websiteTools[2].url: is not a valid URL; check its host, its port and its % escapes",
			"agents/a.yaml:2:139: websiteTools[2].prompt: is a list, must be text; write one text, in quotes if it starts with [ or { or holds \": \"",
			"agents/a.yaml:2:151: websiteTools[3].url: is not an absolute http or https URL; start it with https://",
			"agents/a.yaml:2:181: websiteTools[3].prompt: is a list, must be text; write one text, in quotes if it starts with [ or { or holds \": \"",
		}},
		{"paywall", `name: A
paywallConfig: {paywallUrl: pay}
`, []string{
			"agents/a.yaml:2:29: paywallConfig.paywallUrl: is not an absolute http or https URL; start it with https://",
		}},
		{"empty paywall", `name: A
paywallConfig: {paywallUrl: ""}
`, nil},
	})
}
