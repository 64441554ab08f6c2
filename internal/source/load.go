package source

import (
	"errors"
	"io/fs"

	"wassist-sync/spec"
)

// load reads the definitions and the settings of a folder, in one of its
// environments. Problems of all come at once.
func load(fsys fs.FS, dir, display, env string) (*spec.Set, *spec.Settings, error) {
	set, setErr := spec.LoadIn(fsys, dir, display, env)
	settings, settingsErr := spec.LoadSettings(fsys, dir, display)
	var problems, more spec.Problems
	switch {
	case errors.As(setErr, &problems) && errors.As(settingsErr, &more):
		return nil, nil, append(problems, more...)
	case setErr != nil || settingsErr != nil:
		return nil, nil, errors.Join(noEnvironment(setErr), settingsErr)
	}
	if set.Environment != nil {
		settings = set.Environment.Settings.Over(settings)
	}
	set.LeaveOut(settings)
	if len(set.Agents) == 0 {
		set.Warnings = append(set.Warnings, &spec.Problem{Pos: spec.Position{File: display}, Message: "holds no definition", Remedy: "check the path"})
	}
	return set, settings, nil
}

// loadSettings reads the settings of a folder and of one of its environments
// without the definitions.
func loadSettings(fsys fs.FS, dir, env string) (*spec.Settings, error) {
	settings, err := spec.LoadSettings(fsys, dir, dir)
	if err != nil || env == "" {
		return settings, err
	}
	environment, err := spec.LoadEnvironment(fsys, dir, dir, env)
	if err != nil {
		return nil, noEnvironment(err)
	}
	return environment.Settings.Over(settings), nil
}

// noEnvironment makes an error of the name of an environment one of usage.
func noEnvironment(err error) error {
	var missing *spec.NoEnvironmentError
	if errors.As(err, &missing) {
		return &usageError{err.Error(), err}
	}
	return err
}

// missing is what stands for a folder that is not there, but of which a commit
// of the line had definitions: whether their agents go is the plan's decision.
func missing(display string) (*spec.Set, *spec.Settings) {
	return &spec.Set{Warnings: spec.Problems{{
		Pos: spec.Position{File: display}, Message: "is not there any more, so there is no definition", Remedy: "check the path",
	}}}, &spec.Settings{}
}

// textsOf lists the files that definitions were read from, by the paths that
// they were read by: those that !file named, and the definition files, which
// may be links.
func textsOf(set *spec.Set) []string {
	var files []string
	seen := map[string]bool{"": true}
	add := func(file string) {
		if !seen[file] {
			seen[file] = true
			files = append(files, file)
		}
	}
	var walk func(v *spec.Value)
	walk = func(v *spec.Value) {
		if v == nil {
			return
		}
		add(v.File())
		for _, item := range v.Items {
			walk(item)
		}
		for _, m := range v.Members {
			walk(m.Value)
		}
	}
	if set.Environment != nil {
		add(set.Environment.File)
	}
	for _, a := range set.Agents {
		add(a.Pos.File)
		walk(a.Fields)
	}
	return files
}
