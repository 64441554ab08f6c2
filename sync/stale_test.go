package sync_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/internal/remote"
	"wassist-sync/sync"
	"wassist-sync/wassist/simulator"
)

// old is just older than a reading may be when a list is computed from it.
const old = 60*time.Second + 1

// listDesks are n agents whose tools change, and one of which only a text does.
func listDesks(t tester, w *world, n int) *sync.Plan {
	var documents []string
	for i := range n {
		name := fmt.Sprintf("A%02d", i+1)
		w.server.AddAgent(map[string]any{"name": name, "tools": storedTool("old")})
		documents = append(documents, "name: "+name+"\n"+fmt.Sprintf(toolOf, "new"))
	}
	w.server.AddAgent(map[string]any{"name": "Text", "description": "old", "paywallConfig": map[string]any{"messageLimit": 1}})
	p := w.plan(t, load(t, nil, append(documents, "name: Text\ndescription: new")...), sync.Options{})
	w.server.ResetLog()
	return p
}

func TestOldReadingsAreRenewed(t *testing.T) {
	t.Parallel()
	documented := simulator.Options{Profile: simulator.ProfileDocumented}
	for _, tt := range []struct {
		name    string
		options simulator.Options
		lists   int
		age     time.Duration
		log     []string
	}{
		{"young", simulator.Options{}, 1, 60 * time.Second, []string{"PATCH agents/A01/", "PATCH agents/Text/"}},
		{"old: lists only", simulator.Options{}, 1, old, []string{"GET agents/A01/", "PATCH agents/A01/", "PATCH agents/Text/"}},
		{"two of one page", simulator.Options{}, 2, old, []string{"GET agents/A01/", "PATCH agents/A01/", "GET agents/A02/", "PATCH agents/A02/", "PATCH agents/Text/"}},
		{"three of one page", simulator.Options{}, 3, old, []string{"GET agents/", "PATCH agents/A01/", "PATCH agents/A02/", "PATCH agents/A03/", "PATCH agents/Text/"}},
		{"three of two pages", simulator.Options{PageMax: 2}, 3, old, []string{
			"GET agents/A01/", "PATCH agents/A01/", "GET agents/A02/", "PATCH agents/A02/", "GET agents/A03/", "PATCH agents/A03/", "PATCH agents/Text/",
		}},
		{"whole documents", documented, 1, old, []string{"GET agents/A01/", "PATCH agents/A01/", "PUT agents/A01/", "GET agents/Text/", "PUT agents/Text/"}},
		{"whole documents of one page", documented, 2, old, []string{"GET agents/A01/", "PATCH agents/A01/", "PUT agents/A01/", "GET agents/A02/", "PUT agents/A02/", "GET agents/Text/", "PUT agents/Text/"}},
		{"whole documents, young", documented, 1, 0, []string{"PATCH agents/A01/", "PUT agents/A01/", "PUT agents/Text/"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, tt.options)
				p := listDesks(t, w, tt.lists)
				time.Sleep(tt.age)
				if err := w.apply(t, p).Err(); err != nil {
					t.Error(err)
				}
				if d := cmp.Diff(tt.log, w.log()); d != "" {
					t.Errorf("requests (-want +got):\n%s", d)
				}
			})
		})
	}
}

// An object is written with what it holds besides, so that it counts as a list does.
func TestOldObjectIsRenewed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{})
		id := w.server.AddAgent(map[string]any{"name": "Desk", "paywallConfig": map[string]any{"messageLimit": 1, "ctaButtonText": "old"}})
		p := w.plan(t, load(t, nil, "name: Desk\npaywallConfig: {messageLimit: 2}"), sync.Options{})
		time.Sleep(old)
		edit(t, w, id, map[string]any{"paywallConfig": map[string]any{"messageLimit": 1, "ctaButtonText": "by hand"}})
		if err := w.apply(t, p).Err(); err != nil {
			t.Error(err)
		}
		if got := w.called(t, "Desk")["paywallConfig"].(map[string]any)["ctaButtonText"]; got != "by hand" {
			t.Errorf("an edit of an undeclared key was written over: %v", got)
		}
	})
}

func edit(t tester, w *world, id string, fields map[string]any) {
	t.Helper()
	if err := w.server.EditAgent(id, fields); err != nil {
		t.Fatalf("the test's edit is wrong: %v", err)
	}
}

