package source

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/internal/gitsrc"
	"wassist-sync/sync"
)

func TestRef(t *testing.T) {
	prompted := agent("A", "systemPrompt: !file ../texts/p.md\n")
	r := newRepo(t,
		files{"agents/a.yaml": prompted, "texts/p.md": "first", "agents/wassist-sync.yaml": "organization: First\n"},
		files{"agents/a.yaml": "", "agents/b.yaml": agent("B", "systemPrompt: !file ../texts/p.md\n"), "texts/p.md": "second", "agents/wassist-sync.yaml": ""},
	)
	r.git("tag", "v1", r.commits[0])
	r.write(files{"agents/b.yaml": "name: [not yaml", "texts/p.md": "uncommitted"})
	for ref, commit := range map[string]int{"HEAD": 1, "main": 1, "HEAD~1": 0, "v1": 0, r.commits[0][:8]: 0} {
		o := open(t, Request{Path: r.path("agents"), Ref: ref})
		want := sync.Source{Path: r.path("agents"), Commit: r.commits[commit], History: sync.HistoryFull}
		if diff := cmp.Diff(want, o.Source); diff != "" {
			t.Errorf("%s: %s", ref, diff)
		}
		def := []string{"A@agents/a.yaml:1", "B@agents/b.yaml:1"}[commit]
		text := []string{"first", "second"}[commit]
		if diff := cmp.Diff([]string{def}, names(o.Set)); diff != "" || o.Set.Agents[0].Fields.Get("systemPrompt").Text != text {
			t.Errorf("%s: %s %v", ref, diff, o.Set.Agents[0].Fields)
		}
		if (o.Settings.Organization != nil) != (commit == 0) {
			t.Errorf("%s: settings %+v", ref, o.Settings)
		}
	}
}

// TestRefWithoutAWorkTree: the folder need not be there, nor the one around it.
func TestRefWithoutAWorkTree(t *testing.T) {
	r := newRepo(t, files{"config/agents/a.yaml": agent("A")}, files{"config": "", "README.md": "x"})
	t.Chdir(r.dir)
	o := open(t, Request{Path: "config/agents", Ref: "HEAD~1"})
	if diff := cmp.Diff([]string{"A@config/agents/a.yaml:1"}, names(o.Set)); diff != "" || o.Source.Path != "config/agents" {
		t.Errorf("%s %+v", diff, o.Source)
	}
}

// TestRefBehindTheTip: what the branch says later counts, and which branch it
// is comes of the name.
func TestRefBehindTheTip(t *testing.T) {
	r := newRepo(t, files{"agents/a.yaml": agent("A")}, files{"agents/a.yaml": agent("B")})
	o := open(t, Request{Path: r.path("agents"), Ref: r.commits[0]})
	want := []string{"B@agents/a.yaml 1..- later, A@agents/a.yaml 0..1 current [0..-] standing = A"}
	if diff := cmp.Diff(want, r.lineages(o)); diff != "" {
		t.Error(diff)
	}
	r.git("branch", "old", r.commits[0])
	o = open(t, Request{Path: r.path("agents"), Ref: "old"})
	if diff := cmp.Diff([]string{"A@agents/a.yaml 0..- current [0..-] standing = A"}, r.lineages(o)); diff != "" {
		t.Error(diff)
	}
}

// TestRefOfAFolderThatIsALink: whether a folder is a link is for each commit to say.
func TestRefOfAFolderThatIsALink(t *testing.T) {
	r := newRepo(t,
		files{"agents/a.yaml": agent("A")},
		files{"agents": "-> config/bots", "config/bots/a.yaml": agent("B")},
	)
	for ref, want := range map[string]string{"HEAD": "B@config/bots/a.yaml:1", "HEAD~1": "A@agents/a.yaml:1"} {
		for _, path := range []string{r.path("agents"), r.path("config/../agents")} {
			o := open(t, Request{Path: path, Ref: ref})
			if diff := cmp.Diff([]string{want}, names(o.Set)); diff != "" {
				t.Errorf("%s of %s: %s", path, ref, diff)
			}
			if err := o.History.Read(t.Context()); err != nil || o.History.Of(o.Set.Agents[0]) == nil {
				t.Errorf("%s of %s has no lineage (%v)", path, ref, err)
			}
		}
	}
	// A link into the repository, from outside it.
	outside := &repo{t: t, dir: t.TempDir()}
	outside.write(files{"in": "-> " + r.path("config")})
	o := open(t, Request{Path: outside.path("in/bots"), Ref: "HEAD"})
	if diff := cmp.Diff([]string{"B@config/bots/a.yaml:1"}, names(o.Set)); diff != "" {
		t.Error(diff)
	}
}

func TestRefOfAMissingFolder(t *testing.T) {
	r := newRepo(t, files{"README.md": "x"}, files{"agents/a.yaml": agent("A")}, files{"agents": ""})
	for ref, want := range map[string]string{
		"HEAD": "A@agents/a.yaml 1..2 [1..2]",
		// Before it came in: the commits that come later have it.
		"HEAD~2": "A@agents/a.yaml 1..2 later [1..2]",
	} {
		o := open(t, Request{Path: r.path("agents"), Ref: ref})
		if len(o.Set.Agents) != 0 || o.Source.Dirty || len(o.Set.Warnings) != 1 {
			t.Errorf("%s: %+v %v", ref, o.Source, o.Set.Warnings)
		}
		if diff := cmp.Diff([]string{want}, r.lineages(o)); diff != "" {
			t.Errorf("%s: %s", ref, diff)
		}
	}
}

func TestRefThatCannotBeMeant(t *testing.T) {
	r := newRepo(t, files{"agents/a.yaml": agent("A"), "nowhere": "-> missing"})
	for _, test := range []struct {
		path, ref, want string
		is              error
	}{
		{r.path("agents"), "nothing", `"nothing" is no branch, tag or commit`, gitsrc.ErrUnknownRef},
		{r.path("agents"), "main~7", "has no parent", gitsrc.ErrUnknownRef},
		{r.path("agents"), "HEAD:agents", "is no branch, tag or commit", gitsrc.ErrUnknownRef},
		{r.path("elsewhere"), "main", `elsewhere" at commit ` + r.commits[0][:7] + ", and no commit of its branch has definitions there", ErrNoFolder},
		{r.path("nowhere"), "main", "no commit of its branch has definitions there", ErrNoFolder},
		{r.path("agents/a.yaml"), "main", "is not a folder", ErrNoFolder},
		{t.TempDir(), "main", "lies in no Git repository; leave the ref out", gitsrc.ErrNoRepository},
		{"", "main", `there is no folder ""`, ErrNoFolder},
	} {
		err := fails(t, Request{Path: test.path, Ref: test.ref})
		if !errors.Is(err, ErrUsage) || !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s of %s: %v, want %q", test.path, test.ref, err, test.want)
		}
	}
}
