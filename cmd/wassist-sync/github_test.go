package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"wassist-sync/internal/github/githubtest"
)

// hubToken is the token of a script's workflow. It is a canary: see quiet.
const hubToken = "ghs_canary-workflow"

// A script's GitHub, and the run of a workflow that the script is.
type (
	hubKey struct{}
	hub    struct {
		*githubtest.Server
		run     int64
		minutes int
	}
)

const githubUsage = `usage: github VERB [ARGS...]
start                  serve one, and be a runner's step: set GITHUB_* and empty its files
pull NUMBER FOLDER [fork]  be a run of a pull request, whose head is HEAD there
push FOLDER            be a run of a push of HEAD there to main
on EVENT FOLDER        be a run of another event on main, whose tip is HEAD there
rerun                  be another attempt of the same run
ended CONCLUSION       the run has ended
merged NUMBER FOLDER   a pull request was merged as HEAD there
comments NUMBER        print the comments on a pull request or an issue
plant NUMBER LOGIN FILE    let somebody comment
issues                 print the issues
outputs                print the outputs of the step
requests               print what arrived, and forget it
deny [PERMISSION...]   take permissions from all tokens
fault FIELD=VALUE...   see githubtest.Fault
heal                   end faults`

func githubCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("%s", githubUsage)
	}
	h := ts.Value(hubKey{}).(*hub)
	verb, rest := args[0], args[1:]
	if verb == "start" {
		h.start(ts)
		return
	}
	do, ok := map[string]func(*testscript.TestScript, []string){
		"pull": h.pull, "push": h.push, "on": h.on, "rerun": h.rerun, "ended": h.ended, "merged": h.merged, "comments": h.comments,
		"plant": h.plant, "issues": h.issues, "outputs": h.outputs, "requests": h.requests, "deny": h.deny, "fault": h.fault,
		"heal": func(*testscript.TestScript, []string) { h.Heal() },
	}[verb]
	if !ok {
		ts.Fatalf("%s", githubUsage)
	}
	do(ts, rest)
}

func (h *hub) start(ts *testscript.TestScript) {
	h.Server = githubtest.New(githubtest.State{Tokens: map[string]githubtest.Account{hubToken: githubtest.Workflow}})
	web := h.Start()
	ts.Defer(func() {
		web.Close()
		if lost := h.Unexpected(); len(lost) > 0 {
			ts.Fatalf("the fake GitHub does not know %q", lost)
		}
	})
	h.run = 100
	ts.Setenv("GITHUB_ACTIONS", "true")
	ts.Setenv("GITHUB_TOKEN", hubToken)
	ts.Setenv("GITHUB_API_URL", web.URL)
	ts.Setenv("GITHUB_SERVER_URL", "https://github.example")
	ts.Setenv("GITHUB_REPOSITORY", "bakery/agents")
	for name, file := range map[string]string{"GITHUB_OUTPUT": "output", "GITHUB_STEP_SUMMARY": "summary", "GITHUB_EVENT_PATH": "event.json"} {
		ts.Setenv(name, filepath.Join(ts.Getenv("WORK"), file))
	}
	h.step(ts)
}

// step empties the files of the step.
func (h *hub) step(ts *testscript.TestScript) {
	for _, file := range []string{"output", "summary"} {
		ts.Check(os.WriteFile(filepath.Join(ts.Getenv("WORK"), file), nil, 0o644))
	}
}

func gitOutput(ts *testscript.TestScript, folder string, args ...string) string {
	out, err := exec.Command("git", append([]string{"-C", ts.MkAbs(folder)}, args...)...).Output() //nolint:noctx // it ends by itself
	ts.Check(err)
	return strings.TrimSpace(string(out))
}

// begin makes the script a run of its own, at the HEAD of a folder.
func (h *hub) begin(ts *testscript.TestScript, event, ref, folder string, payload any) {
	h.step(ts)
	h.run++
	h.minutes++
	sha := gitOutput(ts, folder, "rev-parse", "HEAD")
	branch := strings.TrimPrefix(ref, "refs/heads/")
	h.Edit(func(s *githubtest.State) {
		s.SetRun(githubtest.Run{ID: h.run, Workflow: 5, Branch: branch, Event: event, SHA: sha, Status: "in_progress", Created: h.time(), Updated: h.time()})
	})
	text, err := json.Marshal(payload)
	ts.Check(err)
	ts.Check(os.WriteFile(filepath.Join(ts.Getenv("WORK"), "event.json"), text, 0o644))
	ts.Setenv("GITHUB_EVENT_NAME", event)
	ts.Setenv("GITHUB_REF", ref)
	ts.Setenv("GITHUB_SHA", sha)
	ts.Setenv("GITHUB_RUN_ID", strconv.FormatInt(h.run, 10))
	ts.Setenv("GITHUB_RUN_ATTEMPT", "1")
	ts.Setenv("GITHUB_WORKSPACE", ts.MkAbs(folder))
}

func (h *hub) time() time.Time {
	return time.Date(2026, 1, 5, 9, h.minutes, 0, 0, time.UTC)
}

func (h *hub) pull(ts *testscript.TestScript, args []string) {
	head, from := gitOutput(ts, args[1], "rev-parse", "HEAD"), "bakery/agents"
	if slices.Contains(args, "fork") {
		from = "mallory/agents"
	}
	base := gitOutput(ts, args[1], "merge-base", "HEAD", "main")
	n := number(ts, args[0])
	h.Edit(func(s *githubtest.State) { s.OpenPull(n, "main", head) })
	end := func(sha, repository string) map[string]any {
		return map[string]any{"sha": sha, "repo": map[string]any{"full_name": repository}}
	}
	h.begin(ts, "pull_request", fmt.Sprintf("refs/pull/%d/merge", n), args[1], map[string]any{
		"action": "synchronize", "number": n,
		"pull_request": map[string]any{"number": n, "title": "`$(touch injected)`", "head": end(head, from), "base": end(base, "bakery/agents")},
	})
}

