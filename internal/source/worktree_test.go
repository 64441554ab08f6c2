package source

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/spec"
	"wassist-sync/sync"
)

func TestWorkTree(t *testing.T) {
	prompted := agent("A", "systemPrompt: !file ../texts/p.md\n")
	for name, test := range map[string]struct {
		committed, change files
		path              string // below the repository; agents when empty
		want              []string
		dirty             bool
	}{
		"as committed":                    {committed: files{"agents/a.yaml": agent("A")}, want: []string{"A@agents/a.yaml:1"}},
		"a folder of a folder":            {committed: files{"x/y/a.yaml": agent("A")}, path: "x/y", want: []string{"A@x/y/a.yaml:1"}},
		"the top":                         {committed: files{"a.yaml": agent("A"), "sub/b.yaml": agent("B")}, path: ".", want: []string{"A@a.yaml:1", "B@sub/b.yaml:1"}},
		"an edit":                         {committed: files{"agents/a.yaml": agent("A")}, change: files{"agents/a.yaml": agent("B")}, want: []string{"B@agents/a.yaml:1"}, dirty: true},
		"a new file":                      {committed: files{"agents/a.yaml": agent("A")}, change: files{"agents/b.yaml": agent("B")}, want: []string{"A@agents/a.yaml:1", "B@agents/b.yaml:1"}, dirty: true},
		"an edit elsewhere":               {committed: files{"agents/a.yaml": agent("A")}, change: files{"README.md": "x"}, want: []string{"A@agents/a.yaml:1"}},
		"an edit at the top":              {committed: files{"a.yaml": agent("A")}, change: files{"README.md": "x"}, path: ".", want: []string{"A@a.yaml:1"}, dirty: true},
		"CRLF":                            {committed: files{"agents/a.yaml": "name: A\n"}, change: files{"agents/a.yaml": "name: A\r\n"}, want: []string{"A@agents/a.yaml:1"}},
		"a text":                          {committed: files{"agents/a.yaml": prompted, "texts/p.md": "p"}, want: []string{"A@agents/a.yaml:1"}},
		"an edited text":                  {committed: files{"agents/a.yaml": prompted, "texts/p.md": "p"}, change: files{"texts/p.md": "q"}, want: []string{"A@agents/a.yaml:1"}, dirty: true},
		"an edited text that nobody has":  {committed: files{"agents/a.yaml": agent("A"), "texts/p.md": "p"}, change: files{"texts/p.md": "q"}, want: []string{"A@agents/a.yaml:1"}},
		"a text behind a link":            {committed: files{"agents/a.yaml": agent("A", "systemPrompt: !file t/p.md\n"), "agents/t": "-> ../texts", "texts/p.md": "p"}, want: []string{"A@agents/a.yaml:1"}},
		"an edited text behind a link":    {committed: files{"agents/a.yaml": agent("A", "systemPrompt: !file t/p.md\n"), "agents/t": "-> ../texts", "texts/p.md": "p"}, change: files{"texts/p.md": "q"}, want: []string{"A@agents/a.yaml:1"}, dirty: true},
		"a text in a list":                {committed: files{"agents/a.yaml": agent("A", "tools:\n  - {name: t, description: !file ../texts/p.md, apiSchema: {method: GET, url: \"https://x.example\"}}\n"), "texts/p.md": "p"}, change: files{"texts/p.md": "q"}, want: []string{"A@agents/a.yaml:1"}, dirty: true},
		"a definition behind a link":      {committed: files{"agents/a.yaml": "-> ../a.yaml", "a.yaml": agent("A")}, want: []string{"A@agents/a.yaml:1"}},
		"an edited one behind a link":     {committed: files{"agents/a.yaml": "-> ../a.yaml", "a.yaml": agent("A")}, change: files{"a.yaml": agent("B")}, want: []string{"B@agents/a.yaml:1"}, dirty: true},
		"a folder behind a link":          {committed: files{"agents": "-> config/bots", "config/bots/a.yaml": agent("A")}, want: []string{"A@config/bots/a.yaml:1"}},
		"an edited folder behind a link":  {committed: files{"agents": "-> config/bots", "config/bots/a.yaml": agent("A")}, change: files{"config/bots/b.yaml": agent("B")}, want: []string{"A@config/bots/a.yaml:1", "B@config/bots/b.yaml:1"}, dirty: true},
		"a folder without any definition": {committed: files{"agents/README.md": "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRepo(t, test.committed)
			r.write(test.change)
			path := r.path(test.path)
			if test.path == "" {
				path = r.path("agents")
			}
			o := open(t, Request{Path: path})
			if diff := cmp.Diff(test.want, names(o.Set)); diff != "" {
				t.Error(diff)
			}
			want := sync.Source{Path: path, Commit: r.commits[0], Dirty: test.dirty, History: sync.HistoryFull}
			if diff := cmp.Diff(want, o.Source); diff != "" {
				t.Error(diff)
			}
			if err := o.History.Read(t.Context()); err != nil || !o.History.Whole() || o.Notes != nil {
				t.Errorf("history: %v, notes %q", err, o.Notes)
			}
			if !test.dirty { // then each definition stands at the commit
				for _, def := range o.Set.Agents {
					if l := o.History.Of(def); l == nil || l.Current == nil || l.Current.File != def.Pos.File || l.Current.Line != def.Pos.Line {
						t.Errorf("%s has the lineage %+v", def.Pos, l)
					}
				}
			}
		})
	}
}

