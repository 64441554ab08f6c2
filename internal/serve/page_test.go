package serve

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"wassist-sync/sync"
)

// planned is a target in mode plan, with changes and drift.
func planned() TargetState {
	s := shop()
	s.Name, s.Mode = "front desk", "plan"
	run := s.Runs[0]
	run.Outcome, run.Summary = OutcomeDrift, sync.Summary{Update: 1, Unchanged: 3}
	s.Runs, s.LastGood = []Run{run}, &run
	s.Plan = &sync.Plan{
		Source: sync.Source{Path: "agents", Commit: commit, History: "full"}, Target: sync.Target{Host: "backend.wassist.app"},
		Changes: []sync.Change{{
			Action: sync.Update, Agent: "Order desk", ID: "f227f694", Reason: "matched by name", Digest: "sha256:00",
			Fields: []sync.Field{{Path: "systemPrompt", Before: "Be short.", After: "Be short and kind.", Cause: sync.CauseWassist}},
		}},
	}
	return s
}

// document is a page as a browser reads it.
type document struct {
	elements map[string]int
	ids      []string
	hrefs    []string
	outside  []string // what would be loaded, and scripts
	headings []string // with their level for who is read to
	text     string
	style    string
}

func parse(t testing.TB, text string) *document {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	d := &document{elements: map[string]int{}}
	var body strings.Builder
	for n := range root.Descendants() {
		switch {
		case n.Type == html.TextNode && n.Parent.Data == "style":
			d.style += n.Data
		case n.Type == html.TextNode:
			body.WriteString(n.Data + " ")
		case n.Type == html.ElementNode:
			d.element(n)
		}
	}
	d.text = strings.Join(strings.Fields(body.String()), " ")
	return d
}

func (d *document) element(n *html.Node) {
	d.elements[n.Data]++
	given := map[string]string{}
	for _, a := range n.Attr {
		given[a.Key] = a.Val
		switch {
		case a.Key == "id":
			d.ids = append(d.ids, a.Val)
		case a.Key == "href":
			d.hrefs = append(d.hrefs, a.Val)
		case a.Key == "src", a.Key == "style", strings.HasPrefix(a.Key, "on"), a.Key == "http-equiv":
			d.outside = append(d.outside, n.Data+" "+a.Key)
		}
	}
	switch n.Data {
	case "script", "link", "img", "iframe", "object", "embed", "base", "svg", "video", "audio":
		d.outside = append(d.outside, n.Data)
	case "h1", "h2", "h3":
		level := n.Data[1:]
		if given["aria-level"] != "" {
			level = given["aria-level"]
		}
		d.headings = append(d.headings, level)
	}
}

// checked asks for the page, and wants what every page must be.
func (s *served) checked(path string) *document {
	s.t.Helper()
	w := s.ask("GET", path, "")
	d := parse(s.t, w.Body.String())
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		s.t.Errorf("%d, %s", w.Code, w.Header().Get("Content-Type"))
	}
	if len(d.outside) > 0 {
		s.t.Errorf("the page has %v", d.outside)
	}
	sum := sha256.Sum256([]byte(d.style))
	policy := w.Header().Get("Content-Security-Policy")
	if want := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(policy, want) || !strings.HasPrefix(policy, "default-src 'none';") {
		s.t.Errorf("policy %q, the style sheet needs %q", policy, want)
	}
	slices.Sort(d.ids)
	if n := len(slices.Compact(slices.Clone(d.ids))); n != len(d.ids) {
		s.t.Errorf("an id twice: %v", d.ids)
	}
	for _, href := range d.hrefs {
		if id, ok := strings.CutPrefix(href, "#"); ok && !slices.Contains(d.ids, id) {
			s.t.Errorf("a link leads to %q", href)
		}
	}
	for i, h := range d.headings {
		if i == 0 && h != "1" || i > 0 && h[0] > d.headings[i-1][0]+1 {
			s.t.Errorf("the headings skip a level: %v", d.headings)
		}
	}
	return d
}

