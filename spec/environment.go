package spec

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// environmentsFolder is where environments lie, at the top of the folder of
// definitions.
const environmentsFolder = "environments"

// Environment is what environments/NAME.yaml says: values for !var, and settings
// that go before those of wassist-sync.yaml.
type Environment struct {
	Name string
	// File is its path as positions show it.
	File     string
	Settings *Settings
	// Vars are the values for !var, each a Text, in written order.
	Vars []Member
}

// environmentField is an environment file as a whole.
var environmentField = Field{Type: TypeObject, Fields: EnvironmentFields}

// environmentName is what an environment may be called. It becomes a part of
// file names, and of names that GitHub shows.
var environmentName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// NoEnvironmentError says that there is no environment of that name.
type NoEnvironmentError struct {
	Name string
	// Folder is where environments lie, as positions show it.
	Folder string
	// Known are the environments that there are.
	Known []string
	// Misnamed is a file that was probably meant, and is not read; or empty.
	Misnamed string
}

// Error lists what there is.
func (e *NoEnvironmentError) Error() string {
	text := fmt.Sprintf("there is no environment %s in %s", quote(e.Name), e.Folder)
	switch near := nearest(e.Name, e.Known); {
	case !environmentName.MatchString(e.Name):
		return fmt.Sprintf("%s is no name of an environment: letters, digits, -, _ and . make one, and the first is a letter or a digit", quote(e.Name))
	case e.Misnamed != "":
		return text + "; rename " + e.Misnamed + " to " + e.Name + ".yaml"
	case len(e.Known) == 0:
		return text + "; add " + path.Join(e.Folder, e.Name+".yaml")
	case near != "":
		return text + "; did you mean " + near + "? There are " + strings.Join(e.Known, ", ")
	}
	return text + "; there are " + strings.Join(e.Known, ", ")
}

