package arrows

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// everything marks a room that may import all others: the program alone.
const everything = "*"

// rooms says for each package of the module, by its path below the module's, what
// it may import of the module. Tests may import more: they drive the simulator.
var rooms = map[string][]string{
	"cmd/wassist-sync":  {everything},
	"spec":              {},
	"sync":              {"spec"},
	"wassist":           {},
	"wassist/simulator": {"wassist"},
	"internal/arrows":   {},
	"internal/gitsrc":   {"spec"},
	"internal/remote":   {"spec", "sync", "wassist"},
	"internal/report":   {"spec", "sync"},
	"internal/github":   {"internal/report", "sync"},

	// A GitHub to test against, as a package and as a process of its own.
	"internal/github/githubtest":                {},
	"internal/github/githubtest/cmd/fakegithub": {"internal/github/githubtest"},

	"internal/source": {"internal/gitsrc", "spec", "sync"},
	// Nothing but tests, which drive all of the above.
	"internal/reliability": {},

	"internal/serve": {"internal/gitsrc", "internal/remote", "internal/report", "internal/source", "spec", "sync"},
}

// homes names the only room that may import an outside package, or one below it.
var homes = map[string]string{
	"gopkg.in/yaml.v3":            "spec",
	"golang.org/x/time":           "wassist",
	"github.com/go-git":           "internal/gitsrc",
	"github.com/google/go-github": "internal/github",
	"github.com/robfig/cron":      "internal/serve",
	"github.com/prometheus":       "internal/serve",

	// Other YAML libraries have no home: one dialect for the whole module.
	"go.yaml.in/yaml":          "",
	"gopkg.in/yaml.v2":         "",
	"sigs.k8s.io/yaml":         "",
	"github.com/goccy/go-yaml": "",
}

// banned names packages that one room may not import, exactly as written: sync has
// no network, no files and no environment; what it needs comes through its ports.
var banned = map[string][]string{
	"sync": {"net", "net/http", "os", "os/exec"},
}

// listed is what this test reads of go list -json: a package and what its files
// besides the tests import.
type listed struct {
	ImportPath string
	Imports    []string
	Module     *struct{ Path string }
}

// violations tells what is wrong with the imports of a module's packages.
func violations(packages []listed) []string {
	var wrong []string
	for _, p := range packages {
		module := p.Module.Path
		room := strings.TrimPrefix(p.ImportPath, module+"/")
		allowed, known := rooms[room]
		if !known {
			wrong = append(wrong, fmt.Sprintf("%s is a new room: give it a row in rooms, and a rule in .golangci.yml", room))
			continue
		}
		for _, path := range p.Imports {
			if ours, ok := strings.CutPrefix(path, module+"/"); ok {
				if !slices.Contains(allowed, ours) && !slices.Contains(allowed, everything) {
					wrong = append(wrong, fmt.Sprintf("%s may not import %s", room, ours))
				}
			}
			if slices.Contains(banned[room], path) {
				wrong = append(wrong, fmt.Sprintf("%s may not import %s", room, path))
			}
			for outside, home := range homes {
				if below(path, outside) && room != home {
					wrong = append(wrong, fmt.Sprintf("%s may not import %s: its only home is %q", room, path, home))
				}
			}
		}
	}
	return wrong
}

// below tells whether path is prefix, another major version of it, or beneath it.
func below(path, prefix string) bool {
	return path == prefix || strings.HasPrefix(path, prefix+"/")
}

func TestModule(t *testing.T) {
	packages := goList(t)
	if len(packages) < 2 {
		t.Fatalf("go list found %d packages; this test must see the whole module", len(packages))
	}
	for _, w := range violations(packages) {
		t.Error(w)
	}
}

// goList asks the go command about all packages of the module.
func goList(t *testing.T) []listed {
	t.Helper()
	// go test repeats a stored result until a file that the test itself opened has
	// changed; what go list reads does not count. So open every folder.
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && path != "../.." && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports,Module", "./...")
	cmd.Dir = "../.."
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	var packages []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		if err != nil {
			t.Fatalf("go list -json: %v", err)
		}
		packages = append(packages, p)
	}
}

// TestViolations plants each kind of violation: a check that cannot fail keeps nothing.
func TestViolations(t *testing.T) {
	tests := []struct {
		room    string
		imports []string
		want    []string
	}{
		{"cmd/wassist-sync", []string{"os", "m/spec", "m/internal/serve", "m/wassist/simulator"}, nil},
		{"spec", []string{"io/fs", "gopkg.in/yaml.v3"}, nil},
		{"spec", []string{"m/sync"}, []string{"spec may not import sync"}},
		{"wassist", []string{"net/http", "golang.org/x/time/rate"}, nil},
		{"wassist", []string{"m/wassist/simulator"}, []string{"wassist may not import wassist/simulator"}},
		{"wassist/simulator", []string{"m/wassist"}, nil},
		{"wassist/simulator", []string{"m/spec"}, []string{"wassist/simulator may not import spec"}},
		{"sync", []string{"m/spec", "sync", "net/url", "io"}, nil},
		{"sync", []string{"m/wassist"}, []string{"sync may not import wassist"}},
		{"sync", []string{"m/internal/report"}, []string{"sync may not import internal/report"}},
		{"sync", []string{"os", "net/http"}, []string{"sync may not import os", "sync may not import net/http"}},
		{"sync", []string{"gopkg.in/yaml.v3"}, []string{`sync may not import gopkg.in/yaml.v3: its only home is "spec"`}},
		{"internal/remote", []string{"m/sync", "m/spec", "m/wassist"}, nil},
		{"internal/remote", []string{"m/wassist/simulator"}, []string{"internal/remote may not import wassist/simulator"}},
		{"internal/remote", []string{"golang.org/x/time/rate"}, []string{`internal/remote may not import golang.org/x/time/rate: its only home is "wassist"`}},
		{"internal/source", []string{"os", "m/internal/gitsrc", "m/spec", "m/sync"}, nil},
		{"internal/source", []string{"m/internal/remote", "github.com/go-git/go-git/v5"}, []string{"internal/source may not import internal/remote", `internal/source may not import github.com/go-git/go-git/v5: its only home is "internal/gitsrc"`}},
		{"internal/gitsrc", []string{"m/sync", "m/internal/source"}, []string{"internal/gitsrc may not import sync", "internal/gitsrc may not import internal/source"}},
		{"internal/serve", []string{"m/internal/source"}, nil},
		{"internal/serve", []string{"github.com/robfig/cron/v3", "github.com/prometheus/client_golang/prometheus"}, nil},
		{"internal/report", []string{"m/internal/remote"}, []string{"internal/report may not import internal/remote"}},
		{"cmd/wassist-sync", []string{"github.com/go-git/go-git/v5/plumbing"}, []string{`cmd/wassist-sync may not import github.com/go-git/go-git/v5/plumbing: its only home is "internal/gitsrc"`}},
		{"spec", []string{"go.yaml.in/yaml/v4"}, []string{`spec may not import go.yaml.in/yaml/v4: its only home is ""`}},
		{"internal/new", nil, []string{"internal/new is a new room: give it a row in rooms, and a rule in .golangci.yml"}},
	}
	for _, tt := range tests {
		p := listed{ImportPath: "m/" + tt.room, Imports: tt.imports, Module: &struct{ Path string }{"m"}}
		if diff := cmp.Diff(tt.want, violations([]listed{p})); diff != "" {
			t.Errorf("%s importing %v (-want +got):\n%s", tt.room, tt.imports, diff)
		}
	}
}
