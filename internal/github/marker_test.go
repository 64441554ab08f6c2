package github

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMarkerRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		target := Target{Host: rapid.String().Draw(t, "host"), Environment: rapid.String().Draw(t, "environment"), Path: rapid.String().Draw(t, "path")}
		var digests []string
		for _, b := range rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 32, 32), 1, 20).Draw(t, "digests") {
			digests = append(digests, "sha256:"+hex.EncodeToString(b))
		}
		line := marker(planKind, target, digests[0], digests[1:])
		if strings.ContainsAny(line, "\r\n") || strings.Count(line, "--") != 2 || !strings.HasSuffix(line, " -->") {
			t.Fatalf("the comment can end early: %q", line)
		}
		m, ok := about(line+"\r\n"+rapid.String().Draw(t, "rest"), planKind, target)
		if !ok || !slices.Equal(m.digests, digests) {
			t.Fatalf("%v, %q, want %q", ok, m.digests, digests)
		}
		if _, ok := about(line, driftKind, target); ok {
			t.Fatal("a plan is taken for drift")
		}
		other := target
		other.Path += "x"
		if _, ok := about(line, planKind, other); ok {
			t.Fatal("one target is taken for another")
		}
	})
}

func TestMarkerOfALaterVersionIsFoundAndNotRead(t *testing.T) {
	target := Target{Path: "agents"}
	line := strings.Replace(marker(planKind, target, "sha256:"+strings.Repeat("ab", 32), nil), ":1 ", ":2 ", 1)
	if m, ok := about(line, planKind, target); !ok || m.digests != nil {
		t.Errorf("%v, %q", ok, m.digests)
	}
}

// FuzzMarker reads any text: it gives whole digests or none, and a text that is
// found begins with a line that shows nothing.
func FuzzMarker(f *testing.F) {
	target := Target{Path: "agents"}
	f.Add(marker(planKind, target, "sha256:"+strings.Repeat("ab", 32), nil))
	f.Add("<!-- wassist-sync:1 plan " + target.key() + " AAAA -->\nx")
	f.Add("<!-- wassist-sync:1 plan " + target.key() + " " + strings.Repeat("A", 42) + "B -->")
	f.Fuzz(func(t *testing.T, text string) {
		m, ok := readMarker(text)
		if first, _, _ := strings.Cut(text, "\n"); ok && (!strings.HasPrefix(first, "<!-- ") || strings.Count(first, ">") != 1) {
			t.Errorf("%q is a marker", first)
		}
		for _, d := range m.digests {
			if b, err := hex.DecodeString(strings.TrimPrefix(d, "sha256:")); err != nil || len(b) != sha256.Size {
				t.Errorf("%q is a digest", d)
			}
		}
	})
}
