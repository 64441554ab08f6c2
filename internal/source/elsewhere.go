package source

import (
	"context"

	"wassist-sync/internal/gitsrc"
	"wassist-sync/spec"
	"wassist-sync/sync"
)

// Elsewhere looks through the rest of the repository at the commit.
func (h *history) Elsewhere(ctx context.Context, wanted []sync.Wanted) ([]sync.Standing, error) {
	asked := make([]gitsrc.Wanted, len(wanted))
	for i, w := range wanted {
		asked[i] = gitsrc.Wanted(w)
	}
	found, err := h.repository.Elsewhere(ctx, h.commit, h.dir, asked)
	if err != nil {
		return nil, err
	}
	organizations := map[string]string{} // by settings file
	out := make([]sync.Standing, len(found))
	for i, s := range found {
		out[i] = sync.Standing{File: s.File, Line: s.Line, Name: s.Name, ID: s.ID}
		if s.Settings == "" {
			continue
		}
		organization, known := organizations[s.Settings]
		if !known {
			organization = organizationOf(s.Settings, s.SettingsText)
			organizations[s.Settings] = organization
		}
		out[i].Organization = organization
	}
	return out, nil
}

// organizationOf tells which organization a settings file expects; empty when
// it names none, or cannot be read.
func organizationOf(name string, text []byte) string {
	settings, err := spec.ParseSettings(name, text)
	if err != nil || settings.Organization == nil {
		return ""
	}
	return settings.Organization.Text
}
