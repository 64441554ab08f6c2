package source

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"

	"wassist-sync/internal/gitsrc"
)

// place is where a path of the user's leads on this machine.
type place struct {
	path string // the user's
	// folder is the path itself, absolute, or the nearest folder above it that is
	// there; rest is then what is missing below that.
	folder, rest string
}

// find looks a path up. One that is no folder is an error, a missing one is not.
func find(user string) (place, error) {
	if user == "" { // which is not the current folder
		return place{}, usagef(ErrNoFolder, `there is no folder ""; give the folder of the definitions`)
	}
	at, err := filepath.Abs(user)
	if err != nil {
		return place{}, err
	}
	for rest := ""; ; {
		info, err := os.Stat(at)
		switch {
		case err == nil && info.IsDir():
			return place{user, at, rest}, nil
		case err == nil && rest == "":
			return place{}, notFolder(user)
		case err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR):
			return place{}, err
		}
		parent := filepath.Dir(at)
		if parent == at {
			return place{}, err
		}
		at, rest = parent, filepath.Join(filepath.Base(at), rest)
	}
}

// inWorkTree is the path inside the repository as the work tree has it, its
// links followed.
func (p place) inWorkTree(r *gitsrc.Repository) (string, error) {
	dir, err := r.Dir(p.folder)
	return path.Join(dir, filepath.ToSlash(p.rest)), err
}

// inRepository is the path inside the repository as it is written: whether a
// part of it is a link is for each commit to say. Links above the repository's
// top, or into it, are followed.
func (p place) inRepository(r *gitsrc.Repository) (string, error) {
	dir, err := r.Dir(p.folder)
	if err != nil {
		return "", err
	}
	rest := p.rest
	for at := p.folder; ; {
		parent := filepath.Dir(at)
		up, err := r.Dir(parent)
		if parent == at || err != nil { // it lies outside
			return path.Join(dir, filepath.ToSlash(rest)), nil
		}
		at, dir, rest = parent, up, filepath.Join(filepath.Base(at), rest)
	}
}

// leaves gives the top of the repository that a folder outside of every repository
// lies in as its path is written: a commit that turns the folder into a symlink would
// have any folder of this machine read.
func (p place) leaves() (top string) {
	for at := filepath.Dir(p.folder); ; at = filepath.Dir(at) {
		if top, err := gitsrc.Root(at); err == nil {
			return top
		}
		if at == filepath.Dir(at) {
			return ""
		}
	}
}

// mustStay is a usage error for a folder outside of every repository that seems to
// lie in one.
func (p place) mustStay() error {
	top := p.leaves()
	if top == "" {
		return nil
	}
	return usagef(ErrNoFolder, "%s is, or lies behind, a symlink that leaves the repository %s; name the folder that it leads to if that is meant", shown(p.path), top)
}

// MayMake tells whether a folder that is not there may be made: not where a symlink
// leads out of the repository that its path lies in. The error wraps ErrUsage.
func MayMake(user string) error {
	p, err := find(user)
	if err != nil {
		return err
	}
	if _, err = gitsrc.Root(p.folder); errors.Is(err, gitsrc.ErrNoRepository) {
		return p.mustStay()
	}
	return err
}

// insidePath checks a path that has to lie inside a repository.
func insidePath(user string) (string, error) {
	dir := shown(user)
	// Local paths also name no drive.
	if user == "" || !filepath.IsLocal(user) || !fs.ValidPath(dir) {
		return "", usagef(ErrNoFolder, "%q is no path inside the repository; give the folder of the definitions relative to the repository's top, or . for the top itself", user)
	}
	return dir, nil
}
