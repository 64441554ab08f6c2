package spec

import (
	"errors"
	"io/fs"
	"path"
)

// misnamedSettings is a name that people give the settings by habit.
const misnamedSettings = "wassist-sync.yml"

// LoadSettings reads the settings at the top of a folder of definitions; fsys,
// dir and display are as in LoadAs. Without the file, or without the folder, it
// returns empty Settings. A file that is there and cannot be read is an error,
// and so is a symlink that leads nowhere: what protects agents must not vanish
// without a word. The error is Problems; either the Settings or the error is nil.
func LoadSettings(fsys fs.FS, dir, display string) (*Settings, error) {
	l := &loader{fsys: fsys, dir: path.Clean(dir), display: path.Clean(display)}
	err := checkFolder(fsys, l.dir, l.display)
	if errors.Is(err, fs.ErrNotExist) {
		return &Settings{}, nil
	}
	if err != nil {
		return nil, err
	}
	file := path.Join(l.dir, SettingsFile)
	raw, err := l.settingsText(file)
	if errors.Is(err, fs.ErrNotExist) {
		return &Settings{}, nil
	}
	if err != nil {
		return nil, err
	}
	return ParseSettings(l.show(file), raw)
}

// settingsText reads a file of settings. The error is Problems, or one that
// satisfies errors.Is(err, fs.ErrNotExist) when there is no such file; a symlink
// that leads nowhere is a problem.
func (l *loader) settingsText(file string) ([]byte, error) {
	info, err := fs.Lstat(l.fsys, file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fs.ErrNotExist
	}
	link := err == nil && info.Mode()&fs.ModeSymlink != 0
	raw, err := readFile(l.fsys, file, maxFileSize)
	if err != nil {
		return nil, Problems{unreadableSettings(l.whole(file), err, link)}
	}
	return raw, nil
}

// unreadableSettings tells why a settings file cannot be read.
func unreadableSettings(file Position, err error, link bool) *Problem {
	what, remedy := why(err, "4 MiB")
	switch {
	case errors.Is(err, errLarge):
		remedy = "shorten it: settings are a few lines"
	case errors.Is(err, errFolder), errors.Is(err, errSpecial):
		remedy = "write the settings into a file of that name"
	}
	if link {
		what = "is a symlink whose target " + what
	}
	return problemf(file, "", remedy, "%s", what)
}
