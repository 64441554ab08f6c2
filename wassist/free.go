package wassist

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// ErrInvalidCall is the kind of a call that was never sent, because its method or its path is none.
var ErrInvalidCall = errors.New("the call cannot be made as it was asked for")

// Do makes any request to the API. path is below the base URL, such as agents/?limit=5, without scheme, host and
// ".."; the slash that every path of the API ends in is added when it is missing. A body that is not nil is sent as
// JSON. The response is set whenever an answer came, also beside an error. GET and DELETE are repeated after a
// fault, PUT and PATCH when told [Repeatable], POST never.
func (c *Client) Do(ctx context.Context, method, path string, body []byte, opts ...CallOption) (*Response, error) {
	r := request{method: method}
	parsed, query, err := parsePath(path)
	if err != nil {
		return nil, c.fail(&r, err.Error(), ErrInvalidCall)
	}
	r.raw, r.query = parsed, query
	return c.free(ctx, r.apply(opts), body, "")
}

// DoAll reads a whole list: the page at path and all that follow, as [AgentsService.All] does: by offset, and by
// no address that an answer names. The path may choose the size of a page (limit); offset is refused, for the list
// begins at its first entry. Entries are as they came but for white space. The response is that of the last page,
// whenever an answer came, also beside an error.
func (c *Client) DoAll(ctx context.Context, path string) ([]Raw, *Response, error) {
	r := request{method: http.MethodGet}
	parsed, query, err := parsePath(path)
	size := 0
	if err == nil {
		size, err = pageSizeOf(query)
	}
	if err != nil {
		return nil, nil, c.fail(&r, err.Error(), ErrInvalidCall)
	}
	r.raw, r.query = parsed, query
	nameless := 0
	id := func(entry Raw) string {
		var named struct {
			ID Raw `json:"id"`
		}
		// An entry without an id is told from others by its place alone.
		if entry.Decode(&named) != nil || named.ID == "" || named.ID.IsNull() {
			nameless++
			return fmt.Sprint("entry ", nameless)
		}
		return string(named.ID)
	}
	l, err := readList(ctx, func() *walk[Raw] {
		w := newWalk(c, id, r)
		w.size = size
		return w
	})
	return l.items, l.answer, err
}

// pageSizeOf takes the size of a page out of a query; 0 when it names none.
func pageSizeOf(query url.Values) (int, error) {
	if query.Has("offset") {
		return 0, errors.New("all pages are read, from the first on: leave offset out")
	}
	if !query.Has("limit") {
		return 0, nil
	}
	size, err := strconv.Atoi(query.Get("limit"))
	if err != nil || size < 1 {
		return 0, errors.New("limit must be a number of entries, such as 50")
	}
	query.Del("limit")
	return size, nil
}

// methods that a free call may use.
var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
}

func (c *Client) free(ctx context.Context, r request, body []byte, mediaType string) (*Response, error) {
	if !slices.Contains(methods, r.method) {
		given := r.method
		r.method = "(method)"
		return nil, c.fail(&r, fmt.Sprintf("%q is not one of %s", bounded(given, 20), strings.Join(methods, ", ")), ErrInvalidCall)
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
