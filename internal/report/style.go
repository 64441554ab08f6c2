package report

import (
	"io"

	"github.com/fatih/color"

	"wassist-sync/sync"
)

// TextOptions steer the text form.
type TextOptions struct {
	// Color turns ANSI colours on; leave it off unless a terminal reads.
	Color bool
	// Width is how many columns the terminal has; prose is wrapped to it. 0 does
	// not wrap: whatever reads a pipe finds each sentence on one line.
	Width int
}

// printer writes text with colours or without, by its own switch and not the
// process's.
type printer struct {
	w                               io.Writer
	green, yellow, red, blue, faint func(string) string
	bold                            func(string) string
	width                           int
}

func newPrinter(w io.Writer, o TextOptions) *printer {
	style := func(attributes ...color.Attribute) func(string) string {
		c := color.New(attributes...)
		if o.Color {
			c.EnableColor()
		} else {
			c.DisableColor()
		}
		return func(s string) string { return c.Sprint(s) }
	}
	return &printer{
		w: w, width: o.Width, green: style(color.FgGreen), yellow: style(color.FgYellow), red: style(color.FgRed),
		blue: style(color.FgBlue), faint: style(color.Faint), bold: style(color.Bold),
	}
}

// marks: one sign per kind of change, the same in every list.
var marks = map[sync.Action]string{sync.Create: "+", sync.Update: "~", sync.Deploy: ">", sync.Undeploy: ">", sync.Delete: "-"}

func (p *printer) action(a sync.Action) func(string) string {
	switch a {
	case sync.Create:
		return p.green
	case sync.Update:
		return p.yellow
	case sync.Deploy, sync.Undeploy:
		return p.blue
	}
	return p.red
}
