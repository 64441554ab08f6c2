package wassist

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A write whose first attempt may have happened stays unknown, whatever a later attempt says.
func TestUnknownOutcomesStayUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, &fake{answer: script(hang, always(404, `{"detail":"Not found."}`))})
		err := c.Agents.Delete(t.Context(), "a1")
		if !errors.Is(err, ErrNotFound) || !OutcomeUnknown(err) {
			t.Errorf("%v, unknown %v", err, OutcomeUnknown(err))
		}
		// And the other way round: a 429 says that nothing happened.
		c = newClient(t, &fake{answer: script(always(429, ""), always(400, ""))})
		if err := second(c.Agents.Create(t.Context(), "n")); OutcomeUnknown(err) {
			t.Errorf("%v is unknown", err)
		}
	})
	synctest.Test(t, func(t *testing.T) { // the caller's end comes in the pause after an attempt that may have happened
		ctx, cancel := context.WithTimeout(t.Context(), 31*time.Second)
		defer cancel()
		c := newClient(t, &fake{answer: script(hang, always(503, "", "Retry-After", "60"))})
		if err := c.Agents.Delete(ctx, "a1"); !errors.Is(err, context.DeadlineExceeded) || !OutcomeUnknown(err) {
			t.Errorf("%v, unknown %v", err, OutcomeUnknown(err))
		}
	})
	if OutcomeUnknown(nil) || OutcomeUnknown(io.EOF) {
		t.Error("foreign errors say nothing about an outcome")
	}
}

func TestTheTimeoutStartsAfterTheToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &fake{
			way:    func(int) (time.Duration, time.Duration) { return 15 * time.Second, 14 * time.Second },
			answer: always(200, oneAgent),
		}
		c := newClient(t, server, WithRate(1, 10*time.Minute), WithTimeout(30*time.Second))
		if took := run(t, c, 2, 1); took < 10*time.Minute { // run fails the test on an error
			t.Errorf("took %v", took)
		}
	})
}

func TestCancelling(t *testing.T) {
	cases := map[string]struct {
		answer   answer
		setup    func(c *Client, ctx context.Context)
		after    time.Duration // when it is cancelled
		more     time.Duration // that it goes on after that
		requests int
		unknown  bool
		message  string
	}{
		"before the start":      {always(200, oneAgent), nil, 0, 0, 0, false, "limit of requests: it was cancelled"},
		"in the limiter":        {always(200, oneAgent), func(c *Client, ctx context.Context) { _, _ = c.limiter.Acquire(ctx) }, 5 * time.Second, 0, 0, false, "limit of requests"},
		"under way":             {hang, nil, 5 * time.Second, grace, 1, true, "no answer: it was cancelled"},
		"in a pause after 429":  {always(429, "", "Retry-After", "60"), nil, 5 * time.Second, 0, 1, false, "try again"},
		"in a pause after dial": {fails(dialFault), nil, 1 * time.Millisecond, 0, 1, false, "refused"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &fake{answer: tc.answer}
				c := newClient(t, server, WithRate(1, time.Minute))
				if tc.setup != nil {
					tc.setup(c, t.Context())
				}
				ctx, cancel := context.WithCancel(t.Context())
				if tc.after == 0 {
					cancel()
				} else {
					time.AfterFunc(tc.after, cancel)
				}
				start := time.Now()
				err := second(c.Agents.Create(ctx, "n"))
				if took := time.Since(start); took != tc.after+tc.more {
					t.Errorf("returned after %v", took)
				}
				if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), tc.message) {
					t.Errorf("err = %v", err)
				}
				if server.count() != tc.requests || OutcomeUnknown(err) != tc.unknown {
					t.Errorf("%d requests, unknown %v", server.count(), OutcomeUnknown(err))
				}
				cancel()
			})
		})
	}
	t.Run("a write under way is finished", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			server := &fake{
				way:    func(int) (time.Duration, time.Duration) { return 3 * time.Second, 4 * time.Second },
				answer: always(200, oneAgent),
			}
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			if a, err := newClient(t, server).Agents.Create(ctx, "n"); err != nil || a.ID == "" {
				t.Errorf("agent %q, err = %v", a.ID, err)
			}
		})
	})
	t.Run("a read under way is given up", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			start := time.Now()
			err := second(newClient(t, &fake{answer: hang}).Agents.Get(ctx, "a1"))
			if took := time.Since(start); took != time.Second || !errors.Is(err, context.Canceled) {
				t.Errorf("returned after %v with %v", took, err)
			}
		})
	})
	t.Run("deadline", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			err := second(newClient(t, &fake{answer: hang}).Agents.Get(ctx, "a1"))
			if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrTimeout) || !strings.Contains(err.Error(), "deadline") {
				t.Errorf("err = %v", err)
			}
		})
	})
}
