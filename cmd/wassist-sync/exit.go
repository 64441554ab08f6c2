package main

import (
	"context"
	"errors"
	"fmt"

	"wassist-sync/spec"
)

// Exit codes, the same in every output format.
const (
	exitDone    = 0  // done, or nothing to do
	exitFailed  = 1  // something failed
	exitPending = 2  // changes pending, with --detailed-exitcode
	exitRefused = 3  // refused by a guard, nothing was written
	exitUsage   = 64 // bad usage (EX_USAGE of sysexits.h)
	exitInvalid = 65 // the definitions are invalid (EX_DATAERR)
)

// exitError carries an exit code; a nil err means that everything was said.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usage makes an error of bad usage.
func usage(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

// silent ends with a code and says nothing more.
func silent(code int) error { return &exitError{code: code} }

// codeOf is the one place where errors become exit codes.
func codeOf(err error) int {
	var exit *exitError
	var problems spec.Problems
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &exit):
		return exit.code
	case errors.As(err, &problems):
		return exitInvalid
	}
	return exitFailed
}

// explain adds the way out to errors of which it is known.
func explain(err error) string {
	if errors.Is(err, context.Canceled) {
		return "stopped before anything was written"
	}
	return err.Error()
}
