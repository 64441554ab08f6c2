package gitsrc

import "strings"

// alike is how much two documents must have in common to be taken for one that
// moved to another file.
const alike = 0.6

// bag counts the bytes of each line of a document, without indentation, empty
// lines and comments.
type bag struct {
	lines map[string]int // how often
	bytes int
}

func newBag(lines []string) bag {
	b := bag{lines: map[string]int{}}
	for _, line := range lines {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		b.lines[line]++
		b.bytes += len(line)
	}
	return b
}

// likeness is the share of the larger document that both have in common,
// counted in bytes of equal lines, from 0 to 1.
func likeness(a, b bag) float64 {
	if len(a.lines) > len(b.lines) {
		a, b = b, a
	}
	larger := max(a.bytes, b.bytes)
	if larger == 0 || float64(min(a.bytes, b.bytes)) < alike*float64(larger) {
		return 0
	}
	common := 0
	for line, n := range a.lines {
		common += len(line) * min(n, b.lines[line])
	}
	return float64(common) / float64(larger)
}
