package gitsrc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/gitignore"
)

// Dirty compares the work tree with HEAD: the files below dir, a path inside
// the repository, and those that !file named (texts, paths inside the
// repository). A text behind links is compared with each link on the way to it.
// It returns the paths of those that differ, are missing, or are untracked,
// sorted. CRLF counts as LF. An ignored file counts only if it is read as a
// definition. Nothing else is looked at, and not the index.
func (r *Repository) Dirty(ctx context.Context, dir string, texts []string) (bool, []string, error) {
	if r.root == "" {
		return false, nil, errors.New("the repository has no work tree")
	}
	d := &dirty{r: r, ctx: ctx, dir: path.Clean(dir), seen: map[string]bool{}, found: map[string]bool{}}
	head, err := r.Resolve("HEAD")
	switch {
	case err == nil:
		c, err := r.header(head.Hash)
		if err != nil {
			return false, nil, err
		}
		d.root = c.tree
	case !errors.Is(err, ErrUnknownRef):
		return false, nil, err
	}
	if err := d.ignores(); err != nil {
		return false, nil, err
	}
	if err := d.tracked(); err != nil {
		return false, nil, err
	}
	if err := d.untracked(d.dir); err != nil {
		return false, nil, err
	}
	for _, text := range texts {
		if err := d.text(path.Clean(text)); err != nil {
			return false, nil, err
		}
	}
	return len(d.found) > 0, sorted(d.found), nil
}

type dirty struct {
	r      *Repository
	ctx    context.Context
	root   Hash // HEAD's tree; zero when nothing is committed
	dir    string
	ignore []gitignore.Pattern
	seen   map[string]bool // paths that were compared
	found  map[string]bool
}

func (d *dirty) path(name string) string {
	return filepath.Join(d.r.root, filepath.FromSlash(name))
}

func (d *dirty) head(name string) (entry, error) {
	if d.root.IsZero() {
		return entry{}, nil
	}
	return d.r.trees.at(d.root, name)
}

// tracked compares each file of HEAD below dir.
func (d *dirty) tracked() error {
	e, err := d.head(d.dir)
	if err != nil || e.kind != folder {
		return err
	}
	var all func(h Hash, prefix string) error
	all = func(h Hash, prefix string) error {
		content, err := d.r.trees.read(h)
		if err != nil {
			return err
		}
		for t := (treeReader{rest: content}); t.next(); {
			name := path.Join(prefix, string(t.name))
			switch t.entry().kind {
			case folder:
				err = all(t.entry().hash, name)
			case submodule:
			default:
				err = d.compare(name)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	return all(e.hash, strings.TrimPrefix(d.dir, "."))
}

// text compares a file that was read by a path, and the links on its way.
func (d *dirty) text(name string) error {
	at, rest := ".", strings.Split(name, "/")
	for hops := 0; len(rest) > 0; {
		next := path.Join(at, rest[0])
		rest = rest[1:]
		if !fs.ValidPath(next) {
			return fmt.Errorf("%q is no path inside the repository", name)
		}
		target, err := os.Readlink(d.path(next))
		if err != nil { // it is no link
			at = next
			continue
		}
		if hops++; hops > maxLinks {
			return fmt.Errorf("%q: %w", name, errLinks)
		}
		if err := d.compare(next); err != nil {
			return err
		}
		if target = filepath.ToSlash(target); path.IsAbs(target) || filepath.IsAbs(target) {
			return fmt.Errorf("%q is a link to an absolute path", next)
		}
		rest = append(strings.Split(target, "/"), rest...)
	}
	if at == "." {
		return nil
	}
	return d.compare(at)
}

// compare compares one path with HEAD.
func (d *dirty) compare(name string) error {
	if err := d.ctx.Err(); err != nil {
		return err
	}
	if !fs.ValidPath(name) {
		return fmt.Errorf("%q is no path inside the repository", name)
	}
	if d.seen[name] {
		return nil
	}
	d.seen[name] = true
	e, err := d.head(name)
	if err != nil {
		return err
	}
	info, err := os.Lstat(d.path(name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !isNotFolder(err) {
		return err
	}
	var here []byte
	switch {
	case err != nil && e.kind == missing:
		return nil // neither here nor there
	case err != nil || !e.file() && e.kind != link:
		d.found[name] = true
		return nil
	case info.Mode()&fs.ModeSymlink != 0:
		target, err := os.Readlink(d.path(name))
		if err != nil {
			return err
		}
		here = []byte(filepath.ToSlash(target))
	case info.Mode().IsRegular():
		if here, err = os.ReadFile(d.path(name)); err != nil {
			return err
		}
	}
	isLink := info.Mode()&fs.ModeSymlink != 0
	if !isLink && !info.Mode().IsRegular() {
		d.found[name] = true
		return nil
	}
	if isLink == (e.kind == link) && plumbing.ComputeHash(plumbing.BlobObject, here) == e.hash {
		return nil
	}
	// A system without symlinks checks a link out as a file with its target.
	there, err := d.r.objects.typed(e.hash, plumbing.BlobObject)
	if err != nil {
		return err
	}
	if isLink && e.kind != link || !bytes.Equal(unixLines(here), unixLines(there)) {
		d.found[name] = true
	}
	return nil
}

func unixLines(text []byte) []byte {
	return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
}

// ignores reads what applies from above dir: .git/info/exclude and the
// .gitignore files from the top down.
func (d *dirty) ignores() error {
	if err := d.readIgnore(filepath.Join(d.r.common, "info", "exclude"), "."); err != nil {
		return err
	}
	if d.dir == "." {
		return nil
	}
	at := "."
	for part := range strings.SplitSeq(d.dir, "/") {
		if err := d.readIgnore(d.path(path.Join(at, ".gitignore")), at); err != nil {
			return err
		}
		at = path.Join(at, part)
	}
	return nil
}

func (d *dirty) readIgnore(file, in string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) || isNotFolder(err) {
			return nil
		}
		return err
	}
	var domain []string
	if in != "." {
		domain = strings.Split(in, "/")
	}
	for _, line := range lines(text) {
		if strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "#") {
			d.ignore = append(d.ignore, gitignore.ParsePattern(line, domain))
		}
	}
	return nil
}

// untracked finds files below a folder that HEAD does not have.
func (d *dirty) untracked(in string) error {
	if err := d.ctx.Err(); err != nil {
		return err
	}
	entries, err := os.ReadDir(d.path(in))
	if errors.Is(err, fs.ErrNotExist) || err != nil && isNotFolder(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := d.readIgnore(d.path(path.Join(in, ".gitignore")), in); err != nil {
		return err
	}
	matcher := gitignore.NewMatcher(slices.Clone(d.ignore))
	for _, e := range entries {
		name := path.Join(in, e.Name())
		if e.Name() == ".git" {
			continue
		}
		if e.IsDir() {
			h, err := d.head(name)
			if err != nil {
				return err
			}
			if h.kind == submodule {
				continue
			}
			if err := d.untracked(name); err != nil {
				return err
			}
			continue
		}
		h, err := d.head(name)
		if err != nil {
			return err
		}
		if h.kind != missing && h.kind != folder {
			continue // compared already
		}
		if matcher.Match(strings.Split(name, "/"), false) && !isDefinition(d.dir, name) {
			continue
		}
		d.found[name] = true
	}
	return nil
}
