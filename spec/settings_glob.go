package spec

import "unicode"

// glob is a pattern in the language of path.Match, but that a slash is a
// character like any other: names of agents hold slashes, and are no paths.
type glob []globStep

// globStep is a star, or the set of characters that may stand at one place.
type globStep struct {
	star    bool
	negated bool // all characters but those of ranges
	ranges  [][2]rune
}

// parseGlob reads a pattern; problem is "" when it is sound.
func parseGlob(pattern string) (g glob, problem, remedy string) {
	for rest := []rune(pattern); len(rest) > 0; {
		r := rest[0]
		rest = rest[1:]
		switch r {
		case '*':
			g = append(g, globStep{star: true})
		case '?':
			g = append(g, globStep{negated: true})
		case '[':
			step, after, ok := parseClass(rest)
			if !ok {
				return nil, "has a [ that starts no set of characters", `write a set such as [abc] or [a-z], or \[ for the character itself`
			}
			g, rest = append(g, step), after
		case '\\':
			if len(rest) == 0 {
				return nil, `ends in a \ that nothing follows`, `write \\ for the character itself`
			}
			r, rest = rest[0], rest[1:]
			fallthrough
		default:
			g = append(g, globStep{ranges: [][2]rune{{r, r}}})
		}
	}
	return g, "", ""
}

// parseClass reads what follows a [, up to its ].
func parseClass(rest []rune) (step globStep, after []rune, ok bool) {
	if len(rest) > 0 && rest[0] == '^' {
		step.negated, rest = true, rest[1:]
	}
	for len(rest) > 0 && (rest[0] != ']' || step.ranges == nil) {
		var low, high rune
		if low, rest, ok = classRune(rest); !ok {
			return step, nil, false
		}
		high = low
		if len(rest) > 0 && rest[0] == '-' {
			if high, rest, ok = classRune(rest[1:]); !ok {
				return step, nil, false
			}
		}
		step.ranges = append(step.ranges, [2]rune{low, high})
	}
	if len(rest) == 0 {
		return step, nil, false
	}
	return step, rest[1:], true
}

// classRune reads one character of a class. A - or ] stands behind a backslash.
func classRune(rest []rune) (r rune, after []rune, ok bool) {
	if len(rest) > 0 && rest[0] == '\\' {
		rest = rest[1:]
	} else if len(rest) > 0 && (rest[0] == '-' || rest[0] == ']') {
		return 0, nil, false
	}
	if len(rest) == 0 {
		return 0, nil, false
	}
	return rest[0], rest[1:], true
}

// match tells whether the pattern matches the whole text, with fold in any
// case. It takes no more steps than the lengths of both, multiplied.
func (g glob) match(text string, fold bool) bool {
	runes := []rune(text)
	at, step := 0, 0
	star, starAt := -1, 0 // the last star, and where what follows it is tried
	for at < len(runes) {
		switch {
		case step < len(g) && g[step].star:
			star, starAt = step, at
			step++
		case step < len(g) && g[step].has(runes[at], fold):
			step++
			at++
		case star >= 0:
			starAt++
			step, at = star+1, starAt
		default:
			return false
		}
	}
	for step < len(g) && g[step].star {
		step++
	}
	return step == len(g)
}

func (s globStep) has(r rune, fold bool) bool {
	in := false
	for _, span := range s.ranges {
		in = in || span[0] <= r && r <= span[1]
		if fold {
			lower, upper := unicode.ToLower(r), unicode.ToUpper(r)
			in = in || span[0] <= lower && lower <= span[1] || span[0] <= upper && upper <= span[1]
		}
	}
	return in != s.negated
}
