package gitsrc

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// trap is a program that leaves a trace when something runs it.
func trap(t *testing.T, trace string) (program string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), "trap.sh")
	plant(t, program, "#!/bin/sh\necho \"$0 $*\" >>'"+trace+"'\ncat\n", 0o700)
	return program
}

func plant(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// everyHook are the hooks of githooks(5) that a client could run.
var everyHook = []string{
	"pre-commit", "post-checkout", "post-merge", "pre-push", "pre-receive", "update", "proc-receive", "post-receive", "post-update", "reference-transaction",
	"push-to-checkout", "pre-auto-gc", "post-rewrite", "fsmonitor-watchman", "post-index-change",
}

// arm lays every way of a repository to have programs run: hooks, and a configuration
// that names programs.
func arm(t *testing.T, gitDir, program string) {
	t.Helper()
	for _, hook := range everyHook {
		plant(t, filepath.Join(gitDir, "hooks", hook), "#!/bin/sh\nexec "+program+" "+hook+"\n", 0o700)
	}
	var config strings.Builder
	config.WriteString("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
	for _, line := range []string{
		"core.fsmonitor", "core.sshCommand", "core.gitProxy", "core.askPass", "core.editor", "core.pager", "credential.helper", "gpg.program", "diff.external",
		"uploadpack.packObjectsHook", "remote.origin.uploadpack", "remote.origin.vcs", "receive.procReceiveRefs", "alias.fetch",
	} {
		section, key, _ := strings.Cut(line, ".")
		if at := strings.LastIndexByte(key, '.'); at >= 0 {
			section, key = section+` "`+key[:at]+`"`, key[at+1:]
		}
		config.WriteString("[" + section + "]\n\t" + key + " = " + program + "\n")
	}
	config.WriteString("[filter \"evil\"]\n\tclean = " + program + "\n\tsmudge = " + program + "\n\tprocess = " + program + "\n\trequired = true\n")
	config.WriteString("[url \"ext::" + program + " \"]\n\tinsteadOf = https://\n[protocol \"ext\"]\n\tallow = always\n")
	plant(t, filepath.Join(gitDir, "config"), config.String(), 0o600)
}

// hostileTree is a commit that wants a checkout to do things: filters, submodules with
// commands for URLs and for updates, symlinks that lead out, and paths into .git.
func hostileTree(t *testing.T, dir, program string) {
	t.Helper()
	run(t, dir, "", "init", "-q", "-b", "main")
	plant(t, filepath.Join(dir, ".gitattributes"), "* filter=evil diff=evil merge=evil ident\n", 0o600)
	plant(t, filepath.Join(dir, ".gitmodules"), "[submodule \"x\"]\n\tpath = agents/x\n\turl = ext::"+program+" x\n\tupdate = !"+program+"\n[submodule \"../../y\"]\n\tpath = y\n\turl = -u"+program+"\n", 0o600)
	plant(t, filepath.Join(dir, "agents", "a.yaml"), agent("A", "systemPrompt: !file p.md"), 0o600)
	plant(t, filepath.Join(dir, "agents", "p.md"), "$Id$ a prompt", 0o600)
	run(t, dir, "", "-c", "filter.evil.clean=cat", "-c", "filter.evil.required=false", "add", ".")
	commit := "160000," + strings.Repeat("1", 40) + ",agents/x"
	run(t, dir, "", "update-index", "--add", "--cacheinfo", commit)
	run(t, dir, "", "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-q", "-m", "hostile")
}

// Nothing of a repository is ever run: neither hooks, filters and commands that its
// configuration or its clone's names, nor what its submodules ask for.
func TestHostileRepositoryRunsNothing(t *testing.T) {
	trace := filepath.Join(t.TempDir(), "trace")
	program := trap(t, trace)
	root := t.TempDir()
	work := filepath.Join(root, "work")
	if err := os.MkdirAll(work, 0o700); err != nil {
		t.Fatal(err)
	}
	hostileTree(t, work, program)
	bare := filepath.Join(root, "agents.git")
	run(t, root, "", "clone", "-q", "--bare", work, bare)
	check := func(t *testing.T, r *Repository) {
		t.Helper()
		commit, err := r.Resolve("main")
		if err != nil {
			t.Fatal(err)
		}
		fsys, err := r.FS(commit.Hash)
		if err != nil {
			t.Fatal(err)
		}
		text, err := fs.ReadFile(fsys, "agents/p.md")
		if err != nil || string(text) != "$Id$ a prompt" {
			t.Errorf("the prompt is %q, %v", text, err)
		}
		if _, err := fs.ReadFile(fsys, "agents/x/a.yaml"); err == nil {
			t.Error("a submodule can be read")
		}
		walked(t, r, commit.Hash, "refs/heads/main")
	}
	// The remote over https may have what it likes: only what git-upload-pack sends counts.
	s := serve(t, root)
	cache := t.TempDir()
	for _, remote := range []Remote{s.remote("agents.git"), {URL: "file://" + bare}} {
		t.Run(remote.URL[:5], func(t *testing.T) {
			r, err := Fetch(t.Context(), remote, cache)
			if err != nil {
				t.Fatal(err)
			}
			check(t, r)
			shut(t, r)
			clones, err := filepath.Glob(filepath.Join(cache, "*.git"))
			if err != nil || len(clones) == 0 {
				t.Fatal(clones, err)
			}
			for _, clone := range clones {
				if hooks, _ := filepath.Glob(filepath.Join(clone, "hooks", "*")); len(hooks) > 0 {
					t.Errorf("the clone has the hooks %v", hooks)
				}
			}
		})
	}
	// A repository on this machine, and one whose clone somebody got at.
	arm(t, bare, program)
	arm(t, filepath.Join(work, ".git"), program)
	clones, err := filepath.Glob(filepath.Join(cache, "*.git"))
	if err != nil {
		t.Fatal(err)
	}
	for _, clone := range clones {
		arm(t, clone, program)
	}
	t.Run("armed", func(t *testing.T) {
		r, err := Fetch(t.Context(), Remote{URL: "file://" + bare}, cache)
		if err != nil {
			t.Fatal(err)
		}
		check(t, r)
		shut(t, r)
		local, err := Open(work)
		if err != nil {
			t.Fatal(err)
		}
		defer shut(t, local)
		check(t, local)
		if _, _, err := local.Dirty(t.Context(), "agents", []string{"agents/p.md"}); err != nil {
			t.Errorf("Dirty: %v", err)
		}
	})
	if ran, err := os.ReadFile(trace); err == nil {
		t.Errorf("something ran: %s", ran)
	}
	// The trap works: Git itself steps into it, and gives up.
	cmd := exec.CommandContext(t.Context(), "git", "--git-dir=.git", "--work-tree=.", "checkout", "-q", "-f", "HEAD")
	cmd.Dir = work
	said, _ := cmd.CombinedOutput() // what it says shows why, if it ran nothing
	if _, err := os.ReadFile(trace); err != nil {
		t.Errorf("git ran nothing either: %v\n%s", err, said)
	}
}

// A link among the objects of a repository on this machine could have any file of it
// copied: it is left out, and what it stands for is missing.
func TestFetchFileTakesNoLinks(t *testing.T) {
	work := t.TempDir()
	run(t, work, "", "init", "-q", "-b", "main")
	plant(t, filepath.Join(work, "agents", "a.yaml"), agent("A"), 0o600)
	run(t, work, "", "add", ".")
	run(t, work, "", "commit", "-q", "-m", "first")
	outside := filepath.Join(t.TempDir(), "secret")
	plant(t, outside, canary, 0o600)
	objects := filepath.Join(work, ".git", "objects")
	for name, target := range map[string]string{
		"ab/" + strings.Repeat("c", 38): outside, "pack/pack-" + strings.Repeat("d", 40) + ".pack": outside, "cd": filepath.Dir(outside),
	} {
		link := filepath.Join(objects, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(link), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, link); err != nil {
			t.Skip(err)
		}
	}
	cache := t.TempDir()
	r, err := Fetch(t.Context(), Remote{URL: "file://" + work}, cache)
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, r)
	err = filepath.WalkDir(cache, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		if !entry.Type().IsRegular() || strings.Contains(string(text), canary) {
			t.Errorf("%s, %v, is taken over", name, entry.Type())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A remote's answers are not followed to another host with the token.
func TestFetchFollowsNoRedirectWithTheToken(t *testing.T) {
	seen := ""
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		seen += r.URL.String() + " " + password + " " + r.Header.Get("Authorization")
		http.NotFound(w, r)
	}))
	defer elsewhere.Close()
	from := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, strings.Replace(elsewhere.URL, "127.0.0.1", "localhost", 1)+r.URL.String(), http.StatusFound)
	}))
	defer from.Close()
	_, err := Fetch(t.Context(), Remote{URL: from.URL + "/agents.git", Token: canary}, t.TempDir())
	if err == nil || strings.Contains(err.Error(), canary) || strings.Contains(seen, canary) {
		t.Errorf("error %v; elsewhere it was asked %q", err, seen)
	}
}
