package wassist

import (
	"fmt"
	"html"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	scrubbed = "(sensitive)"
	// minSecret is the shortest text that is replaced: a shorter one stands in nearly every message by chance.
	minSecret = 4
	// maxText bounds each text of an error, in runes.
	maxText = 500
)

// scrubber replaces secrets in texts that come from outside, since the server repeats what it was sent.
type scrubber struct {
	custom func(string) string

	mu      sync.RWMutex
	given   map[string]bool // as they were given, without the forms derived from them
	secrets []string        // longest first, so that a secret inside a longer one leaves nothing of it
}

func (s *scrubber) add(secrets ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.given == nil {
		s.given = make(map[string]bool)
	}
	before := len(s.given)
	for _, secret := range secrets {
		s.given[secret] = true
	}
	if len(s.given) > before {
		s.secrets = longestFirst(slices.Collect(maps.Keys(s.given)))
	}
}

// text returns a text fit for an error: secrets replaced (those of the client and those given), control
// characters visible, and at most maxText runes.
func (s *scrubber) text(text string, more ...string) string {
	s.mu.RLock()
	all := s.secrets
	if len(more) > 0 {
		all = longestFirst(slices.AppendSeq(slices.Clone(more), maps.Keys(s.given)))
	}
	s.mu.RUnlock()
	text = strings.ToValidUTF8(text, string(utf8.RuneError))
	for _, secret := range all {
		text = strings.ReplaceAll(text, secret, scrubbed)
	}
	if s.custom != nil {
		text = s.custom(text)
	}
	return bounded(visible(bounded(strings.TrimSpace(text), maxText+1)), maxText)
}

func longestFirst(secrets []string) []string {
	var all []string
	for _, secret := range secrets {
		all = append(all, forms(secret)...)
	}
	secrets = slices.DeleteFunc(all, func(s string) bool { return len(s) < minSecret })
	slices.SortFunc(secrets, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return slices.Compact(secrets)
}

// forms returns a secret as a server may repeat it: as it was sent, trimmed, or escaped for JSON, HTML or a URL.
func forms(secret string) []string {
	secret = strings.ToValidUTF8(secret, string(utf8.RuneError)) // as text does with what is searched
	trimmed := strings.TrimSpace(secret)
	quoted, _ := jsontext.AppendQuote(nil, trimmed) // it fails for what is not UTF-8, and quotes even that
	return []string{secret, trimmed, string(quoted[1 : len(quoted)-1]), html.EscapeString(trimmed), url.QueryEscape(trimmed)}
}

// visible writes what a terminal would obey, or not show, as an escape.
func visible(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteByte(' ')
		case unicode.IsGraphic(r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// bounded cuts a text that has more than most runes.
func bounded(text string, most int) string {
	runes, keep := 0, 0
	for i := range text {
		if runes++; runes == most {
			keep = i
		} else if runes > most {
			return text[:keep] + "…"
		}
	}
	return text
}

// secretsIn collects the secrets inside a request body: every Secret, and every fixed input value.
func secretsIn(body any) []string {
	var found []string
	collectSecrets(reflect.ValueOf(body), &found)
	return found
}

func collectSecrets(v reflect.Value, found *[]string) {
	switch v.Kind() {
	case reflect.Struct:
		if input, ok := v.Interface().(Input); ok {
			*found = append(*found, inputSecret(input)...)
			return
		}
		for _, field := range v.Fields() {
			collectSecrets(field, found)
		}
	case reflect.Slice:
		for i := range v.Len() {
			collectSecrets(v.Index(i), found)
		}
	case reflect.Pointer:
		collectSecrets(v.Elem(), found)
	case reflect.Map:
		for iter := v.MapRange(); iter.Next(); {
			collectSecrets(iter.Value(), found)
		}
	case reflect.String:
		if secret, ok := v.Interface().(Secret); ok {
			*found = append(*found, string(secret))
		}
	}
}

// inputSecret returns the fixed value as the server might repeat it; true and null are no secrets.
func inputSecret(input Input) []string {
	if text, ok := input.Value.Text(); ok {
		return []string{text}
	}
	if _, ok := Number(input.Value).Float(); ok {
		return []string{string(input.Value)}
	}
	return nil
}
