package spec

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestLoadFindsFiles(t *testing.T) {
	broken := "not a definition"
	fsys := files(
		"agents/b.yaml", "name: B\n---\nname: A\n",
		"agents/deep/er/c.yml", "name: C\n",
		"agents/deep/environments/d.yaml", "name: D\n",
		"agents/deep/wassist-sync.yaml", "name: E\n",
		"agents/wassist-sync.yaml", broken,
		"agents/environments/prod.yaml", broken,
		"agents/.hidden.yaml", broken,
		"agents/_draft.yaml", broken,
		"agents/_drafts/x.yaml", broken,
		"agents/.git/x.yaml", broken,
		"agents/prompt.md", broken,
		"agents/x.yaml.orig", broken,
		"agents/x.json", broken,
		"other.yaml", broken,
	)
	set := mustLoad(t, fsys)
	var got []string
	for _, a := range set.Agents {
		got = append(got, a.Name+" "+a.Pos.String()+" "+a.NamePos.String())
	}
	want := []string{
		"A agents/b.yaml:3:1 agents/b.yaml:3:7",
		"B agents/b.yaml:1:1 agents/b.yaml:1:7",
		"C agents/deep/er/c.yml:1:1 agents/deep/er/c.yml:1:7",
		"D agents/deep/environments/d.yaml:1:1 agents/deep/environments/d.yaml:1:7",
		"E agents/deep/wassist-sync.yaml:1:1 agents/deep/wassist-sync.yaml:1:7",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("agents (-want +got):\n%s", diff)
	}
	if set.Files != 4 || set.Warnings != nil {
		t.Errorf("files %d, warnings %v; want 4 and none", set.Files, set.Warnings)
	}
}

func TestLoadAtTheRoot(t *testing.T) {
	set, err := Load(files("a.yaml", "name: A\nsystemPrompt: !file p.md\n", "p.md", "hi", "environments/x.yaml", "x"), ".")
	if err != nil {
		t.Fatal(err)
	}
	prompt := set.Agents[0].Fields.Get("systemPrompt")
	if set.Agents[0].Pos.File != "a.yaml" || prompt.File() != "p.md" || prompt.Text != "hi" {
		t.Errorf("position %v, prompt %q from %q", set.Agents[0].Pos, prompt.Text, prompt.File())
	}
}

func TestLoadFolders(t *testing.T) {
	fsys := files("agents/readme.md", "", "file", "")
	set, err := Load(fsys, "./agents/")
	if err != nil || len(set.Agents) != 0 || set.Files != 0 {
		t.Errorf("empty folder: %v, %v", set, err)
	}
	for _, dir := range []string{"absent", "agents/absent"} {
		set, err = Load(fsys, dir)
		if set != nil || !errors.Is(err, fs.ErrNotExist) || errors.As(err, new(Problems)) {
			t.Errorf("%s: %v, %v; want fs.ErrNotExist and no Problems", dir, set, err)
		}
	}
	for dir, want := range map[string]string{
		"file":      "file: is a file, must be a folder; name the folder that holds the definitions",
		"../agents": "../agents: leaves the repository; name a folder inside the repository, relative to its root",
		"/agents":   "/agents: leaves the repository; name a folder inside the repository, relative to its root",
	} {
		set, err := Load(fsys, dir)
		if got := lines(t, err); set != nil || !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %v, %q; want %q", dir, set, got, want)
		}
	}
}

func TestLoadReportsAllFiles(t *testing.T) {
	_, err := Load(files(
		"agents/c.yaml", "name: C\ncolour: red\n",
		"agents/b.yaml", "name: [\n",
		"agents/a.yaml", "",
		"agents/d.yaml", "name: D\ndescription: \xff\n",
		"agents/e.yaml", "# "+strings.Repeat("x", maxFileSize),
	), "agents")
	want := []string{
		"agents/a.yaml: holds no definition; add one with at least a name, delete the file, or let its name start with _",
		"agents/b.yaml:1:1: is not valid YAML: did not find expected node content; check the indentation, quotes and brackets of this line and the one before",
		"agents/c.yaml:2:1: colour: is not a known key; " + didYouMean("colour", keys(definitionField.Fields)),
		"agents/d.yaml:2:14: holds the byte 0xFF, which is not UTF-8; save it as UTF-8",
		"agents/e.yaml: is larger than 4 MiB; split it",
	}
	if diff := cmp.Diff(want, lines(t, err)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// deniedFS refuses to read some paths, as a file system without permission does.
type deniedFS struct {
	fstest.MapFS
	denied string
}

func (d deniedFS) Open(name string) (fs.File, error) {
	if name == d.denied {
		return nil, &fs.PathError{Op: "open", Path: "/home/someone/" + name, Err: fs.ErrPermission}
	}
	return d.MapFS.Open(name)
}

func (d deniedFS) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == d.denied {
		return nil, &fs.PathError{Op: "readdir", Path: "/home/someone/" + name, Err: fs.ErrPermission}
	}
	return d.MapFS.ReadDir(name)
}

func TestLoadReportsUnreadable(t *testing.T) {
	fsys := files("agents/a.yaml", "name: A\nhandoffTools: [{agent: B, description: d}]\n", "agents/b/b.yaml", "name: B\n", "agents/c.yaml", "name: C\ncolour: x\n")
	for _, denied := range []string{"agents/b", "agents/b/b.yaml"} {
		_, err := Load(deniedFS{fsys, denied}, "agents")
		want := []string{
			denied + ": cannot be read: permission denied; check the file and its permissions",
			"agents/c.yaml:2:1: colour: is not a known key; " + didYouMean("colour", keys(definitionField.Fields)),
		}
		got := lines(t, err)
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", denied, diff)
		}
	}
}

