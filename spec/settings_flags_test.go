package spec_test

import (
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"wassist-sync/spec"
	"wassist-sync/sync"
)

// What the settings accept, the flags of the same names accept too: the value
// is handed on to their parsers, where a refusal would have no position.
func TestSettingsAgreeWithFlags(t *testing.T) {
	flags := map[string]func(string) error{
		"prune":      func(s string) error { _, err := sync.ParsePrune(s); return err },
		"onDrift":    func(s string) error { _, err := sync.ParseOnDrift(s); return err },
		"maxDeletes": func(s string) error { _, err := sync.ParseMaxDeletes(s); return err },
		"rate":       func(s string) error { _, err := sync.ParseRate(s); return err },
	}
	// Spellings of a number that only a flag takes.
	stricter := map[string]bool{"+5": true, "-0": true, "007": true, "00%": true, "+5%": true, "-0%": true}
	check := func(t rapid.TB, key, value string) {
		_, settings := spec.ParseSettings("s.yaml", []byte(key+": "+strconv.Quote(value)+"\n"))
		flag := flags[key](value)
		if (settings == nil) != (flag == nil) && (settings == nil || key != "maxDeletes" || !stricter[value]) {
			t.Errorf("%s: %q: settings say %v, the flag says %v", key, value, settings, flag)
		}
	}
	for key := range flags {
		for _, value := range []string{"", "none", "managed", "all", "overwrite", "keep", "fail", "All", "0", "5", "0%", "100%", "101%", "-1", "-1%", "+5", "-0", "007", "00%", "+5%", "-0%", "5 ", "1e3", "%", "1_000",
			"99999999999999999999", "99999999999999999999%", "100/1m", "100/m", "100/", "/1m", "100", "100/0s", "100/-1m", "100/1", "0/1m", "-1/1m", "+1/1m", "1/.5s", "1/+1h", "1/1h30m", "1/1x", "1 / 1m", "1/é", "1/s/s"} {
			check(t, key, value)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, "rate", rapid.StringMatching(`[+-]?[0-9]{0,2}/?[+-]?[0-9]?\.?[0-9]?(ns|us|ms|s|m|h|d|/)?`).Draw(t, "rate"))
		check(t, "maxDeletes", rapid.StringMatching(`-?(0|[1-9][0-9]{0,3})%?`).Filter(func(s string) bool { return !stricter[s] }).Draw(t, "deletes"))
	})
}
