package serve

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
)

const pushBody = `{"ref":"refs/heads/main","after":"` + commit + `","repository":{"full_name":"harbour/agents","default_branch":"main",
"clone_url":"https://github.com/harbour/agents.git","html_url":"https://github.com/harbour/agents",
"ssh_url":"git@github.com:harbour/agents.git","git_url":"git://github.com/harbour/agents.git"}}`

func signature(secret, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = io.WriteString(mac, body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// signed are the headers of a delivery of a push.
func signed(body string) []string {
	return []string{
		"X-Hub-Signature-256", signature(hookSecret, body), "X-GitHub-Event", "push", "X-GitHub-Delivery", "d-1", "Content-Type", "application/json",
	}
}

// with changes one header.
func with(headers []string, name, value string) []string {
	return append(append([]string{}, headers...), name, value)
}

func TestHooks(t *testing.T) {
	of := func(old, replaced string) string { return strings.Replace(pushBody, old, replaced, 1) }
	elsewhere := strings.ReplaceAll(pushBody, "harbour/agents", "harbour/others")
	ping := `{"zen":"Keep it logically awesome."}`
	for _, tt := range []struct {
		name, method, body string
		headers            []string
		code               int
		counted            string // the series that grows
		asked              string
	}{
		{"a push", "POST", pushBody, signed(pushBody), 202, `hooks_total{result="triggered"}`, "hook shop"},
		{"in capitals", "POST", pushBody, with(signed(pushBody), "X-Hub-Signature-256", "sha256="+strings.ToUpper(signature(hookSecret, pushBody)[7:])), 202, `hooks_total{result="triggered"}`, "hook shop"},
		{"ping", "POST", ping, with(signed(ping), "X-GitHub-Event", "ping"), 200, `hooks_total{result="ping"}`, ""},
		{"another event", "POST", pushBody, with(signed(pushBody), "X-GitHub-Event", "issues"), 202, `hooks_total{result="ignored"}`, ""},
		{"no event", "POST", pushBody, with(signed(pushBody), "X-GitHub-Event", ""), 202, `hooks_total{result="ignored"}`, ""},
		{"another ref", "POST", of("heads/main", "heads/other"), signed(of("heads/main", "heads/other")), 202, `hooks_total{result="ignored"}`, ""},
		{"a tag of that name", "POST", of("heads/main", "heads/main2"), signed(of("heads/main", "heads/main2")), 202, `hooks_total{result="ignored"}`, ""},
		{"another repository", "POST", elsewhere, signed(elsewhere), 202, `hooks_total{result="ignored"}`, ""},
		{"unsigned", "POST", pushBody, with(signed(pushBody), "X-Hub-Signature-256", ""), 401, `refused_total{at="hook",reason="unsigned"}`, ""},
		{"signed with SHA-1 only", "POST", pushBody, []string{"X-Hub-Signature", "sha1=00", "X-GitHub-Event", "push"}, 401, `refused_total{at="hook",reason="unsigned"}`, ""},
		{"another secret", "POST", pushBody, with(signed(pushBody), "X-Hub-Signature-256", signature("another secret", pushBody)), 401, `refused_total{at="hook",reason="signature"}`, ""},
		{"another body", "POST", pushBody + " ", signed(pushBody), 401, `refused_total{at="hook",reason="signature"}`, ""},
		{"no algorithm", "POST", pushBody, with(signed(pushBody), "X-Hub-Signature-256", signature(hookSecret, pushBody)[7:]), 401, `refused_total{at="hook",reason="signature"}`, ""},
		{"a ping with a wrong secret", "POST", ping, with(signed(pushBody), "X-GitHub-Event", "ping"), 401, `refused_total{at="hook",reason="signature"}`, ""},
		{"malformed", "POST", `{"ref":`, signed(`{"ref":`), 400, `refused_total{at="hook",reason="malformed"}`, ""},
		{"not a push", "POST", `[]`, signed(`[]`), 400, `refused_total{at="hook",reason="malformed"}`, ""},
		{"without a ref", "POST", `{}`, signed(`{}`), 400, `refused_total{at="hook",reason="malformed"}`, ""},
		{"a form", "POST", pushBody, with(signed(pushBody), "Content-Type", "application/x-www-form-urlencoded"), 415, `refused_total{at="hook",reason="content-type"}`, ""},
		{"GET", "GET", "", signed(""), 405, `refused_total{at="hook",reason="method"}`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serving(t, []TargetState{shop(), failing()}, nil)
			w := s.ask(tt.method, "/hooks/github", tt.body, tt.headers...)
			if w.Code != tt.code || s.wasAsked() != tt.asked {
				t.Errorf("%d %q, asked %q; want %d, %q", w.Code, w.Body, s.wasAsked(), tt.code, tt.asked)
			}
			if n := s.value("wassist_sync_" + tt.counted); n != 1 {
				t.Errorf("%s is %v, want 1", tt.counted, n)
			}
			if n := s.sum("wassist_sync_hooks_total") + s.sum("wassist_sync_refused_total"); n != 1 {
				t.Errorf("counted %v times", n)
			}
		})
	}
}

// A body of the greatest size is read, and one more byte is not, whether it is
// announced or not.
func TestHookSize(t *testing.T) {
	most := int(usualLimits.hookBytes)
	fits := pushBody + strings.Repeat(" ", most-len(pushBody))
	s := serving(t, []TargetState{shop()}, nil)
	if w := s.ask("POST", "/hooks/github", fits, signed(fits)...); w.Code != 202 {
		t.Errorf("%d bytes: %d %s", len(fits), w.Code, w.Body)
	}
	large := fits + " "
	if w := s.ask("POST", "/hooks/github", large, signed(large)...); w.Code != 413 {
		t.Errorf("%d bytes: %d", len(large), w.Code)
	}
	for _, length := range []int64{-1, 10} {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/hooks/github", &endless{})
		r.ContentLength = length // a lie, or not told
		for i, h := 0, signed(large); i < len(h); i += 2 {
			r.Header.Set(h[i], h[i+1])
		}
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		if w.Code != 413 {
			t.Errorf("an endless body, length %d: %d", length, w.Code)
		}
	}
	if n := s.value(`wassist_sync_refused_total{at="hook",reason="too-large"}`); n != 3 {
		t.Errorf("%v are counted, want 3", n)
	}
}

// endless is a body without end.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	if e.read += len(p); e.read > 64<<20 {
		return 0, fmt.Errorf("%d bytes were read", e.read)
	}
	return copy(p, bytes.Repeat([]byte("x"), len(p))), nil
}

