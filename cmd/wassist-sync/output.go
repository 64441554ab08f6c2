package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"
	"wassist-sync/internal/report"
)

// outputFlags say in which form the result is written, and where.
type outputFlags struct {
	format, out string
	noColor     bool
	forms       []string // that --format takes
}

// add adds the flags of a plan's forms.
func (o *outputFlags) add(flags *pflag.FlagSet) { o.addForms(flags, formats) }

func (o *outputFlags) addForms(flags *pflag.FlagSet, forms []string) {
	o.forms = forms
	flags.StringVar(&o.format, "format", formText, "form of the result: "+choice(forms))
	flags.Lookup("format").Annotations = map[string][]string{choicesKey: forms}
	flags.StringVar(&o.out, "out", "", "write the result to `FILE` instead of stdout")
	flags.BoolVar(&o.noColor, "no-color", false, "no colours, also on a terminal (as NO_COLOR does)")
}

func (o *outputFlags) check() error {
	if err := checkFormat(o.format, o.forms); err != nil {
		return err
	}
	return o.writable()
}

// writable finds out before anything is done whether the result can be written.
func (o *outputFlags) writable() error {
	if o.out == "" {
		return nil
	}
	switch info, err := os.Stat(o.out); {
	case err == nil && info.IsDir():
		return usage("--out %s is a folder; name a file", o.out)
	case err == nil && !info.Mode().IsRegular():
		return nil // a device or a pipe
	}
	f, err := beside(o.out)
	if err != nil {
		return &exitError{exitUsage, o.failed(err)}
	}
	_ = f.Close()
	_ = os.Remove(f.Name())
	return nil
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
	if err := r.save(); err != nil {
		// What was done has been done: the report of it is not to be lost.
		_, _ = r.c.out.Write(r.buffer.Bytes())
		return r.flags.failed(err)
	}
	return nil
}

// ended is how a run ends that has delivered its result, where a guard refused.
// The result says why; where that is a file, whoever ran it would see nothing.
func (r *result) ended(err error) error {
	if exit := (*exitError)(nil); errors.As(err, &exit) && exit.code == exitRefused && exit.err == nil && !r.stdout() {
		return &exitError{exitRefused, fmt.Errorf("refused by a guard; %s says why", r.flags.out)}
	}
	return err
}

// save replaces the file in one step.
func (r *result) save() error {
	name := r.flags.out
	mode := fs.FileMode(0)
	if info, err := os.Stat(name); err == nil {
		if !info.Mode().IsRegular() {
			return r.writeTo(name)
		}
		mode = info.Mode().Perm()
		// A link stays, and what it leads to is replaced.
		if name, err = filepath.EvalSymlinks(name); err != nil {
			return err
		}
	}
	f, err := beside(name)
	if err != nil {
		return err
	}
	_, err = f.Write(r.buffer.Bytes())
	if mode != 0 && err == nil {
		err = f.Chmod(mode)
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// beside makes a file in the same folder, with the mode that the user's umask
// gives to new files.
func beside(name string) (*os.File, error) {
	temporary := filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+"."+rand.Text())
	return os.OpenFile(temporary, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666) //nolint:gosec // a plan holds no secret, and the umask decides
}

// writeTo writes to what is no regular file: a device or a pipe must not be
// replaced by one.
func (r *result) writeTo(name string) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(r.buffer.Bytes())
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

// failed names the file that the user named, and not the one beside it.
func (o *outputFlags) failed(err error) error { return fmt.Errorf("--out %s: %w", o.out, bare(err)) }

// bare takes the name of the file from an error.
func bare(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}