// TestPathIsTheUsers: a plan names the folder as the user wrote it.
func TestPathIsTheUsers(t *testing.T) {
	r := newRepo(t, files{"config/agents/a.yaml": agent("A")})
	t.Chdir(r.path("config"))
	for user, want := range map[string]string{"agents": "agents", "./agents/": "agents", "../config/agents": "../config/agents", r.path("config/agents"): filepath.ToSlash(r.path("config/agents"))} {
		o := open(t, Request{Path: user})
		if o.Source.Path != want || o.Set.Agents[0].Pos.File != "config/agents/a.yaml" {
			t.Errorf("%s: path %s, position %s", user, o.Source.Path, o.Set.Agents[0].Pos)
		}
	}
}

func TestLinkedWorkTree(t *testing.T) {
	r := newRepo(t, files{"agents/a.yaml": agent("A")}, files{"agents/a.yaml": agent("B")})
	linked := filepath.Join(t.TempDir(), "linked")
	r.git("worktree", "add", "-q", "-b", "other", linked, r.commits[0])
	o := open(t, Request{Path: filepath.Join(linked, "agents")})
	if diff := cmp.Diff([]string{"A@agents/a.yaml:1"}, names(o.Set)); diff != "" || o.Source.Commit != r.commits[0] || o.Source.Dirty {
		t.Errorf("%s %+v", diff, o.Source)
	}
	if diff := cmp.Diff([]string{"A@agents/a.yaml 0..- current [0..-] standing = A"}, r.lineages(o)); diff != "" {
		t.Error(diff)
	}
}

func TestOutsideGit(t *testing.T) {
	dir := t.TempDir()
	r := &repo{t: t, dir: dir}
	r.write(files{"agents/a.yaml": agent("A", "systemPrompt: !file p.md\n"), "agents/p.md": "p", "agents/wassist-sync.yaml": "organization: Ours\n"})
	t.Chdir(dir)
	o := open(t, Request{Path: "agents"})
	want := sync.Source{Path: "agents", History: sync.HistoryNone}
	if diff := cmp.Diff(want, o.Source); diff != "" || o.History != nil || o.Notes != nil {
		t.Errorf("%s history %v, notes %q", diff, o.History, o.Notes)
	}
	if diff := cmp.Diff([]string{"A@agents/a.yaml:1"}, names(o.Set)); diff != "" || o.Settings.Organization.Text != "Ours" {
		t.Errorf("%s %+v", diff, o.Settings)
	}
	// The folder itself bounds what !file may read.
	r.write(files{"agents/a.yaml": agent("A", "systemPrompt: !file ../outside.md\n"), "outside.md": "x"})
	var problems spec.Problems
	if err := fails(t, Request{Path: "agents"}); !errors.As(err, &problems) || !strings.Contains(err.Error(), "agents/a.yaml:2:15") {
		t.Errorf("error %v", err)
	}
}