func TestHookReplay(t *testing.T) {
	s := serving(t, []TargetState{shop()}, nil)
	other := pushBody + " "
	for i, tt := range []struct {
		body    string
		headers []string
		code    int
	}{
		{pushBody, signed(pushBody), 202},
		{pushBody, signed(pushBody), 409},
		// The id is not signed: another one makes no other delivery.
		{pushBody, with(signed(pushBody), "X-GitHub-Delivery", "d-2"), 409},
		{pushBody, with(signed(pushBody), "X-GitHub-Delivery", ""), 409},
		{other, signed(other), 409},
		{other, with(signed(other), "X-GitHub-Delivery", "d-3"), 202},
	} {
		if w := s.ask("POST", "/hooks/github", tt.body, tt.headers...); w.Code != tt.code {
			t.Errorf("delivery %d: %d %q, want %d", i+1, w.Code, w.Body, tt.code)
		}
	}
	if s.wasAsked() != "hook shop, hook shop" {
		t.Errorf("asked %q", s.wasAsked())
	}
	if n := s.value(`wassist_sync_refused_total{at="hook",reason="replayed"}`); n != 4 {
		t.Errorf("%v are counted, want 4", n)
	}
	s.now = s.now.Add(rememberFor)
	if w := s.ask("POST", "/hooks/github", pushBody, signed(pushBody)...); w.Code != 202 {
		t.Errorf("a day later: %d", w.Code)
	}
}

// What is remembered of deliveries does not grow without end.
func TestHookMemory(t *testing.T) {
	var d deliveries
	for i := range 3 * rememberMost {
		if !d.first(noon, fmt.Sprint("signature ", i), fmt.Sprint("id ", i)) {
			t.Fatalf("%d came before", i)
		}
	}
	if len(d.order) != rememberMost || len(d.known) != 2*rememberMost {
		t.Errorf("%d deliveries, %d keys are remembered", len(d.order), len(d.known))
	}
	if d.first(noon, fmt.Sprint("signature ", 3*rememberMost-1), "new") || !d.first(noon, "signature 0", "id 0") {
		t.Error("the oldest ones are to be forgotten, and the newest not")
	}
	if d.first(noon.Add(rememberFor), "", ""); len(d.order) != 1 {
		t.Errorf("after a day, %d are remembered", len(d.order))
	}
}

