package spec

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const varDefinition = `name: !var "Orders ${SUFFIX:-live}"
id: !var ORDERS_ID
previousNames: [!var OLD]
description: !var D
icebreakers: [!var D, "${D}"]
tools:
  - name: !var TOOL
    description: d
    active: !var ON
    creditCost: !var COST
    apiSchema:
      method: GET
      url: !var "https://${HOST}/v1"
      request_headers:
        X: {type: integer, input: {type: value, value: !var COST}}
paywallConfig: {messageLimit: !var COST}
deploy:
  - number: !var NUMBER
    applyToExisting: !var ON
lifecycle: {preventDestroy: !var ON}
`

const varEnvironment = `# staging
organization: Try Bakery
vars:
  ORDERS_ID: 3F0C8A52-7B1E-4C55-9D0A-1F2E3D4C5B61
  OLD: Order desk
  D: "a ${HOST} b"
  TOOL: find
  ON: true
  COST: 3
  HOST: staging.example
  NUMBER: +44 7700 900111
`

// A variable may stand wherever one value stands, and is what it says.
func TestVariables(t *testing.T) {
	fsys := files("agents/a.yaml", varDefinition, "agents/environments/staging.yaml", varEnvironment)
	set, err := LoadIn(fsys, "agents", "agents", "staging")
	if err != nil {
		t.Fatal(err)
	}
	a := set.Agents[0]
	if a.Name != "Orders live" || a.ID != "3f0c8a52-7b1e-4c55-9d0a-1f2e3d4c5b61" || !slices.Equal(a.PreviousNames, []string{"Order desk"}) || !a.PreventDestroy {
		t.Errorf("%q, %q, %q, %v", a.Name, a.ID, a.PreviousNames, a.PreventDestroy)
	}
	if len(a.Deploy) != 1 || a.Deploy[0].Number != "+447700900111" || !a.Deploy[0].ApplyToExisting {
		t.Errorf("deploy %+v", a.Deploy)
	}
	want := `{description="a ${HOST} b" icebreakers=["a ${HOST} b" "${D}"] tools=[{name="find" description="d" apiSchema={method="GET" url="https://staging.example/v1" request_headers={X={type="integer" input={type="value" value=#3}}}} active=true creditCost=#3}] paywallConfig={messageLimit=#3}}`
	if got := show(a.Fields); got != want {
		t.Errorf("fields\n%s, want\n%s", got, want)
	}
	if v := a.Fields.Get("description"); v.Sensitive || v.Unresolved() {
		t.Error("a variable is taken for a secret")
	}
	if set.Environment.Name != "staging" || set.Environment.Settings.Organization.Text != "Try Bakery" || len(set.Warnings) > 0 {
		t.Errorf("environment %+v, warnings %v", set.Environment, set.Warnings)
	}
	alone, err := LoadFileIn(fsys, "agents", "agents/a.yaml", "staging")
	if err != nil || alone[0].Name != a.Name || !slices.Equal(alone[0].Vars, a.Vars) || len(a.Vars) != 13 {
		t.Errorf("the file alone: %v, %v, %d taken", alone, err, len(a.Vars))
	}
}

