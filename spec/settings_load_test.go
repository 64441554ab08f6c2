package spec

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestLoadSettings(t *testing.T) {
	fsys := files(
		"agents/wassist-sync.yaml", "organization: Acme\n",
		"agents/deep/wassist-sync.yaml", "organization: Deep\n",
		"agents/empty/a.yaml", "not read",
		"wassist-sync.yaml", "organization: Root\n",
		"broken/wassist-sync.yaml", "organisation: Acme\n",
		"broken/a.yaml", "[",
		"folder/wassist-sync.yaml/a.yaml", "",
		"large/wassist-sync.yaml", strings.Repeat("#", maxFileSize+1),
		"other/wassist-sync.yml", "organization: Other\n",
		"file", "",
	)
	fsys["linked"] = &fstest.MapFile{Data: []byte("agents"), Mode: fs.ModeSymlink}
	fsys["pipe/wassist-sync.yaml"] = &fstest.MapFile{Mode: fs.ModeNamedPipe}
	for _, c := range []struct {
		dir, display string
		file, organ  string // of the settings; empty for none
		problem      string // empty for none
	}{
		{dir: "agents", display: "agents", file: "agents/wassist-sync.yaml", organ: "Acme"},
		{dir: "./agents/", display: "agents/../agents", file: "agents/wassist-sync.yaml", organ: "Acme"},
		{dir: "agents", display: "../shop", file: "../shop/wassist-sync.yaml", organ: "Acme"},
		{dir: "linked", display: "linked", file: "linked/wassist-sync.yaml", organ: "Acme"},
		{dir: "agents/deep", display: ".", file: "wassist-sync.yaml", organ: "Deep"},
		{dir: ".", display: ".", file: "wassist-sync.yaml", organ: "Root"},
		{dir: ".", display: "shop", file: "shop/wassist-sync.yaml", organ: "Root"},
		{dir: "agents/empty", display: "agents/empty"},
		{dir: "absent", display: "absent"},
		{dir: "other", display: "other"},
		{dir: "broken", display: "x", problem: "x/wassist-sync.yaml:1:1: organisation: is not a known key; did you mean organization?"},
		{dir: "folder", display: "x", problem: "x/wassist-sync.yaml: is a folder, must be a file; write the settings into a file of that name"},
		{dir: "pipe", display: "x", problem: "x/wassist-sync.yaml: is not a regular file; write the settings into a file of that name"},
		{dir: "large", display: "x", problem: "x/wassist-sync.yaml: is larger than 4 MiB; shorten it: settings are a few lines"},
		{dir: "file", display: "x", problem: "x: is a file, must be a folder; name the folder that holds the definitions"},
		{dir: "../agents", display: "x", problem: "x: leaves the repository; name a folder inside the repository, relative to its root"},
		{dir: "/agents", display: "x", problem: "x: leaves the repository; name a folder inside the repository, relative to its root"},
	} {
		s, err := LoadSettings(fsys, c.dir, c.display)
		if got := strings.Join(lines(t, err), "\n"); got != c.problem || (s == nil) == (err == nil) {
			t.Errorf("%s as %s: settings %v with the problem %q, want %q", c.dir, c.display, s, got, c.problem)
			continue
		}
		if s == nil {
			continue
		}
		if s.File != c.file || (s.Organization == nil) != (c.organ == "") || s.Organization != nil && (s.Organization.Text != c.organ || s.Organization.Pos.File != c.file) {
			t.Errorf("%s as %s: %q, want %s of %q", c.dir, c.display, outline(s), c.organ, c.file)
		}
	}
}

func TestLoadSettingsUnreadable(t *testing.T) {
	const name = "agents/wassist-sync.yaml"
	_, err := LoadSettings(deniedFS{files(name, ""), name}, "agents", "agents")
	want := []string{name + ": cannot be read: permission denied; check the file and its permissions"}
	if diff := cmp.Diff(want, lines(t, err)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestLoadSettingsThroughSymlinks(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside.yaml")
	if err := os.WriteFile(outside, []byte("organization: Outside\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	root := repository(t,
		"inside/wassist-sync.yaml", "-> ../shared/settings.yaml",
		"shared/settings.yaml", "organization: Shared\n",
		"linked", "-> inside",
		"absolute/wassist-sync.yaml", "-> "+outside,
		"up/wassist-sync.yaml", "-> ../../outside.yaml",
		"gone/wassist-sync.yaml", "-> nowhere.yaml",
		"loop/wassist-sync.yaml", "-> wassist-sync.yaml",
		"folder/wassist-sync.yaml", "-> ../shared",
		"git/wassist-sync.yaml", "-> ../.git/config",
		".git/config", "organization: Token\n",
		"dangling", "-> nowhere",
		"leaving", "-> ../..",
	)
	eachFS(t, root, func(t *testing.T, fsys fs.FS) {
		for dir, want := range map[string]string{
			"inside":   "inside/wassist-sync.yaml Shared",
			"linked":   "linked/wassist-sync.yaml Shared",
			"dangling": "",
			"absolute": "absolute/wassist-sync.yaml: is a symlink whose target leaves the repository; copy the file into the repository",
			"up":       "up/wassist-sync.yaml: is a symlink whose target leaves the repository; copy the file into the repository",
			"gone":     "gone/wassist-sync.yaml: is a symlink whose target does not exist; check the path",
			"loop":     "loop/wassist-sync.yaml: is a symlink whose target is a symlink that leads back to itself; name a regular file",
			"folder":   "folder/wassist-sync.yaml: is a symlink whose target is a folder, must be a file; write the settings into a file of that name",
			"git":      "git/wassist-sync.yaml: is a symlink whose target lies inside .git; name a file of the repository",
			"leaving":  "leaving: leaves the repository; copy the file into the repository",
		} {
			s, err := LoadSettings(fsys, dir, dir)
			got := strings.Join(lines(t, err), "\n")
			if s != nil && s.Organization != nil {
				got = s.File + " " + s.Organization.Text
			}
			if got != want {
				t.Errorf("%s: %q, want %q", dir, got, want)
			}
		}
	})
}

func TestMisnamedSettings(t *testing.T) {
	const problem = "agents/wassist-sync.yml: is not where settings are read from; rename it to wassist-sync.yaml, or to something else if it holds definitions"
	for name, c := range map[string]struct {
		fsys fs.FS
		want []string
	}{
		"settings":   {files("agents/wassist-sync.yml", "prune: all\n", "agents/a.yaml", "name: A\n"), []string{problem}},
		"both":       {files("agents/wassist-sync.yml", "prune: all\n", "agents/wassist-sync.yaml", "prune: all\n"), []string{problem}},
		"definition": {files("agents/wassist-sync.yml", "name: A\n"), []string{problem}},
		"elsewhere":  {files("agents/deep/wassist-sync.yml", "name: A\n"), nil},
		"a folder":   {files("agents/wassist-sync.yml/a.yaml", "name: A\n"), nil},
		"a link":     {os.DirFS(repository(t, "agents/wassist-sync.yml", "-> wassist-sync.yaml", "agents/wassist-sync.yaml", "")), []string{problem}},
	} {
		_, err := Load(c.fsys, "agents")
		if got := lines(t, err); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