// More deliveries at once than are read are told to come later.
func TestHooksAtOnce(t *testing.T) {
	s := serving(t, []TargetState{shop()}, func(o *HTTPOptions) {
		o.limits = usualLimits
		o.limits.hooksAtOnce = 1
	})
	begun, end := make(chan struct{}), make(chan struct{})
	first := make(chan int)
	go func() {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/hooks/github", readerFunc(func([]byte) (int, error) {
			close(begun)
			<-end
			return 0, io.EOF
		}))
		r.ContentLength = -1
		r.Header.Set("X-Hub-Signature-256", "sha256=00")
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		first <- w.Code
	}()
	<-begun
	w := s.ask("POST", "/hooks/github", pushBody, signed(pushBody)...)
	close(end)
	if w.Code != 503 || w.Header().Get("Retry-After") == "" || s.wasAsked() != "" {
		t.Errorf("%d %q", w.Code, w.Body)
	}
	if code := <-first; code != 401 {
		t.Errorf("the first: %d", code)
	}
	if w := s.ask("POST", "/hooks/github", pushBody, signed(pushBody)...); w.Code != 202 {
		t.Errorf("afterwards: %d", w.Code)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// A process that is about to stop does not say that it will run.
func TestHookAtTheEnd(t *testing.T) {
	s := serving(t, []TargetState{shop()}, nil)
	s.refuse = true
	if w := s.ask("POST", "/hooks/github", pushBody, signed(pushBody)...); w.Code != 503 {
		t.Errorf("%d %q", w.Code, w.Body)
	}
}

func TestWatches(t *testing.T) {
	var p push
	if err := json.Unmarshal([]byte(pushBody), &p); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		repository, ref string
		want            bool
	}{
		{"https://github.com/harbour/agents.git", "main", true},
		{"https://github.com/harbour/agents", "main", true},
		{"https://github.com/Harbour/Agents/", "main", true},
		{"https://user@GitHub.com:443/harbour/agents.git", "refs/heads/main", true},
		{"git@github.com:harbour/agents.git", "main", true},
		{"ssh://git@github.com/harbour/agents.git", "main", true},
		{"github.com:harbour/agents", "main", true},
		{"https://github.com/harbour/agents.git", "", true}, // the default branch
		{"https://github.com/harbour/agents.git", "HEAD", true},
		{"https://github.com/harbour/agents.git", "heads/main", false},
		{"https://github.com/harbour/agents.git", "refs/tags/main", false},
		{"https://github.com/harbour/agents.git", "mai", false},
		{"https://github.com/harbour/agents2.git", "main", false},
		{"https://github.example.com/harbour/agents.git", "main", false},
		{"https://github.com/", "main", false},
		{"https://github.com/.git", "main", false},
		{"/srv/git/harbour/agents.git", "main", false},
		{"file:///srv/git/agents.git", "main", false},
		{"", "main", false},
	} {
		if got := watches(&TargetState{Repository: tt.repository, Ref: tt.ref}, &p); got != tt.want {
			t.Errorf("%s at %q: %v, want %v", tt.repository, tt.ref, got, tt.want)
		}
	}
	p.Ref = "refs/tags/v1"
	if !watches(&TargetState{Repository: p.Repository.SSHURL, Ref: "v1"}, &p) || watches(&TargetState{Repository: p.Repository.SSHURL}, &p) {
		t.Error("a tag is watched by its name only")
	}
	if watches(&TargetState{}, &push{Ref: "refs/heads/"}) {
		t.Error("nothing watches nothing")
	}
}

// Whatever a body is: without its signature it does nothing, and with it a run is
// asked for only if it names the repository and the ref.
func FuzzHookBody(f *testing.F) {
	for _, body := range []string{
		pushBody, `{"ref":"refs/heads/main","repository":{"clone_url":"git@github.com:harbour/agents"}}`,
		`{"ref":"main","repository":{"default_branch":"main","clone_url":"https://github.com/harbour/agents.git"}}`, `{}`, `[]`, `null`, `{"ref":1}`, "\xff", "",
		`{"ref":"refs/heads/main","repository":{"ssh_url":"ssh://[::1%25x]/a","clone_url":":","git_url":"a@:b"}}`,
	} {
		f.Add([]byte(body), "push", "sha256=00", "d")
	}
	f.Fuzz(func(t *testing.T, body []byte, event, forged, id string) {
		s := serving(t, []TargetState{shop()}, nil)
		right := signature(hookSecret, string(body))
		for _, given := range []string{forged, right} {
			w := s.ask("POST", "/hooks/github", string(body), "X-Hub-Signature-256", given, "X-GitHub-Event", event, "X-GitHub-Delivery", id, "Content-Type", "application/json")
			asked := s.wasAsked()
			var p struct {
				Ref        string
				Repository map[string]any
			}
			switch {
			case w.Code >= 500 || w.Code < 200:
				t.Errorf("%d %q", w.Code, w.Body)
			case asked == "":
			case given != right:
				t.Errorf("asked %q with the signature %q", asked, given)
			case asked != "hook shop" || event != "push" || json.Unmarshal(body, &p) != nil || p.Ref != "refs/heads/main":
				t.Errorf("asked %q for %q %q", asked, event, body)
			case !strings.Contains(strings.ToLower(fmt.Sprint(p.Repository)), "harbour/agents"):
				t.Errorf("asked for another repository: %q", body)
			}
			if strings.EqualFold(given, right) {
				return
			}
		}
	})
}
