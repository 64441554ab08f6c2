package github_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/internal/github"
)

// readRun reads a run of these variables and this event.
func readRun(t *testing.T, event string, variables ...string) (*github.Run, error) {
	t.Helper()
	env := map[string]string{}
	if event != "" {
		file := filepath.Join(t.TempDir(), "event.json")
		if err := os.WriteFile(file, []byte(event), 0o600); err != nil {
			t.Fatal(err)
		}
		env["GITHUB_EVENT_PATH"] = file
	}
	for _, v := range variables {
		name, value, _ := strings.Cut(v, "=")
		env["GITHUB_"+name] = value
	}
	return github.ReadRun(func(name string) (string, bool) { value, ok := env[name]; return value, ok })
}

func TestReadRun(t *testing.T) {
	a, b := sha("a"), sha("b")
	base := github.Run{ServerURL: "https://github.com", APIURL: "https://api.github.com"}
	with := func(change func(*github.Run)) github.Run { r := base; change(&r); return r }
	for name, tt := range map[string]struct {
		event     string
		variables []string
		want      github.Run
	}{
		"nothing": {"", nil, base},
		"a pull request": {
			`{"number": 7, "pull_request": {"number": 7, "head": {"sha": "` + a + `", "repo": {"full_name": "bakery/agents"}}, "base": {"sha": "` + b + `", "repo": {"full_name": "Bakery/agents"}}}, "more": {"x": [1]}}`,
			[]string{"REPOSITORY=bakery/agents", "EVENT_NAME=pull_request", "SHA=" + a, "REF=refs/pull/7/merge", "RUN_ID=5"},
			with(func(r *github.Run) {
				r.Owner, r.Repo, r.Event, r.SHA, r.ID = "bakery", "agents", "pull_request", a, 5
				r.Pull = &github.Pull{Number: 7, Head: a, Base: b, Merge: true}
			}),
		},
		"a fork": {
			`{"number": 7, "pull_request": {"head": {"repo": {"full_name": "mallory/agents"}}, "base": {"repo": {"full_name": "bakery/agents"}}}}`,
			nil, with(func(r *github.Run) { r.Pull = &github.Pull{Number: 7, Fork: true} }),
		},
		"a fork that is gone": {
			`{"number": 7, "pull_request": {"head": {"repo": null}, "base": {"repo": {"full_name": "bakery/agents"}}}}`,
			nil, with(func(r *github.Run) { r.Pull = &github.Pull{Number: 7, Fork: true} }),
		},
		"a push": {
			`{"before": "` + a + `", "after": "` + b + `"}`, []string{"REF=refs/heads/release/1", "SHA=" + b, "API_URL=http://127.0.0.1:1/api/v3/"},
			with(func(r *github.Run) {
				r.Before, r.Branch, r.SHA, r.APIURL = a, "release/1", b, "http://127.0.0.1:1/api/v3"
			}),
		},
		"a new branch": {`{"before": "` + sha("0") + `"}`, []string{"REF=refs/heads/new"}, with(func(r *github.Run) { r.Branch = "new" })},
		"a tag":        {`{}`, []string{"REF=refs/tags/v1"}, base},
		"hostile":      {`{"before": "$(touch x)", "pull_request": {"head": {"sha": "` + "`x`" + `"}}}`, nil, with(func(r *github.Run) { r.Pull = &github.Pull{Fork: true} })},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := readRun(t, tt.event, tt.variables...)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(&tt.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestReadRunNamesTheVariable(t *testing.T) {
	for want, tt := range map[string]struct{ event, variable string }{
		"GITHUB_REPOSITORY":                       {"", "REPOSITORY=a b/c"},
		"GITHUB_SHA":                              {"", "SHA=main"},
		"GITHUB_RUN_ID":                           {"", "RUN_ID=x"},
		"GITHUB_API_URL is not":                   {"", "API_URL=https://canary@host/"},
		"GITHUB_SERVER_URL is not":                {"", "SERVER_URL=javascript:x"},
		"GITHUB_EVENT_PATH: cannot read":          {"", "EVENT_PATH=/nowhere/event.json"},
		"is not the JSON of an event: unexpected": {"{", "X=y"},
	} {
		_, err := readRun(t, tt.event, tt.variable)
		wantError(t, err, want)
	}
}
