package spec

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
)

// Why a path cannot be read, in the words of a problem.
var (
	errLeaves  = errors.New("leaves the repository")
	errGit     = errors.New("lies inside .git")
	errLoop    = errors.New("is a symlink that leads back to itself")
	errFolder  = errors.New("is a folder, must be a file")
	errSpecial = errors.New("is not a regular file")
	errLarge   = errors.New("is too large")
)

// maxLinks is how many symlinks one path may lead through, as on Linux.
const maxLinks = 40

// resolve follows the symlinks of a path by itself, so that the boundary holds
// on every file system (os.DirFS would follow a link out of its root), and so
// that a link that leaves can be told from a missing file. A file system that
// knows no symlinks gives the path back.
func resolve(fsys fs.FS, name string) (string, error) {
	links, ok := fsys.(fs.ReadLinkFS)
	if !ok {
		return name, nil
	}
	done, rest := ".", strings.Split(name, "/")
	for hops := 0; len(rest) > 0; {
		part := rest[0]
		rest = rest[1:]
		switch part {
		case "", ".":
			continue
		case "..":
			if done == "." {
				return "", errLeaves
			}
			done = path.Dir(done)
			continue
		}
		next := path.Join(done, part)
		info, err := links.Lstat(next)
		if err != nil {
			return "", err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			done = next
			continue
		}
		if hops++; hops > maxLinks {
			return "", errLoop
		}
		target, err := links.ReadLink(next)
		if err != nil {
			return "", err
		}
		if path.IsAbs(target) || len(target) > 1 && target[1] == ':' {
			return "", errLeaves
		}
		rest = append(strings.Split(strings.ReplaceAll(target, `\`, "/"), "/"), rest...)
	}
	return done, nil
}

// readFile reads a regular file of at most limit bytes, through symlinks that
// stay inside fsys. Its errors are fit for why.
func readFile(fsys fs.FS, name string, limit int64) ([]byte, error) {
	name, err := resolve(fsys, name)
	if err != nil {
		return nil, err
	}
	for _, part := range strings.Split(name, "/") {
		if strings.EqualFold(part, ".git") {
			// A checkout keeps its token there, and a plan prints texts.
			return nil, errGit
		}
	}
	info, err := fs.Stat(fsys, name) // before opening: opening a pipe would wait
	if err != nil {
		return nil, err
	}
	switch {
	case info.IsDir():
		return nil, errFolder
	case !info.Mode().IsRegular():
		return nil, errSpecial
	case info.Size() > limit:
		return nil, errLarge
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var raw bytes.Buffer
	raw.Grow(int(info.Size()) + bytes.MinRead) // it may have grown since
	if _, err := raw.ReadFrom(io.LimitReader(f, limit+1)); err != nil {
		return nil, err
	}
	if int64(raw.Len()) > limit {
		return nil, errLarge
	}
	return raw.Bytes(), nil
}

// why tells why a file cannot be read, and the remedy. Paths of the machine,
// which errors of an operating system carry, are left out.
func why(err error, limit string) (what, remedy string) {
	var pathErr *fs.PathError
	switch {
	case errors.Is(err, errLarge):
		return "is larger than " + limit, "split it"
	case errors.Is(err, errLeaves), strings.Contains(err.Error(), "escapes"):
		return errLeaves.Error(), "copy the file into the repository"
	case errors.Is(err, errGit):
		return err.Error(), "name a file of the repository"
	case errors.Is(err, errFolder), errors.Is(err, errLoop), errors.Is(err, errSpecial):
		return err.Error(), "name a regular file"
	case errors.Is(err, fs.ErrNotExist):
		return "does not exist", "check the path"
	case errors.As(err, &pathErr):
		return "cannot be read: " + pathErr.Err.Error(), "check the file and its permissions"
	}
	return "cannot be read: " + err.Error(), "check the file and its permissions"
}
