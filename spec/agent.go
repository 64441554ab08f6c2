package spec

// Agent is one definition: one YAML document. What it does not declare is
// absent here too.
type Agent struct {
	// Name is what the agent is called on Wassist, 1 to 255 characters.
	Name string
	// ID pins a remote agent (a UUID in lower case); empty when the
	// definition does not pin one.
	ID string
	// PreviousNames are names that the agent bore earlier. Nil is absent;
	// empty and not nil says "this is not a rename".
	PreviousNames []string
	// Fields holds the declared writable fields of the API (AgentFields,
	// without name) as an Object in the canonical order of AgentFields. Never nil.
	Fields *Value
	// Deploy lists the numbers that this agent shall answer. Nil is absent;
	// empty and not nil is a declared empty list.
	Deploy []Deployment
	// PreventDestroy is lifecycle.preventDestroy.
	PreventDestroy bool

	// Excluded: the settings or the environment leave the definition out. It
	// stands, but says nothing: Fields is empty, and Deploy nil.
	Excluded bool
	// LeftOut are the variables that it would take with !env, were it not Excluded.
	LeftOut []string
	// Vars is what the document took from its environment, in the order of its
	// places.
	Vars []Used

	// Pos is where the document starts; NamePos where its name stands.
	Pos     Position
	NamePos Position
}

// Deployment is one entry of deploy.
type Deployment struct {
	// Number is in E.164 form with a plus and no spaces: +447700900111.
	Number string
	// ApplyToExisting also moves running conversations, which clears their
	// sessions. The default is false.
	ApplyToExisting bool
	Pos             Position
}

// Set is what one folder of definitions says.
type Set struct {
	// Agents are sorted by name, then by file, then by line.
	Agents []*Agent
	// Files counts the definition files that were read.
	Files int
	// Environment is the one that the set was read for; nil when none was named.
	Environment *Environment
	// Warnings are problems that do not make the set invalid.
	Warnings Problems
	// Secrets is what ResolveEnv took from the environment: each variable's
	// value, and each text that was built with one.
	Secrets []string
}
