package spec

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The rules for the contents of settings accept nothing that the flags of the
// same names would refuse.

// checkUnmanaged checks the names, ids and globs of unmanaged.
func (c *collector) checkUnmanaged(items []*Value, path string) {
	first := map[string]int{}
	for i, v := range items {
		here := entryPath(path, "", i)
		if v.Kind != Text || !c.checkLine(v, here, "write a name, an id or a glob, or remove the entry") {
			continue
		}
		if _, problem, remedy := parseGlob(v.Text); problem != "" {
			c.addf(v.Pos, here, remedy, "%s: %s", problem, quote(v.Text))
			continue
		}
		if line, twice := first[v.Text]; twice {
			c.addf(v.Pos, here, "remove one of them", "%s is listed twice, first in line %d", quote(v.Text), line)
			continue
		}
		first[v.Text] = v.Pos.Line
	}
}

// checkChoice checks a text that is one of a few.
func (c *collector) checkChoice(v *Value, key string) {
	(&checker{c}).text(Lookup(SettingsFields, key), v, key)
}

// deletions is a number of agents, or a share of them.
var deletions = regexp.MustCompile(`^(0|[1-9][0-9]*)%?$`)

// checkMaxDeletes makes a Number of what is written as one.
func (c *collector) checkMaxDeletes(v *Value, path string) {
	digits, share := strings.CutSuffix(v.Text, "%")
	n, err := strconv.Atoi(digits)
	if err != nil || !deletions.MatchString(v.Text) || share && n > 100 {
		c.addf(v.Pos, path, "write a number such as 5, or a share such as 20%", "is %s, must be a number of agents, or a share from 0%% to 100%%", quote(v.Text))
		return
	}
	if v.plain && !share {
		v.Kind = Number
	}
}

// checkRate checks N/DURATION; a bare unit means one of it, as in 100/m.
func (c *collector) checkRate(v *Value, path string) {
	count, window, _ := strings.Cut(v.Text, "/")
	if window != "" && !strings.Contains("0123456789.+-", window[:1]) {
		window = "1" + window
	}
	n, errCount := strconv.Atoi(count)
	d, errWindow := time.ParseDuration(window)
	if errCount != nil || errWindow != nil || n < 1 || d <= 0 {
		c.addf(v.Pos, path, "write the number of requests and the time they are counted over, such as 100/1m", "is %s, must be N/DURATION", quote(v.Text))
	}
}
