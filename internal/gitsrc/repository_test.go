package gitsrc

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/spec"
)

// worktree makes a repository with a work tree and one commit of some files.
func worktree(t *testing.T, all map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	run(t, dir, "", "init", "-q", "-b", "main", ".")
	write(t, dir, all)
	run(t, dir, "", "add", "-A", "-f")
	run(t, dir, "", "commit", "-q", "--allow-empty", "-m", "first")
	return dir
}

func write(t *testing.T, dir string, all map[string]string) {
	t.Helper()
	for name, text := range all {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		remove(t, file)
		var err error
		if target, ok := strings.CutPrefix(text, "-> "); ok {
			err = os.Symlink(target, file)
		} else {
			err = os.WriteFile(file, []byte(text), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func openedAt(t *testing.T, folder string) *Repository {
	t.Helper()
	r, err := Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shut(t, r) })
	return r
}

func TestOpenFindsTheRepositoryAround(t *testing.T) {
	dir := worktree(t, map[string]string{"a/agents/x.yaml": agent("X")})
	linked := filepath.Join(t.TempDir(), "linked")
	run(t, dir, "", "worktree", "add", "-q", "--detach", linked)
	if err := os.Symlink(filepath.Join(dir, "a"), filepath.Join(t.TempDir(), "elsewhere")); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "a", ".git"), 0o700); err != nil { // no repository
		t.Fatal(err)
	}
	for _, top := range []string{dir, linked} {
		r := openedAt(t, filepath.Join(top, "a", "agents"))
		if real, _ := filepath.EvalSymlinks(top); r.Root() != real {
			t.Errorf("root %s, want %s", r.Root(), real)
		}
		inside, err := r.Dir(filepath.Join(top, "a", "agents"))
		if err != nil || inside != "a/agents" {
			t.Errorf("dir %q %v", inside, err)
		}
		if inside, err := r.Dir(top); err != nil || inside != "." {
			t.Errorf("dir of the top %q %v", inside, err)
		}
		if _, err := r.Dir(filepath.Dir(top)); err == nil {
			t.Error("a folder outside got a path inside")
		}
		for _, ref := range []string{"HEAD", "main"} {
			if c, err := r.Resolve(ref); err != nil || c.Hash.String() != run(t, dir, "", "rev-parse", "main") {
				t.Errorf("%s is %v %v", ref, c, err)
			}
		}
		l := walked(t, r, mustResolve(t, r, "HEAD").Hash, "")
		if !l.Whole() {
			t.Error("the line was not read")
		}
	}
}

