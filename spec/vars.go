package spec

import (
	"errors"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

const tagVar = "!var"

// variables is where !var values come from, for one call of Load or LoadFile.
type variables struct {
	name string // of the environment; empty when none is named
	// read tells that env and err are known. LoadFile reads the environment when
	// the first !var asks for it, so that what does not ask does not depend on it.
	read bool
	env  *Environment
	err  error
	used map[string]bool
	// common are the settings for all environments, of which exclude alone counts
	// here; nil until a definition lacks a variable.
	common *Settings
}

// Used is one value that a definition took from its environment.
type Used struct{ Name, Value string }

// environmentOf reads the environment, if that was not done yet.
func (l *loader) environmentOf() (*Environment, error) {
	if !l.vars.read {
		l.vars.read = true
		if l.vars.name != "" {
			l.vars.env, l.vars.err = l.environment(l.vars.name)
		}
	}
	return l.vars.env, l.vars.err
}

// variable gives the scalar that a node with !var stands for: a text in quotes,
// but plain where only a plain one is read. It is nil when there is none, which
// is reported.
func (d *decoder) variable(f *Field, n *yaml.Node, pos Position, path string) *yaml.Node {
	template, problem := parseTemplate(n.Value)
	if problem != "" {
		d.addf(pos, path, "write !var NAME, or !var \"text ${NAME}\" or ${NAME:-default} inside it", "%s", problem)
		return nil
	}
	env, err := d.environmentOf()
	if env == nil {
		d.noEnvironment(err, pos, path)
		return nil
	}
	text, unset, empty := template.resolve(func(name string) (string, bool) {
		at := slices.IndexFunc(env.Vars, func(m Member) bool { return m.Key == name })
		d.vars.use(name)
		if at < 0 {
			return "", false
		}
		value := env.Vars[at].Value.Text
		d.taken = append(d.taken, Used{name, value})
		return value, true
	})
	_ = empty // an environment says so on purpose
	for _, name := range unset {
		d.lacks(pos, path, env.remedy(name), "needs the variable %s, which %s does not have", name, env.File)
	}
	if len(unset) > 0 {
		return nil
	}
	node := *n
	node.Tag, node.Value, node.Style = "!!str", text, yaml.DoubleQuotedStyle
	if f.Type == TypeBool || f.Type == TypeNumber || f.Type == TypeScalar {
		node.Style = 0
	}
	return &node
}

func (v *variables) use(name string) {
	if v.used == nil {
		v.used = map[string]bool{}
	}
	v.used[name] = true
}

func (e *Environment) remedy(name string) string {
	var known []string
	for _, m := range e.Vars {
		known = append(known, m.Key)
	}
	if n := nearest(name, known); n != "" {
		return "did you mean " + n + "? Otherwise add " + name + " to its vars"
	}
	return "add it to its vars, or write ${" + name + ":-default}"
}

// noEnvironment reports a !var without an environment to take it from. What is
// wrong with the environment itself is reported once, and not here: but LoadFile,
// which reads one file alone, reports nothing else.
func (d *decoder) noEnvironment(err error, pos Position, field string) {
	var missing *NoEnvironmentError
	switch {
	case errors.As(err, &missing):
		d.lacks(pos, field, "", "%s", missing.Error())
	case err != nil && d.single:
		d.lacks(pos, field, "", "the environment %s cannot be read", label(d.vars.name))
	case err != nil:
	case d.single:
		d.lacks(pos, field, "name the environment", "takes a value from an environment, and none is named")
	default:
		remedy := "add one as " + d.show(path.Join(d.dir, environmentsFolder, "NAME.yaml")) + " with the value below vars:, and name it with --env"
		if names, _ := d.environments(""); len(names) > 0 {
			remedy = "name one with --env: " + strings.Join(names, ", ")
		}
		d.lacks(pos, field, remedy, "takes a value from an environment, and none is named")
	}
}

// lacks takes down that a value cannot be had, until it is known whether the
// definition is left out.
func (d *decoder) lacks(pos Position, field, remedy, format string, args ...any) {
	d.undefined = append(d.undefined, problemf(pos, field, remedy, format, args...))
}

// settleVariables ends a document. Undefined variables are problems, unless the
// settings leave the definition out: nobody need say what it does not need.
func (d *decoder) settleVariables(a *Agent) {
	a.Vars = d.taken
	if len(d.undefined) == 0 {
		return
	}
	if a.Name != "" && d.excludes(a) {
		a.leaveOut()
		return
	}
	for _, p := range d.undefined {
		d.addf(p.Pos, p.Field, p.Remedy, "%s", p.Message)
	}
}

// excludes tells whether the settings of the environment, or those for all, leave
// a definition out. What is wrong with the latter LoadSettings reports.
func (l *loader) excludes(a *Agent) bool {
	if env := l.vars.env; env != nil && env.Settings.IsExcluded(a.Name, a.ID) {
		return true
	}
	if l.vars.common == nil {
		l.vars.common = &Settings{}
		file := path.Join(l.dir, SettingsFile)
		if text, err := l.settingsText(file); err == nil {
			if settings, err := ParseSettings(l.show(file), text); err == nil {
				l.vars.common = settings
			}
		}
	}
	return l.vars.common.IsExcluded(a.Name, a.ID)
}

// unused warns of variables that nothing asked for.
func (l *loader) unused() {
	if l.vars.env == nil {
		return
	}
	for _, m := range l.vars.env.Vars {
		if !l.vars.used[m.Key] {
			l.all.warnf(m.Pos(), "vars."+m.Key, "remove it, or take it with !var "+m.Key, "no definition takes it")
		}
	}
}
