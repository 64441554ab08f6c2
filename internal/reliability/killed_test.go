package reliability

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime/debug"
	gosync "sync"
	"testing"

	"wassist-sync/internal/source"
	"wassist-sync/wassist/simulator"
)

// addressVariable makes this test binary a program that applies the definitions below its working directory at an
// address, and ends with the exit code.
const addressVariable = "RELIABILITY_APPLY_AT"

func TestMain(m *testing.M) {
	if address := os.Getenv(addressVariable); address != "" {
		os.Exit(program(address))
	}
	debug.SetGCPercent(800) // thousands of short runs: collecting their garbage less often halves the time
	os.Exit(m.Run())
}

func program(address string) int {
	ctx := context.Background()
	opened, err := source.Open(ctx, source.Request{Path: "agents"}, nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 65
	}
	defer opened.Close()
	v := &verdict{}
	v.plan, v.report, v.err = apply(ctx, opened, http.DefaultTransport, address)
	if v.code() != 0 {
		fmt.Fprintln(os.Stderr, v.reason())
	}
	return v.code()
}

// killer serves the API to one process, and kills that process at a request: before the request takes effect, or
// after it and before its answer.
type killer struct {
	server *simulator.Server
	at     int // from 1; 0 for never
	after  bool

	line    line             // counts; a process makes one request at a time
	process chan *os.Process // the process, once it was started
	dead    chan struct{}    // closed when it has ended
}

// ServeHTTP implements [http.Handler].
func (k *killer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	k.line.seen = append(k.line.seen, k.line.kindOf(r))
	if len(k.line.seen) != k.at {
		k.server.ServeHTTP(w, r)
		return
	}
	if k.after {
		k.server.ServeHTTP(httptest.NewRecorder(), r)
	}
	p := <-k.process
	_ = p.Kill() // SIGKILL; the test sees whether it died of it
	<-k.dead
	panic(http.ErrAbortHandler)
}

// run starts the process and waits for its end.
func (k *killer) run(t *testing.T, definitions *definitions) *os.ProcessState {
	t.Helper()
	k.process, k.dead = make(chan *os.Process, 1), make(chan struct{})
	server := httptest.NewServer(k)
	defer server.Close()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Dir = definitions.folder
	cmd.Env = append(os.Environ(), addressVariable+"="+server.URL+"/api/v1/", "GORACE=atexit_sleep_ms=0")
	cmd.Stderr = t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	k.process <- cmd.Process
	_ = cmd.Wait() // the state tells more than the error
	close(k.dead)
	return cmd.ProcessState
}

// A process that dies of SIGKILL before or after any request leaves nothing behind that the next run does not put right.
func TestSIGKILL(t *testing.T) {
	definitions := newDefinitions(t)
	var mu gosync.Mutex
	var all []outcome
	want := 0
	moments := []fault{{name: "before it"}, {name: "after it"}}
	t.Run("cases", func(t *testing.T) {
		for _, g := range generations {
			u := &undisturbed{}
			s := newOrganization(t, &g)
			u.before = snapshot(t, s, nil)
			k := &killer{server: s}
			if end := k.run(t, definitions); end.ExitCode() != 0 {
				t.Fatalf("a process that nothing disturbs ends with %v", end)
			}
			u.clean, u.requests = snapshot(t, s, u.before), k.line.seen
			for at := range u.requests {
				for i, moment := range moments {
					want++
					if thinned(i + at) {
						continue
					}
					t.Run(fmt.Sprintf("%s/%d %s/%s", g.name, at+1, u.requests[at], moment.name), func(t *testing.T) {
						t.Parallel()
						next := kill(t, &g, u, definitions, at+1, i == 1)
						mu.Lock()
						defer mu.Unlock()
						all = append(all, outcome{u.requests[at], moment.name, "killed", next})
					})
				}
			}
		}
	})
	if len(all) == want && !t.Failed() {
		checkTable(t, "SIGKILL", faultTable(all, moments))
	}
}

func kill(t *testing.T, g *generation, u *undisturbed, definitions *definitions, at int, after bool) (did string) {
	t.Helper()
	s := newOrganization(t, g)
	if end := (&killer{server: s, at: at, after: after}).run(t, definitions); end.Exited() {
		t.Fatalf("the process was not killed: %v", end)
	}
	now := snapshot(t, s, u.before)
	for _, what := range untrue(&verdict{killed: true}, u.before, now, u.clean) {
		t.Errorf("after the kill: %s", what)
	}
	if touched := foreignTouched(u.before, now); len(touched) > 0 {
		t.Errorf("after the kill, foreign agents are not as they were: %q", touched)
	}
	next := run(t, definitions, s.RoundTripper())
	if next.code() != 0 {
		t.Errorf("the next run ends with %d: %v", next.code(), next.reason())
	}
	if d := difference(u.clean, snapshot(t, s, u.before)); d != "" {
		t.Errorf("after the next run (-clean +got):\n%s", d)
	}
	checkLimit(t, s)
	return next.did()
}
