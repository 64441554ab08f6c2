package spec

import (
	"io/fs"
	"path"
)

// LoadFile reads one definition file without the checks that need the whole
// folder (names, ids and numbers that stand twice, handoffs to names that
// nobody bears): it serves readers of history, for whom a definition counts
// even where it was at odds with another one. fsys and file are as in Load.
// The agents come in the order of the file. The error is Problems.
func LoadFile(fsys fs.FS, file string) ([]*Agent, error) {
	return LoadFileIn(fsys, path.Dir(file), file, "")
}

// LoadFileIn is LoadFile for an environment of the folder dir, which is read
// when the file has a !var, and not before the file itself; empty for none.
func LoadFileIn(fsys fs.FS, dir, file, environment string) ([]*Agent, error) {
	l := &loader{fsys: fsys, dir: dir, display: dir, texts: map[string]textFile{}, vars: variables{name: environment}, single: true}
	l.file(file)
	if err := l.all.finish(file); err != nil {
		return nil, err
	}
	agents := make([]*Agent, len(l.documents))
	for i, d := range l.documents {
		agents[i] = d.agent
	}
	return agents, nil
}
