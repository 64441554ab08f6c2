package gitsrc

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-git/go-billy/v5/osfs"
	git "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

// clone is a bare clone in a cache folder, and how to bring it up to date.
type clone struct {
	remote Remote
	cache  string
	packs  int // how many small ones there may be
	// damaged is set when reading the clone found what fetching does not look
	// for, renewed when a clone that was there has been made anew.
	damaged, renewed atomic.Bool
}

// fetchLimit bounds one fetch: a remote may accept a connection and then say
// nothing for ever.
const fetchLimit = 10 * time.Minute

// fetchGrace is how long a fetch that was told to stop may take to do so. Some
// waits (an ssh handshake) cannot be broken off.
const fetchGrace = 2 * time.Second

// Fetch clones a remote into a folder below cacheDir, bare and with all its
// history, or brings the clone that an earlier run left there up to date:
// branches and tags that the remote deleted go, those that it moved move,
// forced or not; what Keep kept stays. A clone that is damaged or was not
// finished is made anew, without what Keep kept. Two processes that share cacheDir take turns.
//
// Errors name the remote without its userinfo and hold no secret. They wrap
// ErrURL when the URL is none to fetch from, ErrRefused when the remote does not
// let us in, ErrNoRemote when it has no such repository, and ErrUnknownRef when
// it lacks one of Refs.
func Fetch(ctx context.Context, remote Remote, cacheDir string) (*Repository, error) {
	c := &clone{remote: remote, cache: cacheDir, packs: maxPacks}
	folder, err := c.bounded(ctx)
	if err != nil {
		return nil, err
	}
	r, err := open("", folder)
	if err != nil {
		return nil, err
	}
	r.clone = c
	return r, nil
}

// Refresh brings a repository that Fetch made up to date. What was learnt of it
// stays, so that the next Line reads the new commits only.
func (r *Repository) Refresh(ctx context.Context) error {
	if r.clone == nil {
		return errors.New("the repository was not fetched, so there is nothing to fetch it from")
	}
	if _, err := r.clone.bounded(ctx); err != nil {
		return err
	}
	r.reopen()
	return nil
}

// bounded is update with an end, whatever the remote does. An update that cannot
// be broken off keeps the cache's lock until it ends by itself.
func (c *clone) bounded(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchLimit)
	defer cancel()
	type outcome struct {
		folder string
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		folder, err := rescued(func() (string, error) { return c.update(ctx) })
		if errors.Is(err, errDamaged) {
			err = fmt.Errorf("fetch %s: what the remote sent, or the clone in %s, is broken: %w", c.remote, c.cache, err)
		}
		done <- outcome{folder, err}
	}()
	select {
	case o := <-done:
		return o.folder, o.err
	case <-ctx.Done():
	}
	select {
	case o := <-done:
		return o.folder, o.err
	case <-time.After(fetchGrace):
		return "", fmt.Errorf("fetch %s: the remote does not answer: %w", c.remote, ctx.Err())
	}
}

// rescued runs an update. What a remote sends is decoded in it, on a goroutine of its
// own, where a panic would end the process and every other target with it.
func rescued(update func() (string, error)) (folder string, err error) {
	defer rescue(&err)
	return update()
}

