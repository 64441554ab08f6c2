package gitsrc

import (
	"context"
	"errors"
	"io/fs"

	"github.com/go-git/go-git/v5/plumbing"
)

// What a process that keeps a Repository for months needs besides.

// Use changes how the remote is reached from now on: tokens expire, and files
// that hold them are replaced. The URL stays what it was.
func (r *Repository) Use(remote Remote) {
	if r.clone != nil {
		remote.URL = r.clone.remote.URL
		r.clone.remote = remote
	}
}

// Rest gives open files and what was read back until the repository is read
// again. What its Lines learnt stays: it is small beside what it was learnt from.
func (r *Repository) Rest() {
	_ = r.objects.close() // packs that were only read
	r.objects.cache.Clear()
	r.trees.clear()
	r.memory.forgetLines()
	_ = r.storage.Close() // it was only read
}

// Renew makes the clone anew, as Fetch does with one that it finds damaged: it
// is for damage that shows in reading. What Keep kept is lost.
func (r *Repository) Renew(ctx context.Context) error {
	if r.clone == nil {
		return errors.New("the repository was not fetched, so there is nothing to fetch it from")
	}
	r.clone.damaged.Store(true)
	return r.Refresh(ctx)
}

// Renewed tells whether a damaged clone was made anew since it was asked last.
func (r *Repository) Renewed() bool { return r.clone != nil && r.clone.renewed.Swap(false) }

// Harmed tells whether reading met an object that is damaged, or not there, since
// it was asked last. Where that made something fail, Renew may help.
func (r *Repository) Harmed() bool {
	r.objects.mu.Lock()
	defer r.objects.mu.Unlock()
	harmed := r.objects.harmed
	r.objects.harmed = false
	return harmed
}

// Head is the full name of the branch that HEAD names, such as refs/heads/main;
// in a clone the remote's default. It is empty when HEAD names a commit.
func (r *Repository) Head() (string, error) {
	head, err := r.storage.Reference(plumbing.HEAD)
	if err != nil || head.Type() != plumbing.SymbolicReference {
		return "", err
	}
	return head.Target().String(), nil
}

// Before shows the files of a commit's first parent; nil where there is none, or
// the clone leaves it out.
func (r *Repository) Before(commit Hash) (fs.FS, error) {
	cut, err := r.boundary()
	if err != nil {
		return nil, err
	}
	c, err := r.header(commit)
	if err != nil {
		return nil, err
	}
	before, err := (&walker{r: r, cut: cut}).parent(c)
	if errors.Is(err, errBoundary) || err == nil && before == nil {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return r.FS(before.hash)
}

// OnLine tells whether the first-parent line of a tip holds a commit.
func (r *Repository) OnLine(ctx context.Context, tip, commit Hash) (bool, error) {
	cut, err := r.boundary()
	if err != nil {
		return false, err
	}
	return r.holdsCommit(ctx, tip, commit, cut, map[Hash]bool{})
}

// clear forgets trees.
func (t *trees) clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.recent)
	clear(t.found)
	clear(t.searched)
	clear(t.index)
	t.indexed = 0
	t.order = nil
}

// forgetLines forgets the texts of files.
func (m *memory) forgetLines() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.lines)
	m.bytes = 0
}
