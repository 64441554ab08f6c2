package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wassist-sync/internal/github/githubtest"
	"wassist-sync/wassist/simulator"
)

var onRunner = flag.Bool("runner", false, "run the action for real, on a runner on this machine (needs git, bash and curl, and builds nektos/act)")

// runner is the program that runs workflows as GitHub's runners do.
const runner = "github.com/nektos/act@v0.2.89"

// buildRunner builds it, so that tests side by side do not each begin with that.
var buildRunner = sync.OnceValue(func() error {
	out, err := exec.Command("go", "run", runner, "--version").CombinedOutput()
	if err != nil {
		return fmt.Errorf("build of %s: %w\n%s", runner, err, out)
	}
	return nil
})

// The secrets of these tests. None of them may stand where people look.
const (
	canaryKey   = "canary-key-1f"
	canaryToken = "canary-token-2e"
	canaryOrder = "canary-order-3d"
)

// yard is a user's repository, the GitHub that it is on, and the Wassist that
// its agents are on. Workflows run in it, with the action as it lies here.
type yard struct {
	t       *testing.T
	dir     string
	github  *githubtest.Server
	server  *httptest.Server // GitHub's API, and its releases
	wassist *simulator.Server
	api     string
	gone    atomic.Bool // lists do not stick on Wassist
	runID   int
	log     string // of the last workflow
}

func newYard(t *testing.T) *yard {
	t.Helper()
	if err := buildRunner(); err != nil {
		t.Fatal(err)
	}
	y := &yard{t: t, dir: t.TempDir(), runID: 100}
	for _, dir := range []string{"home", "action", "repo/agents", "repo/.github/workflows"} {
		if err := os.MkdirAll(filepath.Join(y.dir, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	y.github = githubtest.New(githubtest.State{
		Repository: "bakery/agents",
		Tokens:     map[string]githubtest.Account{canaryToken: githubtest.Workflow},
	})
	releases := http.FileServer(http.Dir(filepath.Join(y.dir, "releases")))
	y.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path, release := strings.CutPrefix(r.URL.Path, "/"+publicHome+"/releases/"); {
		case !release:
			y.github.ServeHTTP(w, r)
		case path == "latest":
			http.Redirect(w, r, "/"+publicHome+"/releases/tag/v1.2.3", http.StatusFound)
		default:
			http.StripPrefix("/"+publicHome+"/releases/download/", releases).ServeHTTP(w, r)
		}
	}))
	t.Cleanup(y.server.Close)
	y.simulate()
	y.release("v1.2.3")
	y.snapshot()
	y.stub("setup-go", "go-version-file, cache-dependency-path", `touch "$YARD/built"`)
	y.stub("upload-artifact", "name, path, if-no-files-found, overwrite",
		`mkdir -p "$YARD/$INPUT_NAME"; while read -r f; do if [[ -n $f ]]; then cp "$f" "$YARD/$INPUT_NAME/"; fi; done <<<"$INPUT_PATH"`)
	y.git("init", "--quiet", "--initial-branch", "main")
	y.git("remote", "add", "origin", "https://github.com/bakery/agents.git")
	return y
}

