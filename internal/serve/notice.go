package serve

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	gosync "sync"
	"time"

	"wassist-sync/internal/report"
)

// noticeVersion is raised when a field changes its meaning.
const noticeVersion = 1

// Notice is what somebody is told: the JSON body of a webhook. Text is what
// Slack and its kin show. No value of a definition or an agent is in it.
type Notice struct {
	Text       string    `json:"text"`
	Version    int       `json:"version"`
	Event      Event     `json:"event"`
	Target     string    `json:"target"`
	Mode       string    `json:"mode"`
	Repository string    `json:"repository"`
	Ref        string    `json:"ref"`
	Commit     string    `json:"commit"`
	Outcome    Outcome   `json:"outcome"`
	Problem    string    `json:"problem"`
	Reminder   bool      `json:"reminder"`
	Since      time.Time `json:"since"`
	Time       time.Time `json:"time"`
	Digest     string    `json:"digest"`
	Drifted    int       `json:"drifted"`
	Summary    *Counts   `json:"summary"`
}

// Counts are the changes of a plan.
type Counts struct {
	Create   int `json:"create"`
	Update   int `json:"update"`
	Deploy   int `json:"deploy"`
	Undeploy int `json:"undeploy"`
	Delete   int `json:"delete"`
}

// mostText bounds a notice's text, in bytes: chats cut longer ones off.
const mostText = 3000

// headlines say what each event means.
var headlines = map[Event]string{
	EventFailed:    "failed",
	EventInvalid:   "cannot go on: the definitions do not parse",
	EventRefused:   "is refused by a guard; nothing was written",
	EventDrift:     "differs from Git",
	EventContested: "is changed back on Wassist; it is held and not fought",
	EventRecovered: "is well again",
}

func (n *Notice) headline() string {
	text := n.Target + " " + headlines[n.Event]
	if n.Event == EventDrift && n.Mode == ModeApply {
		text = n.Target + " was edited on Wassist"
	}
	if n.Reminder {
		text += ", still"
	}
	if n.Event == EventRecovered {
		text += "; the trouble began at " + minute(n.Since)
	}
	if n.Problem != "" {
		text += ": " + n.Problem
	}
	return text
}

// minute is a time as a message has it.
func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }

// markup are the characters that Slack reads as markup: <!channel> would call
// everybody (https://docs.slack.dev/messaging/formatting-message-text).
var markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func (n *Notice) compose() {
	text := markup.Replace(report.Visible(strings.ToValidUTF8("wassist-sync: "+n.headline(), "?")))
	if len(text) > mostText {
		text = strings.ToValidUTF8(text[:mostText], "") + " …"
	}
	n.Text = text
}

// Bounds of sending notices.
const (
	mostWaiting = 100
	sendTime    = 15 * time.Second
	// farewell is how long the last notices may take when the process ends.
	farewell = 5 * time.Second
)

// pauses are those between attempts to send one notice.
var pauses = []time.Duration{2 * time.Second, 10 * time.Second, time.Minute}

// outbox sends notices one after the other, and never lets a run wait.
type outbox struct {
	send  func(ctx context.Context, n *Notice) error
	ended func(target string, err error)
	log   *slog.Logger
	queue chan *Notice
}

func newOutbox(o Options) *outbox {
	return &outbox{send: o.Notify, ended: o.NoticeEnded, log: o.Log, queue: make(chan *Notice, mostWaiting)}
}

func (b *outbox) add(n *Notice) {
	if b.send == nil {
		return
	}
	select {
	case b.queue <- n:
	default:
		b.log.Error("too many notices wait to be sent; one is dropped", "target", n.Target, "event", string(n.Event))
	}
}

// posting is an outbox that sends.
type posting struct {
	box    *outbox
	cancel context.CancelFunc
	hurry  chan struct{} // closed when what waits is to be sent, and no more comes
	done   gosync.WaitGroup
}

func (b *outbox) start() *posting {
	ctx, cancel := context.WithCancel(context.Background())
	p := &posting{box: b, cancel: cancel, hurry: make(chan struct{})}
	p.done.Go(func() {
		for {
			select {
			case n := <-b.queue:
				p.deliver(ctx, n)
			case <-p.hurry:
				for {
					select {
					case n := <-b.queue:
						p.deliver(ctx, n)
					default:
						return
					}
				}
			}
		}
	})
	return p
}

// end sends what waits, for a little while.
func (p *posting) end() {
	stop := time.AfterFunc(farewell, p.cancel)
	defer stop.Stop()
	close(p.hurry)
	p.done.Wait()
	p.cancel()
}

// deliver sends one notice, with some patience.
func (p *posting) deliver(ctx context.Context, n *Notice) {
	var err error
	for attempt := 0; ; attempt++ {
		if err = p.attempt(ctx, n); err == nil || attempt >= len(pauses) || final(err) {
			break
		}
		if !p.pause(ctx, pauses[attempt]) {
			err = p.attempt(ctx, n) // the last one: what is not told now never is
			break
		}
	}
	if err != nil {
		p.box.log.Error("a notice could not be delivered", "target", n.Target, "event", string(n.Event), "error", err.Error())
	}
	if p.box.ended != nil {
		p.box.ended(n.Target, err)
	}
}

func (p *posting) attempt(ctx context.Context, n *Notice) (err error) {
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("sending it broke off")
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	return p.box.send(ctx, n)
}

// pause is false when the process ends: it does not wait long for a chat.
func (p *posting) pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-p.hurry:
		return false
	case <-timer.C:
		return true
	}
}
