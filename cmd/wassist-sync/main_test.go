package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write what commands print now into the scripts")

// TestMain lets scripts run this program as a program of its own: the test
// binary, called wassist-sync, is main.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"wassist-sync": main})
}

// scriptsAtOnce are the scripts in which much runs at once: those that the race
// detector is for.
func scriptsAtOnce(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	for _, kind := range []string{"apply*", "ci_*", "plan*", "serve_*", "simulate*"} {
		found, err := filepath.Glob(filepath.Join(dir, kind+".txtar"))
		if err != nil || len(found) == 0 {
			t.Fatalf("no scripts are called %s: %v", kind, err)
		}
		out = append(out, found...)
	}
	return out
}

// TestScripts runs testdata/script: what users see from outside.
func TestScripts(t *testing.T) {
	dir, files := filepath.Join("testdata", "script"), []string(nil)
	if testing.Short() {
		dir, files = "", scriptsAtOnce(t, dir)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		Files:               files,
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition:           condition,
		Setup: func(env *testscript.Env) error {
			env.Values[simulatorsKey{}] = simulators{}
			env.Values[programsKey{}] = programs{}
			env.Values[gitServerKey{}] = &gitServer{}
			env.Values[hubKey{}] = &hub{}
			gitEnvironment(env)
			// A program with the race detector in it sleeps for a second when it
			// ends, and the scripts run hundreds.
			env.Setenv("GORACE", "atexit_sleep_ms=10")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":      exits,
			"example":    example,
			"simulator":  simulatorCommand,
			"jsonfields": jsonFields,
			"json":       jsonValue,
			"plain":      plainText,
			"absent":     absent,
			"write":      writeFile,
			"define":     define,
			"variable":   variable,
			"quiet":      quiet,
			"shorter":    shorter,
			"replaced":   replaced,
			"tty":        tty,
			"launch":     launch,
			"serving":    serving,
			"signal":     signalProgram,
			"ended":      ended,
			"logged":     logged,
			"mode":       mode,
			"harmless":   harmless,
			"day":        beginDay,
			"commit":     commitAll,
			"masked":     masked,
			"gitserver":  gitServerCommand,
			"sshserver":  sshServerCommand,
			"github":     githubCommand,
			"obeyed":     obeyed,
			"secretsof":  secretsOf,
		},
	})
}

func condition(name string) (bool, error) {
	switch name {
	case "pty":
		return havePTY, nil
	case "root":
		return os.Geteuid() == 0, nil
	}
	return false, fmt.Errorf("unknown condition %q", name)
}

// exits CODE PROGRAM ARGS... runs a program and wants this very exit code;
// "! exec" would take any that is not zero.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARGS...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	checkExit(ts, ts.Exec(args[1], args[2:]...), want)
}

// checkExit compares the exit code of a program that has ended.
func checkExit(ts *testscript.TestScript, err error, want int) {
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// example [DIR] copies the example definitions that the project ships.
func example(ts *testscript.TestScript, neg bool, args []string) {
	to := "agents.example"
	if len(args) == 1 {
		to = args[0]
	}
	ts.Check(os.CopyFS(ts.MkAbs(to), os.DirFS(filepath.Join(projectRoot, "agents.example"))))
}

// projectRoot is absolute: scripts run elsewhere.
var projectRoot = func() string {
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		panic(err)
	}
	return dir
}()

// plain FILE... wants texts without control and bidirectional characters,
// line feeds and tabs aside: nothing in them can steer a terminal.
func plainText(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		text := ts.ReadFile(name)
		steers := strings.ContainsFunc(text, func(r rune) bool {
			return r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r == '\u061c' ||
				r >= '\u200e' && r <= '\u200f' || r >= '\u2028' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\ufeff'
		})
		if steers == !neg {
			ts.Fatalf("%s: control characters: %v, in %q", name, steers, text)
		}
	}
}

// absent TEXT FILE... wants a text, as it stands, in none of the files and in
// none of the files below the folders.
func absent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || args[0] == "" {
		ts.Fatalf("usage: absent TEXT FILE...")
	}
	check := func(name, content string) {
		if i := strings.Index(content, args[0]); i >= 0 {
			ts.Fatalf("%s holds %q: %q", name, args[0], content[max(0, i-100):min(len(content), i+100)])
		}
	}
	for _, name := range args[1:] {
		if info, err := os.Stat(ts.MkAbs(name)); err != nil || !info.IsDir() {
			check(name, ts.ReadFile(name))
			continue
		}
		ts.Check(filepath.WalkDir(ts.MkAbs(name), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			check(path, string(content))
			return err
		}))
	}
}

// write FILE TEXT... writes a file. Name and texts are Go strings without their
// quotes: they hold what a script cannot, control characters for instance. N*
// before a text repeats it.
func writeFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: write FILE TEXT...")
	}
	var b strings.Builder
	unquote := func(s string) string {
		text, err := strconv.Unquote(`"` + strings.ReplaceAll(s, `"`, `\"`) + `"`)
		ts.Check(err)
		return text
	}
	for _, arg := range args[1:] {
		times := 1
		if n, rest, ok := strings.Cut(arg, "*"); ok {
			if count, err := strconv.Atoi(n); err == nil {
				times, arg = count, rest
			}
		}
		b.WriteString(strings.Repeat(unquote(arg), times))
	}
	name := ts.MkAbs(unquote(args[0]))
	ts.Check(os.MkdirAll(filepath.Dir(name), 0o755))
	ts.Check(os.WriteFile(name, []byte(b.String()), 0o644))
}

// define FOLDER N writes N definitions, of Agent 1 and so on.
func define(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: define FOLDER N")
	}
	ts.Check(os.MkdirAll(ts.MkAbs(args[0]), 0o755))
	for i := range number(ts, args[1]) {
		name := filepath.Join(ts.MkAbs(args[0]), fmt.Sprintf("agent-%d.yaml", i+1))
		text := fmt.Sprintf("name: Agent %d\nsystemPrompt: You are an agent.\n", i+1)
		ts.Check(os.WriteFile(name, []byte(text), 0o644))
	}
}

// variable NAME FILE sets a variable to what a file holds.
func variable(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: variable NAME FILE")
	}
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile(args[1])))
}

// replaced FILE OLD NEW RESULT wants the result to be the file with one text
// replaced by another, once.
func replaced(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: replaced FILE OLD NEW RESULT")
	}
	want, got := ts.ReadFile(args[0]), ts.ReadFile(args[3])
	if n := strings.Count(want, args[1]); n != 1 {
		ts.Fatalf("%s holds %q %d times", args[0], args[1], n)
	}
	if diff := cmp.Diff(strings.Replace(want, args[1], args[2], 1), got); diff != "" {
		ts.Fatalf("(-want +got):\n%s", diff)
	}
}

// quiet [FILE...] wants no canary in what the last command printed, nor in the
// files.
func quiet(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: quiet [FILE...]")
	}
	absent(ts, false, append([]string{"canary"}, append([]string{"stdout", "stderr"}, args...)...))
}

// shorter N FILE wants a file of less than N bytes.
func shorter(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: shorter N FILE")
	}
	if n := len(ts.ReadFile(args[1])); n >= number(ts, args[0]) {
		ts.Fatalf("%s has %d bytes", args[1], n)
	}
}
