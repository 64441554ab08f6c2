package sync_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing/fstest"
	"time"

	"wassist-sync/spec"
	"wassist-sync/sync"
)

// tester is what testing.TB and rapid.T have in common.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Context() context.Context
}

// load reads definitions, one a text; !env variables come from env.
func load(t tester, env map[string]string, documents ...string) *spec.Set {
	t.Helper()
	files := fstest.MapFS{"agents/.keep": {}}
	if len(documents) > 0 {
		files["agents/a.yaml"] = &fstest.MapFile{Data: []byte(strings.Join(documents, "\n---\n"))}
	}
	return loadFiles(t, env, files)
}

func loadFiles(t tester, env map[string]string, files fstest.MapFS) *spec.Set {
	t.Helper()
	set, err := spec.Load(files, "agents")
	if err == nil {
		err = set.ResolveEnv(func(name string) (string, bool) { v, ok := env[name]; return v, ok })
	}
	if err != nil {
		t.Fatalf("the test's definitions are wrong: %v", err)
	}
	return set
}

// fake is an organization in memory, for what the simulator cannot be made to
// do. Errors are taken from the queue of a call, if there is one.
type fake struct {
	agents     []sync.Agent
	numbers    []sync.PhoneNumber
	connectors []sync.Connector
	pages      int // requests that a listing took; 0 means 1
	perPage    int // agents on a page; 0 means all
	stuck      bool

	calls  []string
	errors map[string][]error // by call, such as "create Desk" or "list"; nil lets one pass
	hook   func(call string)  // runs before each call
	wait   func()             // what waiting for the limit does; nil means nothing
	// answer changes what an update stores and answers.
	answer func(id string, fields map[string]any)
	rename string // what a create's answer is called
}

// fakeID makes an id that is a UUID and tells whose it is.
func fakeID(n int) string { return fmt.Sprintf("a0000000-0000-4000-8000-%012d", n) }

// storedAgent makes a stored agent of JSON fields.
func storedAgent(t tester, n int, name, fields string) sync.Agent {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(fields))
	d.UseNumber()
	var stored map[string]any
	if err := d.Decode(&stored); err != nil {
		t.Fatalf("the test's JSON is wrong: %v\n%s", err, fields)
	}
	return sync.Agent{
		ID: fakeID(n), Name: name, Organization: sync.Organization{ID: "0f000000-0000-4000-8000-000000000001", Name: "Harbour Bakery"},
		ConnectURL: "https://wa.me/447700900999?text=/connect:" + fakeID(n), Stored: document(stored), Offset: -1,
	}
}

// document is what an agent of the fake stores; the fake alone changes it.
type document map[string]any

func (d document) Field(name string) any { return d[name] }

func (f *fake) call(format string, args ...any) error {
	name := fmt.Sprintf(format, args...)
	if f.hook != nil {
		f.hook(name)
	}
	f.calls = append(f.calls, name)
	if queue := f.errors[name]; len(queue) > 0 {
		f.errors[name] = queue[1:]
		return queue[0]
	}
	return nil
}

// after makes a call fail although it took effect.
type after struct{ error }

func (a after) Unwrap() error { return a.error }

func took(err error) bool { return err == nil || errors.As(err, &after{}) }

func (f *fake) snapshot() []sync.Agent {
	out := make([]sync.Agent, len(f.agents))
	for i, a := range f.agents {
		a.Stored = maps.Clone(a.Stored.(document))
		a.Offset, a.ReadAt = 0, time.Now()
		if f.perPage > 0 {
			a.Offset = i / f.perPage * f.perPage
		}
		out[i] = a
	}
	return out
}

func (f *fake) Ready(ctx context.Context, _ int) error {
	if f.wait != nil {
		f.wait()
	}
	return ctx.Err()
}

func (f *fake) Agents(context.Context) (sync.Listing, error) {
	if err := f.call("list"); err != nil {
		return sync.Listing{}, err
	}
	return sync.Listing{Agents: f.snapshot(), Requests: max(f.pages, 1), ReadAt: time.Now()}, nil
}

