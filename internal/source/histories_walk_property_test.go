package source_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"wassist-sync/wassist/simulator"
)

// walk is one random history: steps that commit, that change agents by hand,
// and that apply. Each step draws from a source of its own, so that others can
// be left out when a failure is made small.
type walk struct {
	seed  uint64
	skip  map[int]bool
	steps int
	next  int
	story []string

	now    int64 // the true time, in seconds
	skewed bool  // clocks of committers may be wrong
	// main and branch are the tips; branch started at base, and is nil when none is open.
	main, branch, base *commit
	fresh              []*commit // not written yet
	documents          int       // made so far
	written            []definition
	server             *simulator.Server
	pending            *application
	// home is the agent to which an apply led each document last.
	home  map[int]string
	tally tally
}

// application is an apply that is to be made.
type application struct {
	back    int // commits behind the tip
	depth   int // how many commits the clone holds; 0 for all
	accept  bool
	deletes int // --max-deletes; -1 for the default
}

const start = 1_700_000_000

func newWalk(seed uint64, skip map[int]bool) (*walk, error) {
	w := &walk{seed: seed, skip: skip, now: start, home: map[int]string{}, tally: tally{}}
	r := w.random(-1)
	w.steps = 6 + r.IntN(16)
	w.skewed = r.IntN(3) == 0
	server, err := simulator.New(simulator.Options{
		Empty: true, RateLimit: -1, Seed: int64(seed>>1) | 1,
		Now: func() time.Time { return time.Unix(w.now, 0) },
	})
	w.server = server
	return w, err
}

func (w *walk) random(step int) *rand.Rand { return rand.New(rand.NewPCG(w.seed, uint64(step+1))) }

func (w *walk) say(format string, args ...any) {
	w.story = append(w.story, fmt.Sprintf("%3d  +%ds  ", w.next-1, w.now-start)+fmt.Sprintf(format, args...))
}

// advance makes steps until one applies; false when there are no more.
func (w *walk) advance() bool {
	w.pending = nil
	for w.pending == nil && w.next <= w.steps {
		step := w.next
		w.next++
		if w.skip[step] {
			continue
		}
		w.step(w.random(step), step == w.steps)
	}
	return w.pending != nil
}

func (w *walk) step(r *rand.Rand, end bool) {
	if r.IntN(12) > 0 { // now and then two things happen within a second
		w.now += 10 + r.Int64N(600)
	}
	n := r.IntN(100)
	switch {
	case w.main == nil:
		e := &edit{r: r, w: w, files: map[string]file{}}
		for range 1 + r.IntN(4) {
			e.change()
		}
		w.main = w.commit(r, e.files, "start: "+strings.Join(e.said, ", "))
	case end:
		w.pending = &application{accept: true, deletes: -1}
	case n < 34:
		w.main = w.edit(r, w.main, "main")
	case n < 42:
		if w.branch == nil {
			w.branch, w.base = w.main, w.main
		}
		w.branch = w.edit(r, w.branch, "branch")
	case n < 49:
		w.land(r)
	case n < 54:
		w.revert(r)
	case n < 55:
		if p := w.main.first(); p != nil {
			w.main = p
			w.say("force-push main back by one")
		}
	case n < 78:
		w.byHand(r)
	default:
		w.pending = &application{accept: r.IntN(4) > 0, deletes: -1}
		switch r.IntN(12) {
		case 0, 1:
			w.pending.back = 1 + r.IntN(3)
		case 2:
			w.pending.depth = 1 + r.IntN(3)
		case 3:
			w.pending.deletes = r.IntN(2)
		}
	}
}

// commit makes a commit, with a wrong clock now and then.
func (w *walk) commit(r *rand.Rand, files map[string]file, what string, parents ...*commit) *commit {
	c := &commit{files: files, parents: parents, clock: w.now}
	if w.skewed && r.IntN(5) == 0 {
		c.clock += r.Int64N(8000) - 4000
		what += fmt.Sprintf(" (the clock says +%ds)", c.clock-start)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		w.written = append(w.written, files[name].docs...)
	}
	w.fresh = append(w.fresh, c)
	w.say("%s", what)
	return c
}

func (w *walk) edit(r *rand.Rand, tip *commit, branch string) *commit {
	e := &edit{r: r, w: w, files: maps.Clone(tip.files)}
	for range 1 + r.IntN(6)/5 {
		e.change()
	}
	if e.said == nil {
		return tip
	}
	return w.commit(r, e.files, branch+": "+strings.Join(e.said, ", "), tip)
}

