package serve_test

import (
	"strings"
	"testing"
	"time"

	"wassist-sync/internal/serve"
)

func TestSchedule(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 3, 28, 23, 50, 0, 0, time.UTC) // the night when London's clocks change
	for _, tt := range []struct {
		text, zone string
		next       string // in UTC
		period     time.Duration
	}{
		{"*/15 * * * *", "UTC", "2026-03-29 00:00:00", 15 * time.Minute},
		{"@hourly", "UTC", "2026-03-29 00:00:00", time.Hour},
		{"@every 90s", "UTC", "2026-03-28 23:51:30", 90 * time.Second},
		{"0 9 * * 1-5", "UTC", "2026-03-30 09:00:00", 72 * time.Hour},
		{"0 9 * * *", "Europe/London", "2026-03-29 08:00:00", 25 * time.Hour},
		{"CRON_TZ=Asia/Tokyo 0 9 * * *", "", "2026-03-29 00:00:00", 24 * time.Hour},
		{"30 1 * * *", "Europe/London", "2026-03-30 00:30:00", 47 * time.Hour}, // half past one is not there that night
		{"* * * * 0,6", "UTC", "2026-03-28 23:51:00", 5*24*time.Hour + time.Minute},
	} {
		t.Run(tt.text, func(t *testing.T) {
			s, err := serve.ParseSchedule(tt.text, tt.zone, 0)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Next(from).UTC().Format("2006-01-02 15:04:05"); got != tt.next {
				t.Errorf("next at %s, want %s", got, tt.next)
			}
			if p := s.Period(); p != tt.period {
				t.Errorf("period %v, want %v", p, tt.period)
			}
			if s.String() != tt.text {
				t.Errorf("it is shown as %q", s)
			}
		})
	}
}

func TestScheduleJitter(t *testing.T) {
	t.Parallel()
	s, err := serve.ParseSchedule("@hourly", "UTC", 10*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2026, 1, 1, 12, 30, 0, 0, time.UTC)
	seen := map[time.Time]bool{}
	for range 50 {
		next := s.Next(from)
		if late := next.Sub(from.Add(30 * time.Minute)); late < 0 || late >= 10*time.Minute {
			t.Fatalf("%v late", late)
		}
		seen[next] = true
	}
	if len(seen) < 40 || s.Period() != 70*time.Minute {
		t.Errorf("%d different times of 50, period %v", len(seen), s.Period())
	}
}

func TestScheduleProblems(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text, zone string
		jitter     time.Duration
		want       string
	}{
		{"", "", 0, "cannot be read"},
		{"* * * *", "", 0, "cannot be read"},
		{"0 0 * * * *", "", 0, "cannot be read"},
		{"61 * * * *", "", 0, "cannot be read"},
		{"@reboot", "", 0, "cannot be read"},
		{"TZ=UTC", "", 0, "cannot be read"},
		{"CRON_TZ=", "", 0, "cannot be read"},
		{"CRON_TZ=Mars/Base * * * * *", "", 0, "cannot be read"},
		{"@every 0s", "", 0, "not a number of whole seconds"},
		{"@every -5m", "", 0, "not a number of whole seconds"},
		{"@every 1.5s", "", 0, "not a number of whole seconds"},
		{"0 0 30 2 *", "", 0, "never comes"},
		{"@hourly", "Mars/Base", 0, "time zone \"Mars/Base\" is not known"},
		{"CRON_TZ=UTC @hourly", "UTC", 0, "leave one of the two out"},
		{"@hourly", "", -time.Second, "is negative"},
		{"@hourly", "", time.Hour, "is not shorter"},
	} {
		if _, err := serve.ParseSchedule(tt.text, tt.zone, tt.jitter); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q in %q: %v, want %q", tt.text, tt.zone, err, tt.want)
		}
	}
}

func FuzzSchedule(f *testing.F) {
	for _, text := range []string{"*/15 * * * *", "@every 1h", "TZ=", "CRON_TZ=UTC 1 1 1 1 1", "0 0 30 2 *", "@", "*/0 * * * *"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := serve.ParseSchedule(text, "", 0)
		if err != nil {
			return
		}
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		if next := s.Next(now); !next.After(now) || s.Period() <= 0 {
			t.Errorf("%q comes next at %v, period %v", text, next, s.Period())
		}
	})
}
