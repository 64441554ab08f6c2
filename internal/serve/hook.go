package serve

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"os"
	"strings"
)

// GitHub announces a push with a POST that it signs: X-Hub-Signature-256 is the
// HMAC of the body under a secret that only the two know. The headers are not
// signed; nothing is decided by them but what a stranger could not gain from.
// What is believed of a body is which targets to look at: a run reads the rest from
// the remote.

// push is what is read of a delivery.
type push struct {
	Ref        string `json:"ref"`
	Repository struct {
		CloneURL      string `json:"clone_url"`
		HTMLURL       string `json:"html_url"`
		SSHURL        string `json:"ssh_url"`
		GitURL        string `json:"git_url"`
		DefaultBranch string `json:"default_branch"`
	} `json:"repository"`
}

// refusal is why a request is not done, and what its sender is told.
type refusal struct {
	reason string
	code   int
	text   string
}

func (s *site) githubHook(w http.ResponseWriter, r *http.Request) {
	select {
	case s.hooks <- struct{}{}:
		defer func() { <-s.hooks }()
	default:
		w.Header().Set("Retry-After", "10")
		s.refuse(w, "hook", &refusal{reasonBusy, http.StatusServiceUnavailable, "too many deliveries at once; the schedule will find this push"})
		return
	}
	body, signature, no := s.signed(w, r)
	if no != nil {
		s.refuse(w, "hook", no)
		return
	}
	event := r.Header.Get("X-GitHub-Event")
	if event == hookPing {
		s.Metrics.hook(hookPing)
		answer(w, http.StatusOK, "the secret is right; pushes will start runs")
		return
	}
	if event != "push" {
		s.ignore(w, "not a push")
		return
	}
	var p push
	if err := json.Unmarshal(body, &p); err != nil || p.Ref == "" {
		s.refuse(w, "hook", &refusal{reasonMalformed, http.StatusBadRequest, "the body is not a push"})
		return
	}
	names, ok := s.pushed(r, &p)
	if !ok {
		s.refuse(w, "hook", &refusal{reasonBusy, http.StatusServiceUnavailable, noAnswer})
		return
	}
	if len(names) == 0 {
		s.ignore(w, "no target watches this repository and ref")
		return
	}
	if !s.seen.first(s.Now(), signature, r.Header.Get("X-GitHub-Delivery")) {
		s.refuse(w, "hook", &refusal{reasonReplayed, http.StatusConflict, "this delivery came before"})
		return
	}
	asked := false
	for _, name := range names {
		asked = s.watched.Ask(name, TriggerHook) || asked
	}
	if !asked {
		s.refuse(w, "hook", &refusal{reasonBusy, http.StatusServiceUnavailable, "about to stop"})
		return
	}
	s.Metrics.hook(hookTriggered)
	answer(w, http.StatusAccepted, "a run was asked for")
}

// signed reads a delivery's body, bounded, and proves who sent it. The signature
// identifies the body.
func (s *site) signed(w http.ResponseWriter, r *http.Request) (body []byte, signature string, no *refusal) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return nil, "", &refusal{reasonMethod, http.StatusMethodNotAllowed, "deliveries are POSTed"}
	}
	given := r.Header.Get("X-Hub-Signature-256")
	if given == "" {
		return nil, "", &refusal{reasonUnsigned, http.StatusUnauthorized, "the delivery has no X-Hub-Signature-256; give the webhook its secret"}
	}
	if r.ContentLength > s.limits.hookBytes {
		// Read nothing of it: the connection ends with the answer.
		w.Header().Set("Connection", "close")
		return nil, "", tooLarge()
	}
	var b bytes.Buffer
	b.Grow(int(max(0, r.ContentLength)) + bytes.MinRead)
	if _, err := io.Copy(&b, http.MaxBytesReader(w, r.Body, s.limits.hookBytes)); err != nil {
		return nil, "", unread(err)
	}
	mac := hmac.New(sha256.New, []byte(s.HookSecret))
	mac.Write(b.Bytes())
	want := "sha256=" + hex.EncodeToString(mac.Sum(nil))
	if !hmac.Equal([]byte(strings.ToLower(given)), []byte(want)) {
		return nil, "", &refusal{reasonSignature, http.StatusUnauthorized, "the signature is wrong; the webhook has another secret"}
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return nil, "", &refusal{reasonContentType, http.StatusUnsupportedMediaType, "set the webhook's content type to application/json"}
	}
	return b.Bytes(), want, nil
}

func tooLarge() *refusal {
	return &refusal{reasonTooLarge, http.StatusRequestEntityTooLarge, "the body is larger than what is read; the schedule will find this push"}
}

// unread says why a body could not be read to its end.
func unread(err error) *refusal {
	var large *http.MaxBytesError
	var net net.Error
	switch {
	case errors.As(err, &large):
		return tooLarge()
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &net) && net.Timeout():
		return &refusal{reasonTooSlow, http.StatusRequestTimeout, "the body did not come in time"}
	}
	return &refusal{reasonMalformed, http.StatusBadRequest, "the body did not come whole"}
}

// pushed are the targets that watch what was pushed to.
func (s *site) pushed(r *http.Request, p *push) (names []string, ok bool) {
	states, ok := s.pulse.states(r.Context())
	for i := range states {
		if watches(&states[i], p) {
			names = append(names, states[i].Name)
		}
	}
	return names, ok
}

func (s *site) ignore(w http.ResponseWriter, why string) {
	s.Metrics.hook(hookIgnored)
	answer(w, http.StatusAccepted, "ignored: "+why)
}

// refuse answers a request that is not done, and counts it.
func (s *site) refuse(w http.ResponseWriter, at string, no *refusal) {
	s.Metrics.refused(at, no.reason)
	answer(w, no.code, "refused: "+no.text)
}
