package sync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"wassist-sync/spec"
)

// draft is a definition that is being made.
type draft struct {
	agent *Agent
	stem  string
	// dropped are the fields that turned out to have no place in a definition.
	dropped map[string]bool
	gone    bool // there can be no definition

	definition *spec.Agent
	variables  []*Variable
	yaml, text []byte // text is the prompt's
}

func (d *draft) file() string   { return d.stem + ".yaml" }
func (d *draft) prompt() string { return promptFolder + d.stem + ".md" }

// standing is the folder in which the definitions that stand are told to the check.
// It sorts before all others, so that what comes twice is a problem of the new one.
const standing = "!standing/"

// perFile is how many of them one file holds: the loader bounds the documents of a file.
const perFile = 1000

// errNotClean would be a mistake of this package: nothing was written.
var errNotClean = errors.New("the definitions do not read back as they were made, and no field is to blame")

// settle makes the definitions, reads them again with the secrets filled in, and
// plans with them. What does not come out as it is stored is left out, and said;
// then all is made anew, until nothing is left to say.
func (m *importing) settle(ctx context.Context) error {
	for {
		m.drafts = slices.DeleteFunc(m.drafts, func(d *draft) bool { return d.gone })
		if len(m.drafts) == 0 {
			return nil
		}
		before := len(m.out.Notes)
		files := m.make()
		if len(m.out.Notes) > before {
			continue
		}
		clean, err := m.check(ctx, files)
		if err != nil {
			return err
		}
		if clean {
			break
		}
		if len(m.out.Notes) == before {
			return errNotClean
		}
	}
	for _, d := range m.drafts {
		made := Imported{Agent: d.definition.Name, ID: d.agent.ID, File: d.file(), YAML: d.yaml}
		if d.text != nil {
			made.Prompt, made.PromptText = d.prompt(), d.text
		}
		for _, v := range d.variables {
			made.Variables = append(made.Variables, *v)
		}
		m.out.Imported = append(m.out.Imported, made)
	}
	return nil
}

// make writes every draft, and gives all files.
func (m *importing) make() map[string][]byte {
	m.nameDefinitions()
	all := &variables{taken: map[string]bool{}, kept: m.Kept}
	for _, def := range m.set.Agents {
		for _, name := range def.Variables() {
			all.taken[name] = true
		}
	}
	files := map[string][]byte{}
	for i, def := range m.set.Agents {
		stub := &spec.Agent{Name: def.Name, ID: def.ID, PreviousNames: def.PreviousNames, Deploy: def.Deploy, Fields: &spec.Value{Kind: spec.Object}}
		text, err := spec.Write(stub)
		if err == nil { // what was read can be written
			file := fmt.Sprintf("%s%06d.yaml", standing, i/perFile)
			files[file] = append(append(files[file], "---\n"...), text...)
		}
	}
	for _, d := range m.drafts {
		m.declare(d, all)
		if d.text = nil; d.definition.Fields.Get("systemPrompt") != nil {
			m.moveOut(d)
		}
		var err error
		if d.yaml, err = spec.Write(d.definition); err != nil {
			m.unwritable(d, err)
		}
		files[d.file()] = d.yaml
		if d.text != nil {
			files[d.prompt()] = d.text
		}
	}
	return files
}

// nameDefinitions finds out which names lead to one definition and one agent.
func (m *importing) nameDefinitions() {
	m.bearers, m.names = map[string]int{}, map[string]string{}
	for _, def := range m.set.Agents {
		m.bearers[def.Name]++
	}
	for id, x := range m.matching.claimed {
		m.names[id] = x.def.Name
	}
	for _, d := range m.drafts {
		name := normalize(d.agent.Name)
		m.bearers[name]++
		m.names[strings.ToLower(d.agent.ID)] = name
	}
}

