package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"wassist-sync/internal/report"
)

// outputFlags say in which form the result is written, and where.
type outputFlags struct {
	format, out string
	noColor     bool
}

func (o *outputFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&o.format, "format", "text", "form of the result: text or json")
	flags.StringVar(&o.out, "out", "", "write the result to `FILE` instead of stdout")
	flags.BoolVar(&o.noColor, "no-color", false, "no colours, also on a terminal (as NO_COLOR does)")
}

func (o *outputFlags) check() error {
	if o.format != "text" && o.format != "json" {
		return usage("--format %q is not known; use text or json", o.format)
	}
	return nil
}

// isTerminal tells whether a stream is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// text gives the options for text on a stream: colour only on a terminal, and
// without NO_COLOR (https://no-color.org).
func (o *outputFlags) text(c console, stream any) report.TextOptions {
	noColor, set := c.lookupEnv("NO_COLOR")
	return report.TextOptions{Color: isTerminal(stream) && !o.noColor && (!set || noColor == "")}
}

// result collects what a command has to say, and delivers it to stdout or,
// whole or not at all, to a file.
type result struct {
	flags  *outputFlags
	c      console
	buffer bytes.Buffer
}

// stdout tells whether the result goes to standard output.
func (r *result) stdout() bool { return r.flags.out == "" }

// Write adds to the result.
func (r *result) Write(b []byte) (int, error) {
	if r.stdout() {
		return r.c.out.Write(b)
	}
	return r.buffer.Write(b)
}

// textOptions are those of the place that the result goes to.
func (r *result) textOptions() report.TextOptions {
	if r.stdout() {
		return r.flags.text(r.c, r.c.out)
	}
	return report.TextOptions{}
}

// deliver writes the file, if there is one to write.
func (r *result) deliver() error {
	if r.stdout() {
		return nil
	}
	name := r.flags.out
	if info, err := os.Stat(name); err == nil {
		if !info.Mode().IsRegular() {
			return r.writeTo(name)
		}
		// A link stays, and what it leads to is replaced.
		if name, err = filepath.EvalSymlinks(name); err != nil {
			return r.failed(err)
		}
	}
	dir, base := filepath.Split(name)
	if dir == "" {
		dir = "."
	}
	f, err := os.CreateTemp(dir, "."+base+".*")
	if err != nil {
		return r.failed(err)
	}
	_, err = io.Copy(f, &r.buffer)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return r.failed(err)
	}
	return nil
}

// writeTo writes to what is no regular file: a device or a pipe must not be
// replaced by one.
func (r *result) writeTo(name string) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return r.failed(err)
	}
	_, err = io.Copy(f, &r.buffer)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return r.failed(err)
	}
	return nil
}

// failed names the file that the user named, and not the one beside it.
func (r *result) failed(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		err = path.Err
	case errors.As(err, &link):
		err = link.Err
	}
	return fmt.Errorf("--out %s: %w", r.flags.out, err)
}
