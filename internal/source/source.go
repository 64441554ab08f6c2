package source

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"wassist-sync/internal/gitsrc"
	"wassist-sync/spec"
	"wassist-sync/sync"
)

// Request says where the definitions lie.
type Request struct {
	// Path is the folder, as the user wrote it; with Repo a path inside the
	// repository.
	Path string
	// Ref names the commit; empty for the files as they lie there, and with Repo
	// for the remote's HEAD.
	Ref string
	// Repo is the URL of a repository to clone; empty for the one around Path.
	Repo string
	// Token, KeyFile, KeyPassphrase and KnownHosts let us into Repo, as in
	// gitsrc.Remote.
	Token         gitsrc.Secret
	KeyFile       string
	KeyPassphrase gitsrc.Secret
	KnownHosts    []string
	// CacheDir is where the clone of Repo is kept; empty for wassist-sync in the
	// user's cache folder.
	CacheDir string
}

// String shows a request without what may be secret in it.
func (r Request) String() string {
	return fmt.Sprintf("{path %q, ref %q, repository %q}", r.Path, r.Ref, gitsrc.Remote{URL: r.Repo})
}

// GoString is String: %#v must not show a secret either.
func (r Request) GoString() string { return r.String() }

// Opened is what a Request leads to. Close gives its files back; the History
// is not read after that.
type Opened struct {
	// Set is the definitions, !env not resolved yet. It has no definition when
	// the folder is missing, but a commit of the line had some in it.
	Set *spec.Set
	// Settings are those of the same folder.
	Settings *spec.Settings
	// Source is how a plan names all this. Its Path is the user's.
	Source sync.Source
	// History is nil when Source.History is sync.HistoryNone.
	History sync.History
	// Notes say what a reader of a plan should know besides what the History
	// notes: why there is no history, although there is a repository.
	Notes []string

	open []io.Closer
	// local gives the place on this machine of a position's file; nil when the
	// definitions were read from a commit.
	local func(file string) string
}

// Local is where the file of a position lies on this machine; empty for definitions
// that were read from a commit.
func (o *Opened) Local(file string) string {
	if o.local == nil {
		return ""
	}
	return o.local(file)
}

// Close gives the open files back. Nothing is lost when that fails: all of
// them were only read.
func (o *Opened) Close() {
	for _, c := range o.open {
		_ = c.Close() // only read
	}
	o.open = nil
}

// Open finds the definitions of a request, and reads them. lookupEnv is what
// !env values of earlier versions are taken from: it must not give this tool's
// own keys away (WASSIST_API_KEY, WASSIST_SYNC_GIT_TOKEN). It may be nil.
//
// Errors that come of what the user asked for wrap ErrUsage. Definitions and
// settings that are wrong are spec.Problems, all at once. No error holds a secret.
func Open(ctx context.Context, q Request, lookupEnv func(string) (string, bool)) (*Opened, error) {
	switch {
	case q.Repo != "":
		return openRemote(ctx, q, lookupEnv)
	case q.Ref != "":
		return openRef(ctx, q, lookupEnv)
	}
	return openFolder(ctx, q.Path, lookupEnv)
}

// shown is a path as the user wrote it, with slashes and without detours.
func shown(path string) string { return filepath.ToSlash(filepath.Clean(path)) }
