// Package spec is the format of agent definitions and of the settings beside
// them: it reads YAML files from a file system, checks everything that can be
// checked offline, and gives the declared values with their positions.
//
// It is pure: no network, no environment, no clock, and files only through the
// fs.FS that it is handed. Every package of this module may import it; it
// imports none of them. It is the only home of gopkg.in/yaml.v3, which it uses
// as a parser and an emitter of nodes only: they are walked here against the
// table in schema.go, so that texts stay what was written (0755, yes,
// 2024-01-01), every problem has its place, and absent, null and empty stay
// three things.
//
// Beyond plain YAML a definition may use !file, !env and !var. It may share values
// with anchors and aliases, but not with merge keys (<<), which YAML 1.2 does
// not have.
//
// The way through the package: Load (load.go) finds and reads files
// (source.go, links.go), splits them into documents (documents.go), bounds
// aliases (anchors.go), decodes nodes into Values (decode.go, scalar.go,
// tags.go), checks contents (check.go, rules.go) and then what only the whole
// set can tell (cross.go). ResolveEnv (env.go) fills in !env values later and
// repeats the content checks, which have to skip them until then.
//
// !var is taken from an environment file as a value is decoded (environment.go,
// vars.go), so that everything after that sees what it stands for: LoadIn names the
// environment, and LoadFileIn reads it only when a file asks.
//
// JSONSchema (jsonschema.go, jsonschema_fields.go) says the same as the tables to
// editors; schema/ holds what it gives.
//
// LoadSettings reads the other file of such a folder, wassist-sync.yaml, with
// the same decoder (settings.go, settings_load.go, settings_rules.go). It is
// plainer: one document, without tags, anchors and aliases. IsUnmanaged
// (settings_unmanaged.go, settings_glob.go) answers what the file says about
// single agents.
//
// The way back: Write (write.go, write_text.go) gives the text of a definition and
// proves that it reads as it was meant, Pin (pin.go) changes one that stands, and
// FileStem (filename.go) names its file.
package spec