func (f *fake) Page(_ context.Context, offset int) ([]sync.Agent, error) {
	if err := f.call("page %d", offset); err != nil {
		return nil, err
	}
	all := f.snapshot()
	if f.perPage > 0 {
		all = all[min(offset, len(all)):min(offset+f.perPage, len(all))]
	}
	for i := range all {
		all[i].Offset = offset
	}
	return all, nil
}

func (f *fake) Agent(_ context.Context, id string) (sync.Agent, error) {
	if err := f.call("get %s", id); err != nil {
		return sync.Agent{}, err
	}
	for _, a := range f.snapshot() {
		if strings.EqualFold(a.ID, id) {
			a.Offset = -1
			return a, nil
		}
	}
	return sync.Agent{}, fmt.Errorf("agent %s: %w", id, sync.ErrNotFound)
}

func (f *fake) Numbers(context.Context) (sync.Directory, error) {
	if err := f.call("numbers"); err != nil {
		return sync.Directory{}, err
	}
	return sync.Directory{Numbers: append([]sync.PhoneNumber(nil), f.numbers...), CanDisconnect: !f.stuck, CanMoveConversations: true, Requests: 1, ReadAt: time.Now()}, nil
}

func (f *fake) Connectors(context.Context) ([]sync.Connector, error) {
	return f.connectors, f.call("connectors")
}

func (f *fake) CreateAgent(ctx context.Context, name string) (sync.Agent, error) {
	err := f.call("create %s", name)
	if !took(err) {
		return sync.Agent{}, err
	}
	if f.rename != "" {
		name = f.rename
	}
	f.agents = append(f.agents, sync.Agent{ID: fakeID(900 + len(f.agents)), Name: name, Stored: document{}, Offset: -1})
	if err != nil {
		return sync.Agent{}, err
	}
	agents := f.snapshot()
	return agents[len(agents)-1], nil
}

func (f *fake) UpdateAgent(_ context.Context, base sync.Agent, update map[string]any, whole bool) (sync.Agent, error) {
	verb := map[bool]string{false: "patch", true: "put"}[whole]
	err := f.call("%s %s", verb, base.Name)
	if !took(err) {
		return sync.Agent{}, err
	}
	for i := range f.agents {
		if a := &f.agents[i]; a.ID == base.ID {
			update = maps.Clone(update)
			if f.answer != nil {
				f.answer(a.ID, update)
			}
			if name, ok := update["name"].(string); ok {
				a.Name = name
			}
			maps.Copy(a.Stored.(document), update)
			return f.snapshot()[i], err
		}
	}
	return sync.Agent{}, fmt.Errorf("agent %s: %w", base.ID, sync.ErrNotFound)
}

func (f *fake) DeleteAgent(_ context.Context, id string) error {
	err := f.call("delete %s", id)
	if !took(err) {
		return err
	}
	for i, a := range f.agents {
		if a.ID == id {
			f.agents = append(f.agents[:i:i], f.agents[i+1:]...)
			return err
		}
	}
	return fmt.Errorf("agent %s: %w", id, sync.ErrNotFound)
}

func (f *fake) ConnectNumber(_ context.Context, n sync.PhoneNumber, agentID string, existing bool) error {
	return f.route(f.call("connect %s %s %t", n.Number, agentID, existing), n, agentID)
}

func (f *fake) DisconnectNumber(_ context.Context, n sync.PhoneNumber) error {
	return f.route(f.call("disconnect %s", n.Number), n, "")
}

func (f *fake) route(err error, n sync.PhoneNumber, agentID string) error {
	for i := range f.numbers {
		if f.numbers[i].Number == n.Number && took(err) {
			f.numbers[i].AgentID, f.numbers[i].AgentName, f.numbers[i].Webhook = agentID, "", ""
		}
	}
	return err
}

// plan makes a plan over the fake.
func (f *fake) plan(t tester, set *spec.Set, o sync.Options) *sync.Plan {
	t.Helper()
	planner := sync.Planner{Reader: f, Options: o}
	p, err := planner.Plan(t.Context(), set)
	if err != nil {
		t.Fatalf("planning: %v", err)
	}
	return p
}
