package wassist

import (
	"cmp"
	"fmt"
	"maps"
	"mime"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxDetails bounds how many refused members an error lists.
const maxDetails = 20

// maxPath bounds how deep they may lie, in bytes of their path.
const maxPath = 1000

// errorBody is what the body of an answer that is not 2xx says, in whichever of the API's forms
// (its introduction, its SDK, and the forms of Django REST Framework): {"error"}, {"error","code"}, {"error":{"message"}}, {"detail"},
// {"message"}, Django REST Framework's validation errors nested to any depth, plain text, HTML, nothing.
type errorBody struct {
	code       string
	message    string // of the whole
	details    []Detail
	retryAfter time.Duration
	hasRetry   bool
}

func readErrorBody(contentType string, body []byte) errorBody {
	var parsed any
	err := json.Unmarshal(body, &parsed, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	if err != nil {
		return errorBody{message: readPlainBody(contentType, string(body))}
	}
	var e errorBody
	switch v := parsed.(type) {
	case map[string]any:
		e.readObject(v)
	default:
		e.walk("", v)
	}
	return e
}

func (e *errorBody) readObject(object map[string]any) {
	e.code, _ = object["code"].(string)
	if after, ok := object["retry_after"]; ok {
		e.readRetryAfter(after)
	}
	rest := maps.Clone(object)
	for _, name := range []string{"error", "detail", "message"} {
		switch v := object[name].(type) {
		case string:
			e.message = cmp.Or(e.message, strings.TrimSpace(v))
			delete(rest, name)
		case map[string]any:
			text, ok := v["message"].(string)
			if !ok {
				continue // a refused member that bears this name
			}
			if code, ok := v["code"].(string); ok {
				e.code = cmp.Or(e.code, code)
			}
			if text = strings.TrimSpace(text); text == "" {
				continue // what stands beside it may say more
			}
			e.message = cmp.Or(e.message, text)
			delete(rest, name)
		}
	}
	if e.message != "" {
		// Beside a message, other texts and numbers are attributes of the error; lists and objects are refused members.
		maps.DeleteFunc(rest, func(_ string, v any) bool { return isScalar(v) })
	} else {
		delete(rest, "retry_after")
	}
	e.walk("", rest)
}

func (e *errorBody) readRetryAfter(v any) {
	seconds, ok := v.(float64)
	if text, isText := v.(string); isText {
		parsed, err := strconv.ParseFloat(text, 64)
		seconds, ok = parsed, err == nil
	}
	if ok {
		e.retryAfter, e.hasRetry = secondsOf(seconds), true
	}
}

// walk collects the messages below v, each with the path of the member that it belongs to.
func (e *errorBody) walk(path string, v any) {
	if len(e.details) >= maxDetails || len(path) > maxPath {
		return
	}
	switch v := v.(type) {
	case nil:
	case map[string]any:
		if text, ok := v["message"].(string); ok && path != "" && strings.TrimSpace(text) != "" {
			e.add(path, text)
			return
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			e.walk(joinPath(path, name), v[name])
		}
	case []any:
		for i, item := range v {
			if isScalar(item) {
				e.walk(path, item)
			} else {
				e.walk(path+"["+strconv.Itoa(i)+"]", item)
			}
		}
	default:
		e.add(path, fmt.Sprint(v))
	}
}

// add takes a message that says something.
func (e *errorBody) add(path, message string) {
	if message = strings.TrimSpace(message); message != "" {
		e.details = append(e.details, Detail{Field: path, Message: message})
	}
}

// joinPath extends a path by a member's name. Errors of a whole object stand under names of Django's own.
func joinPath(path, name string) string {
	switch {
	case name == "non_field_errors" || name == "__all__":
		return path
	case path == "":
		return name
	}
	return path + "." + name
}

func isScalar(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return false
	}
	return true
}

// text joins everything into one message.
func (e *errorBody) text() string {
	parts := make([]string, 0, len(e.details)+1)
	if e.message != "" {
		parts = append(parts, e.message)
	}
	for _, d := range e.details {
		if d.Field == "" {
			parts = append(parts, d.Message)
		} else {
			parts = append(parts, d.Field+": "+d.Message)
		}
	}
	return cmp.Or(strings.Join(parts, "; "), "no reason given")
}

var htmlTitle = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

// readPlainBody tells what a body that is not JSON says. A page of HTML, as gateways send, shrinks to its title.
func readPlainBody(contentType, body string) string {
	body = strings.TrimSpace(body)
	if body == "" {
		return ""
	}
	if !isHTML(contentType, body) {
		return body
	}
	if title := htmlTitle.FindStringSubmatch(body); title != nil {
		return `an HTML page titled "` + strings.TrimSpace(title[1]) + `"` // not %q: escapes would hide a secret from the scrubber
	}
	return "an HTML page"
}

func isHTML(contentType, body string) bool {
	media, _, _ := mime.ParseMediaType(contentType)
	return media == "text/html" || strings.HasPrefix(strings.TrimSpace(body), "<")
}
