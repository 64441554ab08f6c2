package wassist

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Do makes any request to the API. path is below the base URL, such as agents/?limit=5, without scheme, host and
// ".."; the slash that every path of the API ends in is added when it is missing. A body that is not nil is sent as
// JSON. The response is set whenever an answer came, also beside an error. GET and DELETE are repeated after a
// fault, PUT and PATCH when told [Repeatable], POST never.
func (c *Client) Do(ctx context.Context, method, path string, body []byte, opts ...CallOption) (*Response, error) {
	r := request{method: method}
	parsed, query, err := parsePath(path)
	if err != nil {
		return nil, c.fail(&r, err.Error(), nil)
	}
	r.raw, r.query = parsed, query
	return c.free(ctx, r.apply(opts), body, "")
}

// methods that a free call may use.
var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
}

func (c *Client) free(ctx context.Context, r request, body []byte, mediaType string) (*Response, error) {
	if !slices.Contains(methods, r.method) {
		given := r.method
		r.method = "(method)"
		return nil, c.fail(&r, fmt.Sprintf("%q is not one of %s", bounded(given, 20), strings.Join(methods, ", ")), nil)
	}
	if strings.ContainsAny(mediaType, "\r\n") {
		return nil, c.fail(&r, "the media type holds a line break", nil)
	}
	if body != nil {
		r.body = body
		r.mediaType = mediaType
		if mediaType == "" {
			r.mediaType = "application/json"
		}
	}
	return c.do(ctx, r)
}
