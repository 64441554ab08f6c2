package serve

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// longestRun is how long a run may take before the process counts as stuck. A
// thousand agents are created in less than an hour under the limit.
const longestRun = 24 * time.Hour

// lateness is how much later than due a run may begin. A clock that jumps ahead makes
// a run late, and those who wait for it look at the clock each minute.
const lateness = 5 * time.Minute

// stuck says what does not turn any more; it is empty when all does.
func stuck(states []TargetState, now time.Time) string {
	for i := range states {
		s := &states[i]
		switch {
		case !s.Running.IsZero() && now.Sub(s.Running) > longestRun:
			return fmt.Sprintf("%s: a run has been under way for %s", plain(s.Name), span(now.Sub(s.Running)))
		case s.Running.IsZero() && !s.Next.IsZero() && now.Sub(s.Next) > lateness:
			return fmt.Sprintf("%s: a run was due %s ago and did not begin", plain(s.Name), span(now.Sub(s.Next)))
		}
	}
	return ""
}

// readiness is the JSON form of /readyz.
type readiness struct {
	Ready bool `json:"ready"`
	// Why is said when it is not a target's doing.
	Why     string            `json:"why,omitempty"`
	Targets []targetReadiness `json:"targets"`
}

type targetReadiness struct {
	Name  string `json:"name"`
	Ready bool   `json:"ready"`
	// Why is empty when the target is ready.
	Why      string     `json:"why,omitempty"`
	LastGood *time.Time `json:"lastGood"`
}

// ready tells for each target whether it is as it should be. A process without
// targets is not ready for anything.
func ready(states []TargetState, now time.Time) readiness {
	all := readiness{Ready: len(states) > 0, Targets: []targetReadiness{}}
	if !all.Ready {
		all.Why = "there are no targets"
	}
	for i := range states {
		s := &states[i]
		t := targetReadiness{Name: plain(s.Name), Ready: s.Ready(now)}
		if s.LastGood != nil {
			ended := s.LastGood.Ended
			t.LastGood = &ended
		}
		if !t.Ready {
			all.Ready = false
			t.Why = notReady(s, now)
		}
		all.Targets = append(all.Targets, t)
	}
	return all
}

// notReady says why a target is not ready, in one line.
func notReady(s *TargetState, now time.Time) string {
	why := "no run has ended well yet"
	if s.LastGood != nil {
		why = fmt.Sprintf("the last good run ended %s ago", span(now.Sub(s.LastGood.Ended)))
	}
	if len(s.Runs) == 0 {
		if s.Running.IsZero() {
			return why + "; the first one has not begun"
		}
		return why + "; the first one is under way"
	}
	last := &s.Runs[0]
	why += "; the last one: " + outcomeWords(last.Outcome)
	if problem, _, _ := strings.Cut(strings.TrimSpace(last.Problem), "\n"); problem != "" {
		why += ": " + clip(plain(problem), 300)
	}
	return why
}

func (s *site) healthz(w http.ResponseWriter, r *http.Request) {
	states, ok := s.pulse.states(r.Context())
	why := noAnswer
	if ok {
		why = stuck(states, s.Now())
	}
	if wantsJSON(r) {
		answerJSON(w, why == "", struct {
			Healthy bool   `json:"healthy"`
			Why     string `json:"why,omitempty"`
		}{why == "", why})
		return
	}
	answer(w, status(why == ""), cmp.Or(why, "healthy"))
}

func (s *site) readyz(w http.ResponseWriter, r *http.Request) {
	states, ok := s.pulse.states(r.Context())
	all := readiness{Why: noAnswer, Targets: []targetReadiness{}}
	if ok {
		all = ready(states, s.Now())
	}
	if wantsJSON(r) {
		answerJSON(w, all.Ready, all)
		return
	}
	answer(w, status(all.Ready), all.text())
}

// text says it in a line, and in one more for each target that is not ready.
func (r *readiness) text() string {
	if r.Ready {
		return "ready"
	}
	var b strings.Builder
	b.WriteString("not ready")
	if r.Why != "" {
		b.WriteString(": " + r.Why)
	}
	for _, t := range r.Targets {
		if !t.Ready {
			fmt.Fprintf(&b, "\n%s: %s", t.Name, t.Why)
		}
	}
	return b.String()
}

func status(good bool) int {
	if good {
		return http.StatusOK
	}
	return http.StatusServiceUnavailable
}

// wantsJSON tells whether the caller asks for JSON by name.
func wantsJSON(r *http.Request) bool {
	return strings.Contains(strings.Join(r.Header.Values("Accept"), ","), "application/json")
}

// answer answers in plain text.
func answer(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	fmt.Fprintln(w, text)
}

func answerJSON(w http.ResponseWriter, good bool, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status(good))
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(v) // the caller has gone
}
