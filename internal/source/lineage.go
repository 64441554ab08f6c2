package source

import (
	"wassist-sync/internal/gitsrc"
	"wassist-sync/spec"
	"wassist-sync/sync"
)

// convert puts the documents of the line into the words of package sync.
func (h *history) convert(matched map[*spec.Agent]*gitsrc.Document) error {
	h.lineages, h.of, h.commits = nil, map[*spec.Agent]*sync.Lineage{}, map[*gitsrc.Event]*sync.Commit{}
	lineages := map[*gitsrc.Document]*sync.Lineage{}
	for _, d := range h.line.Documents() {
		l, err := h.lineage(d)
		if err != nil {
			return err
		}
		lineages[d] = l
		h.lineages = append(h.lineages, l)
	}
	for def, d := range matched {
		h.of[def] = lineages[d]
	}
	return nil
}

func (h *history) lineage(d *gitsrc.Document) (*sync.Lineage, error) {
	l := &sync.Lineage{Standing: d.Standing}
	current := d.Current()
	for _, old := range d.Versions {
		v := &sync.Version{
			File: old.File, Line: old.Line, Name: old.Name, ID: old.ID, Numbers: old.Numbers,
			PreventDestroy: old.PreventDestroy, Plain: old.Plain, Later: old.Later, Definition: h.definition(old),
		}
		var err error
		if v.Since, v.Until, err = h.span(old.Since, old.Until); err != nil {
			return nil, err
		}
		if old == current {
			l.Current = v
		}
		l.Versions = append(l.Versions, v)
	}
	if left := d.Left(); left != nil {
		l.Excluded = func() (bool, error) { return h.excluded(left, d.Versions[0]) }
	}
	for _, old := range d.Stays {
		since, left, err := h.span(old.Since, old.Left)
		if err != nil {
			return nil, err
		}
		l.Stays = append(l.Stays, sync.Stay{Since: since, Left: left})
	}
	return l, nil
}

func (h *history) span(from, to *gitsrc.Event) (since, until *sync.Commit, err error) {
	if since, err = h.event(from); err != nil {
		return nil, nil, err
	}
	until, err = h.event(to)
	return since, until, err
}

// event gives one commit for each event, however many documents it is named by.
func (h *history) event(e *gitsrc.Event) (*sync.Commit, error) {
	if e == nil {
		return nil, nil
	}
	if c := h.commits[e]; c != nil {
		return c, nil
	}
	c := &sync.Commit{Hash: e.Commit.String(), Earliest: e.Earliest}
	// Where the history is cut off, that time is not known.
	at, known, err := h.line.Entered(gitsrc.Stay{Since: e})
	if err != nil {
		return nil, err
	}
	if known {
		c.Latest = at
	}
	h.commits[e] = c
	return c, nil
}
