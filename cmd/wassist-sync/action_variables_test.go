package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// actionRun runs the action's script with a program that prints its environment,
// and gives the lines.
func actionRun(t *testing.T, variables string) ([]string, error) {
	t.Helper()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "program")
	if err := os.WriteFile(program, []byte("#!"+bash+"\nexec env\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), bash, filepath.Join(projectRoot, ".github", "action", "run"))
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "RUNNER_TEMP=" + dir, "PROGRAM=" + program,
		"INPUT_COMMAND=plan", "INPUT_PATH=agents", "INPUT_VARIABLES=" + variables,
	}
	out, err := cmd.Output()
	return strings.Split(string(out), "\n"), err
}

// A value that comes out as another one would be written to an agent, and since
// it is sensitive no plan would show it.
func TestVariablesOfTheActionReachTheProgramAsTheyAre(t *testing.T) {
	want := []string{"name=Bob", "line=first", "number=7", "results=none", "ORDERS_TOKEN=a=b c'\"$(id)`id`", "EMPTY=", "LAST=end"}
	got, err := actionRun(t, strings.Join(want, "\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	got = slices.DeleteFunc(got, func(line string) bool { return !slices.Contains(want, line) })
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
}

func TestVariablesOfTheActionThatAreRefused(t *testing.T) {
	for _, line := range []string{"GITHUB_TOKEN=x", "WASSIST_API_KEY=x", "WASSIST_NAME=x", "PATH=/", "LD_PRELOAD=x", "not a line", "=x"} {
		got, err := actionRun(t, "FINE=x\n"+line)
		if text := strings.Join(got, "\n"); err == nil || !strings.Contains(text, "line 2 of the input variables") {
			t.Errorf("%s: %v: %s", line, err, text)
		}
	}
}
