package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"golang.org/x/term"

	"wassist-sync/internal/report"
)

// console is the world around a command.
type console struct {
	in        io.Reader
	out, err  io.Writer
	lookupEnv func(string) (string, bool)
	quiet     *bool // what --quiet says, once flags are read; nil is false
}

// isQuiet tells whether only the result and errors are wanted.
func (c console) isQuiet() bool { return c.quiet != nil && *c.quiet }

// notes is where things go that are neither the result nor an error: warnings,
// progress, hints.
func (c console) notes() io.Writer {
	if c.isQuiet() {
		return io.Discard
	}
	return c.err
}

// isTerminal tells whether a stream is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// says tells whether a switch is set in the environment: 0 and false are not.
func (c console) says(names ...string) bool {
	for _, name := range names {
		switch value, _ := c.lookupEnv(name); strings.ToLower(value) {
		case "", "0", "false":
		default:
			return true
		}
	}
	return false
}

// inCI tells whether a CI system runs this: its log is kept, and shows every step
// of a bar that redraws itself.
func (c console) inCI() bool { return c.says("CI") }

// colored tells whether text on a stream has colours: on a terminal that has
// them, outside of CI, or where FORCE_COLOR or CLICOLOR_FORCE ask for them; never
// with NO_COLOR (https://no-color.org), whatever it says.
func (c console) colored(stream any) bool {
	if value, _ := c.lookupEnv("NO_COLOR"); value != "" {
		return false
	}
	if c.says("FORCE_COLOR", "CLICOLOR_FORCE") {
		return true
	}
	kind, _ := c.lookupEnv("TERM")
	return isTerminal(stream) && !c.inCI() && kind != "dumb"
}

// text gives the options for text on a stream.
func (o *outputFlags) text(c console, stream any) report.TextOptions {
	return report.TextOptions{Color: !o.noColor && c.colored(stream), Width: width(stream)}
}

// width is how many columns a terminal has; 0 for what is none.
func width(stream any) int {
	f, ok := stream.(*os.File)
	if !ok || !isTerminal(f) {
		return 0
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return columns
}

// readerGone tells of a reader of stdout that went away, as head does: it has what
// it wanted, so that there is nothing to say.
func readerGone(err error) bool {
	var path *fs.PathError
	return errors.As(err, &path) && path.Path == os.Stdout.Name() && errors.Is(err, syscall.EPIPE)
}
