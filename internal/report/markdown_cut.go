package report

import (
	"math"
	"slices"
	"strings"
)

// unlimited is the room of a text that need not be cut.
const unlimited = math.MaxInt

// list is a piece of a text that can be cut, but only between its items: never
// in the middle of a block, a tag or a character.
type list struct {
	head, foot string // around the items; neither when there is none
	n          int
	// item renders one of them, and is asked only as far as there is room. What
	// comes out empty had no room.
	item func(i int) string
	// more stands where the last items were left out. It may not grow when
	// left shrinks.
	more func(left int) string
}

// cutter fits lists into their room, and remembers whether one was cut.
type cutter struct{ cut bool }

func (c *cutter) fit(l list, room int) string {
	if l.n == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(l.head)
	room -= len(l.head) + len(l.foot)
	reserve := len(l.more(l.n))
	for i := range l.n {
		item := l.item(i)
		need := len(item)
		if i < l.n-1 {
			need += reserve
		}
		if item == "" || need > room {
			c.cut = true
			if reserve > room {
				return "" // the first did not fit, and neither does a word about it
			}
			b.WriteString(l.more(l.n - i))
			break
		}
		b.WriteString(item)
		room -= len(item)
	}
	b.WriteString(l.foot)
	return b.String()
}

// section is a list with its place in the contest for room.
type section struct {
	list
	// claim orders who may take room first; it is not the order of reading.
	claim int
	// share, if it is not 0, lets a section take one of so many parts of all
	// the room at most, so that what matters less is not crowded out.
	share int
}

// fitAll fits sections into their common room, and gives their texts in the
// order of reading.
func (c *cutter) fitAll(sections []section, room int) []string {
	order := make([]int, len(sections))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return sections[a].claim - sections[b].claim })
	out := make([]string, len(sections))
	all := room
	for _, i := range order {
		s := &sections[i]
		mine := room
		if s.share > 0 {
			mine = min(room, all/s.share)
		}
		out[i] = c.fit(s.list, mine)
		room -= len(out[i])
	}
	return out
}
