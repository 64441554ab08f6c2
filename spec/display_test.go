package spec

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestLoadAsNamesTheFolderInPositions(t *testing.T) {
	bad := &fstest.MapFile{Data: []byte("name: A\nnope: 1\n")}
	for _, c := range []struct{ file, dir, display, want string }{
		{"a.yaml", ".", "/srv/agents", "/srv/agents/a.yaml:2:1"},
		{"sub/a.yaml", ".", "../agents", "../agents/sub/a.yaml:2:1"},
		{"x/sub/a.yaml", "x", "agents", "agents/sub/a.yaml:2:1"},
		{"x/a.yaml", "x", "x", "x/a.yaml:2:1"},
		{"x/a.yaml", "x", ".", "a.yaml:2:1"},
	} {
		_, err := LoadAs(fstest.MapFS{c.file: bad}, c.dir, c.display)
		problems, ok := err.(Problems) //nolint:errorlint // Load documents the very type
		if !ok || len(problems) != 1 {
			t.Fatalf("%+v: got %v, want one problem", c, err)
		}
		if diff := cmp.Diff(c.want, problems[0].Pos.String()); diff != "" {
			t.Errorf("%+v: position (-want +got):\n%s", c, diff)
		}
	}
}
