package source_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// Few names and files, so that histories meet themselves again. Nobody defines
// the names of people.
var (
	names  = []string{"Orders", "Billing", "Desk", "Returns", "Stock", "Tours"}
	people = []string{"Ada", "Grace", "Orders 2"}
	paths  = []string{"agents/a.yaml", "agents/b.yaml", "agents/c.yaml", "agents/sub/d.yaml", "agents/sub/e.yaml", "old/f.yaml"}
)

// edit is what one commit does to the files. Its choices come from r.
type edit struct {
	r     *rand.Rand
	w     *walk
	files map[string]file
	said  []string // what was done, in words
}

func (e *edit) say(format string, args ...any) { e.said = append(e.said, fmt.Sprintf(format, args...)) }

// spot is where a document stands.
type spot struct {
	path string
	i    int
}

func (e *edit) at(s spot) *definition { return &e.files[s.path].docs[s.i] }

// spots lists the documents of files that can be read.
func (e *edit) spots() []spot {
	var all []spot
	for _, path := range slices.Sorted(maps.Keys(e.files)) {
		for i := range e.files[path].docs {
			if !e.files[path].broken {
				all = append(all, spot{path, i})
			}
		}
	}
	return all
}

// own makes the file's documents ones that may be changed.
func (e *edit) own(path string) {
	f := e.files[path]
	f.docs = slices.Clone(f.docs)
	e.files[path] = f
}

func (e *edit) take(s spot) definition {
	d := *e.at(s)
	f := e.files[s.path]
	f.docs = slices.Delete(slices.Clone(f.docs), s.i, s.i+1)
	e.files[s.path] = f
	if len(f.docs) == 0 {
		delete(e.files, s.path)
	}
	return d
}

// put adds a document to a file that can be read; false when there is none.
func (e *edit) put(d definition, path string) bool {
	f := e.files[path]
	if f.broken {
		return false
	}
	at := e.r.IntN(len(f.docs) + 1)
	f.docs = slices.Insert(slices.Clone(f.docs), at, d)
	e.files[path] = f
	return true
}

// free are the names that no definition bears.
func (e *edit) free() []string {
	taken := map[string]bool{}
	for _, f := range e.files {
		for _, d := range f.docs {
			taken[d.name] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return taken[n] })
}

func (e *edit) taken(id string) bool {
	for _, f := range e.files {
		if slices.ContainsFunc(f.docs, func(d definition) bool { return d.id == id }) {
			return true
		}
	}
	return false
}

func pick[T any](r *rand.Rand, all []T) T { return all[r.IntN(len(all))] }

// path is a place for a document, mostly inside the folder.
func (e *edit) path() string {
	if e.r.IntN(12) > 0 {
		return pick(e.r, paths[:len(paths)-1])
	}
	return pick(e.r, paths)
}

func (e *edit) newcomer(name string) definition {
	e.w.documents++
	d := definition{who: e.w.documents, name: name, topic: e.w.documents, bare: e.r.IntN(8) == 0}
	for i := range d.rules {
		d.rules[i] = e.r.IntN(1000)
	}
	return d
}

