// Package sync decides what has to change on Wassist and does it.
//
// A Planner reads definitions (package spec) and remote agents (through a
// Reader) and makes a Plan: a finished value without a closure in it, that can
// be printed, stored, compared and hashed before anything is written. An
// Applier executes exactly that value through a Writer and returns a Report.
// Whoever plans holds a Reader and no Writer, so that a dry run is safe by
// construction.
//
// The package has no network, no files and no YAML: it declares the ports it
// needs (Reader, Writer) and imports package spec alone. The commands, the
// reports and the adapters to Git and to the API may import it.
package sync
