package spec

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// checkContents checks what the declared fields of one agent say, beyond their
// kinds: it reports to c. It skips what could not be decoded, and !env values
// that are not resolved yet; ResolveEnv runs it again. It also brings values
// to their final form (a number where the parameter's type says so, ids in
// lower case), which it may do any number of times.
func checkContents(c *collector, fields *Value) {
	(&checker{c}).object(AgentFields, fields, "", "")
}

// checker walks Values along the table. Next to the path of a value, which
// problems show, it keeps the path in the table, by which rules are found.
type checker struct{ *collector }

// known tells whether a value's content can be looked at.
func known(v *Value) bool { return v != nil && v.Kind != invalid && !v.Unresolved() }

func fieldOf(fields []Field, key string) *Field {
	i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == key || f.Alias != "" && f.Alias == key })
	return &fields[i]
}

func (c *checker) object(fields []Field, v *Value, path, table string) {
	for _, m := range v.Members {
		f := fieldOf(fields, m.Key)
		c.value(f, m, join(path, m.Key), join(table, f.Name))
	}
	if rule := objectRules[table]; rule != nil {
		rule(c, v, path)
	}
}

func (c *checker) value(f *Field, m Member, path, table string) {
	v := m.Value
	if !known(v) || v.Kind == Null {
		return
	}
	switch f.Type {
	case TypeText, TypeScalar:
		c.text(f, v, path)
	case TypeTexts:
		if f.Unordered {
			c.nameList(v, path)
		}
	case TypeObject:
		c.object(f.Fields, v, path, table)
	case TypeEntries:
		for i, item := range v.Items {
			c.object(f.Fields, item, entryPath(path, entryLabel(f, item), i), table)
		}
		c.unique(f, v, path)
	case TypeMap:
		for _, entry := range v.Members {
			if strings.TrimSpace(entry.Key) == "" || strings.ContainsFunc(entry.Key, isControl) {
				c.addf(entry.Pos(), path, "write a name in one line", "has the key %s", quote(entry.Key))
			}
			c.parameter(f.Elem, entry, join(path, entry.Key))
		}
	}
	if rule := valueRules[table]; rule != nil {
		rule(c, v, path)
	}
}

func (c *checker) text(f *Field, v *Value, path string) {
	n := utf8.RuneCountInString(v.Text)
	switch {
	case strings.Contains(v.Text, "\x00"):
		c.addf(v.Pos, path, "remove it", "holds the character NUL")
	case f.Key && strings.TrimSpace(v.Text) == "":
		c.addf(v.Pos, path, "write a value: entries are told apart by it", "is empty")
	case len(f.Enum) > 0 && !slices.Contains(f.Enum, v.Text):
		c.enum(f, v, path)
	case f.MaxLength > 0 && n > f.MaxLength:
		c.addf(v.Pos, path, "shorten it", "is %d characters long, at most %d are allowed", n, f.MaxLength)
	case f.URL && (v.Text != "" || f.Required):
		if problem, remedy := urlProblem(v.Text); problem != "" {
			c.addf(v.Pos, path, remedy, "%s", problem)
		}
	}
}

func (c *checker) enum(f *Field, v *Value, path string) {
	allowed, remedy := "one of "+strings.Join(f.Enum, ", "), "write one of these"
	if len(f.Enum) == 1 {
		allowed, remedy = f.Enum[0], "write "+f.Enum[0]
	}
	if v.Sensitive {
		c.addf(v.Pos, path, remedy, "must be %s", allowed)
		return
	}
	if n := nearest(v.Text, f.Enum); n != "" {
		remedy = "write " + n
	}
	c.addf(v.Pos, path, remedy, "is %s, must be %s", quote(v.Text), allowed)
}

// nameList checks a set of names.
func (c *checker) nameList(v *Value, path string) {
	for i, item := range v.Items {
		if known(item) && strings.TrimSpace(item.Text) == "" {
			c.addf(item.Pos, entryPath(path, "", i), "write a name, or remove the entry", "is empty")
		}
	}
}

// entryKey finds the natural key of an entry, by its name or its alias.
func entryKey(f *Field, entry *Value) (Member, bool) {
	key := f.KeyField()
	for _, m := range entry.Members {
		if (m.Key == key.Name || key.Alias != "" && m.Key == key.Alias) && m.Value.Kind == Text {
			return m, true
		}
	}
	return Member{}, false
}

func entryLabel(f *Field, entry *Value) string {
	if m, ok := entryKey(f, entry); ok {
		return keyLabel(f.KeyField(), m.Value.Text)
	}
	return ""
}

// unique reports entries of one natural key, compared as the diff compares
// texts: without surrounding white space.
func (c *checker) unique(f *Field, v *Value, path string) {
	first := map[string]int{}
	for i, item := range v.Items {
		m, ok := entryKey(f, item)
		if !ok {
			continue
		}
		id := m.Key + "\x00" + strings.TrimSpace(m.Value.Text)
		if line, twice := first[id]; twice {
			c.addf(m.Value.Pos, join(entryPath(path, entryLabel(f, item), i), m.Key), "remove one, or give it another "+m.Key, "is the same as in the entry in line %d", line)
			continue
		}
		first[id] = m.Value.Pos.Line
	}
}
