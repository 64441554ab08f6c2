package serve_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/internal/gitsrc"
	"wassist-sync/internal/serve"
	"wassist-sync/spec"
	"wassist-sync/wassist/simulator"
)

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answer(code int) *http.Response {
	return &http.Response{StatusCode: code, Header: http.Header{"Location": {"https://elsewhere.example/"}}, Body: io.NopCloser(strings.NewReader("ok"))}
}

// What is posted is one JSON object of known fields, whose text Slack can show
// without being told anything by it.
func TestNoticeBody(t *testing.T) {
	h := line(t, definition("A <!channel> & co", "p")+"---\nname: 'A <!channel> & co'\n")
	synctest.Test(t, func(t *testing.T) {
		var bodies []string
		post, err := serve.Webhook("https://hooks.example/canary", transport(func(r *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(r.Body)
			bodies = append(bodies, r.Method+" "+r.Header.Get("Content-Type")+" "+string(body))
			return answer(200), err
		}))
		if err != nil {
			t.Fatal(err)
		}
		w := &watch{}
		o := w.options()
		o.Notify = post
		d, err := serve.New([]serve.Config{config(t, "shop", h, newOrganization(t, simulator.Options{}), "@hourly")}, o)
		if err != nil {
			t.Fatal(err)
		}
		d.Once(t.Context())
		if len(bodies) != 1 || !strings.HasPrefix(bodies[0], "POST application/json {") || strings.Contains(bodies[0], "canary") {
			t.Fatalf("posted: %q", bodies)
		}
		var got map[string]any
		if err := json.Unmarshal([]byte(bodies[0][len("POST application/json "):]), &got); err != nil {
			t.Fatal(err)
		}
		text, _ := got["text"].(string)
		if strings.Contains(text, "<") || !strings.HasPrefix(text, "wassist-sync: shop cannot go on: the definitions do not parse: agents/a.yaml:") || !strings.Contains(text, "&lt;!channel&gt; &amp; co") {
			t.Errorf("text %q", text)
		}
		want := map[string]any{"version": 1.0, "event": "invalid", "target": "shop", "mode": "apply", "repository": "file://" + h.folder, "ref": "main", "commit": h.marks[0], "outcome": "invalid",
			"reminder": false, "since": "2000-01-01T00:00:00Z", "time": "2000-01-01T00:00:00Z", "digest": "", "drifted": 0.0, "summary": nil}
		delete(got, "text")
		delete(got, "problem")
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	})
}

// A notice that cannot be delivered is tried again a few times, never lets a run
// wait, and its failure is logged without the address.
func TestNoticeDelivery(t *testing.T) {
	h := line(t, "name: [\n")
	for _, tt := range []struct {
		name     string
		answer   func(attempt int) (*http.Response, error)
		attempts int
		want     string // in the log; empty: delivered
	}{
		{"at once", func(int) (*http.Response, error) { return answer(204), nil }, 1, ""},
		{"at the third attempt", func(n int) (*http.Response, error) { return answer([]int{0, 500, 429, 200}[n]), nil }, 3, ""},
		{"refused", func(int) (*http.Response, error) { return answer(404), nil }, 1, "answers 404"},
		{"sent elsewhere", func(int) (*http.Response, error) { return answer(302), nil }, 1, "answers 302"},
		{"down", func(int) (*http.Response, error) { return answer(503), nil }, 4, "answers 503"},
		{"unreachable", func(int) (*http.Response, error) { return nil, errors.New("dial hooks.example/canary") }, 4, "no connection"},
		{"broken", func(int) (*http.Response, error) { panic("canary") }, 4, "broke off"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := 0
				post, err := serve.Webhook("https://hooks.example/canary", transport(func(*http.Request) (*http.Response, error) { n++; return tt.answer(n) }))
				if err != nil {
					t.Fatal(err)
				}
				w := &watch{}
				o := w.options()
				o.Notify = post
				var ended []error
				o.NoticeEnded = func(_ string, err error) { ended = append(ended, err) }
				running(t, []serve.Config{config(t, "shop", h, newOrganization(t, simulator.Options{}), "*/15 * * * *")}, o, func(t *testing.T, _ *serve.Daemon) {
					pass(5 * time.Minute)
				})
				log := strings.Join(w.logged(), "\n")
				if n != tt.attempts || len(ended) != 1 || (ended[0] == nil) != (tt.want == "") || !strings.Contains(log, tt.want) || strings.Contains(log, "canary") || strings.Contains(log, "hooks.example") {
					t.Errorf("%d attempts, ended %v, log:\n%s", n, ended, log)
				}
			})
		})
	}
	if _, err := serve.Webhook("hooks.example/canary", nil); err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("an address without a scheme: %v", err)
	}
}

