package source

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"wassist-sync/internal/gitsrc"
	"wassist-sync/spec"
)

// excluded tells whether the settings left a definition out when it left, or may
// have: settings that cannot be read may say anything.
func (h *history) excluded(left *gitsrc.Event, last *gitsrc.Version) (bool, error) {
	settings, known := h.settings[left]
	if !known {
		var err error
		if settings, err = h.settingsBefore(left); err != nil {
			return false, err
		}
		if h.settings == nil {
			h.settings = map[*gitsrc.Event]*spec.Settings{}
		}
		h.settings[left] = settings
	}
	return settings == nil || settings.IsExcluded(last.Name, last.ID), nil
}

// settingsBefore reads the settings of the folder, and of its environment, as they
// were before a commit; nil where they cannot be read.
func (h *history) settingsBefore(at *gitsrc.Event) (*spec.Settings, error) {
	fsys, err := h.repository.Before(at.Commit)
	if err != nil {
		return nil, fmt.Errorf("read the settings before commit %s: %w", at.Commit, err)
	}
	if fsys == nil {
		return &spec.Settings{}, nil
	}
	return h.settingsIn(fsys)
}

// settingsAt reads them at a commit; empty where they cannot be read.
func (h *history) settingsAt(commit gitsrc.Hash) (*spec.Settings, error) {
	fsys, err := h.repository.FS(commit)
	if err != nil {
		return nil, err
	}
	settings, err := h.settingsIn(fsys)
	if err == nil && settings == nil {
		settings = &spec.Settings{}
	}
	return settings, err
}

func (h *history) settingsIn(fsys fs.FS) (*spec.Settings, error) {
	settings, err := loadSettings(fsys, h.dir, h.env)
	var problems spec.Problems
	var missing *spec.NoEnvironmentError
	switch {
	case errors.As(err, &missing): // it came later, was taken out before, or had another name
		if settings, err = h.settingsOfAny(fsys); errors.As(err, &problems) {
			return nil, nil
		}
	case errors.As(err, &problems):
		return nil, nil
	}
	return settings, err
}

// settingsOfAny reads the settings of a commit that does not have the environment.
// It may have been called otherwise then, and which it was cannot be told: what any
// of those that there were left out counts as left out.
func (h *history) settingsOfAny(fsys fs.FS) (*spec.Settings, error) {
	settings, err := loadSettings(fsys, h.dir, "")
	if err != nil {
		return nil, err
	}
	names, err := spec.Environments(fsys, h.dir, h.dir)
	var problems spec.Problems
	if err != nil && !errors.As(err, &problems) { // what lies beside them is none
		return nil, err
	}
	out := *settings
	for _, name := range names {
		environment, err := spec.LoadEnvironment(fsys, h.dir, h.dir, name)
		if err != nil {
			return nil, err
		}
		out.Exclude = slices.Concat(out.Exclude, environment.Settings.Exclude)
	}
	return &out, nil
}
