package sync

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
)

// A change's digest is SHA-256 over canonical JSON (keys sorted by
// encoding/json, fields sorted by path) of what the change does and where:
// host, environment, action, agent, id, and each field's path, before and
// after. It covers no commit, cause, file, order or time, so that the same
// change has the same digest on every machine. A sensitive field counts by its
// path alone: a digest must not let anybody test guesses of a secret.

type digestField struct {
	Path      string `json:"path"`
	Before    any    `json:"before"`
	After     any    `json:"after"`
	Sensitive bool   `json:"sensitive"`
}

type digestChange struct {
	Host        string        `json:"host"`
	Environment string        `json:"environment"`
	Action      Action        `json:"action"`
	Agent       string        `json:"agent"`
	ID          string        `json:"id"`
	Existing    bool          `json:"applyToExisting,omitempty"`
	Fields      []digestField `json:"fields"`
}

func digestOf(target Target, c *Change) string {
	d := digestChange{Host: target.Host, Environment: target.Environment, Action: c.Action, Agent: c.Agent, ID: c.ID, Existing: c.ApplyToExisting}
	if c.Action == Deploy && !c.pinned {
		// The same plan may create the agent: its id is not known beforehand.
		d.ID = ""
	}
	for _, f := range c.Fields {
		df := digestField{Path: f.Path, Sensitive: f.Sensitive}
		if !f.Sensitive {
			df.Before, df.After = f.Before, f.After
		}
		d.Fields = append(d.Fields, df)
	}
	slices.SortStableFunc(d.Fields, func(a, b digestField) int { return strings.Compare(a.Path, b.Path) })
	return hashJSON(d)
}

// planDigest is the hash of the sorted list of the changes' digests.
func planDigest(changes []Change) string {
	digests := make([]string, len(changes))
	for i := range changes {
		digests[i] = changes[i].Digest
	}
	slices.Sort(digests)
	return hashJSON(digests)
}

func hashJSON(v any) string {
	// Only nil, strings, booleans, numbers, lists and maps of these come in
	// here: encoding/json cannot fail on them.
	b, err := json.Marshal(v)
	if err != nil {
		panic("sync: a plan holds a value that JSON cannot: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}
