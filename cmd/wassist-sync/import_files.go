package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"wassist-sync/internal/source"
	"wassist-sync/spec"
	"wassist-sync/sync"
)

// promptFolder is where prompts go, below the folder of definitions.
const promptFolder = "prompts"

// takenFiles tells which file names are in use, in whatever case: some file
// systems make no difference.
func takenFiles(folder string) (func(file string) bool, error) {
	taken := map[string]bool{}
	for _, below := range []string{"", promptFolder} {
		entries, err := os.ReadDir(filepath.Join(folder, below))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s: %w", filepath.Join(folder, below), bare(err))
		}
		for _, entry := range entries {
			taken[strings.ToLower(filepath.ToSlash(filepath.Join(below, entry.Name())))] = true
		}
	}
	return func(file string) bool { return taken[strings.ToLower(file)] }, nil
}

// importDone is what an import has written, also when it did not come to its end.
type importDone struct {
	// written are the agents whose files are there.
	written []sync.Imported
	// pinned are the definitions that have an id now; stale are those that could
	// not be given one, and why.
	pinned []sync.Defined
	stale  map[*spec.Agent]error
}

// isPinned tells whether a definition has been given its agent's id.
func (d *importDone) isPinned(of sync.Defined) bool {
	return slices.ContainsFunc(d.pinned, func(p sync.Defined) bool { return p.ID == of.ID })
}

// writeImport writes the files, a prompt before the definition that names it, and
// then changes those that are to be pinned.
func writeImport(ctx context.Context, folder string, opened *source.Opened, found *sync.Import) (*importDone, error) {
	done := &importDone{stale: map[*spec.Agent]error{}}
	for _, made := range found.Imported {
		if ctx.Err() != nil {
			return done, fmt.Errorf("stopped: %s and what follows it is not written", made.Agent)
		}
		if made.Prompt != "" {
			if err := writeNew(folder, made.Prompt, made.PromptText); err != nil {
				return done, fmt.Errorf("%s: %w", made.Agent, err)
			}
		}
		if err := writeNew(folder, made.File, made.YAML); err != nil {
			if made.Prompt != "" { // written just now, and of no use alone
				_ = os.Remove(filepath.Join(folder, filepath.FromSlash(made.Prompt)))
			}
			return done, fmt.Errorf("%s: %w", made.Agent, err)
		}
		done.written = append(done.written, made)
	}
	return done, pinAll(ctx, opened, found.Defined, done)
}

// writeNew writes a file that is not there yet: whole or not at all, and never in
// the place of another.
func writeNew(folder, file string, content []byte) error {
	name := filepath.Join(folder, filepath.FromSlash(file))
	dir := filepath.Dir(name)
	if err := os.MkdirAll(dir, 0o777); err != nil { //nolint:gosec // the umask decides, as for any file of a work tree
		return err
	}
	if info, err := os.Lstat(dir); err != nil {
		return err
	} else if dir != filepath.Clean(folder) && !info.IsDir() {
		return fmt.Errorf("%s is a link; prompts are written into a folder only", dir)
	}
	f, err := beside(name)
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // gone already, as a rule
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, bare(err))
	}
	// A link fails where the name is taken, as a rename would not.
	if err = os.Link(f.Name(), name); err == nil {
		return nil
	}
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s has come to be there meanwhile; it is left as it is", name)
	}
	return createNew(name, content) // a file system without links
}

// createNew writes a file that must not be there, and takes it away again when
// that fails half-way.
func createNew(name string, content []byte) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666) //nolint:gosec // a definition holds no secret, and the umask decides
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		_ = os.Remove(name)
	}
	return err
}

// pinAll writes ids into definitions that stand, file by file.
func pinAll(ctx context.Context, opened *source.Opened, defined []sync.Defined, done *importDone) error {
	byFile := map[string][]sync.Defined{}
	var files []string
	for _, d := range defined {
		if !d.Pin {
			continue
		}
		file := d.Definition.Pos.File
		if byFile[file] == nil {
			files = append(files, file)
		}
		byFile[file] = append(byFile[file], d)
	}
	slices.Sort(files)
	for _, file := range files {
		if ctx.Err() != nil {
			return fmt.Errorf("stopped: %s and what follows it is not pinned", file)
		}
		if err := pinFile(opened.Local(file), byFile[file], opened.Set.Environment, done); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

// pinFile writes ids into one file, the last definition first, so that the places
// of the others stay.
func pinFile(name string, defined []sync.Defined, env *spec.Environment, done *importDone) error {
	slices.SortFunc(defined, func(a, b sync.Defined) int { return cmp.Compare(b.Definition.Pos.Line, a.Definition.Pos.Line) })
	raw, err := os.ReadFile(name)
	if err != nil {
		return bare(err)
	}
	var pinned []sync.Defined
	for _, d := range defined {
		edited, err := spec.PinIn(raw, d.Definition.Pos, strings.ToLower(d.ID), env)
		if err != nil {
			done.stale[d.Definition] = err
			continue
		}
		raw = edited
		pinned = append(pinned, d)
	}
	if len(pinned) == 0 {
		return nil
	}
	replacement := &result{flags: &outputFlags{out: name}}
	replacement.buffer.Write(raw)
	if err := replacement.save(); err != nil {
		return bare(err)
	}
	done.pinned = append(done.pinned, pinned...)
	return nil
}
