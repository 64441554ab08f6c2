package source

import (
	"context"
	"errors"
	"io/fs"

	"wassist-sync/internal/gitsrc"
	"wassist-sync/sync"
)

// openRef reads the definitions at a commit of the repository around a path,
// which the work tree need not have.
func openRef(ctx context.Context, q Request, lookupEnv func(string) (string, bool)) (*Opened, error) {
	p, err := find(q.Path)
	if err != nil {
		return nil, err
	}
	r, err := gitsrc.Open(p.folder)
	if errors.Is(err, gitsrc.ErrNoRepository) {
		return nil, usagef(err, "there is no commit %q: %q lies in no Git repository; leave the ref out, or give a folder of a repository", q.Ref, q.Path)
	}
	if err != nil {
		return nil, err
	}
	dir, err := p.inRepository(r)
	var o *Opened
	if err == nil {
		o, err = at(ctx, r, q.Ref, dir, q.Path, q.Env, lookupEnv)
	}
	if err != nil {
		_ = r.Close() // only read
		return nil, err
	}
	o.open = append(o.open, r)
	return o, nil
}

// At reads the definitions at a commit of a repository that is open already:
// ref as in gitsrc.Repository.Resolve, path inside the repository, env one of the
// folder's environments or empty. It is for
// programs that read the same repository again and again. The repository stays
// the caller's to close, after what is Opened.
func At(ctx context.Context, r *gitsrc.Repository, ref, path, env string, lookupEnv func(string) (string, bool)) (*Opened, error) {
	dir, err := insidePath(path)
	if err != nil {
		return nil, err
	}
	return at(ctx, r, ref, dir, path, env, lookupEnv)
}

// at reads dir, which the user calls path.
func at(ctx context.Context, r *gitsrc.Repository, ref, dir, path, env string, lookupEnv func(string) (string, bool)) (*Opened, error) {
	c, err := r.Resolve(ref)
	if errors.Is(err, gitsrc.ErrUnknownRef) {
		return nil, &usageError{err.Error(), err}
	}
	if err != nil {
		return nil, err
	}
	if dir, err = r.Place(c.Hash, dir); err != nil {
		return nil, err
	}
	fsys, err := r.FS(c.Hash)
	if err != nil {
		return nil, err
	}
	if info, err := fs.Stat(fsys, dir); err == nil && !info.IsDir() {
		return nil, notFolder(path)
	}
	o := &Opened{Source: sync.Source{Path: shown(path), Commit: c.Hash.String()}}
	var gone bool
	if o.Set, o.Settings, err = load(fsys, dir, dir, env); errors.Is(err, fs.ErrNotExist) {
		gone = true
		o.Set, o.Settings = missing(dir)
	} else if err != nil {
		return nil, err
	}
	h, err := o.reach(r, c.Hash, ref, dir)
	if err != nil {
		return nil, err
	}
	o.conceal(lookupEnv, fsys, dir)
	h.env, h.lookupEnv = env, o.LookupEnv
	h.text = func(file string) ([]byte, error) { return fs.ReadFile(fsys, file) }
	o.History = h
	if gone {
		if err := h.mustHaveHeld(ctx, path, " at commit "+o.Source.Commit[:7]); err != nil {
			return nil, err
		}
		if env != "" { // whose agents these are, nothing says any more
			_, err := loadSettings(fsys, dir, env)
			return nil, err
		}
	}
	return o, nil
}
