package gitsrc

import "strings"

// span is some lines of a file, counted from 0.
type span struct{ from, till int }

// chunks splits the lines of a file into its documents as spec does: at lines
// that are markers. Directives go with the document that they stand before. A
// chunk may turn out to hold no definition.
func chunks(text []string) []span {
	var all []span
	start, content := 0, false // something besides comments and directives was seen
	flush := func(end int) {
		if content {
			all = append(all, span{start, end})
		}
		start, content = end, false
	}
	for i, line := range text {
		switch {
		case isMarker(line, "---"):
			if content {
				flush(i)
			}
			content = true
		case isMarker(line, "..."):
			flush(i + 1)
		case !content:
			line = strings.TrimLeft(line, " \t")
			content = line != "" && line[0] != '#' && line[0] != '%'
		}
	}
	flush(len(text))
	return all
}

func isMarker(line, marker string) bool {
	rest, ok := strings.CutPrefix(line, marker)
	return ok && (rest == "" || rest[0] == ' ' || rest[0] == '\t')
}
