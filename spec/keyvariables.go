package spec

import (
	"io/fs"
	"path"
	"regexp"
)

// keyVariable finds the name that apiKeyEnv has, also in a file that does not parse.
var keyVariable = regexp.MustCompile(`apiKeyEnv["']?[ \t]*:[ \t]*["']?([A-Za-z_][A-Za-z0-9_]*)`)

// KeyVariables lists the variables that hold API keys, as the settings of a folder
// and all of its environments name them: one job may have the keys of several, and
// no definition may take in any. fsys and dir are as in Load. What cannot be read
// names none.
func KeyVariables(fsys fs.FS, dir string) []string {
	l := &loader{fsys: fsys, dir: path.Clean(dir), display: path.Clean(dir)}
	files := []string{path.Join(l.dir, SettingsFile)}
	names, _ := l.environments("")
	for _, name := range names {
		files = append(files, path.Join(l.dir, environmentsFolder, name+".yaml"))
	}
	var found []string
	for _, file := range files {
		text, err := l.settingsText(file)
		if err != nil {
			continue
		}
		for _, m := range keyVariable.FindAllSubmatch(text, -1) {
			found = append(found, string(m[1]))
		}
	}
	return found
}
