// Command wassist-sync keeps Wassist agents in line with YAML definitions in Git.
//
// This package holds flags, environment, wiring and exit codes, one file a
// command. It decides nothing: package sync does, and package report says it.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(mainCode()) }

// mainCode runs the command line of this process. The first interrupt cancels:
// the request in flight is finished and what happened is reported. The second
// one ends the process at once.
func mainCode() int {
	// Whoever reads the output may go away: that must not end an apply half-way.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return run(ctx, os.Args[1:], console{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, lookupEnv: os.LookupEnv,
	})
}