func TestEnvironmentProblems(t *testing.T) {
	for name, c := range map[string]struct {
		definition, environment string
		want                    []string
	}{
		"undefined": {"name: A\ndescription: !var \"${HOSTS} ${NONE}\"\n", "vars: {HOST: h}\n", []string{
			"agents/a.yaml:2:14: description: needs the variable HOSTS, which agents/environments/live.yaml does not have; did you mean HOST? Otherwise add HOSTS to its vars",
			"agents/a.yaml:2:14: description: needs the variable NONE, which agents/environments/live.yaml does not have; add it to its vars, or write ${NONE:-default}",
		}},
		"a list": {"name: A\nicebreakers: !var L\ntools: !var [a]\n", "", []string{
			"agents/a.yaml:2:14: icebreakers: has the tag !var, which stands before single values only; write the value itself, with !var before the single values in it",
			"agents/a.yaml:3:8: tools: has a list after !var, must be text; write !var NAME",
		}},
		"contents": {"name: !var N\ndeploy: [{number: !var P}]\npaywallConfig: {messageLimit: !var N}\n", "vars: {N: ' a', P: '12'}\n", []string{
			"agents/a.yaml:1:7: name: has white space around it: \" a\"; remove it",
			"agents/a.yaml:2:19: deploy[12].number: is \"12\", which has fewer than 7 digits; write it with its country code, such as \"+44 7700 900111\"",
			"agents/a.yaml:3:31: paywallConfig.messageLimit: is a, must be a number of 0 or more; write digits only, such as 10",
		}},
		"no template": {"name: !var \"a b\"\n", "", []string{"agents/a.yaml:1:7: name: names no variable; write !var NAME, or !var \"text ${NAME}\" or ${NAME:-default} inside it"}},
		"a setting misspelt": {"name: !var N\n", "prunes: none\nvars: {N: n, 1a: x, L: [1]}\n", []string{
			"agents/environments/live.yaml:1:1: prunes: is not a known key; did you mean prune?",
			"agents/environments/live.yaml:2:14: vars: \"1a\" is not the name of a variable; write letters, digits and _",
			"agents/environments/live.yaml:2:24: vars.L: is a list, must be text; write one text, in quotes if it starts with [ or { or holds \": \"",
		}},
		"an empty variable": {"name: A\n", "vars: {N: }\n", []string{"agents/environments/live.yaml:1:11: vars.N: is null; write a value"}},
		"a key's value":     {"name: A\n", "apiKeyEnv: sk-123\n", []string{"agents/environments/live.yaml:1:12: apiKeyEnv: is not the name of a variable; write the variable's name, and never what it holds"}},
		"a tag":             {"name: A\n", "prune: !var P\n", []string{"agents/environments/live.yaml:1:8: prune: has the tag !var, which settings do not have; write the value itself; put a text that starts with ! in quotes"}},
	} {
		_, err := LoadIn(files("agents/a.yaml", c.definition, "agents/environments/live.yaml", c.environment), "agents", "agents", "live")
		if diff := cmp.Diff(c.want, lines(t, err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestUnusedVariable(t *testing.T) {
	set, err := LoadIn(files("agents/a.yaml", "name: A\ndescription: !var \"${D:-d}\"\n", "agents/environments/live.yaml", "vars:\n  D: x\n  E: y\n"), "agents", "agents", "live")
	want := []string{"agents/environments/live.yaml:3:3: vars.E: no definition takes it; remove it, or take it with !var E"}
	if err != nil || !slices.Equal(lines(t, set.Warnings), want) {
		t.Errorf("%v, %v", err, set)
	}
}

func TestNoEnvironment(t *testing.T) {
	fsys := files("agents/a.yaml", "name: !var N\n", "agents/environments/production.yaml", "", "agents/environments/staging.yaml", "", "agents/environments/trial.yml", "", "agents/environments/_old.yaml", "")
	for name, want := range map[string]string{
		"prduction":  `there is no environment "prduction" in agents/environments; did you mean production? There are production, staging`,
		"elsewhere":  `there is no environment "elsewhere" in agents/environments; there are production, staging`,
		"trial":      `there is no environment "trial" in agents/environments; rename agents/environments/trial.yml to trial.yaml`,
		"../staging": `"../staging" is no name of an environment: letters, digits, -, _ and . make one, and the first is a letter or a digit`,
		"_old":       `"_old" is no name of an environment: letters, digits, -, _ and . make one, and the first is a letter or a digit`,
	} {
		_, err := LoadIn(fsys, "agents", "agents", name)
		var missing *NoEnvironmentError
		if !errors.As(err, &missing) || err.Error() != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := Load(fsys, "agents")
	if got := lines(t, err); !slices.Equal(got, []string{"agents/a.yaml:1:7: name: takes a value from an environment, and none is named; name one with --env: production, staging"}) {
		t.Errorf("without: %q", got)
	}
	if _, err := LoadIn(files("agents/a.yaml", "name: A\n"), "agents", "agents", "live"); err == nil || err.Error() != `there is no environment "live" in agents/environments; add agents/environments/live.yaml` {
		t.Errorf("without any: %v", err)
	}
	names, err := Environments(fsys, "agents", "agents")
	if got := lines(t, err); !slices.Equal(names, []string{"production", "staging"}) || !slices.Equal(got, []string{"agents/environments/trial.yml: is not where an environment is read from; rename it to trial.yaml"}) {
		t.Errorf("listed %q, %q", names, got)
	}
}

// A definition that is left out stands, says nothing, and needs no variable.
func TestLeaveOut(t *testing.T) {
	fsys := files("agents/a.yaml", "name: A\nhandoffTools: [{agent: B, description: d}]\n---\nname: B\ndescription: !var NONE\nsystemPrompt: !env NONE\ndeploy: [{number: \"+447700900111\"}]\n",
		"agents/environments/live.yaml", "exclude: [B, Cc]\n")
	set, err := LoadIn(fsys, "agents", "agents", "live")
	if err != nil {
		t.Fatal(err)
	}
	set.LeaveOut(set.Environment.Settings)
	b := set.Agents[1]
	if set.Agents[0].Excluded || !b.Excluded || len(b.Fields.Members) > 0 || b.Deploy != nil || b.Name != "B" {
		t.Errorf("%+v", b)
	}
	if err := set.ResolveEnv(env(nil)); err != nil {
		t.Errorf("what is left out asks for a secret: %v", err)
	}
	if got := lines(t, set.Warnings); !slices.Equal(got, []string{"agents/environments/live.yaml:1:14: exclude: no definition is called \"Cc\"; remove it if its definition is gone"}) {
		t.Errorf("warnings %q", got)
	}
	if _, err := LoadFileIn(fsys, "agents", "agents/a.yaml", "live"); err != nil {
		t.Errorf("the file alone: %v", err)
	}
}

// What the settings for all environments leave out needs no variable either, nor
// an environment.
func TestLeaveOutOfAll(t *testing.T) {
	fsys := files("agents/a.yaml", "name: A\n---\nname: B\ndescription: !var NONE\n", "agents/wassist-sync.yaml", "exclude: [B]\n", "agents/environments/live.yaml", "")
	for _, env := range []string{"live", ""} {
		set, err := LoadIn(fsys, "agents", "agents", env)
		if err != nil {
			t.Fatalf("%q: %v", env, err)
		}
		if len(set.Agents) != 2 || set.Agents[0].Excluded || !set.Agents[1].Excluded {
			t.Errorf("%q: %+v", env, set.Agents)
		}
		if alone, err := LoadFileIn(fsys, "agents", "agents/a.yaml", env); err != nil || len(alone) != 2 {
			t.Errorf("%q, the file alone: %v", env, err)
		}
	}
	for _, settings := range []string{"exclude: [A]\n", "exclude: [\n", ""} {
		fsys := files("agents/a.yaml", "name: A\n---\nname: B\ndescription: !var NONE\n", "agents/wassist-sync.yaml", settings, "agents/environments/live.yaml", "")
		for _, env := range []string{"live", ""} {
			if _, err := LoadIn(fsys, "agents", "agents", env); len(lines(t, err)) != 1 {
				t.Errorf("%q, %q: %v", settings, env, err)
			}
		}
	}
}

func TestSettingsOver(t *testing.T) {
	base, err := ParseSettings("s.yaml", []byte("prune: none\nrate: 1/s\nunmanaged: [a]\nexclude: [x]\n"))
	if err != nil {
		t.Fatal(err)
	}
	over, err := ParseEnvironment("live", "e.yaml", []byte("prune: all\nunmanaged: [b]\n"))
	if err != nil {
		t.Fatal(err)
	}
	s := over.Settings.Over(base)
	if s.Prune.Text != "all" || s.Rate.Text != "1/s" || !s.IsUnmanaged("a", "") || !s.IsUnmanaged("b", "") || !s.IsUnmanaged("x", "") || !s.IsExcluded("x", "") || s.IsExcluded("a", "") {
		t.Errorf("%+v", s)
	}
	if (*Settings)(nil).Over(base) != base || base.Over(nil) != base || base.Prune.Text != "none" {
		t.Error("one alone is not itself")
	}
}

func TestVarsBelongInEnvironments(t *testing.T) {
	_, err := ParseSettings("s.yaml", []byte("vars: {A: b}\n"))
	if got := strings.Join(lines(t, err), "\n"); got != "s.yaml:1:1: vars: is not a known key; write them in environments/NAME.yaml, which --env NAME names" {
		t.Error(got)
	}
}