// A chat that takes its time holds no run up, nor the end for long.
func TestSlowNotices(t *testing.T) {
	h := line(t, "name: [\n")
	synctest.Test(t, func(t *testing.T) {
		w := &watch{}
		o := w.options()
		o.Notify = func(ctx context.Context, _ *serve.Notice) error {
			<-ctx.Done()
			return ctx.Err()
		}
		d, err := serve.New([]serve.Config{config(t, "shop", h, newOrganization(t, simulator.Options{}), "*/15 * * * *")}, o)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- d.Run(ctx) }()
		synctest.Wait()
		if len(d.States()[0].Runs) != 1 {
			t.Error("the run waits for its notice")
		}
		start := time.Now()
		stop()
		if err := <-ended; err != nil || time.Since(start) > 10*time.Second {
			t.Errorf("it ended after %v with %v", time.Since(start), err)
		}
	})
}

// What is told is told once, and again after a day; what comes and goes is not
// told each time, and what stays after that is told.
func TestOnceEach(t *testing.T) {
	h := line(t, definition("A", "p"))
	synctest.Test(t, func(t *testing.T) {
		w := &watch{}
		c := config(t, "shop", h, newOrganization(t, simulator.Options{}), "*/15 * * * *")
		connect := c.Connect
		var broken atomic.Bool
		c.Connect = func(ctx context.Context, s *spec.Settings) (*serve.Connection, error) {
			if broken.Load() {
				return nil, errors.New("no key today, attempt " + time.Now().String())
			}
			return connect(ctx, s)
		}
		running(t, []serve.Config{c}, w.options(), func(t *testing.T, _ *serve.Daemon) {
			step := func(b bool, d time.Duration, want ...string) {
				t.Helper()
				broken.Store(b)
				pass(d)
				if diff := cmp.Diff(want, w.events()); diff != "" {
					t.Errorf("told after %v (-want +got):\n%s", time.Since(epoch), diff)
				}
			}
			step(true, 23*time.Hour, "failed")
			step(true, 2*time.Hour+time.Minute, "failed") // a reminder
			if text := strings.Join(w.logged(), "\n"); strings.Count(text, "level=WARN") != 2 || !strings.Contains(text, "shop failed, still") {
				t.Errorf("the log: %s", text)
			}
			step(false, 20*time.Minute, "recovered")
			// It comes and goes each quarter of an hour.
			step(true, 15*time.Minute, "failed")
			step(false, 15*time.Minute, "recovered")
			step(true, 15*time.Minute)
			step(false, 15*time.Minute)
			// And then it stays.
			step(true, 40*time.Minute, "failed")
			step(false, 15*time.Minute, "recovered")
		})
	})
}