func TestBeforeTheFirstCommit(t *testing.T) {
	r := newRepo(t)
	r.write(files{"agents/a.yaml": agent("A")})
	o := open(t, Request{Path: r.path("agents")})
	want := sync.Source{Path: r.path("agents"), Dirty: true, History: sync.HistoryNone}
	if diff := cmp.Diff(want, o.Source); diff != "" || o.History != nil || len(o.Set.Agents) != 1 {
		t.Errorf("%s history %v", diff, o.History)
	}
	if diff := cmp.Diff([]string{"the branch has no commit yet, so there is no history"}, o.Notes); diff != "" {
		t.Error(diff)
	}
	if err := fails(t, Request{Path: r.path("nowhere")}); !errors.Is(err, ErrNoFolder) || !errors.Is(err, ErrUsage) {
		t.Errorf("error %v", err)
	}
}

// TestUnreadableRepository: definitions in the work tree can be applied all the
// same, within the repository's bounds, and a note says what is missing.
func TestUnreadableRepository(t *testing.T) {
	for name, test := range map[string]struct {
		harm func(r *repo)
		note string
	}{
		"references in another form": {func(r *repo) {
			r.git("config", "core.repositoryformatversion", "1")
			r.git("config", "extensions.refstorage", "reftable")
		}, "git refs migrate"},
		"a linked work tree without its repository": {func(r *repo) { r.write(files{".git": "gitdir: /nowhere/at/all\n"}) }, "git worktree repair"},
		"damaged objects": {func(r *repo) {
			head := r.git("rev-parse", "HEAD^{tree}")
			file := filepath.Join(".git/objects", head[:2], head[2:])
			r.write(files{file: "damaged"})
		}, "is damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRepo(t, files{"config/agents/a.yaml": agent("A", "systemPrompt: !file ../../p.md\n"), "p.md": "p"})
			test.harm(r)
			o := open(t, Request{Path: r.path("config/agents")})
			if diff := cmp.Diff([]string{"A@config/agents/a.yaml:1"}, names(o.Set)); diff != "" {
				t.Error(diff)
			}
			if o.History != nil || o.Source.History != sync.HistoryNone || len(o.Notes) != 1 || !strings.Contains(o.Notes[0], test.note) {
				t.Errorf("history %v %v, notes %q, want %q", o.History, o.Source.History, o.Notes, test.note)
			}
			err := fails(t, Request{Path: r.path("config/nowhere")})
			if !errors.Is(err, ErrNoFolder) || !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), test.note) {
				t.Errorf("error %v", err)
			}
			if err := fails(t, Request{Path: r.path("config/agents"), Ref: "main"}); !strings.Contains(err.Error(), test.note) || errors.Is(err, ErrUsage) {
				t.Errorf("a commit was asked for: %v", err)
			}
		})
	}
}

