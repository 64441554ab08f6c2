package sync_test

import (
	"context"
	"fmt"
	"testing"

	"wassist-sync/internal/remote"
	"wassist-sync/sync"
	"wassist-sync/wassist/simulator"
)

// mortal is a writer whose process is killed at its n-th write, before or after
// the write took effect.
type mortal struct {
	*remote.API
	n     int
	after bool
}

type killed struct{}

func (m *mortal) write(do func()) {
	m.n--
	if m.n > 0 || m.after {
		do()
	}
	if m.n == 0 {
		panic(killed{})
	}
}

func (m *mortal) CreateAgent(ctx context.Context, name string) (a sync.Agent, err error) {
	m.write(func() { a, err = m.API.CreateAgent(ctx, name) })
	return a, err
}

func (m *mortal) UpdateAgent(ctx context.Context, base sync.Agent, fields map[string]any, whole bool) (a sync.Agent, err error) {
	m.write(func() { a, err = m.API.UpdateAgent(ctx, base, fields, whole) })
	return a, err
}

func (m *mortal) DeleteAgent(ctx context.Context, id string) (err error) {
	m.write(func() { err = m.API.DeleteAgent(ctx, id) })
	return err
}

func (m *mortal) ConnectNumber(ctx context.Context, n sync.PhoneNumber, id string, existing bool) (err error) {
	m.write(func() { err = m.API.ConnectNumber(ctx, n, id, existing) })
	return err
}

func (m *mortal) DisconnectNumber(ctx context.Context, n sync.PhoneNumber) (err error) {
	m.write(func() { err = m.API.DisconnectNumber(ctx, n) })
	return err
}

// A process that is killed at any write, and a run after it, end in the state of
// one clean run: nothing twice, nothing lost.
func TestKilled(t *testing.T) {
	t.Parallel()
	clean := cleanSummary(t)
	for k := range steps {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("write %d, took effect %t", k+1, after), func(t *testing.T) {
				t.Parallel()
				b := newBakery(t, simulator.Options{})
				p := b.accepted(t)
				func() {
					defer func() {
						if _, ok := recover().(killed); !ok {
							t.Error("the process was not killed: the test looks at nothing")
						}
					}()
					_, _ = (&sync.Applier{Reader: b.api, Writer: &mortal{API: b.api, n: k + 1, after: after}}).Apply(t.Context(), p)
				}()
				b.checkRecovers(t, clean)
			})
		}
	}
}
