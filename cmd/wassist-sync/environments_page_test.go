package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var anyID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// TestEnvironmentsPage does what docs/environments.md does, and gets what it shows.
func TestEnvironmentsPage(t *testing.T) {
	text := page(t, "docs/environments.md")
	t.Chdir(t.TempDir())
	for _, block := range fenced(text, "yaml") {
		first, _, _ := strings.Cut(block, "\n")
		name, ok := strings.CutPrefix(first, "# ")
		if !ok {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if files, err := filepath.Glob("agents/environments/*.yaml"); err != nil || len(files) != 2 {
		t.Fatalf("the page has the environments %q, %v", files, err)
	}
	state := filepath.Join(t.TempDir(), "staging.json")
	do := func(command string) string {
		t.Helper()
		args := strings.Fields(strings.ReplaceAll(command, "/tmp/staging.json", state))
		if len(args) < 2 || args[0] != "wassist-sync" {
			t.Fatalf("the page runs %q", command)
		}
		var out, log bytes.Buffer
		nothing := func(string) (string, bool) { return "", false }
		code := run(t.Context(), args[1:], console{in: strings.NewReader(""), out: &out, err: &log, lookupEnv: nothing})
		if want := strings.Contains(out.String(), "! refused"); code != exitDone && (code != exitRefused || !want) {
			t.Errorf("%s: exit code %d\n%s", command, code, log.String())
		}
		return out.String()
	}
	// In the order of the page: what is applied stands between what is shown.
	shown := fenced(text, "console")
	for i, block := range shown {
		command, want, _ := strings.Cut(block, "\n")
		if i == len(shown)-1 {
			for _, applied := range fenced(text, "sh") {
				do(strings.TrimSpace(applied))
			}
		}
		got := do(strings.TrimPrefix(command, "$ "))
		if anyID.ReplaceAllString(got, "ID") != anyID.ReplaceAllString(want, "ID") {
			t.Errorf("%s\nprints\n%s\nand the page shows\n%s", command, got, want)
		}
	}
	if len(shown) != 3 {
		t.Errorf("the page shows %d commands", len(shown))
	}
}
