package wassist

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// Response is an answer as it came. Body is complete, and unpacked if it came compressed.
type Response struct {
	Status int
	Header http.Header
	Body   []byte

	attempts  int
	requestID string
}

// CallOption changes one call.
type CallOption func(*request)

// Repeatable says that this PUT or PATCH may be sent again after a 5xx or a fault of the network. Say it only
// when doing it twice is the same as doing it once: a list entry without an id would be created twice. It
// has no effect on other methods: GET and DELETE are always repeated, POST never.
func Repeatable() CallOption { return func(r *request) { r.repeatable = true } }

// request is what all attempts of one call have in common.
type request struct {
	method     string
	segments   []string // of the path below the base URL, not escaped
	raw        string   // instead of segments: a checked path, escaped, that ends in a slash
	query      url.Values
	ids        []string // in the body; like those in the path they must not be empty
	body       any      // encoded as JSON unless it is []byte; nil means no body
	mediaType  string   // of a []byte body
	repeatable bool
}

// with returns the request with the ids that its body names, to be checked.
func (r request) with(ids ...string) request {
	r.ids = ids
	return r
}

// apply returns the request with a call's options.
func (r request) apply(opts []CallOption) request {
	for _, option := range opts {
		option(&r)
	}
	return r
}

// path returns the escaped path below the base URL. Every path of the API ends in a slash.
func (r *request) path() (string, error) {
	for _, id := range r.ids {
		if err := checkSegment(id); err != nil {
			return "", err
		}
	}
	if r.raw != "" {
		return r.raw, nil
	}
	var b strings.Builder
	for _, segment := range r.segments {
		if err := checkSegment(segment); err != nil {
			return "", err
		}
		b.WriteString(url.PathEscape(segment))
		b.WriteByte('/')
	}
	return b.String(), nil
}

// shown is the path as errors and logs show it: of a query, which may hold secrets, the values of paging only.
func (r *request) shown() string {
	path := r.raw
	if path == "" {
		path = strings.Join(r.segments, "/") + "/"
	}
	path = "/" + visible(path)
	if len(r.query) == 0 {
		return path
	}
	var parts []string
	for name, values := range r.query {
		value := "…"
		if (name == "limit" || name == "offset") && len(values) == 1 {
			value = values[0]
		}
		parts = append(parts, visible(name)+"="+value)
	}
	slices.Sort(parts)
	return path + "?" + strings.Join(parts, "&")
}

// reads reports whether the request cannot have an effect.
func (r *request) reads() bool {
	switch r.method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return true
	}
	return false
}

// mayRepeat reports whether the request may be sent again when it is not known whether it took effect.
func (r *request) mayRepeat() bool {
	switch r.method {
	case http.MethodPut, http.MethodPatch:
		return r.repeatable
	case http.MethodDelete:
		return true
	}
	return r.reads()
}

// encode returns the body's bytes, its media type, and the secrets in it.
func (r *request) encode() (body []byte, mediaType string, secrets []string, err error) {
	switch v := r.body.(type) {
	case nil:
		return nil, "", nil, nil
	case []byte:
		return v, r.mediaType, nil, nil
	}
	body, err = Marshal(r.body)
	if err != nil {
		return nil, "", nil, fmt.Errorf("the request cannot be written as JSON: %s", shapeFault(err))
	}
	return body, "application/json", secretsIn(r.body), nil
}

// checkSegment refuses what would make another path of it.
func checkSegment(segment string) error {
	switch {
	case strings.TrimSpace(segment) == "":
		return fmt.Errorf("an id is empty")
	case segment == "." || segment == "..":
		return fmt.Errorf("%q is not an id", segment)
	case strings.ContainsFunc(segment, unicode.IsControl):
		return fmt.Errorf("the id %q holds a control character", bounded(segment, 60))
	}
	return nil
}

// parsePath checks a path given by a user, such as agents/?limit=5, and splits the query off. It may begin
// with a slash and leave out the last one.
func parsePath(given string) (path string, query url.Values, err error) {
	path, rawQuery, _ := strings.Cut(given, "?")
	path = strings.TrimPrefix(path, "/")
	decoded, err := url.PathUnescape(path)
	switch {
	case err != nil:
		return "", nil, fmt.Errorf("the path holds a %% that is not followed by two hexadecimal digits")
	case path == "":
		return "", nil, fmt.Errorf("the path is empty")
	case strings.HasPrefix(path, "/"), strings.Contains(path, "://"):
		return "", nil, fmt.Errorf("the path must be relative to the API's base URL, without scheme and host, such as agents/")
	case strings.ContainsAny(decoded, "\\#"), strings.ContainsFunc(decoded, unicode.IsControl), strings.Contains(path, "?"):
		return "", nil, fmt.Errorf(`the path must not hold a backslash, "#" or a control character`)
	}
	for segment := range strings.SplitSeq(decoded, "/") {
		if segment == "." || segment == ".." {
			return "", nil, fmt.Errorf("the path must not hold %q", segment)
		}
	}
	query, err = url.ParseQuery(rawQuery)
	if err != nil {
		return "", nil, fmt.Errorf("the query of the path cannot be read")
	}
	path = (&url.URL{Path: decoded, RawPath: path}).EscapedPath()
	if !strings.HasSuffix(path, "/") {
		path += "/"
	}
	return path, query, nil
}
