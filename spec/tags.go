package spec

import (
	"path"
	"strings"

	"gopkg.in/yaml.v3"
)

const (
	tagFile = "!file"
	tagEnv  = "!env"
)

// explicitTag is the tag that the author wrote. !!str is none: texts are read
// as texts anyway.
func explicitTag(n *yaml.Node) string {
	if n.Style&yaml.TaggedStyle == 0 || n.Tag == "!!str" && n.Kind == yaml.ScalarNode {
		return ""
	}
	return n.Tag
}

// tagFits reports a tag that is unknown or stands where it may not.
func (d *decoder) tagFits(f *Field, n *yaml.Node, tag string, pos Position, path string, own bool) bool {
	switch {
	case d.settings:
		d.addf(pos, path, "write the value itself; put a text that starts with ! in quotes", "has the tag %s, which settings do not have", label(tag))
	case strings.HasPrefix(tag, "!!"):
		d.addf(pos, path, "leave the tag out: the field decides how its value is read", "has the tag %s", label(tag))
	case tag != tagFile && tag != tagEnv && tag != tagVar:
		d.addf(pos, path, "known tags are !file, !env and !var", "unknown tag %s", label(tag))
	case tag == tagVar && n.Kind == yaml.ScalarNode && f.Type != TypeTexts && f.Type != TypeEntries && f.Type != TypeObject && f.Type != TypeMap:
		return true
	case tag == tagVar && n.Kind == yaml.ScalarNode:
		d.addf(pos, path, "write the value itself, with !var before the single values in it", "has the tag %s, which stands before single values only", tag)
	case tag == tagVar:
		d.addf(pos, path, "write !var NAME", "has %s after %s, must be text", kindOf(n), tag)
	case f.Type != TypeText && f.Type != TypeScalar:
		d.addf(pos, path, "write the value itself", "has the tag %s, which stands before texts only", tag)
	case own || f.Key:
		d.addf(pos, path, "write the text itself", "has the tag %s, which is not allowed in names, ids, numbers and natural keys", tag)
	case n.Kind != yaml.ScalarNode:
		d.addf(pos, path, map[string]string{tagFile: "write !file PATH", tagEnv: "write !env NAME"}[tag], "has %s after %s, must be text", kindOf(n), tag)
	default:
		return true
	}
	return false
}

// tagged decodes a value with !file or !env.
func (d *decoder) tagged(f *Field, n *yaml.Node, tag string, pos Position, path string) *Value {
	if tag == tagFile {
		return d.textFile(f, n, pos, path)
	}
	template, problem := parseTemplate(n.Value)
	if problem != "" {
		d.addf(pos, path, "write !env NAME, or !env \"text ${NAME}\" or ${NAME:-default} inside it", "%s", problem)
		return undecoded(pos)
	}
	template.field = path
	return &Value{Kind: Text, Pos: pos, Sensitive: true, tag: &fromTag{env: template}, plain: true}
}

// textFile reads the text that !file names, relative to the definition's file.
func (d *decoder) textFile(f *Field, n *yaml.Node, pos Position, field string) *Value {
	name := n.Value
	switch {
	case strings.TrimSpace(name) == "":
		d.addf(pos, field, "write !file PATH", "names no file")
		return undecoded(pos)
	case strings.Contains(name, `\`):
		d.addf(pos, field, "write / between folders", `names the file %s with \`, quote(name))
		return undecoded(pos)
	case path.IsAbs(name):
		d.addf(pos, field, "write a path relative to this file", "names the file %s, an absolute path", quote(name))
		return undecoded(pos)
	}
	name = path.Join(path.Dir(d.file), name)
	if name == ".." || strings.HasPrefix(name, "../") {
		d.addf(pos, field, "copy the file into the repository", "names the file %s, which %s", quote(n.Value), errLeaves)
		return undecoded(pos)
	}
	read, ok := d.loader.texts[name]
	if !ok {
		read.raw, read.err = readFile(d.fsys, name, maxTextSize)
		d.loader.texts[name] = read
	}
	if read.err != nil {
		what, remedy := why(read.err, "1 MiB")
		if remedy == "check the path" {
			remedy = "the path is relative to the folder of this file"
		}
		d.addf(pos, field, remedy, "names the file %s, which %s", quote(n.Value), what)
		return undecoded(pos)
	}
	text, at, what := decodeUTF8(read.raw)
	if what != "" {
		d.addf(pos, field, "save the file as UTF-8", "names the file %s, which %s (at %d:%d)", quote(n.Value), what, at.Line, at.Column)
		return undecoded(pos)
	}
	return &Value{Kind: Text, Text: text, tag: &fromTag{file: name}, Pos: pos, Sensitive: f.Sensitive}
}
