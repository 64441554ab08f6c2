package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"wassist-sync/internal/report"
	"wassist-sync/spec"
	"wassist-sync/sync"
)

// definitions loads the folder as it lies there. The repository's root, the
// nearest parent that holds .git, bounds what !file may read; outside Git the
// folder itself does.
func definitions(folder string) (*spec.Set, error) {
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usage("there is no folder %q; give the folder of the definitions", folder)
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, usage("%q is not a folder; give the folder of the definitions", folder)
	}
	// Links are resolved first, so that a linked folder belongs to the
	// repository that it really lies in.
	absolute, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	if absolute, err = filepath.EvalSymlinks(absolute); err != nil {
		return nil, err
	}
	top, inGit := repository(absolute)
	dir, display := ".", filepath.ToSlash(filepath.Clean(folder))
	if inGit {
		relative, err := filepath.Rel(top, absolute)
		if err != nil {
			return nil, err
		}
		dir = filepath.ToSlash(relative)
		display = dir
	}
	root, err := os.OpenRoot(top)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	set, err := spec.LoadAs(root.FS(), dir, display)
	if err != nil {
		return nil, err
	}
	if len(set.Agents) == 0 {
		set.Warnings = append(set.Warnings, &spec.Problem{Pos: spec.Position{File: display}, Message: "holds no definition", Remedy: "check the path"})
	}
	return set, nil
}

// repository finds the nearest parent that holds .git (a folder, or the file
// of a linked work tree); without one it is the folder itself.
func repository(folder string) (top string, ok bool) {
	for dir := folder; ; {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir, true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return folder, false
		}
		dir = parent
	}
}

// source describes where the definitions came from. Git history is not read
// yet, and a plan says so.
func source(folder string) sync.Source {
	return sync.Source{Path: filepath.ToSlash(filepath.Clean(folder)), History: "none"}
}

// keyVariables hold this tool's own keys, which no definition may take in.
var keyVariables = map[string]bool{"WASSIST_API_KEY": true, "WASSIST_SYNC_GIT_TOKEN": true}

// resolve fills in !env values.
func (c console) resolve(set *spec.Set) error {
	return set.ResolveEnv(func(name string) (string, bool) {
		if keyVariables[name] {
			return "", false
		}
		return c.lookupEnv(name)
	})
}

// warn prints what is not right but does not stop.
func (c console) warn(set *spec.Set) {
	for _, w := range set.Warnings {
		fmt.Fprintf(c.err, "warning: %s\n", report.Visible(w.Error()))
	}
}
