package gitsrc

import (
	"bufio"
	"crypto/sha1" //nolint:gosec // the checksum that the format of packs asks for; nothing secret rests on it
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

// Each fetch leaves a pack, and each pack that is read takes a descriptor and an
// index in memory. A clone that is fetched into for months is kept at a few.
const (
	// maxPacks is how many small packs a clone may have.
	maxPacks = 24
	// largePack is the size in bytes from which on a pack stays as it is.
	largePack = 128 << 20
)

// A pack (gitformat-pack) is a head of 12 bytes, the last 4 of them the number of
// its objects, then the objects, then a checksum of 20 bytes. Deltas name their
// bases by their distance or by hash, so packs laid end to end are a pack again.
const (
	packHead = 12
	packTail = 20
)

// combine makes one pack of all small ones when they are more than most.
func combine(folder string, most int) error {
	all, err := filepath.Glob(filepath.Join(folder, "objects", "pack", "*.pack"))
	if err != nil {
		return err
	}
	var small []string
	for _, name := range all {
		if info, err := os.Stat(name); err == nil && info.Size() < largePack {
			small = append(small, name)
		}
	}
	if len(small) <= most {
		return nil
	}
	if err := writeCombined(folder, small); err != nil {
		return fmt.Errorf("combine the packs of the clone: %w", err)
	}
	for _, name := range small {
		// Whoever finds a pack finds its index.
		_ = os.Remove(name) // one that stays takes up room, no more
		_ = os.Remove(strings.TrimSuffix(name, ".pack") + ".idx")
	}
	return nil
}

func writeCombined(folder string, packs []string) error {
	var objects uint32
	for _, name := range packs {
		n, err := countOf(name)
		if err != nil {
			return err
		}
		objects += n
	}
	storage := filesystem.NewStorage(osfs.New(folder), cache.NewObjectLRU(cacheSize))
	defer giveBack(storage)
	out, err := storage.PackfileWriter()
	if err != nil {
		return err
	}
	sum := sha1.New() //nolint:gosec // as above
	w := bufio.NewWriterSize(io.MultiWriter(out, sum), 1<<16)
	head := binary.BigEndian.AppendUint32([]byte("PACK\x00\x00\x00\x02"), objects)
	_, err = w.Write(head)
	for _, name := range packs {
		if err == nil {
			err = copyBody(w, name)
		}
	}
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		_, err = out.Write(sum.Sum(nil))
	}
	// Closing makes the index, and puts both in their place if the pack is whole.
	if closeErr := out.Close(); err == nil {
		err = closeErr
	}
	return err
}

// countOf reads how many objects a pack holds.
func countOf(name string) (uint32, error) {
	file, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer giveBack(file)
	head := make([]byte, packHead)
	if _, err := io.ReadFull(file, head); err != nil {
		return 0, err
	}
	if string(head[:4]) != "PACK" || binary.BigEndian.Uint32(head[4:]) != 2 {
		return 0, fmt.Errorf("%s is no pack of version 2", filepath.Base(name))
	}
	return binary.BigEndian.Uint32(head[8:]), nil
}

// copyBody copies the objects of a pack.
func copyBody(to io.Writer, name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer giveBack(file)
	info, err := file.Stat()
	if err != nil {
		return err
	}
	_, err = io.Copy(to, io.NewSectionReader(file, packHead, info.Size()-packHead-packTail))
	return err
}