func TestLoadStopsAtAThousandProblems(t *testing.T) {
	src := func(n int) string { return "name: A\n" + strings.Repeat("x: 1\n", n) }
	_, err := Load(files("agents/a.yaml", src(1000)), "agents")
	if got := lines(t, err); len(got) != 1000 || strings.Contains(got[999], "left out") {
		t.Errorf("1,000 problems: %d lines, the last %q", len(got), got[len(got)-1])
	}
	fsys := files("agents/a.yaml", src(700), "agents/b.yaml", src(1500), "agents/c.yaml", "name: C\ny: 1\n")
	_, err = Load(fsys, "agents")
	got := lines(t, err)
	// One more: A is defined twice.
	if len(got) != 1001 || got[1000] != "agents: 1202 more problems are left out of this list; mend the ones above first" {
		t.Errorf("%d lines, the last %q", len(got), got[len(got)-1])
	}
	_, err = Load(files("agents/a.yaml", src(1001)), "agents")
	if got := lines(t, err); got[len(got)-1] != "agents: 1 more problem is left out of this list; mend the ones above first" {
		t.Errorf("the last line is %q", got[len(got)-1])
	}
}

func TestLoadBoundsDocuments(t *testing.T) {
	_, err := Load(files("agents/a.yaml", strings.Repeat("---\nname: A\n", maxDocuments+1)), "agents")
	want := fmt.Sprintf("agents/a.yaml: holds more than %d documents; split it", maxDocuments)
	if got := lines(t, err); !slices.Equal(got, []string{want}) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLoadWarnings(t *testing.T) {
	set := mustLoad(t, files(
		"agents/b.yaml", "name: B\nicebreakers: [a, b, c, d]\n",
		"agents/c.yaml", "name: C\nicebreakers: [a, b, c, d, e, f]\n",
		"agents/a.yaml", "name: A\nicebreakers: [a, b, c, d, e]\n",
	))
	want := []string{
		"agents/a.yaml:2:27: icebreakers: are 5, of which WhatsApp shows 4 at most; keep the best ones",
		"agents/c.yaml:2:27: icebreakers: are 6, of which WhatsApp shows 4 at most; keep the best ones",
	}
	if diff := cmp.Diff(want, lines(t, set.Warnings)); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

// Whatever finds a problem calls the folder by the name that LoadAs was given.
func TestLoadAsNamesTheFolderInEveryProblem(t *testing.T) {
	_, err := LoadAs(files(
		"x/a.yaml", "name: \"A\n", "x/b.yaml", "", "x/c.yaml", "\xff\xfe", "x/d.yaml", "name: D\nsystemPrompt: !file p.md\ndeploy: [{number: 12025550123}, {number: 12025550123}]\n",
	), "x", "../shop")
	want := []string{
		"../shop/a.yaml:1:1: is not valid YAML: found unexpected end of stream; close the quote that is opened here",
		"../shop/b.yaml: holds no definition; add one with at least a name, delete the file, or let its name start with _",
		"../shop/c.yaml:1:1: is UTF-16, must be UTF-8; save it as UTF-8",
		`../shop/d.yaml:2:15: systemPrompt: names the file "p.md", which does not exist; the path is relative to the folder of this file`,
		"../shop/d.yaml:3:42: deploy[+12025550123].number: is deployed twice, first at ../shop/d.yaml:3:19; keep it in one of them: a number has one agent",
	}
	if diff := cmp.Diff(want, lines(t, err)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}
