package wassist

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// slowly reads a whole list, and looks at a page only when whatever was asked for
// meanwhile has its answer. sent is how many requests had been made by then, by page.
func slowly(t *testing.T, server *fake) (l listing[Agent], sent []int, err error) {
	t.Helper()
	c := newClient(t, server)
	l, err = readList(t.Context(), func() *walk[Agent] {
		pages := 0
		var w *walk[Agent]
		w = newWalk(c, func(a Agent) string {
			if w.pages > pages {
				synctest.Wait()
				pages, sent = w.pages, append(sent, server.count())
			}
			return a.ID
		}, get("agents"))
		return w
	})
	return l, sent, err
}

func TestAPageIsAskedForWhileTheOneBeforeIsDecoded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &fake{answer: paged(9, 2)}
		// How long a page is shows with the first; no page is asked for that is not there.
		l, sent, err := slowly(t, server)
		if diff := cmp.Diff([]int{1, 3, 4, 5, 5}, sent); diff != "" || len(l.items) != 9 || err != nil {
			t.Error(len(l.items), err, diff)
		}
		want := []string{"GET /api/v1/agents/?limit=100"}
		for offset := 2; offset < 9; offset += 2 {
			want = append(want, "GET /api/v1/agents/?limit=100&offset="+strconv.Itoa(offset))
		}
		if diff := cmp.Diff(want, server.requests); diff != "" {
			t.Error(diff)
		}
	})
}

func TestNothingIsAskedForAheadWithoutACount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &fake{answer: func(n int, _ *http.Request) (*canned, error) {
			page := agentsPage(6, 2*n, 2*n+2, []string{evilNext, evilNext, "null"}[n])
			return reply(200, strings.Replace(page, `"count":6,`, "", 1))
		}}
		l, sent, err := slowly(t, server)
		if diff := cmp.Diff([]int{1, 2, 3}, sent); diff != "" || len(l.items) != 6 || err != nil {
			t.Error(len(l.items), err, diff)
		}
	})
}

// Pages need not be of one length: what was asked for in vain is not used, and
// nothing more is asked for ahead.
func TestAWrongGuess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &fake{answer: func(n int, r *http.Request) (*canned, error) {
			if r.URL.Query().Get("offset") == "3" {
				return paged(11, 2)(n, r)
			}
			return paged(11, 3)(n, r)
		}}
		l, _, err := slowly(t, server)
		var ids []string
		for _, a := range l.items {
			ids = append(ids, a.ID)
		}
		if err != nil || !slices.Equal(ids, []string{"a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "a10"}) || l.pages != 4 {
			t.Errorf("%v in %d pages, %v", ids, l.pages, err)
		}
		want := []string{
			"GET /api/v1/agents/?limit=100", "GET /api/v1/agents/?limit=100&offset=3",
			"GET /api/v1/agents/?limit=100&offset=6", "GET /api/v1/agents/?limit=100&offset=5",
			"GET /api/v1/agents/?limit=100&offset=8",
		}
		if diff := cmp.Diff(want, server.requests); diff != "" {
			t.Error(diff)
		}
	})
}

// A page that cannot be used ends the request for the next one, too.
func TestNothingIsUnderWayAfterAWalk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := 0
		server := &fake{answer: func(n int, r *http.Request) (*canned, error) {
			switch n {
			case 1:
				return reply(200, `{"count":9,"results":[{"id":"a2"},{"name":"no id"}]}`)
			case 2:
				<-r.Context().Done()
				ended++
				return nil, r.Context().Err()
			}
			return paged(9, 2)(n, r)
		}}
		l, _, err := slowly(t, server)
		if !errors.Is(err, ErrBadAnswer) || l.items != nil || server.count() != 3 || ended != 1 {
			t.Errorf("%d agents, %d requests, %d of them ended, %v", len(l.items), server.count(), ended, err)
		}
	})
}

func TestAnErrorOfAPageAskedForAhead(t *testing.T) {
	for name, tc := range map[string]struct {
		answer   answer
		want     error
		requests int
	}{
		"refused": {always(403, `{"detail":"no"}`), ErrForbidden, 3},
		// Each of three reads has asked for the fourth page when it looks at the third.
		"changed": {always(200, agentsPage(9, 3, 5, evilNext)), ErrListChanged, 12},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &fake{answer: func(n int, r *http.Request) (*canned, error) {
					if r.URL.Query().Get("offset") == "4" {
						return tc.answer(n, r)
					}
					return paged(9, 2)(n, r)
				}}
				l, _, err := slowly(t, server)
				if !errors.Is(err, tc.want) || l.items != nil || l.answer == nil || server.count() != tc.requests {
					t.Errorf("%d agents, %d requests, %v", len(l.items), server.count(), err)
				}
			})
		})
	}
}

func TestAWalkThatIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		server := &fake{answer: paged(9, 2), way: func(int) (there, back time.Duration) { return time.Second, time.Second }}
		time.AfterFunc(5*time.Second, cancel) // while the third page is on its way
		l, err := newClient(t, server).Agents.Walk(ctx)
		if !errors.Is(err, context.Canceled) || l.Agents != nil || server.count() != 3 {
			t.Errorf("%d agents, %d requests, %v", len(l.Agents), server.count(), err)
		}
	})
}

// What a transport does to its goroutine, it does to the caller's.
func TestAWalkWhoseTransportEndsTheGoroutine(t *testing.T) {
	for name, end := range map[string]func(){"panic": func() { panic("broken") }, "exit": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, &fake{answer: func(n int, r *http.Request) (*canned, error) {
				if n == 2 {
					end()
				}
				return paged(9, 2)(n, r)
			}})
			returned, panicked := false, any(nil)
			done := make(chan struct{})
			go func() {
				defer close(done)
				defer func() { panicked = recover() }()
				_, _ = c.Agents.Walk(t.Context())
				returned = true
			}()
			<-done
			if returned || (panicked == "broken") != (name == "panic") {
				t.Errorf("returned: %v, panic: %v", returned, panicked)
			}
		})
	}
}
