package spec

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestFile(t *testing.T) {
	fsys := files(
		"agents/sub/a.yaml", "name: A\nsystemPrompt: !file ./p.md\ndescription: !file ../../docs/d e.txt\nicebreakers: [!file p.md]\nfirstMessage: !file ../empty\n",
		"agents/sub/p.md", "\ufeffHi\r\n${X} \r there\r\n\n",
		"docs/d e.txt", "no newline",
		"agents/empty", "",
	)
	set := mustLoad(t, fsys)
	type text struct{ Text, File string }
	got := map[string]text{}
	fields := set.Agents[0].Fields
	for _, name := range []string{"systemPrompt", "description", "firstMessage"} {
		v := fields.Get(name)
		got[name] = text{v.Text, v.File()}
		if v.Kind != Text || v.Sensitive || v.Unresolved() {
			t.Errorf("%s: %s, sensitive %v", name, v.Kind, v.Sensitive)
		}
	}
	v := fields.Get("icebreakers").Items[0]
	got["icebreakers[0]"] = text{v.Text, v.File()}
	want := map[string]text{
		"systemPrompt":   {"Hi\n${X} \r there\n\n", "agents/sub/p.md"},
		"description":    {"no newline", "docs/d e.txt"},
		"firstMessage":   {"", "agents/empty"},
		"icebreakers[0]": {"Hi\n${X} \r there\n\n", "agents/sub/p.md"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
	if pos := fields.Get("systemPrompt").Pos; pos != (Position{"agents/sub/a.yaml", 2, 15}) {
		t.Errorf("the text stands at %v, want the tag's place", pos)
	}
}

func TestFileProblems(t *testing.T) {
	for path, want := range map[string]string{
		"":                    "names no file; write !file PATH",
		"/etc/passwd":         `names the file "/etc/passwd", an absolute path; write a path relative to this file`,
		`p\q.md`:              `names the file "p\\q.md" with \; write / between folders`,
		"../../p.md":          `names the file "../../p.md", which leaves the repository; copy the file into the repository`,
		"x/../../../p.md":     `names the file "x/../../../p.md", which leaves the repository; copy the file into the repository`,
		"absent.md":           `names the file "absent.md", which does not exist; the path is relative to the folder of this file`,
		"folder":              `names the file "folder", which is a folder, must be a file; name a regular file`,
		"..":                  `names the file "..", which is a folder, must be a file; name a regular file`,
		"large.md":            `names the file "large.md", which is larger than 1 MiB; split it`,
		"bad.md":              `names the file "bad.md", which holds the byte 0xFF, which is not UTF-8 (at 2:3); save the file as UTF-8`,
		"utf16.md":            `names the file "utf16.md", which is UTF-16, must be UTF-8 (at 1:1); save the file as UTF-8`,
		"pipe":                `names the file "pipe", which is not a regular file; name a regular file`,
		"../.git/config":      `names the file "../.git/config", which lies inside .git; name a file of the repository`,
		"../.GIT/config":      `names the file "../.GIT/config", which lies inside .git; name a file of the repository`,
		"folder/p.md/deep.md": `names the file "folder/p.md/deep.md", which does not exist; the path is relative to the folder of this file`,
		"nul.md":              "holds the character NUL; remove it",
	} {
		fsys := files(
			"agents/a.yaml", "name: A\nsystemPrompt: !file '"+path+"'\n",
			"agents/folder/p.md", "",
			"agents/large.md", strings.Repeat("x", maxTextSize+1),
			"agents/bad.md", "\ufeffab\né!\xff",
			"agents/utf16.md", "\xff\xfea\x00",
			"agents/nul.md", "a\x00",
			".git/config", "token",
			".GIT/config", "token",
		)
		fsys["agents/pipe"] = &fstest.MapFile{Mode: fs.ModeNamedPipe}
		_, err := Load(fsys, "agents")
		if diff := cmp.Diff([]string{"agents/a.yaml:2:15: systemPrompt: " + want}, lines(t, err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

func TestFileOfExactlyTheLimit(t *testing.T) {
	set := mustLoad(t, files("agents/a.yaml", "name: A\nsystemPrompt: !file p.md\n", "agents/p.md", strings.Repeat("x", maxTextSize)))
	if n := len(set.Agents[0].Fields.Get("systemPrompt").Text); n != maxTextSize {
		t.Errorf("%d bytes, want %d", n, maxTextSize)
	}
}

// growingFS tells a small size and then reads on, as a file that grows does.
type growingFS struct{ fstest.MapFS }

func (g growingFS) Stat(name string) (fs.FileInfo, error) {
	if strings.HasSuffix(name, ".md") {
		return g.MapFS.Stat("agents/small")
	}
	return g.MapFS.Stat(name)
}

func TestFileThatGrows(t *testing.T) {
	_, err := Load(growingFS{files("agents/a.yaml", "name: A\nsystemPrompt: !file p.md\n", "agents/p.md", strings.Repeat("x", maxTextSize+1), "agents/small", "")}, "agents")
	want := `agents/a.yaml:2:15: systemPrompt: names the file "p.md", which is larger than 1 MiB; split it`
	if diff := cmp.Diff([]string{want}, lines(t, err)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// brokenFS fails in the middle of reading.
type brokenFS struct{ fstest.MapFS }

type brokenFile struct{ fs.File }

func (brokenFile) Read(p []byte) (int, error) {
	return copy(p, "name: X"), &fs.PathError{Op: "read", Path: "/home/someone/a.yaml", Err: errors.New("input/output error")}
}

func (b brokenFS) Open(name string) (fs.File, error) {
	f, err := b.MapFS.Open(name)
	return brokenFile{f}, err
}

func TestFileThatBreaks(t *testing.T) {
	_, err := Load(brokenFS{files("agents/a.yaml", "name: A\n")}, "agents")
	want := "agents/a.yaml: cannot be read: input/output error; check the file and its permissions"
	if diff := cmp.Diff([]string{want}, lines(t, err)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// repository lays files and links out on disk; a link's content starts with "-> ".
func repository(t *testing.T, pairs ...string) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "repo")
	for i := 0; i < len(pairs); i += 2 {
		name := filepath.Join(root, pairs[i])
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if target, ok := strings.CutPrefix(pairs[i+1], "-> "); ok {
			err = os.Symlink(target, name)
		} else {
			err = os.WriteFile(name, []byte(pairs[i+1]), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// eachFS runs a test over both ways of opening a folder: os.Root, which keeps
// the boundary itself, and os.DirFS, which does not.
func eachFS(t *testing.T, root string, test func(t *testing.T, fsys fs.FS)) {
	t.Run("Root", func(t *testing.T) {
		r, err := os.OpenRoot(root)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		test(t, r.FS())
	})
	t.Run("DirFS", func(t *testing.T) { test(t, os.DirFS(root)) })
}

func TestSymlinksInside(t *testing.T) {
	root := repository(t,
		"agents/a.yaml", "-> ../shared/real.yaml",
		"shared/real.yaml", "name: A\nsystemPrompt: !file p.md\n",
		"agents/p.md", "-> ../texts/link.md",
		"texts/link.md", "-> ../agents/../texts/./p.md",
		"texts/p.md", "hello",
		"agents/texts", "-> ../texts",
		"agents/c.yaml", "name: C\nsystemPrompt: !file texts/p.md\n",
		"more/b.yaml", "name: B\n",
		"agents/more", "-> ../more",
		"agents/note.txt", "-> nowhere",
		"agents/_out.yaml", "-> /etc/hostname",
		"linked", "-> agents",
	)
	eachFS(t, root, func(t *testing.T, fsys fs.FS) {
		for _, dir := range []string{"agents", "linked"} {
			set, err := Load(fsys, dir)
			if err != nil {
				t.Fatalf("%s: %v", dir, err)
			}
			if len(set.Agents) != 2 || set.Files != 2 {
				t.Fatalf("%s: %d agents in %d files, want A and C: a symlinked folder is not entered", dir, len(set.Agents), set.Files)
			}
			for i, file := range []string{dir + "/p.md", dir + "/texts/p.md"} {
				if v := set.Agents[i].Fields.Get("systemPrompt"); v.Text != "hello" || v.File() != file {
					t.Errorf("prompt %q from %s, want hello from %s", v.Text, v.File(), file)
				}
			}
			want := []string{
				dir + "/more: is a symlink to a folder, which is not entered; move the folder itself here if it holds definitions",
				dir + "/texts: is a symlink to a folder, which is not entered; move the folder itself here if it holds definitions",
			}
			if diff := cmp.Diff(want, lines(t, set.Warnings)); diff != "" {
				t.Errorf("%s: warnings (-want +got):\n%s", dir, diff)
			}
		}
	})
}

func TestSymlinksThatLeave(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside.yaml")
	if err := os.WriteFile(outside, []byte("name: Outside\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	root := repository(t,
		"agents/abs.yaml", "-> "+outside,
		"agents/rel.yaml", "-> ../../outside.yaml",
		"agents/gone.yaml", "-> nowhere.yaml",
		"agents/loop.yaml", "-> loop.yaml",
		"agents/folder", "-> ../..",
		"agents/folder.yaml", "-> ../agents/sub",
		"agents/git.yaml", "-> ../.git/config",
		".git/config", "name: Token\n",
		"agents/sub/x.md", "",
		"agents/a.yaml", "name: A\ndescription: !file abs.md\nsystemPrompt: !file up/outside.yaml\nfirstMessage: !file gone.md\nicebreakers: [!file loop.md, !file git.md]\n",
		"agents/abs.md", "-> "+outside,
		"agents/_up", "-> ../..",
		"agents/up", "-> _up",
		"agents/gone.md", "-> nowhere.md",
		"agents/loop.md", "-> loop2.md",
		"agents/loop2.md", "-> loop.md",
		"agents/git.md", "-> ../.git/config",
		"agents/b.yaml", "name: B\nhandoffTools: [{agent: Nobody, description: d}]\n",
	)
	want := []string{
		`agents/a.yaml:2:14: description: names the file "abs.md", which leaves the repository; copy the file into the repository`,
		`agents/a.yaml:3:15: systemPrompt: names the file "up/outside.yaml", which leaves the repository; copy the file into the repository`,
		`agents/a.yaml:4:15: firstMessage: names the file "gone.md", which does not exist; the path is relative to the folder of this file`,
		`agents/a.yaml:5:15: icebreakers[0]: names the file "loop.md", which is a symlink that leads back to itself; name a regular file`,
		`agents/a.yaml:5:30: icebreakers[1]: names the file "git.md", which lies inside .git; name a file of the repository`,
		"agents/abs.md: is a symlink whose target leaves the repository; copy the file into the repository",
		"agents/abs.yaml: is a symlink whose target leaves the repository; copy the file into the repository",
		"agents/folder: is a symlink whose target leaves the repository; copy the file into the repository",
		"agents/git.yaml: lies inside .git; name a file of the repository",
		"agents/gone.yaml: is a symlink whose target does not exist; check the path",
		"agents/loop.yaml: is a symlink whose target is a symlink that leads back to itself; name a regular file",
		"agents/rel.yaml: is a symlink whose target leaves the repository; copy the file into the repository",
		"agents/up: is a symlink whose target leaves the repository; copy the file into the repository",
	}
	eachFS(t, root, func(t *testing.T, fsys fs.FS) {
		set, err := Load(fsys, "agents")
		if set != nil {
			t.Fatalf("a set beside an error: %v", set)
		}
		if diff := cmp.Diff(want, lines(t, err)); diff != "" {
			t.Errorf("problems (-want +got):\n%s", diff)
		}
	})
	eachFS(t, repository(t, "agents", "-> ../..", "x", ""), func(t *testing.T, fsys fs.FS) {
		_, err := Load(fsys, "agents")
		if diff := cmp.Diff([]string{"agents: leaves the repository; copy the file into the repository"}, lines(t, err)); diff != "" {
			t.Errorf("a folder that leaves (-want +got):\n%s", diff)
		}
	})
}

// plainFS hides that a file system knows symlinks.
type plainFS struct{ fs.FS }

// Without ReadLink the boundary is the file system's own: os.Root's.
func TestSymlinksWithoutReadLink(t *testing.T) {
	root := repository(t, "agents/a.yaml", "name: A\nsystemPrompt: !file p.md\ndescription: !file ../../up.md\n", "agents/p.md", "-> /etc/hostname")
	r, err := os.OpenRoot(root)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	_, err = Load(plainFS{r.FS()}, "agents")
	want := []string{
		`agents/a.yaml:2:15: systemPrompt: names the file "p.md", which leaves the repository; copy the file into the repository`,
		`agents/a.yaml:3:14: description: names the file "../../up.md", which leaves the repository; copy the file into the repository`,
		"agents/p.md: is a symlink whose target leaves the repository; copy the file into the repository",
	}
	if diff := cmp.Diff(want, lines(t, err)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}
