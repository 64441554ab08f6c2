package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wassist-sync/internal/source"
	"wassist-sync/sync"
)

// A file that has come to be there is left as it is, by either way of writing, and
// nothing is left beside it.
func TestWriteNew(t *testing.T) {
	dir := t.TempDir()
	if err := writeNew(dir, "below/a.yaml", []byte("new")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "theirs.yaml"), []byte("theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := writeNew(dir, "theirs.yaml", []byte("new")); err == nil || !strings.Contains(err.Error(), "has come to be there meanwhile") {
		t.Errorf("writing over a file: %v", err)
	}
	if err := createNew(filepath.Join(dir, "theirs.yaml"), []byte("new")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("creating over a file: %v", err)
	}
	if err := createNew(filepath.Join(dir, "b.yaml"), []byte("new")); err != nil {
		t.Error(err)
	}
	want := map[string]string{"below/a.yaml": "new", "theirs.yaml": "theirs", "b.yaml": "new"}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		file, _ := filepath.Rel(dir, path)
		content, err := os.ReadFile(path)
		if want[filepath.ToSlash(file)] != string(content) {
			t.Errorf("%s holds %q", file, content)
		}
		delete(want, filepath.ToSlash(file))
		return err
	})
	if err != nil || len(want) > 0 {
		t.Errorf("missing %v, %v", want, err)
	}
}

// An import that fails or is stopped tells what it has written, and leaves no prompt
// without its definition.
func TestImportStops(t *testing.T) {
	found := &sync.Import{Imported: []sync.Imported{
		{Agent: "A", File: "a.yaml", YAML: []byte("name: A\n")},
		{Agent: "B", File: "b.yaml", YAML: []byte("name: B\n"), Prompt: "prompts/b.md", PromptText: []byte("b\n")},
		{Agent: "C", File: "c.yaml", YAML: []byte("name: C\n")},
	}}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "b.yaml"), 0o700); err != nil {
		t.Fatal(err)
	}
	done, err := writeImport(t.Context(), dir, &source.Opened{}, found)
	if err == nil || !strings.HasPrefix(err.Error(), "B: ") || len(done.written) != 1 || done.written[0].Agent != "A" {
		t.Errorf("written %v, %v", done.written, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "prompts", "b.md")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a prompt stands alone: %v", err)
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	done, err = writeImport(stopped, t.TempDir(), &source.Opened{}, found)
	if err == nil || err.Error() != "stopped: A and what follows it is not written" || len(done.written) != 0 {
		t.Errorf("written %v, %v", done.written, err)
	}
}
