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
	l := &loader{fsys: fsys, dir: path.Dir(file), display: path.Dir(file), texts: map[string]textFile{}}
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
