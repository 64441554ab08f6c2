package spec

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// SettingsFile is the name of the settings, at the top of the folder of
// definitions.
const SettingsFile = "wassist-sync.yaml"

// Settings is what wassist-sync.yaml says about a folder of definitions. An
// absent value is nil, so that flags, variables and defaults can take its place.
type Settings struct {
	// File is the settings' path as positions show it; empty when there is none.
	File string
	// Organization is a text: the name or id of the organization that the key
	// must belong to.
	Organization *Value
	// Unmanaged are texts: names, ids and globs of agents that are never
	// touched. Nil is absent; IsUnmanaged reads them.
	Unmanaged []*Value
	// Prune is a text: none, managed or all.
	Prune *Value
	// MaxDeletes is how many agents one plan may delete: a Number of agents, or
	// a Text such as 20% (or 5, when it stands in quotes). Its Text is the literal.
	MaxDeletes *Value
	// OnDrift is a text: overwrite, keep or fail.
	OnDrift *Value
	// Rate is a text: requests and the time they are counted over, such as 100/1m.
	Rate *Value
	// APIKeyEnv is a text: the name of the variable that holds the API key.
	APIKeyEnv *Value
	// Exclude are texts like Unmanaged: the definitions that are left out, and
	// with them their agents. Nil is absent; IsExcluded reads them.
	Exclude []*Value
}

// settingsField is the settings file as a whole.
var settingsField = Field{Type: TypeObject, Fields: SettingsFields}

// ParseSettings reads the content of one settings file; name is the file in
// positions. Nothing but comments, or nothing at all, is no setting. The error
// is Problems with everything that is wrong; either the Settings or the error
// is nil.
func ParseSettings(name string, text []byte) (*Settings, error) {
	s := &Settings{File: name}
	if err := parseSettings(name, text, func(d *decoder, root *yaml.Node) { d.readSettings(&settingsField, s, root) }); err != nil {
		return nil, err
	}
	return s, nil
}

// parseSettings reads a file of one document that is no definition.
func parseSettings(name string, text []byte, read func(d *decoder, root *yaml.Node)) error {
	whole := Position{File: name}
	if len(text) > maxFileSize {
		return Problems{unreadableSettings(whole, errLarge, false)}
	}
	source, problem := decodeYAML(name, text)
	if problem != nil {
		return Problems{problem}
	}
	const oneDocument = "write all settings in one document, without --- between them"
	chunks := splitDocuments(source)
	if len(chunks) > maxDocuments {
		return Problems{problemf(whole, "", oneDocument, "holds more than %d documents", maxDocuments)}
	}
	c, documents := &collector{}, 0
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
		read(d, root)
	}
	return c.finish(name)
}

// readSettings decodes and checks one document of settings, and gives back the
// members that are none.
func (d *decoder) readSettings(of *Field, s *Settings, root *yaml.Node) (others []Member) {
	pos := d.pos(root)
	d.plain(root, "")
	switch tag := explicitTag(root); {
	case tag != "":
		d.addf(pos, "", "leave the tag out", "the settings have the tag %s", label(tag))
		return nil
	case root.Kind != yaml.MappingNode:
		d.addf(pos, "", mappingRemedy(of), "the settings are %s, must be a mapping", kindOf(root))
		return nil
	}
	for _, m := range d.object(of, root, pos, "", true) {
		v := m.Value
		if v.Kind == invalid {
			continue
		}
		switch m.Key {
		case "organization":
			s.Organization = v
			d.checkLine(v, m.Key, "write the organization's name or id, or leave organization out")
		case "unmanaged":
			s.Unmanaged = v.Items
			d.checkUnmanaged(v.Items, m.Key)
		case "prune":
			s.Prune = v
			d.checkChoice(v, m.Key)
		case "maxDeletes":
			s.MaxDeletes = v
			d.checkMaxDeletes(v, m.Key)
		case "onDrift":
			s.OnDrift = v
			d.checkChoice(v, m.Key)
		case "rate":
			s.Rate = v
			d.checkRate(v, m.Key)
		case "apiKeyEnv":
			s.APIKeyEnv = v
			if !envName.MatchString(v.Text) {
				d.addf(v.Pos, m.Key, "write the variable's name, and never what it holds", "is not the name of a variable")
			}
		case "exclude":
			s.Exclude = v.Items
			d.checkUnmanaged(v.Items, m.Key)
		default:
			others = append(others, m)
		}
	}
	return others
}

// settingsSyntaxProblem is syntaxProblem without the advice to set an anchor:
// settings have none, and what looks like an alias is a glob without quotes.
func settingsSyntaxProblem(name string, c chunk) *Problem {
	p := syntaxProblem(name, c)
	if strings.Contains(p.Message, "unknown anchor") {
		p.Remedy = "put a text that starts with * in quotes"
	}
	return p
}
