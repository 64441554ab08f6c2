package gitsrc

import (
	"cmp"
	"slices"

	"wassist-sync/spec"
)

// Match says which documents of the line the definitions of a folder are, as if
// these were the next commit after the one that the Line is read for: by id,
// name, place and likeness, as documents of two commits are paired, and then,
// for one that comes in, a document that left under its id or name before. The
// File of each position is the path inside the repository, and text reads such
// a file; it is asked only when likeness has to decide. A definition that is no
// document of the line, as far as the walk has come, is not in the answer.
func (l *Line) Match(agents []*spec.Agent, text func(file string) ([]byte, error)) (map[*spec.Agent]*Document, error) {
	m := &matcher{line: l, read: text, files: map[string]*matchedFile{}, agents: map[*docFacts]*spec.Agent{}, documents: map[*docFacts]*Document{}}
	now, old := m.definitions(agents), m.standing()
	p, err := pair(old, now, m.text)
	if err != nil {
		return nil, err
	}
	found := map[*spec.Agent]*Document{}
	for _, both := range p.pairs {
		found[m.agents[both[1]]] = m.documents[both[0]]
	}
	m.comeback(p.entered, found)
	return found, nil
}

type matcher struct {
	line      *Line
	read      func(file string) ([]byte, error)
	files     map[string]*matchedFile
	agents    map[*docFacts]*spec.Agent
	documents map[*docFacts]*Document
}

// matchedFile is a file of the definitions, and its text once it was asked for.
type matchedFile struct {
	agents []*spec.Agent
	text   []string
	docs   []*docFacts
}

// definitions takes down of each definition what pairing needs.
func (m *matcher) definitions(agents []*spec.Agent) []*docFacts {
	for _, a := range agents {
		f := m.files[a.Pos.File]
		if f == nil {
			f = &matchedFile{}
			m.files[a.Pos.File] = f
		}
		f.agents = append(f.agents, a)
	}
	var now []*docFacts
	for _, name := range sortedKeys(m.files) {
		f := m.files[name]
		f.agents = inOrder(f.agents)
		for i, a := range f.agents {
			d := &docFacts{file: name, index: i, name: a.Name, id: a.ID}
			m.agents[d] = a
			now = append(now, d)
		}
	}
	return now
}

// standing gives the documents of the commit, in the order of their files.
func (m *matcher) standing() []*docFacts {
	type current struct {
		document *Document
		version  *Version
	}
	var all []current
	for _, d := range m.line.documents {
		if v := d.Current(); v != nil {
			all = append(all, current{d, v})
		}
	}
	slices.SortFunc(all, func(a, b current) int {
		return cmp.Or(cmp.Compare(a.version.File, b.version.File), a.version.Line-b.version.Line)
	})
	old := make([]*docFacts, len(all))
	for i, c := range all {
		facts := *c.version.facts // documents that say the same may share theirs
		old[i] = &facts
		m.documents[old[i]] = c.document
	}
	return old
}

// text gives the lines of a document of either side.
func (m *matcher) text(d *docFacts) ([]string, error) {
	if m.agents[d] == nil {
		return m.line.r.text(d)
	}
	f := m.files[d.file]
	if f.docs == nil {
		content, err := m.read(d.file)
		if err != nil {
			return nil, err
		}
		f.text = lines(content)
		f.docs = documents(d.file, f.agents, f.text)
	}
	return f.docs[d.index].within(f.text), nil
}

// comeback finds newcomers that left the line before, as fold.leave does for
// those of a commit.
func (m *matcher) comeback(newcomers []*docFacts, found map[*spec.Agent]*Document) {
	waiting := slices.Clone(newcomers)
	slices.Reverse(waiting)
	for _, d := range m.line.documents {
		at := slices.IndexFunc(d.Versions, func(v *Version) bool { return !v.Later })
		if d.Standing || at < 0 {
			continue
		}
		left := d.Versions[at].facts
		for _, by := range identities {
			i := slices.IndexFunc(waiting, func(n *docFacts) bool { return by(left) != "" && by(left) == by(n) })
			if i >= 0 {
				found[m.agents[waiting[i]]] = d
				waiting = slices.Delete(waiting, i, i+1)
				break
			}
		}
	}
}
