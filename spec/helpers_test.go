package spec

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// files is a repository with the given files.
func files(pairs ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fsys[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fsys
}

// lines gives the problems of an error, and fails when it is another error.
func lines(t testing.TB, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var problems Problems
	if !errors.As(err, &problems) {
		t.Fatalf("error is %T, want Problems: %v", err, err)
	}
	return strings.Split(problems.Error(), "\n")
}

// mustLoad loads agents/ and fails on any problem.
func mustLoad(t testing.TB, fsys fstest.MapFS) *Set {
	t.Helper()
	set, err := Load(fsys, "agents")
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return set
}

// one loads a single definition from agents/a.yaml.
func one(t testing.TB, src string) *Agent {
	t.Helper()
	set := mustLoad(t, files("agents/a.yaml", src))
	if len(set.Agents) != 1 {
		t.Fatalf("%d agents, want 1", len(set.Agents))
	}
	return set.Agents[0]
}

// problemCase is a file agents/a.yaml and everything that Load says about it.
type problemCase struct {
	name string
	src  string
	want []string // full texts; none for a sound file
}

func runProblems(t *testing.T, cases []problemCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			set, err := Load(files("agents/a.yaml", c.src), "agents")
			if (set == nil) == (err == nil) {
				t.Errorf("set %v with error %v: exactly one of them must be nil", set, err)
			}
			if diff := cmp.Diff(c.want, lines(t, err)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}
