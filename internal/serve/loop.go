package serve

import (
	"context"
	"time"
)

const (
	// quietTime is how long a hook waits for more of its kind, quietMost how long
	// at most when they do not end.
	quietTime = 2 * time.Second
	quietMost = 15 * time.Second
	// lookAtClock is how often a waiting target looks at the wall clock, which may
	// jump: timers go by the monotonic one.
	lookAtClock = time.Minute
)

// loop runs the target at once, and then whenever there is a reason to. Runs
// cannot overlap, since only this goroutine begins them, and none is piled up:
// the next one is looked for when the one before has ended.
func (t *target) loop(ctx context.Context) {
	defer t.close()
	why := TriggerStart
	for {
		_, _ = t.execute(ctx, why) // what came of it is taken down
		if ctx.Err() != nil {
			return
		}
		var ok bool
		if why, ok = t.wait(ctx); !ok {
			return
		}
	}
}

// wait sleeps until there is a reason to run. It is false when the target is to end.
func (t *target) wait(ctx context.Context) (Trigger, bool) {
	now := t.daemon.options.Now().Round(0)
	due := t.next(now)
	retry, retrying := t.backoff.pause(due.Sub(now))
	retryAt := time.Now().Add(retry) // by the monotonic clock
	t.setNext(now, due, retry, retrying)
	for {
		why, left, ended := t.reason()
		if ended {
			return "", false
		}
		if why != "" {
			return why, true
		}
		now = t.daemon.options.Now().Round(0)
		switch {
		case !now.Before(due):
			return TriggerSchedule, true
		case retrying && !time.Now().Before(retryAt):
			return TriggerRetry, true
		}
		sleep := min(due.Sub(now), lookAtClock)
		if retrying {
			sleep = min(sleep, time.Until(retryAt))
		}
		if left > 0 {
			sleep = min(sleep, left)
		}
		if !t.sleep(ctx, sleep) {
			return "", false
		}
		// A clock that was put back would let the target wait for what is long past.
		if again := t.daemon.options.Now().Round(0); again.Before(now) {
			due = t.next(again)
			t.setNext(again, due, retry, retrying)
		}
	}
}

// reason tells why to run now, or how long to wait for more hooks (0: there is
// nothing to wait for).
func (t *target) reason() (why Trigger, left time.Duration, ended bool) {
	t.mu.Lock()
	pending, asked := t.pending, t.asked
	t.pending = nil
	ended, t.over = t.retired, t.retired
	if pending == nil && asked.why != "" {
		left = min(quietTime-time.Since(asked.last), quietMost-time.Since(asked.first))
	}
	run := pending != nil || asked.why != "" && left <= 0
	if run {
		t.asked = request{}
	}
	t.mu.Unlock()
	switch {
	case ended:
		return "", 0, true
	case pending != nil:
		t.take(*pending)
		t.log.Info("the settings were read again")
		return TriggerReload, 0, false
	case run:
		return asked.why, 0, false
	}
	return "", max(left, 0), false
}

// next is when the schedule says.
func (t *target) next(now time.Time) time.Time { return t.config.Schedule.Next(now) }

func (t *target) setNext(now, due time.Time, retry time.Duration, retrying bool) {
	if retrying {
		due = now.Add(retry)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known.Next = due
}

// sleep is false when the context has ended.
func (t *target) sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.wake:
	case <-timer.C:
	}
	return true
}
