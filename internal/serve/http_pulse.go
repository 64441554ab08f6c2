package serve

import (
	"context"
	"time"
)

// noAnswer is said when the states cannot be had.
const noAnswer = "the targets do not answer"

// answerTime is how long the states may take. They lie in memory.
const answerTime = 2 * time.Second

// pulse asks for the states, and is not caught where they cannot be told: a
// health check that hangs would say nothing.
type pulse struct {
	watched Watched
	turn    chan struct{} // holds one while a question is out
	time    time.Duration
}

func newPulse(w Watched) *pulse {
	return &pulse{watched: w, turn: make(chan struct{}, 1), time: answerTime}
}

// states are the targets, unless they do not answer in time. One question at most
// is left hanging.
func (p *pulse) states(ctx context.Context) ([]TargetState, bool) {
	ctx, cancel := context.WithTimeout(ctx, p.time)
	defer cancel()
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, false
	}
	answered := make(chan []TargetState, 1)
	go func() {
		defer func() { <-p.turn }()
		answered <- p.watched.States()
	}()
	select {
	case states := <-answered:
		return states, true
	case <-ctx.Done():
		return nil, false
	}
}
