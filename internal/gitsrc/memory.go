package gitsrc

import "sync"

// Bounds of what a Repository keeps of what it learnt. A map that is full is
// emptied: what is asked for again is read again.
const (
	maxHeaders = 500_000
	maxFacts   = 50_000
	maxSteps   = 500_000
	maxChanges = 200_000  // documents named in steps
	maxLines   = 16 << 20 // bytes of files that were split into lines
)

// memory is what Lines learnt. Nothing in it can become wrong: commits, trees
// and files do not change under their hashes.
type memory struct {
	mu      sync.Mutex
	headers map[Hash]header
	facts   map[factsKey][]*fileFacts
	files   int
	steps   map[stepKey]*step
	changes int
	lines   map[Hash][]string
	bytes   int
}

type factsKey struct {
	env     string
	file    string
	content Hash
}

type stepKey struct {
	dir, env string
	commit   Hash
}

func newMemory() *memory {
	return &memory{headers: map[Hash]header{}, facts: map[factsKey][]*fileFacts{}, steps: map[stepKey]*step{}, lines: map[Hash][]string{}}
}

func (m *memory) header(h Hash) (header, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.headers[h]
	return c, ok
}

func (m *memory) keepHeader(c header) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.headers) >= maxHeaders {
		clear(m.headers)
	}
	m.headers[c.hash] = c
}

func (m *memory) factsOf(k factsKey) []*fileFacts {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.facts[k]
}

func (m *memory) keepFacts(k factsKey, f *fileFacts) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.files >= maxFacts {
		clear(m.facts)
		m.files = 0
	}
	m.files++
	m.facts[k] = append(m.facts[k][:len(m.facts[k]):len(m.facts[k])], f)
}

func (m *memory) step(k stepKey) (*step, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.steps[k]
	return s, ok
}

func (m *memory) keepStep(k stepKey, s *step) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.steps) >= maxSteps || m.changes >= maxChanges {
		clear(m.steps)
		m.changes = 0
	}
	m.steps[k] = s
	m.changes += s.size()
}

func (m *memory) linesOf(content Hash) ([]string, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	text, ok := m.lines[content]
	return text, ok
}

func (m *memory) keepLines(content Hash, text []string, size int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.bytes += size; m.bytes > maxLines {
		clear(m.lines)
		m.bytes = size
	}
	m.lines[content] = text
}