// merged lays what changed from one commit to another over files. Where both
// sides changed a file, one wins.
func merged(r *rand.Rand, files, from, to map[string]file) map[string]file {
	out := maps.Clone(files)
	theirs := r.IntN(2) == 0
	for path := range both(from, to) {
		was, there := from[path]
		is, stays := to[path]
		now, here := files[path]
		if there == stays && was.same(is) || (here != there || !now.same(was)) && !theirs {
			continue
		}
		if out[path] = is; !stays {
			delete(out, path)
		}
	}
	tidy(out)
	return out
}

func both(a, b map[string]file) map[string]file {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// land brings the open branch to main.
func (w *walk) land(r *rand.Rand) {
	if w.branch == nil || w.branch == w.base {
		return
	}
	branch, base := w.branch, w.base
	w.branch, w.base = nil, nil
	switch n := r.IntN(10); {
	case w.main == base && n < 4:
		w.main = branch
		w.say("fast-forward main to the branch")
	case n < 5:
		w.main = w.commit(r, merged(r, w.main.files, base.files, branch.files), "merge the branch", w.main, branch)
	case n < 7:
		w.main = w.commit(r, merged(r, w.main.files, base.files, branch.files), "squash the branch", w.main)
	case n < 9:
		var chain []*commit
		for c := branch; c != base; c = c.first() {
			chain = append(chain, c)
		}
		for _, c := range slices.Backward(chain) {
			w.main = w.commit(r, merged(r, w.main.files, c.first().files, c.files), "rebase a commit of the branch", w.main)
		}
	default: // main was merged into the branch, and the branch pushed as main
		w.main = w.commit(r, merged(r, branch.files, base.files, w.main.files), "merge main into the branch, which becomes main", branch, w.main)
	}
}

// revert undoes one of the last commits of main, a revert perhaps.
func (w *walk) revert(r *rand.Rand) {
	line := w.main.line()
	back := r.IntN(min(len(line), 4))
	c := line[len(line)-1-back]
	if c.first() == nil {
		return
	}
	w.main = w.commit(r, merged(r, w.main.files, c.files, c.first().files), fmt.Sprintf("revert main~%d", back), w.main)
}

// agents are those of the organization.
func (w *walk) agents() []agent {
	var all []agent
	for _, a := range w.server.Agents() {
		text := func(key string) string { s, _ := a[key].(string); return s }
		created, err := time.Parse(time.RFC3339Nano, text("createdAt"))
		if err != nil {
			created = time.Time{}
		}
		all = append(all, agent{text("id"), text("name"), text("description"), text("systemPrompt"), created, a})
	}
	slices.Reverse(all) // the oldest first
	return all
}

// byHand does what people do on Wassist.
func (w *walk) byHand(r *rand.Rand) {
	agents := w.agents()
	name := pick(r, slices.Concat(names, names, people))
	n := r.IntN(20)
	if len(agents) == 0 || n < 7 {
		w.makeByHand(r, name)
		return
	}
	a := pick(r, agents)
	switch {
	case n < 10:
		w.must(w.server.EditAgent(a.id, map[string]any{"description": fmt.Sprintf("Edited %d", r.IntN(100))}))
		w.say("by hand: edit %s %s", a.name, a.id[:8])
	case n < 13:
		w.must(w.server.EditAgent(a.id, map[string]any{"name": name}))
		w.say("by hand: rename %s %s to %s", a.name, a.id[:8], name)
	case n < 16:
		w.server.RemoveAgent(a.id)
		w.say("by hand: delete %s %s", a.name, a.id[:8])
	case n < 18:
		w.server.RemoveAgent(a.id)
		w.say("by hand: delete %s %s, to make it again", a.name, a.id[:8])
		w.makeByHand(r, a.name)
	default: // of several of one name, one goes
		for _, other := range agents {
			if other.name == a.name && other.id != a.id {
				w.server.RemoveAgent(a.id)
				w.say("by hand: delete %s %s, there is another", a.name, a.id[:8])
				break
			}
		}
	}
}

func (w *walk) must(err error) {
	if err != nil {
		panic(err) // a mistake of the test
	}
}

// makeByHand makes an agent: with words of its own, with those of a
// definition, or with nothing but its name.
func (w *walk) makeByHand(r *rand.Rand, name string) {
	fields := map[string]any{"name": name}
	switch r.IntN(4) {
	case 0, 1:
		fields["description"], fields["systemPrompt"] = "Made by hand", "Be kind."
	case 2:
		var like []definition
		for _, d := range w.written {
			if d.name == name && !d.bare {
				like = append(like, d)
			}
		}
		if len(like) > 0 {
			d := pick(r, like)
			fields["description"], fields["systemPrompt"] = d.description(), d.prompt()
		}
	}
	switch r.IntN(25) {
	case 0:
		fields["createdAt"] = "2023-11-15 10:00:00" // without a zone
	case 1:
		fields["createdAt"] = "long ago"
	}
	id := w.server.AddAgent(fields)
	w.say("by hand: make %s %s %v", name, id[:8], fields["description"])
}