func TestPage(t *testing.T) {
	s := serving(t, []TargetState{shop(), failing(), planned()}, nil)
	d := s.checked("/")
	for _, want := range []string{
		"1 of 3 targets are not ready.", "As of 2026-11-25 12:00:00 UTC", "shop ready", "desk not ready", "front desk ready",
		"https://github.com/harbour/agents.git", "release", "*/15 * * * *", "2026-11-25 12:12:00 UTC in 12 min", commit,
		"In sync. The last run: 2 updated. 4 fields were edited on Wassist.",
		"The last run failed.", "the remote does not answer it did until 07:00", "none read", "another try", "5 h ago",
		"Changes are pending: 1 to update. Nothing was written: the mode is plan.", "plan: reports, and writes nothing",
		"The last plan", "Order desk", "matched by name", "edited on Wassist", "12, 1 answered 429", "1 min, 2 s of it waiting", "wassist-sync 1.2.3",
	} {
		if !strings.Contains(d.text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if d.elements["form"] != 3 || d.elements["main"] != 1 || d.elements["h1"] != 1 || d.elements["table"] != 4 {
		t.Errorf("%v", d.elements)
	}
	if t.Failed() {
		t.Log(d.text)
	}
}

// A target whose last run was not good is found at the top, also while it counts
// as ready.
func TestPageTrouble(t *testing.T) {
	refused := shop()
	refused.Name, refused.Runs = "desk", slices.Clone(refused.Runs)
	refused.Runs[0].Outcome = OutcomeRefused
	d := serving(t, []TargetState{shop(), refused}, nil).checked("/")
	if want := "The last run of 1 target was not good. As of 2026-11-25 12:00:00 UTC Look again Look again every minute shop desk refused by a guard"; !strings.Contains(d.text, want) {
		t.Errorf("the page does not say %q: %s", want, d.text)
	}
}

// Without a token there is no button.
func TestPageWithoutToken(t *testing.T) {
	s := serving(t, []TargetState{shop()}, func(o *HTTPOptions) { o.RunToken = "" })
	if d := s.checked("/"); d.elements["form"]+d.elements["button"]+d.elements["input"] != 0 || d.elements["nav"] != 0 {
		t.Errorf("%v", d.elements)
	}
}

// The verdict over all and that of each target are never better than the state.
func TestPageVerdicts(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*TargetState)
		want   []string
	}{
		{"in sync", func(s *TargetState) {
			s.Runs[0] = Run{Outcome: OutcomeInSync, Summary: sync.Summary{Unchanged: 1}, Started: noon, Ended: noon}
		}, []string{"All is as it should be.", "In sync. 1 agent is as Git says."}},
		{"held", func(s *TargetState) {
			s.Runs[0] = Run{Outcome: OutcomeInSync, Summary: sync.Summary{Unchanged: 1, Held: 1}, Started: noon, Ended: noon}
		}, []string{"In sync. 1 agent is as Git says. 1 thing is held: the plan says why."}},
		{"pending", func(s *TargetState) { s.Runs[0].Outcome = OutcomeDrift }, []string{"Changes are pending for 1 target."}},
		{"refused", func(s *TargetState) { s.Runs[0].Outcome = OutcomeRefused }, []string{"The last run of 1 target was not good.", "A guard refused the last run. Nothing was written."}},
		{"invalid", func(s *TargetState) { s.Runs[0].Outcome = OutcomeInvalid }, []string{"The last run of 1 target was not good.", "The definitions are invalid. Nothing was written."}},
		{"stopped", func(s *TargetState) { s.Runs[0].Outcome = OutcomeStopped }, []string{"The last run was stopped."}},
		{"what is not known", func(s *TargetState) { s.Runs[0].Outcome = "odd" }, []string{"odd"}},
		{"running", func(s *TargetState) { s.Running = noon.Add(-30 * time.Second) }, []string{"A run has been under way for 30 s."}},
		{"first", func(s *TargetState) { s.Runs, s.LastGood, s.Running = nil, nil, noon.Add(-time.Second) }, []string{"1 of 1 target is not ready.", "The first run is under way, for 1 s now.", "Last good run none yet"}},
		{"nothing yet", func(s *TargetState) { s.Runs, s.LastGood, s.Next = nil, nil, time.Time{} }, []string{"No run yet.", "Next run none is due"}},
	} {
		state := shop()
		state.Runs = slices.Clone(state.Runs)
		tt.change(&state)
		d := serving(t, []TargetState{state}, nil).checked("/")
		for _, want := range tt.want {
			if !strings.Contains(d.text, want) {
				t.Errorf("%s: the page does not say %q: %s", tt.name, want, d.text)
			}
		}
	}
	if d := serving(t, nil, nil).checked("/"); !strings.Contains(d.text, "There are no targets.") {
		t.Error(d.text)
	}
}

// A page renews itself for those who asked for it, and for nobody else.
func TestPageRefresh(t *testing.T) {
	s := serving(t, []TargetState{shop()}, nil)
	for path, want := range map[string]string{"/": "", "/?refresh=60": "60", "/?refresh=0": "", "/?refresh=60;url=https://evil.example": "", "/?refresh=1": ""} {
		w := s.ask("GET", path, "")
		if got := w.Header().Get("Refresh"); got != want {
			t.Errorf("%s: Refresh %q, want %q", path, got, want)
		}
		if strings.Contains(w.Body.String(), "Stop renewing") != (want != "") {
			t.Errorf("%s: the page says otherwise", path)
		}
	}
}

