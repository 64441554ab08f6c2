package gitsrc

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/format/idxfile"
	"github.com/go-git/go-git/v5/plumbing/format/objfile"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/storage/filesystem/dotgit"
)

// Hash is the name of a Git object: a SHA-1.
type Hash = plumbing.Hash

// cacheSize bounds the inflated objects that are kept as bases of deltas.
const cacheSize = 32 << 20

// maxAlternates bounds the chain of object stores that borrow from each other,
// as Git does.
const maxAlternates = 5

// objects reads objects of one repository. go-git's own storage is not used
// for this: it opens a pack's file again for each object that is larger than
// 16 KiB, and reads all indexes of a borrowed store (objects/info/alternates)
// again for each object.
type objects struct {
	common string // the folder that holds objects/

	mu     sync.Mutex
	opened bool
	stores []*dotgit.DotGit
	packs  []*pack
	known  map[Hash]bool // packs that are open, by checksum
	cache  *cache.ObjectLRU
	// reads counts the objects that were asked for; tests bound it.
	reads int
	// harmed: one of them could not be read.
	harmed bool
}

type pack struct {
	index *idxfile.MemoryIndex
	file  *packfile.Packfile
}

func newObjects(common string) *objects {
	return &objects{common: common, known: map[Hash]bool{}, cache: cache.NewObjectLRU(cacheSize)}
}

// close gives the open pack files back.
func (o *objects) close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	var errs []error
	for _, p := range o.packs {
		errs = append(errs, p.file.Close())
	}
	o.packs, o.stores, o.known, o.opened = nil, nil, map[Hash]bool{}, false
	return errors.Join(errs...)
}

// borrowed lists the folders that hold the objects/ of the repository and of
// those that it borrows from (gitrepository-layout, objects/info/alternates).
func borrowed(common string, depth int) []string {
	folders := []string{common}
	if depth == 0 {
		return folders
	}
	file, err := os.Open(filepath.Join(common, "objects", "info", "alternates"))
	if err != nil {
		return folders
	}
	defer giveBack(file)
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if !filepath.IsAbs(line) {
			line = filepath.Join(common, "objects", line)
		}
		folders = append(folders, borrowed(filepath.Dir(filepath.Clean(line)), depth-1)...)
	}
	return folders
}

// open reads the indexes of all packs that are not open yet. It tells whether
// there was one.
func (o *objects) open() (more bool, err error) {
	if !o.opened {
		for _, folder := range borrowed(o.common, maxAlternates) {
			o.stores = append(o.stores, dotgit.New(osfs.New(folder)))
		}
		o.opened = true
	}
	for _, store := range o.stores {
		names, err := store.ObjectPacks()
		if err != nil {
			return more, fmt.Errorf("list the packs of the repository: %w", err)
		}
		for _, name := range names {
			if o.known[name] {
				continue
			}
			p, err := openPack(store, name, o.cache)
			if errors.Is(err, dotgit.ErrPackfileNotFound) {
				continue // combined with others meanwhile
			}
			if err != nil {
				return more, fmt.Errorf("pack %s of the repository is damaged (git fsck tells more): %w", name, err)
			}
			o.known[name] = true
			o.packs = append(o.packs, p)
			more = true
		}
	}
	return more, nil
}

