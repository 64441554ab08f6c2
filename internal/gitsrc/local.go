package gitsrc

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// copyLocal brings a clone of a repository on this machine up to date without a
// git binary, which go-git would need for file://: it links or copies the files
// of objects that the clone lacks, as git clone does for a path, and then sets
// the references. Objects come first, so a clone never names what it lacks; the
// references are read before them, so what they name is there to be copied.
func copyLocal(ctx context.Context, from, to string, extra []string) error {
	source, err := openAny(from)
	if err != nil {
		return err
	}
	defer giveBack(source)
	wanted, err := source.references()
	if err != nil {
		return err
	}
	wanted = slices.DeleteFunc(wanted, func(r *plumbing.Reference) bool {
		return !r.Name().IsBranch() && !r.Name().IsTag() && !slices.Contains(extra, r.Name().String())
	})
	head, err := source.storage.Reference(plumbing.HEAD)
	if err != nil {
		return fmt.Errorf("read HEAD of %s: %w", from, err)
	}
	for _, store := range borrowed(source.common, maxAlternates) {
		if err := copyObjects(ctx, filepath.Join(store, "objects"), filepath.Join(to, "objects")); err != nil {
			return err
		}
	}
	if err := copyShallow(source.common, to); err != nil {
		return err
	}
	clone, err := open("", to)
	if err != nil {
		return &localError{err}
	}
	defer giveBack(clone)
	have, err := clone.references()
	if err != nil {
		return &localError{err}
	}
	for _, r := range have {
		gone := !slices.ContainsFunc(wanted, func(w *plumbing.Reference) bool { return w.Name() == r.Name() })
		if gone && !strings.HasPrefix(r.Name().String(), kept) && r.Name() != plumbing.HEAD {
			if err := clone.storage.RemoveReference(r.Name()); err != nil {
				return err
			}
		}
	}
	for _, r := range append(wanted, head) {
		if err := clone.storage.SetReference(r); err != nil {
			return err
		}
	}
	return nil
}

// openAny opens a work tree's top or a bare repository.
func openAny(folder string) (*Repository, error) {
	if _, err := os.Stat(filepath.Join(folder, ".git")); err == nil {
		return Open(folder)
	}
	if info, err := os.Stat(filepath.Join(folder, "objects")); err == nil && info.IsDir() && holdsHead(folder) {
		return open("", folder)
	}
	return nil, fmt.Errorf("repository %w: it is no Git repository", ErrNoRemote)
}

// copyObjects copies loose objects and packs by their names, which tell their
// contents. Indexes come in before their packs: alone they are not looked at.
func copyObjects(ctx context.Context, from, to string) error {
	var packs []string
	err := filepath.WalkDir(from, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) { // repacked meanwhile
				return nil
			}
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		inside, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if inside == "info" {
				return fs.SkipDir
			}
			return os.MkdirAll(filepath.Join(to, inside), 0o700)
		}
		// A link could lead anywhere on this machine.
		if !entry.Type().IsRegular() || strings.HasPrefix(entry.Name(), "tmp_") {
			return nil
		}
		switch dir := filepath.Dir(inside); {
		case len(dir) == 2 && plumbing.IsHash(dir+entry.Name()), strings.HasSuffix(name, ".idx"):
			return linkFile(name, filepath.Join(to, inside))
		case strings.HasSuffix(name, ".pack"):
			packs = append(packs, inside)
		}
		return nil
	})
	for _, inside := range packs {
		if err == nil {
			err = linkFile(filepath.Join(from, inside), filepath.Join(to, inside))
		}
	}
	return err
}

// linkFile makes a hard link, or a copy where links cannot lead. A file that is
// there already is left alone.
func linkFile(from, to string) error {
	if _, err := os.Lstat(to); err == nil {
		return nil
	}
	if err := os.Link(from, to); err == nil {
		return nil
	}
	source, err := os.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer giveBack(source)
	partial, err := os.CreateTemp(filepath.Dir(to), "tmp_*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(partial.Name()) }() // it is gone when all went well
	out := bufio.NewWriterSize(partial, 1<<20)
	if _, err = io.Copy(out, source); err == nil {
		err = out.Flush()
	}
	if err = errors.Join(err, partial.Close()); err != nil {
		return err
	}
	return os.Rename(partial.Name(), to)
}

func copyShallow(from, to string) error {
	text, err := os.ReadFile(filepath.Join(from, "shallow"))
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.Remove(filepath.Join(to, "shallow")); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(to, "shallow"), text, 0o600) //nolint:gosec // to is the clone in the cache folder
}
