package wassist

import (
	"context"
	"runtime"
)

// ahead is the answer to a request for a page, made while the page before it is decoded: of two that take
// about the same time, one is for free. Where that page begins is a guess, that the page which is decoded holds as many
// entries as the one before; a walk guesses no more after it was wrong. Requests still follow one another, so that
// nothing else notices.
type ahead struct {
	query  string // what it asks for
	cancel context.CancelFunc
	done   chan struct{}

	// What came, once done is closed; nothing where the goroutine was ended instead.
	answer   *Response
	err      error
	came     bool
	panicked any
}

// askAhead begins the request for a page, where the walk may have use of it.
func (w *walk[T]) askAhead(ctx context.Context, size int) {
	offset := len(w.seen) + w.latest
	if !w.whole || w.latest == 0 || offset >= w.count {
		return
	}
	r := w.page(size, offset)
	ctx, cancel := context.WithCancel(ctx)
	a := &ahead{query: r.query.Encode(), cancel: cancel, done: make(chan struct{})}
	w.ahead = a
	go func() {
		defer close(a.done)
		// A panic belongs to who waits for the answer, and knows what not to show of it.
		defer func() { a.panicked = recover() }()
		a.answer, a.err = w.client.do(ctx, r)
		a.came = true
	}()
}

// ask returns the answer to a request for a page, which may be on its way already.
func (w *walk[T]) ask(ctx context.Context, r request) (*Response, error) {
	a := w.ahead
	if a == nil {
		return w.client.do(ctx, r)
	}
	<-a.done
	w.stop()
	switch {
	case a.panicked != nil:
		panic(a.panicked)
	case !a.came:
		runtime.Goexit() // as the transport did, which then means this goroutine
	case a.query != r.query.Encode():
		w.whole = false
		return w.client.do(ctx, r)
	}
	return a.answer, a.err
}

// stop ends the request that is under way, if there is one, and waits for its end.
func (w *walk[T]) stop() {
	if w.ahead != nil {
		w.ahead.cancel()
		<-w.ahead.done
		w.ahead = nil
	}
}
