// Package source finds definitions wherever they lie, and gives them with their
// history: in a work tree as the files lie there, at a commit of the repository
// around a folder, or at a commit of a repository that is cloned first.
//
// It joins internal/gitsrc, which reads facts out of Git, with package sync,
// which decides and declares what it needs of a history; besides these two it
// imports spec. The program and internal/serve may import it. It decides
// nothing about agents.
//
// The way through the package: Open (source.go) goes by what the Request names
// to worktree.go, commit.go or remote.go; load.go reads definitions and
// settings; history.go is the sync.History, read only when somebody asks,
// and lineage.go, definition.go and elsewhere.go turn what gitsrc says into
// what sync reads.
package source
