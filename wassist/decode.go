package wassist

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// fetch makes a call and decodes its answer.
func fetch[T any](ctx context.Context, c *Client, r request) (T, error) {
	var v T
	resp, err := c.do(ctx, r)
	if err != nil {
		return v, err
	}
	if err := c.decode(&r, resp, &v); err != nil {
		var none T
		return none, err
	}
	return v, nil
}

// decode reads a 2xx answer into the value that v points to. What does not fit is an error that tells where,
// and shows no value of the answer, because any may be a secret.
func (c *Client) decode(r *request, resp *Response, v any) error {
	contentType := resp.Header.Get("Content-Type")
	if len(resp.Body) == 0 {
		return c.badAnswer(r, resp, "the answer is empty, where JSON was expected")
	}
	if tooMany(resp.Body) {
		e := c.badAnswer(r, resp, fmt.Sprintf("the answer holds more than %d objects and list entries", maxEntries))
		e.Err = errTooLarge
		return e
	}
	// The body decides and not its label: proxies rewrite the latter.
	err := Unmarshal(resp.Body, v)
	switch {
	case err == nil:
		return nil
	case isHTML(contentType, string(resp.Body[:min(len(resp.Body), 512)])):
		return c.badAnswer(r, resp, "the answer is a page of HTML, not JSON: check the base URL")
	case !isJSON(contentType):
		return c.badAnswer(r, resp, `the answer is of the type "`+contentType+`", not JSON`)
	}
	return c.badAnswer(r, resp, shapeFault(err))
}

// errTooLarge is a kind of [ErrBadAnswer]: more than is taken of one answer. A list has smaller pages.
var errTooLarge = fmt.Errorf("%w: it is too large", ErrBadAnswer)

// maxEntries bounds the objects and the entries of lists in one answer; members of objects count a quarter. Each
// may become a value of up to a kilobyte, whatever its size as JSON: without a bound, 64 MiB of nulls become 12 GiB
// of agents. A page of 100 agents with 10 tools each has a tenth of it, and a list with more asks for smaller pages.
const maxEntries = 250_000

// What counts how much towards maxEntries, in eighths.
const (
	entryWeight  = 8
	memberWeight = 1 // of a member's name, and of its value
)

// tooMany reports whether a JSON text has more in it than maxEntries.
func tooMany(body []byte) bool {
	most := 0 // every value follows one of these signs
	for _, sign := range []string{",", "{", "["} {
		most += bytes.Count(body, []byte(sign))
	}
	if most < maxEntries {
		return false
	}
	weight := 0
	dec := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	for weight <= maxEntries*entryWeight {
		token, err := dec.ReadToken()
		if err != nil { // the end, or what Unmarshal will tell
			return false
		}
		inside, _ := dec.StackIndex(dec.StackDepth())
		switch kind := token.Kind(); {
		case kind == '}' || kind == ']':
		case kind == '{' || kind == '[' || inside == '[':
			weight += entryWeight
		default:
			weight += memberWeight
		}
	}
	return true
}

// badAnswer returns the error of a 2xx answer that cannot be used. A write has taken effect by then.
func (c *Client) badAnswer(r *request, resp *Response, message string) *Error {
	e := c.fail(r, message, ErrBadAnswer)
	e.Status, e.RequestID, e.Attempts = resp.Status, resp.requestID, resp.attempts
	e.unknown = !r.reads()
	return e
}

// isJSON accepts JSON's media types, and a missing type.
func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return contentType == ""
	}
	return media == "application/json" || strings.HasSuffix(media, "+json")
}

// shapeFault tells what is wrong with a JSON text, and where. The errors of the JSON package may quote the text.
func shapeFault(err error) string {
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		where := string(semantic.JSONPointer)
		if where == "" {
			where = "the whole"
		}
		if semantic.JSONKind == jsontext.KindInvalid {
			return "the JSON has not the documented shape at " + where
		}
		return fmt.Sprintf("the JSON has not the documented shape: %s is of the kind %v", where, semantic.JSONKind)
	}
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) {
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return fmt.Sprintf("the JSON names a member twice at %s", syntactic.JSONPointer)
		}
		return fmt.Sprintf("the JSON is broken or incomplete at byte %d", syntactic.ByteOffset)
	}
	return "it cannot be read as JSON"
}

// get describes a call that reads.
func get(segments ...string) request {
	return request{method: http.MethodGet, segments: segments}
}

// post describes a call that makes something; body may be nil.
func post(body any, segments ...string) request {
	return request{method: http.MethodPost, segments: segments, body: body}
}
