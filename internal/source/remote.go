package source

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"wassist-sync/internal/gitsrc"
)

// openRemote clones a repository, or brings its clone up to date, and reads the
// definitions at a commit of it.
func openRemote(ctx context.Context, q Request, lookupEnv func(string) (string, bool)) (*Opened, error) {
	if _, err := insidePath(q.Path); err != nil {
		return nil, err
	}
	cache, err := CacheDir(q.CacheDir)
	if err != nil {
		return nil, err
	}
	remote := q.Remote()
	r, err := gitsrc.Fetch(ctx, remote, cache)
	if errors.Is(err, gitsrc.ErrUnknownRef) || errors.Is(err, gitsrc.ErrURL) {
		return nil, &usageError{err.Error(), err}
	}
	if err != nil {
		return nil, err
	}
	o, err := At(ctx, r, q.Ref, q.Path, q.Env, lookupEnv)
	if err != nil {
		_ = r.Close() // only read
		if q.Ref == "" && errors.Is(err, gitsrc.ErrUnknownRef) {
			return nil, usagef(err, "the HEAD of %s leads to no commit; name a branch of it with ref", remote)
		}
		return nil, err
	}
	o.open = append(o.open, r)
	return o, nil
}

// Remote is the repository of a Request, and how to be let in.
func (q Request) Remote() gitsrc.Remote {
	remote := gitsrc.Remote{URL: q.Repo, Token: q.Token, KeyFile: q.KeyFile, KeyPassphrase: q.KeyPassphrase, KnownHosts: q.KnownHosts}
	name := q.Ref
	if at := strings.IndexAny(name, "~^"); at >= 0 {
		name = name[:at]
	}
	// Branches and tags come anyway.
	if strings.HasPrefix(name, "refs/") && !strings.HasPrefix(name, "refs/heads/") && !strings.HasPrefix(name, "refs/tags/") {
		remote.Refs = []string{name}
	}
	return remote
}

// CacheDir is the folder for clones, made for this user alone: the given one, or
// wassist-sync in the user's cache folder.
func CacheDir(given string) (string, error) {
	dir := given
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", usagef(err, "there is no folder to keep the clone in: %v; define it, or name a cache folder", err)
		}
		dir = filepath.Join(user, "wassist-sync")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("cannot make the folder to keep the clone in: %w; name another cache folder", err)
	}
	return dir, nil
}
