package sync

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"slices"
	"strings"

	"wassist-sync/spec"
)

// Written remembers what one long-running process wrote, so that it does not
// fight: a difference that is there again at the reading after it was written
// away is held until Git changes the field. One that comes back later, after a
// reading that showed it gone, is somebody's edit and written over like any
// other, but no more often than mostWrites times. It is not for concurrent use.
// A nil Written remembers nothing.
//
// A field of the API is remembered by its whole declared value, since that is
// what a write carries. Secrets are in it: what is kept is a keyed hash, and the
// key never leaves the process.
type Written struct {
	key     []byte
	agents  map[string]map[string]*wrote // by id in lower case, then by path
	numbers map[string]*wrote
}

// mostWrites is how often one value is written to one field until Git changes it.
const mostWrites = 3

// wrote is what was written to a place.
type wrote struct {
	what  fingerprint
	route route // of a number
	times int
	// fresh: no reading has shown yet that it stayed.
	fresh bool
}

// contested tells whether it is not to be written again.
func (w *wrote) contested() bool { return w.fresh || w.times >= mostWrites }

// again counts a write.
func (w *wrote) again(what fingerprint, to route) *wrote {
	if w == nil || w.what != what || w.route != to {
		return &wrote{what: what, route: to, times: 1, fresh: true}
	}
	w.times++
	w.fresh = true
	return w
}

type fingerprint [sha256.Size]byte

// route is what was done to a number.
type route struct {
	action Action
	id     string
}

// NewWritten makes an empty memory.
func NewWritten() *Written {
	key := make([]byte, sha256.Size)
	_, _ = rand.Read(key) // it never fails: crypto/rand ends the program instead
	return &Written{key: key, agents: map[string]map[string]*wrote{}, numbers: map[string]*wrote{}}
}

// Record takes down what a report says was written: what was applied, and what
// the API took and did not store.
func (w *Written) Record(r *Report) {
	if w == nil {
		return
	}
	refs := r.Plan.references
	created := map[string]string{}
	for _, res := range r.Results {
		if res.Action == Create {
			created[res.Agent] = strings.ToLower(res.ID)
		}
	}
	ids := func(key, name string) string {
		if id := created[name]; key == "agent" && id != "" {
			return id
		}
		return refs.targetID(key, name)
	}
	for i := range r.Results {
		res, c := &r.Results[i], &r.Plan.Changes[i]
		if res.ID == "" || res.Outcome != Applied && !errors.Is(res.Err, ErrNotStored) {
			continue
		}
		id := strings.ToLower(res.ID)
		switch c.Action {
		case Create, Update:
			paths := w.agents[id]
			if paths == nil {
				paths = map[string]*wrote{}
				w.agents[id] = paths
			}
			for j := range c.Fields {
				path := c.Fields[j].Path
				paths[path] = paths[path].again(w.fingerprint(c.declared, c.Fields[j].top, ids), route{})
			}
		case Deploy, Undeploy:
			w.numbers[c.Number] = w.numbers[c.Number].again(fingerprint{}, route{c.Action, id})
		case Delete:
			delete(w.agents, id)
		}
	}
}

// forget drops what Git does not say any more, and agents that are gone.
func (w *Written) forget(matches []*match, set *spec.Set) {
	if w == nil {
		return
	}
	declares := map[string]*spec.Agent{}
	for _, x := range matches {
		if x.remote != nil {
			declares[strings.ToLower(x.remote.ID)] = x.def
		}
	}
	for id, paths := range w.agents {
		def := declares[id]
		for path := range paths {
			if def == nil || path != "name" && def.Fields.Get(topOf(path)) == nil {
				delete(paths, path)
			}
		}
		if len(paths) == 0 {
			delete(w.agents, id)
		}
	}
	deployed := map[string]bool{}
	for _, def := range set.Agents {
		for _, d := range def.Deploy {
			deployed[d.Number] = true
		}
	}
	for number, r := range w.numbers {
		if (r.route.action == Deploy) != deployed[number] {
			delete(w.numbers, number)
		}
	}
}

// topOf is the field of the API that a path begins with.
func topOf(path string) string {
	if end := strings.IndexAny(path, ".["); end >= 0 {
		return path[:end]
	}
	return path
}

// contested tells whether a difference is one that was written away before.
func (w *Written) contested(id string, def *spec.Agent, f *Field, refs *references) bool {
	if w == nil {
		return false
	}
	was := w.agents[strings.ToLower(id)][f.Path]
	return was != nil && was.contested() && was.what == w.fingerprint(def, f.top, refs.targetID)
}

// routed tells whether a number was moved like this before.
func (w *Written) routed(c *Change) bool {
	if w == nil || c.ID == "" {
		return false
	}
	was := w.numbers[c.Number]
	return was != nil && was.contested() && was.route == route{c.Action, strings.ToLower(c.ID)}
}

// saw notes what a reading shows of an agent: what was written there and does
// not differ has stayed.
func (w *Written) saw(id string, fields []Field, routes []Change) {
	if w == nil {
		return
	}
	id = strings.ToLower(id)
	for path, was := range w.agents[id] {
		if !slices.ContainsFunc(fields, func(f Field) bool { return f.Path == path }) {
			was.fresh = false
		}
	}
	for number, was := range w.numbers {
		if was.route.id == id && !slices.ContainsFunc(routes, func(c Change) bool { return c.Number == number }) {
			was.fresh = false
		}
	}
}

// fingerprint is equal for two definitions that declare the same for a field.
// What they name by name counts with the id that it has: an agent that was made
// anew is another one.
func (w *Written) fingerprint(def *spec.Agent, top string, ids func(key, name string) string) (out fingerprint) {
	sum := hmac.New(sha256.New, w.key)
	if top == "name" {
		addText(sum, def.Name)
	} else {
		addValue(sum, def.Fields.Get(top), ids)
	}
	sum.Sum(out[:0])
	return out
}

// addText adds a text with its length, so that no two lists of texts look alike.
func addText(sum hash.Hash, text string) {
	sum.Write(binary.BigEndian.AppendUint64(nil, uint64(len(text))))
	sum.Write([]byte(text))
}

func addValue(sum hash.Hash, v *spec.Value, ids func(key, name string) string) {
	if v == nil {
		addText(sum, "absent")
		return
	}
	flag := byte(0)
	if v.Bool {
		flag = 1
	}
	sum.Write([]byte{byte(v.Kind), flag})
	addText(sum, v.Text)
	sum.Write(binary.BigEndian.AppendUint64(nil, uint64(len(v.Items))))
	for _, item := range v.Items {
		addValue(sum, item, ids)
	}
	sum.Write(binary.BigEndian.AppendUint64(nil, uint64(len(v.Members))))
	for _, m := range v.Members {
		addText(sum, m.Key)
		addValue(sum, m.Value, ids)
		addText(sum, ids(m.Key, m.Value.Text))
	}
}

// contestedReason tells of what Options.Written holds back; it takes the paths.
const contestedReason = "written by this process and changed back on Wassist, so not written again until Git changes it: %s. Take the change over into Git, or apply once by hand"

// holdContested takes out of a change what was written away before.
func (b *builder) holdContested(x *match, c *Change) {
	def := c.declared
	b.leaveOut(x, c, Held{Reason: contestedReason, Contested: true}, func(f Field) bool {
		return b.options.Written.contested(x.remote.ID, def, &f, b.refs)
	})
}
