package source

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/spec"
	"wassist-sync/sync"
)

// The history of an environment is that of what it made of the definitions,
// wherever these are read from.
func TestEnvironment(t *testing.T) {
	const desk = "name: !var NAME\n"
	r := newRepo(t,
		files{"agents/a.yaml": desk, "agents/environments/live.yaml": "organization: Ours\nvars: {NAME: Desk}\n", "agents/wassist-sync.yaml": "organization: All\nprune: none\n"},
		files{"agents/environments/trial.yaml": "organization: Theirs\nvars: {NAME: Trial}\n"},
		files{"agents/environments/live.yaml": "organization: Ours\nvars: {NAME: Front}\n"},
	)
	for name, q := range map[string]Request{
		"the work tree": {Path: r.path("agents")},
		"a commit":      {Path: r.path("agents"), Ref: "main"},
		"a clone":       {Path: "agents", Repo: r.dir, CacheDir: t.TempDir()},
	} {
		q.Env = "live"
		o := open(t, q)
		want := []string{"Front@agents/a.yaml 2..- current, Desk@agents/a.yaml 0..2 [0..-] standing = Front"}
		if diff := cmp.Diff(want, r.lineages(o)); diff != "" || o.Source.Dirty || o.Settings.Organization.Text != "Ours" || o.Settings.Prune.Text != "none" {
			t.Errorf("%s: %+v, %v\n%s", name, o.Source, o.Settings, diff)
		}
		q.Env = "trial"
		o = open(t, q)
		if diff := cmp.Diff([]string{"Trial@agents/a.yaml 1..- current [1..-] standing = Trial"}, r.lineages(o)); diff != "" || o.Settings.Organization.Text != "Theirs" {
			t.Errorf("%s, trial:\n%s", name, diff)
		}
		q.Env = "nowhere"
		var missing *spec.NoEnvironmentError
		if err := fails(t, q); !errors.Is(err, ErrUsage) || !errors.As(err, &missing) || !slices.Equal(missing.Known, []string{"live", "trial"}) {
			t.Errorf("%s, nowhere: %v", name, err)
		}
	}
	base, err := open(t, Request{Path: r.path("agents"), Env: "live"}).Base(t.Context(), "HEAD~1")
	if err != nil || len(base.Agents) != 1 || base.Agents[0].Name != "Desk" || len(base.Of) != 1 {
		t.Errorf("the base: %+v, %v", base, err)
	}
	base, err = open(t, Request{Path: r.path("agents"), Env: "trial"}).Base(t.Context(), "HEAD~2")
	if err != nil || len(base.Agents) != 0 || !slices.ContainsFunc(base.Notes, func(n string) bool { return strings.Contains(n, "has no environment trial") }) {
		t.Errorf("a base without the environment: %+v, %v", base, err)
	}
	r.write(files{"agents/environments/live.yaml": "vars: {NAME: Other}\n"})
	if o := open(t, Request{Path: r.path("agents"), Env: "live"}); !o.Source.Dirty || o.Set.Agents[0].Name != "Other" {
		t.Errorf("an environment that is not committed: %+v", o.Source)
	}
	names, err := Environments(r.path("agents"))
	if err != nil || !slices.Equal(names, []string{"live", "trial"}) {
		t.Errorf("listed %q, %v", names, err)
	}
	if names, err := Environments(r.path("nothing")); err != nil || names != nil {
		t.Errorf("a missing folder: %q, %v", names, err)
	}
}

// Whose agents they are, a folder that is gone cannot say, unless HEAD does.
func TestEnvironmentOfAFolderThatIsGone(t *testing.T) {
	r := newRepo(t, files{"agents/a.yaml": agent("A"), "agents/environments/live.yaml": "organization: Ours\n", "README": "x"})
	r.write(files{"agents": ""})
	if o := open(t, Request{Path: r.path("agents"), Env: "live"}); o.Settings.Organization.Text != "Ours" || len(o.Set.Agents) != 0 {
		t.Errorf("gone from the work tree: %+v", o)
	}
	if err := fails(t, Request{Path: r.path("agents"), Env: "other"}); !errors.Is(err, ErrUsage) {
		t.Errorf("another environment: %v", err)
	}
	r.commit(nil)
	for _, q := range []Request{{Path: r.path("agents"), Env: "live"}, {Path: r.path("agents"), Env: "live", Ref: "main"}} {
		if err := fails(t, q); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "no environment") {
			t.Errorf("gone from HEAD: %v", err)
		}
		q.Env = ""
		open(t, q)
	}
}