// What is a little different in each run is told once an hour at most, and what
// ends in one run ends with one notice.
func TestChangingTroubles(t *testing.T) {
	var texts []string
	for i := range 30 {
		texts = append(texts, definition("A", fmt.Sprint(i))+"---\n"+definition("B", fmt.Sprint(i)))
	}
	h := line(t, texts...)
	distances := func(t *testing.T, notices []*serve.Notice, event serve.Event, least, most int) {
		t.Helper()
		var last time.Time
		n := 0
		for _, notice := range notices {
			if notice.Event != event {
				continue
			}
			if n++; notice.Time.Sub(last) < time.Hour {
				t.Errorf("told again after %v: %s", notice.Time.Sub(last), notice.Text)
			}
			last = notice.Time
		}
		if n < least || n > most {
			t.Errorf("%d notices, want %d to %d", n, least, most)
		}
	}
	t.Run("failures", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := &watch{}
			o := newOrganization(t, simulator.Options{})
			a := o.server.AddAgent(map[string]any{"name": "A", "systemPrompt": "0"})
			o.server.AddAgent(map[string]any{"name": "B", "systemPrompt": "0"})
			o.server.Fault(simulator.Fault{Kind: simulator.Status, Code: 400, Times: -1, Match: func(r *http.Request) bool {
				return r.Method == http.MethodPatch && (strings.Contains(r.URL.Path, a) || time.Since(epoch)/(5*time.Minute)%2 == 0) // now both, now one
			}})
			running(t, []serve.Config{config(t, "shop", h, o, "*/5 * * * *")}, w.options(), func(t *testing.T, d *serve.Daemon) {
				for i := range 24 { // two hours
					h.push(i + 1)
					pass(5 * time.Minute)
				}
				distances(t, w.told(), serve.EventFailed, 2, 3)
			})
		})
	})
	t.Run("refusals", func(t *testing.T) {
		h.push(0)
		synctest.Test(t, func(t *testing.T) {
			w := &watch{}
			o := newOrganization(t, simulator.Options{})
			o.server.AddAgent(map[string]any{"name": "A", "systemPrompt": "theirs"})
			c := config(t, "shop", h, o, "*/15 * * * *")
			connect := c.Connect
			c.Connect = func(ctx context.Context, s *spec.Settings) (*serve.Connection, error) {
				connection, err := connect(ctx, s)
				connection.Options.Expect = []string{} // nothing was reviewed
				return connection, err
			}
			running(t, []serve.Config{c}, w.options(), func(t *testing.T, _ *serve.Daemon) {
				for i := range 16 { // four hours, and the plan's digest is another one each time
					o.edit(t, "A", map[string]any{"systemPrompt": fmt.Sprint("theirs ", i)})
					pass(15 * time.Minute)
				}
				distances(t, w.told(), serve.EventRefused, 4, 5)
			})
		})
	})
	t.Run("what is pending", func(t *testing.T) {
		for i := range texts {
			if i%2 == 0 {
				texts[i] += "---\n" + definition("C", "c")
			}
		}
		h := line(t, texts...)
		synctest.Test(t, func(t *testing.T) {
			w := &watch{}
			o := newOrganization(t, simulator.Options{})
			c := config(t, "shop", h, o, "*/15 * * * *")
			c.Mode = serve.ModePlan
			running(t, []serve.Config{c}, w.options(), func(t *testing.T, _ *serve.Daemon) {
				for i := range 16 { // four hours, a commit in each quarter
					h.push(i)
					pass(15 * time.Minute)
				}
				distances(t, w.told(), serve.EventDrift, 4, 5)
			})
		})
	})
	t.Run("the end of two", func(t *testing.T) {
		h.push(0)
		synctest.Test(t, func(t *testing.T) {
			w := &watch{}
			o := newOrganization(t, simulator.Options{})
			c := config(t, "shop", h, o, "*/15 * * * *")
			c.Mode = serve.ModePlan
			running(t, []serve.Config{c}, w.options(), func(t *testing.T, _ *serve.Daemon) {
				pass(time.Hour)
				o.server.Fault(simulator.Fault{Kind: simulator.Status, Code: 403, Times: -1})
				pass(time.Hour)
				if got := w.events(); !cmp.Equal(got, []string{"drift", "failed"}) {
					t.Fatalf("told %v", got)
				}
				o.server.ClearFaults()
				for _, name := range []string{"A", "B"} {
					o.server.AddAgent(map[string]any{"name": name, "systemPrompt": "0"})
				}
				pass(time.Hour)
				notices := w.told()
				if len(notices) != 1 || notices[0].Event != serve.EventRecovered || !notices[0].Since.Equal(epoch) {
					t.Errorf("%d notices: %+v", len(notices), notices)
				}
			})
		})
	})
	t.Run("edits of other fields", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h.push(0)
			w := &watch{}
			o := newOrganization(t, simulator.Options{})
			running(t, []serve.Config{config(t, "shop", h, o, "*/15 * * * *")}, w.options(), func(t *testing.T, _ *serve.Daemon) {
				for _, name := range []string{"A", "B"} {
					pass(15 * time.Minute)
					o.edit(t, name, map[string]any{"systemPrompt": "theirs"})
				}
				pass(15 * time.Minute)
				if got := w.events(); !cmp.Equal(got, []string{"drift", "drift"}) {
					t.Errorf("told %v", got)
				}
			})
		})
	})
}

