package sync_test

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"wassist-sync/internal/remote"
	"wassist-sync/spec"
	"wassist-sync/sync"
	"wassist-sync/wassist"
	"wassist-sync/wassist/simulator"
)

// What the simulator's default seed holds.
const (
	seedConnector = "9a000000-0000-4000-8000-000000000001" // Stripe
	number1       = "+447700900111"                        // nobody answers it
	number2       = "+447700900112"                        // on a webhook called crm
)

// world is a simulated organization with the API client's view of it.
type world struct {
	server *simulator.Server
	client *wassist.Client
	api    *remote.API
}

// newWorld starts a simulator, without a limit of requests unless o has one.
func newWorld(t tester, o simulator.Options, options ...wassist.Option) *world {
	t.Helper()
	rate := o.RateLimit
	if rate == 0 {
		o.RateLimit, rate = -1, 1_000_000
	}
	server, err := simulator.New(o)
	if err != nil {
		t.Fatalf("simulator: %v", err)
	}
	client, err := wassist.New("test-key", append([]wassist.Option{
		wassist.WithHTTPClient(&http.Client{Transport: server.RoundTripper()}), wassist.WithRate(rate, time.Minute),
	}, options...)...)
	if err != nil {
		t.Fatalf("client: %v", err)
	}
	return &world{server: server, client: client, api: remote.New(client)}
}

// plan makes a plan with a new adapter, as a new process would.
func (w *world) plan(t tester, set *spec.Set, o sync.Options) *sync.Plan {
	t.Helper()
	w.api = remote.New(w.client)
	p, err := (&sync.Planner{Reader: w.api, Options: o}).Plan(t.Context(), set)
	if err != nil {
		t.Fatalf("planning: %v", err)
	}
	return p
}

// accepted makes a plan and lifts whatever may be lifted.
func (w *world) accepted(t tester, set *spec.Set, o sync.Options) *sync.Plan {
	t.Helper()
	p := w.plan(t, set, o)
	if len(p.Refused) > 0 {
		o.Accept = p.Digest
		p = w.plan(t, set, o)
	}
	return p
}

func (w *world) apply(t tester, p *sync.Plan) *sync.Report {
	t.Helper()
	return applyWith(t, &sync.Applier{Reader: w.api, Writer: w.api}, p)
}

func applyWith(t tester, a *sync.Applier, p *sync.Plan) *sync.Report {
	t.Helper()
	r, err := a.Apply(t.Context(), p)
	if err != nil {
		t.Fatalf("applying: %v", err)
	}
	if len(r.Results) != len(p.Changes) {
		t.Fatalf("%d results for %d changes", len(r.Results), len(p.Changes))
	}
	for i, res := range r.Results {
		c := p.Changes[i]
		if res.Action != c.Action || res.Agent != c.Agent || res.Number != c.Number {
			t.Errorf("result %d is of %s %s, the change is %s %s", i, res.Action, res.Agent, c.Action, c.Agent)
		}
		if (res.Err == nil) != (res.Outcome == sync.Applied) {
			t.Errorf("%s %s: %s with error %v", res.Action, res.Agent, res.Outcome, res.Err)
		}
	}
	return r
}

// settle plans and applies until nothing is left, which one run must do.
func (w *world) settle(t tester, set *spec.Set, o sync.Options) *sync.Report {
	t.Helper()
	r := w.apply(t, w.accepted(t, set, o))
	if err := r.Err(); err != nil {
		t.Fatalf("applying: %v", err)
	}
	if left := w.plan(t, set, o); !left.Empty() {
		t.Fatalf("left after applying: %v", describe(left))
	}
	return r
}

// describe lists a plan's changes with their fields' paths.
func describe(p *sync.Plan) []string {
	var out []string
	for _, c := range p.Changes {
		line := string(c.Action) + " " + c.Agent
		for _, f := range c.Fields {
			line += " " + f.Path
		}
		out = append(out, line)
	}
	return out
}

// outcomes lists what became of each change.
func outcomes(r *sync.Report) []string {
	var out []string
	for _, res := range r.Results {
		what := res.Agent
		if res.Number != "" {
			what = res.Number
		}
		out = append(out, string(res.Action)+" "+what+": "+string(res.Outcome))
	}
	return out
}

// result finds what became of one change.
func result(t tester, r *sync.Report, a sync.Action, agent string) sync.Result {
	t.Helper()
	for _, res := range r.Results {
		if res.Action == a && res.Agent == agent {
			return res
		}
	}
	t.Fatalf("no result of %s %s", a, agent)
	return sync.Result{}
}

// called returns the remote agent of that name, which must be the only one.
func (w *world) called(t tester, name string) map[string]any {
	t.Helper()
	var found []map[string]any
	for _, a := range w.server.Agents() {
		if a["name"] == name {
			found = append(found, a)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d agents are called %s, want 1", len(found), name)
	}
	return found[0]
}

// log lists the requests since the last call of ResetLog, agents' ids by name.
func (w *world) log() []string {
	var out []string
	names := strings.NewReplacer("/api/v1/", "")
	var pairs []string
	for _, a := range w.server.Agents() {
		pairs = append(pairs, a["id"].(string), a["name"].(string))
	}
	byName := strings.NewReplacer(pairs...)
	for _, r := range w.server.Requests() {
		out = append(out, r.Method+" "+byName.Replace(names.Replace(r.Path)))
	}
	return out
}

// writes counts the requests that are no reads.
func writes(log []string) (out []string) {
	for _, line := range log {
		if !strings.HasPrefix(line, "GET ") {
			out = append(out, line)
		}
	}
	return out
}

func sortedStrings(list []string) []string {
	slices.Sort(list)
	return list
}