func TestMissingFolder(t *testing.T) {
	gone := files{"agents": ""}
	for name, test := range map[string]struct {
		first, change files
		commit        bool
		path          string
		dirty         bool
		want          []string // lineages
	}{
		"deleted, not committed": {
			first: files{"agents/a.yaml": agent("A")}, change: gone, path: "agents", dirty: true,
			want: []string{"A@agents/a.yaml 0..- current [0..-] standing"},
		},
		"deleted and committed": {
			first: files{"agents/a.yaml": agent("A")}, change: gone, commit: true, path: "agents",
			want: []string{"A@agents/a.yaml 0..1 [0..1]"},
		},
		"with the folder around it": {
			first: files{"config/agents/a.yaml": agent("A")}, change: files{"config": ""}, commit: true, path: "config/agents",
			want: []string{"A@config/agents/a.yaml 0..1 [0..1]"},
		},
		"a file stands in its way": {
			first: files{"config/agents/a.yaml": agent("A")}, change: files{"config": "x"}, path: "config/agents", dirty: true,
			want: []string{"A@config/agents/a.yaml 0..- current [0..-] standing"},
		},
		"the link to it was deleted": {
			first: files{"agents": "-> bots", "bots/a.yaml": agent("A")}, change: gone, path: "agents", dirty: true,
			want: []string{"A@bots/a.yaml 0..- current [0..-] standing"},
		},
		"the link to it leads nowhere": {
			first: files{"agents": "-> bots", "bots/a.yaml": agent("A")}, change: files{"bots": ""}, path: "agents", dirty: true,
			want: []string{"A@bots/a.yaml 0..- current [0..-] standing"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRepo(t, test.first)
			if test.commit {
				r.commit(test.change)
			} else {
				r.write(test.change)
			}
			o := open(t, Request{Path: r.path(test.path)})
			want := sync.Source{Path: r.path(test.path), Commit: r.git("rev-parse", "HEAD"), Dirty: test.dirty, History: sync.HistoryFull}
			if diff := cmp.Diff(want, o.Source); diff != "" || len(o.Set.Agents) != 0 || o.Settings == nil {
				t.Errorf("%s %v %v", diff, names(o.Set), o.Settings)
			}
			if len(o.Set.Warnings) != 1 || !strings.Contains(o.Set.Warnings.Error(), test.path+": is not there any more") {
				t.Errorf("warnings %v", o.Set.Warnings)
			}
			if diff := cmp.Diff(test.want, r.lineages(o)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestNoFolder: neither the files nor a commit have it.
func TestNoFolder(t *testing.T) {
	r := newRepo(t, files{"agents/a.yaml": agent("A"), "agents/p.md": "p"}, files{"agents/a.yaml": agent("B")})
	shallow := filepath.Join(t.TempDir(), "shallow")
	git(t, r.dir, 0, "clone", "-q", "--depth", "1", "file://"+r.dir, shallow)
	plain := t.TempDir()
	for _, test := range []struct{ path, want string }{
		{r.path("nowhere"), "and no commit of its branch has definitions there; give the folder"},
		{r.path("agents/p.md"), `is not a folder; give the folder of the definitions`},
		{r.path("agents/p.md/below"), "and no commit of its branch has definitions there"},
		{filepath.Join(shallow, "nowhere"), "no commit that this clone holds has definitions there (it lacks a part of the history; fetch all of it"},
		{filepath.Join(plain, "nowhere"), "nowhere\"; give the folder of the definitions"},
		{"", `there is no folder ""; give`},
	} {
		err := fails(t, Request{Path: test.path})
		if !errors.Is(err, ErrNoFolder) || !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.path, err, test.want)
		}
	}
}

// TestFolderThatCannotBeLookedAt is no usage error: the folder may well be there.
func TestFolderThatCannotBeLookedAt(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may look at everything")
	}
	closed := t.TempDir()
	if err := os.Chmod(closed, 0); err != nil {
		t.Fatal(err)
	}
	if err := fails(t, Request{Path: filepath.Join(closed, "agents")}); !errors.Is(err, os.ErrPermission) || errors.Is(err, ErrUsage) {
		t.Errorf("error %v", err)
	}
}

func TestProblemsOfDefinitionsAndSettingsComeAtOnce(t *testing.T) {
	r := newRepo(t, files{"agents/a.yaml": "name: A\nnonsense: x\n", "agents/wassist-sync.yaml": "prune: sometimes\n"})
	for _, q := range []Request{{Path: r.path("agents")}, {Path: r.path("agents"), Ref: "main"}} {
		err := fails(t, q)
		var problems spec.Problems
		if !errors.As(err, &problems) || len(problems) != 2 || errors.Is(err, ErrUsage) {
			t.Errorf("error %v", err)
		}
		for _, want := range []string{"agents/a.yaml:2:1", "agents/wassist-sync.yaml:1:8"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %s in it", err, want)
			}
		}
	}
	r.write(files{"agents/a.yaml": agent("A")})
	if err := fails(t, Request{Path: r.path("agents")}); !strings.HasPrefix(err.Error(), "agents/wassist-sync.yaml:1:8") {
		t.Errorf("error %v", err)
	}
}

func TestCancelled(t *testing.T) {
	r := newRepo(t, files{"agents/a.yaml": agent("A")})
	o := open(t, Request{Path: r.path("agents")})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, Request{Path: r.path("agents")}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Open: %v", err)
	}
	if _, err := Open(ctx, Request{Path: r.path("nowhere")}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Open of what is missing: %v", err)
	}
	if err := o.History.Read(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Read: %v", err)
	}
	// What was cancelled can go on.
	if diff := cmp.Diff([]string{"A@agents/a.yaml 0..- current [0..-] standing = A"}, r.lineages(o)); diff != "" {
		t.Error(diff)
	}
}

