package simulator

import (
	"strconv"
	"testing"
)

// TestLogIsBounded: a simulator that runs for days keeps its last requests,
// and not every body that it ever saw.
func TestLogIsBounded(t *testing.T) {
	t.Parallel()
	var l requestLog
	const size = 10 << 20
	for range 8 { // 80 MiB, where 64 fit
		l.add(&Request{Body: make([]byte, size)})
	}
	for i, r := range l.entries {
		if kept := len(r.Body) == size; kept != (i >= 2) {
			t.Errorf("body %d kept: %v", i, kept)
		}
	}
	if l.bytes != 6*size {
		t.Errorf("counts %d bytes, want %d", l.bytes, 6*size)
	}
	for i := range logEntries {
		l.add(&Request{Query: strconv.Itoa(i)})
	}
	if n := len(l.entries); n != logEntries || l.entries[0].Query != "0" || l.bytes != 0 {
		t.Errorf("%d entries from %q, %d bytes; want %d from 0, none", n, l.entries[0].Query, l.bytes, logEntries)
	}
	// A single body larger than the whole allowance stays while it is the newest.
	l = requestLog{}
	l.add(&Request{Body: make([]byte, logBytes+1)})
	if l.entries[0].Body == nil {
		t.Error("the newest body was dropped")
	}
}
