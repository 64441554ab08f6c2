package source

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"wassist-sync/internal/gitsrc"
	"wassist-sync/sync"
)

// openFolder reads the files as they lie there, and their history from HEAD.
// The repository's top bounds what !file may read; outside Git the folder itself
// does, unless it only seems to lie in a repository. A repository that cannot be read does not stand in the way: the
// definitions are there all the same, and without history nothing is deleted.
func openFolder(ctx context.Context, q Request, lookupEnv func(string) (string, bool)) (o *Opened, err error) {
	user := q.Path
	p, err := find(user)
	if err != nil {
		return nil, err
	}
	opened := &Opened{Source: sync.Source{Path: shown(user), History: sync.HistoryNone}}
	o = opened
	defer func() {
		if err != nil {
			opened.Close()
			o = nil
		}
	}()
	r, err := gitsrc.Open(p.folder)
	switch {
	case err == nil:
		o.open = append(o.open, r)
		return o, o.fromWorkTree(ctx, r, p, q.Env, lookupEnv)
	case errors.Is(err, gitsrc.ErrNoRepository):
		if p.rest != "" {
			return o, p.missing()
		}
		if err := p.mustStay(); err != nil {
			return o, err
		}
		return o, o.fromPlain(p.folder, ".", shown(user), q.Env, lookupEnv)
	}
	top, topErr := gitsrc.Root(p.folder)
	if topErr != nil {
		return nil, err
	}
	if p.rest != "" {
		return o, p.missingUnread(err)
	}
	folder, topErr := filepath.EvalSymlinks(p.folder)
	if topErr != nil {
		return nil, topErr
	}
	dir, topErr := filepath.Rel(top, folder)
	if topErr != nil {
		return nil, topErr
	}
	o.withoutHistory(err)
	return o, o.fromPlain(top, filepath.ToSlash(dir), filepath.ToSlash(dir), q.Env, lookupEnv)
}

// withoutHistory notes why the history of a repository is not there.
func (o *Opened) withoutHistory(err error) {
	o.Source.History = sync.HistoryNone
	o.Notes = append(o.Notes, fmt.Sprintf("the history cannot be read: %v", err))
}

// fromPlain reads a folder below top that has no history.
func (o *Opened) fromPlain(top, dir, display, env string, lookupEnv func(string) (string, bool)) error {
	root, err := os.OpenRoot(top)
	if err != nil {
		return err
	}
	defer root.Close()
	o.local = func(file string) string {
		return filepath.Join(top, filepath.FromSlash(dir), filepath.FromSlash(strings.TrimPrefix(file, display)))
	}
	if o.Set, o.Settings, err = load(root.FS(), dir, display, env); err != nil {
		return err
	}
	o.conceal(lookupEnv, root.FS(), dir)
	return nil
}

// fromWorkTree reads a folder of a work tree, which may be missing, and looks
// at what Git has to say of it.
func (o *Opened) fromWorkTree(ctx context.Context, r *gitsrc.Repository, p place, env string, lookupEnv func(string) (string, bool)) error {
	dir, err := p.inWorkTree(r)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(r.Root())
	if err != nil {
		return err
	}
	o.open = append(o.open, root)
	o.local = func(file string) string { return filepath.Join(r.Root(), filepath.FromSlash(file)) }
	var texts []string
	if p.rest == "" {
		if o.Set, o.Settings, err = load(root.FS(), dir, dir, env); err != nil {
			return err
		}
		texts = textsOf(o.Set)
	} else {
		o.Set, o.Settings = missing(dir)
		texts = []string{dir} // HEAD may have it, as a folder or as a link to one
	}
	o.conceal(lookupEnv, root.FS(), dir)
	h, err := o.look(ctx, r, dir, texts)
	switch {
	case err != nil && ctx.Err() != nil:
		return err
	case err != nil && p.rest != "":
		return p.missingUnread(err)
	case err != nil:
		o.withoutHistory(err)
		return nil
	case h == nil && p.rest != "":
		return p.missing()
	case h == nil:
		o.Notes = append(o.Notes, "the branch has no commit yet, so there is no history")
		return nil
	}
	h.env, h.lookupEnv, h.text = env, o.LookupEnv, root.ReadFile
	o.History = h
	if p.rest == "" {
		return nil
	}
	if err := h.mustHaveHeld(ctx, p.path, ""); err != nil {
		return err
	}
	// Whose agents these are, and which are left alone, HEAD still says.
	fsys, err := r.FS(h.commit)
	if err != nil {
		return err
	}
	if o.Settings, err = loadSettings(fsys, dir, env); err != nil {
		return err
	}
	o.conceal(lookupEnv, fsys, dir)
	h.lookupEnv = o.LookupEnv
	return nil
}

// look finds out what HEAD says of a folder. The history is nil when HEAD
// leads to no commit.
func (o *Opened) look(ctx context.Context, r *gitsrc.Repository, dir string, texts []string) (*history, error) {
	o.Source.Dirty = true // until Git says otherwise
	head, err := r.Resolve("HEAD")
	unborn := errors.Is(err, gitsrc.ErrUnknownRef)
	if err != nil && !unborn {
		return nil, err
	}
	if !unborn {
		o.Source.Commit = head.Hash.String()
	}
	if o.Source.Dirty, _, err = r.Dirty(ctx, dir, texts); err != nil {
		o.Source.Dirty = true
		return nil, err
	}
	if unborn {
		return nil, nil
	}
	return o.reach(r, head.Hash, "HEAD", dir)
}

// reach prepares the history of a commit.
func (o *Opened) reach(r *gitsrc.Repository, commit gitsrc.Hash, ref, dir string) (*history, error) {
	cut, err := r.Shallow()
	if err != nil {
		return nil, err
	}
	o.Source.History = sync.HistoryFull
	if cut {
		o.Source.History = sync.HistoryShallow
	}
	return &history{repository: r, commit: commit, ref: ref, dir: dir, agents: o.Set.Agents}, nil
}

func (p place) missing() error {
	return usagef(ErrNoFolder, "there is no folder %q; give the folder of the definitions", p.path)
}

func (p place) missingUnread(err error) error {
	return usagef(errors.Join(ErrNoFolder, err), "there is no folder %q, and whether a commit has it cannot be read (%v); give the folder of the definitions", p.path, err)
}
