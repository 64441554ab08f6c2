package gitsrc

import "wassist-sync/spec"

// parseFile reads the one definition file of a view without the checks that
// need the whole folder: a definition that was at odds with another one was a
// definition.
func parseFile(view *fileView) ([]*spec.Agent, error) {
	return spec.LoadFileIn(view, view.dir, view.file, view.env)
}
