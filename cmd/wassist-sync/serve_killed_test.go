package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var wall = flag.Duration("wall", 20*time.Second, "how long TestServeKilled kills")

// killed is a serve that is killed again and again, a real git http-backend that
// it fetches from, and a simulator in a process of its own.
type killed struct {
	*testing.T
	random *rand.Rand
	work   string // a work tree that is pushed from
	repo   string // the URL to fetch from
	api    string
	cache  string
	agents map[string]string // prompts, as Git says
	named  int
}

func (k *killed) git(args ...string) {
	k.Helper()
	cmd := exec.CommandContext(k.Context(), "git", append([]string{"-C", k.work, "-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull)
	if out, err := cmd.CombinedOutput(); err != nil {
		k.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// program is one of ours, as a process of its own.
func (k *killed) program(stderr io.Writer, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(k.Context(), "wassist-sync", args...)
	cmd.Env = append(os.Environ(), "WASSIST_API_KEY=key", "WASSIST_API_URL="+k.api)
	cmd.Stderr = stderr
	return cmd
}

func (k *killed) serve(stderr io.Writer, more ...string) *exec.Cmd {
	return k.program(stderr, append([]string{"serve", "--repo", k.repo, "--ref", "main", "--git-cache", k.cache, "--rate", "100000/1m", "--max-deletes", "100%", "--schedule", "@every 1s", "--listen", "off"}, more...)...)
}

// call speaks to the simulator as somebody else does.
func (k *killed) call(method, path string, body any) map[string]any {
	k.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		k.Fatal(err)
	}
	r, err := http.NewRequestWithContext(k.Context(), method, k.api+path, bytes.NewReader(b))
	if err != nil {
		k.Fatal(err)
	}
	r.Header.Set("X-API-Key", "somebody")
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		k.Fatal(err)
	}
	defer answer.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(answer.Body).Decode(&out); err != nil || answer.StatusCode >= 300 && answer.StatusCode != http.StatusNotFound {
		k.Fatalf("%s %s: %s %v", method, path, answer.Status, err)
	}
	return out
}

// stored lists the agents on the simulator.
func (k *killed) stored() []map[string]any {
	k.Helper()
	list, _ := k.call(http.MethodGet, "agents/?limit=100", nil)["results"].([]any)
	var out []map[string]any
	for _, a := range list {
		agent, _ := a.(map[string]any)
		out = append(out, agent)
	}
	return out
}

// change makes a commit: a prompt, and now and then an agent that comes, goes or
// is renamed.
func (k *killed) change() {
	k.Helper()
	var name string
	for name = range k.agents { // any
		break
	}
	dice := k.random.IntN(10)
	if dice != 1 && !k.settled(name) {
		dice = 9
	}
	switch {
	case dice == 0 && len(k.agents) > 4:
		delete(k.agents, name)
	case dice == 1 && len(k.agents) < 9:
		k.agents[fmt.Sprintf("Agent %d", k.named)] = "new"
		k.named++
	case dice == 2:
		k.agents[fmt.Sprintf("Agent %d", k.named)] = k.agents[name]
		delete(k.agents, name)
		k.named++
	default:
		k.agents[name] = fmt.Sprintf("prompt %d", k.random.Int())
	}
	k.commit()
}

// settled tells whether an agent was made some seconds ago. Git counts in seconds:
// of a definition that leaves in the second in which its agent came, nothing can
// be proven.
func (k *killed) settled(name string) bool {
	for _, a := range k.stored() {
		text, _ := a["createdAt"].(string)
		made, err := time.Parse(time.RFC3339, text)
		if a["name"] == name {
			return err == nil && time.Since(made) > 2*time.Second
		}
	}
	return false
}

func (k *killed) commit() {
	k.Helper()
	folder := filepath.Join(k.work, "agents")
	if err := os.RemoveAll(folder); err != nil {
		k.Fatal(err)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		k.Fatal(err)
	}
	for name, prompt := range k.agents {
		text := "name: " + name + "\nsystemPrompt: " + prompt + "\nfirstMessage: Hello from " + name + "\n"
		if err := os.WriteFile(filepath.Join(folder, strings.ReplaceAll(name, " ", "-")+".yaml"), []byte(text), 0o600); err != nil {
			k.Fatal(err)
		}
	}
	k.git("add", "-A")
	k.git("commit", "-q", "--allow-empty", "-m", "next")
	k.git("push", "-q", "origin", "main")
}

// edit changes an agent that may be gone by then.
func (k *killed) edit() {
	k.Helper()
	stored := k.stored()
	if len(stored) == 0 {
		return
	}
	a := stored[k.random.IntN(len(stored))]
	if name, _ := a["name"].(string); !strings.HasPrefix(name, "Foreign") {
		k.call(http.MethodPatch, "agents/"+a["id"].(string)+"/", map[string]any{"systemPrompt": "edited"})
	}
}

// start serves the repository and the simulator.
func (k *killed) start() {
	k.Helper()
	git, err := exec.LookPath("git")
	if err != nil {
		k.Skip("no git")
	}
	root := k.TempDir()
	k.work, k.cache = filepath.Join(root, "work"), filepath.Join(root, "cache")
	if err := os.Mkdir(k.work, 0o700); err != nil {
		k.Fatal(err)
	}
	k.git("init", "-q", "-b", "main")
	k.git("init", "-q", "--bare", "-b", "main", filepath.Join(root, "origin.git"))
	k.git("remote", "add", "origin", filepath.Join(root, "origin.git"))
	web := httptest.NewServer(&cgi.Handler{Path: git, Args: []string{"http-backend"}, Stderr: io.Discard, Env: []string{
		"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*",
	}})
	k.Cleanup(web.Close)
	k.repo = web.URL + "/origin.git"
	simulate := k.program(nil, "simulate", "--addr", "127.0.0.1:0", "--rate", "100000/1m", "--state", filepath.Join(root, "state.json"))
	out, err := simulate.StdoutPipe()
	if err != nil {
		k.Fatal(err)
	}
	if err := simulate.Start(); err != nil {
		k.Fatal(err)
	}
	k.Cleanup(func() {
		_ = simulate.Process.Kill()
		_ = simulate.Wait()
	})
	said := make([]byte, 4096)
	n, err := io.ReadAtLeast(out, said, 60)
	if err != nil {
		k.Fatal(err)
	}
	k.api = regexp.MustCompile(`http://\S+`).FindString(string(said[:n]))
}

// However often serve is killed, wherever it is just then, Wassist ends as Git
// says: nothing twice, nothing lost, nothing foreign touched.
func TestServeKilled(t *testing.T) {
	length := *wall
	if testing.Short() {
		length = min(length, 5*time.Second)
	}
	k := &killed{T: t, random: rand.New(rand.NewPCG(3, uint64(length))), agents: map[string]string{}}
	k.start()
	foreign := map[string]map[string]any{}
	for i := range 3 {
		name := fmt.Sprintf("Foreign %d", i)
		k.call(http.MethodPost, "agents/", map[string]any{"name": name})
	}
	for _, a := range k.stored() {
		foreign[a["name"].(string)] = a
	}
	for ; k.named < 6; k.named++ {
		k.agents[fmt.Sprintf("Agent %d", k.named)] = "first"
	}
	k.commit()
	kills, commits, edits := 0, 0, 0
	for start := time.Now(); time.Since(start) < length; kills++ {
		ctx, stop := context.WithCancel(t.Context())
		cmd := k.serve(nil)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(time.Duration(50+k.random.IntN(3000))*time.Millisecond, stop)
		for ctx.Err() == nil {
			if k.random.IntN(2) == 0 {
				k.change()
				commits++
			} else {
				k.edit()
				edits++
			}
			select {
			case <-ctx.Done():
			case <-time.After(time.Duration(k.random.IntN(1000)) * time.Millisecond):
			}
		}
		timer.Stop()
		stop()
		_ = cmd.Process.Kill() // SIGKILL
		_ = cmd.Wait()
	}
	for name := range maps.Clone(k.agents) {
		k.agents[name] = "last"
	}
	k.commit()
	var stderr bytes.Buffer
	for range 2 { // the second finds nothing to do
		stderr.Reset()
		if err := k.serve(&stderr, "--once").Run(); err != nil {
			t.Fatalf("the round at the end: %v\n%s", err, stderr.String())
		}
	}
	if !strings.Contains(stderr.String(), "run in-sync") {
		t.Errorf("one round does not bring everything in line: %s", stderr.String())
	}
	got := map[string]string{}
	for _, a := range k.stored() {
		name, _ := a["name"].(string)
		if theirs := foreign[name]; theirs != nil {
			if d := cmp.Diff(theirs, a); d != "" {
				t.Errorf("%s was touched (-want +got):\n%s", name, d)
			}
			delete(foreign, name)
			continue
		}
		if _, twice := got[name]; twice {
			t.Errorf("%s is there twice", name)
		}
		got[name], _ = a["systemPrompt"].(string)
	}
	if d := cmp.Diff(k.agents, got); d != "" {
		t.Errorf("Wassist is not as Git says (-want +got):\n%s", d)
	}
	if len(foreign) > 0 {
		t.Errorf("gone, and not ours: %v", foreign)
	}
	t.Logf("%v: killed %d times, %d commits, %d edits", length, kills, commits, edits)
}
