package main

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

// crashed tells of a defect of this program, and gives the exit code. Left to Go, a
// panic would print what was thrown, which may hold anything, a key too, and would
// end with 2, which means that changes are pending. Only texts of the runtime itself
// are shown; the stack names functions and lines, and no values of theirs but
// addresses.
func crashed(w io.Writer, thrown any) (code int) {
	code = exitFailed
	what := fmt.Sprintf("%T", thrown)
	var fault runtime.Error
	if err, ok := thrown.(error); ok && errors.As(err, &fault) {
		what = fault.Error()
	}
	// Writing this may be what fails.
	defer func() { _ = recover() }()
	fmt.Fprintf(w, "wassist-sync: broken off by a defect of this program (%s)\n%s\nWhat was done until then is not known: plan again. Please report the lines above; they hold no secret.\n", what, debug.Stack())
	return code
}
