package wassist

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A list of any path is read page by page, by offset, and never from where an
// answer points to.
func TestDoAll(t *testing.T) {
	server := &fake{answer: paged(7, 3)}
	entries, answer, err := newClient(t, server).DoAll(t.Context(), "/agents?limit=5&q=a+b")
	if err != nil || len(entries) != 7 || answer.Status != 200 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	want := []string{"GET /api/v1/agents/?limit=5&q=a+b", "GET /api/v1/agents/?limit=5&offset=3&q=a+b", "GET /api/v1/agents/?limit=5&offset=6&q=a+b"}
	if diff := cmp.Diff(want, server.requests); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if got := string(entries[6]); !strings.HasPrefix(got, `{"id":"a6"`) {
		t.Errorf("the last entry is %s", got)
	}
}

// Every shape of a list will do, and entries without an id are told by their place.
func TestDoAllShapes(t *testing.T) {
	for body, want := range map[string]int{
		`[]`:                                   0,
		`[1, "two", null, {"a": 1}, {"a": 1}]`: 5,
		`{"data": [{"id": 1}, {"id": 2}]}`:     2,
		`{"count": 2, "next": null, "results": [{"id": null}, {"id": null}]}`: 2,
	} {
		entries, _, err := newClient(t, &fake{answer: always(200, body)}).DoAll(t.Context(), "things/")
		if err != nil || len(entries) != want {
			t.Errorf("%s: %d entries, want %d, %v", body, len(entries), want, err)
		}
	}
}

// What is no list, or changes while it is read, is an error, beside the answer.
func TestDoAllErrors(t *testing.T) {
	for body, want := range map[string]error{
		`{"id": "a1"}`:                                    ErrBadAnswer,
		`[{"id": "a1"}, {"id": "a1"}]`:                    ErrListChanged,
		`{"count": 3, "next": null, "results": [{}, {}]}`: ErrListChanged,
	} {
		entries, answer, err := newClient(t, &fake{answer: always(200, body)}).DoAll(t.Context(), "things/")
		if !errors.Is(err, want) || entries != nil {
			t.Errorf("%s: %v, want %v", body, err, want)
		}
		if errors.Is(err, ErrBadAnswer) && string(answer.Body) != body {
			t.Errorf("%s: the answer is not there", body)
		}
	}
	entries, answer, err := newClient(t, &fake{answer: always(404, `{"detail": "Not found."}`)}).DoAll(t.Context(), "things/")
	if !errors.Is(err, ErrNotFound) || entries != nil || answer == nil || string(answer.Body) != `{"detail": "Not found."}` {
		t.Errorf("404: %v, %v", answer, err)
	}
}

// What cannot be sent is not sent, and is an error of its own kind.
func TestInvalidCalls(t *testing.T) {
	server := &fake{answer: func(int, *http.Request) (*canned, error) { return reply(200, "[]") }}
	c := newClient(t, server)
	for _, path := range []string{
		"", "/", "https://evil.example/api/v1/agents/", "//evil.example/agents/", "agents/../../x/", "agents/#x", "agents/%2e%2e/", "agents/?limit=%zz", "a\\b", "a\nb",
	} {
		if _, err := c.Do(t.Context(), "GET", path, nil); !errors.Is(err, ErrInvalidCall) {
			t.Errorf("Do %q: %v", path, err)
		}
		if _, _, err := c.DoAll(t.Context(), path); !errors.Is(err, ErrInvalidCall) {
			t.Errorf("DoAll %q: %v", path, err)
		}
	}
	for _, path := range []string{"agents/?offset=1", "agents/?limit=0", "agents/?limit=x", "agents/?limit="} {
		if _, _, err := c.DoAll(t.Context(), path); !errors.Is(err, ErrInvalidCall) {
			t.Errorf("DoAll %q: %v", path, err)
		}
	}
	if _, err := c.Do(t.Context(), "FETCH", "agents/", nil); !errors.Is(err, ErrInvalidCall) {
		t.Errorf("FETCH: %v", err)
	}
	if server.count() > 0 {
		t.Errorf("sent: %q", server.requests)
	}
}
