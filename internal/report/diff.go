package report

import (
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

const (
	// longLine is the length, in characters, from which a line of a difference
	// is shown in part: a prompt may be one line of thousands.
	longLine = 200
	// around is how much of what is the same is shown beside what is not.
	around = 40
)

// diff shows the lines that differ, with three lines around them.
func (p *printer) diff(a, b []string) {
	all := differences(a, b)
	shorten(all)
	for _, l := range all {
		switch {
		case strings.HasPrefix(l, "@@"):
			l = p.faint(l)
		case strings.HasPrefix(l, "+"):
			l = p.green(l)
		case strings.HasPrefix(l, "-"):
			l = p.red(l)
		}
		p.printf("%s%s\n", indent, l)
	}
}

// differences lists the lines that differ, with three lines around them, each
// with its mark: a space, a minus, a plus, or an at sign where a stretch begins.
func differences(a, b []string) []string {
	join := func(l []string) []byte { return []byte(strings.Join(l, "\n") + "\n") }
	out := string(diff.Diff("before", join(a), "after", join(b)))
	all := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	return all[min(len(all), 3):] // after the header: diff, ---, +++
}

// shorten cuts long lines. A line that was replaced by another is cut to where
// the two differ.
func shorten(all []string) {
	for i := 0; i < len(all); {
		removed := run(all[i:], '-')
		added := run(all[i+removed:], '+')
		for k := range min(removed, added) {
			x, y := &all[i+k], &all[i+removed+k]
			*x, *y = excerpts(*x, *y)
		}
		next := i + max(removed+added, 1)
		for ; i < next; i++ {
			if l := all[i]; l != "" && l[0] != '@' {
				all[i] = l[:1] + clip(l[1:])
			}
		}
	}
}

func run(all []string, mark byte) int {
	n := 0
	for n < len(all) && all[n] != "" && all[n][0] == mark {
		n++
	}
	return n
}

// excerpts cuts what is the same at both ends of two long lines, but for a few
// characters around the difference. The first character is the mark.
func excerpts(a, b string) (x, y string) {
	ra, rb := []rune(a[1:]), []rune(b[1:])
	if max(len(ra), len(rb)) <= longLine {
		return a, b
	}
	shorter := min(len(ra), len(rb))
	head := 0
	for head < shorter && ra[head] == rb[head] {
		head++
	}
	tail := 0
	for tail < shorter-head && ra[len(ra)-1-tail] == rb[len(rb)-1-tail] {
		tail++
	}
	cut := func(mark string, r []rune) string {
		before, after := "", ""
		from, to := max(0, head-around), min(len(r), len(r)-tail+around)
		if from > 0 {
			before = "… "
		}
		if to < len(r) {
			after = " …"
		}
		return mark + before + middle(r[from:to]) + after
	}
	return cut("-", ra), cut("+", rb)
}

// middle shows both ends of a text that is still long.
func middle(r []rune) string {
	if len(r) <= longLine-2*around {
		return string(r)
	}
	const end = longLine/2 - around
	return fmt.Sprintf("%s … (%s characters) … %s", string(r[:end]), thousands(len(r)-2*end), string(r[len(r)-end:]))
}
