package source

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"wassist-sync/spec"
	"wassist-sync/sync"
)

// TestUncommittedChanges: the definitions of the work tree are paired with what
// stands at HEAD as the documents of two commits are.
func TestUncommittedChanges(t *testing.T) {
	first := files{"agents/a.yaml": agent("A", body("orders")), "agents/b.yaml": agent("B", body("bills")) + "---\n" + agent("C", body("chat"))}
	const (
		a = "A@agents/a.yaml 0..- current [0..-] standing"
		b = "B@agents/b.yaml 0..- current [0..-] standing"
		c = "C@agents/b.yaml 0..- current [0..-] standing"
	)
	for name, test := range map[string]struct {
		change files
		want   []string
	}{
		"nothing":           {nil, []string{a + " = A", b + " = B", c + " = C"}},
		"an edit":           {files{"agents/a.yaml": agent("A", body("all"))}, []string{a + " = A", b + " = B", c + " = C"}},
		"a rename":          {files{"agents/a.yaml": agent("A2", body("all"))}, []string{a + " = A2", b + " = B", c + " = C"}},
		"a move":            {files{"agents/a.yaml": "", "agents/x/y.yaml": agent("A", body("orders"))}, []string{a + " = A", b + " = B", c + " = C"}},
		"a move and rename": {files{"agents/a.yaml": "", "agents/x/y.yaml": agent("A2", body("orders"))}, []string{a + " = A2", b + " = B", c + " = C"}},
		"a replacement":     {files{"agents/a.yaml": "", "agents/x/y.yaml": agent("A2", body("all"))}, []string{a, b + " = B", c + " = C"}},
		"a deletion":        {files{"agents/a.yaml": ""}, []string{a, b + " = B", c + " = C"}},
		"half of a file":    {files{"agents/b.yaml": agent("C", body("chat"))}, []string{a + " = A", b, c + " = C"}},
		"one of two":        {files{"agents/b.yaml": agent("B", body("bills")) + "---\n" + agent("D", "description: d\n")}, []string{a + " = A", b + " = B", c + " = D"}},
		"split":             {files{"agents/b.yaml": agent("B", body("bills")), "agents/c.yaml": agent("C2", body("chat"))}, []string{a + " = A", b + " = B", c + " = C2"}},
		"CRLF and a rename": {files{"agents/a.yaml": "", "agents/z.yaml": strings.ReplaceAll(agent("A2", body("orders")), "\n", "\r\n")}, []string{a + " = A2", b + " = B", c + " = C"}},
		"everything":        {files{"agents": ""}, []string{a, b, c}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRepo(t, first)
			r.write(test.change)
			o := open(t, Request{Path: r.path("agents")})
			if o.Source.Dirty != (test.change != nil) {
				t.Errorf("dirty %v", o.Source.Dirty)
			}
			if diff := cmp.Diff(test.want, r.lineages(o)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestUncommittedReturn: a definition that was deleted and is put back is the one
// that it was, with the names that it had before.
func TestUncommittedReturn(t *testing.T) {
	r := newRepo(t, files{"agents/a.yaml": agent("A"), "agents/b.yaml": agent("B")}, files{"agents/a.yaml": agent("A2")}, files{"agents/a.yaml": ""})
	r.write(files{"agents/a.yaml": agent("A2")})
	o := open(t, Request{Path: r.path("agents")})
	want := []string{"A2@agents/a.yaml 1..2, A@agents/a.yaml 0..1 [0..2] = A2", "B@agents/b.yaml 0..- current [0..-] standing = B"}
	if diff := cmp.Diff(want, r.lineages(o)); diff != "" {
		t.Error(diff)
	}
}

func TestNewDefinitionHasNoLineage(t *testing.T) {
	r := newRepo(t, files{"agents/a.yaml": agent("A")})
	r.write(files{"agents/b.yaml": agent("B")})
	o := open(t, Request{Path: r.path("agents")})
	r.lineages(o)
	if l := o.History.Of(o.Set.Agents[1]); l != nil {
		t.Errorf("B has the lineage %+v", l)
	}
}

// TestLineageIsWhole: every field of what gitsrc says comes over.
func TestLineageIsWhole(t *testing.T) {
	id := "3f0c8a52-0000-4000-8000-000000000000"
	r := newRepo(t, files{"README.md": "x"},
		files{"agents/a.yaml": agent("Z") + "---\n" + agent("A", "id: "+strings.ToUpper(id)+"\nlifecycle: {preventDestroy: true}\ndeploy: [{number: \"+44 7700 900111\"}]\n")},
		files{"agents/a.yaml": agent("Z")})
	o := open(t, Request{Path: r.path("agents")})
	if err := o.History.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	at := func(i int) time.Time { return time.Unix(int64(1000+60*i), 0).UTC() }
	in := &sync.Commit{Hash: r.commits[1], Earliest: at(1), Latest: at(1)}
	out := &sync.Commit{Hash: r.commits[2], Earliest: at(2), Latest: at(2)}
	z := &sync.Version{File: "agents/a.yaml", Line: 1, Name: "Z", Plain: true, Since: in}
	want := []*sync.Lineage{
		{Versions: []*sync.Version{z}, Stays: []sync.Stay{{Since: in}}, Standing: true, Current: z},
		{
			Versions: []*sync.Version{{File: "agents/a.yaml", Line: 3, Name: "A", ID: id, Numbers: []string{"+447700900111"}, PreventDestroy: true, Plain: true, Since: in, Until: out}},
			Stays:    []sync.Stay{{Since: in, Left: out}},
		},
	}
	got := o.History.Lineages()
	ignore := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Definition" || p.Last().String() == ".Excluded" }, cmp.Ignore())
	if diff := cmp.Diff(want, got, ignore, cmpopts.IgnoreUnexported(sync.Commit{})); diff != "" {
		t.Error(diff)
	}
	if got[1].Versions[0].Until != got[1].Stays[0].Left || got[1].Left() != got[1].Stays[0].Left {
		t.Error("one event is two commits")
	}
}

// TestWrongClocks: a commit had happened at the latest time up to it, and not
// before the earliest from it on.
func TestWrongClocks(t *testing.T) {
	r := newRepo(t)
	r.git("commit", "-q", "--allow-empty", "-m", "first")
	r.write(files{"agents/a.yaml": agent("A")})
	r.git("add", "-A")
	git(t, r.dir, 500, "commit", "-q", "-m", "an earlier clock")
	git(t, r.dir, 200, "commit", "-q", "--allow-empty", "-m", "an even earlier clock")
	o := open(t, Request{Path: r.path("agents")})
	if err := o.History.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	since := o.History.Lineages()[0].Stays[0].Since
	if since.Earliest.Unix() != 200 || since.Latest.Unix() != 1000 {
		t.Errorf("between %v and %v", since.Earliest.Unix(), since.Latest.Unix())
	}
}

func TestShallowClone(t *testing.T) {
	r := newRepo(t, files{"agents/a.yaml": agent("A")}, files{"agents/a.yaml": agent("B")}, files{"agents/a.yaml": agent("C")})
	shallow := filepath.Join(t.TempDir(), "shallow")
	git(t, r.dir, 0, "clone", "-q", "--depth", "2", "file://"+r.dir, shallow)
	for _, q := range []Request{{Path: filepath.Join(shallow, "agents")}, {Path: filepath.Join(shallow, "agents"), Ref: "main"}, {Path: "agents", Repo: shallow, CacheDir: t.TempDir()}} {
		o := open(t, q)
		if o.Source.History != sync.HistoryShallow {
			t.Errorf("%v: history %s", q, o.Source.History)
		}
		if diff := cmp.Diff([]string{"C@agents/a.yaml 2..- current, B@agents/a.yaml -..2 [-..-] standing = C"}, r.lineages(o)); diff != "" {
			t.Error(diff)
		}
		since := o.History.Lineages()[0].Versions[0].Since
		if o.History.Whole() || !since.Latest.IsZero() || since.Earliest.IsZero() {
			t.Errorf("%v: whole %v, %+v", q, o.History.Whole(), since)
		}
		if notes := o.History.Notes(); len(notes) != 0 || len(o.Notes) != 0 { // Source says it
			t.Errorf("notes %q and %q", notes, o.Notes)
		}
	}
}

// TestHistoryIsReadWhenAskedFor, and once.
func TestHistoryIsReadWhenAskedFor(t *testing.T) {
	r := newRepo(t, files{"agents/a.yaml": agent("A")})
	o := open(t, Request{Path: r.path("agents")})
	if h := o.History.(*history); h.line != nil {
		t.Error("the line was begun before anybody asked")
	}
	r.lineages(o)
	before := o.History.Lineages()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := o.History.Read(ctx); err != nil || &before[0] != &o.History.Lineages()[0] {
		t.Errorf("it was read again: %v", err)
	}
}

func TestDefinitionOfAVersion(t *testing.T) {
	secret := "tools:\n  - {name: t, description: d, apiSchema: {method: GET, url: \"https://x.example\", request_headers: {Authorization: {input: {type: value, value: !env \"Bearer ${TOKEN}\"}}, Other: {input: {type: value, value: !env OTHER}}}}}\n"
	r := newRepo(t,
		files{"agents/a.yaml": agent("Z") + "---\n" + agent("A", secret), "agents/p.md": "one"},
		files{"agents/a.yaml": agent("Z") + "---\n" + agent("A", "systemPrompt: !file p.md\n")},
		files{"agents/p.md": "two"},
	)
	read := func(ref string, env map[string]string) []*spec.Agent {
		t.Helper()
		o := openWith(t, Request{Path: r.path("agents"), Ref: ref}, env)
		r.lineages(o)
		var out []*spec.Agent
		for i, v := range o.History.Of(o.Set.Agents[0]).Versions {
			if v.Plain != (i < 2) {
				t.Errorf("version %d takes nothing from the environment: %t", i, v.Plain)
			}
			def, err := v.Definition()
			if err != nil {
				t.Fatal(err)
			}
			again, err := v.Definition()
			if err != nil || again != def {
				t.Errorf("read once more: %v", err)
			}
			out = append(out, def)
		}
		return out
	}
	headers := func(a *spec.Agent) *spec.Value {
		return a.Fields.Get("tools").Items[0].Get("apiSchema").Get("request_headers")
	}
	value := func(a *spec.Agent, header string) *spec.Value {
		return headers(a).Get(header).Get("input").Get("value")
	}
	for _, ref := range []string{"", "HEAD"} {
		all := read(ref, map[string]string{"TOKEN": "t0", "OTHER": "o"})
		if len(all) != 3 || all[0].Fields.Get("systemPrompt").Text != "two" || all[1].Fields.Get("systemPrompt").Text != "one" {
			t.Fatalf("versions %v", all)
		}
		if v := value(all[2], "Authorization"); v.Unresolved() || v.Text != "Bearer t0" || !v.Sensitive || v.Pos.Line != 5 {
			t.Errorf("the value %q at %v, unresolved %v", v.Text, v.Pos, v.Unresolved())
		}
		half := read(ref, map[string]string{"TOKEN": "t0"})
		for _, header := range []string{"Authorization", "Other"} {
			if v := value(half[2], header); !v.Unresolved() || v.Text != "" {
				t.Errorf("%s is resolved, although a variable of the definition is not set", header)
			}
		}
	}
	o, err := Open(t.Context(), Request{Path: r.path("agents")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	r.lineages(o)
	if def, err := o.History.Of(o.Set.Agents[0]).Versions[2].Definition(); err != nil || !value(def, "Other").Unresolved() {
		t.Errorf("without an environment: %v", err)
	}
}

func TestDefinitionsThatAreKeptAreBounded(t *testing.T) {
	r := newRepo(t, files{"agents/a.yaml": agent("A")})
	o := open(t, Request{Path: r.path("agents")})
	r.lineages(o)
	h := o.History.(*history)
	h.kept = maxKept
	v := o.History.Lineages()[0].Versions[0]
	first, err := v.Definition()
	if err != nil {
		t.Fatal(err)
	}
	if second, err := v.Definition(); err != nil || first == second || h.kept != maxKept {
		t.Errorf("one more is kept (%v)", err)
	}
}

func TestElsewhere(t *testing.T) {
	id := "3f0c8a52-0000-4000-8000-000000000000"
	r := newRepo(t, files{
		"agents/a.yaml":            agent("A"),
		"bots/b.yaml":              agent("Z") + "---\n" + agent("B", "id: "+id+"\n"),
		"bots/c.yaml":              agent("B"),
		"bots/wassist-sync.yaml":   "organization: Theirs\n",
		"broken/b.yaml":            agent("B"),
		"broken/wassist-sync.yaml": "organization: [\n",
		"silent/b.yaml":            agent("B"),
		"silent/wassist-sync.yaml": "prune: none\n",
		"top.yaml":                 agent("B"),
	})
	// The applied commit counts, not the work tree.
	r.write(files{"bots/b.yaml": "", "more/b.yaml": agent("B")})
	o := open(t, Request{Path: r.path("agents")})
	r.lineages(o)
	got, err := o.History.Elsewhere(t.Context(), []sync.Wanted{{Name: "B"}, {ID: id}, {Name: "A"}})
	if err != nil {
		t.Fatal(err)
	}
	want := []sync.Standing{
		{File: "bots/b.yaml", Line: 3, Name: "B", ID: id, Organization: "Theirs"},
		{File: "bots/c.yaml", Line: 1, Name: "B", Organization: "Theirs"},
		{File: "broken/b.yaml", Line: 1, Name: "B"},
		{File: "silent/b.yaml", Line: 1, Name: "B"},
		{File: "top.yaml", Line: 1, Name: "B"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := o.History.Elsewhere(ctx, []sync.Wanted{{Name: "B"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestElsewhereOfAFolderBehindALink: the folder itself is not elsewhere.
func TestElsewhereOfAFolderBehindALink(t *testing.T) {
	r := newRepo(t, files{"agents": "-> config/bots", "config/bots/a.yaml": agent("A")})
	for _, q := range []Request{{Path: r.path("agents")}, {Path: r.path("agents"), Ref: "HEAD"}} {
		o := open(t, q)
		r.lineages(o)
		if got, err := o.History.Elsewhere(t.Context(), []sync.Wanted{{Name: "A"}}); err != nil || len(got) != 0 {
			t.Errorf("%v %v", got, err)
		}
	}
}

func TestNotesOfTheHistory(t *testing.T) {
	r := newRepo(t, files{"agents/a.yaml": agent("A")}, files{"agents/a.yaml": "name: ["}, files{"agents/a.yaml": agent("A2")})
	o := open(t, Request{Path: r.path("agents")})
	r.lineages(o)
	want := []string{"agents/a.yaml does not parse at commit " + r.commits[1][:7] + ": its documents count as unchanged there"}
	if diff := cmp.Diff(want, o.History.Notes()); diff != "" {
		t.Error(diff)
	}
}

// TestFileThatChangesMeanwhile is one of the work tree that is read again, for
// likeness, after it went away.
func TestFileThatChangesMeanwhile(t *testing.T) {
	r := newRepo(t, files{"agents/a.yaml": agent("A", body("orders"))})
	r.write(files{"agents/a.yaml": "", "agents/b.yaml": agent("B", body("orders"))})
	o := open(t, Request{Path: r.path("agents")})
	r.write(files{"agents/b.yaml": ""})
	if err := o.History.Read(t.Context()); err == nil || !strings.Contains(err.Error(), "run again") {
		t.Errorf("error %v", err)
	}
}

// TestPartialClone lacks old files: what it holds is read, and its end is noted.
func TestPartialClone(t *testing.T) {
	r := newRepo(t, files{"agents/a.yaml": agent("A")}, files{"agents/a.yaml": agent("B")})
	r.git("config", "uploadpack.allowFilter", "true")
	partial := filepath.Join(t.TempDir(), "partial")
	git(t, r.dir, 0, "clone", "-q", "--filter=blob:none", "file://"+r.dir, partial)
	o := open(t, Request{Path: filepath.Join(partial, "agents")})
	if diff := cmp.Diff([]string{"B@agents/a.yaml -..- current [-..-] standing = B"}, r.lineages(o)); diff != "" {
		t.Error(diff)
	}
	if notes := o.History.Notes(); o.Source.Dirty || o.History.Whole() || len(notes) != 1 || !strings.Contains(notes[0], "git fetch --refetch") {
		t.Errorf("%+v, notes %q", o.Source, notes)
	}
}
