package report

import (
	"fmt"
	"strings"

	"wassist-sync/sync"
)

// details renders one change with all that it does, folded. Of a change that
// needs more than room, fields are left out, and lines of its differences.
func (m *markdown) details(c *sync.Change, room int) string {
	const foot = "</details>\n\n"
	head := "<details>\n<summary>" + summaryLine(c) + "</summary>\n\n"
	if about := m.about(c); about != "" {
		head += about + "\n\n"
	}
	fields := shownFields(c)
	if len(fields) == 0 {
		return head + foot
	}
	return m.fit(list{
		head: head,
		foot: "\n" + foot,
		n:    len(fields),
		item: func(i int) string { return m.field(fields[i], c.Action == sync.Create, room/4) },
		more: func(left int) string { return "- and " + plural(left, "more field") + "\n" },
	}, room)
}

// about says why a change is made and where it stands. Each part begins with a
// word: what begins with a text could be taken for a list or a heading.
func (m *markdown) about(c *sync.Change) string {
	var parts []string
	if c.Reason != "" {
		parts = append(parts, "Why: "+prose(c.Reason))
	}
	if c.Pos.File != "" {
		parts = append(parts, "defined in "+code(fmt.Sprintf("%s:%d", c.Pos.File, c.Pos.Line)))
	}
	if c.ID != "" {
		parts = append(parts, "id "+code(c.ID))
	}
	if m.Digests && c.Digest != "" {
		parts = append(parts, "digest "+code(c.Digest))
	}
	return strings.Join(parts, " · ")
}

// summaryLine names a change where Markdown is not read.
func summaryLine(c *sync.Change) string {
	if c.Number != "" {
		return fmt.Sprintf("%s %s: %s", c.Action, htmlCode(c.Number), route(c, htmlCode))
	}
	text := string(c.Action) + " " + htmlCode(c.Agent)
	if n := len(shownFields(c)); n > 0 {
		text += ": " + plural(n, "field")
	}
	return text
}

// shownFields leaves out what the title of a change says.
func shownFields(c *sync.Change) []*sync.Field {
	if c.Number != "" {
		return nil
	}
	var out []*sync.Field
	for i := range c.Fields {
		if f := &c.Fields[i]; c.Action != sync.Create || f.Path != "name" {
			out = append(out, f)
		}
	}
	return out
}

// field renders one difference: a line, and a block for what needs several.
func (m *markdown) field(f *sync.Field, create bool, room int) string {
	cause := causeOf(f)
	if cause != "" {
		cause = " (" + prose(cause) + ")"
	}
	head := "- " + code(f.Path) + ": "
	switch formOf(f) {
	case formSensitive:
		return head + sensitive + cause + "\n"
	case formValue:
		return head + change(f, create) + cause + "\n"
	case formText:
		before, after := texts(f)
		return head + lengths(before, after) + cause + "\n" + m.block(textLines(f), room)
	}
	what := map[string]string{"+": "new", "~": "changed", "-": "goes"}[markOf(f, create)]
	var all []string
	for _, l := range parts(f.Before) {
		all = append(all, "- "+l)
	}
	for _, l := range parts(f.After) {
		all = append(all, "+ "+l)
	}
	return head + what + cause + "\n" + m.block(all, room)
}

// change says in one line what becomes of a short value.
func change(f *sync.Field, create bool) string {
	show := func(v any) string { return span(clip(value(v))) }
	switch {
	case create || f.Before == nil:
		return show(f.After)
	case f.After == nil:
		return show(f.Before) + " goes"
	}
	return show(f.Before) + " → " + show(f.After)
}

// textLines are the lines of a long text's difference, or its first ones when
// all of it is new.
func textLines(f *sync.Field) []string {
	before, after := texts(f)
	b := lines(after)
	switch {
	case before == "":
		out := make([]string, 0, firstLines+1)
		for _, l := range b[:min(len(b), firstLines)] {
			out = append(out, "+"+clip(l))
		}
		if n := len(b) - firstLines; n > 0 {
			out = append(out, "@@ … and "+moreLines(n)+" @@")
		}
		return out
	case after == "":
		return nil
	}
	out := differences(lines(before), b)
	shorten(out)
	return out
}

// block fences lines as a difference, as many as there is room for.
func (m *markdown) block(all []string, room int) string {
	for i := range all {
		all[i] = fewBackticks(all[i])
	}
	mark := fence(all)
	return m.fit(list{
		head: "\n" + mark + "diff\n",
		foot: mark + "\n\n",
		n:    len(all),
		item: func(i int) string { return all[i] + "\n" },
		more: func(left int) string { return "@@ … and " + moreLines(left) + " @@\n" },
	}, room)
}
