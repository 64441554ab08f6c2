package wassist

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const evilNext = `"https://evil.example/api/v1/agents/?offset=7"`

// paged serves n agents, at most most a page, under a next that must not be followed.
func paged(n, most int) answer {
	return func(_ int, r *http.Request) (*canned, error) {
		offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
		limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
		end := min(n, offset+min(limit, most))
		next := "null"
		if end < n {
			next = evilNext
		}
		return reply(200, agentsPage(n, offset, end, next))
	}
}

func TestWalk(t *testing.T) {
	for _, tc := range []struct{ agents, most, pages int }{
		{0, 100, 1}, {1, 100, 1}, {100, 100, 1}, {101, 100, 2}, {250, 50, 5}, {250, 1000, 3}, {7, 3, 3},
	} {
		t.Run(fmt.Sprint(tc), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &fake{answer: paged(tc.agents, tc.most)}
				c := newClient(t, server)
				start := time.Now()
				l, err := c.Agents.Walk(t.Context())
				if err != nil || len(l.Agents) != tc.agents || l.Pages != tc.pages || server.count() != tc.pages || !l.Started.Equal(start) {
					t.Errorf("%d agents in %d pages (%d requests), %v", len(l.Agents), l.Pages, server.count(), err)
				}
				for i, a := range l.Agents {
					if a.ID != "a"+strconv.Itoa(i) {
						t.Fatalf("agent %d is %s", i, a.ID)
					}
				}
				var ids []string
				for a, err := range c.Agents.All(t.Context()) {
					if err != nil {
						t.Fatal(err)
					}
					ids = append(ids, a.ID)
				}
				if len(ids) != tc.agents || server.count() != 2*tc.pages {
					t.Errorf("All: %d agents, %d requests", len(ids), server.count())
				}
			})
		})
	}
}

func TestOffsetsGoByWhatArrived(t *testing.T) {
	server := &fake{answer: paged(7, 3)}
	if _, err := newClient(t, server).Agents.Walk(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{"GET /api/v1/agents/?limit=100", "GET /api/v1/agents/?limit=100&offset=3", "GET /api/v1/agents/?limit=100&offset=6"}
	if diff := cmp.Diff(want, server.requests); diff != "" {
		t.Error(diff)
	}
}

func TestEveryShapeOfAList(t *testing.T) {
	for name, tc := range map[string]struct {
		body  string
		items int
		count int
		more  bool
	}{
		"envelope":             {agentsPage(9, 0, 2, evilNext), 2, 9, true},
		"last page":            {agentsPage(2, 0, 2, "null"), 2, 2, false},
		"empty next":           {agentsPage(2, 0, 2, `""`), 2, 2, false},
		"no next":              {`{"count":1,"results":[{"id":"a"}]}`, 1, 1, false},
		"no count":             {`{"results":[{"id":"a"}],"new":{}}`, 1, -1, false},
		"null count":           {`{"count":null,"results":[{"id":"a"}]}`, 1, -1, false},
		"array":                {`[{"id":"a"},{"id":"b"}]`, 2, -1, false},
		"empty array":          {` []`, 0, -1, false},
		"data":                 {`{"data":[{"id":"a"}]}`, 1, -1, false},
		"results win":          {`{"data":[],"results":[{"id":"a"}]}`, 1, -1, false},
		"results null, data":   {`{"data":[{"id":"a"}],"results":null}`, 1, -1, false},
		"object without lists": {`{"detail":"ok"}`, -1, 0, false},
		"null results":         {`{"results":null}`, -1, 0, false},
		"results an object":    {`{"results":{}}`, -1, 0, false},
		"count a text":         {`{"count":"x","results":[]}`, -1, 0, false},
		"null":                 {`null`, -1, 0, false},
		"text":                 {`"x"`, -1, 0, false},
		"number":               {`7`, -1, 0, false},
		"list of texts":        {`["a"]`, -1, 0, false},
		"incomplete":           {`{"results":[{"id":"a"}`, -1, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, &fake{answer: always(200, tc.body)})
			page, err := c.Agents.List(t.Context(), ListOptions{})
			if tc.items < 0 {
				if !errors.Is(err, ErrBadAnswer) {
					t.Errorf("%v, %v", page, err)
				}
				return
			}
			if err != nil || len(page.Items) != tc.items || page.Count != tc.count || page.More != tc.more {
				t.Errorf("%d items, count %d, more %v, %v", len(page.Items), page.Count, page.More, err)
			}
		})
	}
}