// Who pressed the button is told so, once.
func TestPageAsked(t *testing.T) {
	s := serving(t, []TargetState{shop()}, nil)
	const said = "A run was asked for."
	if !strings.Contains(s.checked("/?asked").text, said) || strings.Contains(s.checked("/").text, said) {
		t.Error("the page says otherwise")
	}
	s = serving(t, []TargetState{shop()}, func(o *HTTPOptions) { o.RunToken = "" })
	if strings.Contains(s.checked("/?asked").text, said) {
		t.Error("nobody could ask")
	}
}

// Times are those of the schedule's zone.
func TestPageZone(t *testing.T) {
	state := shop()
	state.Next = state.Next.In(time.FixedZone("IST", 5*3600+1800))
	if d := serving(t, []TargetState{state}, nil).checked("/"); !strings.Contains(d.text, "2026-11-25 17:42:00 IST in 12 min") || !strings.Contains(d.text, "As of 2026-11-25 17:30:00 IST") {
		t.Error(d.text)
	}
}

// large is a plan that no page could show.
func large(agents, letters int) *sync.Plan {
	p := &sync.Plan{Source: sync.Source{Path: "agents", Commit: commit, History: "full"}}
	for i := range agents {
		p.Changes = append(p.Changes, sync.Change{
			Action: sync.Update, Agent: fmt.Sprintf("Agent %d", i), Reason: "matched by name",
			Fields: []sync.Field{{Path: "systemPrompt", Before: "old", After: strings.Repeat("word ", letters/5), Cause: sync.CauseGit}},
		})
	}
	return p
}

// The page stays small, whatever a run planned, and says what it leaves out.
func TestPageIsBounded(t *testing.T) {
	for _, tt := range []struct {
		name    string
		plan    *sync.Plan
		problem string
		want    string
	}{
		{"many changes", large(1000, 100), "", "… and 950 more that this page leaves out."},
		{"long ones", large(1000, 20_000), "", "more that this page leaves out."},
		{"one of more than a megabyte", large(1, 2<<20), "", "The plan is too long for this page"},
		{"a long problem", nil, strings.Repeat("a problem\n", 1<<17), "a problem"},
	} {
		state := shop()
		state.Plan = tt.plan
		state.Runs = nil
		for range 40 {
			run := *state.LastGood
			run.Problem = tt.problem
			state.Runs = append(state.Runs, run)
		}
		s := serving(t, []TargetState{state}, nil)
		w := s.ask("GET", "/", "")
		if n := w.Body.Len(); n > 300<<10 {
			t.Errorf("%s: %d bytes", tt.name, n)
		}
		d := s.checked("/")
		if !strings.Contains(d.text, tt.want) || !strings.Contains(d.text, "… and 30 earlier.") {
			t.Errorf("%s: the page does not say what it leaves out", tt.name)
		}
	}
}

// A plan is made into HTML once a run, not once a look, and goes with its target.
func TestPageCache(t *testing.T) {
	state := planned()
	var c pageCache
	first := c.plan(&state, "t1")
	state.Plan = &sync.Plan{} // would show if it were made again
	if got := c.plan(&state, "t1"); got != first || first == "" {
		t.Error("made again for the same run")
	}
	if got := c.plan(&state, "t2"); got == first || !strings.Contains(string(got), "nothing") && strings.Contains(string(got), "t1-") {
		t.Error("the ids are those of another place")
	}
	run := state.Runs[0]
	run.Ended = noon
	state.Runs = []Run{run}
	state.Report = &sync.Report{Plan: state.Plan, Results: []sync.Result{{Action: sync.Update, Agent: "Order desk", Outcome: sync.Failed, Err: errors.New("400 Bad Request")}}}
	if got := c.plan(&state, "t1"); !strings.Contains(string(got), "400 Bad Request") {
		t.Errorf("after another run: %.300s", got)
	}
	c.keep(map[string]bool{})
	if len(c.plans) != 0 {
		t.Error("a plan outlives its target")
	}
}

// hostile texts, as people and programs may write them.
func hostile() []string {
	return []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `</title></style><script>`,
		"\x1b[31mred\x1b[0m", "\u202egnitsil", "a\nb\r\nc", "\xff\xfe", "::error::forged", "javascript:alert(1)", `{{.Style}}`, strings.Repeat("long", 5000), "",
	}
}

