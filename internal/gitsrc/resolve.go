package gitsrc

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
)

// Commit is one commit. Time is its committer's, as the machine that made it
// had it: clocks may be wrong.
type Commit struct {
	Hash Hash
	Time time.Time
}

// ErrUnknownRef says that a name stands for no commit, or not for one alone.
var ErrUnknownRef = errors.New("is no branch, tag or commit of this repository")

// notOne is an ErrUnknownRef with a text of its own.
type notOne struct{ text string }

func notOnef(format string, args ...any) error { return &notOne{fmt.Sprintf(format, args...)} }

func (e *notOne) Error() string        { return e.text }
func (e *notOne) Is(target error) bool { return target == ErrUnknownRef }

// maxHops bounds symbolic references and tags of tags.
const maxHops = 10

var (
	hexDigits = regexp.MustCompile(`^[0-9a-fA-F]{7,40}$`)
	ancestry  = regexp.MustCompile(`^(.*?)((?:~[0-9]*|\^[0-9]*)+)$`)
	oneStep   = regexp.MustCompile(`[~^][0-9]*`)
)

// Resolve finds the commit that a name stands for: HEAD (or ""), a branch, a
// tag, a remote-tracking branch (origin/main, or origin for its HEAD), a full
// reference such as refs/pull/7/merge, or a hash, whole or its first 7 digits
// and more; each perhaps followed by ~N or ^N. Names win over hashes, and the
// order among names is that of gitrevisions(7). The error wraps ErrUnknownRef
// when there is none, or more than one.
func (r *Repository) Resolve(ref string) (Commit, error) {
	name, steps := ref, ""
	if m := ancestry.FindStringSubmatch(ref); m != nil {
		name, steps = m[1], m[2]
	}
	h, err := r.named(name)
	if err != nil {
		return Commit{}, err
	}
	c, err := r.commitOf(h, ref)
	if err != nil {
		return Commit{}, err
	}
	for _, step := range oneStep.FindAllString(steps, -1) {
		if c, err = r.back(c, step, ref); err != nil {
			return Commit{}, err
		}
	}
	return Commit{c.hash, c.time()}, nil
}

// named finds the object that a name stands for.
func (r *Repository) named(name string) (Hash, error) {
	if name == "" || name == "@" {
		name = "HEAD"
	}
	if reference, err := r.reference(name); err == nil {
		return reference.Hash(), nil
	} else if !errors.Is(err, plumbing.ErrReferenceNotFound) {
		return Hash{}, err
	}
	if name == "HEAD" {
		return Hash{}, fmt.Errorf("HEAD names no commit yet: the repository is empty, or its branch has no commit: it %w", ErrUnknownRef)
	}
	if !hexDigits.MatchString(name) {
		return Hash{}, fmt.Errorf("%q %w; check its spelling, or fetch it first", name, ErrUnknownRef)
	}
	name = strings.ToLower(name)
	if len(name) == 40 {
		return plumbing.NewHash(name), nil
	}
	found, err := r.objects.prefixed(name)
	if err != nil {
		return Hash{}, err
	}
	// As in Git, what a short name may stand for here is a commit.
	var commits []Hash
	for _, h := range found {
		if kind, _, err := r.objects.read(h); err == nil && kind == plumbing.CommitObject {
			commits = append(commits, h)
		}
	}
	if len(commits) == 0 {
		commits = found // a tag's own hash
	}
	switch len(commits) {
	case 0:
		return Hash{}, fmt.Errorf("%q %w; check its spelling, or fetch it first", name, ErrUnknownRef)
	case 1:
		return commits[0], nil
	}
	return Hash{}, notOnef("%q is short for %d commits; write more digits", name, len(commits))
}

// reference finds a reference by its short or full name, symbolic ones followed.
func (r *Repository) reference(name string) (*plumbing.Reference, error) {
	for _, form := range []string{"%s", "refs/%s", "refs/tags/%s", "refs/heads/%s", "refs/remotes/%s", "refs/remotes/%s/HEAD"} {
		full := plumbing.ReferenceName(fmt.Sprintf(form, name))
		if form == "%s" && !strings.HasPrefix(name, "refs/") && name != "HEAD" {
			continue // other files at the top of .git are no names for people
		}
		if full != plumbing.HEAD && full.Validate() != nil {
			continue
		}
		reference, err := r.storage.Reference(full)
		for hops := 0; err == nil && reference.Type() == plumbing.SymbolicReference; hops++ {
			if hops > maxHops {
				return nil, fmt.Errorf("the reference %s leads back to itself; delete it", full)
			}
			reference, err = r.storage.Reference(reference.Target())
		}
		if err == nil {
			return reference, nil
		}
		if !errors.Is(err, plumbing.ErrReferenceNotFound) && !isNotFolder(err) {
			return nil, fmt.Errorf("read the reference %s: %w", full, err)
		}
	}
	return nil, plumbing.ErrReferenceNotFound
}

// isNotFolder tells that a name lies below a file (refs/heads/a/b where a is a branch).
func isNotFolder(err error) bool {
	return strings.Contains(err.Error(), "not a directory") || strings.Contains(err.Error(), "is a directory")
}

// commitOf reads the commit that an object is, or that the tag that it is names.
func (r *Repository) commitOf(h Hash, ref string) (header, error) {
	for range maxHops {
		kind, content, err := r.objects.read(h)
		var lost *MissingError
		if errors.As(err, &lost) {
			return header{}, fmt.Errorf("%q %w: commit %s is not in this clone; fetch it first", ref, ErrUnknownRef, h)
		}
		if err != nil {
			return header{}, err
		}
		switch kind {
		case plumbing.CommitObject:
			return parseCommit(h, content)
		case plumbing.TagObject:
			line, _, _ := strings.Cut(string(content), "\n")
			target := strings.TrimPrefix(line, "object ")
			if !plumbing.IsHash(target) {
				return header{}, fmt.Errorf("the tag %q is damaged", ref)
			}
			h = plumbing.NewHash(target)
		default:
			return header{}, notOnef("%q is a %s, must be a commit", ref, kind)
		}
	}
	return header{}, fmt.Errorf("%q is a tag of too many tags", ref)
}

// back takes one step of ~N or ^N.
func (r *Repository) back(c header, step, ref string) (header, error) {
	n := 1
	if len(step) > 1 {
		var err error
		if n, err = strconv.Atoi(step[1:]); err != nil {
			return c, notOnef("%q: %s is no number of parents", ref, step[1:])
		}
	}
	times, parent := n, 1
	if step[0] == '^' {
		times, parent = min(n, 1), n
	}
	for range times {
		parents, err := r.parents(c)
		if err != nil {
			return c, err
		}
		if len(parents) < parent {
			return c, fmt.Errorf("%q %w: commit %s has no parent %d here", ref, ErrUnknownRef, short(c.hash), parent)
		}
		if c, err = r.header(parents[parent-1]); err != nil {
			return c, err
		}
	}
	return c, nil
}

// header reads a commit.
func (r *Repository) header(h Hash) (header, error) {
	if c, ok := r.memory.header(h); ok {
		return c, nil
	}
	content, err := r.objects.typed(h, plumbing.CommitObject)
	if err != nil {
		return header{}, err
	}
	c, err := parseCommit(h, content)
	if err == nil {
		r.memory.keepHeader(c)
	}
	return c, err
}

// parents gives a commit's parents as far as the clone has them.
func (r *Repository) parents(c header) ([]Hash, error) {
	cut, err := r.boundary()
	if err != nil || cut[c.hash] {
		return nil, err
	}
	return slices.Clone(c.parents), nil
}
