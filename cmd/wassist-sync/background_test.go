package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// A script's background programs: unlike testscript's own, they can be looked
// at while they run, be sent SIGTERM, and be asked for their exit code.
type (
	programsKey struct{}
	programs    map[string]*program
)

type program struct {
	cmd      *exec.Cmd
	out, err lockedBuffer
	ended    chan struct{}
	result   error
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

var variables = []string{"PATH", "HOME", "TMPDIR", "WASSIST_API_URL", "WASSIST_API_KEY", "NO_COLOR", "CI", "FORCE_COLOR", "GORACE", "GOCOVERDIR"}

// command prepares a program as exec would run it.
func command(ts *testscript.TestScript, args []string) *exec.Cmd {
	path, err := exec.LookPath(args[0])
	ts.Check(err)
	cmd := exec.CommandContext(context.Background(), path, args[1:]...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range variables {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	return cmd
}

// launch NAME PROGRAM ARGS... starts a program and goes on.
func launch(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: launch NAME PROGRAM [ARGS...]")
	}
	p := &program{cmd: command(ts, args[1:]), ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.err
	ts.Check(p.cmd.Start())
	ts.Value(programsKey{}).(programs)[args[0]] = p
	go func() {
		p.result = p.cmd.Wait()
		close(p.ended)
	}()
	ts.Defer(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
	})
}

var exported = regexp.MustCompile(`export WASSIST_API_URL=(http://(\S+)/api/v1/)\n`)

// serving NAME waits until a simulator tells its address, and sets
// WASSIST_API_URL and HOST.
func serving(ts *testscript.TestScript, neg bool, args []string) {
	p := ts.Value(programsKey{}).(programs)[args[0]]
	for range 3000 {
		if m := exported.FindStringSubmatch(p.out.String()); m != nil {
			ts.Setenv("WASSIST_API_URL", m[1])
			ts.Setenv("HOST", m[2])
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("%s does not serve: %s%s", args[0], p.out.String(), p.err.String())
}

// signal INT|TERM|HUP NAME sends a signal.
func signalProgram(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: signal INT|TERM|HUP NAME")
	}
	signals := map[string]os.Signal{"INT": os.Interrupt, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP}
	ts.Check(ts.Value(programsKey{}).(programs)[args[1]].cmd.Process.Signal(signals[args[0]]))
}

// logged NAME TEXT waits until a program has written a text to stderr.
func logged(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: logged NAME TEXT")
	}
	p := ts.Value(programsKey{}).(programs)[args[0]]
	for range 3000 {
		if strings.Contains(p.err.String(), args[1]) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("%s does not say %q: %s", args[0], args[1], p.err.String())
}

// ended CODE NAME waits for the end of a program; what it wrote is then stdout
// and stderr.
func ended(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: ended CODE NAME")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	p := ts.Value(programsKey{}).(programs)[args[1]]
	select {
	case <-p.ended:
	case <-time.After(30 * time.Second):
		ts.Fatalf("%s does not end: %s%s", args[1], p.out.String(), p.err.String())
	}
	_, err = ts.Stdout().Write([]byte(p.out.String()))
	ts.Check(err)
	_, err = ts.Stderr().Write([]byte(p.err.String()))
	ts.Check(err)
	checkExit(ts, p.result, want)
}

// mode OCTAL FILE wants a file's permissions.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode OCTAL FILE")
	}
	want, err := strconv.ParseUint(strings.TrimPrefix(args[0], "0"), 8, 32)
	ts.Check(err)
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := info.Mode().Perm(); got != os.FileMode(want) {
		ts.Fatalf("%s has mode %o, want %o", args[1], got, want)
	}
}
