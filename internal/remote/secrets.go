package remote

import (
	"net/url"
	"strings"
)

// secretMembers are the members, besides fixed inputs and parts of URLs, that
// hold a secret whatever stands in them.
var secretMembers = map[string]bool{"creditGrantPassword": true, "secret": true}

// secretsIn collects what a body holds that no error may repeat. The client
// knows the texts that are secret as a whole; a server that complains about a
// value also repeats a part of it: the userinfo or the query of a URL, the
// token behind an authentication scheme.
func secretsIn(v any) []string {
	var out []string
	collect(v, &out)
	return out
}

// SecretsIn collects what a body, as encoding/json decodes it, holds that no
// error may repeat: fixed inputs, passwords, secrets, and parts of URLs.
func SecretsIn(body any) []string { return secretsIn(body) }

// hide keeps the secrets of a body out of every error from now on.
func (a *API) hide(v any) {
	var fresh []string
	for _, s := range secretsIn(v) {
		if s != "" && !a.hidden[s] {
			a.hidden[s] = true
			fresh = append(fresh, s)
		}
	}
	if len(fresh) > 0 {
		a.client.AddSecrets(fresh...)
	}
}

func collect(v any, out *[]string) {
	switch v := v.(type) {
	case string:
		*out = append(*out, urlSecrets(v)...)
	case []any:
		for _, item := range v {
			collect(item, out)
		}
	case map[string]any:
		for key, value := range v {
			text, isText := value.(string)
			switch {
			case isText && (secretMembers[key] || key == "value" && v["type"] == "value"):
				*out = append(*out, text)
				*out = append(*out, credentials(text)...)
				*out = append(*out, urlSecrets(text)...)
			case isText && key == "url" && v["templateName"] != nil:
				*out = append(*out, text) // whoever has a trigger's URL can call it
			default:
				collect(value, out)
			}
		}
	}
}

// credentials gives the token behind a scheme such as Bearer (RFC 9110, 11.4).
func credentials(s string) []string {
	if scheme, token, ok := strings.Cut(s, " "); ok && scheme != "" && !strings.Contains(token, " ") {
		return []string{token}
	}
	return nil
}

// urlSecrets gives the userinfo, the query and the fragment of a URL, whole
// and in parts, as they stand and decoded.
func urlSecrets(s string) []string {
	_, rest, ok := strings.Cut(s, "://")
	if !ok || strings.ContainsAny(s, " \n") {
		return nil
	}
	var out []string
	rest, fragment, _ := strings.Cut(rest, "#")
	rest, query, _ := strings.Cut(rest, "?")
	host, _, _ := strings.Cut(rest, "/")
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		user, password, _ := strings.Cut(host[:i], ":")
		out = append(out, host[:i], user, password)
	}
	out = append(out, query, fragment)
	for pair := range strings.SplitSeq(query, "&") {
		_, value, _ := strings.Cut(pair, "=")
		out = append(out, value)
	}
	for _, part := range out {
		if decoded, err := url.QueryUnescape(part); err == nil && decoded != part {
			out = append(out, decoded)
		}
	}
	return out
}