// simulate starts a Wassist. Its lists do not stick while y.gone is set.
func (y *yard) simulate() {
	y.t.Helper()
	made, err := simulator.New(simulator.Options{Key: canaryKey, RateLimit: 100_000})
	if err != nil {
		y.t.Fatal(err)
	}
	y.wassist = made
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if y.gone.Load() && r.Method == http.MethodPatch {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"detail":"not now"}`))
			return
		}
		made.ServeHTTP(w, r)
	}))
	y.t.Cleanup(api.Close)
	y.api = api.URL + "/api/v1/"
}

// release makes a release of the program, as .goreleaser.yaml names its files.
func (y *yard) release(tag string) {
	y.t.Helper()
	folder := filepath.Join(y.dir, "releases", tag)
	program := filepath.Join(folder, "wassist-sync")
	y.run(projectRoot, nil, "go", "build", "-o", program, "./cmd/wassist-sync")
	binary, err := os.ReadFile(program)
	if err != nil {
		y.t.Fatal(err)
	}
	var archive bytes.Buffer
	zip := gzip.NewWriter(&archive)
	w := tar.NewWriter(zip)
	if err := w.WriteHeader(&tar.Header{Name: "wassist-sync", Mode: 0o755, Size: int64(len(binary))}); err != nil {
		y.t.Fatal(err)
	}
	_, _ = w.Write(binary)
	if err := w.Close(); err != nil {
		y.t.Fatal(err)
	}
	_ = zip.Close()
	name := fmt.Sprintf("wassist-sync_%s_%s.tar.gz", runtime.GOOS, runtime.GOARCH)
	y.write(filepath.Join(folder, name), archive.String())
	y.write(filepath.Join(folder, "checksums.txt"), fmt.Sprintf("%x  %s\n", sha256.Sum256(archive.Bytes()), name))
}

// snapshot makes a repository of the project's files as they lie here.
func (y *yard) snapshot() {
	y.t.Helper()
	files := y.run(projectRoot, nil, "git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
	to := filepath.Join(y.dir, "action")
	for name := range strings.SplitSeq(strings.TrimRight(files, "\x00"), "\x00") {
		info, err := os.Lstat(filepath.Join(projectRoot, name))
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		b, err := os.ReadFile(filepath.Join(projectRoot, name))
		if err != nil {
			y.t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, name)), 0o755); err != nil {
			y.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, name), b, info.Mode().Perm()); err != nil {
			y.t.Fatal(err)
		}
	}
	y.commitAll(to, "action")
}

// stub makes an action that takes the place of one that cannot be had here.
func (y *yard) stub(name, inputs, script string) {
	y.t.Helper()
	var declared, env []string
	for input := range strings.SplitSeq(inputs, ", ") {
		declared = append(declared, input+": {}")
		env = append(env, fmt.Sprintf("INPUT_%s: \"${{ inputs.%s }}\"", strings.ToUpper(strings.ReplaceAll(input, "-", "_")), input))
	}
	to := filepath.Join(y.dir, "actions", name)
	y.write(filepath.Join(to, "action.yml"), fmt.Sprintf("name: stub\ninputs: {%s}\nruns:\n  using: composite\n  steps:\n    - shell: bash\n      env: {%s}\n      run: |\n        %s\n",
		strings.Join(declared, ", "), strings.Join(env, ", "), script))
	y.commitAll(to, "stub")
}

func (y *yard) commitAll(dir, message string) {
	y.t.Helper()
	y.run(dir, nil, "git", "init", "--quiet", "--initial-branch", "main")
	y.run(dir, nil, "git", "add", "--all")
	y.run(dir, nil, "git", "commit", "--quiet", "--message", message)
}

func (y *yard) write(name, text string) {
	y.t.Helper()
	if !filepath.IsAbs(name) {
		name = filepath.Join(y.dir, "repo", name)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		y.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		y.t.Fatal(err)
	}
}

// cleanEnvironment is this process's, without what a runner or a person may
// have set in it.
func cleanEnvironment(more ...string) []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "GITHUB_") || strings.HasPrefix(v, "WASSIST_") || strings.HasPrefix(v, "GIT_") || strings.HasPrefix(v, "INPUT_")
	})
	for _, who := range []string{"AUTHOR", "COMMITTER"} {
		env = append(env, "GIT_"+who+"_NAME=A Person", "GIT_"+who+"_EMAIL=person@example.com")
	}
	return append(append(env, "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull), more...)
}

// run runs a program that must succeed, and gives what it printed.
func (y *yard) run(dir string, env []string, name string, args ...string) string {
	y.t.Helper()
	var stdout, stderr bytes.Buffer
	c := exec.CommandContext(y.t.Context(), name, args...)
	c.Dir, c.Env, c.Stdout, c.Stderr = dir, cleanEnvironment(env...), &stdout, &stderr
	if err := c.Run(); err != nil {
		y.t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, &stdout, &stderr)
	}
	return stdout.String()
}

func (y *yard) git(args ...string) string {
	y.t.Helper()
	return strings.TrimSpace(y.run(filepath.Join(y.dir, "repo"), nil, "git", args...))
}

// commit commits all that is in the user's work tree.
func (y *yard) commit(message string) {
	y.t.Helper()
	y.git("add", "--all")
	y.git("commit", "--quiet", "--allow-empty", "--message", message)
}

// given are the secrets of the repository; a fork's workflow has none.
var given = []string{"WASSIST_API_KEY=" + canaryKey, "GITHUB_TOKEN=" + canaryToken, "ORDERS_TOKEN=" + canaryOrder}

// workflow runs the repository's workflows for an event, and gives whether all
// of them succeeded.
func (y *yard) workflow(event string, payload map[string]any, secrets ...string) bool {
	y.t.Helper()
	y.runID++
	payload["repository"] = map[string]any{"full_name": "bakery/agents", "default_branch": "main"}
	text, err := json.Marshal(payload)
	if err != nil {
		y.t.Fatal(err)
	}
	y.write(filepath.Join(y.dir, "event.json"), string(text))
	if err := os.RemoveAll(filepath.Join(y.dir, "kept")); err != nil {
		y.t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(y.dir, "kept"), 0o755); err != nil {
		y.t.Fatal(err)
	}
	args := []string{"run", runner, event, "--eventpath", filepath.Join(y.dir, "event.json"),
		"--platform", "ubuntu-latest=-self-hosted", "--pull=false", "--no-cache-server",
		"--env", "GITHUB_API_URL=" + y.server.URL, "--env", "GITHUB_SERVER_URL=" + y.server.URL,
		"--env", fmt.Sprint("GITHUB_RUN_ID=", y.runID), "--env", "YARD=" + filepath.Join(y.dir, "kept"),
		"--local-repository", publicHome + "@v1=" + filepath.Join(y.dir, "action"),
	}
	for _, name := range []string{"setup-go", "upload-artifact"} {
		args = append(args, "--local-repository", pinned(y.t, name)+"="+filepath.Join(y.dir, "actions", name))
	}
	for _, s := range secrets {
		args = append(args, "--secret", s)
	}
	ctx, cancel := context.WithTimeout(y.t.Context(), 5*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "go", args...)
	c.Dir = filepath.Join(y.dir, "repo")
	caches := strings.Fields(y.run(projectRoot, nil, "go", "env", "GOCACHE", "GOMODCACHE", "GOPATH"))
	c.Env = cleanEnvironment("HOME="+filepath.Join(y.dir, "home"), "GOCACHE="+caches[0], "GOMODCACHE="+caches[1], "GOPATH="+caches[2], "GOFLAGS=", "NO_COLOR=1")
	out, err := c.CombinedOutput()
	y.log = string(out)
	for _, canary := range []string{canaryKey, canaryToken, canaryOrder} {
		if strings.Contains(y.log, canary) {
			y.t.Errorf("the log holds %s:\n%s", canary, y.log)
		}
	}
	y.github.Edit(func(s *githubtest.State) {
		for _, c := range s.Comments {
			if strings.Contains(c.Body, "canary") {
				y.t.Errorf("a comment holds a secret: %s", c.Body)
			}
		}
	})
	y.keptIsQuiet()
	return err == nil
}

// keptIsQuiet wants no secret in what a run leaves behind.
func (y *yard) keptIsQuiet() {
	y.t.Helper()
	err := filepath.WalkDir(filepath.Join(y.dir, "kept"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if strings.Contains(string(b), "canary") {
			y.t.Errorf("%s holds a secret: %s", path, b)
		}
		return err
	})
	if err != nil {
		y.t.Fatal(err)
	}
}

// pinned is how action.yml names an action.
func pinned(t *testing.T, name string) string {
	t.Helper()
	for _, s := range readAction(t).Runs.Steps {
		if strings.HasPrefix(s.Uses, "actions/"+name+"@") {
			return s.Uses
		}
	}
	t.Fatalf("action.yml does not use actions/%s", name)
	return ""
}

// head is the commit that a name leads to.
func (y *yard) head(name string) string { y.t.Helper(); return y.git("rev-parse", name) }

// pull runs the workflow of a pull request, with the commit checked out that
// merging would make. It pushes the branch first.
func (y *yard) pull(number int, branch string, fork bool, secrets ...string) bool {
	y.t.Helper()
	head, base := y.head(branch), y.head("main")
	y.github.Edit(func(s *githubtest.State) { s.OpenPull(number, "main", head) })
	y.git("checkout", "--quiet", "--detach", "main")
	y.git("merge", "--quiet", "--no-ff", "--message", "Merge "+branch+" into main", branch)
	defer y.git("checkout", "--quiet", "main")
	from := "bakery/agents"
	if fork {
		from = "mallory/agents"
	}
	return y.workflow("pull_request", map[string]any{"number": number, "pull_request": map[string]any{
		"number": number,
		"head":   map[string]any{"ref": branch, "sha": head, "repo": map[string]any{"full_name": from, "fork": fork}},
		"base":   map[string]any{"ref": "main", "sha": base, "repo": map[string]any{"full_name": "bakery/agents"}},
	}}, secrets...)
}

// push tells GitHub what main is now, and gives the event.
func (y *yard) push(before string) map[string]any {
	y.t.Helper()
	log := y.git("log", "--format=%H %P", "main")
	y.github.Edit(func(s *githubtest.State) {
		if err := s.Push("main", log); err != nil {
			y.t.Error(err)
		}
	})
	return map[string]any{"ref": "refs/heads/main", "before": before, "after": y.head("main")}
}

// merge merges a pull request, and runs the workflow of the push. GitHub is told
// how that ended.
func (y *yard) merge(number int, branch string) bool {
	y.t.Helper()
	before := y.head("main")
	y.git("merge", "--quiet", "--no-ff", "--message", fmt.Sprint("Merge pull request #", number), branch)
	event := y.push(before)
	merged := y.head("main")
	y.github.Edit(func(s *githubtest.State) {
		if err := s.MergePull(number, merged); err != nil {
			y.t.Error(err)
		}
	})
	return y.again("push", event)
}

// again runs the workflow of a push or a dispatch, and tells GitHub how it ended.
func (y *yard) again(event string, payload map[string]any) bool {
	y.t.Helper()
	ok := y.workflow(event, payload, given...)
	conclusion := "failure"
	if ok {
		conclusion = "success"
	}
	y.github.Edit(func(s *githubtest.State) {
		s.SetRun(githubtest.Run{ID: int64(y.runID), Workflow: 1, Branch: "main", Event: event, SHA: y.head("main"), Status: "completed", Conclusion: conclusion, Created: time.Now(), Updated: time.Now()})
	})
	return ok
}

// branch makes a branch with one commit: a file with a text.
func (y *yard) branch(name, file, text string) {
	y.t.Helper()
	y.git("checkout", "--quiet", "-B", name, "main")
	y.write(file, text)
	y.commit(name)
	y.git("checkout", "--quiet", "main")
}

func (y *yard) comments() (all []githubtest.Comment) {
	y.github.Edit(func(s *githubtest.State) {
		for _, c := range s.Comments {
			all = append(all, *c)
		}
	})
	return all
}

// says wants the last run's log to hold texts.
func (y *yard) says(texts ...string) {
	y.t.Helper()
	for _, text := range texts {
		if !strings.Contains(y.log, text) {
			y.t.Errorf("the run does not say %q:\n%s", text, y.log)
		}
	}
}

// agent is what Wassist has under a name; nil for none.
func (y *yard) agent(name string) map[string]any {
	for _, a := range y.wassist.Agents() {
		if a["name"] == name {
			return a
		}
	}
	return nil
}

// documented is the workflow of docs/github.md, with this Wassist for the real one.
func (y *yard) documented() {
	y.t.Helper()
	page, err := os.ReadFile(filepath.Join(projectRoot, "docs", "github.md"))
	if err != nil {
		y.t.Fatal(err)
	}
	text := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(page)[1]
	withAPI := strings.ReplaceAll(string(text), "      path: agents\n", "      path: agents\n      api-url: "+y.api+"\n")
	if strings.Count(withAPI, y.api) != 3 {
		y.t.Fatalf("the workflow of docs/github.md has other calls than expected:\n%s", withAPI)
	}
	y.write(".github/workflows/wassist.yml", withAPI)
}

var digests = regexp.MustCompile(`sha256:[0-9a-f]{64}`)

const desk = `name: Order desk
systemPrompt: %s
tools:
  - name: find_order
    description: Use for orders.
    apiSchema:
      method: GET
      url: https://orders.example.com/v1/orders
      request_headers:
        Authorization: {input: {type: value, value: !env "Bearer ${ORDERS_TOKEN}"}}
`

// TestActionOnARunner plays the workflow of docs/github.md through.
func TestActionOnARunner(t *testing.T) {
	if !*onRunner {
		t.Skip("-runner is not given")
	}
	t.Parallel()
	y := newYard(t)
	y.documented()
	y.commit("Begin")
	y.push("")

	t.Log("a pull request: the comment is created")
	y.branch("desk", "agents/desk.yaml", fmt.Sprintf(desk, "Keep replies short."))
	if !y.pull(1, "desk", false, given...) {
		t.Fatal(y.log)
	}
	y.says("1 to create")
	first := y.comments()
	if len(first) != 1 || first[0].Edits != 0 || !strings.Contains(first[0].Body, "Order desk") {
		t.Fatalf("comments: %+v", first)
	}
	for _, file := range []string{"plan.html", "plan.json"} {
		if _, err := os.Stat(filepath.Join(y.dir, "kept", "wassist-sync-plan", file)); err != nil {
			t.Error("the plan was not kept:", err)
		}
	}
	if _, err := os.Stat(filepath.Join(y.dir, "kept", "built")); err == nil {
		t.Error("the program was built, although there is a release")
	}

	t.Log("a second push: the same comment is updated")
	y.git("checkout", "--quiet", "desk")
	y.write("agents/desk.yaml", fmt.Sprintf(desk, "Keep replies short and kind."))
	y.commit("Kinder")
	y.git("checkout", "--quiet", "main")
	if !y.pull(1, "desk", false, given...) {
		t.Fatal(y.log)
	}
	if second := y.comments(); len(second) != 1 || second[0].Edits != 1 || second[0].ID != first[0].ID {
		t.Fatalf("comments: %+v", second)
	}

	t.Log("the merge: applied")
	if !y.merge(1, "desk") {
		t.Fatal(y.log)
	}
	if a := y.agent("Order desk"); a == nil || a["systemPrompt"] != "Keep replies short and kind." {
		t.Fatalf("the agent is %v\n%s", a, y.log)
	}

	t.Log("an edit on Wassist between review and merge: refused")
	y.branch("welcome", "agents/desk.yaml", "firstMessage: Welcome!\n"+fmt.Sprintf(desk, "Keep replies short and kind."))
	if !y.pull(2, "welcome", false, given...) {
		t.Fatal(y.log)
	}
	y.edit("Order desk", `{"systemPrompt": "Edited by hand."}`)
	if y.merge(2, "welcome") {
		t.Fatalf("applied what nobody reviewed:\n%s", y.log)
	}
	y.says("expect")
	if a := y.agent("Order desk"); a["systemPrompt"] != "Edited by hand." || a["firstMessage"] == "Welcome!" {
		t.Fatalf("something was written: %v", a)
	}

	t.Log("let through by hand: applied")
	if !y.again("workflow_dispatch", map[string]any{"ref": "refs/heads/main", "inputs": map[string]any{"expect": y.printedDigests()}}) {
		t.Fatal(y.log)
	}
	if a := y.agent("Order desk"); a["systemPrompt"] != "Keep replies short and kind." || a["firstMessage"] != "Welcome!" {
		t.Fatalf("not applied: %v", a)
	}

	t.Log("a partial failure, and its rerun")
	y.branch("night", "agents/night.yaml", "name: Night desk\n")
	y.git("checkout", "--quiet", "night")
	y.write("agents/desk.yaml", "firstMessage: Good day!\n"+fmt.Sprintf(desk, "Keep replies short and kind."))
	y.commit("Good day")
	y.git("checkout", "--quiet", "main")
	if !y.pull(3, "night", false, given...) {
		t.Fatal(y.log)
	}
	y.gone.Store(true)
	if y.merge(3, "night") {
		t.Fatalf("a failed change is called well done:\n%s", y.log)
	}
	if y.agent("Night desk") == nil {
		t.Fatalf("what could be done was not done:\n%s", y.log)
	}
	y.gone.Store(false)
	if !y.again("push", map[string]any{"ref": "refs/heads/main", "before": y.head("main~1"), "after": y.head("main")}) {
		t.Fatalf("the rerun:\n%s", y.log)
	}
	if a := y.agent("Order desk"); a["firstMessage"] != "Good day!" {
		t.Fatalf("the rerun did not do what was left: %v", a)
	}

	t.Log("a run of an older commit: superseded")
	before := len(y.wassist.Requests())
	tip := y.head("main")
	y.git("reset", "--quiet", "--hard", "main~1")
	if !y.workflow("push", map[string]any{"ref": "refs/heads/main", "before": y.head("main~1"), "after": y.head("main")}, given...) {
		t.Fatal(y.log)
	}
	y.says("superseded")
	if n := len(y.wassist.Requests()); n != before {
		t.Errorf("%d requests were made for an old commit", n-before)
	}
	y.git("reset", "--quiet", "--hard", tip)

	t.Log("drift on a schedule: an issue, which closes itself")
	y.edit("Order desk", `{"firstMessage": "Hey."}`)
	if !y.workflow("schedule", map[string]any{"schedule": "17 5 * * *"}, given...) {
		t.Fatal(y.log)
	}
	y.issue("open", "firstMessage")
	y.edit("Order desk", `{"firstMessage": "Good day!"}`)
	if !y.workflow("schedule", map[string]any{"schedule": "17 5 * * *"}, given...) {
		t.Fatal(y.log)
	}
	y.issue("closed", "")

	if unexpected := y.github.Unexpected(); len(unexpected) > 0 {
		t.Errorf("GitHub was asked for what it does not know: %v", unexpected)
	}
}

// direct is a workflow that uses the action itself, once for each set of inputs,
// and keeps the outputs.
func (y *yard) direct(event string, each ...map[string]string) {
	y.t.Helper()
	text := "name: Direct\non: " + event + "\njobs:\n  direct:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v5\n"
	for i, inputs := range each {
		with, err := json.Marshal(inputs)
		if err != nil {
			y.t.Fatal(err)
		}
		text += fmt.Sprintf("      - id: sync%d\n        continue-on-error: %t\n        uses: %s@v1\n        with: %s\n", i, len(each) > 1, publicHome, with)
	}
	text += `      - if: always()
        shell: bash
        env:
          OUTPUTS: ${{ toJSON(steps) }}
        run: printf '%s' "$OUTPUTS" >"$YARD/outputs"
`
	y.write(".github/workflows/wassist.yml", text)
}

func (y *yard) kept(name string) string {
	y.t.Helper()
	b, err := os.ReadFile(filepath.Join(y.dir, "kept", name))
	if err != nil {
		y.t.Fatal(err)
	}
	return string(b)
}

// TestActionForAFork: without a key and without a token that may write, the
// plan is made offline, and stands in the summary.
func TestActionForAFork(t *testing.T) {
	if !*onRunner {
		t.Skip("-runner is not given")
	}
	t.Parallel()
	y := newYard(t)
	y.github.Edit(func(s *githubtest.State) { s.Denied = []string{"pull-requests: write", "issues: write"} })
	y.direct("pull_request", map[string]string{"command": "plan"})
	y.write("agents/desk.yaml", fmt.Sprintf(desk, "Keep replies short."))
	y.commit("Begin")
	y.push("")
	y.branch("fork", "agents/desk.yaml", fmt.Sprintf(desk, "Keep replies long."))
	if !y.pull(1, "fork", true, "GITHUB_TOKEN="+canaryToken) {
		t.Fatal(y.log)
	}
	_, summary, _ := strings.Cut(y.log, "Summary - ")
	summary, _, _ = strings.Cut(summary, "\n[")
	for _, want := range []string{"1 to update", "systemPrompt", "Keep replies long.", "offline"} {
		if !strings.Contains(summary, want) {
			t.Errorf("the summary does not say %q:\n%s", want, summary)
		}
	}
	if all := y.comments(); len(all) != 0 {
		t.Errorf("comments: %+v", all)
	}
	if n := len(y.wassist.Requests()); n != 0 {
		t.Errorf("%d requests to Wassist without a key", n)
	}
}

// hostile are texts that would do something if anybody read them as more than
// texts: a shell, the runner, or a reader of its files.
var hostile = []string{
	`$(touch "$YARD/pwned")`,
	"`touch $YARD/pwned`",
	`"; touch "$YARD/pwned"; "`,
	`'; touch "$YARD/pwned"; '`,
	"x\n::set-output name=evil::1\n::error::EVIL\n::add-mask::e\n##[error]EVIL\n::warning file=x::EVIL\n",
	"x%0A::error::EVIL%0D%0A::set-output name=evil::1",
	"evil=1\nEOF\nevil=1\n",
	"evil<<EOF\n1\nEOF\n",
	"--format=json",
	"$((evil)) && touch $YARD/pwned || true | tee $YARD/pwned > $YARD/pwned",
}

// TestActionIsNotInjected gives each input and the texts of agents everything
// that could break out.
func TestActionIsNotInjected(t *testing.T) {
	if !*onRunner {
		t.Skip("-runner is not given")
	}
	t.Parallel()
	y := newYard(t)
	all := strings.Join(hostile, " ")
	name, err := json.Marshal(strings.NewReplacer("\n", " ", "\r", " ").Replace(all)[:200])
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	y.write("agents/desk.yaml", fmt.Sprintf("name: %s\nsystemPrompt: %s\ndescription: %s\n", name, text, text))
	y.commit("Begin")
	y.push("")
	inputs := []map[string]string{{"command": "plan"}}
	for _, input := range []string{"command", "path", "variables", "version", "prune", "max-deletes", "expect", "artifact", "rate"} {
		inputs = append(inputs, map[string]string{input: all, "api-key": canaryKey})
	}
	for _, text := range hostile {
		inputs = append(inputs, map[string]string{"path": text, "api-key": canaryKey})
	}
	for _, given := range inputs {
		given["api-url"] = y.api
	}
	y.direct("push", inputs...)
	y.commit("Inputs")
	y.workflow("push", y.push(y.head("main~1")), "GITHUB_TOKEN="+canaryToken, "WASSIST_API_KEY="+canaryKey)
	if _, err := os.Stat(filepath.Join(y.dir, "kept", "pwned")); err == nil {
		t.Errorf("a shell ran a text:\n%s", y.log)
	}
	var steps map[string]struct {
		Outcome string
		Outputs map[string]string
	}
	if err := json.Unmarshal([]byte(y.kept("outputs")), &steps); err != nil {
		t.Fatal(err)
	}
	declared := readAction(t).Outputs
	for i := range inputs {
		step := steps[fmt.Sprint("sync", i)]
		// The first has hostile agents, and the one with a hostile artifact's
		// name has a plan too; all others cannot be meant.
		want := "failure"
		if i == 0 || inputs[i]["artifact"] != "" {
			want = "success"
		}
		if step.Outcome != want {
			t.Errorf("%v: %s, want %s", inputs[i], step.Outcome, want)
		}
		for name := range step.Outputs {
			if _, known := declared[name]; !known {
				t.Errorf("%v: planted an output %q", inputs[i], name)
			}
		}
	}
	for line := range strings.SplitSeq(y.log, "\n") {
		if taken.MatchString(line) {
			t.Errorf("the runner taken a text: %s", line)
		}
	}
}

// taken matches what the runner prints when it has taken a line for a command.
var taken = regexp.MustCompile(`^\[[^\]]*\]\s+[^\s|]+\s+(::[a-z-]+[^:]*::\s*(EVIL|evil|e\b)|##\[)`)

// edit is what somebody does on Wassist by hand.
func (y *yard) edit(name, fields string) {
	y.t.Helper()
	r, err := http.NewRequestWithContext(y.t.Context(), http.MethodPatch, fmt.Sprintf("%sagents/%v/", y.api, y.agent(name)["id"]), strings.NewReader(fields))
	if err != nil {
		y.t.Fatal(err)
	}
	r.Header.Set("X-API-Key", canaryKey)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		y.t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		y.t.Fatal(answer.Status)
	}
}

func (y *yard) issue(state, text string) {
	y.t.Helper()
	y.github.Edit(func(s *githubtest.State) {
		if len(s.Issues) != 1 || s.Issues[0].State != state || !strings.Contains(s.Issues[0].Body, text) {
			y.t.Errorf("issues: want one that is %s and holds %q, got %d", state, text, len(s.Issues))
			for _, i := range s.Issues {
				y.t.Logf("%+v", *i)
			}
		}
	})
}

// printedDigests are those that the last run's log shows, as an input takes them.
func (y *yard) printedDigests() string {
	found := digests.FindAllString(y.log, -1)
	slices.Sort(found)
	return strings.Join(slices.Compact(found), ",")
}