func mustResolve(t testing.TB, r *Repository, ref string) Commit {
	t.Helper()
	c, err := r.Resolve(ref)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOpenRefuses(t *testing.T) {
	plain := t.TempDir()
	sha256 := t.TempDir()
	run(t, sha256, "", "init", "-q", "--object-format=sha256", ".")
	lost := t.TempDir()
	write(t, lost, map[string]string{".git": "gitdir: /nowhere/at/all\n"})
	odd := worktree(t, nil)
	run(t, odd, "", "config", "core.repositoryformatversion", "1")
	run(t, odd, "", "config", "extensions.wondrous", "true")
	newer := worktree(t, nil)
	run(t, newer, "", "config", "core.repositoryformatversion", "2")
	reftable := worktree(t, nil)
	run(t, reftable, "", "config", "extensions.refstorage", "reftable")
	for folder, want := range map[string]string{
		plain:                        "lies in no Git repository",
		sha256:                       "only sha1 is supported",
		lost:                         "names the Git folder /nowhere/at/all, which is no repository",
		odd:                          "the extension wondrous",
		newer:                        "format version 2",
		reftable:                     "references as reftable",
		filepath.Join(plain, "none"): "no such file",
	} {
		_, err := Open(folder)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
		if errors.Is(err, ErrNoRepository) != (folder == plain) {
			t.Errorf("%v: is no repository: %v", err, errors.Is(err, ErrNoRepository))
		}
		// The top of what cannot be read is found all the same.
		root, err := Root(folder)
		if real, _ := filepath.EvalSymlinks(folder); (err == nil) == strings.HasPrefix(folder, plain) || err == nil && root != real {
			t.Errorf("%s: root %s %v", folder, root, err)
		}
	}
}

// TestSparseCheckoutOpens: it sets the extension worktreeConfig, which does no harm here.
func TestSparseCheckoutOpens(t *testing.T) {
	dir := worktree(t, map[string]string{"agents/x.yaml": agent("X"), "big/file": "x"})
	run(t, dir, "", "sparse-checkout", "set", "agents")
	r := openedAt(t, dir)
	fsys, err := r.FS(mustResolve(t, r, "HEAD").Hash)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fs.Stat(fsys, "big/file"); err != nil {
		t.Error(err)
	}
}

func TestAlternatesAndLooseObjects(t *testing.T) {
	dir := worktree(t, map[string]string{"agents/x.yaml": agent("X")})
	run(t, dir, "", "gc", "-q")
	borrower := filepath.Join(t.TempDir(), "b")
	run(t, dir, "", "clone", "-q", "--shared", dir, borrower)
	write(t, borrower, map[string]string{"agents/x.yaml": agent("Y")})
	run(t, borrower, "", "commit", "-q", "-a", "-m", "second")
	r := openedAt(t, borrower)
	l := walked(t, r, mustResolve(t, r, "HEAD").Hash, "")
	if !l.Whole() || len(l.Named("X")) != 1 {
		t.Error("the borrowed commit was not read")
	}
	// A pack that comes in while the repository is open is found.
	write(t, borrower, map[string]string{"agents/x.yaml": agent("Z")})
	run(t, borrower, "", "commit", "-q", "-a", "-m", "third")
	run(t, borrower, "", "repack", "-q", "-a", "-d")
	if c := mustResolve(t, r, "main~1"); c.Hash.String() != run(t, borrower, "", "rev-parse", "HEAD~1") {
		t.Errorf("main~1 is %s", c.Hash)
	}
}

func TestResolve(t *testing.T) {
	dir := worktree(t, map[string]string{"a": "1"})
	first := run(t, dir, "", "rev-parse", "HEAD")
	write(t, dir, map[string]string{"a": "2"})
	run(t, dir, "", "commit", "-q", "-a", "-m", "second")
	second := run(t, dir, "", "rev-parse", "HEAD")
	run(t, dir, "", "tag", "light", first)
	run(t, dir, "", "tag", "-a", "-m", "x", "annotated", first)
	run(t, dir, "", "tag", "-a", "-m", "x", "nested", "annotated")
	run(t, dir, "", "tag", "of-a-blob", "HEAD:a")
	run(t, dir, "", "branch", "team/topic", first)
	run(t, dir, "", "update-ref", "refs/remotes/origin/main", first)
	run(t, dir, "", "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
	run(t, dir, "", "update-ref", "refs/pull/7/merge", first)
	run(t, dir, "", "branch", "both", first)
	run(t, dir, "", "tag", "both", second) // a tag goes before a branch
	r := openedAt(t, dir)
	for ref, want := range map[string]string{
		"": second, "HEAD": second, "@": second, "main": second, "heads/main": second, "refs/heads/main": second,
		"light": first, "annotated": first, "nested": first, "tags/annotated": first,
		"team/topic": first, "origin/main": first, "origin": first, "refs/pull/7/merge": first, "pull/7/merge": first,
		"both": second, "main~1": first, "HEAD^": first, "HEAD~": first, "HEAD^0": second, "@~1": first,
		first: first, first[:7]: first, strings.ToUpper(first[:12]): first,
	} {
		if c, err := r.Resolve(ref); err != nil || c.Hash.String() != want {
			t.Errorf("%q is %s %v, want %s", ref, c.Hash, err, want)
		}
	}
	if c := mustResolve(t, r, "main"); c.Time.Unix() == 0 || c.Time.Format("2006") != run(t, dir, "", "log", "-1", "--format=%cd", "--date=format:%Y") {
		t.Errorf("time %v", c.Time)
	}
	for ref, want := range map[string]string{
		"nothing": "is no branch, tag or commit", "deadbeef": "is no branch, tag or commit", strings.Repeat("0", 40): "is not in this clone",
		first[:6]: "is no branch", "main~99999999999999999999": "is no number of parents", "main~2": "has no parent", "HEAD^2": "has no parent 2", "of-a-blob": "is a blob, must be a commit",
		"main/below": "is no branch", "../config": "is no branch", "a..b": "is no branch", "config": "is no branch",
	} {
		c, err := r.Resolve(ref)
		if !errors.Is(err, ErrUnknownRef) || !strings.Contains(err.Error(), want) || !c.Hash.IsZero() {
			t.Errorf("%q: %v %v, want %q", ref, c, err, want)
		}
	}
}

func TestResolveAmbiguousHash(t *testing.T) {
	// Seven digits of two commits are made equal by trying: too slow here, so
	// four are, and the lookup below Resolve is asked.
	dir := t.TempDir()
	var states []map[string]string
	for i := range 700 {
		states = append(states, map[string]string{"n": strings.Repeat("x", i)})
	}
	hashes := build(t, dir, linear(states...))
	r := opened(t, dir)
	seen := map[string]bool{}
	for _, h := range hashes {
		if seen[h.String()[:4]] {
			found, err := r.objects.prefixed(h.String()[:4])
			if err != nil || len(found) < 2 {
				t.Errorf("%d objects start with %s, want two or more (%v)", len(found), h.String()[:4], err)
			}
			return
		}
		seen[h.String()[:4]] = true
	}
	t.Skip("no two of the hashes start alike")
}

func TestResolveInAnEmptyRepository(t *testing.T) {
	dir := t.TempDir()
	run(t, dir, "", "init", "-q", ".")
	_, err := openedAt(t, dir).Resolve("")
	if !errors.Is(err, ErrUnknownRef) || !strings.Contains(err.Error(), "no commit yet") {
		t.Errorf("error %v", err)
	}
}

func TestFS(t *testing.T) {
	dir := worktree(t, map[string]string{
		"agents/x.yaml": agent("X", "systemPrompt: !file p.md\n"), "agents/p.md": "prompt", "agents/sub/deep/y.yaml": agent("Y"),
		"agents/link.yaml": "-> sub/deep/y.yaml", "agents/folder": "-> sub", "out": "-> /etc/passwd", "loop": "-> loop", "dangling": "-> nowhere",
		"agents/sub/up.md": "-> ../p.md", "agents.b": "sorts before agents/", "run.sh": "#!/bin/sh\n",
	})
	if err := os.Chmod(filepath.Join(dir, "run.sh"), 0o700); err != nil {
		t.Fatal(err)
	}
	head := run(t, dir, "", "rev-parse", "HEAD")
	run(t, dir, "", "add", "run.sh")
	run(t, dir, "", "update-index", "--add", "--cacheinfo", "160000,"+head+",module")
	run(t, dir, "", "commit", "-q", "-m", "second")
	r := openedAt(t, dir)
	fsys, err := r.FS(mustResolve(t, r, "HEAD").Hash)
	if err != nil {
		t.Fatal(err)
	}
	// As with os.DirFS, a link that leads nowhere cannot be opened, which TestFS
	// takes for a fault; so the folder without such links is tested.
	inside, err := fs.Sub(fsys, "agents")
	if err != nil {
		t.Fatal(err)
	}
	err = fstest.TestFS(inside, "x.yaml", "p.md", "sub/deep/y.yaml", "link.yaml", "folder")
	if err != nil {
		t.Error(err)
	}
	for name, want := range map[string]string{"agents/link.yaml": agent("Y"), "agents/folder/deep/y.yaml": agent("Y"), "agents/sub/up.md": "prompt"} {
		if text, err := fs.ReadFile(fsys, name); err != nil || string(text) != want {
			t.Errorf("%s holds %q %v", name, text, err)
		}
	}
	for _, name := range []string{"out", "dangling", "agents/none", "run.sh/x", "module/x"} {
		if _, err := fs.Stat(fsys, name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v, want that it does not exist", name, err)
		}
	}
	if _, err := fs.ReadFile(fsys, "loop"); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a loop: %v", err)
	}
	links := fsys.(fs.ReadLinkFS)
	if target, err := links.ReadLink("out"); err != nil || target != "/etc/passwd" {
		t.Errorf("link %q %v", target, err)
	}
	if info, err := links.Lstat("agents/folder"); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("lstat %v %v", info, err)
	}
	if info, err := fs.Stat(fsys, "run.sh"); err != nil || info.Mode().Perm() != 0o755 || info.Size() != 10 {
		t.Errorf("stat %v %v", info, err)
	}
	if entries, err := fs.ReadDir(fsys, "module"); err != nil || len(entries) != 0 {
		t.Errorf("the submodule holds %v %v", entries, err)
	}
	var names []string
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if diff := cmp.Diff([]string{"agents", "agents.b", "dangling", "loop", "module", "out", "run.sh"}, names); diff != "" {
		t.Error(diff)
	}
	// link.yaml defines Y a second time, in another file.
	if _, err := spec.Load(fsys, "agents/sub"); err != nil {
		t.Error(err)
	}
	if _, err := spec.Load(fsys, "none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

func TestShallow(t *testing.T) {
	source := t.TempDir()
	build(t, source, linear(files{"agents/a.yaml": agent("A")}, files{"agents/a.yaml": agent("B")}, files{"agents/a.yaml": agent("C"), "agents/n.yaml": agent("N")}, files{"agents/a.yaml": agent("C"), "agents/n.yaml": agent("M")}))
	dir := filepath.Join(t.TempDir(), "clone")
	run(t, source, "", "clone", "-q", "--depth", "2", "file://"+source, dir)
	whole := opened(t, source)
	r := openedAt(t, dir)
	for repository, want := range map[*Repository]bool{whole: false, r: true} {
		if got, err := repository.Shallow(); err != nil || got != want {
			t.Errorf("shallow %v %v, want %v", got, err, want)
		}
	}
	l := walked(t, r, mustResolve(t, r, "HEAD").Hash, "")
	if l.Whole() || !l.Done() {
		t.Errorf("whole %v, done %v", l.Whole(), l.Done())
	}
	d := l.Named("C")[0]
	if d.Versions[0].Since != nil || d.Stays[0].Since != nil || len(l.Named("A")) != 0 || len(l.Named("N")) != 1 {
		t.Errorf("what came before the boundary was made up: %+v", d.Stays)
	}
	if _, ok, err := l.Entered(d.Stays[0]); ok || err != nil {
		t.Errorf("entered is known: %v", err)
	}
	if len(l.Notes()) != 0 { // Shallow tells
		t.Errorf("notes %q", l.Notes())
	}
	// Once deepened, the same Repository reads on.
	run(t, dir, "", "fetch", "-q", "--unshallow")
	if l := walked(t, r, mustResolve(t, r, "HEAD").Hash, ""); !l.Whole() || len(l.Named("A")) != 1 {
		t.Error("the deepened history was not read")
	}
}

// TestPartialClone: a clone without old blobs ends where they are missing.
func TestPartialClone(t *testing.T) {
	source := t.TempDir()
	build(t, source, linear(files{"agents/a.yaml": agent("A")}, files{"agents/a.yaml": agent("B")}))
	run(t, source, "", "config", "uploadpack.allowFilter", "true")
	dir := filepath.Join(t.TempDir(), "clone")
	run(t, source, "", "clone", "-q", "--filter=blob:none", "file://"+source, dir)
	r := openedAt(t, dir)
	l := walked(t, r, mustResolve(t, r, "HEAD").Hash, "")
	if l.Whole() || len(l.Notes()) != 1 || !strings.Contains(l.Notes()[0], "the clone lacks what came before") {
		t.Errorf("whole %v, notes %q", l.Whole(), l.Notes())
	}
}

func TestDamagedObjects(t *testing.T) {
	dir := worktree(t, map[string]string{"agents/a.yaml": agent("A")})
	blob := run(t, dir, "", "rev-parse", "HEAD:agents/a.yaml")
	loose := filepath.Join(dir, ".git", "objects", blob[:2], blob[2:])
	if err := os.Chmod(loose, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "no zlib", "x\x9c\x03\x00"} {
		if err := os.WriteFile(loose, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		r := openedAt(t, dir)
		fsys, err := r.FS(mustResolve(t, r, "HEAD").Hash)
		if err != nil {
			t.Fatal(err)
		}
		_, err = fs.ReadFile(fsys, "agents/a.yaml")
		if err == nil || !regexp.MustCompile(blob+` of the repository is damaged \(git fsck`).MatchString(err.Error()) {
			t.Errorf("error %v", err)
		}
	}
}
