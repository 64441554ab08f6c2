package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// writeBeginning writes a file that does not exist, and its folders, below top and
// nowhere else: a link that a repository holds may lead anywhere on this machine.
// The file is whole or not there; the error is fs.ErrExist where something has its
// name.
func writeBeginning(top string, file beginning) error {
	name, err := belowTop(top, file.name)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(top)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return notWritten(file.name, err)
	}
	if _, err := root.Lstat(name); err == nil {
		return fs.ErrExist
	}
	temporary := filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+"."+rand.Text())
	if err := writeIn(root, temporary, file.content); err != nil {
		return notWritten(file.name, err)
	}
	defer root.Remove(temporary) //nolint:errcheck // what is left beside it does no harm
	err = root.Link(temporary, name)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := writeIn(root, name, file.content); err != nil { // a file system without links
		return notWritten(file.name, err)
	}
	return nil
}

// belowTop is a file's path below top.
func belowTop(top, file string) (string, error) {
	whole, err := filepath.Abs(top)
	if err != nil {
		return "", err
	}
	if file, err = filepath.Abs(file); err != nil {
		return "", err
	}
	return filepath.Rel(whole, file)
}

// writeIn writes a file that must not be there, and takes it away again when that
// fails half-way.
func writeIn(root *os.Root, name string, content []byte) error {
	f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return errors.Join(err, root.Remove(name))
	}
	return nil
}

// notWritten names the file as its author would open it. Where fs.ErrExist comes
// of a folder's name, it must not be taken for that of the file.
func notWritten(file string, err error) error {
	return fmt.Errorf("%s cannot be written: %v; where a folder above it is a link that leaves the repository, make it a folder, or name the one that it leads to", file, bare(err)) //nolint:errorlint // see above
}
