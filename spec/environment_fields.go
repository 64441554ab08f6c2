package spec

// EnvironmentFields are the keys of an environment file, environments/NAME.yaml,
// which has no others. Each may be left out.
var EnvironmentFields = append([]Field{
	{Name: "vars", Type: TypeMap, Elem: &Field{Type: TypeText}, Doc: "Values for !var, by name. They are not secret: take secrets from !env."},
}, SettingsFields...)
