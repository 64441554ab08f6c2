// Package gitsrc reads definitions at a commit of a Git repository, and the
// history of these definitions. It answers with facts and decides nothing:
// who owns an agent, what is deleted and what is a rename is package sync's
// business.
//
// It imports spec, to read what a file declares, and is the only home of
// go-git. The program, internal/source and internal/serve may import it. No git
// binary is needed.
//
// The way through the package: Open and Fetch (repository.go, fetch.go) give a
// Repository; Resolve (resolve.go) turns a name into a commit; FS (treefs.go)
// shows a commit's files; Dirty (dirty.go) compares the work tree with HEAD;
// Elsewhere (elsewhere.go) looks for definitions outside the folder.
//
// Line (line.go) is the history of one folder along first parents. It folds
// steps (step.go), each of which says what one commit did to the documents:
// which stayed, came and left. Steps are made by a walker (walker.go), which
// compares trees (diff.go) before it opens anything, evaluates the files that
// changed (facts.go, chunks.go), and pairs their documents (pairing.go,
// likeness.go). Match (match.go) pairs definitions that are not committed in the
// same way, and Version.Agent (definition.go) reads what a document said.
// A step depends on its commit, the folder and the environment alone, so the Repository keeps
// it (memory.go) and a later Line need not open that commit again.
package gitsrc
