package reliability

import (
	"context"
	"net/http"
	"path/filepath"
	gosync "sync"
	"testing"

	"wassist-sync/internal/remote"
	"wassist-sync/internal/source"
	"wassist-sync/sync"
	"wassist-sync/wassist"
)

// verdict is how a run ended, as whoever started it sees it.
type verdict struct {
	killed bool // it did not come to its end
	err    error
	plan   *sync.Plan
	report *sync.Report
}

// code is the exit code of the program for such a run.
func (v *verdict) code() int {
	switch {
	case v.killed:
		return 137
	case v.err != nil:
		return 1
	case v.report == nil, v.report.Refused != nil:
		return 3
	case v.report.Err() != nil:
		return 1
	}
	return 0
}

// run is one apply, as a new process makes it: nothing of Wassist is kept from an earlier one. It runs on a goroutine of its own,
// which the transport may end: that is the process killed, since no statement of it runs after that but deferred
// ones, none of which sends anything.
func run(t testing.TB, definitions *definitions, transport http.RoundTripper) *verdict {
	t.Helper()
	opened := definitions.take(t)
	defer definitions.give(opened)
	done := make(chan *verdict, 1)
	go func() {
		v := &verdict{killed: true}
		defer func() { done <- v }()
		v.plan, v.report, v.err = apply(t.Context(), opened, transport, "http://simulator/api/v1/")
		v.killed = false
	}()
	return <-done
}

func apply(ctx context.Context, opened *source.Opened, transport http.RoundTripper, address string) (*sync.Plan, *sync.Report, error) {
	client, err := wassist.New("key-canary", wassist.WithHTTPClient(&http.Client{Transport: transport}), wassist.WithBaseURL(address),
		wassist.WithJitter(func() float64 { return 0.5 }))
	if err != nil {
		return nil, nil, err
	}
	api := remote.New(client)
	planner := sync.Planner{Reader: api, Options: sync.Options{
		Source: opened.Source, History: opened.History, Host: "simulator",
		Organization: opened.Settings.Organization.Text, Unmanaged: opened.Settings.IsUnmanaged,
	}}
	plan, err := planner.Plan(ctx, opened.Set)
	if err != nil || len(plan.Refused) > 0 {
		return plan, nil, err
	}
	report, err := (&sync.Applier{Reader: api, Writer: api}).Apply(ctx, plan)
	return plan, report, err
}

// definitions are those of a repository, opened as often as they are in use at one time: a thousand runs read the
// same files, and nobody changes what was read.
type definitions struct {
	folder string

	mu   gosync.Mutex
	free []*source.Opened
}

func (d *definitions) take(t testing.TB) *source.Opened {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if n := len(d.free); n > 0 {
		o := d.free[n-1]
		d.free = d.free[:n-1]
		return o
	}
	o, err := source.Open(context.Background(), source.Request{Path: filepath.Join(d.folder, "agents")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func (d *definitions) give(o *source.Opened) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.free = append(d.free, o)
}

// newDefinitions opens the definitions of a new repository.
func newDefinitions(t testing.TB) *definitions {
	t.Helper()
	d := &definitions{folder: newRepository(t)}
	t.Cleanup(func() {
		for _, o := range d.free {
			o.Close()
		}
	})
	return d
}
