package sync

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestParsePrune(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in   string
		want Prune
	}{{"none", PruneNone}, {"all", PruneAll}, {"managed", PruneManaged}, {"", ""}, {"ALL", ""}} {
		got, err := ParsePrune(tt.in)
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("ParsePrune(%q) = %q, %v", tt.in, got, err)
		}
		if err != nil && !strings.Contains(err.Error(), fmt.Sprintf("%q", tt.in)) {
			t.Errorf("ParsePrune(%q): %v does not name the value", tt.in, err)
		}
	}
}

func TestMaxDeletes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in    string
		known int
		limit int
		how   string
	}{
		{"", 0, 3, "the default"},
		{"", 15, 3, "the default"},
		{"", 16, 4, "a quarter of the 16 agents that definitions lead to or led to"},
		{"", 19, 4, "a quarter of the 19 agents that definitions lead to or led to"},
		{"0", 100, 0, "--max-deletes"},
		{"7", 0, 7, "--max-deletes"},
		{"20%", 14, 2, "20% of the 14 agents that definitions lead to or led to"},
		{"0%", 14, 0, "0% of the 14 agents that definitions lead to or led to"},
		{"100%", 14, 14, "100% of the 14 agents that definitions lead to or led to"},
	} {
		var m MaxDeletes
		if tt.in != "" {
			var err error
			if m, err = ParseMaxDeletes(tt.in); err != nil {
				t.Errorf("ParseMaxDeletes(%q): %v", tt.in, err)
			}
		}
		if limit, how := m.limit(tt.known); limit != tt.limit || how != tt.how {
			t.Errorf("%q of %d agents: %d (%s), want %d (%s)", tt.in, tt.known, limit, how, tt.limit, tt.how)
		}
	}
	for _, bad := range []string{"", "x", "-1", "101%", "%", "1.5", "5%%"} {
		if m, err := ParseMaxDeletes(bad); err == nil {
			t.Errorf("ParseMaxDeletes(%q) = %+v", bad, m)
		}
	}
}

func TestParseRate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in   string
		want Rate
	}{
		{"100/1m", Rate{100, time.Minute}},
		{"100/m", Rate{100, time.Minute}},
		{"5/s", Rate{5, time.Second}},
		{"1/1m30s", Rate{1, 90 * time.Second}},
		{"10/.5s", Rate{10, 500 * time.Millisecond}},
	} {
		if got, err := ParseRate(tt.in); err != nil || got != tt.want {
			t.Errorf("ParseRate(%q) = %+v, %v, want %+v", tt.in, got, err, tt.want)
		}
	}
	for _, bad := range []string{"", "100", "/1m", "100/", "0/1m", "-1/1m", "100/0s", "100/-1m", "x/1m", "100/1", "100/minute"} {
		if got, err := ParseRate(bad); err == nil {
			t.Errorf("ParseRate(%q) = %+v", bad, got)
		}
	}
}

func TestRateSeconds(t *testing.T) {
	t.Parallel()
	r := Rate{Limit: 100, Window: time.Minute}
	for k, want := range map[int]float64{-1: 0, 0: 0, 1: 0, 100: 0, 101: 60, 200: 60, 201: 120} {
		if got := r.Seconds(k); got != want {
			t.Errorf("%d requests take %v s, want %v", k, got, want)
		}
	}
	if got := (Rate{}).Seconds(1000); got != 0 {
		t.Errorf("without a limit %v s", got)
	}
}
