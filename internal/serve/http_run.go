package serve

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
)

// runBytes is how much of a request to run is read: a name and a token.
const runBytes = 8 << 10

// run asks for a run of one target. It is the only thing on the page that changes
// anything, and wants the token: in a header from programs, in the form from people.
func (s *site) run(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		s.refuse(w, "run", &refusal{reasonMethod, http.StatusMethodNotAllowed, "runs are asked for with POST"})
		return
	}
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		s.refuse(w, "run", &refusal{reasonOrigin, http.StatusForbidden, "the request comes from another site's page"})
		return
	}
	token, program := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if program && !s.allowed(token) {
		s.refuseToken(w)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, runBytes)
	if err := r.ParseForm(); err != nil {
		no := unread(err)
		if no.reason == reasonTooLarge {
			no.text = "the request is larger than what is read"
		}
		s.refuse(w, "run", no)
		return
	}
	if !program && !s.allowed(r.PostForm.Get("token")) {
		s.refuseToken(w)
		return
	}
	name := r.PostForm.Get("target")
	if program && name == "" {
		name = r.Form.Get("target")
	}
	if !s.watched.Ask(name, TriggerManual) {
		s.refuse(w, "run", &refusal{reasonUnknown, http.StatusNotFound, "there is no such target (name it as ?target=NAME), or the process is about to stop"})
		return
	}
	s.Log.Info("a run was asked for by hand", "target", name)
	if program {
		answer(w, http.StatusAccepted, "a run was asked for")
		return
	}
	// Relative, so that it also leads back where a proxy adds a path.
	w.Header().Set("Location", "./?asked")
	w.WriteHeader(http.StatusSeeOther)
}

// allowed compares a token in a time that tells nothing about it, its length
// included.
func (s *site) allowed(token string) bool {
	given, want := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(s.RunToken))
	return subtle.ConstantTimeCompare(given[:], want[:]) == 1
}

func (s *site) refuseToken(w http.ResponseWriter) {
	w.Header().Set("WWW-Authenticate", `Bearer realm="wassist-sync"`)
	s.refuse(w, "run", &refusal{reasonToken, http.StatusUnauthorized, "the token is missing or wrong"})
}
