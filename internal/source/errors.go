package source

import (
	"errors"
	"fmt"
)

var (
	// ErrUsage is wrapped by all errors that come of what the user asked for: a
	// folder, reference or path that does not exist or cannot be meant.
	ErrUsage = errors.New("bad usage")
	// ErrNoFolder says that there is no folder of definitions: neither where they
	// were looked for, nor in any commit of the line.
	ErrNoFolder = errors.New("no folder of definitions")
)

// usageError is an ErrUsage with a text of its own, and perhaps a cause.
type usageError struct {
	text  string
	cause error
}

func (e *usageError) Error() string        { return e.text }
func (e *usageError) Unwrap() error        { return e.cause }
func (e *usageError) Is(target error) bool { return target == ErrUsage }

func usagef(cause error, format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...), cause}
}

func notFolder(path string) error {
	return usagef(ErrNoFolder, "%q is not a folder; give the folder of the definitions", path)
}