// What a second writer does between the plan and the apply is never written
// over unseen, and what the plan wants no more is not written at all.
func TestSecondWriter(t *testing.T) {
	t.Parallel()
	tool := func(description string, more ...any) map[string]any {
		return map[string]any{"tools": append([]any{map[string]any{"name": "find", "description": description, "active": false, "apiSchema": map[string]any{"method": "GET", "url": "https://api.example/v1"}}}, more...)}
	}
	byHand := map[string]any{"name": "by hand", "description": "d", "apiSchema": map[string]any{"method": "GET", "url": "https://api.example/v1"}}
	for _, tt := range []struct {
		name   string
		edit   func(t tester, w *world, id string)
		writes []string
		err    error
		says   string
	}{
		{"nothing", func(tester, *world, string) {}, []string{"PATCH agents/A01/"}, nil, ""},
		{"edits the field", func(t tester, w *world, id string) { edit(t, w, id, tool("mine")) }, nil, sync.ErrChanged, "tools[find].description: changed on Wassist after the plan was made; run again to see the new plan"},
		{"adds an entry to the list", func(t tester, w *world, id string) { edit(t, w, id, tool("old", byHand)) }, nil, sync.ErrChanged, "tools[by hand]: changed on Wassist"},
		{"makes the very change", func(t tester, w *world, id string) { edit(t, w, id, tool("new")) }, nil, nil, ""},
		{"edits something else", func(t tester, w *world, id string) { edit(t, w, id, map[string]any{"systemPrompt": "mine"}) }, []string{"PATCH agents/A01/"}, nil, ""},
		{"renames the agent", func(t tester, w *world, id string) { edit(t, w, id, map[string]any{"name": "Renamed"}) }, nil, sync.ErrChanged, "name: changed on Wassist"},
		{"deletes the agent", func(_ tester, w *world, id string) { w.server.RemoveAgent(id) }, nil, sync.ErrChanged, "the agent is gone from Wassist"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, simulator.Options{})
				id := w.server.AddAgent(map[string]any{"name": "A01", "tools": storedTool("old")})
				p := w.plan(t, load(t, nil, "name: A01\n"+fmt.Sprintf(toolOf, "new")), sync.Options{})
				w.server.ResetLog()
				time.Sleep(old)
				tt.edit(t, w, id)
				before := w.server.Agent(id)
				res := w.apply(t, p).Results[0]
				if d := cmp.Diff(tt.writes, writes(w.log())); d != "" {
					t.Errorf("writes (-want +got):\n%s", d)
				}
				if (res.Err != nil) != (tt.err != nil) || tt.err != nil && (!errors.Is(res.Err, tt.err) || !strings.Contains(res.Err.Error(), tt.says)) {
					t.Errorf("%s: %v, want %q", res.Outcome, res.Err, tt.says)
				}
				if tt.writes == nil {
					if d := cmp.Diff(before, w.server.Agent(id)); d != "" {
						t.Errorf("the agent was changed:\n%s", d)
					}
				}
			})
		})
	}
}

// A page on which the agent stands no longer is read in vain: then the agent alone.
func TestAgentLeftItsPage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{PageMax: 4})
		p := listDesks(t, w, 3)
		time.Sleep(old)
		for range 4 { // the newest come first
			w.server.AddAgent(map[string]any{"name": "New"})
		}
		if err := w.apply(t, p).Err(); err != nil {
			t.Error(err)
		}
		want := []string{"GET agents/", "GET agents/A01/", "PATCH agents/A01/", "GET agents/A02/", "PATCH agents/A02/", "GET agents/A03/", "PATCH agents/A03/", "PATCH agents/Text/"}
		if d := cmp.Diff(want, w.log()); d != "" {
			t.Errorf("requests (-want +got):\n%s", d)
		}
	})
}

// Readings that fail when they are renewed fail the change, and nothing is written.
func TestRenewingFails(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, simulator.Options{})
			p := listDesks(t, w, n)
			time.Sleep(old)
			w.server.Fault(simulator.Fault{Method: "GET", Kind: simulator.Status, Code: 400, Body: `{"detail":"not now"}`})
			r := w.apply(t, p)
			if err := r.Results[0].Err; err == nil || !strings.Contains(err.Error(), "reading again before writing") || !strings.Contains(err.Error(), "not now") {
				t.Errorf("error %v", err)
			}
			if d := cmp.Diff([]string{"PATCH agents/Text/"}, writes(w.log())); d != "" {
				t.Errorf("writes (-want +got):\n%s", d)
			}
		})
	}
}

// ageWriter checks that no list is written from an old reading.
type ageWriter struct {
	*remote.API
	t      *testing.T
	oldest time.Duration
}

func (w *ageWriter) UpdateAgent(ctx context.Context, base sync.Agent, fields map[string]any, whole bool) (sync.Agent, error) {
	age := time.Since(base.ReadAt)
	w.oldest = max(w.oldest, age)
	if _, isList := fields["tools"]; (isList || whole) && age > 60*time.Second {
		w.t.Errorf("%s is written from a reading that is %v old", base.Name, age)
	}
	return w.API.UpdateAgent(ctx, base, fields, whole)
}

// A run that the limit stretches over minutes never writes a list from an old
// reading, new agents included, and reads whole pages where that is cheaper.
func TestLongRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{RateLimit: 20})
		var documents []string
		for i := range 40 {
			name := fmt.Sprintf("A%02d", i+1)
			if i%2 == 0 {
				w.server.AddAgent(map[string]any{"name": name, "tools": storedTool("old")})
			}
			documents = append(documents, "name: "+name+"\n"+fmt.Sprintf(toolOf, "new"))
		}
		set := load(t, nil, documents...)
		p := w.plan(t, set, sync.Options{Rate: sync.Rate{Limit: 20, Window: time.Minute}})
		start := time.Now()
		writer := &ageWriter{API: w.api, t: t}
		r := applyWith(t, &sync.Applier{Reader: w.api, Writer: writer}, p)
		if err := r.Err(); err != nil {
			t.Fatal(err)
		}
		if r.Elapsed != time.Since(start) || r.Elapsed < 3*time.Minute {
			t.Errorf("the run took %v, the report says %v: the limit did not stretch it", time.Since(start), r.Elapsed)
		}
		if p.Requests.Planned != 61 || p.Requests.Seconds != 180 {
			t.Errorf("planned %+v, want 1 reading, 20 creates and 40 updates", p.Requests)
		}
		pages := 0
		for _, line := range w.log() {
			if line == "GET agents/" {
				pages++
			}
		}
		// New agents are renewed one by one, the listed ones page by page.
		if pages < 2 || pages > 6 {
			t.Errorf("%d pages were read", pages)
		}
		if left := w.plan(t, set, sync.Options{}); !left.Empty() {
			t.Errorf("left: %v", describe(left))
		}
	})
}
