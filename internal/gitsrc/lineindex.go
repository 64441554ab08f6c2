package gitsrc

import (
	"maps"
	"slices"
)

func (l *Line) newDocument(v *Version, s Stay) *Document {
	d := &Document{ID: len(l.documents) + 1, Stays: []Stay{s}}
	l.documents = append(l.documents, d)
	l.addVersion(d, v)
	return d
}

func (l *Line) addVersion(d *Document, v *Version) {
	d.Versions = append(d.Versions, v)
	l.index(d, v)
}

func (l *Line) index(d *Document, v *Version) {
	if !slices.Contains(l.byName[v.Name], d) {
		l.byName[v.Name] = append(l.byName[v.Name], d)
	}
	if v.ID != "" && !slices.Contains(l.byID[v.ID], d) {
		l.byID[v.ID] = append(l.byID[v.ID], d)
	}
}

// forget takes a document out that turned out to be another one.
func (l *Line) forget(d *Document) {
	is := func(other *Document) bool { return other == d }
	l.documents = slices.DeleteFunc(l.documents, is)
	for _, v := range d.Versions {
		l.byName[v.Name] = slices.DeleteFunc(l.byName[v.Name], is)
		l.byID[v.ID] = slices.DeleteFunc(l.byID[v.ID], is)
	}
}

// noteOnce adds a note unless one of its topic is there.
func (l *Line) noteOnce(topic, note string) {
	if !l.noted[topic] {
		l.noted[topic] = true
		l.notes = append(l.notes, note)
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
