package spec

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// jsonNumber is the grammar of RFC 8259 section 6.
var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

var jsonInteger = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

// scalar decodes a value that is neither null nor a collection.
func (d *decoder) scalar(f *Field, n *yaml.Node, pos Position, path string) *Value {
	want := map[Type]string{TypeBool: "true or false", TypeNumber: "a number"}[f.Type]
	if want == "" {
		want = "text"
	}
	if n.Kind != yaml.ScalarNode {
		remedy := "write " + want
		if want == "text" {
			remedy = "write one text, in quotes if it starts with [ or { or holds \": \""
		}
		d.addf(pos, path, remedy, "is %s, must be %s", kindOf(n), want)
		return undecoded(pos)
	}
	plain := n.Style == 0
	switch f.Type {
	case TypeBool:
		if !plain || n.Value != "true" && n.Value != "false" {
			d.addf(pos, path, "write "+truth(n.Value), "is %s, must be true or false", shown(n))
			return undecoded(pos)
		}
		return &Value{Kind: Bool, Bool: n.Value == "true", Pos: pos}
	case TypeNumber:
		if remedy := numberRemedy(n.Value, plain); remedy != "" {
			d.addf(pos, path, remedy, "is %s, must be a number of 0 or more", shown(n))
			return undecoded(pos)
		}
		return &Value{Kind: Number, Text: n.Value, Pos: pos}
	}
	return &Value{Kind: Text, Text: n.Value, Pos: pos, Sensitive: f.Sensitive, plain: plain}
}

// shown is a scalar as its author wrote it, about.
func shown(n *yaml.Node) string {
	if n.Style == 0 {
		return label(n.Value)
	}
	return "the text " + quote(n.Value)
}

// truth is the boolean that was probably meant.
func truth(s string) string {
	switch strings.ToLower(s) {
	case "true", "yes", "y", "on", "1":
		return "true"
	case "false", "no", "n", "off", "0":
		return "false"
	}
	return "true or false"
}

// numberRemedy is "" for a JSON number of 0 or more that a double can hold.
func numberRemedy(s string, plain bool) string {
	switch f, err := strconv.ParseFloat(s, 64); {
	case !jsonNumber.MatchString(s):
		return "write digits only, such as 10"
	case err != nil || math.IsInf(f, 0):
		return "write a smaller number"
	case !plain:
		return "write " + s + " without quotes"
	case strings.HasPrefix(s, "-"):
		return "write 0 or more"
	}
	return ""
}
