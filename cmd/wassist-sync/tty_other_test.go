//go:build !linux

package main

import "github.com/rogpeppe/go-internal/testscript"

// Pseudo-terminals are opened in another way on every system; the scripts
// that need one run on Linux, where CI runs, too.
const havePTY = false

func tty(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Fatalf("pseudo-terminals are only known on Linux here: write [!pty] skip")
}
