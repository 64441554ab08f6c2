package serve_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/internal/serve"
	"wassist-sync/wassist/simulator"
)

// A clone that is damaged where fetching does not look is made anew in the run that
// meets it: nobody is told of a failure.
func TestDamagedClone(t *testing.T) {
	h := line(t, definition("A", "p"), definition("A", "q"))
	out, err := exec.CommandContext(t.Context(), "git", "--git-dir", h.folder, "rev-parse", h.marks[1]+":agents/a.yaml").Output()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.TrimSpace(string(out)) // the file that the second commit brings
	synctest.Test(t, func(t *testing.T) {
		o := newOrganization(t, simulator.Options{})
		w := &watch{}
		c := config(t, "shop", h, o, "*/15 * * * *")
		running(t, []serve.Config{c}, w.options(), func(t *testing.T, _ *serve.Daemon) {
			w.ended()
			found, err := filepath.Glob(filepath.Join(c.CacheDir, "*.git", "objects", text[:2], text[2:]))
			if err != nil || len(found) != 1 {
				t.Fatalf("%s is at %v, %v", text, found, err)
			}
			if err := os.Remove(found[0]); err != nil { // it may be a link to the origin's
				t.Fatal(err)
			}
			if err := os.WriteFile(found[0], []byte("damaged"), 0o600); err != nil {
				t.Fatal(err)
			}
			h.push(1)
			pass(16 * time.Minute)
			if got := outcomes(w.ended()); !cmp.Equal(got, []string{"schedule applied"}) || o.agent(t, "A")["systemPrompt"] != "q" {
				t.Errorf("with the damage: %v", got)
			}
			if text := strings.Join(w.logged(), "\n"); !strings.Contains(text, "damaged and has been made anew") || len(w.events()) > 0 {
				t.Errorf("the log: %s", text)
			}
		})
	})
}

// Between runs no file of a clone is open.
func TestNothingIsOpenAtRest(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("descriptors are listed on Linux only")
	}
	var texts []string
	for i := range 60 { // enough for git to make a pack
		texts = append(texts, definition("A", fmt.Sprint(i)))
	}
	h := line(t, texts...)
	h.push(59)
	synctest.Test(t, func(t *testing.T) {
		w := &watch{}
		c := config(t, "shop", h, newOrganization(t, simulator.Options{}), "*/15 * * * *")
		running(t, []serve.Config{c}, w.options(), func(t *testing.T, _ *serve.Daemon) {
			pass(16 * time.Minute)
			packs, err := filepath.Glob(filepath.Join(c.CacheDir, "*.git", "objects", "pack", "*.pack"))
			if err != nil || len(packs) == 0 || len(w.ended()) != 2 {
				t.Fatalf("packs %v, %v", packs, err)
			}
			fds, err := os.ReadDir("/proc/self/fd")
			if err != nil {
				t.Fatal(err)
			}
			for _, fd := range fds {
				if to, err := os.Readlink(filepath.Join("/proc/self/fd", fd.Name())); err == nil && strings.HasPrefix(to, c.CacheDir) {
					t.Errorf("%s is open between runs", to)
				}
			}
		})
	})
}