// ParseEnvironment reads the content of one environment file; file is its path
// in positions. The error is Problems with everything that is wrong; either the
// Environment or the error is nil.
func ParseEnvironment(name, file string, text []byte) (*Environment, error) {
	e := &Environment{Name: name, File: file, Settings: &Settings{File: file}}
	err := parseSettings(file, text, func(d *decoder, root *yaml.Node) {
		for _, m := range d.readSettings(&environmentField, e.Settings, root) {
			for _, v := range m.Value.Members {
				if !envName.MatchString(v.Key) {
					d.addf(v.Pos(), "vars", "write letters, digits and _", "%s is not the name of a variable", quote(v.Key))
				}
			}
			e.Vars = m.Value.Members
		}
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

// LoadEnvironment reads an environment of a folder of definitions; fsys, dir and
// display are as in LoadAs. The error is Problems, or a *NoEnvironmentError.
func LoadEnvironment(fsys fs.FS, dir, display, name string) (*Environment, error) {
	l := &loader{fsys: fsys, dir: path.Clean(dir), display: path.Clean(display)}
	return l.environment(name)
}

func (l *loader) environment(name string) (*Environment, error) {
	file := path.Join(l.dir, environmentsFolder, name+".yaml")
	missing := &NoEnvironmentError{Name: name, Folder: l.show(path.Dir(file))}
	if !environmentName.MatchString(name) {
		return nil, missing
	}
	text, err := l.settingsText(file)
	if errors.Is(err, fs.ErrNotExist) {
		if !l.single {
			missing.Known, missing.Misnamed = l.environments(name)
		}
		return nil, missing
	}
	if err != nil {
		return nil, err
	}
	return ParseEnvironment(name, l.show(file), text)
}

// environments lists the environments that there are, and tells which file may
// have been meant by a name that none has.
func (l *loader) environments(meant string) (names []string, misnamed string) {
	entries, err := fs.ReadDir(l.fsys, path.Join(l.dir, environmentsFolder))
	if err != nil { // there are none
		return nil, ""
	}
	for _, entry := range entries {
		if name, ok := strings.CutSuffix(entry.Name(), ".yaml"); ok && environmentName.MatchString(name) && !entry.IsDir() {
			names = append(names, name)
		}
		if entry.Name() == meant+".yml" {
			misnamed = l.show(path.Join(l.dir, environmentsFolder, entry.Name()))
		}
	}
	slices.Sort(names)
	return names, misnamed
}

// Environments lists the names of a folder's environments, sorted; fsys, dir and
// display are as in LoadAs. Names that start with "." or "_" are skipped, as in
// Load. The error is Problems: files beside them that people would take for
// environments.
func Environments(fsys fs.FS, dir, display string) ([]string, error) {
	l := &loader{fsys: fsys, dir: path.Clean(dir), display: path.Clean(display)}
	folder := path.Join(l.dir, environmentsFolder)
	entries, err := fs.ReadDir(fsys, folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		what, remedy := why(err, "")
		return nil, Problems{problemf(l.whole(folder), "", remedy, "%s", what)}
	}
	var c collector
	for _, entry := range entries {
		name := entry.Name()
		base := strings.TrimSuffix(strings.TrimSuffix(name, ".yaml"), ".yml")
		here := l.whole(path.Join(folder, name))
		switch {
		case strings.HasPrefix(name, "."), strings.HasPrefix(name, "_"), base == name, entry.IsDir():
		case strings.HasSuffix(name, ".yml"):
			c.addf(here, "", "rename it to "+base+".yaml", "is not where an environment is read from")
		case !environmentName.MatchString(base):
			c.addf(here, "", "rename it: letters, digits, -, _ and . make a name, and the first is a letter or a digit", "is no name of an environment")
		}
	}
	names, _ := l.environments("")
	return names, c.finish(l.show(folder))
}

// Over gives what both say together: a single value of s goes before that of
// base, and the lists of both hold, since what is listed is never touched,
// whatever else is said. Either may be nil.
func (s *Settings) Over(base *Settings) *Settings {
	if s == nil || base == nil {
		if s == nil {
			return base
		}
		return s
	}
	out := *s
	for _, v := range []struct{ to, from **Value }{
		{&out.Organization, &base.Organization}, {&out.Prune, &base.Prune}, {&out.MaxDeletes, &base.MaxDeletes},
		{&out.OnDrift, &base.OnDrift}, {&out.Rate, &base.Rate}, {&out.APIKeyEnv, &base.APIKeyEnv},
	} {
		if *v.to == nil {
			*v.to = *v.from
		}
	}
	out.Unmanaged = slices.Concat(base.Unmanaged, s.Unmanaged)
	out.Exclude = slices.Concat(base.Exclude, s.Exclude)
	return &out
}

// LeaveOut takes the definitions that exclude stands for out of what is applied:
// they stay in the set, as Excluded, and say nothing. An entry that stands for
// none is a warning.
func (s *Set) LeaveOut(settings *Settings) {
	var names []string
	for _, a := range s.Agents {
		names = append(names, a.Name)
		if settings.IsExcluded(a.Name, a.ID) {
			a.leaveOut()
		}
	}
	var c collector
	for _, entry := range settings.Exclude {
		if slices.ContainsFunc(s.Agents, func(a *Agent) bool { return standsFor(entry.Text, a.Name, a.ID) }) {
			continue
		}
		remedy := "remove it if its definition is gone"
		if n := nearest(entry.Text, names); n != "" {
			remedy = "did you mean " + quote(n) + "? Otherwise " + remedy
		}
		c.warnf(entry.Pos, "exclude", remedy, "no definition is called %s", quote(entry.Text))
	}
	s.Warnings = append(s.Warnings, c.warnings...)
	s.Warnings.sort()
}

func (a *Agent) leaveOut() {
	a.LeftOut = a.Variables()
	a.Excluded = true
	a.Fields = &Value{Kind: Object, Pos: a.Fields.Pos}
	a.Deploy = nil
}
