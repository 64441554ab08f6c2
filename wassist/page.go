package wassist

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	// pageSize is what a page is asked to hold. The API's maximum is not documented: what arrives counts.
	pageSize = 100
	// leastPage is what a page is made smaller to at least, where it holds more than is taken of one answer.
	leastPage = 12
	// maxPages bounds a walk, since a server could always name a next page.
	maxPages = 1000
	// maxReads is how often a list is read before the call gives up on a list that keeps changing.
	maxReads = 3
)

// ListOptions choose a page. The zero value means the first 100.
type ListOptions struct {
	Limit  int // entries wanted; 0 means 100
	Offset int // entries to skip
}

func (o ListOptions) query() url.Values {
	limit := o.Limit
	if limit <= 0 {
		limit = pageSize
	}
	q := url.Values{"limit": {strconv.Itoa(limit)}}
	if o.Offset > 0 {
		q.Set("offset", strconv.Itoa(o.Offset))
	}
	return q
}

// Page is one answer to a list request.
type Page[T any] struct {
	Items []T
	Count int  // entries in all, as the server says; -1 when the answer was a bare array
	More  bool // the server says that another page follows
}

// errListShape tells that a JSON value is none of the shapes of a list.
var errListShape = errors.New("neither an array nor an object with results")

// UnmarshalJSONFrom reads every shape that the API has for lists: {"count","next","results"}, {"data"}, and
// a bare array. Of "next" only whether it is there counts: its host may be wrong.
func (p *Page[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*p = Page[T]{Count: -1}
	if dec.PeekKind() == '[' {
		return json.UnmarshalDecode(dec, &p.Items)
	}
	var envelope struct {
		Count   Optional[int] `json:"count"`
		Next    Raw           `json:"next"`
		Results Optional[[]T] `json:"results"`
		Data    Optional[[]T] `json:"data"`
	}
	if dec.PeekKind() != '{' {
		return errListShape
	}
	if err := json.UnmarshalDecode(dec, &envelope); err != nil {
		return err
	}
	items, ok := envelope.Results.Get()
	if !ok {
		if items, ok = envelope.Data.Get(); !ok {
			return errListShape
		}
	}
	p.Items = items
	if count, ok := envelope.Count.Get(); ok {
		p.Count = count
	}
	next, isText := envelope.Next.Text()
	p.More = isText && next != ""
	return nil
}

// walk is a whole list in the making. Offset paging can skip or repeat entries when others create or delete
// during it, so a walk checks itself: no id twice, and as many entries as the server counts at the end.
type walk[T any] struct {
	client *Client
	list   request // each page's, but for limit and offset
	size   int     // entries wanted of a page; 0 means 100, and fewer where these are too much for one answer
	id     func(T) string

	seen   map[string]bool
	pages  int
	count  int // as the latest page said; -1 before the first
	latest int // entries of the latest page; 0 when that says nothing of the next
	// whole walks go to the end of the list, so that the next page may be asked for ahead of its time.
	whole bool
	ahead *ahead
	// answer is the latest that came, also of a page that cannot be used.
	answer *Response
}

func newWalk[T any](c *Client, id func(T) string, list request) *walk[T] {
	return &walk[T]{client: c, list: list, id: id, seen: make(map[string]bool), count: -1}
}

// next fetches a page and checks it. It reports whether the walk has come to its end.
func (w *walk[T]) next(ctx context.Context) (items []T, end bool, err error) {
	r, page, err := w.fetch(ctx)
	for err != nil && w.size == 0 && errors.Is(err, errTooLarge) && w.client.smallerPages() {
		w.latest = 0 // pages are as long no more
		r, page, err = w.fetch(ctx)
	}
	if err != nil {
		return nil, false, err
	}
	if w.pages > 0 && page.Count != w.count {
		return nil, false, w.changed(&r, "the server counted %d entries, then %d", w.count, page.Count)
	}
	w.pages++
	w.count, w.latest = page.Count, len(page.Items)
	for _, item := range page.Items {
		id := w.id(item)
		if id == "" {
			return nil, false, w.client.fail(&r, "an entry of the list has no id", ErrBadAnswer)
		}
		if w.seen[id] {
			return nil, false, w.changed(&r, "the id %s came twice", id)
		}
		w.seen[id] = true
	}
	end = !page.More || len(page.Items) == 0
	switch {
	case w.count >= 0 && (len(w.seen) > w.count || end && len(w.seen) < w.count):
		return nil, false, w.changed(&r, "the server counts %d entries and sent %d", w.count, len(w.seen))
	case !end && w.pages >= maxPages:
		return nil, false, w.client.fail(&r, fmt.Sprintf("the list has no end: %d pages were read", w.pages), ErrBadAnswer)
	}
	return page.Items, end, nil
}

// fetch makes the request for the next page.
func (w *walk[T]) fetch(ctx context.Context) (r request, page Page[T], err error) {
	size := w.size
	if size == 0 {
		size = w.client.pageSize()
	}
	r = w.page(size, len(w.seen))
	if w.answer, err = w.ask(ctx, r); err == nil {
		w.askAhead(ctx, size)
		err = w.client.decode(&r, w.answer, &page)
	}
	return r, page, err
}

// page is the request for one page.
func (w *walk[T]) page(size, offset int) request {
	r := w.list
	r.query = ListOptions{Limit: size, Offset: offset}.query()
	for name, values := range w.list.query {
		r.query[name] = values
	}
	return r
}

// pageSize is what a page is asked to hold by now.
func (c *Client) pageSize() int { return max(leastPage, pageSize>>c.halvings.Load()) }

// smallerPages halves what pages are asked to hold, from now on and for every list: one page with more in it than is
// taken of an answer is no reason not to read the agents at all. It is false when they are as small as they get.
func (c *Client) smallerPages() bool {
	if c.pageSize() == leastPage {
		return false
	}
	c.halvings.Add(1)
	return true
}

func (w *walk[T]) changed(r *request, format string, args ...any) *Error {
	return w.client.fail(r, "the list changed while it was read: "+fmt.Sprintf(format, args...), ErrListChanged)
}

// listing is a whole list that was read without a contradiction.
type listing[T any] struct {
	items   []T
	pages   int       // requests of the read that counts
	started time.Time // when that read began
	answer  *Response // the last one, also beside an error
}

// readAll reads a whole list, again when it changed under the walk, up to maxReads times.
func readAll[T any](ctx context.Context, c *Client, id func(T) string, segments ...string) (listing[T], error) {
	return readList(ctx, func() *walk[T] { return newWalk(c, id, get(segments...)) })
}

// readList is readAll of any list; begin begins a walk through it.
func readList[T any](ctx context.Context, begin func() *walk[T]) (listing[T], error) {
	var changed *Error
	var l listing[T]
	for range maxReads {
		var err error
		l, err = begin().read(ctx)
		if !errors.Is(err, ErrListChanged) || !errors.As(err, &changed) {
			return l, err
		}
	}
	changed.Message += fmt.Sprintf(", and so did %d reads: try again when nobody else is changing it", maxReads)
	return l, changed
}

// read reads a list once.
func (w *walk[T]) read(ctx context.Context) (listing[T], error) {
	w.whole = true
	defer w.stop()
	l := listing[T]{started: time.Now()}
	for {
		items, end, err := w.next(ctx)
		if err != nil {
			return listing[T]{answer: w.answer}, err
		}
		l.items = append(l.items, items...)
		if end {
			l.pages, l.answer = w.pages, w.answer
			return l, nil
		}
	}
}
