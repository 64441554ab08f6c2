package spec

import (
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"
)

// TargetsField is the file that lists what one process keeps in line: the
// argument of serve --targets. It is a list of targets below the key targets.
var TargetsField = Field{Type: TypeObject, Fields: []Field{
	{Name: "targets", Type: TypeEntries, Required: true, Fields: TargetFields, Doc: "The targets, one an entry."},
}}

// TargetFields are the keys of one target.
var TargetFields = []Field{
	{Name: "name", Type: TypeText, Required: true, Key: true, MaxLength: 64, Doc: "What the target is called in logs, metrics and notices."},
	{Name: "repo", Type: TypeText, Doc: "The repository to clone: https, ssh, file or a path. No token in it: see gitTokenEnv."},
	{Name: "ref", Type: TypeText, Doc: "The branch, tag or commit to read. Default: the remote's default branch."},
	{Name: "path", Type: TypeText, Doc: "The folder of the definitions inside the repository. Default: agents."},
	{Name: "env", Type: TypeText, Doc: "The environment of the definitions: NAME of environments/NAME.yaml in their folder."},
	{Name: "keyEnv", Type: TypeText, Doc: "The variable that holds the API key. Default: WASSIST_API_KEY."},
	{Name: "keyFile", Type: TypeText, Doc: "A file that holds the API key. It is read again for each run."},
	{Name: "gitTokenEnv", Type: TypeText, Doc: "The variable that holds the token for https. Default: WASSIST_SYNC_GIT_TOKEN."},
	{Name: "gitTokenFile", Type: TypeText, Doc: "A file that holds the token for https. It is read again for each run."},
	{Name: "gitSshKey", Type: TypeText, Doc: "The private key file for ssh."},
	{Name: "schedule", Type: TypeText, Doc: "When to run: five cron fields, @hourly and its kin, or @every DURATION."},
	{Name: "timezone", Type: TypeText, Doc: "The time zone that the schedule is read in, such as Europe/London."},
	{Name: "jitter", Type: TypeText, Doc: "The longest random delay of a scheduled run, such as 30s."},
	{Name: "mode", Type: TypeText, Enum: []string{"apply", "plan"}, Doc: "apply, or plan: only report what differs."},
	{Name: "prune", Type: TypeText, Enum: []string{"none", "managed", "all"}, Doc: "Which agents without a definition are deleted: none, managed or all."},
	{Name: "confirmOrganization", Type: TypeText, Doc: "The name or id of the organization that prune: all may delete agents of."},
	{Name: "maxDeletes", Type: TypeScalar, Doc: "How many agents one plan may delete: a number such as 5, or a share such as 20%."},
	{Name: "onDrift", Type: TypeText, Enum: []string{"overwrite", "keep", "fail"}, Doc: "What becomes of a field that somebody edited on Wassist: overwrite, keep or fail."},
	{Name: "rate", Type: TypeText, Doc: "How many requests are made in which time, such as 100/1m."},
	{Name: "apiUrl", Type: TypeText, URL: true, Doc: "The API's address."},
}

// Target is one target as a targets file lists it. An absent value is nil.
type Target struct {
	Pos Position
	// Name is unique in the file.
	Name *Value
	// Values are the other keys, by name.
	Values map[string]*Value
}

// Text gives a key's text; empty when it is absent.
func (t *Target) Text(key string) string {
	if v := t.Values[key]; v != nil {
		return v.Text
	}
	return ""
}

