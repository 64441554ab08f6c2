package source

import (
	"fmt"

	"wassist-sync/internal/gitsrc"
	"wassist-sync/spec"
)

// maxKept bounds the definitions of versions that are kept for another look.
const maxKept = 10_000

// definition reads what a version said. Its !env values are taken from today's
// environment if all that it names are set; otherwise all of them stay
// unresolved, since half a definition cannot be compared.
func (h *history) definition(v *gitsrc.Version) func() (*spec.Agent, error) {
	var known *spec.Agent
	return func() (*spec.Agent, error) {
		if known != nil {
			return known, nil
		}
		a, err := v.Agent()
		if err != nil {
			return nil, fmt.Errorf("read an earlier version of %s: %w", v.File, err)
		}
		if h.lookupEnv != nil {
			alone := &spec.Set{Agents: []*spec.Agent{a}}
			_ = alone.ResolveEnv(h.lookupEnv) // the values stay unresolved then
		}
		if h.kept < maxKept {
			h.kept++
			known = a
		}
		return a, nil
	}
}