// The end is told of whatever trouble it was told of, also when that had become
// another one meanwhile, and the log's last line is true.
func TestTheEndIsTold(t *testing.T) {
	h := line(t, definition("A", "p"))
	synctest.Test(t, func(t *testing.T) {
		w := &watch{}
		c := config(t, "shop", h, newOrganization(t, simulator.Options{}), "*/15 * * * *")
		connect, remote := c.Connect, c.Remote
		var key, login atomic.Bool
		c.Connect = func(ctx context.Context, s *spec.Settings) (*serve.Connection, error) {
			if key.Load() {
				return nil, errors.New("no key today")
			}
			return connect(ctx, s)
		}
		c.Remote = func() (gitsrc.Remote, error) {
			if login.Load() {
				return gitsrc.Remote{}, errors.New("no token today")
			}
			return remote()
		}
		running(t, []serve.Config{c}, w.options(), func(t *testing.T, _ *serve.Daemon) {
			step := func(noKey, noLogin bool, log string, want ...string) {
				t.Helper()
				key.Store(noKey)
				login.Store(noLogin)
				w.logged()
				pass(15 * time.Minute)
				if diff := cmp.Diff(want, w.events()); diff != "" {
					t.Errorf("told after %v (-want +got):\n%s", time.Since(epoch), diff)
				}
				if lines := w.logged(); len(lines) != 1 || !strings.Contains(lines[0], log) {
					t.Errorf("the log after %v: %q, want one line with %q", time.Since(epoch), lines, log)
				}
			}
			pass(time.Minute)
			step(true, false, "shop failed: no key today\\nIt is tried again by itself\\nThe last good run was at 2000-01-01 00:00 UTC", "failed")
			step(false, false, "shop is well again; the trouble began at 2000-01-01 00:15 UTC", "recovered")
			step(false, true, "shop failed: no token today", "failed")
			step(true, false, "run failed: no key today") // told of within the hour
			step(false, false, "shop is well again; the trouble began at 2000-01-01 00:45 UTC", "recovered")
			// A trouble that was not told has no end to tell.
			step(false, true, "run failed: no token today")
			step(false, false, "run in-sync")
		})
	})
}

// The end of the process does not wait for a chat's next try, but makes it.
func TestNoticeAtTheEnd(t *testing.T) {
	h := line(t, "name: [\n")
	synctest.Test(t, func(t *testing.T) {
		n := 0
		post, err := serve.Webhook("https://hooks.example/canary", transport(func(*http.Request) (*http.Response, error) {
			n++
			return answer([]int{0, 503, 200}[n]), nil
		}))
		if err != nil {
			t.Fatal(err)
		}
		w := &watch{}
		o := w.options()
		o.Notify = post
		var ended []error
		o.NoticeEnded = func(_ string, err error) { ended = append(ended, err) }
		running(t, []serve.Config{config(t, "shop", h, newOrganization(t, simulator.Options{}), "@hourly")}, o, func(t *testing.T, _ *serve.Daemon) {})
		if n != 2 || len(ended) != 1 || ended[0] != nil {
			t.Errorf("%d attempts, ended %v", n, ended)
		}
	})
}
