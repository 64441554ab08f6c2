package source

import (
	"context"
	"path"

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
	organizations := map[string][]string{} // by folder
	out := make([]sync.Standing, len(found))
	for i, s := range found {
		out[i] = sync.Standing{File: s.File, Line: s.Line, Name: s.Name, ID: s.ID}
		folder := path.Dir(s.File)
		all, known := organizations[folder]
		if !known {
			all = organizationsOf(&s)
			organizations[folder] = all
		}
		if len(all) > 0 {
			out[i].Organization = all[0]
			out[i].Others = append(out[i].Others, all[1:]...)
		}
	}
	return out, nil
}

// organizationsOf tells which organizations the settings of a definition expect,
// in all of its environments; none when one of them names none.
func organizationsOf(s *gitsrc.Standing) []string {
	common := ""
	if settings, err := spec.ParseSettings(s.Settings, s.SettingsText); err == nil && s.Settings != "" && settings.Organization != nil {
		common = settings.Organization.Text
	}
	var all []string
	for _, e := range s.Environments {
		organization := common
		env, err := spec.ParseEnvironment(e.Name, e.File, e.Text)
		switch {
		case err != nil:
			organization = ""
		case env.Settings.Organization != nil:
			organization = env.Settings.Organization.Text
		}
		if organization == "" {
			return nil
		}
		all = append(all, organization)
	}
	if common != "" && len(all) == 0 {
		all = []string{common}
	}
	return all
}
