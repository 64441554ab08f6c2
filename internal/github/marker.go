package github

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A comment of ours begins with a line that GitHub does not show:
//
//	<!-- wassist-sync:1 plan KEY DIGESTS -->
//
// KEY names the target. DIGESTS are 32 bytes each, the plan's first and then
// those of its changes, in base64 without hyphens, which end comments. Only the
// first line is read: texts of agents stand below it, and can plant none.

// Target is what a plan is about: a repository can have several, and each has
// its own comment and its own issue. It is known before anything is asked, so
// that a run that fails at once finds the comment too.
type Target struct {
	Host        string // of the API
	Environment string
	Path        string // of the definitions
}

// key names a target without showing it, in letters that no comment ends with.
func (t Target) key() string {
	text, err := json.Marshal([]string{t.Host, t.Environment, t.Path})
	if err != nil {
		panic(err) // strings always encode
	}
	sum := sha256.Sum256(text)
	return base64.RawStdEncoding.EncodeToString(sum[:16])
}

// String says which target it is, to tell one comment from another.
func (t Target) String() string {
	if t.Environment != "" {
		return t.Path + " (" + t.Environment + ")"
	}
	return t.Path
}

// kind is what a marked text is.
type kind string

const (
	planKind  kind = "plan"
	driftKind kind = "drift"
)

// markerVersion is the version of DIGESTS. A later one is not read, but its
// comment is still found.
const markerVersion = "1"

// digestRoom is the most bytes that digests take of a comment: what people read
// goes first. It is room for some 570 changes.
const digestRoom = 24 << 10

var markerForm = regexp.MustCompile(`^<!-- wassist-sync:([0-9]+) ([a-z]+) ([A-Za-z0-9+/]{22})(?: ([A-Za-z0-9+/]+))? -->$`)

// marker is the first line of a text about a target. digest is the plan's, and
// is carried alone when those of the changes do not fit.
func marker(k kind, t Target, digest string, changes []string) string {
	carried := encode(slices.Concat([]string{digest}, changes))
	if len(carried) > digestRoom {
		carried = encode([]string{digest})
	}
	if carried != "" {
		carried = " " + carried
	}
	return fmt.Sprintf("<!-- wassist-sync:%s %s %s%s -->", markerVersion, k, t.key(), carried)
}

// encode packs digests; what is none is left out.
func encode(digests []string) string {
	var all []byte
	for _, d := range digests {
		hexed, _ := strings.CutPrefix(d, "sha256:")
		if b, err := hex.DecodeString(hexed); err == nil && len(b) == sha256.Size {
			all = append(all, b...)
		}
	}
	return base64.RawStdEncoding.EncodeToString(all)
}

// marked is what a text's marker says.
type marked struct {
	kind kind
	key  string
	// digests of the plan and its changes.
	digests []string
}

// readMarker reads the first line of a text. ok is false when it is no marker.
func readMarker(text string) (m marked, ok bool) {
	first, _, _ := strings.Cut(text, "\n")
	parts := markerForm.FindStringSubmatch(strings.TrimSuffix(first, "\r"))
	if parts == nil {
		return marked{}, false
	}
	m = marked{kind: kind(parts[2]), key: parts[3]}
	all, err := base64.RawStdEncoding.Strict().DecodeString(parts[4])
	if parts[1] != markerVersion || err != nil || len(all)%sha256.Size != 0 {
		return m, true
	}
	for digest := range slices.Chunk(all, sha256.Size) {
		m.digests = append(m.digests, "sha256:"+hex.EncodeToString(digest))
	}
	return m, true
}

// about tells whether a text is the one of a target.
func about(text string, k kind, t Target) (marked, bool) {
	m, ok := readMarker(text)
	return m, ok && m.kind == k && m.key == t.key()
}
