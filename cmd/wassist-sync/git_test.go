package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// A diary is the time that a script with a Git repository plays in: Git and the
// script's simulators go by it, so that what came first in the script came
// first for both. A script that begins no day has the real time.
type (
	diaryKey struct{}
	diary    struct {
		day   atomic.Pointer[time.Time]
		names map[string]string // by the id of an agent, see masked
	}
)

// A new day is a commit's time; everything on Wassist happens an hour later.
const wassistLater = time.Hour

func (d *diary) now() time.Time {
	if day := d.day.Load(); day != nil {
		return day.Add(wassistLater)
	}
	return time.Now()
}

// gitEnvironment lets git know nothing of whoever runs the tests.
func gitEnvironment(env *testscript.Env) {
	env.Values[diaryKey{}] = &diary{names: map[string]string{}}
	for _, who := range []string{"AUTHOR", "COMMITTER"} {
		env.Setenv("GIT_"+who+"_NAME", "A Person")
		env.Setenv("GIT_"+who+"_EMAIL", "person@example.com")
	}
	env.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	env.Setenv("GIT_CONFIG_SYSTEM", os.DevNull)
	env.Setenv("GIT_TERMINAL_PROMPT", "0")
	env.Setenv("GIT_EDITOR", "true")
}

// day [DATE] begins the next day, the first being 5 January 2026, or the day of
// a date such as 2030-01-31.
func beginDay(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 1 {
		ts.Fatalf("usage: day [DATE]")
	}
	d := ts.Value(diaryKey{}).(*diary)
	next := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	if day := d.day.Load(); day != nil {
		next = day.AddDate(0, 0, 1)
	}
	if len(args) == 1 {
		date, err := time.Parse(time.DateOnly, args[0])
		ts.Check(err)
		next = date.Add(9 * time.Hour)
	}
	d.day.Store(&next)
	ts.Setenv("GIT_AUTHOR_DATE", next.Format(time.RFC3339))
	ts.Setenv("GIT_COMMITTER_DATE", next.Format(time.RFC3339))
}

// commit FOLDER MESSAGE begins a day and commits all that is in a work tree.
func commitAll(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: commit FOLDER MESSAGE")
	}
	beginDay(ts, false, nil)
	ts.Check(ts.Exec("git", "-C", args[0], "add", "--all"))
	ts.Check(ts.Exec("git", "-C", args[0], "commit", "--quiet", "--message", args[1]))
}

var (
	masks = []struct {
		form *regexp.Regexp
		mask string
	}{
		{regexp.MustCompile(`sha256:[0-9a-f]{64}`), "<digest>"},
		{regexp.MustCompile(`127\.0\.0\.1:\d+`), "<host>"},
		{regexp.MustCompile(` in \d+\.\d s\.`), " in <time>."},
	}
	uuidForm   = regexp.MustCompile(uuid)
	commitForm = regexp.MustCompile(`\b[0-9a-f]{7,40}\b`)
)

// masked FOLDER FILE prints a text with what differs from run to run replaced:
// a commit of the repository by its <subject>, the id of an agent by the name
// that it had when a mask first met it, <id of NAME>, and any other id by <id>.
func masked(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: masked FOLDER FILE")
	}
	text := ts.ReadFile(args[1])
	names := ts.Value(diaryKey{}).(*diary).names
	for _, s := range ts.Value(simulatorsKey{}).(simulators) {
		for _, a := range slices.Backward(s.Agents()) { // the oldest first
			nameID(names, fmt.Sprint(a["id"]), fmt.Sprint(a["name"]))
		}
	}
	text = uuidForm.ReplaceAllStringFunc(text, func(id string) string {
		if name, known := names[id]; known {
			return "<id of " + name + ">"
		}
		return "<id>"
	})
	git := exec.Command("git", "-C", ts.MkAbs(args[0]), "log", "--all", "--reflog", "--format=%H %s") //nolint:noctx // it ends by itself
	log, err := git.Output()
	ts.Check(err)
	commits := strings.Split(strings.TrimSpace(string(log)), "\n")
	for _, m := range masks {
		text = m.form.ReplaceAllString(text, m.mask)
	}
	text = commitForm.ReplaceAllStringFunc(text, func(hash string) string {
		for _, line := range commits {
			if strings.HasPrefix(line, hash) {
				return "<" + line[41:] + ">"
			}
		}
		return hash
	})
	_, err = ts.Stdout().Write([]byte(text))
	ts.Check(err)
}

// nameID gives an id a name that no other has.
func nameID(names map[string]string, id, name string) {
	if _, known := names[id]; known {
		return
	}
	unique := name
	for i := 2; ; i++ {
		taken := false
		for _, other := range names {
			taken = taken || other == unique
		}
		if !taken {
			names[id] = unique
			return
		}
		unique = name + " " + strconv.Itoa(i)
	}
}
