package source

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A folder is made inside its repository, or outside of all, and behind no link
// that leaves one.
func TestMayMake(t *testing.T) {
	r := newRepo(t, files{"agents/a.yaml": agent("A")})
	outside := t.TempDir()
	for name, to := range map[string]string{"out": outside, "in": "agents"} {
		if err := os.Symlink(to, r.path(name)); err != nil {
			t.Skip(err)
		}
	}
	for _, folder := range []string{r.path("new"), r.path("agents/new/newer"), r.path("in/new"), filepath.Join(outside, "new")} {
		if err := MayMake(folder); err != nil {
			t.Errorf("%s: %v", folder, err)
		}
	}
	if err := MayMake(r.path("out/new")); !errors.Is(err, ErrUsage) || !errors.Is(err, ErrNoFolder) {
		t.Errorf("behind a link: %v", err)
	}
}