// ParseTargets reads a targets file; name is the file in positions. The error
// is Problems with everything that is wrong.
func ParseTargets(name string, text []byte) ([]*Target, error) {
	if len(text) > maxFileSize {
		return nil, Problems{unreadableSettings(Position{File: name}, errLarge, false)}
	}
	const oneDocument = "write all targets in one list, without --- between them"
	c := &collector{}
	var targets []*Target
	documents := 0
	source, problem := decodeYAML(name, text)
	if problem != nil {
		return nil, Problems{problem}
	}
	chunks := splitDocuments(source)
	if len(chunks) > maxDocuments {
		return nil, Problems{problemf(Position{File: name}, "", oneDocument, "holds more than %d documents", maxDocuments)}
	}
	for _, chunk := range chunks {
		root, err := parseDocument(chunk.text)
		if err == nil && root == nil {
			continue
		}
		if documents++; documents == 2 {
			c.addf(Position{File: name, Line: chunk.line + 1, Column: 1}, "", oneDocument, "starts a second document")
		}
		if err != nil {
			c.problems = append(c.problems, settingsSyntaxProblem(name, chunk))
			continue
		}
		d := &decoder{loader: &loader{}, file: name, shown: name, line: chunk.line, collector: c, settings: true}
		targets = append(targets, d.readTargets(root)...)
	}
	if documents == 0 {
		c.addf(Position{File: name}, "", "write targets: and below it one entry a target, each with - name:", "lists no target")
	}
	if err := c.finish(name); err != nil {
		return nil, err
	}
	return targets, nil
}

// readTargets decodes and checks one document.
func (d *decoder) readTargets(root *yaml.Node) []*Target {
	pos := d.pos(root)
	d.plain(root, "")
	switch tag := explicitTag(root); {
	case tag != "":
		d.addf(pos, "", "leave the tag out", "the targets have the tag %s", label(tag))
		return nil
	case root.Kind != yaml.MappingNode:
		d.addf(pos, "", "write targets: and below it one entry a target", "the file is %s, must be a mapping", kindOf(root))
		return nil
	}
	var targets []*Target
	for _, m := range d.object(&TargetsField, root, pos, "", true) {
		if m.Value.Kind != List {
			continue
		}
		if len(m.Value.Items) == 0 {
			d.addf(m.Value.Pos, "targets", "list one at least, each with - name:", "lists no target")
		}
		for i, item := range m.Value.Items {
			if item.Kind == Object {
				targets = append(targets, d.target(item, i))
			}
		}
	}
	d.uniqueTargets(targets)
	return targets
}

// target checks one entry.
func (d *decoder) target(entry *Value, i int) *Target {
	t := &Target{Pos: entry.Pos, Values: map[string]*Value{}}
	here := entryPath("targets", entryLabel(&TargetsField.Fields[0], entry), i)
	for _, m := range entry.Members {
		v := m.Value
		if v.Kind == invalid {
			continue
		}
		f, path := Lookup(TargetFields, m.Key), join(here, m.Key)
		if m.Key == "name" {
			t.Name = v
		} else {
			t.Values[m.Key] = v
		}
		if !d.checkLine(v, path, fmt.Sprintf("write a value, or leave %s out", m.Key)) {
			continue
		}
		(&checker{d.collector}).text(f, v, path)
		switch m.Key {
		case "maxDeletes":
			d.checkMaxDeletes(v, path)
		case "rate":
			d.checkRate(v, path)
		case "keyEnv", "gitTokenEnv":
			if !envName.MatchString(v.Text) {
				d.addf(v.Pos, path, "write the variable's name, and never what it holds", "is not the name of a variable")
			}
		}
	}
	d.oneOf(t, here, "keyEnv", "keyFile")
	d.oneOf(t, here, "gitTokenEnv", "gitTokenFile")
	return t
}

// oneOf refuses two keys that say the same thing in two ways.
func (d *decoder) oneOf(t *Target, here, first, second string) {
	if t.Values[first] != nil && t.Values[second] != nil {
		d.addf(t.Values[second].Pos, join(here, second), "keep one of them", "stands beside %s, which says the same", first)
	}
}

func (d *decoder) uniqueTargets(targets []*Target) {
	for i, t := range targets {
		first := slices.IndexFunc(targets[:i], func(o *Target) bool { return o.Name != nil && t.Name != nil && o.Name.Text == t.Name.Text })
		if first >= 0 {
			d.addf(t.Name.Pos, entryPath("targets", t.Name.Text, i), "give each its own name", "two targets are called %s, the first in line %d", quote(t.Name.Text), targets[first].Name.Pos.Line)
		}
	}
}
