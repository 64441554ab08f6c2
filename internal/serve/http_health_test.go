package serve

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestReadyz(t *testing.T) {
	starting := shop()
	starting.Runs, starting.LastGood = nil, nil
	running := starting
	running.Running = noon
	recent := failing()
	recent.LastGood.Ended = noon.Add(-40 * time.Minute)
	for _, tt := range []struct {
		name   string
		states []TargetState
		code   int
		want   []string
	}{
		{"well", []TargetState{shop()}, 200, []string{"ready\n"}},
		{"one of two", []TargetState{shop(), failing()}, 503, []string{"not ready\ndesk: the last good run ended 5 h ago; the last one: failed: the remote does not answer\n"}},
		{"failed, but not for long", []TargetState{recent}, 200, []string{"ready\n"}},
		{"starting", []TargetState{starting}, 503, []string{"shop: no run has ended well yet; the first one has not begun\n"}},
		{"the first run", []TargetState{running}, 503, []string{"the first one is under way"}},
		{"none", nil, 503, []string{"not ready: there are no targets\n"}},
	} {
		s := serving(t, tt.states, nil)
		w := s.ask("GET", "/readyz", "")
		for _, want := range tt.want {
			if w.Code != tt.code || !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s: %d %q, want %d %q", tt.name, w.Code, w.Body, tt.code, want)
			}
		}
		w = s.ask("GET", "/readyz", "", "Accept", "text/html, application/json;q=0.9")
		var got struct {
			Ready   *bool
			Targets []struct {
				Name, Why string
				Ready     bool
				LastGood  *time.Time
			}
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != tt.code || got.Ready == nil || *got.Ready != (tt.code == 200) {
			t.Errorf("%s: %v, %d %s", tt.name, err, w.Code, w.Body)
		}
		for _, target := range got.Targets {
			if target.Ready != (target.Why == "") {
				t.Errorf("%s: %+v", tt.name, target)
			}
		}
		if len(got.Targets) != len(tt.states) {
			t.Errorf("%s: %d targets in JSON", tt.name, len(got.Targets))
		}
	}
}

func TestHealthz(t *testing.T) {
	at := func(change func(*TargetState)) []TargetState {
		s := shop()
		change(&s)
		return []TargetState{shop(), s}
	}
	for _, tt := range []struct {
		name   string
		states []TargetState
		want   string
	}{
		{"well", at(func(*TargetState) {}), "healthy"},
		{"failing is not unhealthy", []TargetState{failing()}, "healthy"},
		{"a little late", at(func(s *TargetState) { s.Next = noon.Add(-4 * time.Minute) }), "healthy"},
		{"overdue", at(func(s *TargetState) { s.Next = noon.Add(-20 * time.Minute) }), "shop: a run was due 20 min ago and did not begin"},
		{"overdue, because one runs", at(func(s *TargetState) { s.Next, s.Running = noon.Add(-20*time.Minute), noon.Add(-time.Hour) }), "healthy"},
		{"for ever", at(func(s *TargetState) { s.Running = noon.Add(-25 * time.Hour) }), "shop: a run has been under way for 1 d 1 h"},
	} {
		s := serving(t, tt.states, nil)
		code := 200
		if tt.want != "healthy" {
			code = 503
		}
		if w := s.ask("GET", "/healthz", ""); w.Code != code || w.Body.String() != tt.want+"\n" {
			t.Errorf("%s: %d %q", tt.name, w.Code, w.Body)
		}
		w := s.ask("GET", "/healthz", "", "Accept", "application/json")
		var got struct {
			Healthy bool
			Why     string
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != code || got.Healthy != (code == 200) || !got.Healthy && got.Why != tt.want {
			t.Errorf("%s: %v, %d %s", tt.name, err, w.Code, w.Body)
		}
	}
}

// A core that is caught somewhere cannot catch those who ask, and it is asked once
// and not for each of them.
func TestCoreThatDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serving(t, []TargetState{shop()}, nil)
		s.block = make(chan struct{})
		for _, path := range []string{"/healthz", "/readyz", "/"} {
			if w := s.ask("GET", path, ""); w.Code != 503 || !strings.Contains(w.Body.String(), "the targets do not answer") {
				t.Errorf("%s: %d %q", path, w.Code, w.Body)
			}
		}
		if w := s.ask("GET", "/metrics", ""); w.Code != 200 || strings.Contains(w.Body.String(), "target_ready{") || !strings.Contains(w.Body.String(), "build_info") {
			t.Errorf("/metrics: %d", w.Code)
		}
		if w := s.ask("POST", "/hooks/github", pushBody, signed(pushBody)...); w.Code != 503 {
			t.Errorf("a hook: %d %s", w.Code, w.Body)
		}
		close(s.block)
		synctest.Wait() // nothing is left hanging: synctest fails otherwise
		if w := s.ask("GET", "/healthz", ""); w.Code != 200 {
			t.Errorf("afterwards: %d %q", w.Code, w.Body)
		}
	})
}
