package sync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"wassist-sync/spec"
)

// Importer makes definitions of agents that exist. It holds a Reader and nothing
// that could write.
type Importer struct {
	Reader  Reader
	Options ImportOptions
}

// ImportOptions say what to import.
type ImportOptions struct {
	// All imports every agent that is not defined yet, but for those that
	// Unmanaged names.
	All bool
	// Agents are the names or ids of those to import, whatever else is said.
	Agents []string
	// Pin writes id: into each definition, and lists those that stand without it.
	Pin bool
	// Taken tells whether a file name is in use, in whatever case. It is a slash
	// path relative to the folder of definitions.
	Taken func(file string) bool
	// Kept tells of a variable that no secret of an agent may be called: it holds
	// an API key, which definitions cannot take in. It may be nil.
	Kept func(variable string) bool
	// Organization is the name or id of the one that the key must belong to;
	// empty for any.
	Organization string
	// Unmanaged tells whether an agent is listed as never to be touched. It may be nil.
	Unmanaged func(name, id string) bool
}

// ErrUnknownAgent says that an agent which was asked for does not exist.
var ErrUnknownAgent = errors.New("no such agent")

// ErrOtherOrganization says that the key belongs to another organization than the
// definitions are for.
var ErrOtherOrganization = errors.New("the key belongs to another organization")

// Imported is a definition to be written.
type Imported struct {
	Agent, ID string
	// File and Prompt are slash paths relative to the folder of definitions;
	// Prompt is empty when the prompt stands in the definition.
	File, Prompt string
	// YAML and PromptText are their contents.
	YAML, PromptText []byte
	Variables        []Variable
}

// Defined is an agent that has a definition already.
type Defined struct {
	Agent, ID  string
	Definition *spec.Agent
	// Pin: the definition is to be given this ID.
	Pin bool
}

// ImportNote says what of an agent is not in its definition, and why.
type ImportNote struct {
	Agent, ID string
	// Field is the field that was left out; empty when it is about the agent as a whole.
	Field string
	Text  string
}

// Import is what an import would write: a finished value. All of it was read again:
// a plan of it is empty.
type Import struct {
	Organization Organization
	Imported     []Imported
	Defined      []Defined
	Notes        []ImportNote
	// Candidates are the agents without a definition, when nothing says which of
	// them to import.
	Candidates []Unmanaged
}

// importing is one import on its way.
type importing struct {
	ImportOptions
	set      *spec.Set
	listing  Listing
	matching *matching
	drafts   []*draft
	// sameName counts agents by name; names are those of definitions by the id of
	// their agent, and bearers counts definitions by name.
	sameName, bearers map[string]int
	names             map[string]string
	connectors        []Connector
	directory         Directory
	noConnectors      bool
	out               *Import
}

// Import reads the remote side and makes definitions; set is what is defined
// already.
func (i *Importer) Import(ctx context.Context, set *spec.Set) (*Import, error) {
	listing, err := i.Reader.Agents(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the agents: %w", err)
	}
	m := &importing{
		ImportOptions: i.Options, set: set, listing: listing, matching: matchAgents(set, listing.Agents),
		sameName: map[string]int{}, out: &Import{Organization: organization(listing)},
	}
	if want := m.Organization; want != "" && len(listing.Agents) > 0 && !m.out.Organization.is(want) {
		return nil, fmt.Errorf("%w: the definitions are for %q, and the key belongs to %q (%s)", ErrOtherOrganization, want, m.out.Organization.Name, m.out.Organization.ID)
	}
	for _, a := range listing.Agents {
		m.sameName[normalize(a.Name)]++
	}
	if err := m.choose(); err != nil {
		return nil, err
	}
	if len(m.drafts) == 0 {
		return m.out, nil
	}
	if err := m.read(ctx, i.Reader); err != nil {
		return nil, err
	}
	m.nameFiles()
	if err := m.settle(ctx); err != nil {
		return nil, err
	}
	return m.out, nil
}

// read reads what definitions of the chosen agents name.
func (m *importing) read(ctx context.Context, reader Reader) error {
	var err error
	if m.directory, err = reader.Numbers(ctx); errors.Is(err, ErrNotFound) {
		for _, d := range m.drafts {
			m.note(d.agent, "deploy", "is left out: this API does not list numbers")
			d.dropped["deploy"] = true
		}
	} else if err != nil {
		return fmt.Errorf("reading the phone numbers: %w", err)
	}
	if !slices.ContainsFunc(m.drafts, func(d *draft) bool { return !isEmpty(d.agent.Stored.Field("mcpConfigs")) }) {
		return nil
	}
	if m.connectors, err = reader.Connectors(ctx); errors.Is(err, ErrNotFound) {
		m.noConnectors = true
	} else if err != nil {
		return fmt.Errorf("reading the connectors: %w", err)
	}
	return nil
}