func TestAListThatChanges(t *testing.T) {
	page := func(body string) answer { return always(200, body) }
	good := []answer{page(agentsPage(3, 0, 2, evilNext)), page(agentsPage(3, 2, 3, "null"))}
	bad := map[string][]answer{
		"an id twice":     {page(agentsPage(4, 0, 2, evilNext)), page(agentsPage(4, 1, 3, "null"))},
		"one too few":     {page(agentsPage(3, 0, 2, "null"))},
		"one too many":    {page(agentsPage(1, 0, 2, "null"))},
		"another count":   {page(agentsPage(3, 0, 2, evilNext)), page(agentsPage(4, 2, 4, "null"))},
		"an empty page":   {page(agentsPage(3, 0, 2, evilNext)), page(agentsPage(3, 0, 0, evilNext))},
		"an endless next": {page(agentsPage(2, 0, 2, evilNext)), page(agentsPage(2, 2, 4, evilNext))},
	}
	for name, steps := range bad {
		t.Run(name, func(t *testing.T) {
			// Once: it is read again.
			server := &fake{answer: script(append(steps[:len(steps):len(steps)], good...)...)}
			l, err := newClient(t, server).Agents.Walk(t.Context())
			if err != nil || len(l.Agents) != 3 || l.Pages != 2 || server.count() != len(steps)+2 {
				t.Errorf("%d agents, %d pages, %d requests, %v", len(l.Agents), l.Pages, server.count(), err)
			}
			// Always: three reads, then an error.
			server = &fake{answer: func(n int, r *http.Request) (*canned, error) { return steps[n%len(steps)](n, r) }}
			l, err = newClient(t, server).Agents.Walk(t.Context())
			if !errors.Is(err, ErrListChanged) || l.Agents != nil || server.count() != 3*len(steps) {
				t.Errorf("%d agents, %d requests, %v", len(l.Agents), server.count(), err)
			}
			if !strings.Contains(fmt.Sprint(err), "3 reads: try again when nobody else is changing it") {
				t.Errorf("err = %v", err)
			}
			// The iterator cannot take back what it gave.
			server = &fake{answer: script(steps...)}
			var last error
			for _, err := range newClient(t, server).Agents.All(t.Context()) {
				last = err
			}
			if !errors.Is(last, ErrListChanged) || server.count() != len(steps) {
				t.Errorf("All: %v after %d requests", last, server.count())
			}
		})
	}
}

func TestAListWithoutEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &fake{answer: func(n int, _ *http.Request) (*canned, error) {
			return reply(200, fmt.Sprintf(`{"next":%s,"results":[{"id":"a%d"}]}`, evilNext, n))
		}}
		_, err := newClient(t, server).Agents.Walk(t.Context())
		if !errors.Is(err, ErrBadAnswer) || !strings.Contains(err.Error(), "no end") || server.count() != 1000 {
			t.Errorf("%v after %d requests", err, server.count())
		}
	})
}

func TestOtherListsAreWalkedToo(t *testing.T) {
	server := &fake{answer: paged(5, 2)}
	c := newClient(t, server)
	numbers, err := c.PhoneNumbers.List(t.Context())
	if err != nil || len(numbers) != 5 || server.count() != 3 {
		t.Errorf("%d numbers, %d requests, %v", len(numbers), server.count(), err)
	}
	sessions, err := c.LinkSessions.List(t.Context())
	if err != nil || len(sessions) != 5 || sessions[4].ID != "a4" || server.count() != 6 {
		t.Errorf("%d sessions, %d requests, %v", len(sessions), server.count(), err)
	}
}

func TestEntriesWithoutAnID(t *testing.T) {
	server := &fake{answer: always(200, `[{"content":"a"},{"content":"b"}]`)}
	c := newClient(t, server)
	if messages, err := c.Simulations.Messages(t.Context(), "s1"); err != nil || len(messages) != 2 || messages[1].Content != `"b"` {
		t.Errorf("%v, %v", messages, err)
	}
	if l, err := c.Agents.Walk(t.Context()); !errors.Is(err, ErrBadAnswer) || l.Agents != nil {
		t.Errorf("%v, %v", l, err)
	}
}

func TestIteratingStopsEarly(t *testing.T) {
	server := &fake{answer: paged(9, 3)}
	for _, err := range newClient(t, server).Agents.All(t.Context()) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	if server.count() != 1 {
		t.Errorf("%d requests", server.count())
	}
}

func TestAWalkPassesErrorsOn(t *testing.T) {
	c := newClient(t, &fake{answer: script(always(200, agentsPage(3, 0, 2, evilNext)), always(403, `{"detail":"no"}`))})
	l, err := c.Agents.Walk(t.Context())
	if !errors.Is(err, ErrForbidden) || l.Agents != nil {
		t.Errorf("%v, %v", l, err)
	}
}
