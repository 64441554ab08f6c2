package sync

import (
	"encoding/json"
	"testing"

	"wassist-sync/spec"
)

func digestChangeOf(edit func(target *Target, c *Change)) string {
	target := Target{Host: "api.example", Environment: "prod"}
	c := Change{
		Action: Update, Agent: "Desk", ID: "a1", Reason: "matched by name", Pos: spec.Position{File: "agents/a.yaml", Line: 1},
		Fields: []Field{
			{Path: "description", Before: "a", After: "b", Cause: CauseUnknown},
			{Path: "llmModel", Sensitive: true, Cause: CauseUnknown},
			{Path: "paywallConfig.messageLimit", Before: json.Number("1"), After: json.Number("2")},
		},
	}
	if edit != nil {
		edit(&target, &c)
	}
	return digestOf(target, &c)
}

// The digest of one change, pinned: it stands in pull requests and saved plans,
// so that a change of its form is a change of the format.
func TestDigestIsPinned(t *testing.T) {
	t.Parallel()
	const want = "sha256:980442018d81d5ef1733cd848834ead2c4f2277036c2270b8adc3e14aaa9b3a8"
	if got := digestChangeOf(nil); got != want {
		t.Errorf("digest %s, want %s", got, want)
	}
}

func TestDigestCovers(t *testing.T) {
	t.Parallel()
	base := digestChangeOf(nil)
	for _, tt := range []struct {
		name    string
		edit    func(target *Target, c *Change)
		differs bool
	}{
		{"nothing", func(*Target, *Change) {}, false},
		{"host", func(d *Target, _ *Change) { d.Host = "other" }, true},
		{"environment", func(d *Target, _ *Change) { d.Environment = "" }, true},
		{"organization", func(d *Target, _ *Change) { d.Organization = "x" }, false},
		{"action", func(_ *Target, c *Change) { c.Action = Create }, true},
		{"agent", func(_ *Target, c *Change) { c.Agent = "desk" }, true},
		{"id", func(_ *Target, c *Change) { c.ID = "a2" }, true},
		{"path", func(_ *Target, c *Change) { c.Fields[0].Path = "firstMessage" }, true},
		{"before", func(_ *Target, c *Change) { c.Fields[0].Before = nil }, true},
		{"before, empty", func(_ *Target, c *Change) { c.Fields[0].Before = "" }, true},
		{"after", func(_ *Target, c *Change) { c.Fields[2].After = json.Number("3") }, true},
		{"a field less", func(_ *Target, c *Change) { c.Fields = c.Fields[:2] }, true},
		{"sensitivity", func(_ *Target, c *Change) { c.Fields[1].Sensitive = false }, true},
		{"a sensitive field's values", func(_ *Target, c *Change) { c.Fields[1].Before, c.Fields[1].After = "x", "y" }, false},
		{"order of fields", func(_ *Target, c *Change) { c.Fields[0], c.Fields[2] = c.Fields[2], c.Fields[0] }, false},
		{"cause and commit", func(_ *Target, c *Change) { c.Fields[0].Cause, c.Fields[0].Commit = CauseGit, "1a2b3c4" }, false},
		{"reason", func(_ *Target, c *Change) { c.Reason = "pinned by id" }, false},
		{"place", func(_ *Target, c *Change) { c.Pos = spec.Position{File: "b.yaml", Line: 9} }, false},
		{"pin of an update", func(_ *Target, c *Change) { c.pinned = true }, false},
	} {
		if got := digestChangeOf(tt.edit); (got != base) != tt.differs {
			t.Errorf("%s: digest differs %t, want %t", tt.name, got != base, tt.differs)
		}
	}
}

// A deploy may belong to an agent that the same plan creates: its id counts
// only where the definition pins it.
func TestDigestOfDeploy(t *testing.T) {
	t.Parallel()
	deploy := func(id string, pinned, existing bool) string {
		return digestChangeOf(func(_ *Target, c *Change) {
			c.Action, c.ID, c.pinned, c.ApplyToExisting = Deploy, id, pinned, existing
		})
	}
	if deploy("", false, false) != deploy("a1", false, false) {
		t.Error("the digest changes once the agent exists")
	}
	if deploy("a1", true, false) == deploy("a2", true, false) {
		t.Error("the digest does not cover a pinned id")
	}
	if deploy("a1", false, false) == deploy("a1", false, true) {
		t.Error("the digest does not cover applyToExisting, which clears sessions")
	}
}

func TestPlanDigest(t *testing.T) {
	t.Parallel()
	a, b := Change{Digest: "sha256:a"}, Change{Digest: "sha256:b"}
	one := planDigest([]Change{a, b})
	if one != planDigest([]Change{b, a}) {
		t.Error("the order of changes counts")
	}
	if one == planDigest([]Change{a}) || one == planDigest(nil) || planDigest(nil) != planDigest([]Change{}) {
		t.Error("the digest does not tell plans apart")
	}
}