// choose sorts the agents into those to import and those that are defined.
func (m *importing) choose() error {
	asked := map[*Agent]bool{}
	for _, want := range m.Agents {
		found := m.find(want)
		if len(found) == 0 {
			return fmt.Errorf("%w: %q is neither the name nor the id of an agent", ErrUnknownAgent, want)
		}
		for _, a := range found {
			asked[a] = true
		}
	}
	defined := map[string][]*spec.Agent{} // by name
	for _, def := range m.set.Agents {
		defined[def.Name] = append(defined[def.Name], def)
	}
	for _, a := range m.sorted() {
		chosen := asked[a] || m.All
		claimed := m.matching.claimed[strings.ToLower(a.ID)]
		bearers := defined[normalize(a.Name)]
		switch {
		case claimed != nil:
			if chosen || !m.choosing() {
				m.out.Defined = append(m.out.Defined, Defined{a.Name, a.ID, claimed.def, m.Pin && chosen && claimed.def.ID == "" && !claimed.def.Excluded})
			}
		case m.bornBy(bearers):
			if chosen || !m.choosing() {
				m.defined(a, bearers, asked[a])
			}
		case !chosen && !m.choosing():
			m.out.Candidates = append(m.out.Candidates, Unmanaged{a.Name, a.ID})
		case !chosen:
		case !asked[a] && m.Unmanaged != nil && (m.Unmanaged(a.Name, a.ID) || m.Unmanaged(normalize(a.Name), a.ID)):
			m.note(a, "", "is listed under unmanaged: in the settings; import it with --agent if it shall have a definition")
		default:
			if at := m.handedOverByName(normalize(a.Name), bearers); at != "" {
				m.note(a, "", "is not imported: "+at+" hands over to another definition of this name; write childAgentId there first")
				continue
			}
			m.drafts = append(m.drafts, &draft{agent: a, dropped: map[string]bool{}})
		}
	}
	return nil
}

// handedOverByName tells whether a definition that stands hands over to a name that
// another one bears already: one more of that name, and nobody knows which is meant.
func (m *importing) handedOverByName(name string, bearers []*spec.Agent) string {
	if len(bearers) == 0 {
		return ""
	}
	for _, def := range m.set.Agents {
		list := def.Fields.Get("handoffTools")
		if list == nil {
			continue
		}
		for _, entry := range list.Items {
			if child := entry.Get("agent"); child != nil && child.Text == name {
				return child.Pos.String()
			}
		}
	}
	return ""
}

// choosing tells whether anything says which agents to import.
func (m *importing) choosing() bool { return m.All || len(m.Agents) > 0 }

// bornBy tells whether one of the definitions is for whichever agent bears its name:
// it pins none, or one that does not exist.
func (m *importing) bornBy(bearers []*spec.Agent) bool {
	return slices.ContainsFunc(bearers, m.loose)
}

func (m *importing) loose(def *spec.Agent) bool {
	return def.ID == "" || !slices.ContainsFunc(m.listing.Agents, func(a Agent) bool { return strings.EqualFold(a.ID, def.ID) })
}

// defined takes an agent for one that a definition means, though it does not lead
// there: it pins an id that no agent has, or its name is not unique.
func (m *importing) defined(a *Agent, bearers []*spec.Agent, asked bool) {
	loose := slices.DeleteFunc(slices.Clone(bearers), func(def *spec.Agent) bool { return !m.loose(def) })
	def := loose[0]
	if def.Excluded && len(loose) == 1 { // it says nothing here: its id is another organization's affair
		m.out.Defined = append(m.out.Defined, Defined{a.Name, a.ID, def, false})
		return
	}
	alone := len(loose) == 1 && (m.sameName[normalize(a.Name)] == 1 || asked && m.namedByID(a))
	m.out.Defined = append(m.out.Defined, Defined{a.Name, a.ID, def, m.Pin && alone})
	if !m.Pin || !alone {
		m.note(a, "", fmt.Sprintf("has a definition in %s that does not lead to it. Pin it there: import --pin --agent %s", def.Pos, a.ID))
	}
}

// namedByID tells whether an agent was asked for by its id, and is the only one of
// its name that was.
func (m *importing) namedByID(a *Agent) bool {
	count := 0
	for i := range m.listing.Agents {
		other := &m.listing.Agents[i]
		if normalize(other.Name) == normalize(a.Name) && slices.ContainsFunc(m.Agents, func(s string) bool { return strings.EqualFold(s, other.ID) }) {
			count++
		}
	}
	return count == 1 && slices.ContainsFunc(m.Agents, func(s string) bool { return strings.EqualFold(s, a.ID) })
}

func (m *importing) find(want string) []*Agent {
	var found []*Agent
	for i := range m.listing.Agents {
		if a := &m.listing.Agents[i]; strings.EqualFold(a.ID, want) || normalize(a.Name) == normalize(want) {
			found = append(found, a)
		}
	}
	return found
}

// sorted lists the agents by name, then by age: the API lists them in no order
// that means anything.
func (m *importing) sorted() []*Agent {
	out := make([]*Agent, len(m.listing.Agents))
	for i := range m.listing.Agents {
		out[i] = &m.listing.Agents[i]
	}
	slices.SortFunc(out, func(a, b *Agent) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.CreatedAt, b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return out
}

func (m *importing) note(a *Agent, field, text string) {
	m.out.Notes = append(m.out.Notes, ImportNote{Agent: a.Name, ID: a.ID, Field: field, Text: text})
}

// promptFolder holds the prompts that are files of their own.
const promptFolder = "prompts/"

// nameFiles gives each draft a file name that no other has, in whatever case.
func (m *importing) nameFiles() {
	used := map[string]bool{}
	for _, d := range m.drafts {
		base := spec.FileStem(d.agent.Name, d.agent.ID)
		for n := 1; ; n++ {
			d.stem = spec.Numbered(base, "-", n)
			free := !used[d.stem]
			for _, file := range []string{d.stem + ".yaml", d.stem + ".yml", d.prompt()} {
				free = free && (m.Taken == nil || !m.Taken(file))
			}
			if free {
				break
			}
		}
		used[d.stem] = true
	}
}