func (h *hub) push(ts *testscript.TestScript, args []string) {
	before := strings.Repeat("0", 40)
	h.Edit(func(s *githubtest.State) {
		if tip := s.Branches["main"]; tip != "" {
			before = tip
		}
	})
	h.moveMain(ts, args[0])
	h.begin(ts, "push", "refs/heads/main", args[0], map[string]any{"before": before, "after": gitOutput(ts, args[0], "rev-parse", "HEAD")})
}

func (h *hub) moveMain(ts *testscript.TestScript, folder string) {
	log := gitOutput(ts, folder, "log", "--format=%H %P", "HEAD")
	h.Edit(func(s *githubtest.State) { ts.Check(s.Push("main", log)) })
}

func (h *hub) on(ts *testscript.TestScript, args []string) {
	h.moveMain(ts, args[1])
	h.begin(ts, args[0], "refs/heads/main", args[1], map[string]any{})
}

func (h *hub) rerun(ts *testscript.TestScript, _ []string) {
	h.step(ts)
	ts.Setenv("GITHUB_RUN_ATTEMPT", "2")
}

func (h *hub) ended(_ *testscript.TestScript, args []string) {
	h.Edit(func(s *githubtest.State) {
		for _, r := range s.Runs {
			if r.ID == h.run {
				r.Status, r.Conclusion, r.Updated = "completed", args[0], h.time().Add(30*time.Second)
			}
		}
	})
}

func (h *hub) merged(ts *testscript.TestScript, args []string) {
	sha := gitOutput(ts, args[1], "rev-parse", "HEAD")
	h.Edit(func(s *githubtest.State) { ts.Check(s.MergePull(number(ts, args[0]), sha)) })
}

func (h *hub) comments(ts *testscript.TestScript, args []string) {
	out := ts.Stdout() // also when nothing is printed
	h.Edit(func(s *githubtest.State) {
		for _, c := range s.Comments {
			if c.Number == number(ts, args[0]) {
				fmt.Fprintf(out, "comment by %s, edited %d times\n%s\n", c.User.Login, c.Edits, c.Body)
			}
		}
	})
}

func (h *hub) plant(ts *testscript.TestScript, args []string) {
	h.Edit(func(s *githubtest.State) {
		s.AddComment(number(ts, args[0]), githubtest.Account{Login: args[1], Type: "User"}, ts.ReadFile(args[2]))
	})
}

func (h *hub) issues(ts *testscript.TestScript, _ []string) {
	out := ts.Stdout() // also when nothing is printed
	h.Edit(func(s *githubtest.State) {
		for _, i := range s.Issues {
			fmt.Fprintf(out, "issue %d, %s, edited %d times, %v: %s\n%s\n", i.Number, i.State, i.Edits, i.Labels, i.Title, i.Body)
		}
	})
}

// outputs reads the step's outputs as the runner does.
func (h *hub) outputs(ts *testscript.TestScript, _ []string) {
	out, text := ts.Stdout(), ts.ReadFile(filepath.Join(ts.Getenv("WORK"), "output"))
	for text != "" {
		line, rest, _ := strings.Cut(text, "\n")
		name, end, ok := strings.Cut(line, "<<")
		value, after, closed := strings.Cut(rest, "\n"+end+"\n")
		if !ok || !closed {
			ts.Fatalf("the runner cannot read the outputs at %q", line)
		}
		fmt.Fprintf(out, "%s=%s\n", name, value)
		text = after
	}
}

func (h *hub) requests(ts *testscript.TestScript, _ []string) {
	out := ts.Stdout() // also when nothing is printed
	for _, r := range h.TakeRequests() {
		fmt.Fprintln(out, r)
	}
}

func (h *hub) deny(_ *testscript.TestScript, args []string) {
	h.Edit(func(s *githubtest.State) { s.Denied = args })
}

func (h *hub) fault(ts *testscript.TestScript, args []string) {
	var f githubtest.Fault
	for _, arg := range args {
		key, value, _ := strings.Cut(arg, "=")
		switch key {
		case "kind":
			f.Kind = githubtest.Kind(value)
		case "method":
			f.Method = value
		case "path":
			f.Path = value
		case "times":
			f.Times = number(ts, value)
		case "after":
			f.RetryAfter = value
		default:
			ts.Fatalf("unknown field %s", arg)
		}
	}
	h.Fault(f)
}

// obeyed prints what a runner would take for commands in files: name, title,
// file and message, one a line, as Go strings.
func obeyed(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: obeyed FILE...")
	}
	out := ts.Stdout() // also when nothing is printed
	unescape := strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%").Replace
	for _, file := range args {
		for line := range strings.SplitSeq(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(ts.ReadFile(file)), "\n") {
			if strings.Contains(line, "##[") {
				fmt.Fprintf(out, "old form: %q\n", line)
			}
			command, ok := strings.CutPrefix(strings.TrimSpace(line), "::")
			head, message, end := strings.Cut(command, "::")
			if !ok || !end {
				continue
			}
			name, properties, _ := strings.Cut(head, " ")
			found := map[string]string{}
			for p := range strings.SplitSeq(properties, ",") {
				key, value, _ := strings.Cut(p, "=")
				found[key] = unescape(value)
			}
			fmt.Fprintf(out, "%s %q %q %q\n", name, found["title"], found["file"], unescape(message))
		}
	}
}
