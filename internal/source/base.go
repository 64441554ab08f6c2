package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"wassist-sync/internal/gitsrc"
	"wassist-sync/spec"
	"wassist-sync/sync"
)

// fetching is the command that brings a commit which the clone does not hold.
func fetching(r *gitsrc.Repository, ref string) string {
	branch, rest, _ := strings.Cut(strings.TrimPrefix(ref, "origin/"), "~")
	branch, caret, _ := strings.Cut(branch, "^")
	if cut, err := r.Shallow(); err == nil && cut && rest+caret != "" {
		return "git fetch --unshallow origin"
	}
	return "git fetch origin " + branch
}

// Base reads the definitions of the same folder at another commit of the
// repository, and finds out which of them those of Set are: ref as in
// gitsrc.Repository.Resolve. It reads no history besides.
//
// A file that does not parse there is not in the way: what it said last counts,
// as in every history, and a note says so.
func (o *Opened) Base(ctx context.Context, ref string) (*sync.Base, error) {
	h, ok := o.History.(*history)
	if !ok {
		return nil, usagef(gitsrc.ErrNoRepository, "there is no commit %q to compare with: the history of %q cannot be read, or it has none", ref, o.Source.Path)
	}
	r := h.repository
	c, err := r.Resolve(ref)
	if errors.Is(err, gitsrc.ErrUnknownRef) {
		return nil, usagef(err, "there is no commit to compare with: %v (in a workflow: fetch-depth: 0; elsewhere: %s)", err, fetching(r, ref))
	}
	if err != nil {
		return nil, err
	}
	line, err := r.LineIn(c.Hash, nil, h.dir, h.env)
	if err != nil {
		return nil, err
	}
	if err := line.Walk(ctx, func() bool { return true }); err != nil {
		return nil, err
	}
	matched, err := line.Match(h.agents, h.text)
	if err != nil {
		return nil, fmt.Errorf("compare the definitions with those of commit %s: %w; were they changed meanwhile? Then run again", c.Hash, err)
	}
	left, err := h.settingsAt(c.Hash)
	if err != nil {
		return nil, err
	}
	base := &sync.Base{Commit: c.Hash.String(), Of: map[*spec.Agent]*spec.Agent{}}
	read := map[*gitsrc.Document]*spec.Agent{}
	named := map[string]bool{}
	for _, d := range line.Documents() {
		def, err := d.Current().Agent()
		if err != nil {
			return nil, fmt.Errorf("read %s at commit %s: %w", d.Current().File, c.Hash, err)
		}
		if left.IsExcluded(def.Name, def.ID) {
			continue // it made no agent
		}
		if def.ID == "" && named[def.Name] {
			continue // two of one name were at odds, and neither can be told apart by it
		}
		named[def.Name] = true
		read[d] = def
		base.Agents = append(base.Agents, def)
	}
	for def, d := range matched {
		if old := read[d]; old != nil {
			base.Of[def] = old
		}
	}
	base.Notes, err = h.notesOfBase(ctx, c.Hash, line.Notes())
	return base, err
}

// notesOfBase says what a reader of the comparison should know about the base.
func (h *history) notesOfBase(ctx context.Context, base gitsrc.Hash, notes []string) ([]string, error) {
	short := base.String()[:7]
	dir, err := h.repository.Place(base, h.dir)
	if err != nil {
		return nil, err
	}
	fsys, err := h.repository.FS(base)
	if err != nil {
		return nil, err
	}
	_, err = spec.LoadIn(fsys, dir, h.dir, h.env)
	var problems spec.Problems
	var unknown *spec.NoEnvironmentError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		notes = append(notes, fmt.Sprintf("%s has no folder %s: every definition shows as new, also one whose agent is there already because the folder was moved; that is found by its name", short, h.dir))
	case errors.As(err, &unknown):
		notes = append(notes, fmt.Sprintf("%s has no environment %s: a definition that takes something from it counts as it last did, or not at all", short, h.env))
	case errors.As(err, &problems):
		notes = append(notes, fmt.Sprintf("the definitions are not valid at %s (%s, the first: %v): what does not parse counts as it last did, or not at all", short, problemsOf(problems), problems[0]))
	case err != nil:
		return nil, err
	}
	held, err := h.repository.Contains(ctx, h.commit, base)
	if err != nil {
		return nil, err
	}
	cut, err := h.repository.Shallow()
	if err != nil {
		return nil, err
	}
	if !held && !cut {
		notes = append(notes, fmt.Sprintf("%s is not in the history of what is compared with it, so that what came in there shows as taken back: merge it first, or compare with the commit where both part (git merge-base)", short))
	}
	return notes, nil
}

func problemsOf(all spec.Problems) string {
	if len(all) == 1 {
		return "1 problem"
	}
	return fmt.Sprintf("%d problems", len(all))
}
