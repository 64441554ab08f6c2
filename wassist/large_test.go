package wassist

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// large answers pages of agents of which each holds so many numbers.
func large(agents, numbers int) *fake { return largeFrom(0, agents, numbers) }

// largeFrom is large, but that the first agents hold none.
func largeFrom(first, agents, numbers int) *fake {
	list := "[" + strings.Repeat("1,", numbers-1) + "1]"
	return &fake{answer: func(_ int, r *http.Request) (*canned, error) {
		offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
		limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
		var b strings.Builder
		next := "null"
		if offset+limit < agents {
			next = `"x"`
		}
		fmt.Fprintf(&b, `{"count":%d,"next":%s,"results":[`, agents, next)
		for i := offset; i < min(offset+limit, agents); i++ {
			if i > offset {
				b.WriteByte(',')
			}
			if i < first {
				fmt.Fprintf(&b, `{"id":"a%d","name":"A"}`, i)
				continue
			}
			fmt.Fprintf(&b, `{"id":"a%d","name":"A","future":%s}`, i, list)
		}
		b.WriteString("]}")
		return reply(200, b.String())
	}}
}

// A hundred agents with more in them than is taken of one answer are read on smaller pages, and so is a page of
// theirs afterwards. An organization of which a dozen are too much cannot be read, after a few requests.
func TestPagesTooLargeAreMadeSmaller(t *testing.T) {
	t.Parallel()
	server := large(130, maxEntries/60)
	c := newClient(t, server)
	got, err := c.Agents.Walk(t.Context())
	if err != nil || len(got.Agents) != 130 || got.Pages != 3 || server.count() != 4 {
		t.Errorf("%d agents on %d pages, %d requests: %v", len(got.Agents), got.Pages, server.count(), err)
	}
	page, err := c.Agents.List(t.Context(), ListOptions{Offset: 50})
	if err != nil || len(page.Items) != 50 {
		t.Errorf("%d agents: %v", len(page.Items), err)
	}

	server = large(130, maxEntries/10)
	_, err = newClient(t, server).Agents.Walk(t.Context())
	if !errors.Is(err, ErrBadAnswer) || !strings.Contains(err.Error(), "more than 250000") || server.count() != 4 {
		t.Errorf("%d requests: %v", server.count(), err)
	}

	// In the middle of a walk, it costs one page that was asked for ahead.
	server = largeFrom(200, 400, maxEntries/60)
	got, err = newClient(t, server).Agents.Walk(t.Context())
	if err != nil || len(got.Agents) != 400 || got.Pages != 6 || server.count() > 8 {
		t.Errorf("%d agents on %d pages, %d requests: %v", len(got.Agents), got.Pages, server.count(), err)
	}

	server = large(130, 10)
	c = newClient(t, server)
	c.maxAnswer = 2000 // bytes
	if got, err = c.Agents.Walk(t.Context()); err != nil || len(got.Agents) != 130 || c.pageSize() != 25 {
		t.Errorf("%d agents, %d on a page: %v", len(got.Agents), c.pageSize(), err)
	}
}
