package serve

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"strings"

	"wassist-sync/internal/report"
)

//go:embed page.html page.css
var pageFiles embed.FS

var pageTemplate = template.Must(template.ParseFS(pageFiles, "page.html"))

// pageStyle is the style sheet of the page: that of plans, and what the page adds.
var pageStyle = func() template.CSS {
	css, err := pageFiles.ReadFile("page.css")
	if err != nil {
		panic(err) // it was there when the program was built
	}
	return report.Stylesheet() + template.CSS(css) //nolint:gosec // our own file, built in
}()

// pagePolicy lets the page have its own style sheet and send its own form, and
// nothing else.
var pagePolicy = func() string {
	sum := sha256.Sum256([]byte(pageStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}()

// refreshEvery is how often, in seconds, a page that was asked to renews itself.
// Nobody gets that unasked: it would fold what was unfolded while it is read.
const refreshEvery = "60"

func (s *site) page(w http.ResponseWriter, r *http.Request) {
	if !meant(r) {
		s.refuse(w, "page", &refusal{reasonHost, http.StatusForbidden, "the page is asked for by a name that is not this machine's. Open it as localhost, or have your proxy send localhost as the Host"})
		return
	}
	states, ok := s.pulse.states(r.Context())
	if !ok {
		answer(w, http.StatusServiceUnavailable, noAnswer)
		return
	}
	view := s.view(states)
	query := r.URL.Query()
	view.Asked = s.RunToken != "" && query.Has("asked")
	if query.Get("refresh") == refreshEvery {
		view.Refreshing = true
		w.Header().Set("Refresh", refreshEvery)
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, view); err != nil {
		s.Log.Error("the page cannot be made", "error", err)
		answer(w, http.StatusInternalServerError, "the page cannot be made; the log says why")
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes()) // the caller has gone
}

// slug makes the beginning of ids of a target's name and place: names may hold what
// an id must not, and two may become one.
func slug(prefix, name string) string {
	id := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '-'
	}, name)
	return prefix + "-" + id[:min(len(id), 40)] // ASCII by now
}
