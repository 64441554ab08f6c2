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
	text     report.TextOptions

	mu      gosync.Mutex // the countdown runs beside the apply
	bar     *progressbar.ProgressBar
	done    int
	waiting chan struct{} // closed when a wait is over; nil when there is none
}

func newProgress(c console, o *outputFlags) *progress {
	return &progress{console: c, terminal: isTerminal(c.err), text: o.text(c, c.err)}
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
			progressbar.OptionSetWriter(p.err), progressbar.OptionShowCount(), progressbar.OptionSetWidth(30),
			progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(65*time.Millisecond))
	}
	if e.Result == nil {
		p.bar.Describe(report.ChangeTitle(e.Change))
		return
	}
	p.done++
	_ = p.bar.Set(p.done)
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
			p.bar.Describe(fmt.Sprintf("waiting %s (%s)", max(time.Until(until).Round(time.Second), 0), reason))
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