// declare makes one definition.
func (m *importing) declare(d *draft, all *variables) {
	name := normalize(d.agent.Name)
	d.definition = &spec.Agent{Name: name, Fields: &spec.Value{Kind: spec.Object}}
	if m.Pin || m.sameName[name] > 1 || m.bearers[name] > 1 {
		d.definition.ID = strings.ToLower(d.agent.ID)
	}
	vars := all.of(d.agent)
	x := &declarer{variables: vars, child: m.child, connector: m.connector}
	for _, vars.naming = range []bool{false, true} {
		d.definition.Fields.Members = nil
		for i := range spec.AgentFields {
			f := &spec.AgentFields[i]
			stored := d.agent.Stored.Field(f.Name)
			if isEmpty(stored) || d.dropped[f.Name] {
				continue
			}
			value, err := x.value(f, stored, spot{path: f.Name, entry: f.Name})
			if err != nil {
				m.drop(d, f.Name, err.Error())
				continue
			}
			d.definition.Fields.Members = append(d.definition.Fields.Members, spec.Member{Key: f.Name, Value: value})
		}
	}
	d.variables = vars.made
	if d.dropped["deploy"] {
		return
	}
	for _, n := range m.directory.of(d.agent.ID) {
		if !n.Sandbox {
			d.definition.Deploy = append(d.definition.Deploy, spec.Deployment{Number: n.Number})
		}
	}
}

// child is the name that a handoff may use: of one definition only, and one that
// leads to the agent.
func (m *importing) child(id string) string {
	if name := m.names[strings.ToLower(normalize(id))]; m.bearers[name] == 1 {
		return name
	}
	return ""
}

// connector is the name that a definition may use for a connector.
func (m *importing) connector(id string) string {
	name, count := "", 0
	for _, c := range m.connectors {
		if strings.EqualFold(c.ID, normalize(id)) {
			name = c.Name
		}
	}
	for _, c := range m.connectors {
		if c.Name == name {
			count++
		}
	}
	if m.noConnectors || count != 1 || name == "" || normalize(name) != name || strings.Contains(name, "://") || strings.Contains(name, "\n") {
		return ""
	}
	return name
}

// Prompts of more than this get a file of their own; a line that a screen has to
// wrap counts as several.
const (
	shortPrompt = 3   // lines
	screen      = 100 // characters
)

// moveOut puts a long prompt into a file of its own.
func (m *importing) moveOut(d *draft) {
	v := d.definition.Fields.Get("systemPrompt")
	lines := 0
	for line := range strings.Lines(v.Text) {
		lines += max(1, (utf8.RuneCountInString(line)+screen-1)/screen)
	}
	if lines <= shortPrompt {
		return
	}
	if text, ok := spec.FileText(v.Text); ok {
		d.text = text
		v.SetFile(d.prompt())
	}
}

// unwritable leaves out the fields of which there is no text.
func (m *importing) unwritable(d *draft, err error) {
	for line := range strings.SplitSeq(err.Error(), "\n") {
		field, _, _ := strings.Cut(line, ":")
		m.drop(d, field, "cannot be written as YAML")
	}
}

