package source

import (
	"os"
	"path/filepath"

	"wassist-sync/internal/gitsrc"
	"wassist-sync/spec"
)

// Environments lists the environments of a folder as it lies there; none when
// there is no such folder. What lies beside them and would be taken for one is
// spec.Problems, and the others are listed all the same.
func Environments(user string) ([]string, error) {
	p, err := find(user)
	if err != nil || p.rest != "" {
		return nil, err
	}
	top, dir, display := p.folder, ".", shown(user)
	if repository, err := gitsrc.Root(p.folder); err == nil {
		folder, err := filepath.EvalSymlinks(p.folder)
		if err != nil {
			return nil, err
		}
		inside, err := filepath.Rel(repository, folder)
		if err != nil {
			return nil, err
		}
		top, dir = repository, filepath.ToSlash(inside)
		display = dir
	}
	root, err := os.OpenRoot(top)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return spec.Environments(root.FS(), dir, display)
}
