package serve

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// shortestEvery is the least distance of @every: robfig/cron takes everything
// below a second, negative ones too, for one.
const shortestEvery = time.Second

// Schedule says when runs are due.
type Schedule struct {
	text   string
	zone   *time.Location
	jitter time.Duration
	cron   cron.Schedule
	period time.Duration
}

// ParseSchedule reads a schedule: five cron fields, @hourly and its kin, or
// @every DURATION. The zone (Europe/London; empty: the machine's) is that of the
// fields; CRON_TZ=ZONE before them says the same. Jitter is the longest random
// delay of each run.
func ParseSchedule(text, zone string, jitter time.Duration) (*Schedule, error) {
	s := &Schedule{text: text, zone: time.Local, jitter: jitter}
	if zone != "" {
		var err error
		if s.zone, err = time.LoadLocation(zone); err != nil {
			return nil, fmt.Errorf("the time zone %q is not known; write one such as Europe/London or UTC", zone)
		}
		if strings.HasPrefix(text, "CRON_TZ=") || strings.HasPrefix(text, "TZ=") {
			return nil, errors.New("the schedule names a time zone itself; leave one of the two out")
		}
	}
	if err := checkEvery(text); err != nil {
		return nil, err
	}
	var err error
	if s.cron, err = parseCron(text); err != nil {
		return nil, fmt.Errorf("the schedule %q cannot be read: %w; write five fields such as \"*/15 * * * *\", @hourly, or @every 15m", text, err)
	}
	if s.period = s.longest(time.Now()); s.period == 0 {
		return nil, fmt.Errorf("the schedule %q never comes; check its days and months", text)
	}
	switch {
	case jitter < 0:
		return nil, fmt.Errorf("the jitter %v is negative", jitter)
	case jitter >= s.period:
		return nil, fmt.Errorf("the jitter %v is not shorter than the time between two runs (%v)", jitter, s.period)
	}
	s.period += jitter
	return s, nil
}

// parseCron keeps a defect of the library, which panics on some time zones that
// are not closed, from ending the program.
func parseCron(text string) (schedule cron.Schedule, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("its fields are missing")
		}
	}()
	return cron.ParseStandard(text)
}

// checkEvery refuses distances that the library would round without a word.
func checkEvery(text string) error {
	rest, ok := strings.CutPrefix(text, "@every ")
	if !ok {
		return nil
	}
	if d, err := time.ParseDuration(rest); err == nil && (d < shortestEvery || d%time.Second != 0) {
		return fmt.Errorf("@every %s is not a number of whole seconds; write one such as @every 15m", rest)
	}
	return nil
}

// String is the schedule as it was written.
func (s *Schedule) String() string { return s.text }

// Period is the longest time between two runs.
func (s *Schedule) Period() time.Duration { return s.period }

// Next is when the first run after a moment is due, by the wall clock.
func (s *Schedule) Next(after time.Time) time.Time {
	next := s.cron.Next(after.Round(0).In(s.zone))
	if s.jitter > 0 && !next.IsZero() {
		next = next.Add(rand.N(s.jitter))
	}
	return next
}

// Bounds of the search for the longest time between two runs: a schedule of some
// minutes of some days is dense, one of a day in February rare.
const (
	mostLooked  = 12_000
	longestLook = 400 * 24 * time.Hour
)

// longest finds the longest time between two runs; 0 when there are none.
func (s *Schedule) longest(from time.Time) time.Duration {
	var longest time.Duration
	last := s.cron.Next(from.In(s.zone))
	for i := 0; i < mostLooked && (i == 0 || last.Sub(from) < longestLook); i++ {
		next := s.cron.Next(last)
		if next.IsZero() {
			break
		}
		longest = max(longest, next.Sub(last))
		last = next
	}
	return longest
}
