package main

import (
	"context"
	"crypto/sha256"
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
// when the requests of the old one are a window old.
func (k *keptLimiters) limiter(ctx context.Context, key, rate string) (*wassist.Limiter, error) {
	r, err := sync.ParseRate(rate)
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	of := k.of(key)
	of.mu.Lock()
	defer of.mu.Unlock()
	if of.limiter != nil {
		limit, window := of.limiter.Rate()
		if limit == r.Limit && window == r.Window {
			return of.limiter, nil
		}
		if err := of.limiter.Ready(ctx, limit); err != nil {
			return nil, err
		}
	}
	fresh, err := wassist.NewLimiter(r.Limit, r.Window)
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	of.limiter = fresh
	return fresh, nil
}
