package spec

import (
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// definitionField is a definition as a whole.
var definitionField = Field{Type: TypeObject, Fields: slices.Concat([]Field{NameField}, OwnFields, AgentFields), ReadOnly: AgentReadOnly}

// invalid is the Kind of a value that could not be decoded: its problem is
// reported, and it stays in the tree so that nothing else calls it missing. A
// Set never holds one, since Load fails.
const invalid Kind = 0

func undecoded(pos Position) *Value { return &Value{Kind: invalid, Pos: pos} }

func deref(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// plain reports an anchor or alias where there may be none. It is false when
// the value must not be read.
func (d *decoder) plain(n *yaml.Node, path string) bool {
	switch {
	case !d.settings:
	case n.Kind == yaml.AliasNode:
		d.addf(d.pos(n), path, "write the value out, or put a text that starts with * in quotes", "is the alias *%s, which settings do not have", label(n.Value))
		return false
	case n.Anchor != "":
		d.addf(d.pos(n), path, "leave it out, or put a text that starts with & in quotes", "has the anchor &%s, which settings do not have", label(n.Anchor))
	}
	return true
}

// isNull tells a value that is written null or ~, or left out after its colon.
func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Style == 0 && n.Tag == "!!null"
}

// kindOf names what a node is, in words that fit an error message.
func kindOf(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case isNull(n):
		return "null"
	case n.Style == 0 && n.Tag == "!!bool":
		return "a boolean"
	case n.Style == 0 && (n.Tag == "!!int" || n.Tag == "!!float"):
		return "a number"
	}
	return "text"
}

// value decodes one value by its field. own values are ours and not the API's:
// null does not clear them, and they must stand in the definition itself, as
// natural keys must.
func (d *decoder) value(f *Field, n *yaml.Node, path string, own bool) *Value {
	pos := d.pos(n)
	if !d.plain(n, path) {
		return undecoded(pos)
	}
	n = deref(n)
	if tag := explicitTag(n); tag != "" {
		if !d.tagFits(f, n, tag, pos, path, own) {
			return undecoded(pos)
		}
		if tag != tagVar {
			return d.tagged(f, n, tag, pos, path)
		}
		if n = d.variable(f, n, pos, path); n == nil {
			return undecoded(pos)
		}
	}
	if isNull(n) {
		if remedy := nullRemedy(f, own); remedy != "" {
			d.addf(pos, path, remedy, "is null")
			return undecoded(pos)
		}
		return &Value{Kind: Null, Pos: pos}
	}
	switch f.Type {
	case TypeTexts, TypeEntries:
		if n.Kind != yaml.SequenceNode {
			d.addf(pos, path, "write a list, with - before each entry", "is %s, must be a list", kindOf(n))
			return undecoded(pos)
		}
	case TypeObject, TypeMap:
		if n.Kind != yaml.MappingNode {
			d.addf(pos, path, mappingRemedy(f), "is %s, must be a mapping", kindOf(n))
			return undecoded(pos)
		}
	default:
		return d.scalar(f, n, pos, path)
	}
	switch f.Type {
	case TypeTexts:
		return &Value{Kind: List, Pos: pos, Items: d.texts(f, n, path, own)}
	case TypeEntries:
		return &Value{Kind: List, Pos: pos, Items: d.entries(f, n, path, own)}
	case TypeMap:
		return &Value{Kind: Object, Pos: pos, Members: d.userMap(f, n, path)}
	}
	return &Value{Kind: Object, Pos: pos, Members: d.object(f, n, pos, path, own)}
}

// nullRemedy says what to write instead where null is not allowed, else "".
func nullRemedy(f *Field, own bool) string {
	switch {
	case own && f.Type == TypeEntries, own && f.Type == TypeTexts:
		return "write [] for an empty list, or leave " + f.Name + " out"
	case f.Required || f.Key:
		return "write a value"
	case f.Type == TypeBool:
		return "write true or false, or leave " + f.Name + " out"
	case f.Type == TypeNumber && !f.Nullable:
		return "write a number, or leave " + f.Name + " out"
	case own:
		return "write a value, or leave " + f.Name + " out"
	}
	return ""
}

func mappingRemedy(f *Field) string {
	if f.Type == TypeMap || len(f.Fields) == 0 {
		return "write one key: value a line below it"
	}
	return "write its keys below it: " + strings.Join(keys(f.Fields), ", ")
}

// keys lists the keys that may be written, aliases included.
func keys(fields []Field) []string {
	var names []string
	for _, f := range fields {
		if f.Alias != "" {
			names = append(names, f.Alias)
		}
		names = append(names, f.Name)
	}
	return names
}

func (d *decoder) texts(f *Field, n *yaml.Node, path string, own bool) []*Value {
	// Names that are compared with others must be known offline.
	item := Field{Name: f.Name, Type: TypeText, Required: true, Key: own || f.Unordered}
	items := make([]*Value, len(n.Content))
	for i, c := range n.Content {
		items[i] = d.value(&item, c, entryPath(path, "", i), own)
	}
	return items
}

