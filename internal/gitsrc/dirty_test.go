package gitsrc

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDirty(t *testing.T) {
	committed := map[string]string{
		"agents/a.yaml": agent("A"), "agents/sub/b.yaml": agent("B"), "agents/l.yaml": "-> a.yaml", "texts/p.md": "one\ntwo\n", "other/o.txt": "o",
		".gitignore": "*.log\nsecret*.yaml\n", "agents/sub/.gitignore": "local.txt\n",
		"agents/t": "-> ../links", "links/p.md": "-> ../texts/q.md", "texts/q.md": "q",
	}
	for name, test := range map[string]struct {
		change map[string]string
		remove []string
		want   []string
	}{
		"nothing":                     {},
		"an edit":                     {change: files{"agents/a.yaml": agent("X")}, want: []string{"agents/a.yaml"}},
		"CRLF":                        {change: files{"agents/a.yaml": "name: A\r\n", "texts/p.md": "one\r\ntwo\r\n"}},
		"an untracked definition":     {change: files{"agents/n.yaml": agent("N")}, want: []string{"agents/n.yaml"}},
		"an ignored definition":       {change: files{"agents/secret.yaml": agent("N")}, want: []string{"agents/secret.yaml"}},
		"an ignored file":             {change: files{"agents/x.log": "x", "agents/sub/local.txt": "x"}},
		"an ignored draft":            {change: files{"agents/_d/secret1.yaml": "x"}},
		"an untracked file":           {change: files{"agents/local.txt": "x"}, want: []string{"agents/local.txt"}},
		"a deleted file":              {remove: []string{"agents/sub/b.yaml"}, want: []string{"agents/sub/b.yaml"}},
		"a text that !file named":     {change: files{"texts/p.md": "three"}, want: []string{"texts/p.md"}},
		"a text that is gone":         {remove: []string{"texts/p.md"}, want: []string{"texts/p.md"}},
		"a text behind links":         {change: files{"texts/q.md": "other"}, want: []string{"texts/q.md"}},
		"a link on the way to a text": {change: files{"links/p.md": "-> ../texts/p.md"}, want: []string{"links/p.md"}},
		"elsewhere":                   {change: files{"other/o.txt": "changed", "other/new.yaml": "x", "README": "x"}},
		"a link that leads elsewhere": {change: files{"agents/l.yaml": "-> sub/b.yaml"}, want: []string{"agents/l.yaml"}},
		"a link that became a file":   {change: files{"agents/l.yaml": agent("A")}, want: []string{"agents/l.yaml"}},
		"a file that became a link":   {change: files{"agents/a.yaml": "-> sub/b.yaml"}, want: []string{"agents/a.yaml"}},
		"a folder that became a file": {remove: []string{"agents/sub/b.yaml", "agents/sub/.gitignore", "agents/sub"}, change: files{"agents/sub": "x"}, want: []string{"agents/sub", "agents/sub/.gitignore", "agents/sub/b.yaml"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := worktree(t, committed)
			for _, name := range test.remove {
				if err := os.Remove(filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
			}
			write(t, dir, test.change)
			dirty, found, err := openedAt(t, dir).Dirty(context.Background(), "agents", []string{"texts/p.md", "agents/t/p.md"})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, append([]string(nil), found...)); diff != "" || dirty != (len(test.want) > 0) {
				t.Errorf("dirty %v\n%s", dirty, diff)
			}
		})
	}
}

func TestDirtyAtTheTop(t *testing.T) {
	dir := worktree(t, files{"a.yaml": agent("A"), ".gitignore": "x.log\n"})
	r := openedAt(t, dir)
	if dirty, found, err := r.Dirty(context.Background(), ".", nil); dirty || err != nil {
		t.Errorf("clean: %v %v", found, err)
	}
	write(t, dir, files{"x.log": "x", "sub/n.txt": "n"})
	if _, found, err := r.Dirty(context.Background(), ".", nil); err != nil || !cmp.Equal(found, []string{"sub/n.txt"}) {
		t.Errorf("found %v %v", found, err)
	}
	// What is staged is as dirty as what is not: HEAD is what counts.
	run(t, dir, "", "add", "-A")
	if dirty, _, err := r.Dirty(context.Background(), ".", nil); !dirty || err != nil {
		t.Errorf("staged: %v %v", dirty, err)
	}
}

func TestDirtyBeforeTheFirstCommit(t *testing.T) {
	dir := t.TempDir()
	run(t, dir, "", "init", "-q", ".")
	write(t, dir, files{"agents/a.yaml": agent("A")})
	_, found, err := openedAt(t, dir).Dirty(context.Background(), "agents", nil)
	if err != nil || !cmp.Equal(found, []string{"agents/a.yaml"}) {
		t.Errorf("found %v %v", found, err)
	}
	if _, _, err := opened(t, filepath.Join(dir, ".git")).Dirty(context.Background(), "agents", nil); err == nil {
		t.Error("a bare repository has no work tree to compare")
	}
}

// TestDirtyRefusesTextsOutside: no path and no link leads it out of the repository.
func TestDirtyRefusesTextsOutside(t *testing.T) {
	dir := worktree(t, files{"a/x.yaml": agent("X"), "a/out": "-> ../..", "a/abs": "-> /etc", "a/loop": "-> loop"})
	r := openedAt(t, dir)
	for text, want := range map[string]string{
		"../x": "no path inside the repository", "a/out/x": "no path inside the repository", "a/abs/passwd": "absolute path", "a/loop": "too many levels",
	} {
		if _, _, err := r.Dirty(context.Background(), "a", []string{text}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