// TestFilesAreGivenBack, also when a request fails.
func TestFilesAreGivenBack(t *testing.T) {
	count := func() int {
		open, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("this system does not tell which files are open")
		}
		return len(open)
	}
	r := newRepo(t, files{"agents/a.yaml": agent("A"), "broken/a.yaml": "name: ["})
	r.git("gc", "-q")
	cache := t.TempDir()
	before := count()
	for _, q := range []Request{
		{Path: r.path("agents")}, {Path: r.path("agents"), Ref: "main"}, {Path: "agents", Repo: r.dir, CacheDir: cache},
		{Path: r.path("broken")}, {Path: r.path("broken"), Ref: "main"}, {Path: "broken", Repo: r.dir, CacheDir: cache},
		{Path: r.path("nowhere")}, {Path: r.path("nowhere"), Ref: "main"}, {Path: "nowhere", Repo: r.dir, CacheDir: cache},
	} {
		o, err := Open(t.Context(), q, nil)
		if err == nil {
			r.lineages(o)
			o.Close()
			o.Close() // does no harm
		}
		if after := count(); after != before {
			t.Errorf("%v (%v) leaves %d files open", q, err, after-before)
			before = after
		}
	}
}

// TestFolderThatLeadsIntoAnotherRepository is one that lies in another repository
// than it seems to.
func TestFolderThatLeadsIntoAnotherRepository(t *testing.T) {
	inner := newRepo(t, files{"bots/a.yaml": agent("A")})
	outer := newRepo(t, files{"README.md": "x"})
	outer.write(files{"agents": "-> " + inner.path("bots")})
	o := open(t, Request{Path: outer.path("agents")})
	if o.Source.Commit != inner.commits[0] || o.Source.Dirty || o.Set.Agents[0].Pos.File != "bots/a.yaml" {
		t.Errorf("%+v %s", o.Source, o.Set.Agents[0].Pos)
	}
	o = open(t, Request{Path: outer.path("agents"), Ref: "HEAD"})
	if o.Source.Commit != inner.commits[0] || o.Set.Agents[0].Pos.File != "bots/a.yaml" {
		t.Errorf("%+v %s", o.Source, o.Set.Agents[0].Pos)
	}
}

// TestFolderThatLeadsOutOfEveryRepository is one that a commit has turned into a
// symlink to somewhere on this machine.
func TestFolderThatLeadsOutOfEveryRepository(t *testing.T) {
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "a.yaml"), []byte(agent("A")), 0o600); err != nil {
		t.Fatal(err)
	}
	r := newRepo(t, files{"README.md": "x"})
	r.write(files{"agents": "-> " + outside, "deep/link": "-> " + filepath.Dir(outside)})
	for _, path := range []string{"agents", "deep/link/" + filepath.Base(outside)} {
		if o, err := Open(t.Context(), Request{Path: r.path(path)}, nil); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "leaves the repository") {
			t.Errorf("%s: %+v, %v", path, o, err)
		}
	}
	if o := open(t, Request{Path: outside}); len(o.Set.Agents) != 1 {
		t.Errorf("named itself: %+v", o.Set.Agents)
	}
}
