package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"
)

// havePTY tells whether pseudo-terminals can be opened here.
var havePTY = func() bool {
	control, terminal, err := openPTY()
	if err != nil {
		return false
	}
	_ = control.Close()
	_ = terminal.Close()
	return true
}()

// openPTY makes a pseudo-terminal, see pty(7).
func openPTY() (control, terminal *os.File, err error) {
	control, err = os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, err
	}
	fd := int(control.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		return nil, nil, errors.Join(err, control.Close())
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		return nil, nil, errors.Join(err, control.Close())
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, errors.Join(err, control.Close())
	}
	size := unix.Winsize{Row: 50, Col: 120}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &size); err != nil {
		return nil, nil, errors.Join(err, control.Close(), terminal.Close())
	}
	return control, terminal, nil
}

// tty [-pipe] CODE ANSWER PROGRAM ARGS... runs a program with all its streams
// on one terminal (-pipe: without stdout, which goes to the file piped), types
// the answer, if it is not empty, once the program asks, and writes what the
// terminal showed to the file screen. It wants the exit code.
func tty(ts *testscript.TestScript, neg bool, args []string) {
	piped := len(args) > 0 && args[0] == "-pipe"
	if piped {
		args = args[1:]
	}
	if neg || len(args) < 3 {
		ts.Fatalf("usage: tty [-pipe] CODE ANSWER PROGRAM [ARGS...]")
	}
	control, terminal, err := openPTY()
	ts.Check(err)
	cmd := command(ts, args[2:])
	cmd.Env = append(cmd.Env, "TERM=xterm-256color")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal
	var out bytes.Buffer
	if piped {
		cmd.Stdout = &out
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	ts.Check(cmd.Start())
	ts.Check(terminal.Close())

	screen := &screen{asked: make(chan struct{})}
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(screen, control) // EIO when the program has ended
	}()
	if args[1] != "" {
		select {
		case <-screen.asked:
			_, err := control.WriteString(args[1] + "\n")
			ts.Check(err)
		case <-read:
		case <-time.After(30 * time.Second):
			_ = cmd.Process.Kill()
		}
	}
	err = cmd.Wait()
	<-read
	ts.Check(control.Close())
	ts.Check(os.WriteFile(ts.MkAbs("screen"), []byte(strings.ReplaceAll(screen.String(), "\r\n", "\n")), 0o644))
	if piped {
		ts.Check(os.WriteFile(ts.MkAbs("piped"), out.Bytes(), 0o644))
	}
	ts.Logf("%s", screen.String())
	want := 0
	_, err2 := fmt.Sscan(args[0], &want)
	ts.Check(err2)
	checkExit(ts, err, want)
}

// screen collects what a terminal shows, and notices the question.
type screen struct {
	mu    sync.Mutex
	shown bytes.Buffer
	asked chan struct{}
	done  bool
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shown.Write(b)
	if !s.done && bytes.Contains(s.shown.Bytes(), []byte("Only yes goes on: ")) {
		s.done = true
		close(s.asked)
	}
	return len(b), nil
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown.String()
}
