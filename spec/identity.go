package spec

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// definition decodes one document; nil when it is no mapping.
func (d *decoder) definition(root *yaml.Node) *document {
	pos := d.pos(root)
	const remedy = "write the keys of one agent, name: first"
	switch tag := explicitTag(root); {
	case tag != "":
		d.addf(pos, "", remedy, "the definition has the tag %s", label(tag))
		return nil
	case root.Kind != yaml.MappingNode:
		d.addf(pos, "", remedy, "the definition is %s, must be a mapping", kindOf(root))
		return nil
	}
	doc := &document{agent: &Agent{Pos: pos, NamePos: pos, Fields: &Value{Kind: Object, Pos: pos}}}
	a := doc.agent
	var previous *Value
	for _, m := range d.object(&definitionField, root, pos, "", false) {
		switch v := m.Value; m.Key {
		case "name":
			a.NamePos = v.Pos
			if doc.named = d.checkName(v, "name"); doc.named {
				a.Name = v.Text
			}
			doc.nameless = v.Kind != Text
		case "id":
			doc.pinned, doc.idPos = true, v.Pos
			if v.Kind == Text && d.checkUUID(v, "id", "write the agent's id as Wassist shows it") {
				a.ID = v.Text
			}
		case "previousNames":
			previous = v
		case "deploy":
			d.deploy(a, v)
		case "lifecycle":
			if b := v.Get("preventDestroy"); b != nil {
				// One that is not known guards: see settleVariables.
				a.PreventDestroy = b.Bool || b.Kind == invalid
			}
		default:
			a.Fields.Members = append(a.Fields.Members, m)
		}
	}
	d.previousNames(a, previous)
	checkContents(d.collector, a.Fields)
	d.settleVariables(a)
	return doc
}

// checkName reports what a name may not be.
func (c *collector) checkName(v *Value, path string) bool {
	if v.Kind != Text || !c.checkLine(v, path, "write the agent's name") {
		return false
	}
	if n := utf8.RuneCountInString(v.Text); n > MaxNameLength {
		c.addf(v.Pos, path, "shorten it", "is %d characters long, at most %d are allowed", n, MaxNameLength)
		return false
	}
	return true
}

// checkLine reports a text that is empty, more than a line, or has white space
// around it; remedy is for the empty one.
func (c *collector) checkLine(v *Value, path, remedy string) bool {
	switch {
	case v.Text == "":
		c.addf(v.Pos, path, remedy, "is empty")
	case strings.TrimFunc(v.Text, unicode.IsSpace) != v.Text:
		c.addf(v.Pos, path, "remove it", "has white space around it: %s", quote(v.Text))
	case strings.ContainsFunc(v.Text, isControl):
		c.addf(v.Pos, path, "write it in one line", "holds a line break or control character: %s", quote(v.Text))
	default:
		return true
	}
	return false
}

func (d *decoder) previousNames(a *Agent, v *Value) {
	if v == nil || v.Kind != List {
		return
	}
	a.PreviousNames = []string{}
	for i, item := range v.Items {
		path := entryPath("previousNames", "", i)
		switch {
		case !d.checkName(item, path):
		case item.Text == a.Name:
			d.addf(item.Pos, path, "remove it", "is the name that the agent bears now")
		case slices.Contains(a.PreviousNames, item.Text):
			d.addf(item.Pos, path, "remove one of them", "%s is listed twice", quote(item.Text))
		default:
			a.PreviousNames = append(a.PreviousNames, item.Text)
		}
	}
}

func (d *decoder) deploy(a *Agent, v *Value) {
	a.Deploy = []Deployment{}
	for i, item := range v.Items {
		number := item.Get("number")
		if number == nil || number.Kind != Text {
			continue
		}
		normal, problem, remedy := normalizeNumber(number.Text)
		if problem != "" {
			path := entryPath("deploy", label(number.Text), i)
			d.addf(number.Pos, join(path, "number"), remedy, "%s", problem)
			continue
		}
		deployment := Deployment{Number: normal, Pos: number.Pos}
		if b := item.Get("applyToExisting"); b != nil {
			deployment.ApplyToExisting = b.Bool
		}
		a.Deploy = append(a.Deploy, deployment)
	}
}

var uuidForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// checkUUID reports a text that is no UUID (RFC 9562 section 4), and lowers
// the case of one that is, since ids are compared as texts.
func (c *collector) checkUUID(v *Value, path, remedy string) bool {
	lower := strings.ToLower(v.Text)
	if !uuidForm.MatchString(lower) {
		c.addf(v.Pos, path, remedy, "is %s, must be a UUID such as 3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b61", quote(v.Text))
		return false
	}
	v.Text = lower
	return true
}
