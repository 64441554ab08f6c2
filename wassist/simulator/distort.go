package simulator

import (
	"bytes"
	"net/http"
	"strings"
	"time"
)

// delivery is how an answer leaves.
type delivery int

const (
	whole    delivery = iota
	dropped           // the connection is closed and nothing is sent
	cutShort          // half of the body is sent, then the connection is closed
	hanging           // nothing is sent until the client gives up
)

// instead is what a fault answers in the API's place, if it does.
func (s *Server) instead(f Fault, now time.Time) (answer, delivery, bool) {
	switch f.Kind {
	case DropBefore:
		return answer{}, dropped, true
	case Hang:
		return answer{}, hanging, true
	case Status:
		return f.statusAnswer(), whole, true
	case HTML:
		return page(or(f.Code, http.StatusBadGateway), "502 Bad Gateway", "nginx"), whole, true
	case Redirect:
		a := raw(or(f.Code, http.StatusFound), typeHTML, "")
		a.header.Set("Location", f.target())
		return a, whole, true
	case RateLimit:
		form, wait := f.RetryAfter, f.Wait
		if form == "" {
			form = s.opt.RetryAfter
		}
		if wait == 0 {
			wait = s.opt.RateWindow
		}
		return tooMany(form, wait, now), whole, true
	}
	return answer{}, whole, false
}

// distort is what a fault makes of the API's answer.
func (f *Fault) distort(a answer) (answer, delivery) {
	switch f.Kind {
	case DropAfter:
		return answer{}, dropped
	case HangAfter:
		return answer{}, hanging
	case StatusAfter:
		return f.statusAnswer(), whole
	case TruncateBody:
		if len(a.body) == 0 {
			return answer{}, dropped
		}
		return a, cutShort
	case EmptyBody:
		a.body = nil
	case WrongContentType:
		a.header.Set("Content-Type", "text/plain; charset=utf-8")
	case WrongShape:
		if bytes.HasPrefix(a.body, []byte("[")) {
			a.body = []byte(`{"items":` + string(a.body) + `}`)
		} else if len(a.body) > 0 {
			a.body = []byte(`[` + string(a.body) + `]`)
		}
	}
	return a, whole
}

func (f *Fault) statusAnswer() answer {
	code := or(f.Code, http.StatusInternalServerError)
	if f.Body == "" {
		return reply(code, map[string]any{"error": http.StatusText(code)})
	}
	contentType := typeHTML
	if strings.HasPrefix(f.Body, "{") || strings.HasPrefix(f.Body, "[") {
		contentType = typeJSON
	}
	return raw(code, contentType, f.Body)
}

func (f *Fault) target() string {
	if f.Location == "" {
		return "https://elsewhere.example/api/v1/"
	}
	return f.Location
}

func or(v, fallback int) int {
	if v == 0 {
		return fallback
	}
	return v
}
