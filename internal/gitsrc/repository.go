package gitsrc

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/storage/filesystem"
	"github.com/go-git/go-git/v5/storage/filesystem/dotgit"
)

// ErrNoRepository says that a folder lies in no Git repository.
var ErrNoRepository = errors.New("lies in no Git repository")

// Repository is one Git repository. It may be used by several goroutines, but by
// none while Refresh or Close runs. What
// its Lines learn is kept in it, so a process that plans again and again keeps
// the Repository too. Close gives its files back.
type Repository struct {
	root    string // the work tree; empty for a bare one
	git     string // HEAD's folder
	common  string // the folder of objects/ and refs/, shared by linked work trees
	objects *objects
	trees   *trees
	storage *filesystem.Storage // references only
	memory  *memory
	clone   *clone // how to fetch; nil unless Fetch made it
}

// Open finds the repository around a folder: the nearest parent that holds
// .git, a folder or the file of a linked work tree or submodule. The error
// wraps ErrNoRepository when there is none, and fs.ErrNotExist when the folder
// itself is missing.
func Open(folder string) (*Repository, error) {
	root, err := Root(folder)
	if err != nil {
		return nil, err
	}
	git := filepath.Join(root, ".git")
	if info, err := os.Stat(git); err != nil {
		return nil, err
	} else if !info.IsDir() {
		if git, err = pointedTo(git); err != nil {
			return nil, err
		}
	}
	return open(root, git)
}

// Root finds the top of the work tree around a folder as Open does, whether or
// not Open can read the repository.
func Root(folder string) (string, error) {
	start, err := real(folder)
	if err != nil {
		return "", err
	}
	for dir := start; ; {
		dot := filepath.Join(dir, ".git")
		info, err := os.Stat(dot)
		switch {
		case err == nil && info.IsDir() && !holdsHead(dot):
			// Git walks past a .git folder that is no repository.
		case err == nil:
			return dir, nil
		case !errors.Is(err, os.ErrNotExist):
			return "", err
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("%s %w", folder, ErrNoRepository)
		}
		dir = parent
	}
}

// real gives a folder's absolute path with all links followed, so that a
// linked folder belongs to the repository that it really lies in.
func real(folder string) (string, error) {
	absolute, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(absolute)
}

func holdsHead(git string) bool {
	_, err := os.Lstat(filepath.Join(git, "HEAD")) //nolint:gosec // a .git file names any folder, as for git itself
	return err == nil
}

// pointedTo reads a .git file: "gitdir: PATH" (gitrepository-layout).
func pointedTo(file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	git, ok := strings.CutPrefix(line, "gitdir: ")
	git = strings.TrimSpace(git)
	if !ok || git == "" {
		return "", fmt.Errorf("%s is a file that names no Git folder; check the clone", file)
	}
	if !filepath.IsAbs(git) {
		git = filepath.Join(filepath.Dir(file), git)
	}
	if !holdsHead(git) {
		return "", fmt.Errorf("%s names the Git folder %s, which is no repository; run git worktree repair, or mount that folder too", file, git)
	}
	return git, nil
}

// open opens the repository whose HEAD lies in git.
func open(root, git string) (*Repository, error) {
	r := &Repository{root: root, git: git, common: git, memory: newMemory()}
	if text, err := os.ReadFile(filepath.Join(git, "commondir")); err == nil {
		r.common = strings.TrimSpace(string(text))
		if !filepath.IsAbs(r.common) {
			r.common = filepath.Join(git, r.common)
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if err := readable(r.common); err != nil {
		return nil, err
	}
	r.reopen()
	return r, nil
}

// reopen forgets which packs there are. Nothing that was learnt is forgotten:
// objects do not change.
func (r *Repository) reopen() {
	if r.objects != nil {
		_ = r.objects.close() // packs that were only read
	} else {
		r.objects = newObjects(r.common)
		r.trees = newTrees(r.objects)
	}
	files := osfs.New(r.git)
	if r.common != r.git {
		files = dotgit.NewRepositoryFilesystem(osfs.New(r.git), osfs.New(r.common))
	}
	r.storage = filesystem.NewStorage(files, cache.NewObjectLRU(cacheSize))
}

// Close gives the open files back.
func (r *Repository) Close() error {
	return errors.Join(r.objects.close(), r.storage.Close())
}

// giveBack closes what was only read: nothing is lost when that fails.
func giveBack(c io.Closer) { _ = c.Close() }

// readable refuses repositories in forms that are not read here. Extensions
// that only change the work tree or what Git may delete (sparse checkouts,
// partial clones, precious objects) do no harm.
func readable(common string) error {
	file, err := os.Open(filepath.Join(common, "config")) //nolint:gosec // commondir names any folder, as for git itself
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer giveBack(file)
	settings, err := config.ReadConfig(file)
	if err != nil {
		return fmt.Errorf("cannot read %s: %w", file.Name(), err)
	}
	if v := settings.Raw.Section("core").Option("repositoryformatversion"); v != "" && v != "0" && v != "1" {
		return fmt.Errorf("the repository has format version %s, only 0 and 1 are known; clone it with an older version of git", v)
	}
	for _, option := range settings.Raw.Section("extensions").Options {
		switch key, value := strings.ToLower(option.Key), strings.ToLower(option.Value); key {
		case "objectformat":
			if value != "sha1" {
				return fmt.Errorf("the repository names its objects by %s, only sha1 is supported; convert it, or clone it from a host that serves it with sha1", value)
			}
		case "refstorage":
			if value != "files" {
				return fmt.Errorf("the repository keeps its references as %s, only files are supported; run git refs migrate --ref-format=files", value)
			}
		case "worktreeconfig", "partialclone", "preciousobjects", "noop", "noop-v1", "relativeworktrees", "compatobjectformat":
		default:
			return fmt.Errorf("the repository uses the extension %s, which is not supported; make a plain clone of it", key)
		}
	}
	return nil
}

// Root is the top of the work tree; empty for a bare repository.
func (r *Repository) Root() string { return r.root }

// Dir gives a folder's path inside the repository, with slashes; "." is the top.
func (r *Repository) Dir(folder string) (string, error) {
	if r.root == "" {
		return "", errors.New("the repository has no work tree")
	}
	absolute, err := real(folder)
	if err != nil {
		return "", err
	}
	inside, err := filepath.Rel(r.root, absolute)
	if err != nil || inside == ".." || strings.HasPrefix(inside, ".."+string(filepath.Separator)) {
		return "", fmt.Errorf("%s lies outside the repository %s", folder, r.root)
	}
	return filepath.ToSlash(inside), nil
}

// Shallow tells whether the clone's history is cut off (git clone --depth).
func (r *Repository) Shallow() (bool, error) {
	cut, err := r.boundary()
	return len(cut) > 0, err
}

// boundary reads the commits whose parents a shallow clone leaves out.
func (r *Repository) boundary() (map[Hash]bool, error) {
	text, err := os.ReadFile(filepath.Join(r.common, "shallow"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	cut := map[Hash]bool{}
	for _, line := range strings.Fields(string(text)) {
		cut[plumbing.NewHash(line)] = true
	}
	return cut, nil
}