// change does one thing to the files. What cannot be done is not.
func (e *edit) change() {
	all := e.spots()
	free := e.free()
	n := e.r.IntN(100)
	if len(all) == 0 && n < 70 {
		n = 0
	}
	if len(all) == 0 && n >= 20 && n < 94 {
		return
	}
	var s spot
	if len(all) > 0 {
		s = pick(e.r, all)
	}
	switch {
	case n < 14 && len(free) > 0:
		d := e.newcomer(pick(e.r, free))
		if path := e.path(); e.put(d, path) {
			e.say("add %s (%d) to %s", d.name, d.who, path)
		}
	case n < 20:
		e.again(free)
	case n < 28:
		e.own(s.path)
		e.at(s).rules[e.r.IntN(rules)] = 1000 + e.r.IntN(1000)
		e.say("edit %s (%d)", e.at(s).name, e.at(s).who)
	case n < 42 && len(free) > 0:
		e.rename(s, pick(e.r, free))
	case n < 46:
		other := pick(e.r, all)
		e.own(s.path)
		e.own(other.path)
		a, b := e.at(s), e.at(other)
		a.name, b.name = b.name, a.name
		a.previous, b.previous = "", ""
		e.say("exchange the names of %s (%d) and %s (%d)", b.name, a.who, a.name, b.who)
	case n < 52:
		path := e.path()
		if _, there := e.files[path]; !there {
			e.files[path] = e.files[s.path]
			delete(e.files, s.path)
			e.say("move %s to %s", s.path, path)
		}
	case n < 57:
		d := e.take(s)
		path := e.path()
		if !e.put(d, path) {
			path = s.path
			e.put(d, path)
		}
		e.say("take %s (%d) from %s to %s", d.name, d.who, s.path, path)
	case n < 60:
		e.own(s.path)
		fresh := e.newcomer("")
		e.at(s).topic, e.at(s).rules, e.at(s).bare = fresh.topic, fresh.rules, fresh.bare
		e.say("rewrite %s (%d)", e.at(s).name, e.at(s).who)
	case n < 72:
		d := e.take(s)
		e.say("delete %s (%d)", d.name, d.who)
	case n < 74:
		delete(e.files, s.path)
		e.say("delete %s", s.path)
	case n < 81:
		e.pin(s)
	case n < 84:
		e.own(s.path)
		e.at(s).id = ""
		e.say("unpin %s (%d)", e.at(s).name, e.at(s).who)
	case n < 88:
		e.own(s.path)
		d := e.at(s)
		d.previous = pick(e.r, []string{"", "[]", "[]", "[" + pick(e.r, names) + "]", "[" + pick(e.r, people) + "]"})
		if slices.Contains(d.previousNames(), d.name) {
			d.previous = ""
		}
		e.say("%s (%d) gets previousNames: %s", d.name, d.who, d.previous)
	case n < 89:
		e.own(s.path)
		e.at(s).protect = !e.at(s).protect
		e.say("protect %s (%d): %t", e.at(s).name, e.at(s).who, e.at(s).protect)
	case n < 91 && len(free) > 0:
		d := *e.at(s)
		e.w.documents++
		d.who, d.name, d.id, d.previous = e.w.documents, pick(e.r, free), "", ""
		if path := e.path(); e.put(d, path) {
			e.say("copy %s (%d) as %s (%d) to %s", e.at(s).name, e.at(s).who, d.name, d.who, path)
		}
	case n < 94:
		f := e.files[s.path]
		f.broken = true
		e.files[s.path] = f
		e.say("break %s", s.path)
	case n < 99:
		for _, path := range slices.Sorted(maps.Keys(e.files)) {
			if f := e.files[path]; f.broken {
				f.broken = false
				e.files[path] = f
				e.say("mend %s", path)
				break
			}
		}
	default:
		maps.DeleteFunc(e.files, func(path string, _ file) bool { return strings.HasPrefix(path, "agents/") })
		e.say("delete agents")
	}
}

func (e *edit) rename(s spot, name string) {
	e.own(s.path)
	d := e.at(s)
	e.say("rename %s (%d) to %s", d.name, d.who, name)
	d.name = name
	if slices.Contains(d.previousNames(), name) {
		d.previous = ""
	}
}

// again brings back a document that was deleted, as it was at some time,
// perhaps as a document of its own.
func (e *edit) again(free []string) {
	if len(e.w.written) == 0 {
		return
	}
	d := pick(e.r, e.w.written)
	for _, f := range e.files {
		if slices.ContainsFunc(f.docs, func(other definition) bool { return other.who == d.who }) {
			return
		}
	}
	if !slices.Contains(free, d.name) || d.id != "" && e.taken(d.id) {
		return
	}
	if e.r.IntN(3) == 0 {
		fresh := e.newcomer(d.name)
		fresh.id = d.id
		d = fresh
	}
	if path := e.path(); e.put(d, path) {
		e.say("bring %s (%d) back in %s", d.name, d.who, path)
	}
}

// pin pins the agent of that name, another one, or one that there is not.
func (e *edit) pin(s spot) {
	id := fmt.Sprintf("%08x-0000-4000-8000-000000000000", e.r.Uint32())
	agents := e.w.agents()
	if len(agents) > 0 && e.r.IntN(6) > 0 {
		id = pick(e.r, agents).id
		for _, a := range agents {
			if a.name == e.at(s).name && e.r.IntN(2) > 0 {
				id = a.id
			}
		}
	}
	if e.taken(id) {
		return
	}
	e.own(s.path)
	e.at(s).id = id
	e.say("pin %s (%d) to %s", e.at(s).name, e.at(s).who, id[:8])
}

// tidy drops documents that stand twice, as whoever resolves a merge does.
func tidy(files map[string]file) {
	who, name, id := map[int]bool{}, map[string]bool{}, map[string]bool{}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		f := files[path]
		f.docs = slices.DeleteFunc(slices.Clone(f.docs), func(d definition) bool {
			twice := who[d.who] || name[d.name] || d.id != "" && id[d.id]
			if !twice {
				who[d.who], name[d.name], id[d.id] = true, true, true
			}
			return twice
		})
		files[path] = f
		if len(f.docs) == 0 {
			delete(files, path)
		}
	}
}