func openPack(store *dotgit.DotGit, name Hash, objects *cache.ObjectLRU) (p *pack, err error) {
	defer rescue(&err)
	f, err := store.ObjectPackIdx(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	index := idxfile.NewMemoryIndex()
	if err := idxfile.NewDecoder(bufio.NewReaderSize(f, 1<<16)).Decode(index); err != nil {
		return nil, err
	}
	content, err := store.ObjectPack(name)
	if err != nil {
		return nil, err
	}
	// Without a file system go-git reads whole objects into memory: it need not
	// open the file again for each.
	return &pack{index, packfile.NewPackfileWithCache(index, nil, content, objects, 0)}, nil
}

// rescue turns a panic of a decoder, which damaged objects may cause, into an error.
func rescue(err *error) {
	if recover() != nil {
		*err = errDamaged
	}
}

var errDamaged = errors.New("it cannot be decoded")

// find looks an object up in the packs, then among the loose ones, and once
// more after a look for packs that came in meanwhile.
func (o *objects) find(h Hash, use func(*pack) error, loose func(*dotgit.DotGit) error) (err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer func() { o.harmed = o.harmed || err != nil }()
	o.reads++
	if !o.opened {
		if _, err := o.open(); err != nil {
			return err
		}
	}
	for {
		for _, p := range o.packs {
			if _, err := p.index.FindOffset(h); err == nil {
				return damaged(h, use(p))
			}
		}
		for _, store := range o.stores {
			if err := loose(store); !errors.Is(err, os.ErrNotExist) && !errors.Is(err, plumbing.ErrObjectNotFound) {
				return damaged(h, err)
			}
		}
		if more, err := o.open(); err != nil {
			return err
		} else if !more {
			return &MissingError{h}
		}
	}
}

// MissingError says that an object is not there: the clone is partial, or damaged.
type MissingError struct{ Object Hash }

func (e *MissingError) Error() string {
	return fmt.Sprintf("the repository lacks the object %s; fetch it whole (a partial clone leaves objects out, git fsck finds damage)", e.Object)
}

func damaged(h Hash, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("object %s of the repository is damaged (git fsck tells more): %w", h, err)
}

// size returns the length of an object without reading all of it.
func (o *objects) size(h Hash) (size int64, err error) {
	err = o.find(h, func(p *pack) (err error) {
		defer rescue(&err)
		if cached, ok := o.cache.Get(h); ok {
			size = cached.Size()
			return nil
		}
		offset, err := p.index.FindOffset(h)
		if err != nil {
			return err
		}
		size, err = p.file.GetSizeByOffset(offset)
		return err
	}, func(store *dotgit.DotGit) (err error) {
		defer rescue(&err)
		return withLoose(store, h, func(r *objfile.Reader) error {
			_, n, err := r.Header()
			size = n
			return err
		})
	})
	return size, err
}

// read returns an object's type and content. The content is the caller's to
// keep, not to change.
func (o *objects) read(h Hash) (kind plumbing.ObjectType, content []byte, err error) {
	err = o.find(h, func(p *pack) (err error) {
		defer rescue(&err)
		object, ok := o.cache.Get(h)
		if !ok {
			if object, err = p.file.Get(h); err != nil {
				return err
			}
		}
		r, err := object.Reader()
		if err != nil {
			return err
		}
		defer giveBack(r)
		kind, content = object.Type(), make([]byte, object.Size())
		_, err = io.ReadFull(r, content)
		return err
	}, func(store *dotgit.DotGit) (err error) {
		defer rescue(&err)
		return withLoose(store, h, func(r *objfile.Reader) error {
			k, n, err := r.Header()
			if err != nil {
				return err
			}
			var b bytes.Buffer
			if _, err := io.Copy(&b, io.LimitReader(r, n+1)); err != nil {
				return err
			}
			if int64(b.Len()) != n {
				return errDamaged
			}
			kind, content = k, b.Bytes()
			return nil
		})
	})
	return kind, content, err
}

func withLoose(store *dotgit.DotGit, h Hash, use func(*objfile.Reader) error) error {
	f, err := store.Object(h)
	if err != nil {
		return err
	}
	defer f.Close()
	r, err := objfile.NewReader(f)
	if err != nil {
		return err
	}
	defer giveBack(r)
	return use(r)
}

// typed reads an object that must be of a certain type.
func (o *objects) typed(h Hash, want plumbing.ObjectType) ([]byte, error) {
	kind, content, err := o.read(h)
	if err != nil {
		return nil, err
	}
	if kind != want {
		return nil, fmt.Errorf("object %s is a %s, must be a %s", h, kind, want)
	}
	return content, nil
}

// prefixed lists the objects whose names start with some hex digits.
func (o *objects) prefixed(hex string) ([]Hash, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, err := o.open(); err != nil {
		return nil, err
	}
	found := map[Hash]bool{}
	for _, p := range o.packs {
		entries, err := p.index.Entries()
		if err != nil {
			return nil, err
		}
		for {
			entry, err := entries.Next()
			if err != nil {
				break
			}
			if strings.HasPrefix(entry.Hash.String(), hex) {
				found[entry.Hash] = true
			}
		}
	}
	for _, store := range o.stores {
		folder := filepath.Join(store.Fs().Root(), "objects", hex[:2])
		entries, err := os.ReadDir(folder)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		for _, entry := range entries {
			name := hex[:2] + entry.Name()
			if plumbing.IsHash(name) && strings.HasPrefix(name, hex) {
				found[plumbing.NewHash(name)] = true
			}
		}
	}
	var hashes []Hash
	for h := range found {
		hashes = append(hashes, h)
	}
	return hashes, nil
}
