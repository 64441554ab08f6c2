package source

import (
	"context"
	"fmt"

	"wassist-sync/internal/gitsrc"
	"wassist-sync/spec"
	"wassist-sync/sync"
)

// history is what gitsrc says of a folder, as a sync.History.
type history struct {
	repository *gitsrc.Repository
	commit     gitsrc.Hash
	ref, dir   string
	env        string        // of the folder's environments; empty for none
	agents     []*spec.Agent // of the planned set
	// text reads a file of the planned set by its path inside the repository.
	text      func(file string) ([]byte, error)
	lookupEnv func(string) (string, bool)

	line     *gitsrc.Line
	read     bool
	lineages []*sync.Lineage
	of       map[*spec.Agent]*sync.Lineage
	commits  map[*gitsrc.Event]*sync.Commit
	kept     int // definitions of versions that are kept
	// settings are those before a commit; nil where they cannot be read.
	settings map[*gitsrc.Event]*spec.Settings
}

var _ sync.History = (*history)(nil)

// begin finds the line. It opens nothing but commits.
func (h *history) begin(ctx context.Context) error {
	if h.line != nil {
		return nil
	}
	tips, err := h.repository.Tips(ctx, h.commit, h.ref)
	if err != nil {
		return err
	}
	h.line, err = h.repository.LineIn(h.commit, tips, h.dir, h.env)
	return err
}

// mustHaveHeld is an ErrNoFolder unless a commit of the line has definitions in
// the folder, which is missing where it was looked for.
func (h *history) mustHaveHeld(ctx context.Context, path, where string) error {
	if err := h.begin(ctx); err != nil {
		return err
	}
	held := func() bool { return len(h.line.Documents()) > 0 }
	if err := h.line.Walk(ctx, held); err != nil || held() {
		return err
	}
	which := "no commit of its branch has definitions there"
	if !h.line.Whole() {
		which = "no commit that this clone holds has definitions there (it lacks a part of the history; fetch all of it to be sure)"
	}
	return usagef(ErrNoFolder, "there is no folder %q%s, and %s; give the folder of the definitions", path, where, which)
}

// Read reads the whole line, and pairs it with the planned set.
func (h *history) Read(ctx context.Context) error {
	if h.read {
		return nil
	}
	if err := h.begin(ctx); err != nil {
		return err
	}
	if err := h.line.Walk(ctx, nil); err != nil {
		return err
	}
	matched, err := h.line.Match(h.agents, h.text)
	if err != nil {
		return fmt.Errorf("compare the definitions with those of commit %s: %w; were they changed meanwhile? Then run again", h.commit, err)
	}
	if err := h.convert(matched); err != nil {
		return err
	}
	h.read = true
	return nil
}

func (h *history) Whole() bool                      { return h.line.Whole() }
func (h *history) Of(def *spec.Agent) *sync.Lineage { return h.of[def] }
func (h *history) Lineages() []*sync.Lineage        { return h.lineages }
func (h *history) Notes() []string                  { return h.line.Notes() }
