package gitsrc

import (
	"context"
	"errors"
)

// clockSlack is by how many seconds a commit's clock may have been ahead of that
// of a commit that came after it.
const clockSlack = 24 * 60 * 60

// Contains tells whether a commit is in the history of another one, by any
// parents, as far as the clone reaches. Commits that are older than the one
// looked for, by more than what clocks go wrong, are not followed.
func (r *Repository) Contains(ctx context.Context, tip, commit Hash) (bool, error) {
	wanted, err := r.header(commit)
	if err != nil {
		return false, err
	}
	seen := map[Hash]bool{tip: true}
	for waiting := []Hash{tip}; len(waiting) > 0; {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		h := waiting[0]
		waiting = waiting[1:]
		if h == commit {
			return true, nil
		}
		c, err := r.header(h)
		var lost *MissingError
		if errors.As(err, &lost) {
			continue
		}
		if err != nil {
			return false, err
		}
		if c.seconds < wanted.seconds-clockSlack {
			continue
		}
		parents, err := r.parents(c)
		if err != nil {
			return false, err
		}
		for _, p := range parents {
			if !seen[p] {
				seen[p] = true
				waiting = append(waiting, p)
			}
		}
	}
	return false, nil
}
