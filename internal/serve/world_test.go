package serve_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	gosync "sync"
	"testing"
	"time"

	"wassist-sync/internal/gitsrc"
	"wassist-sync/internal/remote"
	"wassist-sync/internal/serve"
	"wassist-sync/spec"
	"wassist-sync/sync"
	"wassist-sync/wassist"
	"wassist-sync/wassist/simulator"
)

// epoch is where the clock of testing/synctest begins.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// history is a repository whose commits are all made beforehand: what a test
// does is to move the branch, which takes no process and no time.
type history struct {
	t      testing.TB
	folder string
	marks  []string // the commits' hashes
}

// snapshot is a commit: its files, and the commit that it follows (-1: none).
type snapshot struct {
	at     time.Time
	parent int
	files  map[string]string
}

// newHistory makes the commits with one process. main is not there yet.
func newHistory(t testing.TB, snapshots []snapshot) *history {
	t.Helper()
	h := &history{t: t, folder: filepath.Join(t.TempDir(), "origin.git")}
	git := func(stdin string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
		cmd.Stdin = strings.NewReader(stdin)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	git("", "init", "-q", "--bare", "-b", "main", h.folder)
	var in strings.Builder
	for i, s := range snapshots {
		fmt.Fprintf(&in, "commit refs/all/%d\nmark :%d\ncommitter A <a@example.com> %d +0000\ndata 1\n.\n", i, i+1, s.at.Unix())
		if s.parent >= 0 {
			fmt.Fprintf(&in, "from :%d\n", s.parent+1)
		}
		in.WriteString("deleteall\n")
		for name, text := range s.files {
			fmt.Fprintf(&in, "M 100644 inline %s\ndata %d\n%s\n", name, len(text), text)
		}
	}
	marks := filepath.Join(t.TempDir(), "marks")
	git(in.String(), "--git-dir", h.folder, "fast-import", "--quiet", "--export-marks="+marks)
	text, err := os.ReadFile(marks)
	if err != nil {
		t.Fatal(err)
	}
	h.marks = make([]string, len(snapshots))
	for line := range strings.Lines(string(text)) {
		var n int
		var hash string
		if _, err := fmt.Sscanf(line, ":%d %s", &n, &hash); err != nil {
			t.Fatal(err)
		}
		h.marks[n-1] = hash
	}
	// References that the daemon does not ask for would be read all the same.
	for _, name := range []string{"refs/all", "packed-refs"} {
		if err := os.RemoveAll(filepath.Join(h.folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// push moves main to a commit; -1 deletes it.
func (h *history) push(i int) {
	h.t.Helper()
	name := filepath.Join(h.folder, "refs", "heads", "main")
	if i < 0 {
		_ = os.Remove(name)
		return
	}
	if err := os.WriteFile(name, []byte(h.marks[i]+"\n"), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// organization is a simulated Wassist, and the way of targets to it.
type organization struct {
	server  *simulator.Server
	limiter *wassist.Limiter
}

func newOrganization(t testing.TB, o simulator.Options) *organization {
	t.Helper()
	server, err := simulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	limiter, err := wassist.NewLimiter(100, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return &organization{server: server, limiter: limiter}
}

// connect is what Config.Connect does.
func (o *organization) connect(context.Context, *spec.Settings) (*serve.Connection, error) {
	var mu gosync.Mutex
	var traffic serve.Traffic
	client, err := wassist.New("key-canary", wassist.WithHTTPClient(&http.Client{Transport: o.server.RoundTripper()}), wassist.WithBaseURL("http://simulator/api/v1/"), wassist.WithLimiter(o.limiter),
		wassist.WithObserver(func(e wassist.Event) {
			mu.Lock()
			defer mu.Unlock()
			if e.Kind == wassist.EventAttempt {
				traffic.Requests++
			}
		}))
	if err != nil {
		return nil, err
	}
	return &serve.Connection{
		API: remote.New(client), Options: sync.Options{Host: "simulator", Rate: sync.Rate{Limit: 100, Window: time.Minute}},
		Conceal: func(set *spec.Set) { client.AddSecrets(set.Secrets...) },
		Traffic: func() serve.Traffic {
			mu.Lock()
			defer mu.Unlock()
			return traffic
		},
	}, nil
}

// agent finds the one agent of a name.
func (o *organization) agent(t testing.TB, name string) map[string]any {
	t.Helper()
	var found map[string]any
	for _, a := range o.server.Agents() {
		if a["name"] == name {
			if found != nil {
				t.Fatalf("two agents are called %s", name)
			}
			found = a
		}
	}
	if found == nil {
		t.Fatalf("no agent is called %s", name)
	}
	return found
}

// edit changes an agent as somebody does on Wassist.
func (o *organization) edit(t testing.TB, name string, fields map[string]any) {
	t.Helper()
	id, _ := o.agent(t, name)["id"].(string)
	if err := o.server.EditAgent(id, fields); err != nil {
		t.Fatal(err)
	}
}

// config is a target that applies main of a history to an organization.
func config(t testing.TB, name string, h *history, o *organization, cron string) serve.Config {
	t.Helper()
	schedule, err := serve.ParseSchedule(cron, "UTC", 0)
	if err != nil {
		t.Fatal(err)
	}
	address := "file://" + h.folder
	return serve.Config{
		Name: name, Ref: "main", Path: "agents", Mode: serve.ModeApply, Schedule: schedule, URL: address, CacheDir: t.TempDir(),
		Remote:    func() (gitsrc.Remote, error) { return gitsrc.Remote{URL: address}, nil },
		Connect:   o.connect,
		LookupEnv: func(string) (string, bool) { return "", false },
		Withheld:  func(string) bool { return false },
	}
}

// watch collects what a daemon tells.
type watch struct {
	mu      gosync.Mutex
	log     bytes.Buffer
	notices []*serve.Notice
	runs    []serve.Run
	refuse  error // of notices
}

func (w *watch) options() serve.Options {
	return serve.Options{
		Log: slog.New(slog.NewTextHandler(w, nil)),
		Notify: func(_ context.Context, n *serve.Notice) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.refuse != nil {
				return w.refuse
			}
			w.notices = append(w.notices, n)
			return nil
		},
		RunEnded: func(_ string, run *serve.Run, _ *sync.Report) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.runs = append(w.runs, *run)
		},
	}
}

// Write takes the log.
func (w *watch) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(b)
}

var _ io.Writer = (*watch)(nil)

// logged gives the lines of the log so far, and forgets them.
func (w *watch) logged() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := strings.TrimSuffix(w.log.String(), "\n")
	w.log.Reset()
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// told gives the notices so far, and forgets them.
func (w *watch) told() []*serve.Notice {
	w.mu.Lock()
	defer w.mu.Unlock()
	notices := w.notices
	w.notices = nil
	return notices
}

// events gives what the notices so far are about, and forgets them.
func (w *watch) events() []string {
	var out []string
	for _, n := range w.told() {
		out = append(out, string(n.Event))
	}
	return out
}

// ended gives the runs so far, and forgets them.
func (w *watch) ended() []serve.Run {
	w.mu.Lock()
	defer w.mu.Unlock()
	runs := w.runs
	w.runs = nil
	return runs
}

// outcomes are those of runs, with their triggers.
func outcomes(runs []serve.Run) []string {
	var out []string
	for _, r := range runs {
		out = append(out, string(r.Trigger)+" "+string(r.Outcome))
	}
	return out
}

// definition is one file of a definition.
func definition(name, prompt string) string {
	return "name: " + name + "\nsystemPrompt: " + prompt + "\n"
}
