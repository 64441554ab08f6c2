package githubtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// control is what a script in another process does to the server, below /_fake/.
func (s *Server) control(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.order(strings.TrimPrefix(r.URL.Path, "/_fake/"), r.URL.Query().Get, text); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if s.Changed != nil {
		s.Changed(&s.state)
	}
	if r.URL.Path == "/_fake/requests" {
		answer(w, http.StatusOK, map[string]any{"requests": s.requests, "unexpected": s.unexpected})
		return
	}
	answer(w, http.StatusOK, s.state)
}

func (s *Server) order(verb string, get func(string) string, text []byte) error {
	n, _ := strconv.Atoi(get("number"))
	switch verb {
	case "state":
		if len(text) == 0 {
			return nil
		}
		var state State
		if err := json.Unmarshal(text, &state); err != nil {
			return err
		}
		state.normalize()
		s.state = state
		return nil
	case "requests":
		return nil
	case "push":
		return s.state.Push(get("branch"), string(text))
	case "pull":
		s.state.OpenPull(n, get("base"), get("head"))
		return nil
	case "merge":
		err := s.state.MergePull(n, strings.Fields(string(text))...)
		if err == nil {
			s.state.pull(n).MergedAt = s.Now()
		}
		return err
	case "comment":
		s.state.AddComment(n, Account{Login: get("login"), Type: get("type")}, string(text))
		return nil
	case "deny":
		s.state.Denied = strings.Split(strings.TrimSpace(string(text)), "\n")
		return nil
	case "run":
		run := Run{Created: time.Now(), Updated: time.Now()}
		if err := json.Unmarshal(text, &run); err != nil {
			return err
		}
		s.state.SetRun(run)
		return nil
	case "fault":
		f := &Fault{}
		if err := json.Unmarshal(text, f); err != nil {
			return err
		}
		s.faults = append(s.faults, f)
		return nil
	case "heal":
		s.faults = nil
		return nil
	}
	return fmt.Errorf("%w: %s", errOrder, verb)
}

var errOrder = errors.New("there is no such order")
