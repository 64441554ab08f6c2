package main

import (
	"fmt"
	gosync "sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"wassist-sync/internal/report"
	"wassist-sync/sync"
	"wassist-sync/wassist"
)

// progress tells on stderr how an apply goes: a bar with counts on a terminal,
// which counts down while the limiter makes it wait; elsewhere a line a change.
type progress struct {
	console
	terminal bool
	width    int // of the terminal, in columns
	text     report.TextOptions

	mu      gosync.Mutex // the countdown runs beside the apply
	bar     *progressbar.ProgressBar
	done    int
	waiting chan struct{} // closed when a wait is over; nil when there is none
}

func newProgress(c console, o *outputFlags) *progress {
	p := &progress{console: c, terminal: isTerminal(c.err) && !c.isQuiet() && !c.inCI(), width: width(c.err), text: o.text(c, c.err)}
	p.err = c.notes()
	return p
}

// change is called at the start and the end of each change.
func (p *progress) change(e sync.Event) {
	if !p.terminal {
		if e.Result != nil {
			fmt.Fprintln(p.err, report.ProgressLine(e.Result, p.text))
		}
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar == nil {
		p.bar = progressbar.NewOptions(e.Total,
			progressbar.OptionSetWriter(p.err), progressbar.OptionShowCount(), progressbar.OptionSetWidth(p.barWidth()),
			progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(65*time.Millisecond))
	}
	if e.Result == nil {
		p.describe(report.ChangeTitle(e.Change))
		return
	}
	p.done++
	_ = p.bar.Set(p.done)
}

// barWidth leaves most of a narrow terminal to the words.
func (p *progress) barWidth() int {
	if p.width == 0 {
		return 30
	}
	return min(30, max(8, p.width/4))
}

// countsWidth is what the bar's percentage, counts and times take.
const countsWidth = 36

// describe says what goes on, beside the bar, and cuts what would not fit on the
// line: a line that wraps is not the one that is drawn again.
func (p *progress) describe(what string) {
	runes := []rune(what)
	if room := max(10, p.width-p.barWidth()-countsWidth); p.width > 0 && len(runes) > room {
		what = string(runes[:room-1]) + "…"
	}
	p.bar.Describe(what)
}

// request is called when a request begins to wait, and when it is answered.
func (p *progress) request(e wassist.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopWaiting()
	left := time.Until(e.Until)
	if e.Kind != wassist.EventWait || left < time.Second {
		return
	}
	reason := "the request limit"
	switch e.Reason {
	case wassist.WaitAfter429:
		reason = "Wassist asked for a pause"
	case wassist.WaitForRetry:
		reason = "trying again"
	}
	if p.bar == nil {
		if left >= worthALine {
			fmt.Fprintf(p.err, "waiting %s (%s)\n", left.Round(time.Second), reason)
		}
		return
	}
	p.waiting = make(chan struct{})
	go p.countDown(e.Until, reason, p.waiting)
}

// worthALine is how long a wait must be to be told where there is no bar.
const worthALine = 5 * time.Second

// countDown says each second how long the wait still is.
func (p *progress) countDown(until time.Time, reason string, over <-chan struct{}) {
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for {
		p.mu.Lock()
		select {
		case <-over:
			p.mu.Unlock()
			return
		default:
			p.describe(fmt.Sprintf("waiting %s (%s)", max(time.Until(until).Round(time.Second), 0), reason))
		}
		p.mu.Unlock()
		select {
		case <-over:
			return
		case <-second.C:
		}
	}
}

func (p *progress) stopWaiting() {
	if p.waiting != nil {
		close(p.waiting)
		p.waiting = nil
	}
}

// end takes the bar away.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopWaiting()
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
