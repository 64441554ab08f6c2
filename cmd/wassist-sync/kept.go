package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	gosync "sync"

	"wassist-sync/sync"
	"wassist-sync/wassist"
	"wassist-sync/wassist/simulator"
)

// keptTarget is what stays of a target that is opened for each run anew, with
// the key that it has then. The nil one keeps nothing.
type keptTarget struct {
	mu     gosync.Mutex
	said   bool
	server *simulator.Server
}

// once does what is to be done at the first opening only.
func (k *keptTarget) once(do func()) {
	if k != nil {
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.said {
			return
		}
		k.said = true
	}
	do()
}

// simulator keeps the one of --simulate, whose state would be gone otherwise.
func (k *keptTarget) simulator(start func() (*simulator.Server, error)) (*simulator.Server, error) {
	if k == nil {
		return start()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.server == nil {
		var err error
		if k.server, err = start(); err != nil {
			return nil, err
		}
	}
	return k.server, nil
}

// keptLimiters are the limiters of keys: one limits all requests of a key, of
// whatever target and run.
type keptLimiters struct {
	mu  gosync.Mutex
	all map[[sha256.Size]byte]*keptLimiter
}

// keptLimiter is that of one key, whose targets alone wait for each other.
type keptLimiter struct {
	mu      gosync.Mutex
	limiter *wassist.Limiter
}

func (k *keptLimiters) of(key string) *keptLimiter {
	k.mu.Lock()
	defer k.mu.Unlock()
	id := sha256.Sum256([]byte(key))
	if k.all == nil {
		k.all = map[[sha256.Size]byte]*keptLimiter{}
	}
	if k.all[id] == nil {
		k.all[id] = &keptLimiter{}
	}
	return k.all[id]
}

// limiter gives the one of a key. When its rate has changed, a new one begins
// once the old one is idle: another target's run may still go by the old one, and
// two at the same time would let through what both may.
func (k *keptLimiters) limiter(key, rate string) (*wassist.Limiter, error) {
	r, err := sync.ParseRate(rate)
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	of := k.of(key)
	of.mu.Lock()
	defer of.mu.Unlock()
	if of.limiter != nil {
		limit, window := of.limiter.Rate()
		if limit == r.Limit && window == r.Window || !of.limiter.Idle() {
			return of.limiter, nil
		}
	}
	fresh, err := wassist.NewLimiter(r.Limit, r.Window)
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	of.limiter = fresh
	return fresh, nil
}

// paces are the rates of keys, as the targets say them.
type paces map[[sha256.Size]byte]pace

type pace struct {
	target string
	rate   sync.Rate
}

// add refuses a second rate for one key: its requests are limited together.
func (p paces) add(name string, t *targetFlags, c console) error {
	if t.simulate != "" {
		return nil
	}
	rate, err := sync.ParseRate(t.rate)
	if err != nil {
		return err
	}
	key, err := t.key(c)
	if errors.Is(err, errNoKey) {
		return nil // the environment names its variable, and is not read yet
	}
	if err != nil {
		return err
	}
	id := sha256.Sum256([]byte(key + "\x00" + t.address(c)))
	first, ok := p[id]
	if !ok {
		p[id] = pace{name, rate}
		return nil
	}
	if first.rate != rate {
		return fmt.Errorf("it has the key of %s, but another rate; a key has one limit, so give both the same", first.target)
	}
	return nil
}
