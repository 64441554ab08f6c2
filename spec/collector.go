package spec

import "fmt"

// maxProblems bounds what Load reports: beyond it a last line says how many
// problems were left out. It bounds memory too, which is why each collector
// stops storing there.
const maxProblems = 1000

// collector gathers the problems of one file, or of one check of the whole set.
type collector struct {
	problems Problems
	warnings Problems
	dropped  int
}

func (c *collector) addf(pos Position, field, remedy, format string, args ...any) {
	if c.full() {
		c.dropped++
		return
	}
	c.problems = append(c.problems, problemf(pos, field, remedy, format, args...))
}

// full tells that nothing more is stored, so that a costly remedy need not be found.
func (c *collector) full() bool { return len(c.problems) >= maxProblems }

func (c *collector) warnf(pos Position, field, remedy, format string, args ...any) {
	if len(c.warnings) < maxProblems {
		c.warnings = append(c.warnings, problemf(pos, field, remedy, format, args...))
	}
}

// merge takes over what another collector gathered.
func (c *collector) merge(other *collector) {
	c.problems = append(c.problems, other.problems...)
	c.warnings = append(c.warnings, other.warnings...)
	c.dropped += other.dropped
}

// finish sorts the problems and cuts them to maxProblems, with a last line for
// the rest. It returns nil when there are none, never an empty Problems.
func (c *collector) finish(dir string) error {
	if len(c.problems) == 0 {
		return nil
	}
	c.problems.sort()
	more := c.dropped
	if len(c.problems) > maxProblems {
		more += len(c.problems) - maxProblems
		c.problems = c.problems[:maxProblems]
	}
	if more > 0 {
		c.problems = append(c.problems, problemf(Position{File: dir}, "", "mend the ones above first", "%s left out of this list", count(more, "more problem is", "more problems are")))
	}
	return c.problems
}

// count gives "1 thing" or "n things".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
