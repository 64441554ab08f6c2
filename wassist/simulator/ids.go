package simulator

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	mathrand "math/rand/v2"
	"regexp"
	"strings"
)

// newID makes a random UUID (RFC 9562, version 4). With Options.Seed it is a
// function of the seed and of how many were made before, so that a state file
// carries on where it stopped instead of making the same ids again.
func (s *Server) newID() string {
	return formatUUID(s.randomBytes())
}

// newSecret makes 32 hex digits.
func (s *Server) newSecret() string {
	b := s.randomBytes()
	return hex.EncodeToString(b[:])
}

func (s *Server) randomBytes() [16]byte {
	if s.opt.Seed == 0 {
		return randomUUID()
	}
	var b [16]byte
	s.st.Issued++
	src := mathrand.NewPCG(uint64(s.opt.Seed), s.st.Issued)
	for i := range b {
		b[i] = byte(src.Uint64() >> 40)
	}
	return b
}

func randomUUID() [16]byte {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the process instead
	return b
}

// nameID is the id of something whose identity is its name.
func nameID(kind, name string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + name))
	return formatUUID([16]byte(sum[:16]))
}

func formatUUID(b [16]byte) string {
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

var uuidForm = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// parseUUID returns the canonical form of a UUID.
func parseUUID(s string) (string, bool) {
	s = strings.ToLower(s)
	return s, uuidForm.MatchString(s)
}
