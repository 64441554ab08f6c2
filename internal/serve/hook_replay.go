package serve

import (
	gosync "sync"
	"time"
)

// How long and how many deliveries are remembered. GitHub offers old ones for
// sending again for three days; a run for one of them does no harm, so what
// counts is that nobody can make many.
const (
	rememberFor  = 24 * time.Hour
	rememberMost = 1000
)

// deliveries remembers what came, by its signature and by the id that its sender
// gave it. The id is not signed: alone it would stop nobody.
type deliveries struct {
	lock  gosync.Mutex
	known map[string]bool
	order []delivery // the oldest first
}

type delivery struct {
	at            time.Time
	signature, id string
}

// first remembers a delivery, and tells whether it had not come before.
func (d *deliveries) first(now time.Time, signature, id string) bool {
	if id != "" {
		id = "id:" + label(id)
	}
	d.lock.Lock()
	defer d.lock.Unlock()
	for len(d.order) > 0 && (len(d.order) >= rememberMost || now.Sub(d.order[0].at) >= rememberFor) {
		delete(d.known, d.order[0].signature)
		delete(d.known, d.order[0].id)
		d.order = d.order[1:]
	}
	if d.known[signature] || id != "" && d.known[id] {
		return false
	}
	if d.known == nil {
		d.known = map[string]bool{}
	}
	d.known[signature] = true
	if id != "" {
		d.known[id] = true
	}
	d.order = append(d.order, delivery{now, signature, id})
	return true
}