// update fetches under the cache's lock, and returns the clone's folder.
func (c *clone) update(ctx context.Context) (string, error) {
	t, err := c.remote.read()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(c.cache, 0o700); err != nil {
		return "", fmt.Errorf("make the cache folder: %w", err)
	}
	sum := sha256.Sum256([]byte(t.url))
	folder := filepath.Join(c.cache, hex.EncodeToString(sum[:8])+".git")
	unlock, err := lock(ctx, folder+".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	leftovers, err := filepath.Glob(folder + ".new-*")
	if err != nil {
		return "", err
	}
	for _, leftover := range leftovers {
		_ = os.RemoveAll(leftover) // one that stays takes up room, no more
	}
	_, err = os.Stat(folder)
	there := err == nil
	if there && !c.damaged.Load() {
		err := c.fetch(ctx, t, folder)
		if err == nil {
			if err = sound(folder); err == nil {
				return folder, c.tidy(t, folder)
			}
		}
		if ctx.Err() != nil || !damage(err) {
			return "", t.explain(err)
		}
	}
	if err := c.anew(ctx, t, folder); err != nil {
		return "", err
	}
	c.damaged.Store(false)
	c.renewed.Store(there)
	return folder, nil
}

// tidy keeps a clone small. Packs of a repository on this machine are left as
// they are: they are told apart by their names there and here.
func (c *clone) tidy(t target, folder string) error {
	if t.local != "" {
		return nil
	}
	if err := combine(folder, c.packs); err != nil {
		return t.explain(err)
	}
	return nil
}

// damage tells errors of the clone from those of the remote.
func damage(err error) bool {
	for _, remote := range []error{ErrRefused, ErrNoRemote, transport.ErrAuthenticationRequired, transport.ErrAuthorizationFailed, transport.ErrRepositoryNotFound, transport.ErrEmptyRemoteRepository} {
		if errors.Is(err, remote) {
			return false
		}
	}
	var local *localError
	return errors.As(err, &local)
}

// localError is an error of the clone's own folder.
type localError struct{ err error }

func (e *localError) Error() string { return e.err.Error() }
func (e *localError) Unwrap() error { return e.err }

// anew makes the clone beside its place and puts it there when it is whole.
func (c *clone) anew(ctx context.Context, t target, folder string) error {
	fresh, err := os.MkdirTemp(c.cache, filepath.Base(folder)+".new-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(fresh) }() // the next run removes what stays
	if err := initialize(fresh); err != nil {
		return err
	}
	if err := c.fetch(ctx, t, fresh); err != nil {
		return t.explain(err)
	}
	if err := sound(fresh); err != nil {
		return t.explain(err)
	}
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	return os.Rename(fresh, folder)
}

func initialize(folder string) error {
	storage := filesystem.NewStorage(osfs.New(folder), cache.NewObjectLRUDefault())
	defer giveBack(storage)
	_, err := git.Init(storage, nil)
	return err
}

// fetch brings a clone up to date.
func (c *clone) fetch(ctx context.Context, t target, folder string) error {
	partial, err := filepath.Glob(filepath.Join(folder, "objects", "pack", "tmp_*"))
	if err != nil {
		return err
	}
	for _, file := range partial {
		_ = os.Remove(file) // one that stays takes up room, no more
	}
	if t.local != "" {
		return copyLocal(ctx, t.local, folder, c.remote.Refs)
	}
	if err := sound(folder); err != nil {
		return err
	}
	storage := filesystem.NewStorageWithOptions(osfs.New(folder), cache.NewObjectLRU(cacheSize), filesystem.Options{KeepDescriptors: true})
	defer giveBack(storage)
	specs := []config.RefSpec{"+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"}
	for _, name := range c.remote.Refs {
		specs = append(specs, config.RefSpec("+"+name+":"+name))
	}
	remote := git.NewRemote(storage, &config.RemoteConfig{Name: "origin", URLs: []string{t.url}, Fetch: specs})
	there, err := remote.ListContext(ctx, &git.ListOptions{Auth: t.auth, CABundle: c.remote.CABundle})
	if err != nil {
		return err
	}
	if !upToDate(storage, there, specs) {
		err = remote.FetchContext(ctx, &git.FetchOptions{
			RefSpecs: specs, Auth: t.auth, CABundle: c.remote.CABundle, Tags: git.NoTags, Prune: true, Force: true,
		})
		if err != nil && !errors.Is(err, git.NoErrAlreadyUpToDate) {
			return err
		}
	}
	for _, reference := range there {
		if reference.Name() == plumbing.HEAD {
			return storage.SetReference(reference)
		}
	}
	return nil
}

// upToDate tells whether the clone has exactly the references that the remote
// lists, so that the fetch itself can be left out.
func upToDate(storage *filesystem.Storage, there []*plumbing.Reference, specs []config.RefSpec) bool {
	want := map[plumbing.ReferenceName]Hash{}
	for _, reference := range there {
		if reference.Type() == plumbing.HashReference && slices.ContainsFunc(specs, func(s config.RefSpec) bool { return s.Match(reference.Name()) }) {
			want[reference.Name()] = reference.Hash()
		}
	}
	here, err := storage.IterReferences()
	if err != nil {
		return false
	}
	defer here.Close()
	same := true
	err = here.ForEach(func(reference *plumbing.Reference) error {
		if reference.Type() != plumbing.HashReference || strings.HasPrefix(reference.Name().String(), kept) {
			return nil
		}
		if want[reference.Name()] != reference.Hash() {
			same = false
		}
		delete(want, reference.Name())
		return nil
	})
	return err == nil && same && len(want) == 0
}

// sound looks for the damage that an interrupted write leaves: packs that are
// cut off, and references to commits that are not there.
func sound(folder string) error {
	r, err := open("", folder)
	if err != nil {
		return &localError{err}
	}
	defer giveBack(r)
	if err := wholePacks(folder); err != nil {
		return &localError{err}
	}
	all, err := r.references()
	if err != nil {
		return &localError{err}
	}
	for _, reference := range all {
		if !reference.Name().IsBranch() {
			continue
		}
		c, err := r.header(reference.Hash())
		if err == nil {
			_, err = r.trees.read(c.tree)
		}
		if err != nil {
			return &localError{fmt.Errorf("%s of the clone: %w", reference.Name(), err)}
		}
	}
	return nil
}

// wholePacks compares the checksum that each pack ends with to the one that its
// index names (gitformat-pack).
func wholePacks(folder string) error {
	packs, err := filepath.Glob(filepath.Join(folder, "objects", "pack", "*.pack"))
	if err != nil {
		return err
	}
	for _, name := range packs {
		index, err := tail(strings.TrimSuffix(name, ".pack")+".idx", 40)
		if err != nil {
			return err
		}
		pack, err := tail(name, 20)
		if err != nil {
			return err
		}
		if !slices.Equal(pack, index[:20]) {
			return fmt.Errorf("%s is cut off", filepath.Base(name))
		}
	}
	return nil
}

func tail(name string, n int64) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer giveBack(file)
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() < n {
		return nil, fmt.Errorf("%s is cut off", filepath.Base(name))
	}
	end := make([]byte, n)
	_, err = file.ReadAt(end, info.Size()-n)
	return end, err
}

// lock waits until no other process fetches into the folder.
func lock(ctx context.Context, name string) (unlock func(), err error) {
	file, err := osfs.New(filepath.Dir(name)).OpenFile(filepath.Base(name), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the cache folder: %w", err)
	}
	locked := make(chan error, 1)
	go func() { locked <- file.Lock() }()
	release := func() {
		_ = file.Unlock() // closing gives the lock back too
		giveBack(file)
	}
	select {
	case err := <-locked:
		if err != nil {
			giveBack(file)
			return nil, fmt.Errorf("lock the cache folder: %w", err)
		}
		return release, nil
	case <-ctx.Done():
		go func() { // the wait itself cannot be broken off
			if err := <-locked; err != nil {
				giveBack(file)
				return
			}
			release()
		}()
		return nil, fmt.Errorf("wait for another process that fetches into the cache folder: %w", ctx.Err())
	}
}
