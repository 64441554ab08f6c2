package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	namedTest   = regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9_]+)`")
	namedScript = regexp.MustCompile("`([a-z0-9_]+)\\.txtar`")
	testFunc    = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
)

// TestThreatsNameTests: every test and script that docs/security.md names exists, and
// each line of its tables names at least one, or says that there is none.
func TestThreatsNameTests(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(projectRoot, "docs", "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	var there []string
	err = filepath.WalkDir(projectRoot, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range testFunc.FindAllStringSubmatch(string(text), -1) {
			there = append(there, m[1])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range there {
		if strings.HasPrefix(name, "Fuzz") && !strings.Contains(string(raw), "\n| `"+name+"` |") {
			t.Errorf("docs/security.md does not say what %s makes up", name)
		}
	}
	names := 0
	for i, line := range strings.Split(string(raw), "\n") {
		tests, scripts := namedTest.FindAllStringSubmatch(line, -1), namedScript.FindAllStringSubmatch(line, -1)
		for _, m := range tests {
			if !slices.Contains(there, m[1]) {
				t.Errorf("docs/security.md:%d: there is no test %s", i+1, m[1])
			}
		}
		for _, m := range scripts {
			if _, err := os.Stat(filepath.Join("testdata", "script", m[1]+".txtar")); err != nil {
				t.Errorf("docs/security.md:%d: %v", i+1, err)
			}
		}
		names += len(tests) + len(scripts)
		row := strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| Wh")
		if row && len(tests)+len(scripts) == 0 && !strings.Contains(line, "no test") {
			t.Errorf("docs/security.md:%d names no test: %s", i+1, line)
		}
	}
	if names < 60 {
		t.Errorf("only %d names were found", names)
	}
}