func (d *decoder) entries(f *Field, n *yaml.Node, path string, own bool) []*Value {
	items := make([]*Value, len(n.Content))
	entry := Field{Name: f.Name, Type: TypeObject, Required: true, Fields: f.Fields, ReadOnly: f.ReadOnly}
	for i, c := range n.Content {
		items[i] = d.value(&entry, c, entryPath(path, writtenKey(f, deref(c)), i), own)
	}
	return items
}

// writtenKey finds the natural key of an entry before it is decoded, for the
// paths of its problems.
func writtenKey(f *Field, entry *yaml.Node) string {
	key := f.KeyField()
	if entry.Kind != yaml.MappingNode {
		return ""
	}
	for i := 0; i+1 < len(entry.Content); i += 2 {
		k, v := deref(entry.Content[i]), deref(entry.Content[i+1])
		if (k.Value == key.Name || key.Alias != "" && k.Value == key.Alias) && v.Kind == yaml.ScalarNode && explicitTag(v) == "" && !isNull(v) {
			return keyLabel(key, v.Value)
		}
	}
	return ""
}

// key decodes a mapping's key. It is "" and false when it cannot be one.
func (d *decoder) key(n *yaml.Node, path string, seen map[string]int) (string, bool) {
	pos := d.pos(n)
	if !d.plain(n, path) {
		return "", false
	}
	n = deref(n)
	switch tag := explicitTag(n); {
	case n.Tag == "!!merge":
		remedy := "write the keys out, or share a whole value with & and *"
		if d.settings {
			remedy = "write the keys out"
		}
		d.addf(pos, path, remedy, "uses a merge key (<<), which is not supported")
		return "", false
	case n.Kind != yaml.ScalarNode:
		d.addf(pos, path, "put the key in quotes, or check for an unquoted { or [", "has %s for a key, must be text", kindOf(n))
		return "", false
	case tag != "":
		d.addf(pos, path, "write the key without a tag", "has the tag %s before a key", label(tag))
		return "", false
	}
	if first, twice := seen[n.Value]; twice {
		d.addf(pos, join(path, n.Value), "keep one of them", "is written twice, first in line %d", first)
		return "", false
	}
	seen[n.Value] = pos.Line
	return n.Value, true
}

// object decodes a mapping with fixed keys; its members come out in the order
// of the table.
func (d *decoder) object(of *Field, n *yaml.Node, pos Position, path string, own bool) []Member {
	fields := of.Fields
	written, count := make([]Member, len(fields)), 0 // by field
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, ok := d.key(n.Content[i], path, seen)
		if !ok {
			continue
		}
		at := slices.IndexFunc(fields, func(f Field) bool { return f.Name == name || f.Alias != "" && f.Alias == name })
		if at < 0 {
			d.unknown(of, d.pos(n.Content[i]), name, path)
			continue
		}
		f := &fields[at]
		if other := &written[at]; other.Value != nil {
			d.addf(d.pos(n.Content[i]), join(path, name), "keep one of them", "stands beside %s, which names the same thing", other.Key)
			continue
		}
		if name == f.Name {
			name = f.Name // the table's own, so that no value keeps a copy
		}
		ours := own || path == "" && Lookup(AgentFields, name) == nil
		written[at] = MemberAt(name, d.pos(n.Content[i]), d.value(f, n.Content[i+1], join(path, name), ours))
		count++
	}
	members := make([]Member, 0, count)
	for i, m := range written {
		switch f := &fields[i]; {
		case m.Value != nil:
			members = append(members, m)
		case f.Required && f.Alias != "":
			d.addf(pos, join(path, f.Alias), "add "+f.Alias+" or "+f.Name, "is missing")
		case f.Required:
			d.addf(pos, join(path, f.Name), "add "+f.Name, "is missing")
		}
	}
	return members
}

// unknown reports a key that the table does not know.
func (d *decoder) unknown(of *Field, pos Position, name, in string) {
	if slices.Contains(of.ReadOnly, name) {
		d.addf(pos, join(in, name), "leave it out", "is managed by Wassist")
		return
	}
	remedy := ""
	switch {
	case of == &settingsField && name == "vars":
		remedy = "write them in " + path.Join(environmentsFolder, "NAME.yaml") + ", which --env NAME names"
	case !d.full():
		remedy = didYouMean(name, keys(of.Fields))
	}
	d.addf(pos, join(in, name), remedy, "is not a known key")
}

// userMap decodes a mapping whose keys are the user's own, in written order.
func (d *decoder) userMap(f *Field, n *yaml.Node, path string) []Member {
	elem := *f.Elem
	elem.Name, elem.Required = "the entry", true
	members := make([]Member, 0, len(n.Content)/2)
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, ok := d.key(n.Content[i], path, seen)
		if !ok {
			continue
		}
		members = append(members, MemberAt(name, d.pos(n.Content[i]), d.value(&elem, n.Content[i+1], join(path, name), false)))
	}
	return members
}