// Names and problems of people all over the world stay text.
func TestHostilePage(t *testing.T) {
	harmless := serving(t, []TargetState{hostileState("x"), shop()}, nil).checked("/")
	for _, text := range hostile() {
		s := serving(t, []TargetState{hostileState(text), shop()}, func(o *HTTPOptions) { o.Version = text })
		d := s.checked("/")
		for _, element := range []string{"script", "img", "form", "input", "section", "table", "tr", "td", "h1", "h2", "h3", "details", "main", "style", "title"} {
			if d.elements[element] != harmless.elements[element] {
				t.Errorf("%.40q: %d <%s>, want %d", text, d.elements[element], element, harmless.elements[element])
			}
		}
		if i := strings.IndexFunc(d.text, func(r rune) bool { return r < ' ' || r == '\u202e' }); i >= 0 {
			t.Errorf("%.40q: %q steers", text, d.text[i:min(len(d.text), i+20)])
		}
		for _, path := range []string{"/readyz", "/healthz"} {
			body := s.ask("GET", path, "").Body.String()
			if strings.Count(body, "\n") > 2 || strings.Contains(body, "\x1b") || strings.Contains(body, "\u202e") {
				t.Errorf("%.40q: %s says %q", text, path, body)
			}
		}
	}
}

// hostileState puts a text wherever one can stand.
func hostileState(text string) TargetState {
	s := planned()
	s.Name, s.Repository, s.Ref, s.Path, s.Schedule = text, text, text, text, text
	bad := s.Runs[0]
	bad.Outcome, bad.Problem, bad.Commit = OutcomeFailed, text, text
	s.Runs = []Run{bad, bad}
	s.Plan.Changes[0].Agent, s.Plan.Changes[0].Reason = text, text
	s.Plan.Changes[0].Fields[0] = sync.Field{Path: text, Before: "old", After: text, Cause: sync.CauseGit}
	s.Plan.Notes = []string{text}
	s.LastGood.Ended = noon.Add(-24 * time.Hour)
	return s
}

// No answer, metric or line of the log holds a secret, whatever is asked.
func TestSecretsAreNowhere(t *testing.T) {
	s := serving(t, []TargetState{shop(), failing(), planned()}, nil)
	var said strings.Builder
	for _, method := range []string{"GET", "POST", "HEAD"} {
		for _, path := range []string{"/", "/?refresh=60", "/metrics", "/healthz", "/readyz", "/run", "/hooks/github", "/nowhere"} {
			for _, headers := range [][]string{nil, signed(pushBody), with(signed(pushBody), "X-Hub-Signature-256", hookSecret), {"Authorization", "Bearer " + runToken}, {"Authorization", hookSecret}} {
				w := s.ask(method, path, pushBody, headers...)
				fmt.Fprint(&said, w.Body, w.Header())
			}
		}
	}
	s.ask("POST", "/run", "target=shop&token="+runToken, "Content-Type", "application/x-www-form-urlencoded")
	fmt.Fprint(&said, s.log)
	if s.wasAsked() == "" || !strings.Contains(s.log.String(), "asked for by hand") {
		t.Error("nothing was asked: the test is none")
	}
	for _, secret := range []string{hookSecret, runToken} {
		if strings.Contains(said.String(), secret) {
			t.Errorf("%s is told", secret)
		}
	}
}

// Over loopback the page is shown to who asks for this machine, and not to a site
// that has pointed its own name here. Where else it is listened on, names are free.
func TestPageOfAnotherName(t *testing.T) {
	s := serving(t, []TargetState{shop()}, nil)
	for _, tt := range []struct {
		at, host string
		code     int
	}{
		{"127.0.0.1", "127.0.0.1:8788", 200},
		{"127.0.0.1", "localhost:8788", 200},
		{"127.0.0.1", "LocalHost", 200},
		{"127.0.0.1", "sync.localhost:8788", 200},
		{"127.0.0.1", "localhost.:8788", 200},
		{"::1", "[::1]:8788", 200},
		{"::1", "[::1]", 200},
		{"127.0.0.1", "10.1.2.3:80", 200},
		{"127.0.0.1", "evil.example:8788", 403},
		{"127.0.0.1", "evil.example", 403},
		{"::1", "localhost.evil.example:8788", 403},
		{"127.0.0.1", "127.0.0.1.evil.example", 403},
		{"10.1.2.3", "sync.example:8788", 200},
	} {
		r := httptest.NewRequestWithContext(context.WithValue(t.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.ParseIP(tt.at), Port: 8788}), "GET", "/", nil)
		r.Host = tt.host
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		if w.Code != tt.code || strings.Contains(w.Body.String(), "harbour") != (tt.code == 200) {
			t.Errorf("%s at %s: %d", tt.host, tt.at, w.Code)
		}
	}
	if n := s.value(`wassist_sync_refused_total{at="page",reason="host"}`); n != 4 {
		t.Errorf("%v are counted, want 4", n)
	}
	// A real server tells its handlers where a request came in.
	addr, _ := started(t, s, HTTPOptions{})
	if got := slowly(t, addr, "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.1 403 ") {
		t.Errorf("a real one: %.100q", got)
	}
}
