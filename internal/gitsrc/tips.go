package gitsrc

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// Tip is the newest commit of a line that holds another commit.
type Tip struct {
	Ref    string // refs/heads/main
	Commit Hash
}

// kept is where Keep leaves its references.
const kept = "refs/wassist-sync/"

// Tips finds the tips of the branch that a commit is on, for Line. ref is the
// name by which the commit was chosen, "" or HEAD for the one that is checked
// out. When it names a branch, local or remote-tracking, that branch is meant, and
// with a local one the remote-tracking ones of its name.
// Otherwise (a tag, a hash, a detached HEAD, main~2) it is every local or
// remote-tracking branch whose first-parent line holds the commit. To either
// come the tips that Keep kept, if their lines hold it, so that a branch that
// was pushed back keeps what it said later. The order is that of the names, the
// named branch first.
func (r *Repository) Tips(ctx context.Context, commit Hash, ref string) ([]Tip, error) {
	all, err := r.references()
	if err != nil {
		return nil, err
	}
	cut, err := r.boundary()
	if err != nil {
		return nil, err
	}
	branch, err := r.branch(ref)
	if err != nil {
		return nil, err
	}
	var tips []Tip
	beside := map[Hash]bool{} // commits whose lines do not hold the commit
	for _, reference := range all {
		name := reference.Name()
		isBranch := name.IsBranch() || name.IsRemote()
		if !strings.HasPrefix(name.String(), kept) && (!isBranch || branch != "" && name != branch && !tracks(name, branch)) {
			continue
		}
		holds, err := r.holdsCommit(ctx, reference.Hash(), commit, cut, beside)
		if err != nil {
			return nil, err
		}
		tip := Tip{name.String(), reference.Hash()}
		if !holds || slices.ContainsFunc(tips, func(t Tip) bool { return t.Commit == tip.Commit }) {
			continue
		}
		if name == branch {
			tips = slices.Insert(tips, 0, tip)
		} else {
			tips = append(tips, tip)
		}
	}
	return tips, nil
}

// tracks tells whether a reference is what was last seen of a local branch at a
// remote: it may know later commits.
func tracks(name, branch plumbing.ReferenceName) bool {
	_, rest, ok := strings.Cut(strings.TrimPrefix(name.String(), "refs/remotes/"), "/")
	return ok && name.IsRemote() && branch.IsBranch() && rest == branch.Short()
}

// references lists the references that name an object directly, by name.
func (r *Repository) references() ([]*plumbing.Reference, error) {
	iterator, err := r.storage.IterReferences()
	if err != nil {
		return nil, fmt.Errorf("read the references of the repository: %w", err)
	}
	defer iterator.Close()
	var all []*plumbing.Reference
	err = iterator.ForEach(func(reference *plumbing.Reference) error {
		if reference.Type() == plumbing.HashReference {
			all = append(all, reference)
		}
		return nil
	})
	slices.SortFunc(all, func(a, b *plumbing.Reference) int { return strings.Compare(a.Name().String(), b.Name().String()) })
	return all, err
}

// branch gives the full name of the branch that a name means; "" when it means none.
func (r *Repository) branch(ref string) (plumbing.ReferenceName, error) {
	if ref == "" || ref == "@" {
		ref = "HEAD"
	}
	reference, err := r.reference(ref)
	if errors.Is(err, plumbing.ErrReferenceNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if name := reference.Name(); name.IsBranch() || name.IsRemote() {
		return name, nil
	}
	return "", nil
}

// holdsCommit tells whether the first-parent line of a tip holds a commit. Times
// do not help to stop early: clocks may be wrong.
func (r *Repository) holdsCommit(ctx context.Context, tip, commit Hash, cut, beside map[Hash]bool) (bool, error) {
	var seen []Hash
	w := &walker{r: r, cut: cut}
	for h := tip; ; {
		if h == commit {
			return true, nil
		}
		if beside[h] {
			break
		}
		if err := ctx.Err(); err != nil {
			return false, err
		}
		c, err := r.header(h)
		if err != nil {
			break // no commit, or not in this clone
		}
		seen = append(seen, h)
		before, err := w.parent(c)
		if err != nil && !errors.Is(err, errBoundary) {
			return false, err
		}
		if before == nil || err != nil {
			break
		}
		h = before.hash
	}
	for _, h := range seen {
		beside[h] = true
	}
	return false, nil
}

// above lists the commits from a tip down to the child of a commit; nil when
// the tip's line does not hold it.
func (r *Repository) above(ctx context.Context, tip, commit Hash, cut map[Hash]bool) ([]header, error) {
	var chain []header
	w := &walker{r: r, cut: cut}
	c, err := r.header(tip)
	if err != nil {
		return nil, err
	}
	for at := &c; at != nil; {
		if at.hash == commit {
			return chain, nil
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		chain = append(chain, *at)
		before, err := w.parent(*at)
		if errors.Is(err, errBoundary) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		at = before
	}
	return nil, nil
}

// Keep keeps a commit that was applied under refs/wassist-sync/, so that it
// stays in this clone when its branch is pushed back. Kept commits on whose
// line the new one lies, and those on its own line, are dropped: one tip tells
// what they told.
func (r *Repository) Keep(ctx context.Context, commit Hash) error {
	all, err := r.references()
	if err != nil {
		return err
	}
	cut, err := r.boundary()
	if err != nil {
		return err
	}
	for _, reference := range all {
		name := reference.Name()
		if !strings.HasPrefix(name.String(), kept) {
			continue
		}
		if above, err := r.holdsCommit(ctx, reference.Hash(), commit, cut, map[Hash]bool{}); err != nil || above {
			return err
		}
		below, err := r.holdsCommit(ctx, commit, reference.Hash(), cut, map[Hash]bool{})
		if err != nil {
			return err
		}
		if below {
			if err := r.storage.RemoveReference(name); err != nil {
				return err
			}
		}
	}
	return r.storage.SetReference(plumbing.NewHashReference(plumbing.ReferenceName(kept+commit.String()), commit))
}