// check reads all files as a later run would, and plans with them. It is clean
// when nothing had to be left out.
func (m *importing) check(ctx context.Context, files map[string][]byte) (clean bool, err error) {
	set, err := spec.LoadFiles(files)
	if m.problems(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	fresh := &spec.Set{}
	values := map[string]string{}
	for _, a := range set.Agents {
		if !strings.HasPrefix(a.Pos.File, standing) {
			fresh.Agents = append(fresh.Agents, a)
		}
	}
	for _, d := range m.drafts {
		for _, v := range d.variables {
			values[v.Name] = v.value
		}
	}
	err = fresh.ResolveEnv(func(name string) (string, bool) {
		value, ok := values[name]
		return value, ok
	})
	if m.problems(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	reader := &readBefore{listing: m.listing, directory: m.directory, connectors: m.connectors}
	plan, err := (&Planner{Reader: reader, Options: Options{Prune: PruneNone}}).Plan(ctx, set)
	if err != nil {
		return false, err
	}
	return !m.differences(plan), nil
}

// problems leaves out what cannot be read back; it tells whether there was any.
func (m *importing) problems(err error) bool {
	var problems spec.Problems
	if !errors.As(err, &problems) {
		return false
	}
	found := false
	unnamed := slices.ContainsFunc(problems, func(p *spec.Problem) bool { return !isField(topOf(p.Field)) && m.draftOf(p.Pos.File) != nil })
	for _, p := range problems {
		// What has no name comes first: others hand over to it, and can do so by id.
		if d := m.draftOf(p.Pos.File); d != nil && (!unnamed || !isField(topOf(p.Field))) {
			found = true
			text := p.Message
			if top := topOf(p.Field); p.Field != top && p.Field != "" {
				text = p.Field + " " + text
			}
			m.drop(d, topOf(p.Field), text)
		}
	}
	return found
}

// differences leaves out what a plan would change; it tells whether there is any.
func (m *importing) differences(plan *Plan) (found bool) {
	for _, c := range plan.Changes {
		d := m.draftOf(c.Pos.File)
		found = found || d != nil
		switch {
		case d == nil:
		case c.Action == Deploy, c.Action == Undeploy:
			m.drop(d, "deploy", "does not come out as it is stored: "+c.Number)
		case c.Action != Update:
			m.drop(d, "", "would not lead to its agent")
		default:
			for _, f := range c.Fields {
				m.drop(d, topOf(f.Path), "does not come out as it is stored: "+f.Path)
			}
		}
	}
	for _, r := range plan.Refused {
		for _, d := range m.drafts {
			if d.definition.Name != r.Agent || !strings.Contains(r.Reason, d.file()+":") {
				continue
			}
			found = true
			fields := refusedFields[r.Rule]
			if len(fields) == 0 {
				m.drop(d, "", r.Reason)
			}
			for _, field := range fields {
				if d.definition.Fields.Get(field) != nil || field == "deploy" {
					m.drop(d, field, r.Reason)
				}
			}
		}
	}
	return found
}

// refusedFields are what the guards look at that look at a definition alone.
var refusedFields = map[string][]string{
	"duplicate-entry": {"handoffTools", "mcpConfigs"}, "unknown-child": {"handoffTools"},
	"unknown-connector": {"mcpConfigs"}, "ambiguous-connector": {"mcpConfigs"},
	"unknown-number": {"deploy"}, "sandbox-number": {"deploy"},
}

// drop leaves a field out, or the whole agent where the field is what names it.
func (m *importing) drop(d *draft, field, text string) {
	if !isField(field) {
		if !d.gone {
			d.gone = true
			m.note(d.agent, "", fmt.Sprintf("is not imported: %s %s", field, text))
		}
		return
	}
	if !d.dropped[field] {
		d.dropped[field] = true
		m.note(d.agent, field, text)
	}
}

// isField tells a field that can be left out.
func isField(name string) bool { return name == "deploy" || spec.Lookup(spec.AgentFields, name) != nil }

func (m *importing) draftOf(file string) *draft {
	for _, d := range m.drafts {
		if d.file() == file {
			return d
		}
	}
	return nil
}

// readBefore is a Reader that gives again what was read.
type readBefore struct {
	listing    Listing
	directory  Directory
	connectors []Connector
}

func (r *readBefore) Ready(context.Context, int) error                { return nil }
func (r *readBefore) Agents(context.Context) (Listing, error)         { return r.listing, nil }
func (r *readBefore) Page(context.Context, int) ([]Agent, error)      { return r.listing.Agents, nil }
func (r *readBefore) Numbers(context.Context) (Directory, error)      { return r.directory, nil }
func (r *readBefore) Connectors(context.Context) ([]Connector, error) { return r.connectors, nil }

func (r *readBefore) Agent(_ context.Context, id string) (Agent, error) {
	for _, a := range r.listing.Agents {
		if strings.EqualFold(a.ID, id) {
			return a, nil
		}
	}
	return Agent{}, ErrNotFound
}