// What was left out until it left is told from what was applied.
func TestExcludedUntilItLeft(t *testing.T) {
	all := files{"agents/a.yaml": agent("A"), "agents/b.yaml": agent("B"), "agents/c.yaml": agent("C"), "agents/k.yaml": agent("K"),
		"agents/wassist-sync.yaml": "exclude: [A]\n", "agents/environments/live.yaml": "exclude: [B]\n"}
	gone := files{"agents/a.yaml": "", "agents/b.yaml": "", "agents/c.yaml": "", "agents/environments/live.yaml": "exclude: []\n", "agents/wassist-sync.yaml": ""}
	r := newRepo(t, all, gone)
	for env, want := range map[string][]string{"live": {"A", "B"}, "": {"A"}} {
		o := open(t, Request{Path: r.path("agents"), Env: env})
		if err := o.History.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, l := range o.History.Lineages() {
			if l.Excluded == nil {
				continue
			}
			if is, err := l.Excluded(); err != nil {
				t.Error(err)
			} else if is {
				got = append(got, l.Versions[0].Name)
			}
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%q: left out were %q, want %q", env, got, want)
		}
		// Such a definition made nothing, so that an offline plan knows none.
		base, err := o.Base(t.Context(), "HEAD~1")
		if err != nil || len(base.Agents) != 4-len(want) {
			t.Errorf("%q: the base has %d, %v", env, len(base.Agents), err)
		}
	}
	r.commit(all)
	r.commit(files{"agents/environments/live.yaml": "exclude: ["})
	r.commit(gone)
	o := open(t, Request{Path: r.path("agents"), Env: "live"})
	if err := o.History.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, l := range o.History.Lineages() {
		if l.Excluded != nil {
			if is, err := l.Excluded(); !is || err != nil {
				t.Errorf("%s: settings that cannot be read say that it was not left out: %v", l.Versions[0].Name, err)
			}
		}
	}
}

// An environment that had another name when a definition left may be any of those
// that there were: what one of them left out is not deleted in its name.
func TestExcludedInAnEnvironmentOfAnotherName(t *testing.T) {
	r := newRepo(t,
		files{"agents/a.yaml": agent("A"), "agents/b.yaml": agent("B"), "agents/k.yaml": agent("K"), "agents/environments/staging.yaml": "exclude: [A]\n", "agents/environments/live.yaml": "prune: none\n"},
		files{"agents/a.yaml": "", "agents/b.yaml": "", "agents/environments/staging.yaml": "", "agents/environments/trial.yaml": "exclude: [A]\n"},
	)
	for env, want := range map[string][]string{"trial": {"A"}, "live": nil, "": nil} {
		o := open(t, Request{Path: r.path("agents"), Env: env})
		if err := o.History.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, l := range o.History.Lineages() {
			if l.Excluded == nil {
				continue
			}
			if is, err := l.Excluded(); err != nil {
				t.Error(err)
			} else if is {
				got = append(got, l.Versions[0].Name)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: left out were %q, want %q", env, got, want)
		}
	}
}

// A file with a definition that the settings for all leave out is read in its
// history too, although a variable of it is not there: a rename beside it is seen.
func TestHistoryBesideWhatIsLeftOut(t *testing.T) {
	const out = "---\nname: B\ndescription: !var NONE\n"
	r := newRepo(t,
		files{"agents/a.yaml": agent("A") + out, "agents/wassist-sync.yaml": "exclude: [B]\n", "agents/environments/live.yaml": "prune: none\n"},
		files{"agents/wassist-sync.yaml": "exclude: []\n"},
		files{"agents/a.yaml": agent("Front") + out},
		files{"agents/wassist-sync.yaml": "exclude: [B]\n"},
	)
	for _, env := range []string{"live", ""} {
		o := open(t, Request{Path: r.path("agents"), Env: env})
		want := []string{"B@agents/a.yaml 0..- current [0..-] standing = B", "Front@agents/a.yaml 3..- current, A@agents/a.yaml 0..3 [0..-] standing = Front"}
		if diff := cmp.Diff(want, r.lineages(o)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", env, diff)
		}
	}
}

// The keys of all environments are kept from definitions, also where their files
// do not parse.
func TestKeysOfEnvironmentsAreConcealed(t *testing.T) {
	r := newRepo(t, files{"agents/a.yaml": agent("A"), "agents/wassist-sync.yaml": "apiKeyEnv: ALL_KEY\n", "agents/environments/live.yaml": "{\"apiKeyEnv\": 'LIVE_KEY'}\n", "agents/environments/broken.yaml": "x: [\napiKeyEnv: BROKEN_KEY\n"})
	o := openWith(t, Request{Path: r.path("agents"), Env: "live"}, map[string]string{"ALL_KEY": "x", "LIVE_KEY": "x", "BROKEN_KEY": "x", "live_key": "x", "OTHER": "x"})
	for name, want := range map[string]bool{"ALL_KEY": false, "LIVE_KEY": false, "BROKEN_KEY": false, "live_key": false, "OTHER": true} {
		if _, got := o.LookupEnv(name); got != want {
			t.Errorf("%s can be had: %v", name, got)
		}
	}
}

func TestOrganizationsElsewhere(t *testing.T) {
	bot := agent("Bot")
	r := newRepo(t, files{
		"agents/a.yaml": agent("A"), "one/b.yaml": bot, "one/environments/x.yaml": "organization: X\n", "one/environments/y.yaml": "organization: Y\n",
		"two/b.yaml": bot, "two/wassist-sync.yaml": "organization: Z\n", "two/environments/x.yaml": "prune: none\n", "two/environments/y.yaml": "organization: Y\n",
		"three/b.yaml": bot, "three/environments/x.yaml": "organization: X\n", "three/environments/y.yaml": "# nothing\n",
		"four/b.yaml": bot, "four/wassist-sync.yaml": "organization: Z\n", "four/environments/x.yaml": "organization: [\n",
	})
	o := open(t, Request{Path: r.path("agents")})
	found, err := o.History.Elsewhere(t.Context(), []sync.Wanted{{Name: "Bot"}})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, s := range found {
		got[s.File] = append([]string{s.Organization}, s.Others...)
	}
	want := map[string][]string{"one/b.yaml": {"X", "Y"}, "two/b.yaml": {"Z", "Y"}, "three/b.yaml": {""}, "four/b.yaml": {""}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
