package serve

import (
	"net/url"
	"strings"
	"testing"
)

func TestRunNow(t *testing.T) {
	form := func(pairs ...string) string {
		v := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v.Encode()
	}
	typed := []string{"Content-Type", "application/x-www-form-urlencoded"}
	bearer := []string{"Authorization", "Bearer " + runToken}
	for _, tt := range []struct {
		name, path, body string
		headers          []string
		code             int
		reason, asked    string
	}{
		{"the form", "/run", form("target", "shop", "token", runToken), typed, 303, "", "manual shop"},
		{"a program", "/run?target=shop", "", bearer, 202, "", "manual shop"},
		{"a program with a form", "/run", form("target", "shop"), append(bearer, typed...), 202, "", "manual shop"},
		{"no token", "/run", form("target", "shop"), typed, 401, "token", ""},
		{"an empty token", "/run", form("target", "shop", "token", ""), typed, 401, "token", ""},
		{"a wrong token", "/run", form("target", "shop", "token", runToken+"x"), typed, 401, "token", ""},
		{"its beginning", "/run", form("target", "shop", "token", runToken[:5]), typed, 401, "token", ""},
		{"a wrong bearer", "/run?target=shop", form("token", runToken), append(typed, "Authorization", "Bearer x"), 401, "token", ""},
		{"the token in the address", "/run?target=shop&token=" + runToken, "", typed, 401, "token", ""},
		{"no target", "/run", form("token", runToken), typed, 404, "unknown", ""},
		{"another target", "/run", form("token", runToken, "target", "nobody"), typed, 404, "unknown", ""},
		{"from another site", "/run", form("target", "shop", "token", runToken), append(typed, "Sec-Fetch-Site", "cross-site"), 403, "origin", ""},
		{"from another origin", "/run", form("target", "shop", "token", runToken), append(typed, "Origin", "https://evil.example"), 403, "origin", ""},
		{"from here", "/run", form("target", "shop", "token", runToken), append(typed, "Sec-Fetch-Site", "same-origin"), 303, "", "manual shop"},
		{"large", "/run", form("target", "shop", "token", strings.Repeat("x", runBytes)), typed, 413, "too-large", ""},
		{"malformed", "/run", "token=%zz", typed, 400, "malformed", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serving(t, []TargetState{shop(), failing()}, nil)
			w := s.ask("POST", tt.path, tt.body, tt.headers...)
			if w.Code != tt.code || s.wasAsked() != tt.asked {
				t.Errorf("%d %q, asked %q; want %d, %q", w.Code, w.Body, s.wasAsked(), tt.code, tt.asked)
			}
			if w.Code == 303 && w.Header().Get("Location") != "./?asked" {
				t.Errorf("leads to %q", w.Header().Get("Location"))
			}
			want := 0.0
			if tt.reason != "" {
				want = 1
				if n := s.value(`wassist_sync_refused_total{at="run",reason="` + tt.reason + `"}`); n != 1 {
					t.Errorf("%s is %v", tt.reason, n)
				}
			}
			if n := s.sum("wassist_sync_refused_total"); n != want {
				t.Errorf("%v refusals are counted, want %v", n, want)
			}
			if strings.Contains(w.Body.String(), runToken) || strings.Contains(s.log.String(), runToken) {
				t.Error("the token is told")
			}
		})
	}
}
